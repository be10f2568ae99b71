"""One entry's life from the index, without reading the rest of it.

The seal of the whole file is not looked at here: hashing fifty megabytes takes longer
than the answer. So what an answer is made of has seals of its own: one for what tells
whether the index still stands, and one for each id, over all lives that it leads to and
all their readings.
"""

import hashlib
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from psgcrawl.archive import jsonl
from psgcrawl.archive.history.lives import Life, canonical
from psgcrawl.archive.index import sealed, told
from psgcrawl.archive.index.schema import DAMAGE, ENTRY_FIELDS, LISTS, NAME, origin
from psgcrawl.archive.index.standing import Listed, Sealed, Sight, Standing, Stands, digest_of, is_all, listed_in
from psgcrawl.records import Entry

_standing: Final = msgspec.json.Decoder(Standing)
_listed: Final = msgspec.json.Decoder(Listed)
_numbers: Final = msgspec.json.Decoder(list[int])
_strings: Final = msgspec.json.Decoder(list[str])


class Answer(NamedTuple):
    """What became of the entries that ever had an id."""

    lives: list[Life]
    """In canonical order of their last readings."""
    sights: list[Sight]
    """The observations that they name, or all, in their order."""
    notes: list[str]
    """What there is to say about the log."""


def answer(archive: Path, collection: str, identity: str, *, every: bool) -> Answer | None:
    """Return what the index knows of an id; None where it does not stand, is damaged, or does not know the id.

    :param every: whether all observations are asked for, besides those that the lives name
    """
    try:
        connection = sealed.unchecked(archive / NAME, origin())
        if connection is None:
            return None
        with closing(connection):
            return _answer(connection, archive, collection, identity, every=every)
    except DAMAGE:
        return None


def _answer(
    connection: sqlite3.Connection, archive: Path, collection: str, identity: str, *, every: bool
) -> Answer | None:
    standing = _standing_of(connection, collection)
    if standing is None:
        return None
    lives = _lives(connection, collection, identity)
    named = frozenset().union(*(life.observations for life in lives))
    kept = dict(_sealed(connection, standing, None if every else named))
    if not lives or not _holds(connection, archive, standing, [kept[name] for name in named]):
        return None
    return Answer(lives, [one.told() for one in sorted(kept.values())], standing.notes)


def _holds(connection: sqlite3.Connection, archive: Path, standing: Standing, rests_on: Iterable[Sealed]) -> bool:
    """Tell whether the collection is as it was, as far as an answer needs it.

    No snapshot more, none less, none in another's place, none of those written to on which the answer rests, no
    further run.
    """
    folder = os.open(archive / standing.collection, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        listed = listed_in(folder)
        # Nearly always it is the same to the name.
        if digest_of(listed) != standing.listed and not is_all(listed, _snapshots(connection, standing)):
            return False
        if not all(one.is_still(folder) for one in rests_on):
            return False
    finally:
        os.close(folder)
    return standing.log_holds(archive)


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
    entries = jsonl.text([number for number, _ in lives])
    name = jsonl.text([collection, identity])
    return collection, identity, entries, seal(name, entries, *(one for _, one in lives))


def sha256_of(entry: Entry) -> str:
    """Return the SHA-256 of an entry's line, without the line end."""
    return hashlib.sha256(jsonl.dumps(entry)).hexdigest()


def standing_of(stands: Stands) -> tuple[str, str, str, str]:
    """Return the row that is kept of what a collection's answers rest on."""
    collection = stands.standing.collection
    state, snapshots = map(jsonl.text, (stands.standing, stands.snapshots))
    return collection, state, seal(collection, state), snapshots


def sights_of(stands: Stands) -> Iterator[tuple[str, int, str, str, str, str]]:
    """Yield the row that is kept of each observation."""
    collection = stands.standing.collection
    for one in stands.observations:
        name = one.told().name
        yield collection, one.rank, name, one.sight, one.files, _seal_of(collection, name, one)


def _seal_of(collection: str, name: str, one: Sealed) -> str:
    return seal(jsonl.text([collection, name, one.rank]), one.sight, one.files)


def _standing_of(connection: sqlite3.Connection, collection: str) -> Standing | None:
    row = connection.execute("SELECT state, sha256 FROM standing WHERE collection = ?", [collection]).fetchone()
    if row is None or row[1] != seal(collection, row[0]):
        return None
    return _standing.decode(row[0])


def _snapshots(connection: sqlite3.Connection, standing: Standing) -> Listed:
    """Return the snapshots that were read.

    :raises ValueError: where they are not those that were kept
    """
    row = connection.execute("SELECT snapshots FROM standing WHERE collection = ?", [standing.collection]).fetchone()
    found = _listed.decode(row[0])
    if digest_of(found) != standing.snapshots:
        raise ValueError("other snapshots")
    return found


def _sealed(
    connection: sqlite3.Connection, standing: Standing, names: Collection[str] | None
) -> Iterator[tuple[str, Sealed]]:
    """Yield observations by their names.

    :param names: None for all
    :raises ValueError: where they are not as they were kept, or not all there
    """
    collection, question = standing.collection, "SELECT name, rank, sight, files, sha256 FROM sights"
    if names is None:
        found = connection.execute(f"{question} WHERE collection = ?", [collection]).fetchall()
    else:
        by_name = f"{question} WHERE collection = ? AND name = ?"
        found = [row for name in names for row in connection.execute(by_name, [collection, name])]
    if len(found) != (standing.observations if names is None else len(names)):
        raise ValueError("not all observations are there")
    for name, *rest, sha256 in found:
        one = Sealed(*rest)
        if sha256 != _seal_of(collection, name, one):
            raise ValueError("another observation")
        yield name, one


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
