"""A post to a raw entry: what the three ways of reading one share."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from psgcrawl import site
from psgcrawl.layouts import parts
from psgcrawl.layouts.wordpress.words import words
from psgcrawl.records import Dated, RawEntry

_EPOCHS: Final = frozenset({"1969-12-31", "1970-01-01"})
_LOCAL: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\Z")


def entry(  # noqa: PLR0913 — each is a field of the post
    number: int | None,
    *,
    title: str,
    summary: str,
    day: date | None,
    href: str | None,
    protected: bool = False,
    categories: Iterable[str] = (),
    modified: str | None = None,
) -> RawEntry:
    """Return a post as the layouts give it.

    :param number: the post's; None where the page does not say it
    :param day: of its publication, in the site's time zone; None where the page does not say it
    :param protected: whether the page says that a password is asked for; WordPress's words for an
        excerpt say so, too. Then nothing of the text is taken
    :param modified: RFC 3339 UTC
    """
    closed = protected or any(summary == said.no_excerpt for said in words())
    before = next((said.protected for said in words() if closed and title.startswith(said.protected)), "")
    return RawEntry(
        kind="entry",
        list=site.POSTS,
        title=title.removeprefix(before),
        summary="" if closed else summary,
        href=href,
        dated=_dated(day),
        identity=None if number is None else f"{site.POST_IDENTITY}{number}",
        categories=tuple(categories),
        modified=modified,
    )


def _dated(day: date | None) -> Dated:
    if day is None:
        return Dated()
    printed = day.isoformat()
    if printed in _EPOCHS:  # an empty timestamp, as in datelines
        return Dated(flags=("epoch-date",))
    return Dated(edtf=printed, earliest=printed, latest=printed)


def local_day(printed: str) -> date:
    """Return the day of a local time without zone, ``2024-06-14T12:00:00``.

    :raises ValueError: for anything else, and for what no calendar has

    >>> local_day("2020-12-31T23:59:30")
    datetime.date(2020, 12, 31)
    """
    return _moment(printed).date()


def instant(printed: str) -> str:
    """Return a time of GMT without zone as RFC 3339 UTC.

    :raises ValueError: for anything else, and for what no calendar has
    """
    return _moment(printed).isoformat() + "Z"


def _moment(printed: str) -> datetime:
    if not _LOCAL.match(printed):
        raise ValueError(f"{parts.quote(printed)} is not YYYY-MM-DDTHH:MM:SS")
    return datetime.fromisoformat(printed)


def utc(moment: datetime) -> str | None:
    """Return a moment with its offset as RFC 3339 UTC; None without offset, and at the ends of the calendar."""
    if moment.utcoffset() is None:
        return None
    try:
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    except OverflowError:
        return None


def site_day(moment: datetime) -> date:
    """Return the day that a moment is in the site's time zone.

    :param moment: with its offset, or GMT without one
    :raises ValueError: at the ends of the calendar

    >>> site_day(datetime(2024, 6, 30, 23, 30, tzinfo=UTC))
    datetime.date(2024, 7, 1)
    """
    aware = moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(ZoneInfo(site.current().time_zone)).date()
    except OverflowError as error:
        raise ValueError(f"{moment} is at the end of the calendar") from error
