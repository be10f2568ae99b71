"""What the index knows about a collection."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.evidence import Claims, Evidence
from psgcrawl.archive.history.chains import Stretch
from psgcrawl.archive.history.observations import Held, Observation, held_in
from psgcrawl.archive.history.reading import Pair, Reader, Shown, canonical
from psgcrawl.archive.index import sealed
from psgcrawl.archive.index.chains import Places
from psgcrawl.archive.index.lives import ALL, Woven, woven
from psgcrawl.archive.index.marks import Marks, are_still, mark
from psgcrawl.archive.index.schema import DAMAGE, NAME, PRIVATE, TABLES, origin
from psgcrawl.archive.index.standing import FILES, Standing
from psgcrawl.archive.manifest import PAGES, Manifest
from psgcrawl.records import Captured, Entry

_claims: Final = msgspec.json.Decoder(Claims)
_manifest: Final = msgspec.json.Decoder(Manifest)
_marks: Final = msgspec.json.Decoder(Marks)
_strings: Final = msgspec.json.Decoder(list[str])

MOST: Final = 50_000
"""Stretches that are recollected at once, some 60 MB; where more are known, files are read again."""


class Seen(NamedTuple):
    """An observation, as far as it decides what follows from it."""

    name: str
    snapshot: str
    captured: Captured
    run: str | None
    whole: bool
    only: frozenset[str] | None


class Snapshot(Struct, frozen=True):
    """A snapshot that was read before."""

    number: int
    files: str
    manifest: str
    claims: str
    rank: int
    """Its place among the observations of then."""


class Recalled:
    """What is known of a collection; nothing, where there is no index."""

    def __init__(
        self, collection: str, state: sealed.State | None = None, connection: sqlite3.Connection | None = None
    ) -> None:
        """Begin with what decides whether the rest can be used.

        :param state: the file that it comes from, or that it does not come from because it is none of ours
        """
        self.collection = collection
        self.state = state
        self.connection = connection
        self.snapshots: dict[str, Snapshot] = {}
        """By name."""
        self.observations: list[Seen] = []
        self.reader = Reader()
        self.standing: Standing | None = None
        self.current: dict[str, Marks] = {}
        """The snapshots that are still as they were."""
        self.taken: dict[str, Marks] = {}
        """What the files of the others were like before they were read."""
        if connection is not None:
            self._begin(connection)

    def _begin(self, connection: sqlite3.Connection) -> None:
        self.snapshots = dict(_snapshots(connection, self.collection))
        self.observations = list(_observations(connection, self.collection))
        row = connection.execute("SELECT state FROM standing WHERE collection = ?", [self.collection]).fetchone()
        self.standing = None if row is None else msgspec.json.decode(row[0], type=Standing)

    def recognise(self, side: Side) -> None:
        """Look whether a snapshot is as it was when it was read; if so, its files need not be read."""
        folder = side.entries.parent
        paths = [folder / file for file in FILES]
        known = self.snapshots.get(side.name)
        marks = None if known is None else _marks.decode(known.files)
        if known is None or marks is None or not are_still(paths, marks):
            self.taken[side.name] = [mark(path) for path in paths]
            return
        self.current[side.name] = marks
        manifest = _manifest.decode(known.manifest)
        evidence = Evidence(folder / PAGES, manifest.provenance.coverage, _claims.decode(known.claims))
        side.know(evidence, manifest)

    def marks(self, side: Side) -> Marks:
        """Return what the files of a snapshot were like before they were read, now or by an earlier history."""
        return self.current.get(side.name) or self.taken[side.name]

    def disown(self, side: Side) -> None:
        """Take back that a snapshot is as it was: it was derived again."""
        self.current.pop(side.name, None)
        self.taken[side.name] = [None for _ in FILES]

    def held(self, side: Side) -> list[Held]:
        """Return which pages a snapshot holds.

        :raises DamagedData: ``file:line: problem``
        """
        if self.connection is None or side.name not in self.current:
            return held_in(side)
        found = self.connection.execute(
            "SELECT url, captured_from, captured_to, payload_digest, position FROM pages WHERE snapshot = ? "
            "ORDER BY number",
            [self.snapshots[side.name].number],
        )
        return [
            Held(url, Captured(since=since, until=until), digest, position)
            for url, since, until, digest, position in found
        ]

    @cached_property
    def _recollection(self) -> "_Recollection | None":
        assert self.connection is not None  # noqa: S101 - otherwise nothing is as it was
        if self._count("sightings JOIN chains USING (entry)") > MOST:
            return None
        places = Places(self.connection, self.reader)
        return _Recollection(
            Stretch(one.first, one.last, reading, one.place)
            for woven_ in woven(self.connection, places, ALL, self.collection)
            for one, reading in self._interned(woven_)
        )

    def _interned(self, one: Woven) -> Iterator[tuple[Stretch, Entry]]:
        """Yield the stretches of an entry, with readings that are one object also with what is read of snapshots."""
        found = {
            id(reading): self.reader.entry(reading, bytes.fromhex(one.sha256[number]))
            for number, reading in one.readings.items()
        }
        for stretch in one.chain.stretches:
            yield stretch, found[id(stretch.reading)]

    def _count(self, tables: str) -> int:
        assert self.connection is not None  # noqa: S101 - as above
        question = f"SELECT count(*) FROM {tables} WHERE collection = ?"  # noqa: S608 - our own
        found: int = self.connection.execute(question, [self.collection]).fetchone()[0]
        return found

    def shown(self, side: Side) -> Shown | None:
        """Return what a snapshot that is still as it was shows; None where too much is known to be recollected."""
        if side.name not in self.current or self._recollection is None:
            return None
        rank = self.snapshots[side.name].rank
        if self.observations[rank].only is not None:
            # What it carried over it holds, too, and a later run may have seen that.
            return None
        shown = self._recollection.shown(rank)
        return canonical([self.reader.pair(entry, place) for entry, place in shown])

    def let_go(self) -> sqlite3.Connection:
        """Give away what it is recalled from: the caller closes it."""
        connection, self.connection = self.connection, None
        assert connection is not None  # noqa: S101 - something is known
        return connection

    def are_all(self, observations: Sequence[Observation]) -> bool:
        """Tell whether ``observations`` are those that are known, of snapshots that are still as they were."""
        return len(observations) == len(self.observations) and self.continues(observations)

    def continues(self, observations: Sequence[Observation]) -> bool:
        """Tell whether ``observations`` begin with all those that are known, so that what follows from them stands."""
        known = self.observations
        return [seen(one) for one in observations[: len(known)]] == known and all(
            one.snapshot in self.current for one in known
        )


class _Recollection:
    """What the observations of then showed, told from the stretches of the entries."""

    def __init__(self, stretches: Iterable[Stretch]) -> None:
        self._stretches: Final = sorted(stretches, key=lambda one: one.first)
        self._begin()

    def _begin(self) -> None:
        self._rank = -1
        self._next = 0
        self._active: list[Stretch] = []

    def shown(self, rank: int) -> list[Pair]:
        """Return what was shown at ``rank``; quickest in the order of ranks."""
        if rank < self._rank:
            self._begin()
        self._rank = rank
        while self._next < len(self._stretches) and self._stretches[self._next].first <= rank:
            self._active.append(self._stretches[self._next])
            self._next += 1
        self._active = [one for one in self._active if one.last >= rank]
        return [(one.reading, one.place) for one in self._active]


def seen(one: Observation) -> Seen:
    """Return what of an observation decides what follows from it."""
    return Seen(one.name, one.side.name, one.captured, one.run, one.whole, one.only)


@contextmanager
def recalled(archive: Path, collection: str) -> Iterator[Recalled]:
    """Give what the index of the folder ``archive`` knows of ``collection``: nothing, if it cannot be used."""
    found = _load(archive / NAME, collection)
    try:
        yield found
    finally:
        if found.connection is not None:
            found.connection.close()


def _load(path: Path, collection: str) -> Recalled:
    connection: sqlite3.Connection | None = None
    state: sealed.State | None = None
    try:
        state = sealed.state(path)
        connection = sealed.opened(path, origin())
        if connection is not None and _is_ours(connection):
            return Recalled(collection, state, connection)
    except DAMAGE:
        pass
    if connection is not None:
        connection.close()
    return Recalled(collection, state)


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether all tables are there: what they hold is read later, and is as it was written if they are."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    return there.issuperset(_TABLE.findall(TABLES + PRIVATE))


_TABLE: Final = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)


def _snapshots(connection: sqlite3.Connection, collection: str) -> Iterator[tuple[str, Snapshot]]:
    for name, *rest in connection.execute(
        "SELECT s.name, s.snapshot, c.files, c.manifest, c.claims, o.rank FROM snapshots s "
        # By name: by number all observations would be looked through for each snapshot.
        "JOIN cache c USING (snapshot) JOIN observations o ON o.collection = s.collection AND o.name = s.name "
        "WHERE s.collection = ? AND o.run IS NULL",
        [collection],
    ):
        yield name, Snapshot(*rest)


def _observations(connection: sqlite3.Connection, collection: str) -> Iterator[Seen]:
    for name, snapshot, since, until, run, whole, only in connection.execute(
        "SELECT o.name, s.name, o.captured_from, o.captured_to, o.run, o.whole, o.only_ids FROM observations o "
        "JOIN snapshots s USING (snapshot) WHERE o.collection = ? ORDER BY o.rank",
        [collection],
    ):
        yield Seen(name, snapshot, Captured(since=since, until=until), run, bool(whole), _ids(only))


def _ids(only: str | None) -> frozenset[str] | None:
    return None if only is None else frozenset(_strings.decode(only))
