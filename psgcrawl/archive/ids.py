"""What is known of each of many ids: in memory while they are few, then in a temporary file.

A listing of a million entries names a million ids, which Python needs 150 MB to look up.
"""

import sqlite3
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST: Final = 50_000
"""Ids that are held in memory: some 8 MB."""
_CACHE: Final = "PRAGMA cache_size = -4096"
"""KiB of the file that are held in memory."""


class Ids(Generic[T]):
    """Knows something of each id; what is known is the same object for many of them."""

    def __init__(self, join: Callable[[T, T], T]) -> None:
        """Start without ids.

        :param join: returns what is known of an id of which something was known, and something else is said
        """
        self._join = join
        self._known: dict[str, T] = {}
        self._file: _InFile[T] | None = None

    def put(self, ids: Sequence[str], value: T) -> None:
        """Say something of ids."""
        if self._file is None and self._known.keys().isdisjoint(ids):
            # Nearly all of them: each entry stands on one page.
            self._known.update(dict.fromkeys(ids, value))
        else:
            for identity in ids:
                self._put(identity, value)
        if len(self._known) > MOST:
            self._file = self._file or _InFile(self._join)
            self._file.put(self._known.items())
            self._known = {}

    def _put(self, identity: str, value: T) -> None:
        there = self._known.get(identity)
        self._known[identity] = value if there is None or there is value else self._join(there, value)

    def get(self, identity: str) -> T | None:
        """Return what is known of an id; None where that is nothing."""
        return self._known.get(identity) if self._file is None else self._whole(self._file).get(identity)

    def all(self, ids: Iterable[str]) -> list[T]:
        """Return what is known of each of ``ids``.

        :raises KeyError: for the first of which nothing is known
        """
        if self._file is None:
            return list(map(self._known.__getitem__, ids))
        found: list[T] = []
        for identity in ids:
            value = self.get(identity)
            if value is None:
                raise KeyError(identity)
            found.append(value)
        return found

    def take(self, identity: str) -> T | None:
        """Return what is known of an id, and forget it: None for one that was taken before, too."""
        return self._known.pop(identity, None) if self._file is None else self._whole(self._file).take(identity)

    def _whole(self, file: "_InFile[T]") -> "_InFile[T]":
        if self._known:
            file.put(self._known.items())
            self._known = {}
        return file


class _InFile(Generic[T]):
    """The same in a temporary database, which SQLite keeps in memory as far as that is allowed."""

    def __init__(self, join: Callable[[T, T], T]) -> None:
        self._join = join
        self._values: list[T] = []
        self._numbers: dict[int, int] = {}
        # Without a name it is on disk, and gone when it is closed.
        self._connection = sqlite3.connect("", isolation_level=None)
        for statement in (
            *("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _CACHE),
            "CREATE TABLE ids (id TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        ):
            self._connection.execute(statement)
        # A function that held this object would be held by SQLite, and so keep both, and the file, for ever.
        me = weakref.ref(self)
        self._connection.create_function("joined", 2, lambda one, other: _joined(me(), one, other))

    def joined(self, one: int, other: int) -> int:
        """Return the number of what two numbers mean together."""
        return one if one == other else self._number(self._join(self._values[one], self._values[other]))

    def _number(self, value: T) -> int:
        found = self._numbers.setdefault(id(value), len(self._values))
        if found == len(self._values):
            self._values.append(value)
        return found

    def put(self, known: Iterable[tuple[str, T]]) -> None:
        rows = ((identity, self._number(value)) for identity, value in known)
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT INTO ids VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = joined(value, excluded.value)", rows
        )
        self._connection.execute("COMMIT")
        # By which the same value has one number while it is said of many ids; later it is hardly said again.
        self._numbers = {}

    def get(self, identity: str) -> T | None:
        row = self._connection.execute("SELECT value FROM ids WHERE id = ?", (identity,)).fetchone()
        return None if row is None else self._values[row[0]]

    def take(self, identity: str) -> T | None:
        found = self.get(identity)
        if found is not None:
            self._connection.execute("DELETE FROM ids WHERE id = ?", (identity,))
        return found


def _joined(file: _InFile[T] | None, one: int, other: int) -> int:
    assert file is not None  # noqa: S101 - it asks
    return file.joined(one, other)
