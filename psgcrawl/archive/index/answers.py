"""One entry's life from the index, without reading the rest of it.

The seal of the whole file is not looked at here: hashing fifty megabytes takes longer
than the answer. So what an answer is made of has seals of its own: one for what tells
whether the index still stands, and one for each id, over all lives that it leads to and
all their readings.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from psgcrawl.archive import jsonl
from psgcrawl.archive.history.lives import Life, canonical
from psgcrawl.archive.index import sealed, told
from psgcrawl.archive.index.schema import DAMAGE, ENTRY_FIELDS, LISTS, NAME, origin
from psgcrawl.archive.index.standing import Sight, Standing
from psgcrawl.records import Entry

_standing: Final = msgspec.json.Decoder(Standing)
_numbers: Final = msgspec.json.Decoder(list[int])
_strings: Final = msgspec.json.Decoder(list[str])


class Answer(NamedTuple):
    """What became of the entries that ever had an id."""

    lives: list[Life]
    """In canonical order of their last readings."""
    sights: list[Sight]
    """All observations of the collection, in their order."""
    notes: list[str]
    """What there is to say about the log."""


def answer(archive: Path, collection: str, identity: str) -> Answer | None:
    """Return what the index knows of an id; None where it does not stand, is damaged, or does not know the id."""
    try:
        connection = sealed.unchecked(archive / NAME, origin())
        if connection is None:
            return None
        with closing(connection):
            found = _state(connection, collection)
            if found is None:
                return None
            lives = _lives(connection, collection, identity)
        named = frozenset().union(*(life.observations for life in lives))
        if not lives or not found.holds(archive, named):
            return None
    except DAMAGE:
        return None
    return Answer(lives, found.sights, found.notes)


def seal(*parts: str) -> str:
    """Return the seal of what is kept for answers."""
    return hashlib.sha256("\0".join(parts).encode("ascii")).hexdigest()


def sealed_life(life: str, readings: Iterable[str]) -> str:
    """Return the seal of a life.

    :param life: as :func:`psgcrawl.archive.index.told.dumped` returns it
    :param readings: the SHA-256 of the lines of its readings, each once
    """
    return seal(life, *readings)


def answer_of(collection: str, identity: str, lives: Sequence[tuple[int, str]]) -> tuple[str, str, str, str]:
    """Return the row that is kept for an id.

    :param lives: the numbers of the entries that ever had it, each with the seal of its life
    """
    entries = jsonl.dumps([number for number, _ in lives]).decode("ascii")
    name = jsonl.dumps([collection, identity]).decode("ascii")
    return collection, identity, entries, seal(name, entries, *(one for _, one in lives))


def sha256_of(entry: Entry) -> str:
    """Return the SHA-256 of an entry's line, without the line end."""
    return hashlib.sha256(jsonl.dumps(entry)).hexdigest()


def _state(connection: sqlite3.Connection, collection: str) -> Standing | None:
    row = connection.execute("SELECT state, sha256 FROM standing WHERE collection = ?", [collection]).fetchone()
    if row is None or row[1] != seal(collection, row[0]):
        return None
    return _standing.decode(row[0])


def _lives(connection: sqlite3.Connection, collection: str, identity: str) -> list[Life]:
    row = connection.execute(
        "SELECT entries, sha256 FROM answers WHERE collection = ? AND id = ?", [collection, identity]
    ).fetchone()
    if row is None:
        return []
    found: list[Life] = []
    sealed_lives: list[tuple[int, str]] = []
    for number in _numbers.decode(row[0]):
        text = connection.execute("SELECT life FROM lives WHERE entry = ?", [number]).fetchone()[0]
        kept = told.loaded(text)
        readings = {one: reading(connection, one) for one in dict.fromkeys(kept.readings)}
        sealed_lives.append((number, sealed_life(text, map(sha256_of, readings.values()))))
        found.append(told.life(kept, readings.__getitem__))
    if (*row,) != answer_of(collection, identity, sealed_lives)[2:]:
        return []
    return canonical(found)


def reading(connection: sqlite3.Connection, number: int) -> Entry:
    """Return the reading of a number."""
    values = connection.execute(_READING, [number]).fetchone()
    return entry(values)


_READING: Final = f"SELECT {', '.join(ENTRY_FIELDS)} FROM revisions WHERE revision = ?"  # noqa: S608 - fields of a record


def entry(values: Sequence[Any]) -> Entry:
    """Return the entry that a row of the table ``revisions`` holds.

    :param values: those of :data:`ENTRY_FIELDS`
    """
    given = dict(zip(ENTRY_FIELDS, values, strict=True))
    for name in LISTS:
        # Nearly always there is nothing in them.
        given[name] = [] if given[name] == "[]" else _strings.decode(given[name])
    return Entry(**given)
