"""Whether a file is the one that was read, by what the system says of it: as git's index knows a work tree.

Length, times of content and of state, and inode: whoever writes into a file, puts another
in its place or copies the archive changes one of them. A file as young as the look at it
can change once more within one tick of its clock, and would look the same; its SHA-256 is
kept beside. What the disk itself garbles changes none of it: ``psgcrawl verify`` hashes.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from psgcrawl.archive import durable

YOUNG: Final = 2_000_000_000
"""Nanoseconds: file systems give times in steps of at most two seconds."""


class Mark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the system says of a file."""

    bytes: int
    modified: int
    """When its content was written, in nanoseconds since 1970; nobody but the system sets :attr:`changed`."""
    changed: int
    inode: int
    sha256: str | None = None
    """Of its bytes, where it was young; None for all others."""


Marks = list[Mark | None]
"""Of several files in their order; None for one that is not there."""


def mark(path: Path) -> Mark | None:
    """Return the mark of a file, to be taken before it is read; None where it is not there."""
    try:
        found = path.stat()
        young = max(found.st_mtime_ns, found.st_ctime_ns) > time.time_ns() - YOUNG
        sha256 = durable.digest(path)[1] if young else None
    except FileNotFoundError:
        return None
    return Mark(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, sha256)


def are_still(paths: Iterable[str | Path], known: Marks, folder: int | None = None) -> bool:
    """Tell whether files are those of which the marks were taken; one that was not there must not be there.

    :param folder: descriptor of the folder in which they are; None for paths as they are
    """
    return all(is_still(path, one, folder) for path, one in zip(paths, known, strict=True))


def is_still(path: str | Path, known: Mark | None, folder: int | None = None) -> bool:
    """Tell the same of one file."""
    try:
        found = os.stat(path, dir_fd=folder)
    except FileNotFoundError:
        return known is None
    same = (
        known is not None
        and known.bytes == found.st_size
        and known.modified == found.st_mtime_ns
        and known.changed == found.st_ctime_ns
        and known.inode == found.st_ino
    )
    if not same or known is None or known.sha256 is None:
        return same
    where = Path(path) if folder is None else Path(f"/dev/fd/{folder}") / path
    return durable.digest(where)[1] == known.sha256
