"""The history of a collection, from its snapshots and the log, with the index of the archive or without it."""

import sqlite3
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.history.chains import Chain
from psgcrawl.archive.history.lives import Life, State
from psgcrawl.archive.history.observations import Note, Observation, observe, sides, under_one_rule
from psgcrawl.archive.history.observed import observed
from psgcrawl.archive.history.reading import Reader
from psgcrawl.archive.index import answers, lives
from psgcrawl.archive.index.answers import Answer
from psgcrawl.archive.index.chains import Places
from psgcrawl.archive.index.keep import kept
from psgcrawl.archive.index.lives import Line, Reading
from psgcrawl.archive.index.recall import Recalled, recalled
from psgcrawl.archive.index.standing import Before, Stands, stands
from psgcrawl.archive.inturn import InTurn
from psgcrawl.archive.store import Archive, Collection

T = TypeVar("T")

Again = Callable[[Side], Side]
"""Derives a snapshot again by the rules of today."""


class Told:
    """A collection's history, read from the index one by one as it is asked for: in memory are the observations."""

    def __init__(self, collection: str, observations: list[Observation], connection: sqlite3.Connection) -> None:
        """Take an index that knows all of it, and close it when nobody asks any more."""
        self.observations = observations
        self._collection = collection
        self._connection = connection
        self._places = Places(connection, Reader())
        weakref.finalize(self, connection.close)

    @property
    def lives(self) -> Iterator[Life]:
        """What became of each entry, in canonical order of their last readings."""
        return _all(self, lives.lives(self._connection, self._collection))

    @property
    def in_order(self) -> Iterator[int]:
        """The numbers of the entries, in the same order."""
        return _all(self, lives.in_order(self._connection, self._collection))

    def life(self, number: int) -> Life:
        """Return what became of the entry of a number."""
        return lives.life(self._connection, number)

    @property
    def lines(self) -> Iterator[Line]:
        """What a table says of each, in the same order: read in a quarter of the time."""
        return _all(self, lives.lines(self._connection, self._collection))

    @property
    def chains(self) -> Iterator[tuple[Chain, Life]]:
        """The same with the readings of each, in the order in which the entries were first seen."""
        return _all(self, lives.known(self._connection, self._collection, self._places))

    def numbered(self, numbers: Sequence[int]) -> Iterator[tuple[Chain, Life]]:
        """Yield some of :attr:`chains` again, by their numbers, as they were first seen."""
        return lives.numbered(self._connection, self._places, numbers)

    @property
    def readings(self) -> Iterator[Reading]:
        """All readings of all entries, by the first observation that shows them, canonically among those of one."""
        return _all(self, lives.readings(self._connection, self._collection))

    def about(self, identity: str) -> list[Life]:
        """Return what became of the entries that ever had an id, in the order of :attr:`lives`."""
        return list(lives.about(self._connection, self._collection, identity))

    def beginning(self, prefix: str) -> list[str]:
        """Return the ids that begin so, sorted."""
        return lives.beginning(self._connection, self._collection, prefix)

    @property
    def counts(self) -> dict[State, int]:
        """How many entries are in which state."""
        return lives.counts(self._connection, self._collection)

    @property
    def twice(self) -> dict[int, int]:
        """The entries whose kind and first id an earlier one had, each with how many did, itself among them."""
        return lives.twice(self._connection, self._collection)


def _all(told: Told, found: Iterator[T]) -> Iterator[T]:
    """Yield what is found; that which it is found in stays open meanwhile."""
    yield from found
    del told


class Lives(InTurn[int, Life]):
    """What became of the entries of a collection, in canonical order: eight bytes of each are in memory."""

    def __init__(self, told: Told) -> None:
        """Find out the order."""
        self.told = told
        super().__init__(array("Q", told.in_order), told.life)


def history(archive: Archive, collection: Collection, note: Note, again: Again | None = None) -> Told:
    """Return what became of each entry of ``collection``.

    Snapshots that the index does not know, or that are not as it knew them, are read once.
    Where all that is new is later than what it knows, only that is followed; else all is
    followed again, from what it knows. In the end it is replaced, if anything is new and
    the archive can be written to.

    :param note: is told what in the log confirms nothing
    :param again: derives a snapshot again, where not all were derived by the same rules
    :raises UsageError: for snapshots that were derived by different rules, without ``again``
    :raises DamagedData: ``file:line: problem``
    """
    with recalled(archive.folder, collection.name) as known:
        return _told(archive, collection, note, again, known)


def one(archive: Archive, collection: Collection, identity: str, note: Note, *, every: bool = False) -> Answer | None:
    """Return what became of the entries that ever had an id, if the index knows without reading anything else.

    :param note: is told what in the log confirms nothing
    :param every: whether all observations are asked for, besides those that the answer names
    """
    found = answers.answer(archive.folder, collection.name, identity, every=every)
    for message in found.notes if found else ():
        note(message)
    return found


def _told(archive: Archive, collection: Collection, note: Note, again: Again | None, known: Recalled) -> Told:
    before = Before.of(archive.folder, collection.name)
    listed = sides(collection)
    for side in listed.values():
        known.recognise(side)
    snapshots = under_one_rule(listed, again)
    derived = [side for name, side in snapshots.items() if side is not listed[name]]
    for side in derived:
        known.disown(side)
    notes: list[str] = []

    def noted(message: str) -> None:
        notes.append(message)
        note(message)

    observations = observe(archive, collection, noted, snapshots, known.held)
    if known.are_all(observations) and known.standing is not None and known.standing.log_holds(archive.folder):
        return Told(collection.name, observations, known.let_go())

    def standing() -> Stands | None:
        # What was derived for this answer alone is none that a later one could rest on.
        if derived:
            return None
        marks = {side.name: known.marks(side) for side in snapshots.values()}
        return stands(collection.name, before, marks, notes, observed(observations))

    return Told(collection.name, observations, kept(archive.folder, known, observations, standing))
