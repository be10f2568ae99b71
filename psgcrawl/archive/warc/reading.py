"""Records out of WARC files, whoever wrote them: plain, one gzip member a record, or one member for all.

Streaming: of records that are too large to be of use here only the fields are kept.
Damage is found where the format shows it (a file that ends inside a record or member, a
checksum, a length); digests are for the caller to check. A file that was cut between two
records does not show it, nor does one that is not compressed and was cut in the line ends
that close a record.

Not read: records that begin in one gzip member and go on in the next (ISO 28500, annex D,
wants a member for each), and the older ARC format.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from os import fstat
from pathlib import Path
from typing import Final

from msgspec import Struct

from psgcrawl.archive.warc.headers import Fields, first_and_fields
from psgcrawl.archive.warc.pieces import GZIP, HEADER, Buffer, Member, Readable, Source, Trouble
from psgcrawl.archive.warc.record import Record
from psgcrawl.errors import DamagedData

KEPT: Final = 16 * 1024 * 1024
"""Length of the largest block that is kept, in bytes: twice what a page may have."""

_VERSION: Final = re.compile(rb"WARC/[0-9]+\.[0-9]+[ \t]*\Z")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}\Z")


class Found(Struct, frozen=True):
    """A record and where it stood."""

    record: Record
    """Its block is empty where :attr:`kept` is false."""
    kept: bool
    offset: int
    """Where the gzip member that holds it begins; in a file that is not compressed, where it begins itself."""
    length: int
    """Length of that member; where several records share it, 0; not compressed, of the record with what ends it."""
    alone: bytes | None
    """The gzip member as it stands, if it holds this record alone and is not too large."""
    raw: bytes
    """The record as it stands, not compressed, without the line ends that close it; empty where it was not kept."""


def read(stream: Readable, place: str, kept: int = KEPT) -> Iterator[Found]:
    """Yield the records of ``stream`` in their order.

    :param place: how messages name the file
    :param kept: length of the largest block that is kept
    :raises DamagedData: ``place: byte N: problem``, once what comes before has been yielded
    """
    yield from _read(Source(stream), place, kept)


def read_at(path: Path, offset: int, length: int) -> Found:
    """Return the record that a gzip member of a file holds.

    :raises DamagedData: when there is not exactly one record, in a member of exactly that length
    """
    source = Source(BytesIO(member_at(path, offset, length)), offset)
    found = list(islice(_read(source, str(path), KEPT), 2))
    if len(found) != 1 or found[0].length != length or not found[0].kept:
        raise DamagedData(f"{path}: byte {offset}: not one record in a gzip member of {length} bytes")
    return found[0]


def member_at(path: Path, offset: int, length: int) -> bytes:
    """Return bytes of a file.

    :raises DamagedData: when it has fewer, is missing or cannot be read
    """
    try:
        with path.open("rb") as file:
            # Asked first: numbers out of a damaged index would ask for more memory than there is.
            if 0 <= offset <= offset + length <= fstat(file.fileno()).st_size:
                file.seek(offset)
                return file.read(length)
    except FileNotFoundError as error:
        raise DamagedData(f"{path}: the file is missing") from error
    except OSError as error:
        raise DamagedData(f"{path}: cannot be read: {error.strerror}") from error
    raise DamagedData(f"{path}: byte {offset}: the file ends before the record does")


def _read(source: Source, place: str, kept: int) -> Iterator[Found]:
    try:
        yield from (_members if source.peek(2) == GZIP else _plain)(source, kept)
    except Trouble as trouble:
        raise DamagedData(f"{place}: byte {source.start}: {trouble}") from trouble


def _plain(source: Source, kept: int) -> Iterator[Found]:
    buffer = Buffer(source.piece, source.position)
    while not buffer.at_end():
        source.start = buffer.position
        record, raw = _record(buffer, kept)
        yield Found(record, raw is not None, source.start, buffer.position - source.start, None, raw or b"")


def _members(source: Source, kept: int) -> Iterator[Found]:
    while source.peek(1):
        source.start = source.position
        member = Member(source, kept + HEADER)
        buffer = Buffer(member.piece)
        last: tuple[Record, bytes | None] | None = None
        alone = True
        # A record is told once it is known whether another one follows, and whether the checksum is right.
        while not buffer.at_end():
            if last:
                alone = False
                yield Found(last[0], last[1] is not None, source.start, 0, None, last[1] or b"")
            last = _record(buffer, kept)
        if last:
            length, own = (source.position - source.start, member.own()) if alone else (0, None)
            yield Found(last[0], last[1] is not None, source.start, length, own, last[1] or b"")


def _record(buffer: Buffer, kept: int) -> tuple[Record, bytes | None]:
    """Return a record, and its bytes as they stand; None where its block was too large to be kept."""
    if buffer.peek(5) != b"WARC/":
        raise Trouble(f"no WARC record: it begins with {buffer.peek(20)!r}")
    header = buffer.header()
    version, named = first_and_fields(header.rstrip(b"\r\n"))
    if not _VERSION.match(version):
        raise Trouble(f"no WARC record: it begins with {version[:20]!r}")
    length = _length(named)
    fields = tuple([(_text(name), _text(value)) for name, value in named])
    if length > kept:
        buffer.pass_over(length)
        buffer.close()
        return Record(fields, b"", _text(version.strip())), None
    block = buffer.block(length)
    buffer.close()
    return Record(fields, block, _text(version.strip())), header + block


def _length(fields: Fields) -> int:
    stated = [value for name, value in fields if name.lower() == b"content-length"]
    # Stated twice it could be understood in two ways.
    if len(set(stated)) != 1 or not _LENGTH.match(stated[0]):
        raise Trouble(f"the record's Content-Length is {b', '.join(stated).decode('latin-1')!r}")
    return int(stated[0])


def _text(data: bytes) -> str:
    return str(data, "utf-8", "surrogateescape")
