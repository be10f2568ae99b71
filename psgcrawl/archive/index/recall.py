"""What the index knows about a collection."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.evidence import Claims, Evidence, Place
from psgcrawl.archive.history.chains import Chain, Stretch
from psgcrawl.archive.history.observations import Held, Observation, held_in
from psgcrawl.archive.history.reading import Reader, Shown
from psgcrawl.archive.index import sealed
from psgcrawl.archive.index.schema import NAME, origin
from psgcrawl.archive.manifest import PAGES
from psgcrawl.records import Captured, Entry

ENTRY_FIELDS: Final = tuple(Entry.__dataclass_fields__)
LISTS: Final = frozenset({"categories", "flags"})
"""Fields of an entry that are kept as JSON."""

_DAMAGE: Final = (OSError, sqlite3.Error, ValueError, TypeError, LookupError, msgspec.MsgspecError)
"""What an index that is none of ours, or not whole, can lead to."""

_claims: Final = msgspec.json.Decoder(Claims)
_strings: Final = msgspec.json.Decoder(list[str])
_lists: Final = msgspec.json.Decoder(list[tuple[str, int | None]])


class Seen(NamedTuple):
    """An observation, as far as it decides what follows from it."""

    name: str
    snapshot: str
    captured: Captured
    run: str | None
    whole: bool
    only: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was read before."""

    number: int
    manifest_sha256: str
    files: str
    claims: str
    rank: int
    """Its place among the observations of then."""


@dataclass(slots=True)
class Recalled:
    """What is known of a collection; nothing, where there is no index."""

    collection: str
    state: sealed.State | None = None
    """The file that it comes from, or that it does not come from because it is none of ours."""
    connection: sqlite3.Connection | None = None
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    """By name."""
    observations: list[Seen] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    reader: Reader = field(default_factory=Reader)
    revisions: dict[int, int] = field(default_factory=dict)
    """Number of each reading, by that of its object."""
    current: dict[str, Snapshot] = field(default_factory=dict)
    """The snapshots that are still as they were."""
    _recollection: "_Recollection | None" = None

    def recognise(self, side: Side) -> None:
        """Look whether a snapshot is as it was when it was read; if so, its files need not be read."""
        known = self.snapshots.get(side.name)
        if known is None or side.manifest is None or side.manifest.sha256 != known.manifest_sha256:
            return
        if files_of(side) == known.files:
            self.current[side.name] = known
            pages = side.entries.with_name(PAGES)
            side.know(Evidence(pages, side.manifest.provenance.coverage, _claims.decode(known.claims)))

    def held(self, side: Side) -> list[Held]:
        """Return which pages a snapshot holds.

        :raises DamagedData: ``file:line: problem``
        """
        known = self.current.get(side.name)
        if known is None or self.connection is None:
            return held_in(side)
        found = self.connection.execute(
            "SELECT url, captured_from, captured_to, payload_digest, position FROM pages WHERE snapshot = ? "
            "ORDER BY number",
            [known.number],
        )
        return [
            Held(url, Captured(since=since, until=until), digest, position)
            for url, since, until, digest, position in found
        ]

    def shown(self, side: Side) -> Shown:
        """Return what a snapshot that is still as it was shows."""
        if self._recollection is None:
            self._recollection = _Recollection(self.chains)
        return self.reader.canonical(self._recollection.shown(self.current[side.name].rank))

    def continues(self, observations: Sequence[Observation]) -> bool:
        """Tell whether ``observations`` begin with all those that are known, so that what follows from them stands."""
        known = self.observations
        return [seen(one) for one in observations[: len(known)]] == known and all(
            one.snapshot in self.current for one in known
        )


class _Recollection:
    """What the observations of then showed, told from the stretches of the entries."""

    def __init__(self, chains: Sequence[Chain]) -> None:
        stretches = (one for chain in chains for one in chain.stretches)
        self._stretches: Final = sorted(stretches, key=lambda one: one.first)
        self._begin()

    def _begin(self) -> None:
        self._rank = -1
        self._next = 0
        self._active: list[Stretch] = []

    def shown(self, rank: int) -> Shown:
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


def files_of(side: Side) -> str:
    """Return lengths and times of the files that are read of a snapshot: other ones are read again."""
    stats = [path.stat() for path in (side.entries, side.entries.with_name(PAGES)) if path.exists()]
    return " ".join(f"{one.st_size}:{one.st_mtime_ns}" for one in stats)


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
        if connection is None:
            return Recalled(collection, state)
        found = Recalled(collection, state, connection)
        _read(found, collection)
    except _DAMAGE:
        if connection is not None:
            connection.close()
        return Recalled(collection, state)
    return found


def _read(found: Recalled, collection: str) -> None:
    connection = found.connection
    assert connection is not None  # noqa: S101 - it was just opened
    found.snapshots = {
        name: Snapshot(*rest)
        for name, *rest in connection.execute(
            "SELECT s.name, s.snapshot, s.manifest_sha256, c.files, c.claims, o.rank FROM snapshots s "
            "JOIN cache c USING (snapshot) JOIN observations o ON o.snapshot = s.snapshot AND o.run IS NULL "
            "WHERE s.collection = ?",
            [collection],
        )
    }
    found.observations = [
        Seen(name, snapshot, Captured(since=since, until=until), run, bool(whole), _ids(only))
        for name, snapshot, since, until, run, whole, only in connection.execute(
            "SELECT o.name, s.name, o.captured_from, o.captured_to, o.run, o.whole, o.only_ids FROM observations o "
            "JOIN snapshots s USING (snapshot) WHERE o.collection = ? ORDER BY o.rank",
            [collection],
        )
    ]
    readings = dict(_readings(found, connection, collection))
    places = {
        number: found.reader.place(Place(frozenset(_lists.decode(lists)), frozenset(_strings.decode(fields))))
        for number, lists, fields in connection.execute("SELECT place, lists, fields FROM places")
    }
    found.chains = list(_chains(connection, collection, readings, places))


def _ids(only: str | None) -> frozenset[str] | None:
    return None if only is None else frozenset(_strings.decode(only))


def _readings(found: Recalled, connection: sqlite3.Connection, collection: str) -> Iterator[tuple[int, Entry]]:
    columns = ", ".join(ENTRY_FIELDS)
    for number, *values in connection.execute(
        f"SELECT revision, {columns} FROM revisions WHERE collection = ?",  # noqa: S608 - the fields of a record
        [collection],
    ):
        given = dict(zip(ENTRY_FIELDS, values, strict=True))
        for name in LISTS:
            given[name] = _strings.decode(given[name])
        entry = found.reader.entry(Entry(**given))
        found.revisions[id(entry)] = number
        yield number, entry


def _chains(
    connection: sqlite3.Connection, collection: str, readings: dict[int, Entry], places: dict[int, Place]
) -> Iterator[Chain]:
    chains: dict[int, Chain] = {}
    for number, kind, gone in connection.execute(
        "SELECT entry, kind, gone FROM entries WHERE collection = ? ORDER BY number", [collection]
    ):
        chains[number] = Chain(kind)
        chains[number].over = bool(gone)
    mine = "FROM entries e JOIN {} USING (entry) WHERE e.collection = ? ORDER BY entry, {}"
    for number, identity, rule in connection.execute(
        f"SELECT entry, i.id, i.matched_by {mine.format('identities i', 'i.number')}", [collection]
    ):
        chains[number].ids[identity] = rule
    for number, first, last, revision, place in connection.execute(
        f"SELECT entry, first_rank, last_rank, revision, place {mine.format('sightings', 'first_rank')}", [collection]
    ):
        chains[number].stretches.append(Stretch(first, last, readings[revision], places[place]))
    yield from chains.values()
