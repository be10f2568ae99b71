"""A WARC record, whoever wrote it, as a capture."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast, get_args

from psgcrawl import site
from psgcrawl.archive import names
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.digests import agrees
from psgcrawl.archive.warc.making import BASIS, CAPTURED, COLLECTION, INDEXED, SOURCE
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.record import Record
from psgcrawl.captures.capture import Capture, cut_off, where
from psgcrawl.errors import BadCapture, UnreadablePage
from psgcrawl.layouts.reading import MAX_BYTES
from psgcrawl.records import Basis, Captured

# Newer Pythons take 24:00 for the next day's midnight, the W3C's profile of ISO 8601 does not know it.
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z", re.ASCII)
"""WARC 1.1 allows dates as far as they are known: a year, a month, a day."""
_MEDIA_TYPE: Final = re.compile(r"[!-.0-~]+/[!-.0-~]+\Z")
_NOTHING_TO_COUNT: Final = ("Content-Encoding", "Transfer-Encoding")
"""Where one of these is, writers that undid it have left a ``Content-Length`` that is not the body's."""


def capture_of(record: Record, original: Record | None, place: str) -> Capture:
    """Return the capture that a ``response``, ``resource`` or ``revisit`` record holds.

    :param original: what a revisit repeats
    :param place: how messages name the record
    :raises BadCapture: ``place: problem``, for a record without usable date, or a revisit without what it repeats
    :raises UnreadablePage: ``place: problem``, for a body that is not what its header says
    """
    time, basis = captured(record, place)
    url = None if record.uri is None or record.uri.startswith("ni:") else record.uri
    named = record.get(COLLECTION)
    named = named if named and names.is_collection(named) else None
    collection, position = where(url, named)
    try:
        bytes_ = _bytes(record, original, place)
    except UnreadablePage as error:
        raise UnreadablePage(f"{place}: {error}") from error
    return Capture(
        place=place,
        url=url,
        collection=collection,
        position=position,
        by_address=named is None,
        captured=time,
        captured_basis=basis,
        source="file",
        status=bytes_.status,
        media_type=bytes_.media_type,
        charset=bytes_.charset,
        payload=bytes_.payload,
        content=bytes_.content,
        record=record.id,
        memento=record.get(SOURCE),
        problems=bytes_.problems,
    )


def captured(record: Record, place: str) -> tuple[Captured, Basis]:
    """Return when a record's page was captured and how that is known: its date, or what the giver of a file said.

    :raises BadCapture: ``place: problem``, for a date that is none
    """
    since, _, until = (record.get(CAPTURED) or "").partition("/")
    basis = record.get(BASIS)
    said = Captured(since=since, until=None if until == ".." else until)
    if record.type == "resource" and is_sound(said) and basis in get_args(Basis):
        return said, cast("Basis", basis)
    time = period(record.date)
    if time is None or time.since < site.EARLIEST:
        raise BadCapture(f"{place}: WARC-Date: {record.date!r} is no time at which a page can have been captured")
    return time, "warc"


def is_sound(time: Captured) -> bool:
    """Tell whether a time that someone wrote can be one: real days, in order, none before there was a web."""
    ends = [time.since, time.until or time.since]
    return all(period(end) == Captured(since=end, until=end) for end in ends) and site.EARLIEST <= ends[0] <= ends[1]


def period(date: str) -> Captured | None:
    """Return the time that a ``WARC-Date`` means: RFC 3339 UTC, whole seconds; None for what is none.

    A point, but for a date without time of day (WARC 1.1, 5.4): that is all of its day,
    month or year.

    >>> period("2017-02-18T06:00:00.123456Z")
    Captured(since='2017-02-18T06:00:00Z', until='2017-02-18T06:00:00Z')
    >>> period("2016-02")
    Captured(since='2016-02-01T00:00:00Z', until='2016-02-29T23:59:59Z')
    >>> period("20170218060000") is None
    True
    """
    try:
        if _TIME.match(date):
            moment = datetime.fromisoformat(date).astimezone(UTC)
            return Captured(since=_written(moment), until=_written(moment))
        parts = _PERIOD.match(date)
        return _period(parts) if parts else None
    except (ValueError, OverflowError):
        return None


def _period(parts: re.Match[str]) -> Captured:
    year, month, day = (int(part) if part else None for part in parts.groups())
    first = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
    if day:
        after = first + timedelta(days=1)
    elif month:
        after = (first + timedelta(days=31)).replace(day=1)
    else:
        after = first.replace(year=first.year + 1)
    return Captured(since=_written(first), until=_written(after - timedelta(seconds=1)))


def _written(moment: datetime) -> str:
    # Not ``%Y``: it writes early years with fewer digits.
    return f"{moment.year:04d}{moment:-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bytes:
    payload: bytes
    content: bytes
    status: int | None
    media_type: str
    charset: str | None
    problems: tuple[str, ...]


def _bytes(record: Record, original: Record | None, place: str) -> _Bytes:
    """Return what a record holds, a revisit with the body that it repeats and the status that it has itself."""
    source = original if record.type == "revisit" else record
    if source is None:
        raise BadCapture(f"{place}: a revisit without the record that it repeats")
    if not source.is_http:
        return _Bytes(
            payload=source.block,
            content=source.block,
            status=None,
            media_type=source.media_type if _MEDIA_TYPE.match(source.media_type) else "application/octet-stream",
            charset=None,
            problems=tuple(_doubts(source, None, source.block)),
        )
    answer = message.parse(source.block)
    status = message.parse(record.block).status if record.is_http and record.block else answer.status
    payload = answer.payload()
    return _Bytes(
        payload=payload,
        content=answer.content(MAX_BYTES),
        status=status,
        # What says nothing about itself is read as what listings are.
        media_type=answer.media_type or "text/html",
        charset=answer.charset,
        problems=tuple(_doubts(source, answer, payload)),
    )


def _doubts(record: Record, answer: Message | None, payload: bytes) -> list[str]:
    """Return what the record whose body it is shows to be wrong with it; a page that was cut proves no end."""
    found = []
    truncated = record.get("WARC-Truncated")
    if truncated:
        found.append(cut_off(truncated))
    if answer is not None and not any(answer.get(name) for name in _NOTHING_TO_COUNT):
        length = answer.get("Content-Length") or ""
        if length.isascii() and length.isdecimal() and len(payload) < int(length[:18]):
            found.append(f"truncation: the body has {len(payload)} bytes of {length}")
    digest = record.get("WARC-Payload-Digest")
    # Others have digests of the chunks, or of what was compressed: that one differs says little.
    bodies = [payload, record.block] if answer is None else [payload, answer.body]
    if digest and all(agrees(digest, body) is False for body in bodies):
        found.append(f"WARC-Payload-Digest: {digest!a} is not that of the payload")
    indexed = record.get(INDEXED)
    if indexed and agrees(indexed, payload) is False:
        # Of chunks, or of what was packed: so some crawlers take it. Or the archive gives something else today.
        found.append(f"digest: the index of the web archive has {indexed!a} for it")
    return found
