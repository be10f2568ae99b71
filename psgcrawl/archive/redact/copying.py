"""A WARC file again: each gzip member as it stands, but those of the records that are redacted."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from psgcrawl.archive import durable
from psgcrawl.archive.redact.record import is_redacted, redacted
from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record, member
from psgcrawl.errors import DamagedData
from psgcrawl.records import WarcPlace

_PIECE: Final = 1 << 20
_ALL: Final = 1 << 62
"""No block is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A record of a file, without its block."""

    id: str
    type: str
    uri: str | None
    repeats: str | None
    """The record whose payload a revisit repeats."""
    payload_digest: str | None
    redacted: bool
    offset: int
    length: int
    """That of its gzip member; 0 where it shares one."""


def listed(path: Path) -> Iterator[Listed]:
    """Yield the records of a file, in their order.

    :raises DamagedData: ``path: byte N: problem``, once what comes before has been yielded
    """
    with path.open("rb") as file:
        for found in read(file, str(path), 0):
            record = found.record
            yield Listed(
                id=record.id,
                type=record.type,
                uri=record.uri,
                repeats=record.get("WARC-Refers-To") if record.type == "revisit" else None,
                payload_digest=record.get("WARC-Payload-Digest"),
                redacted=is_redacted(record),
                offset=found.offset,
                length=found.length,
            )


def together(records: Sequence[Listed], id_: str) -> list[Listed]:
    """Return the record named and the revisits that repeat it, directly or through others, in the order of the file."""
    found = {id_}
    while more := {one.id for one in records if one.repeats in found} - found:
        found |= more
    return [one for one in records if one.id in found]


def copy(
    path: Path, records: Sequence[Listed], targets: Collection[str], mark: Mark, to: BinaryIO
) -> dict[str, WarcPlace]:
    """Write the file ``path`` again, and return where each record is now, by its id.

    :param records: all that :func:`listed` yields of it
    :param targets: ids of those of which nothing but their names and digests may be left
    :raises DamagedData: where records share a gzip member, and where the file is shorter than it was
    """
    places: dict[str, WarcPlace] = {}
    end = 0
    with path.open("rb") as file:
        for one in records:
            if one.length == 0:
                raise DamagedData(f"{path}: byte {one.offset}: several records in one gzip member")
            if one.id in targets and not one.redacted:
                data = member(redacted(_read(path, one), mark))
                durable.write_all(to.fileno(), data)
                length = len(data)
            else:
                _copy_bytes(path, file, one, to)
                length = one.length
            places[one.id] = WarcPlace(record=one.id, offset=end, length=length)
            end += length
    return places


def _read(path: Path, one: Listed) -> Record:
    """Return a record with its block, however long that is."""
    with path.open("rb") as file:
        file.seek(one.offset)
        return next(read(file, f"{path}: the member at byte {one.offset}", _ALL)).record


def _copy_bytes(path: Path, file: BinaryIO, one: Listed, to: BinaryIO) -> None:
    offset, length = one.offset, one.length
    while length:
        piece = os.pread(file.fileno(), min(length, _PIECE), offset)
        if not piece:
            raise DamagedData(f"{path}: byte {offset}: the file ends before the record does")
        durable.write_all(to.fileno(), piece)
        offset, length = offset + len(piece), length - len(piece)
