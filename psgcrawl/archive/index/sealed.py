"""A file of SQLite that is whole and as it was written, or is not used.

It is never changed, only replaced by another that was written beside it: readers need
no locks and wait for nobody, and a writer that dies leaves the old file. It carries the
SHA-256 of all its other bytes, so that whatever damaged it is noticed; therefore nothing
here waits for the disk either.
"""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from psgcrawl.archive.index.schema import statements

_MARK: Final = b"sealed by sha256:"
_OPEN: Final = "0" * 64
_ABOUT: Final = "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
_HEAD: Final = 1 << 14
"""The seal stands in the first table's first row, so in one of the first pages."""
_BLOCK: Final = 1 << 20
_CACHE: Final = "cache_size = -16384"
"""KiB of the file that are held in memory while it is made."""


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
    connection = _to_read(path)
    try:
        found = connection.execute("SELECT value FROM about WHERE name = 'origin'").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    if found == (origin,):
        return connection
    connection.close()
    return None


def _to_read(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    # SQLite opens the file only now; it may be called otherwise soon, or not be called anything.
    connection.execute("PRAGMA schema_version")
    return connection


class Building:
    """A copy of the file, or a new one, that is being changed, and that then takes its place. A context manager."""

    def __init__(self, path: Path, made: Path, lock: int | None, expected: State | None, origin: str) -> None:
        self._path = path
        self._made = made
        self._lock = lock
        self._expected = expected
        self._origin = origin
        self._later: list[str] = []
        self._placed = False
        self.connection: sqlite3.Connection
        """What to change the file by."""

    def begin(self, tables: str | None, known: sqlite3.Connection | None = None) -> "Building":
        """Make the file.

        :param known: the old file, opened; None where nobody can have put another in its place
        """
        if tables is None and known is None:
            from shutil import copyfile  # noqa: PLC0415 - with the compressions it loads, a fifth of the start

            copyfile(self._path, self._made)
        elif tables is None and known is not None:
            with closing(sqlite3.connect(self._made)) as copy:
                known.backup(copy)
        self.connection = sqlite3.connect(self._made, isolation_level=None)
        # Nobody else knows the file yet, and when its writer dies, nobody will.
        # What is deleted must not linger in the file: it may have been redacted.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "secure_delete = ON", _CACHE):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("BEGIN")
        if tables is not None:
            # Indexes are made of all rows at once, when these are there.
            first, self._later = statements(f"{_ABOUT}\n{tables}")
            for statement in first:
                self.connection.execute(statement)
            about = [("seal", f"{_MARK.decode()}{_OPEN}"), ("origin", self._origin)]
            self.connection.executemany("INSERT INTO about VALUES (?, ?)", about)
        return self

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not finished."""
        self.connection.close()
        self.give_up()
        if self._lock is not None:
            os.close(self._lock)

    def give_up(self) -> None:
        """Remove the file, unless it is in its place."""
        if not self._placed:
            with suppress(OSError):
                self._made.unlink()

    def finished(self) -> sqlite3.Connection:
        """Put the file in its place, unless another process was faster; return it for reading in any case.

        :raises OSError: where it cannot be written
        :raises sqlite3.Error: likewise
        """
        for statement in self._later:
            self.connection.execute(statement)
        self.connection.execute("COMMIT")
        self.connection.close()
        if self._lock is not None:
            _seal(self._made)
        connection = _to_read(self._made)
        if self._lock is not None:
            with suppress(OSError):
                self._placed = _put_in_place(self._made, self._path, self._expected)
        return connection


def beside(path: Path, expected: State | None, origin: str, tables: str | None) -> Building:
    """Return a changed copy of the file, which takes its place.

    :param expected: the file on which the change rests; where another is there in the end, that stays
    :param tables: what makes the tables of a new file; None to change a copy of the old one
    :raises OSError: where nothing can be written, and where another process does so just now
    :raises sqlite3.Error: likewise
    """
    new = path.with_name(f"{path.name}.new")
    lock = os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _look(new, lock, path, expected)
        # What is in it was left by a writer that died.
        os.truncate(lock, 0)
        return _begun(Building(path, new, lock, expected, origin), tables)
    except BaseException:
        os.close(lock)
        raise


def _look(new: Path, lock: int, path: Path, expected: State | None) -> None:
    """Look whether another process was faster.

    :raises BlockingIOError: where it was
    """
    if new.stat().st_ino != os.fstat(lock).st_ino or state(path) != expected:
        raise BlockingIOError


def elsewhere(path: Path, known: sqlite3.Connection | None, origin: str, tables: str | None) -> Building:
    """Return the same as a temporary file, which takes no place.

    :param known: the file on which the change rests, opened: by its name there may be another by now
    :raises OSError: where nothing can be written
    :raises sqlite3.Error: likewise
    """
    from tempfile import mkstemp  # noqa: PLC0415 - rare, and loads the same

    descriptor, made = mkstemp(prefix="psgcrawl-", suffix=".sqlite")
    os.close(descriptor)
    return _begun(Building(path, Path(made), None, None, origin), tables, known)


def _begun(building: Building, tables: str | None, known: sqlite3.Connection | None = None) -> Building:
    try:
        return building.begin(tables, known)
    except BaseException:
        building.give_up()
        raise


def replace(path: Path, expected: State | None, origin: str, change: Callable[[sqlite3.Connection], object]) -> bool:
    """Put a changed copy of the file in its place; False where another process was faster or is at it.

    :param expected: the file on which the change rests; where another is there by now, nothing is done
    :raises OSError: where nothing can be written
    :raises sqlite3.Error: likewise
    """
    try:
        building = beside(path, expected, origin, None)
    except BlockingIOError:
        return False
    with building:
        change(building.connection)
        building.finished().close()
    return state(path) != expected


def _put_in_place(made: Path, path: Path, expected: State | None) -> bool:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if state(path) != expected:
            return False
        made.replace(path)
        return True
    finally:
        os.close(folder)


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
