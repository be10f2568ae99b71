"""The records of a snapshot's pages, out of its WARC: one pass over the file, front to back.

What is read is hashed on the way, so that at its end it is known that the whole file,
also what no page points at, is the one that the manifest describes.
"""

import hashlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from psgcrawl.archive.manifest import StoredFile
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record
from psgcrawl.errors import DamagedData
from psgcrawl.records import WarcPlace

_PIECE: Final = 1 << 18
"""Bytes that are read at once where nothing is kept of them."""


def records_at(path: Path, places: Iterable[WarcPlace], stated: StoredFile) -> Iterator[Record]:
    """Yield the record at each of ``places``; each place is asked for when the record before it has been taken.

    :param places: in the order of the file, each once
    :param stated: what the manifest says of the file; once all records have been yielded, the file is that one
    :raises DamagedData: ``path: byte N: problem``; where something else is at a place, and where the file is
        another than its manifest describes
    """
    sha256 = hashlib.sha256()
    with _opened(path) as file:
        at = 0
        for place in places:
            if place.offset < at or place.length <= 0:
                raise DamagedData(f"{path}: byte {place.offset}: a page's record begins inside another")
            for piece in _pieces(path, file, place.offset - at):
                sha256.update(piece)
            member = b"".join(_pieces(path, file, place.length))
            sha256.update(member)
            at = place.offset + place.length
            yield _record(path, place, member)
        while piece := file.read(_PIECE):
            sha256.update(piece)
            at += len(piece)
    if (at, sha256.hexdigest()) != (stated.bytes, stated.sha256):
        raise DamagedData(
            f"{path}: {at} bytes, SHA-256 {sha256.hexdigest()}; the manifest says {stated.bytes}, {stated.sha256}"
        )


def places_in(path: Path) -> dict[str, WarcPlace]:
    """Return where each record of a file is, by its id.

    :raises DamagedData: ``path: byte N: problem``
    """
    with _opened(path) as file:
        return {
            found.record.id: WarcPlace(record=found.record.id, offset=found.offset, length=found.length)
            for found in read(file, str(path))
        }


def record_at(path: Path, place: WarcPlace) -> Record:
    """Return one record.

    :raises DamagedData: ``path: byte N: problem``
    """
    with _opened(path) as file:
        file.seek(place.offset)
        return _record(path, place, b"".join(_pieces(path, file, place.length)))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise DamagedData(f"{path}: the file is missing") from error


def _pieces(path: Path, file: BinaryIO, length: int) -> Iterator[bytes]:
    # Piece by piece: numbers out of a damaged file would ask for more memory than there is.
    while length > 0:
        piece = file.read(min(length, _PIECE))
        if not piece:
            raise DamagedData(f"{path}: byte {file.tell()}: the file ends before a page's record does")
        yield piece
        length -= len(piece)


def _record(path: Path, place: WarcPlace, member: bytes) -> Record:
    """Return the record that a gzip member holds alone."""
    found = list(islice(read(BytesIO(member), f"{path}: the member at byte {place.offset}"), 2))
    if len(found) != 1 or found[0].length != place.length or not found[0].kept:
        raise DamagedData(f"{path}: byte {place.offset}: not one record in a gzip member of {place.length} bytes")
    if found[0].record.id != place.record:
        raise DamagedData(f"{path}: byte {place.offset}: the record is {found[0].record.id}, not {place.record}")
    return found[0].record
