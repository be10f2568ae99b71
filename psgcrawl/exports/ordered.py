"""Things in another order than that in which they come, in bounded memory: SQLite sorts their keys in a file."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain

from psgcrawl.archive.compare.lines import key
from psgcrawl.records import Entry

Key = tuple[str | int | None, ...]
"""Texts, numbers and None, which sorts first; of one length for all."""


def canonical_key(entry: Entry) -> Key:
    """Return what sorts entries canonically: ``date_earliest`` descending, those without last, then ``id``, then kind.

    As :func:`psgcrawl.archive.compare.lines.key` does.
    """
    return (*key(entry), entry.kind)


def ordered(keyed: Iterable[tuple[Key, tuple[int, ...]]]) -> Iterator[tuple[int, ...]]:
    """Yield what stands beside each key, in the order of the keys; equal ones as they came.

    Texts sort by their code points.
    """
    rest = iter(keyed)
    first = next(rest, None)
    if first is None:
        return
    width, columns = len(first[0]), len(first[0]) + len(first[1])
    names = [f"c{number}" for number in range(columns)]
    # Without a name it is on disk, and gone when it is closed.
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        # Columns without a type hold each value as it is.
        connection.execute(f"CREATE TABLE things ({', '.join(names)})")
        connection.execute("BEGIN")
        rows = ((*key, *value) for key, value in chain((first,), rest))
        connection.executemany(f"INSERT INTO things VALUES ({', '.join('?' * columns)})", rows)  # noqa: S608 - our own names
        connection.execute("COMMIT")
        question = f"SELECT {', '.join(names[width:])} FROM things ORDER BY {', '.join(names[:width])}, rowid"  # noqa: S608 - our own names
        yield from connection.execute(question)
