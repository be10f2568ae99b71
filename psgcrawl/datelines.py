"""Datelines: a printed line -> series, issue and a date in EDTF (ISO 8601-2:2019, level 2).

A dateline is a whole line: an optional series, an optional issue number, one date.
Anything else on the line, and it is no dateline: titles and summaries begin with dates
too. English and Spanish month names, any case. Nothing is invented: a date is as exact
as it was printed, and whatever had to be inferred carries a ``?`` and a flag.

A line is read in three steps: the series (:class:`_Rules`), the issue number
(:func:`_readings`, which settles whether a number is an issue or a day), the date
(:func:`_read_date`). ``docs/site.md`` lists the forms that the site is known to print.

Time is constant: a line over :data:`_LONGEST` characters is refused before any pattern of
this module sees it. Inside that length no pattern nests a quantifier over text that
another can take, so that none can backtrack exponentially.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from psgcrawl import site, text
from psgcrawl.records import Dated, Flag, replace

_LONGEST: Final = 80
"""Characters of the longest line that can be a dateline; the longest in order need about 70."""

_MONTH_NAMES: Final = (
    "january jan enero ene",
    "february feb febrero febr",
    "march mar marzo",
    "april apr abril abr",
    "may mayo",
    "june jun junio",
    "july jul julio",
    "august aug agosto ago agto",
    "september sept sep septiembre setiembre set",
    "october oct octubre",
    "november nov noviembre",
    "december dec diciembre dic",
)
_MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_WEEKDAY_NAMES: Final = (
    "monday mon tuesday tues tue wednesday weds wed thursday thurs thur thu friday fri saturday sat sunday sun",
    "lunes lun martes mar miércoles miercoles mié mie jueves jue viernes vie sábado sabado sáb sab domingo dom",
)
_WEEKDAYS: Final = frozenset(" ".join(_WEEKDAY_NAMES).split())
_DAYS_IN_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_EPOCH: Final = frozenset({(1969, 12, 31), (1970, 1, 1)})
"""Days that an empty Unix timestamp prints, west and east of Greenwich."""

# Pieces. All patterns are verbose (a space is written [ ]) and meet lower-case text in
# which a run of spaces is one. Words are matched as words and looked up afterwards.
_DASH: Final = r"\-\u2010-\u2015\u2212"
_APOSTROPHE: Final = r"['`\u2018\u2019\u00b4]"
_MONTH: Final = r"[^\W\d_]{3,12}"
# Between the parts of one date: "8 Dec 2014", "8-Dec-2014", "8 de diciembre del 2014", "8 Dec, 2014", "8Dec2014".
_GAP: Final = rf"(?:[ ](?:of|del?)[ ] | [ ]?[/.,{_DASH}]?[ ]?)"
# "1st", "1º", "1.º", "1ro", "1er"; an "o" before a letter is October's.
_ORDINAL: Final = r"(?:st|nd|rd|th|\.?[ºª°]\.?|e?ro|er|o(?![a-z]))"
# Four digits, or two: with an apostrophe, or bare. A bare pair behind a spaced dash or slash is the
# end of a range of days ("4 June - 11"), no year.
_LONG_YEAR: Final = "(?:19|20)[0-9]{2}"
_YEAR: Final = rf"(?:{_LONG_YEAR} | {_APOSTROPHE}[0-9]{{2}} | (?<![{_DASH}/][ ])(?<![ ][{_DASH}/])[0-9]{{2}})"
# Between two months. The words need their spaces, the signs do not.
_JOINER: Final = rf"(?:[ ](?:and|to|y|e|al?)[ ] | [ ]?[/&+{_DASH}][ ]?)"
_TAIL: Final = r"[ .,:;]{0,4}"

# "No. ", "nº", "#", "issue ", "Issue no. ".
_LABEL: Final = r"(?:(?:issue[ ]?)? (?:number|n[úu]mero|n[úu]m|nro|n\.?[ºª°o]|№|\#)[.:]?[ ]? | issue:?[ ]?)"
# The words in front of an issue number: perhaps a misspelt series.
_WORDS_BEFORE_ISSUE: Final = re.compile(
    rf"(?P<words>[^\W\d_]++(?:[ .\-]{{1,2}}[^\W\d_]++){{0,2}}?) [ .:,{_DASH}]{{0,3}} (?={_LABEL}?[0-9])",
    re.VERBOSE,
)
# "No. 151. ", "103 - ", "055 ". ``stop`` is a separator that ends a number for certain; a bare space or a
# dash without spaces could also stand inside a date. A year is no issue number.
_ISSUE: Final = re.compile(
    rf"""
    (?P<label> {_LABEL} )?
    (?P<number> (?!{_LONG_YEAR}) [0-9]{{1,4}} ) (?![0-9])
    (?: (?P<stop> [ ]?[.:,][ .:,{_DASH}]{{0,3}} | [ ][{_DASH}][ ] ) | [ {_DASH}]{{0,3}} )
    """,
    re.VERBOSE,
)
# "Fri ", "Fri. ", "Friday, ".
_WEEKDAY: Final = re.compile(r"(?P<weekday>[^\W\d_]{3,9})[.,]{0,2}[ ]")
# "30 April 2004", "3rd of June2018", "27 February".
_DAY_MONTH: Final = re.compile(
    rf"(?P<day>[0-9]{{1,2}}) {_ORDINAL}? {_GAP} (?P<month>{_MONTH}) (?:\.? {_GAP} (?P<year>{_YEAR}))? {_TAIL}",
    re.VERBOSE,
)
# "April 30, 2004", "February 27". The look-ahead leaves "Aug 98" to the next pattern: no day, so a year.
# A year of two digits needs its apostrophe here: "May 12-14" is a range of days.
_MONTH_DAY: Final = re.compile(
    rf"""
    (?P<month>{_MONTH}) \.? [ ]?[/.,{_DASH}]?[ ]?
    (?! (?:00|3[2-9]|[4-9][0-9]) {_TAIL}$ ) (?P<day>[0-9]{{1,2}}) (?![0-9]) {_ORDINAL}?
    (?:{_GAP} (?P<year>{_LONG_YEAR}|{_APOSTROPHE}[0-9]{{2}}))? {_TAIL}
    """,
    re.VERBOSE,
)
# "May 2012", "Aug '12", "June / July 2010", "December 2009 / January 2010".
_MONTH_YEAR: Final = re.compile(
    rf"""
    (?: (?P<first>{_MONTH}) (?:\.? {_GAP} (?P<first_year>{_YEAR}))? \.? {_JOINER} )?
    (?P<month>{_MONTH}) \.? {_GAP} (?P<year>{_YEAR}) {_TAIL}
    """,
    re.VERBOSE,
)
_ISO: Final = re.compile(rf"(?P<year>{_LONG_YEAR})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-9]{{2}}){_TAIL}")
_DIGIT: Final = re.compile("[0-9]")
# "30 April 2004" and nothing else, as five of six lines are: read in a quarter of the time that the steps below take.
_PLAIN_DAY: Final = re.compile(rf"([0-9]{{1,2}})[ ]([A-Za-z]{{3,12}})[ ]({_LONG_YEAR})\Z")
# "14.03.2019", "2019/3/14": the order of day and month is the site's, and which sign stands between is not told by it.
_NUMERIC: Final[Mapping[str, re.Pattern[str]]] = {
    order: re.compile(pieces.replace(" ", r"(?P<sign>[/.\-])", 1).replace(" ", "(?P=sign)") + _TAIL, re.VERBOSE)
    for day, month, year in [(r"(?P<day>[0-9]{1,2})", r"(?P<month>[0-9]{1,2})", f"(?P<year>{_LONG_YEAR}")]
    for order, pieces in (
        ("day-month-year", f"{day} {month} {year}|[0-9]{{2}})"),
        ("month-day-year", f"{month} {day} {year}|[0-9]{{2}})"),
        ("year-month-day", f"{year}) {month} {day}"),
    )
}


class _Rules(NamedTuple):
    """What datelines are read by that a site's profile decides."""

    series: Mapping[str, str]
    """Spellings, in lower case, and the series that each means."""
    series_head: re.Pattern[str]
    months: Mapping[str, int]
    weekdays: frozenset[str]
    prefix: re.Pattern[str] | None
    numeric: re.Pattern[str] | None
    may_be_date: re.Pattern[str]
    days_stand_first: bool
    """Whether a figure at the beginning of a line is of its date: no series and no prefix begins with one."""
    first_year: int


@site.cached(None)
def _rules() -> _Rules:
    profile = site.current()
    series = {
        spelling: name for name, others in profile.series.items() for spelling in (text.line(name).lower(), *others)
    }
    months = {**_MONTHS, **profile.months}
    # The longest first: one name can begin with another.
    by_length = sorted(series, key=lambda spelling: (-len(spelling), spelling))
    named = "|".join(re.escape(name) for name in by_length) or "(?!)"
    prefixes = "|".join(re.escape(prefix) for prefix in sorted(profile.prefixes, key=len, reverse=True))
    begun = "|".join(sorted({re.escape(name[:3]) for name in months}))
    return _Rules(
        series=series,
        # "Update", "Peru News -", or the separator alone that an empty issue leaves (". 18 February 2017").
        series_head=re.compile(
            rf"(?P<series> {named} ) (?![^\W\d_]) [ .:,{_DASH}]{{0,3}} | [.:,][ ]?",
            re.VERBOSE,
        ),
        months=months,
        weekdays=_WEEKDAYS | profile.weekdays,
        prefix=re.compile(rf"(?:{prefixes})(?![^\W_])[ .:,{_DASH}]{{0,3}}") if prefixes else None,
        numeric=_NUMERIC[profile.numeric] if profile.numeric else None,
        # How every name of a month begins, or the middle of a date in figures: most lines that hold a digit are told by
        # this to be no datelines ("Menu 12", a pager), in a tenth of the time that the patterns above need.
        may_be_date=re.compile(rf"{begun}|[0-9]{'[/.-]' if profile.numeric else '-'}[0-9]"),
        days_stand_first=not any(name[:1].isdecimal() for name in (*series, *profile.prefixes)),
        first_year=profile.first_year,
    )


_Date: TypeAlias = tuple[str | None, str | None, str | None, tuple[Flag, ...]]
"""``edtf``, ``earliest``, ``latest``, ``flags``: all that a date says, and never empty."""


class _Month(NamedTuple):
    year: int
    month: int
    inferred: bool
    """Whether any part of the year was not printed for this month."""
    short: bool
    """Whether the year was printed with two digits."""


_EMPTY_TIMESTAMP: Final[_Date] = (None, None, None, ("epoch-date",))
_IMPOSSIBLE: Final[_Date] = (None, None, None, ("impossible-date",))


def parse(line: str) -> Dated | None:
    """Read a whole line as a dateline; null when it is none. Never raises.

    The text rule (:func:`psgcrawl.text.line`) is applied first. ``earliest`` and ``latest`` are the
    first and the last day that ``edtf`` allows. With ``epoch-date`` and ``impossible-date`` all
    three are null, with ``no-year`` the two days are; series and issue stay.

    >>> parse("Update 103. 30 April 2004").edtf
    '2004-04-30'
    >>> parse("153. Aug - Sep 12").edtf
    '2012-08?/2012-09?'
    >>> parse("10 April saw the first of the marches")
    """
    if len(line) > _LONGEST and _too_long(line):
        return None
    rules, ascii_only = _rules(), line.isascii()
    plain = _PLAIN_DAY.match(line) if rules.days_stand_first else None
    if plain is not None:
        month = rules.months.get(plain[2].lower())
        if month is not None and int(plain[1]) <= 31:
            edtf, earliest, latest, flags = _day(int(plain[1]), month, plain[3])
            return Dated(edtf=edtf, earliest=earliest, latest=latest, flags=flags)
    may_be_date = rules.may_be_date
    # The text rule neither parts nor joins letters of ASCII: most lines that hold a digit are told without it.
    if ascii_only and not may_be_date.search(line.lower()):
        return None
    printed = text.line(line)
    if len(printed) > _LONGEST or not _DIGIT.search(printed):
        return None
    # Lower case, not case folding: folding turns the long s and ligatures into letters that were not printed.
    printed = printed.lower()
    return _parse_printed(printed) if ascii_only or may_be_date.search(printed) else None


@site.cached(1024)  # a layout and what follows it both ask, and entries of one day share theirs
def _parse_printed(printed: str) -> Dated | None:
    rules = _rules()
    prefix = rules.prefix.match(printed) if rules.prefix is not None else None
    start = prefix.end() if prefix is not None else 0
    head = rules.series_head.match(printed, start)
    if head is None:
        return _after_series(printed, start, None) or _misspelt(printed, start)
    return _after_series(printed, head.end(), rules.series.get(head["series"]))


def _too_long(line: str) -> bool:
    """Tell cheaply that ``line`` is too long also under the text rule, which keeps every ASCII letter as one."""
    return len(line.encode("ascii", "ignore").translate(None, b" \t\n\r\v\f")) > _LONGEST


def _after_series(printed: str, start: int, series: str | None) -> Dated | None:
    for issue, at in _readings(printed, start, named=series is not None):
        date = _read_date(printed, at)
        if date is not None:
            edtf, earliest, latest, flags = date
            return Dated(series=series, issue=issue, edtf=edtf, earliest=earliest, latest=latest, flags=flags)
    return None


def _misspelt(printed: str, start: int) -> Dated | None:
    """Read a line whose series has one typing error; only an issue number makes it a series at all."""
    series = _rules().series
    found = _WORDS_BEFORE_ISSUE.match(printed, start)
    meant = [name for name in series if _one_slip(found["words"], name)] if found is not None else []
    dated = _after_series(printed, found.end(), series[meant[0]]) if found is not None and meant else None
    if dated is None or dated.issue is None:
        return None
    return replace(dated, flags=tuple(sorted((*dated.flags, "misspelt-series"))))


def _one_slip(typed: str, meant: str) -> bool:
    """Tell whether one letter was added, left out, replaced, or swapped with the next.

    >>> _one_slip("peru new", "peru news"), _one_slip("upadte", "update"), _one_slip("update", "update")
    (True, True, False)
    """
    same = 0
    while typed[same : same + 1] == meant[same : same + 1] != "":
        same += 1
    here, there = typed[same:], meant[same:]
    if here == there:
        return False
    swapped = here[1::-1] == there[:2] and here[2:] == there[2:]
    return here[1:] == there[1:] or here[1:] == there or here == there[1:] or swapped


def _readings(printed: str, start: int, *, named: bool) -> tuple[tuple[int | None, int], ...]:
    """Return the ways to read a number at ``start``, the likelier first: issue, and where the date starts.

    Straight before a month a number is the day ("Update 30 April 2004"), unless it cannot be one
    ("Update 103 April 2004"). A label makes it an issue; so does a separator after it, if a
    series stands before it. Without a series a number that can be a day stays one ("3. June
    2018"), unless a day of its own follows it ("12. 14 May 2012"); "12-14 May" are two days.
    """
    found = _ISSUE.match(printed, start)
    if found is None:
        return ((None, start),)
    label, digits, stop = found.group("label", "number", "stop")
    number = int(digits)
    as_issue, as_day = (number, found.end()), (None, start)
    no_day = number > 31 or len(digits) > 2
    if label or len(digits) > 2 or ((named or no_day) and stop) or (named and no_day):
        return (as_issue,)
    if named or no_day or stop in {". ", " . ", ": ", " : "}:
        return (as_day, as_issue)
    return (as_day,)


def _read_date(printed: str, at: int) -> _Date | None:
    """Read the rest of a line as one date; a weekday stands only before a day."""
    if "0" <= printed[at : at + 1] <= "9":
        return _read_day(printed, at) or _read_iso(printed, at) or _read_numeric(printed, at)
    date = _read_day(printed, at) or _read_months(printed, at)
    if date is None:
        found = _WEEKDAY.match(printed, at)
        if found is not None and found["weekday"] in _rules().weekdays:
            return _read_day(printed, found.end()) or _read_numeric(printed, found.end())
    return date


def _read_day(printed: str, at: int) -> _Date | None:
    found = _DAY_MONTH.fullmatch(printed, at) or _MONTH_DAY.fullmatch(printed, at)
    if found is None:
        return None
    day, name, year = found.group("day", "month", "year")
    month = _rules().months.get(name)
    return None if month is None else _day(int(day), month, year)


def _read_iso(printed: str, at: int) -> _Date | None:
    found = _ISO.fullmatch(printed, at)
    return _day(int(found["day"]), int(found["month"]), found["year"]) if found is not None else None


def _read_numeric(printed: str, at: int) -> _Date | None:
    numeric = _rules().numeric
    found = numeric.fullmatch(printed, at) if numeric is not None else None
    if found is None:
        return None
    month = int(found["month"])
    return _day(int(found["day"]), month, found["year"]) if 1 <= month <= 12 else _IMPOSSIBLE


def _read_months(printed: str, at: int) -> _Date | None:
    """Read one month and its year, or an interval of two months with one year or two."""
    found = _MONTH_YEAR.fullmatch(printed, at)
    months = _rules().months
    if found is None or found["month"] not in months:
        return None
    first, first_year, last_year = found.group("first", "first_year", "year")
    # "Aug 12" is a day; only a range ("Aug - Sep 12") makes such a number the year.
    if (first is not None and first not in months) or _could_be_day(first_year if first else last_year):
        return None
    last = _month(found["month"], last_year)
    if first is None:
        return _interval(last, last, in_order=True)
    if first_year is None:
        return _interval(_same_winter(months[first], last), last, in_order=months[first] <= last.month)
    begin = _month(first, first_year)
    return _interval(begin, last, in_order=begin[:2] <= last[:2])


def _day(day: int, month: int, printed_year: str | None) -> _Date:
    if printed_year is None:
        if not 1 <= day <= _DAYS_IN_MONTH[month - 1]:
            return _IMPOSSIBLE
        return f"XXXX-{month:02}-{day:02}", None, None, ("no-year",)
    year, short = _year(printed_year)
    if (year, month, day) in _EPOCH or (short and (year - 100, month, day) in _EPOCH):
        return _EMPTY_TIMESTAMP
    if not 1 <= day <= _days_in(year, month):
        return _IMPOSSIBLE
    iso = f"{year}-{month:02}-{day:02}"
    return (f"{iso}?", iso, iso, ("two-digit-year",)) if short else (iso, iso, iso, ())


def _month(name: str, printed_year: str) -> _Month:
    year, short = _year(printed_year)
    return _Month(year, _rules().months[name], short, short)


def _same_winter(first: int, last: _Month) -> _Month:
    """Date the first month of a range that prints its year once, with the last.

    Months out of order either wrap over New Year ("December / January 2010": December's year is an
    inference) or were swapped ("May / April 2009"): the reading that makes the shorter range.
    """
    wraps = last.month + 12 - first < first - last.month
    return last._replace(year=last.year - 1, month=first, inferred=True) if wraps else last._replace(month=first)


def _interval(first: _Month, last: _Month, *, in_order: bool) -> _Date:
    begin, end = sorted((first, last))
    lower, upper = f"{begin.year}-{begin.month:02}", f"{end.year}-{end.month:02}"
    edtf = lower + "?" * begin.inferred
    if upper != lower:
        edtf += "/" + upper + "?" * end.inferred
    flags: list[Flag] = [] if in_order else ["reversed-range"]
    if first.short or last.short:
        flags.append("two-digit-year")
    return edtf, f"{lower}-01", f"{upper}-{_days_in(end.year, end.month)}", tuple(flags)


def _could_be_day(printed_year: str | None) -> bool:
    return printed_year is not None and len(printed_year) == 2 and 1 <= int(printed_year) <= 31


def _year(printed: str) -> tuple[int, bool]:
    """Return the year, and whether its century is an inference: none before the group's first year."""
    if len(printed) == 4:
        return int(printed), False
    first = _rules().first_year
    year = first // 100 * 100 + int(printed[-2:])
    return (year if year >= first else year + 100), True


def _days_in(year: int, month: int) -> int:
    if month == 2 and (year % 4 or (year % 100 == 0 and year % 400)):
        return 28
    return _DAYS_IN_MONTH[month - 1]
