"""The index of a WACZ: a line for each record that can be replayed, sorted, in compressed blocks.

CDXJ, https://specs.webrecorder.net/cdxj/0.1.0/: key, time and a JSON object, by which
the line is found and the record read. Blocks of lines are gzip members of their own, and
a second, small index says where each begins ("ZipNum"): a browser reads only that and
the blocks it needs, whether the archive holds a hundred pages or a million.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Final

from psgcrawl.archive import jsonl
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.digests import labelled
from psgcrawl.archive.warc.reading import Found
from psgcrawl.archive.warc.record import Record, compress
from psgcrawl.errors import UnreadablePage
from psgcrawl.exports.wacz import surt

REPLAYED: Final = frozenset({"response", "resource", "revisit"})
"""Types of records that show something; requests, metadata and the like are only in the WARC."""

REVISIT: Final = "warc/revisit"
"""The media type by which readers know that the body is elsewhere."""

LINES: Final = 1024
"""Lines of a block."""

_WHERE: Final = b',"filename":'
_FIRST: Final = "0001-01-01T00:00:00"
_PARTIAL: Final = (4, 7)
"""Lengths of a year and of a month, which WARC 1.1 allows as dates and Python does not know."""


def line(found: Found, filename: str) -> bytes | None:
    """Return the line of a record; None for what cannot be found by an address and a time.

    :param filename: the WARC's, without its folder
    """
    record = found.record
    if record.type not in REPLAYED:
        return None
    key, moment = surt.key(record.uri or ""), moment_of(record.date)
    if key is None or moment is None:
        return None
    facts = {
        "url": jsonl.printable(record.uri or ""),
        **_about(record if found.kept else None, record),
        "length": str(found.length),
        "filename": filename,
        "offset": str(found.offset),
    }
    told = {name: value for name, value in facts.items() if value is not None}
    return f"{key} {compact(moment)} ".encode("ascii") + jsonl.dumps(told)


def moment_of(date: str) -> str | None:
    """Return a ``WARC-Date`` as RFC 3339 UTC in whole seconds, the first moment of a day or month; None for no date.

    >>> moment_of("2017-02-18T06:00:00.75+01:00"), moment_of("2017-02"), moment_of("yesterday")
    ('2017-02-18T05:00:00Z', '2017-02-01T00:00:00Z', None)
    """
    try:
        moment = datetime.fromisoformat(date + _FIRST[len(date) :] if len(date) in _PARTIAL else date)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0")


def compact(moment: str) -> str:
    """Return an RFC 3339 time as indexes have it.

    >>> compact("2017-02-18T06:00:00Z")
    '20170218060000'
    """
    return "".join(filter(str.isdigit, moment))


def distinct(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield sorted lines without those of a record that the line before shows elsewhere.

    What a later snapshot repeats is in its WARC, too, as the same gzip member.
    """
    last = b""
    for one in lines:
        record = one.rpartition(_WHERE)[0]
        if record != last:
            yield one
        last = record


def blocks(lines: Iterable[bytes], filename: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield pairs: compressed lines, and what the small index says of them.

    :param filename: of the file that the blocks make up
    """
    header: bytes = b"!meta 0 " + jsonl.dumps({"format": "cdxj-gzip-1.0", "filename": filename}) + b"\n"
    iterator = iter(lines)
    offset = 0
    while block := list(islice(iterator, LINES)):
        data = compress(b"".join(one + b"\n" for one in block))
        place = {"offset": offset, "length": len(data), "digest": f"sha256:{sha256(data).hexdigest()}"}
        yield data, header + block[0].partition(b" {")[0] + b" " + jsonl.dumps(place) + b"\n"
        header = b""
        offset += len(data)


def _about(whole: Record | None, record: Record) -> dict[str, str | None]:
    """Return what a record says of itself, as far as it was kept."""
    media_type: str | None = None if record.is_http else record.media_type or None
    status = None
    digest = record.get("WARC-Payload-Digest")
    if whole is not None and whole.is_http and whole.block:
        try:
            answer = message.parse(whole.block)
            media_type = answer.media_type
            status = answer.status
            digest = digest or labelled(answer.payload())
        except UnreadablePage:
            pass
    elif whole is not None and not whole.is_http:
        digest = digest or labelled(whole.block)
    if record.type == "revisit":
        media_type = REVISIT
    return {"mime": media_type, "status": None if status is None else str(status), "digest": digest}
