"""A file of SQLite that is whole and as it was written, or is not used.

It is never changed, only replaced by another that was written beside it: readers need
no locks and wait for nobody, and a writer that dies leaves the old file. It carries the
SHA-256 of all its other bytes, so that whatever damaged it is noticed; therefore nothing
here waits for the disk either.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple

from psgcrawl.archive.index.schema import statements

_MARK: Final = b"sealed by sha256:"
_OPEN: Final = "0" * 64
_ABOUT: Final = "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
_HEAD: Final = 1 << 14
"""The seal stands in the first table's first row, so in one of the first pages."""
_BLOCK: Final = 1 << 20


class State(NamedTuple):
    """Which file it was, to see later whether it is still the same."""

    inode: int
    bytes: int
    modified: int


def state(path: Path) -> State | None:
    """Return which file is there; None for none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return State(found.st_ino, found.st_size, found.st_mtime_ns)


def opened(path: Path, origin: str) -> sqlite3.Connection | None:
    """Return the file for reading; None where there is none that is whole and of this origin."""
    before = state(path)
    if before is None or not _is_whole(path):
        return None
    connection = unchecked(path, origin)
    if connection is None or state(path) == before:
        return connection
    connection.close()
    return None


def unchecked(path: Path, origin: str) -> sqlite3.Connection | None:
    """Return the file for reading; None where there is none of this origin. Whether it is whole nobody has looked.

    :raises sqlite3.Error: for a file of another kind
    """
    if not path.exists():
        return None
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        found = connection.execute("SELECT value FROM about WHERE name = 'origin'").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    if found == (origin,):
        return connection
    connection.close()
    return None


def replace(
    path: Path, expected: State | None, origin: str, tables: str | None, change: Callable[[sqlite3.Connection], object]
) -> bool:
    """Put a changed copy of the file in its place; False where another process was faster or is at it.

    :param expected: the file on which the change rests; where another is there by now, nothing is done
    :param tables: what makes the tables of a new file; None to change a copy of the old one
    :raises OSError: where nothing can be written
    :raises sqlite3.Error: likewise
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    new = path.with_name(f"{path.name}.new")
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if state(path) != expected:
            return False
        try:
            new.unlink(missing_ok=True)
            if tables is None:
                shutil.copyfile(path, new)
            _write(new, origin, tables, change)
            _seal(new)
            new.replace(path)
        except BaseException:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise
        return True
    finally:
        os.close(folder)


def _write(path: Path, origin: str, tables: str | None, change: Callable[[sqlite3.Connection], object]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Nobody else knows the file yet, and when its writer dies, nobody will.
        # What is deleted must not linger in the file: it may have been redacted.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        # Indexes are made of all rows at once, when these are there.
        first, last = ([], []) if tables is None else statements(f"{_ABOUT}\n{tables}")
        for statement in first:
            connection.execute(statement)
        if tables is not None:
            about = [("seal", f"{_MARK.decode()}{_OPEN}"), ("origin", origin)]
            connection.executemany("INSERT INTO about VALUES (?, ?)", about)
        change(connection)
        for statement in last:
            connection.execute(statement)
        connection.execute("COMMIT")


def _is_whole(path: Path) -> bool:
    at, digest = _digest(path)
    if at is None:
        return False
    with path.open("rb") as file:
        file.seek(at)
        return file.read(len(_OPEN)) == digest.encode()


def _seal(path: Path) -> None:
    at, digest = _digest(path)
    if at is None:
        raise sqlite3.DatabaseError(f"{path}: no place for the seal in its first {_HEAD} bytes")
    with path.open("r+b") as file:
        file.seek(at)
        file.write(digest.encode())


def _digest(path: Path) -> tuple[int | None, str]:
    """Return where the seal stands, and the SHA-256 of all bytes but the seal's."""
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        head = file.read(_HEAD)
        found = head.find(_MARK)
        if found < 0:
            return None, ""
        at = found + len(_MARK)
        sha256.update(head[:at])
        sha256.update(head[at + len(_OPEN) :])
        while block := file.read(_BLOCK):
            sha256.update(block)
    return at, sha256.hexdigest()
