"""What is written into the index: what a collection's history found out."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from operator import attrgetter
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import msgspec

from psgcrawl.archive import jsonl
from psgcrawl.archive.aliases import Alias
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.evidence import Place, ReadRow
from psgcrawl.archive.history.lives import Life
from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.index import sealed
from psgcrawl.archive.index.answers import seal, sealed_life
from psgcrawl.archive.index.recall import Recalled
from psgcrawl.archive.index.schema import ENTRY_FIELDS, NAME, PRIVATE, TABLES, origin
from psgcrawl.archive.index.standing import Standing
from psgcrawl.archive.index.told import dumped, loaded
from psgcrawl.records import Entry

Row = Sequence[Any]

_IN_MEMORY: Final = 1 << 20
_rows: Final = msgspec.json.Decoder(list[list[Any]])


class Spool:
    """Pages that were read, until they are written: in a temporary file, for they are many. A context manager."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="psgcrawl-")  # noqa: SIM115 - closed on exit
        self._names: list[str] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, which then is no more."""
        self._file.close()

    def add(self, name: str, rows: Iterable[ReadRow]) -> None:
        """Take the pages of the snapshot ``name``."""
        self._names.append(name)
        self._file.write(jsonl.dumps([_page(row) for row in rows]) + b"\n")

    def pages(self) -> Iterator[tuple[str, Sequence[Row]]]:
        """Yield each snapshot's name and pages, as rows of their table."""
        self._file.seek(0)
        for name, line in zip(self._names, self._file, strict=True):
            yield name, _rows.decode(line)


def _page(row: ReadRow) -> Row:
    time = row.captured.since, row.captured.until, row.captured_basis
    form = row.media_type, row.encoding, row.sha256, row.payload_digest
    problems = _json(row.problems)
    return (row.url, *time, row.status, *form, row.layout, row.position, problems, row.carried_from)


class Found(NamedTuple):
    """What a history found out."""

    observations: Sequence[Observation]
    lives: Sequence[Life]
    """What became of each of the chains."""
    standing: Standing | None
    """What all this rests on; None where nothing later can rest on it."""


def keep(archive: Path, known: Recalled, found: Found, spool: Spool) -> None:
    """Replace what the index says of a collection, if it can be written; if not, the next history does it.

    :param known: what the index said of the collection before, with the chains of today
    :param spool: the pages of all snapshots that it did not know
    """
    tables = TABLES + PRIVATE if known.connection is None else None

    def change(connection: sqlite3.Connection) -> None:
        _Keeping(connection, known).all(found, spool)

    # A read-only archive, a full disk, another process at it: the index saves time and holds nothing of its own.
    with suppress(OSError, sqlite3.Error):
        sealed.replace(archive / NAME, known.state, origin(), tables, change)


def keep_aliases(archive: Path, table: Sequence[Alias]) -> None:
    """Replace what the index says of the table of aliases, if there is an index and it can be written."""
    columns = 'number, collection, id, other_collection, other_id, verdict, rule, evidence, "when", "by", reason'
    rows = [_alias(number, alias) for number, alias in enumerate(table, 1)]

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM aliases")
        connection.executemany(f"INSERT INTO aliases ({columns}) VALUES ({', '.join('?' * 11)})", rows)  # noqa: S608

    with suppress(OSError, sqlite3.Error):
        state = sealed.state(archive / NAME)
        connection = sealed.opened(archive / NAME, origin())
        if connection is None:
            return
        with closing(connection):
            known = connection.execute(f"SELECT {columns} FROM aliases ORDER BY number").fetchall()  # noqa: S608
        if known != rows:
            sealed.replace(archive / NAME, state, origin(), None, change)


def _alias(number: int, alias: Alias) -> tuple[Any, ...]:
    refs = alias.one.collection, alias.one.id, alias.other.collection, alias.other.id
    said = alias.when, alias.by, alias.reason
    return (number, *refs, alias.verdict, alias.rule, _json(alias.evidence), *said)


class _Keeping:
    def __init__(self, connection: sqlite3.Connection, known: Recalled) -> None:
        self._connection = connection
        self._collection = known.collection
        self._known = known

    def all(self, found: Found, spool: Spool) -> None:
        observations, lives, standing = found
        sides = {one.side.name: one.side for one in observations}
        self._forget({name for name in self._known.snapshots if name not in self._known.current or name not in sides})
        numbers = {name: self._known.snapshots[name].number for name in self._known.current}
        for name, rows in spool.pages():
            numbers[name] = self._snapshot(sides[name], rows)
        self._insert("observations", ((None, *row) for row in self._observations(observations, numbers)))
        self._entries(lives)
        if standing is not None:
            state = _json(standing)
            self._insert("standing", [(self._collection, state, seal(self._collection, state))])
        # What no sighting shows any more came from editions that were replaced.
        self._connection.execute(
            "DELETE FROM revisions WHERE collection = ? AND revision NOT IN (SELECT revision FROM sightings)",
            [self._collection],
        )

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            number = [self._known.snapshots[name].number]
            for table in ("snapshots", "pages", "cache"):
                self._connection.execute(f"DELETE FROM {table} WHERE snapshot = ?", number)  # noqa: S608 - our own
        for table in ("answers", "standing"):
            self._connection.execute(f"DELETE FROM {table} WHERE collection = ?", [self._collection])  # noqa: S608 - our own
        mine = "entry IN (SELECT entry FROM entries WHERE collection = ?)"
        for table, which in (
            ("sightings", mine),
            ("identities", mine),
            ("lives", mine),
            ("entries", "collection = ?"),
            ("observations", "collection = ?"),
        ):
            self._connection.execute(f"DELETE FROM {table} WHERE {which}", [self._collection])  # noqa: S608 - our own

    def _snapshot(self, side: Side, rows: Sequence[Row]) -> int:
        manifest, evidence = side.manifest, side.evidence
        assert manifest is not None  # noqa: S101 - the side is a snapshot
        assert evidence is not None  # noqa: S101 - as above
        facts = manifest.provenance
        captured = facts.captured.since, facts.captured.until
        made = facts.source, facts.spider, facts.software, facts.derivation
        coverage = facts.coverage.complete, _json(facts.coverage)
        self._insert("snapshots", [(None, self._collection, side.name, *captured, *made, *coverage, manifest.sha256)])
        number: int = self._connection.execute("SELECT last_insert_rowid()").fetchone()[0]
        self._insert("pages", ((number, place, *row) for place, row in enumerate(rows, 1)))
        marks = _json(self._known.marks(side))
        self._insert("cache", [(number, _json(evidence.all_claims), marks, _json(manifest))])
        return number

    def _observations(self, observations: Sequence[Observation], numbers: Mapping[str, int]) -> Iterator[Row]:
        for rank, one in enumerate(observations):
            only = None if one.only is None else _json(sorted(one.only))
            time = one.captured.since, one.captured.until
            yield self._collection, rank, one.name, numbers[one.side.name], *time, one.run, one.whole, only

    def _entries(self, lives: Sequence[Life]) -> None:
        first = self._next("entries", "entry")
        chains = self._known.chains
        numbers = self._revisions(one.reading for chain in chains for one in chain.stretches)
        places = self._places(place for chain in chains for place in {one.place for one in chain.stretches})
        entries, identities, sightings, told = [], [], [], []
        for number, (chain, life) in enumerate(zip(chains, lives, strict=True)):
            key = first + number
            seen = life.first_seen, life.last_seen, life.sightings
            state = life.id, life.state, life.confirmed
            entries.append((key, self._collection, number, chain.kind, *state, *seen, chain.over))
            identities += [(key, place, id_, rule) for place, (id_, rule) in enumerate(chain.ids.items())]
            sightings += [
                (key, one.first, one.last, numbers[id(one.reading)], places[one.place]) for one in chain.stretches
            ]
            told.append((key, dumped(life, lambda reading: numbers[id(reading)])))
        self._insert("entries", entries)
        self._insert("identities", identities)
        self._insert("sightings", sightings)
        self._insert("lives", told)
        self._answers(lives, told)

    def _answers(self, lives: Sequence[Life], told: Sequence[tuple[int, str]]) -> None:
        """Keep for each id to which entries it leads, and what they are known by."""
        sealed: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        lines = dict(
            self._connection.execute("SELECT revision, sha256 FROM revisions WHERE collection = ?", [self._collection])
        )
        for life, (key, text) in zip(lives, told, strict=True):
            readings = dict.fromkeys(loaded(text).readings)
            for one in life.ids:
                sealed[one.id].append((key, sealed_life(text, map(lines.__getitem__, readings))))
        self._insert("answers", (self._answer(identity, found) for identity, found in sealed.items()))

    def _answer(self, identity: str, found: Sequence[tuple[int, str]]) -> Row:
        entries = _json([key for key, _ in found])
        name = _json([self._collection, identity])
        return self._collection, identity, entries, seal(name, entries, *(one for _, one in found))

    def _places(self, places: Iterable[Place]) -> dict[Place, int]:
        """Return the numbers of all places; they are few, and all collections share them."""
        rows = {place: (_json(sorted(place.lists, key=str)), _json(sorted(place.fields))) for place in set(places)}
        there = {
            (lists, fields): number
            for number, lists, fields in self._connection.execute("SELECT place, lists, fields FROM places")
        }
        for row in sorted(set(rows.values()) - there.keys()):
            there[row] = len(there) + 1
            self._insert("places", [(there[row], *row)])
        return {place: there[row] for place, row in rows.items()}

    def _revisions(self, readings: Iterable[Entry]) -> dict[int, int]:
        """Return the numbers of all readings, by those of their objects."""
        numbers = dict(self._known.revisions)
        following = self._next("revisions", "revision")
        rows: list[Row] = []
        for reading in readings:
            if id(reading) not in numbers:
                numbers[id(reading)] = following + len(rows)
                rows.append(
                    (
                        numbers[id(reading)],
                        self._collection,
                        *_values(reading),
                        self._known.reader.digest(reading).hex(),
                    )
                )
        self._insert("revisions", rows)
        return numbers

    def _next(self, table: str, column: str) -> int:
        """Return the number that follows the highest in a table."""
        found = self._connection.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]  # noqa: S608 - our own
        return 1 + (found or 0)

    def _insert(self, table: str, rows: Iterable[Row]) -> None:
        rows = list(rows)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own tables


_fields = attrgetter(*ENTRY_FIELDS)


def _values(entry: Entry) -> Iterator[Any]:
    return (_json(value) if isinstance(value, list) else value for value in _fields(entry))


def _json(value: object) -> str:
    if value == []:
        # Of each page its problems, of each entry two lists: nearly always there is nothing in them.
        return "[]"
    return jsonl.dumps(value).decode("ascii")
