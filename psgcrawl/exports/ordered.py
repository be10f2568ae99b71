"""Things in another order than that in which they come, in bounded memory: SQLite sorts their keys in a file."""

import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar, cast

from psgcrawl.archive.compare.lines import key
from psgcrawl.records import Entry

Value = str | int | None
Key = tuple[Value, ...]
"""Texts, numbers and None, which sorts first; of one length for all."""
V = TypeVar("V", bound=tuple[Value, ...])

_AT_ONCE: Final = 1_000
"""Things that are written at once."""


def canonical_key(entry: Entry) -> Key:
    """Return what sorts entries canonically: ``date_earliest`` descending, those without last, then ``id``, then kind.

    As :func:`psgcrawl.archive.compare.lines.key` does.
    """
    return (*key(entry), entry.kind)


class Order(Generic[V]):
    """Takes things one by one, and yields them in the order of their keys, equal ones as they came."""

    def __init__(self) -> None:
        """Start without any."""
        # Without a name it is on disk, and gone when it is closed.
        self._connection = sqlite3.connect("", isolation_level=None)
        weakref.finalize(self, self._connection.close)
        self._rows: list[tuple[Value, ...]] = []
        self._width = 0
        """Of a key; not known before the first."""
        self._columns = 0

    def add(self, key: Key, value: V) -> None:
        """Take what stands beside a key; all are of one length, too."""
        if not self._columns:
            self._begin(len(key), len(value))
        self._rows.append((*key, *value))
        if len(self._rows) == _AT_ONCE:
            self._write()

    def __iter__(self) -> Iterator[V]:
        """Yield what stands beside each key, in the order of the keys. Texts sort by their code points."""
        if self._columns:
            self._write()
            names = [f"c{number}" for number in range(self._columns)]
            wanted, order = ", ".join(names[self._width :]), ", ".join(names[: self._width])
            question = f"SELECT {wanted} FROM things ORDER BY {order}, rowid"  # noqa: S608 - our own names
            for row in self._connection.execute(question):
                yield cast("V", row)

    def _begin(self, width: int, more: int) -> None:
        self._width, self._columns = width, width + more
        self._connection.execute("PRAGMA journal_mode = OFF")
        # Columns without a type hold each value as it is.
        self._connection.execute(f"CREATE TABLE things ({', '.join(f'c{number}' for number in range(width + more))})")
        self._connection.execute("BEGIN")

    def _write(self) -> None:
        marks = ", ".join("?" * self._columns)
        self._connection.executemany(f"INSERT INTO things VALUES ({marks})", self._rows)  # noqa: S608 - marks alone
        self._rows = []


def ordered(keyed: Iterable[tuple[Key, V]]) -> Iterator[V]:
    """Yield what stands beside each key, in the order of the keys: see :class:`Order`."""
    order: Order[V] = Order()
    for key_, value in keyed:
        order.add(key_, value)
    yield from order
