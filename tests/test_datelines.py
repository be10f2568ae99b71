"""Datelines: every form that the site prints, those next to them, and what only looks like one."""

import calendar
import time
from collections.abc import Callable
from datetime import date

import edtf
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from psgcrawl import site, text
from psgcrawl.datelines import parse
from psgcrawl.records import Dated, Flag, replace
from tests.edtfdays import oracle_days
from tests.thorough import every


def dated(printed_date: str | None, *flags: Flag, series: str | None = None, issue: int | None = None) -> Dated:
    """Return what a dateline says, its days worked out from ``printed_date`` (EDTF) by the calendar."""
    earliest = latest = None
    if printed_date is not None and not printed_date.startswith("XXXX"):
        parts = printed_date.replace("?", "").split("/")
        earliest, latest = first_day(parts[0]), last_day(parts[-1])
    return Dated(series=series, issue=issue, edtf=printed_date, earliest=earliest, latest=latest, flags=flags)


def first_day(part: str) -> str:
    return part if len(part) == len("2004-04-30") else f"{part}-01"


def last_day(part: str) -> str:
    if len(part) == len("2004-04-30"):
        return part
    return f"{part}-{calendar.monthrange(int(part[:4]), int(part[5:]))[1]}"


# The forms of docs/site.md, with the lines that stored captures of the site print.
SITE_FORMS = [
    ("day-month-year", "29 September 2018", dated("2018-09-29")),
    ("news-pads-its-days", "01 October 2017", dated("2017-10-01")),
    ("articles-do-not-pad", "2 November 2014", dated("2014-11-02")),
    ("series-and-issue", "Update 103. 30 April 2004", dated("2004-04-30", series="Update", issue=103)),
    ("issue-with-leading-zero", "Peru News 065. 31 May 2011", dated("2011-05-31", series="Peru News", issue=65)),
    ("empty-issue-on-the-home-page", ". 18 February 2017", dated("2017-02-18")),
    ("two-months-one-year", "Update 140. June / July 2010", dated("2010-06/2010-07", series="Update", issue=140)),
    (
        "two-months-two-years",
        "Update 137. December 2009 / January 2010",
        dated("2009-12/2010-01", series="Update", issue=137),
    ),
    ("label-without-series", "No. 151. May - June 2012", dated("2012-05/2012-06", issue=151)),
    (
        "months-in-reverse-and-capitals",
        "UPDATE 133. May / April 2009",
        dated("2009-04/2009-05", "reversed-range", series="Update", issue=133),
    ),
    ("empty-timestamp-west-of-greenwich", "31 December 1969", dated(None, "epoch-date")),
    ("short-month", "8 Dec 2014", dated("2014-12-08")),
    ("short-month-with-dot", "8 Dec. 2014", dated("2014-12-08")),
    ("month-glued-to-year", "3 June2018", dated("2018-06-03")),
    ("no-year", "27 February", dated("XXXX-02-27", "no-year")),
    ("bare-issue-and-leap-day", "102. 29 February 2004", dated("2004-02-29", issue=102)),
    ("two-digit-year", "153. Aug - Sep 12", dated("2012-08?/2012-09?", "two-digit-year", issue=153)),
    ("space-before-the-dot", "150 . Feb - Mar 2012", dated("2012-02/2012-03", issue=150)),
    (
        "misspelt-series",
        "Peru New 057. 17 August 2010",
        dated("2010-08-17", "misspelt-series", series="Peru News", issue=57),
    ),
    ("list-form-of-a-detail-page", "Peru News 055. 11 June 2010", dated("2010-06-11", series="Peru News", issue=55)),
]

UPDATE = "Update"
PREFIXES = [
    # A series without an issue, and the other ways to write one.
    ("Update. 30 April 2004", dated("2004-04-30", series=UPDATE)),
    ("Update - Friday 30 April 2004", dated("2004-04-30", series=UPDATE)),
    ("Peru Update 103. 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("PERU\u00a0NEWS  065. 31 May 2011", dated("2011-05-31", series="Peru News", issue=65)),
    ("Update103.30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update, 103, 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update 1030. 30 April 2004", dated("2004-04-30", series=UPDATE, issue=1030)),
    # Labels.
    ("Update No. 103. 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update no 103 - 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update nº 103: 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update N° 103, 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update n.º 103 – 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update #103 — 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update nro. 103. 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update Núm. 103. 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update Nu\u0301m. 103. 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update number 103. 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Update, issue 103. 30 April 2004", dated("2004-04-30", series=UPDATE, issue=103)),
    ("Issue no. 103. 30 April 2004", dated("2004-04-30", issue=103)),
    ("№ 103. 30 April 2004", dated("2004-04-30", issue=103)),
    # A label makes any number an issue, also one that could be a day.
    ("No. 30 April 2004", dated("2004-04", issue=30)),
    ("No. 12-14 May 2012", dated("2012-05-14", issue=12)),
    # Straight before a month a number is the day, unless it cannot be one.
    ("Update 30 April 2004", dated("2004-04-30", series=UPDATE)),
    ("Update 31 May 2011", dated("2011-05-31", series=UPDATE)),
    ("Update 32 May 2011", dated("2011-05", series=UPDATE, issue=32)),
    ("Update 103 April 2004", dated("2004-04", series=UPDATE, issue=103)),
    ("Update 012 April 2004", dated("2004-04", series=UPDATE, issue=12)),
    ("103 April 2004", dated("2004-04", issue=103)),
    ("012 April 2004", dated("2004-04", issue=12)),
    ("Update 30-April-2004", dated("2004-04-30", series=UPDATE)),
    ("Update 0 June 2010", dated(None, "impossible-date", series=UPDATE)),
    # Another day follows it, or a range, which has no day.
    ("Peru News 055 11 June 2010", dated("2010-06-11", series="Peru News", issue=55)),
    ("Peru News 12 11 June 2010", dated("2010-06-11", series="Peru News", issue=12)),
    ("99 30 April 2004", dated("2004-04-30", issue=99)),
    ("Update 12 May - June 2012", dated("2012-05/2012-06", series=UPDATE, issue=12)),
    # A separator makes it an issue behind a series ...
    ("Update 30. April 2004", dated("2004-04", series=UPDATE, issue=30)),
    ("Update 30, April 2004", dated("2004-04", series=UPDATE, issue=30)),
    ("Update 12 - May 2012", dated("2012-05", series=UPDATE, issue=12)),
    ("45. May 2010", dated("2010-05", issue=45)),
    # ... but without one a number that can be a day stays a day, unless a day of its own follows.
    ("3. June 2018", dated("2018-06-03")),
    ("12. 14 May 2012", dated("2012-05-14", issue=12)),
    ("12: 14 May 2012", dated("2012-05-14", issue=12)),
    ("12 . May - June 2012", dated("2012-05/2012-06", issue=12)),
    ("Update 2004-04-30", dated("2004-04-30", series=UPDATE)),
    # One typing error of a series, of each sort, only in front of an issue.
    ("Upadte 103. 30 April 2004", dated("2004-04-30", "misspelt-series", series=UPDATE, issue=103)),
    ("Updat 103. 30 April 2004", dated("2004-04-30", "misspelt-series", series=UPDATE, issue=103)),
    ("Updates 103 April 2004", dated("2004-04", "misspelt-series", series=UPDATE, issue=103)),
    ("Upgate no. 103. 30 April 2004", dated("2004-04-30", "misspelt-series", series=UPDATE, issue=103)),
    ("Opdate 103. 30 April 2004", dated("2004-04-30", "misspelt-series", series=UPDATE, issue=103)),
    ("pUdate 103. 30 April 2004", dated("2004-04-30", "misspelt-series", series=UPDATE, issue=103)),
    ("Updaate 103. 30 April 2004", dated("2004-04-30", "misspelt-series", series=UPDATE, issue=103)),
    ("PeruNews 65. 31 May 2011", dated("2011-05-31", "misspelt-series", series="Peru News", issue=65)),
    ("Peru-News 65. 31 May 2011", dated("2011-05-31", "misspelt-series", series="Peru News", issue=65)),
    (
        "Peru New 57. May / April 09",
        dated("2009-04?/2009-05?", "misspelt-series", "reversed-range", "two-digit-year", series="Peru News", issue=57),
    ),
]

DATES = [
    # A day.
    ("03June2018", dated("2018-06-03")),
    ("3rd of June, 2018", dated("2018-06-03")),
    ("1st October 2018", dated("2018-10-01")),
    ("2nd October 2018", dated("2018-10-02")),
    ("1er octubre 2018", dated("2018-10-01")),
    ("1october 2018", dated("2018-10-01")),
    ("April30, 2004", dated("2004-04-30")),
    ("April/30/2004", dated("2004-04-30")),
    (".18 February 2017", dated("2017-02-18")),
    ("3oct 2018", dated("2018-10-03")),
    ("30-Apr-2004", dated("2004-04-30")),
    ("30 / April / 2004", dated("2004-04-30")),
    ("30.April.2004", dated("2004-04-30")),
    ("8 Dec., 2014", dated("2014-12-08")),
    ("30 DE ABRIL DEL 2004", dated("2004-04-30")),
    ("1º de mayo de 2004", dated("2004-05-01")),
    ("1.° mayo 2004", dated("2004-05-01")),
    ("1ª mayo 2004", dated("2004-05-01")),
    ("1ro de setiembre de 2004", dated("2004-09-01")),
    ("1ero set. 2004", dated("2004-09-01")),
    ("1o de mayo de 2004", dated("2004-05-01")),
    ("April 30, 2004", dated("2004-04-30")),
    ("Apr. 30th 2004", dated("2004-04-30")),
    ("April 30, '04", dated("2004-04-30?", "two-digit-year")),
    ("Friday 30 April 2004", dated("2004-04-30")),
    ("Fri., 30 April 2004", dated("2004-04-30")),
    ("Friday, April 30, 2004", dated("2004-04-30")),
    ("viernes, 30 de abril de 2004", dated("2004-04-30")),
    ("MIÉRCOLES 28 abril 2004", dated("2004-04-28")),
    ("mar. 3 de junio", dated("XXXX-06-03", "no-year")),
    ("Mar 3, 2010", dated("2010-03-03")),
    ("2004-04-30", dated("2004-04-30")),
    (" 30\tApril\n2004 ", dated("2004-04-30")),
    # A month, or two.
    ("June 2010", dated("2010-06")),
    ("junio de 2010", dated("2010-06")),
    ("February 2000", dated("2000-02")),
    ("February 1900", dated("1900-02")),
    ("December 2099", dated("2099-12")),
    ("December 1969", dated("1969-12")),
    ("June-July 2010", dated("2010-06/2010-07")),
    ("June and July 2010", dated("2010-06/2010-07")),
    ("June & July, 2010", dated("2010-06/2010-07")),
    ("June to July 2010", dated("2010-06/2010-07")),
    ("junio y julio de 2010", dated("2010-06/2010-07")),
    ("junio a julio del 2010", dated("2010-06/2010-07")),
    ("junio e julio 2010", dated("2010-06/2010-07")),
    ("Jun.–Jul. 2010", dated("2010-06/2010-07")),
    ("June — July 2010", dated("2010-06/2010-07")),
    ("June / June 2010", dated("2010-06")),
    ("June 2010 / June 2010", dated("2010-06")),
    ("June '10 / June 2010", dated("2010-06", "two-digit-year")),
    ("diciembre de 2009 - enero de 2010", dated("2009-12/2010-01")),
    ("June 2009 - May 2010", dated("2009-06/2010-05")),
    ("May 2010 / April 2010", dated("2010-04/2010-05", "reversed-range")),
    ("January 2010 / December 2009", dated("2009-12/2010-01", "reversed-range")),
    ("December / January 2010", dated("2009-12?/2010-01", "reversed-range")),
    ("November / February 2010", dated("2009-11?/2010-02", "reversed-range")),
    ("October / April 2010", dated("2010-04/2010-10", "reversed-range")),
    ("Dec / Jan 10", dated("2009-12?/2010-01?", "reversed-range", "two-digit-year")),
    ("Dec '09 - Jan '10", dated("2009-12?/2010-01?", "two-digit-year")),
    ("Dec 99 - Jan 00", dated("1999-12?/2000-01?", "two-digit-year")),
    ("Dec 99 - Jan 2000", dated("1999-12?/2000-01", "two-digit-year")),
    # A year of two digits: the group was founded in 1983.
    ("30 April 04", dated("2004-04-30?", "two-digit-year")),
    ("30-Apr-04", dated("2004-04-30?", "two-digit-year")),
    ("30 April ’83", dated("1983-04-30?", "two-digit-year")),
    ("30 April 82", dated("2082-04-30?", "two-digit-year")),
    ("30 April 00", dated("2000-04-30?", "two-digit-year")),
    ("Aug '12", dated("2012-08?", "two-digit-year")),
    ("Aug 98", dated("1998-08?", "two-digit-year")),
    ("Aug 32", dated("2032-08?", "two-digit-year")),
    ("Aug 00", dated("2000-08?", "two-digit-year")),
    # No year.
    ("February 27", dated("XXXX-02-27", "no-year")),
    ("Aug 12", dated("XXXX-08-12", "no-year")),
    ("Aug. 31st", dated("XXXX-08-31", "no-year")),
    ("29 February", dated("XXXX-02-29", "no-year")),
    ("31 December", dated("XXXX-12-31", "no-year")),
    # The empty timestamp, in any form.
    ("1 January 1970", dated(None, "epoch-date")),
    ("01/Jan/1970", dated(None, "epoch-date")),
    ("1969-12-31", dated(None, "epoch-date")),
    ("31 de diciembre de 1969", dated(None, "epoch-date")),
    ("December 31, 1969", dated(None, "epoch-date")),
    ("31 December 69", dated(None, "epoch-date")),
    ("1 Jan '70", dated(None, "epoch-date")),
    ("Update 103. 1 January 1970", dated(None, "epoch-date", series=UPDATE, issue=103)),
    ("31 December 2069", dated("2069-12-31")),
    ("1 January 1969", dated("1969-01-01")),
    # Days that no calendar has.
    ("31 February 2010", dated(None, "impossible-date")),
    ("31 June 2010", dated(None, "impossible-date")),
    ("29 February 2010", dated(None, "impossible-date")),
    ("29 February 1900", dated(None, "impossible-date")),
    ("29 February 2000", dated("2000-02-29")),
    ("0 June 2010", dated(None, "impossible-date")),
    ("00 June 2010", dated(None, "impossible-date")),
    ("45 May 2010", dated(None, "impossible-date")),
    ("30 February", dated(None, "impossible-date")),
    ("February 30", dated(None, "impossible-date")),
    ("2004-02-30", dated(None, "impossible-date")),
    ("31 February 10", dated(None, "impossible-date")),
    ("Update 103. 31 February 2004", dated(None, "impossible-date", series=UPDATE, issue=103)),
    # What may follow.
    ("30 April 2004.", dated("2004-04-30")),
    ("30 April 2004 ...", dated("2004-04-30")),
    ("30 April 2004 :", dated("2004-04-30")),
    ("June 2010;", dated("2010-06")),
    ("27 February,", dated("XXXX-02-27", "no-year")),
    ("2004-04-30.", dated("2004-04-30")),
]

NOT_DATELINES = [
    ("", "nothing"),
    (" \u00a0\n", "nothing but spaces"),
    ("No dateline here", "no digit"),
    ("May", "a month alone"),
    ("2012", "a year alone"),
    ("12", "a number alone"),
    ("Update 103", "no date"),
    ("Update", "a series alone"),
    ("No. 103.", "an issue alone"),
    ("10 April saw the first of the marches", "a summary that begins with a date"),
    ("Wednesday 21 June: the Alianza meets", "a title that begins with a date"),
    ("4 March 2013, London", "a place after the date"),
    ("11am – 5pm", "times"),
    ("5 November 2016 11am", "a time after the date"),
    ("69 Congresspersons", "a title that begins with a number"),
    ("69 Congresspersons vote 12", "a number at both ends"),
    ("12-14 May 2012", "two days"),
    ("12 – 14 May 2012", "two days, spaced"),
    ("12, 14 May 2012", "two days in a list"),
    ("12 14 May 2012", "an issue and a day, or two days"),
    ("12.14 May 2012", "a time or two days"),
    ("10:30 April 2004", "a time"),
    ("May 12-14", "two days after the month"),
    ("May 12, 14", "two days after the month"),
    ("4 June -11", "two days around the month, or a sum"),
    ("April 302004", "digits in one"),
    ("Friday 103 April 2004", "no issue after a weekday"),
    ("2004-00-30", "no such month"),
    ("30 April 2004 ....", "more than an ellipsis"),
    ("4 June - 11", "two days around the month"),
    ("30 April - 2 May 2012", "two days in two months"),
    ("On 21 September", "a word before the date"),
    ("the 21 September 2012", "a word before the date"),
    ("30 April 2004 Update", "a series after the date"),
    ("30/04/2004", "day or month first: ambiguous"),
    ("04-30-2004", "numbers only"),
    ("2004/04/30", "not ISO"),
    ("2004-13-01", "no such month"),
    ("20040430", "digits only"),
    ("30 April 1899", "before the years of the group"),
    ("30 April 2100", "after them"),
    ("June 1899", "before the years of the group"),
    ("30 April 204", "a year of three digits"),
    ("30 April 20044", "a year of five digits"),
    ("Junio 3 4", "two numbers"),
    ("agosto de 12", "a year or a day"),
    ("Dec 09 - Jan 10", "years or days"),
    ("Dec 09 / Jan 2010", "a year or a day"),
    ("June / July", "no year"),
    ("June 2009 / July", "one year only, with the first"),
    ("June, July and August 2010", "three months"),
    ("30 Abril2 2004", "a digit inside"),
    ("30 Apricot 2004", "no month"),
    ("Apricot 30, 2004", "no month"),
    ("Apricot / May 2004", "no month first"),
    ("May / Apricot 2004", "no month last"),
    ("Apricot 2004", "no month at all"),
    ("Someday 30 April 2004", "no weekday"),
    ("Friday April 2004", "a weekday needs a day"),
    ("Friday 2004-04-30", "ISO dates have no weekday"),
    ("Friday", "a weekday alone"),
    ("\u0663\u0660 April 2004", "digits, but not ASCII"),
    ("３０ April 2004", "digits, but not ASCII"),
    ("30 April 2004\ufffd", "a control character"),
    ("30 April\x002004", "a control character"),
    ("30 Auguſt 2004", "a letter that only case folding takes for an s"),
    ("Upadte 30 April 2004", "misspelt, and no issue"),
    ("Upadte. 30 April 2004", "misspelt, and no issue"),
    ("Updtae s 103. 30 April 2004", "two errors"),
    ("Upd 103. 30 April 2004", "far from a series"),
    ("Uptown 103. 30 April 2004", "another word"),
    ("Upadte 103. A date for your diary", "misspelt, and no date"),
    ("Updated 30 April 2004", "a word that begins like a series"),
    ("No. 2004. May 2012", "a year is no issue"),
    ("2012 12 May", "a year is no issue"),
    ("Update 10300. 30 April 2004", "too long for an issue"),
    ("- 30 April 2004", "a list item"),
    ("30 April 2004 -", "something is missing"),
    ("(30 April 2004)", "in brackets"),
    ("30 April 2004 " + "." * 80, "over the length of any dateline"),
]


@pytest.mark.parametrize(
    ("line", "expected"), [pytest.param(line, expected, id=form) for form, line, expected in SITE_FORMS]
)
def test_each_form_that_the_site_prints_is_read(line: str, expected: Dated) -> None:
    assert parse(line) == expected


@pytest.mark.parametrize(("line", "expected"), PREFIXES)
def test_a_series_and_an_issue_are_told_from_the_day(line: str, expected: Dated) -> None:
    assert parse(line) == expected


@pytest.mark.parametrize(("line", "expected"), DATES)
def test_a_date_is_read_as_far_as_it_is_printed(line: str, expected: Dated) -> None:
    assert parse(line) == expected


@pytest.mark.parametrize(("line", "why"), NOT_DATELINES, ids=[f"{line[:30]!a}" for line, _ in NOT_DATELINES])
def test_what_only_looks_like_a_dateline_is_none(line: str, why: str) -> None:
    assert parse(line) is None, why


def test_every_flag_of_a_date_is_raised_by_some_form() -> None:
    raised = {flag for _, expected in [*PREFIXES, *DATES] for flag in expected.flags}
    assert raised == {
        "epoch-date",
        "impossible-date",
        "misspelt-series",
        "no-year",
        "reversed-range",
        "two-digit-year",
    }


ENGLISH = (
    "January February March April May June July August September October November December".split(),
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec".split(),
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
)
SPANISH = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre".split(),
    "ene feb mar abr may jun jul ago set oct nov dic".split(),
)
WEEKDAYS = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "Mon Tues Wed Thurs Fri Sat Sun".split(),
    "Mon Tue Weds Thu Fri Sat Sun".split(),
    "lunes martes miércoles jueves viernes sábado domingo".split(),
    "lunes martes miercoles jueves viernes sabado domingo".split(),
    "lun mar mié jue vie sáb dom".split(),
)


@pytest.mark.parametrize("names", [*ENGLISH, *SPANISH])
@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_every_month_is_known_in_both_languages_long_and_short(names: list[str], case: Callable[[str], str]) -> None:
    for number, name in enumerate(names, 1):
        assert parse(case(f"7 {name} 2010")) == dated(f"2010-{number:02}-07")
        assert parse(case(f"{name}. 2010")) == dated(f"2010-{number:02}")


@pytest.mark.parametrize("names", WEEKDAYS)
def test_every_weekday_is_known_in_both_languages_long_and_short(names: list[str]) -> None:
    for name in names:
        assert parse(f"{name.upper()}, May 7") == dated("XXXX-05-07", "no-year")
        assert parse(f"{name} 7 May 2010") == dated("2010-05-07")


@pytest.mark.parametrize("number", range(100), ids="{:02}".format)
def test_two_digits_beside_a_month_are_a_day_where_they_can_be_one(number: int) -> None:
    can_be_day = 1 <= number <= 31
    year = dated(f"{1900 + number if number > 82 else 2000 + number}-08?", "two-digit-year")
    no_year = dated(f"XXXX-08-{number:02}", "no-year")
    assert parse(f"{number:02} August") == (no_year if can_be_day else dated(None, "impossible-date"))
    assert parse(f"August {number:02}") == (no_year if can_be_day else year)
    assert parse(f"agosto de {number:02}") == (None if can_be_day else year)
    assert parse(f"August '{number:02}") == year


def test_spaces_do_not_count_towards_the_length() -> None:
    assert parse("\u00a0 \t" * 1000 + "30" + " " * 1000 + "April 2004") == dated("2004-04-30")


# Any date, in any form. Each strategy gives a printed line and what must be read back.

days = st.dates(date(1900, 1, 1), date(2099, 12, 31)).filter(lambda d: d not in {date(1969, 12, 31), date(1970, 1, 1)})
months = st.sampled_from(range(1, 13))
years = st.integers(1900, 2099)
gaps = st.sampled_from([" ", "", "-", "/", ".", " - ", ", ", ",", "–", " of ", " de ", " del "])
tails = st.sampled_from(["", ".", ",", ":", ";", " .", "\u00a0"])
joiners = st.sampled_from(["/", " / ", "-", " - ", "–", " – ", " — ", " and ", " & ", "&", " to ", " y ", " e ", " a "])
cases: st.SearchStrategy[Callable[[str], str]] = st.sampled_from([str, str.lower, str.upper, str.title])
stops = st.sampled_from([". ", " . ", ".", ": ", ", ", " - ", " – ", " — ", ".\u00a0"])
labels = st.sampled_from(["", "No. ", "no ", "nº ", "N°", "#", "nro. ", "núm. ", "number ", "issue ", "Issue no. "])


@st.composite
def month_names(draw: st.DrawFn, number: int) -> str:
    """A name of the month; a short one with or without its dot."""
    name = draw(st.sampled_from([*ENGLISH, *SPANISH]))[number - 1]
    return name + draw(st.sampled_from(["", "."])) if len(name) <= len("sept") else name


def ordinals(day: int) -> st.SearchStrategy[str]:
    suffix = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return st.sampled_from(["", "", suffix, "º", "ª", "°", ".º"] + (["ro", "er", "ero"] if day == 1 else []))


@st.composite
def printed_days(draw: st.DrawFn, day: date, year: str) -> str:
    """A day, day or month first, with or without its weekday."""
    number = draw(st.sampled_from([f"{day.day}", f"{day.day:02}"])) + draw(ordinals(day.day))
    month = draw(month_names(day.month))
    weekday = draw(st.sampled_from(["", *(names[day.weekday()] for names in WEEKDAYS)]))
    if weekday:
        weekday += draw(st.sampled_from([" ", ", ", ". ", "., "]))
    if not weekday and len(year) == len("2004") and draw(st.integers(0, 4)) == 0:
        return day.isoformat()
    if draw(st.booleans()):
        return weekday + number + draw(gaps) + month + draw(gaps) + year
    return weekday + month + " " + number + draw(st.sampled_from([", ", " ", " of ", " de ", "-"])) + year


@st.composite
def prefixes(draw: st.DrawFn) -> tuple[str, str | None, int | None]:
    """A series and an issue with a separator that ends it; or neither."""
    if draw(st.booleans()):
        return draw(st.sampled_from(["", ". "])), None, None
    series = draw(st.sampled_from([None, *site.GROUP.series]))
    issue = draw(st.integers(1, 999) if series else st.integers(100, 999))
    number = draw(st.sampled_from([f"{issue}", f"{issue:03}"]))
    printed = draw(st.sampled_from([" ", ". ", ", ", " - ", "\u00a0 "])).join(
        [*([series] if series else []), draw(labels) + number]
    )
    return printed + draw(stops), series, issue


@st.composite
def whole_lines(draw: st.DrawFn, printed_date: str, edtf_date: str | None, *flags: Flag) -> tuple[str, Dated]:
    prefix, series, issue = draw(prefixes())
    line = draw(cases)(prefix + printed_date + draw(tails))
    return line, dated(edtf_date, *flags, series=series, issue=issue)


@given(st.data(), days)
def test_any_day_in_any_form_is_read_back(data: st.DataObject, day: date) -> None:
    line, expected = data.draw(whole_lines(data.draw(printed_days(day, f"{day.year}")), day.isoformat()))
    assert parse(line) == expected


@given(st.data(), st.dates(date(1983, 1, 1), date(2082, 12, 31)))
def test_any_day_with_a_two_digit_year_is_read_back(data: st.DataObject, day: date) -> None:
    assume((day.day, day.month, day.year) not in {(31, 12, 2069), (1, 1, 2070)})
    apostrophe = data.draw(st.sampled_from(["'", "’", "‘"]))
    printed = data.draw(printed_days(day, f"{apostrophe}{day.year % 100:02}"))
    line, expected = data.draw(whole_lines(printed, f"{day.isoformat()}?", "two-digit-year"))
    assert parse(line) == expected


@given(st.data(), st.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_any_day_without_a_year_is_read_back(data: st.DataObject, day: date) -> None:
    month = data.draw(month_names(day.month))
    number = f"{day.day:02}"
    printed = data.draw(st.sampled_from([f"{number} {month}", f"{number} de {month}", f"{month} {number}"]))
    line, expected = data.draw(whole_lines(printed, f"XXXX-{day.month:02}-{number}", "no-year"))
    assert parse(line) == expected


@given(st.data(), days)
def test_a_series_may_stand_without_an_issue(data: st.DataObject, day: date) -> None:
    series = data.draw(st.sampled_from([*site.GROUP.series]))
    gap = data.draw(st.sampled_from([" ", ". ", ": ", " - ", ", "]))
    near = data.draw(st.sampled_from([" ", "-", "/", " of ", " de ", ""]))
    month = data.draw(st.sampled_from(ENGLISH))[day.month - 1]
    printed = f"{series}{gap}{day.day}{near}{month} {day.year}"
    assert parse(data.draw(cases)(printed)) == dated(day.isoformat(), series=series)


@given(st.data(), days, st.sampled_from([*site.GROUP.series]), st.integers(1, 999))
def test_an_issue_may_be_parted_from_the_day_by_a_space_alone(
    data: st.DataObject, day: date, series: str, issue: int
) -> None:
    number = data.draw(st.sampled_from([f"{issue}", f"{issue:03}"]))
    printed = f"{series} {number} {day.day} {data.draw(month_names(day.month))} {day.year}"
    assert parse(printed) == dated(day.isoformat(), series=series, issue=issue)


@given(st.data(), months, years)
def test_any_month_is_read_back(data: st.DataObject, month: int, year: int) -> None:
    printed = f"{data.draw(month_names(month))}{data.draw(gaps)}{year}"
    line, expected = data.draw(whole_lines(printed, f"{year}-{month:02}"))
    assert parse(line) == expected


@given(st.data(), months, months, years)
def test_any_two_months_of_one_year_are_read_back(data: st.DataObject, one: int, other: int, year: int) -> None:
    first, last = sorted((one, other))
    assume(first < last)
    names = data.draw(month_names(first)) + data.draw(joiners) + data.draw(month_names(last))
    line, expected = data.draw(whole_lines(f"{names} {year}", f"{year}-{first:02}/{year}-{last:02}"))
    assert parse(line) == expected


@given(st.data(), st.tuples(years, months), st.tuples(years, months))
def test_any_two_months_of_two_years_are_read_back_in_either_order(
    data: st.DataObject, one: tuple[int, int], other: tuple[int, int]
) -> None:
    assume(one != other)
    printed = data.draw(joiners).join(
        data.draw(month_names(month)) + data.draw(st.sampled_from([" ", " de ", ", ", ""])) + f"{year}"
        for year, month in (one, other)
    )
    lower, upper = (f"{year}-{month:02}" for year, month in sorted((one, other)))
    flags: list[Flag] = [] if one < other else ["reversed-range"]
    line, expected = data.draw(whole_lines(printed, f"{lower}/{upper}", *flags))
    assert parse(line) == expected


# Lines made of the pieces of datelines, so that many of them are datelines and the others nearly so.
pieces = st.lists(
    st.sampled_from(
        "Update|Peru News|Peru New|No.|nº|#|103|065|0|7|12|29|30|31|45|98|1969|1970|2004|2010|'12|'69|st|º|May|June"
        "|Dec.|December|January|enero|feb|Friday|vie.|de|of|and|y|a|.|,|:|;|-|–|/|&| | | | |2004-04-30|\u00a0|\n".split(
            "|"
        )
    ),
    max_size=12,
).map("".join)


@given(st.one_of(st.text(), pieces, st.text(alphabet="0123456789 ./-'ºmayjunedcUpdt\u0301\u0130\ud800")))
@example("30 April 2004\ud800")
@example("İ" * 80 + " 1")
def test_any_text_is_read_without_an_exception_and_alike_under_the_text_rule(line: str) -> None:
    read = parse(line)
    assert parse(text.line(line)) == read
    assert read is None or read.series in {None, *site.GROUP.series}


@given(
    st.integers(0, 99), st.sampled_from(["May", "junio", "SEPT", "Mai", "of"]), st.integers(1890, 2110), st.booleans()
)
def test_a_plain_day_is_read_as_the_same_with_other_spaces_or_a_dot(
    day: int, month: str, year: int, padded: bool
) -> None:
    line = f"{day:02} {month} {year}" if padded else f"{day} {month} {year}"
    for other in (f" {line}", f"{line}.", line.replace(" ", "\u00a0")):
        assert parse(other) == parse(line)


def test_a_figure_that_begins_a_series_or_a_prefix_is_no_day() -> None:
    for profile in (replace(site.GROUP, series={"7 May": ()}), replace(site.GROUP, prefixes=("7 may",))):
        with site.using(profile):
            assert parse("7 May 2012") is None
    assert parse("7 May 2012") is not None


@given(pieces)
@example("Aug - Sep 12")
@example("December / January 2010")
@example("May / April '09")
def test_what_is_read_is_sound_edtf_with_the_days_that_it_allows(line: str) -> None:
    read = parse(line)
    if read is None:
        return
    assert read.flags == tuple(sorted(set(read.flags)))
    if read.edtf is None:
        assert {"epoch-date", "impossible-date"} & {*read.flags}
        assert read.earliest is read.latest is None
    elif "no-year" in read.flags:
        assert read.edtf.startswith("XXXX-")
        assert read.earliest is read.latest is None
    else:
        assert (read.earliest, read.latest) == oracle_days(read.edtf)
        assert read.earliest is not None
        assert read.latest is not None
        assert read.earliest <= read.latest
        assert ("?" in read.edtf) <= bool({"two-digit-year", "reversed-range"} & {*read.flags})


EXPECTED = sorted(
    {expected for *_, expected in SITE_FORMS} | {expected for _, expected in [*PREFIXES, *DATES]}, key=str
)


@pytest.mark.parametrize("expected", [row for row in EXPECTED if row.edtf is not None][:: every(3)], ids=str)
def test_an_independent_reader_of_edtf_agrees_on_every_form(expected: Dated) -> None:
    assert expected.edtf is not None
    if expected.earliest is None or expected.latest is None:
        assert str(edtf.parse_edtf(expected.edtf)) == expected.edtf
    else:
        assert oracle_days(expected.edtf) == (expected.earliest, expected.latest)


UNITS = [" 1 ", "Update ", "May ", "1", "é", " ", ".", "May - ", "1 May ", "Peru New 1. ", "\u0301", "İ"]


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
@pytest.mark.thorough
def test_a_megabyte_is_refused_at_once(unit: str) -> None:
    line = unit * (1_000_000 // len(unit))
    started = time.process_time()
    assert parse(line) is None
    assert time.process_time() - started < 1


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
@pytest.mark.parametrize("start", ["", "Update 103. ", "30 May ", "May 2010 / "])
def test_no_line_within_the_limit_makes_a_pattern_run_wild(start: str, unit: str) -> None:
    # One that backtracked exponentially would not end within the lifetime of the machine.
    line = (start + unit * 80)[:79] + "!"
    started = time.process_time()
    assert parse(line) is None
    assert time.process_time() - started < 0.25
