"""Tables of JSON Lines at the top of an archive, which people may read and correct: read whole, extended in one step.

They are small, and no part of the log's chain of hashes. A line that cannot be read is
named; nothing of such a table is used.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from psgcrawl.archive import durable, jsonl
from psgcrawl.errors import DamagedData

T = TypeVar("T")


class Row(NamedTuple, Generic[T]):
    """A line of a table, with its place for messages (``…/aliases.jsonl:3``)."""

    place: str
    value: T


class Table(NamedTuple, Generic[T]):
    """A table as it was read."""

    data: bytes
    rows: list[Row[T]]


def read(path: Path, kind: type[T]) -> Table[T]:
    """Return the table at ``path``, its lines in their order; where there is none, an empty one.

    :raises DamagedData: ``file:line: problem``
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Table(b"", [])
    *raws, torn = data.split(b"\n")
    if torn:
        raise DamagedData(f"{path}:{len(raws) + 1}: the last line has no line end: it was cut off")
    places = (f"{path}:{number}" for number in range(1, len(raws) + 1))
    return Table(data, [Row(place, jsonl.decode(raw, kind, place)) for place, raw in zip(places, raws, strict=True)])


def extend(path: Path, before: bytes, fresh: Iterable[object]) -> bool:
    """Add lines at the end of a table, durably and in one step; False if it is no longer as it was read.

    :param before: the table's bytes, as they were read
    :raises OSError: where it cannot be written; then it is as it was
    """
    added = jsonl.dump_lines(fresh)
    if not added:
        return True
    new = path.with_name(f"{path.name}.new")
    with _locked(path.parent):
        if (path.read_bytes() if path.exists() else b"") != before:
            return False
        # What a run that died left there is nothing to keep.
        new.unlink(missing_ok=True)
        durable.write_new(new, before + added)
        new.replace(path)
        durable.sync_folder(path.parent)
    return True


@contextmanager
def _locked(archive: Path) -> Iterator[None]:
    """Hold the archive's folder, waiting for it: nobody holds it for longer than one file takes."""
    descriptor = os.open(archive, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
