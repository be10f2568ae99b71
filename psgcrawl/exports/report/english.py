"""Dates, times and the archive's words for people who read English.

A date is said as far as it was printed, and no further: a day that was not printed is
not said, a year that was inferred is said to be.
"""

import re
from collections.abc import Mapping
from typing import Final

from psgcrawl.archive.compare.changes import Field
from psgcrawl.archive.history.lives import State
from psgcrawl.exports.changes import What
from psgcrawl.records import Captured, Flag, Kind, Source

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
NO_DATE: Final = "no date"
NO_TITLE: Final = "(no title)"

STATES: Final[Mapping[State, str]] = {
    "listed": "Listed",
    "relisted": "Listed again",
    "removed": "No longer listed",
    "aged-out": "Gone from the end of the list",
    "out-of-view": "Out of view",
}
CHANGES: Final[Mapping[What, str]] = {
    "added": "New",
    "edited": "Edited",
    "relisted": "Listed again",
    "removed": "No longer listed",
    "aged-out": "Gone from the end of the list",
    "out-of-view": "Out of view",
    "replaced": "Replaced",
}
KINDS: Final[Mapping[Kind, str]] = {"entry": "Entry", "notice": "Notice", "boilerplate": "Standing block"}
SOURCES: Final[Mapping[Source, str]] = {"live": "a live crawl", "memento": "a web archive", "file": "files"}
FIELDS: Final[Mapping[Field, str]] = {
    "title": "Title",
    "summary": "Text",
    "dateline": "Dateline",
    "url": "Link",
    "caption": "Caption",
    "categories": "Categories",
    "modified": "Changed by the site",
}
FLAGS: Final[Mapping[Flag, str]] = {
    "control-characters": "The page printed characters that are no text; U+FFFD stands in their place.",
    "epoch-date": "The page printed the date of an empty timestamp (31 December 1969 or 1 January 1970): no date.",
    "impossible-date": "The page printed a day that no calendar has: no date.",
    "misspelt-series": "The series is misspelt in the dateline.",
    "mojibake": "Some letters were garbled long before they were captured; they stand as printed.",
    "no-dateline": "The page printed no dateline for it.",
    "no-year": "The page printed no year.",
    "reversed-range": "The page printed the later month first.",
    "two-digit-year": "The page printed a year of two digits; the century is an inference.",
}

_POINT: Final = re.compile(r"(?P<year>[0-9X]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?(?P<doubt>\??)")
_DAY_BEGINS: Final = "T00:00:00Z"
_DAY_ENDS: Final = "T23:59:59Z"
"""Times at which bounds stand that are really days."""


def date(edtf: str | None) -> str:
    """Return a date of ``date_edtf`` as it is said; what is no date of ours stays as it is.

    >>> date("2004-04-30"), date("2010-06/2010-07"), date("2009-12/2010-01")
    ('30 April 2004', 'June to July 2010', 'December 2009 to January 2010')
    >>> date("2012-08?/2012-09?"), date("XXXX-02-27"), date(None)
    ('August to September 2012 (the year is inferred)', '27 February (no year printed)', 'no date')
    """
    if edtf is None:
        return NO_DATE
    points = [_POINT.fullmatch(part) for part in edtf.split("/")]
    known = [point for point in points if point is not None]
    if len(known) < len(points):
        return edtf
    years = [point["year"] for point in known]
    said = [_point(point, year=number + 1 == len(known) or len(set(years)) > 1) for number, point in enumerate(known)]
    note = " (the year is inferred)" if any(point["doubt"] for point in known) else ""
    return " to ".join(said) + (" (no year printed)" if "XXXX" in years else note)


def _point(point: "re.Match[str]", *, year: bool) -> str:
    month = int(point["month"] or 0)
    parts = [
        str(int(point["day"])) if point["day"] else "",
        MONTHS[month - 1] if 1 <= month <= len(MONTHS) else "",
        point["year"] if year and point["year"] != "XXXX" else "",
    ]
    return " ".join(part for part in parts if part)


def day(iso: str) -> str:
    """Return a day.

    >>> day("2017-02-18T06:00:00Z")
    '18 February 2017'
    """
    return f"{int(iso[8:10])} {MONTHS[int(iso[5:7]) - 1]} {iso[:4]}"


def month(iso: str) -> str:
    """Return a month.

    >>> month("2017-02")
    'February 2017'
    """
    return f"{MONTHS[int(iso[5:7]) - 1]} {iso[:4]}"


def moment(instant: str) -> str:
    """Return a time.

    >>> moment("2017-02-18T06:00:00Z")
    '18 February 2017, 06:00 UTC'
    """
    return f"{day(instant)}, {instant[11:16]} UTC"


def months(first: str, last: str) -> str:
    """Return from which month to which; of days that bound what a page shows nobody knows whether they were printed.

    >>> months("2017-02-11", "2017-02-18"), months("2016-12-01", "2017-02-18")
    ('February 2017', 'December 2016 to February 2017')
    """
    return month(first) if first[:7] == last[:7] else f"{month(first)} to {month(last)}"


def captured(time: Captured) -> str:
    """Return a capture time, as exact as it is known.

    >>> captured(Captured(since="2014-12-08T00:00:00Z", until=None))
    'not before 8 December 2014'
    >>> captured(Captured(since="2017-02-18T06:00:00Z", until="2017-02-18T06:03:10Z"))
    '18 February 2017, 06:00 to 06:03 UTC'
    """
    since, until = time.since, time.until
    if until is None:
        return f"not before {day(since) if since.endswith(_DAY_BEGINS) else moment(since)}"
    if since.endswith(_DAY_BEGINS) and until.endswith(_DAY_ENDS):
        return day(since) if since[:10] == until[:10] else f"{day(since)} to {day(until)}"
    if since[:16] == until[:16]:
        return moment(since)
    if since[:10] == until[:10]:
        return f"{day(since)}, {since[11:16]} to {until[11:16]} UTC"
    return f"{moment(since)} to {moment(until)}"


def number(count: int) -> str:
    """Return a number.

    >>> number(50000)
    '50,000'
    """
    return f"{count:,}"


def count(how_many: int, thing: str) -> str:
    """Return how many of a thing there are.

    >>> count(1, "entry"), count(1200, "entry"), count(0, "revision")
    ('1 entry', '1,200 entries', 'no revisions')
    """
    plural = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{number(how_many) if how_many else 'no'} {thing if how_many == 1 else plural}"
