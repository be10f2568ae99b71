"""What is written into the index: what a collection's history found out."""

import gc
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from psgcrawl.archive.aliases import Alias
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.evidence import ReadRow
from psgcrawl.archive.history import large
from psgcrawl.archive.history.chains import ByObject, Difference, Following, by_object, difference, seen_of
from psgcrawl.archive.history.observations import Observation, unordered
from psgcrawl.archive.history.reach import Reach
from psgcrawl.archive.history.reading import Shown
from psgcrawl.archive.index import lives, sealed
from psgcrawl.archive.index.answers import sights_of, standing_of
from psgcrawl.archive.index.chains import IndexedChains, Places, json, next_number
from psgcrawl.archive.index.recall import Recalled
from psgcrawl.archive.index.schema import NAME, PRIVATE, TABLES, origin
from psgcrawl.archive.index.standing import Stands

Row = Sequence[Any]


def kept(
    archive: Path, known: Recalled, observations: Sequence[Observation], stands: Callable[[], Stands | None]
) -> sqlite3.Connection:
    """Follow and tell what is not known yet; return an index that knows all of it, for reading.

    It takes the place of the one before, if it can be written; if not, it is a temporary file, and the next history
    does it again.

    :param known: what the index says of the collection
    :param stands: gives what all this rests on, when everything was read; None where nothing later can rest on it
    :raises DamagedData: ``file:line: problem``
    :raises OSError: where no file can be written at all
    :raises sqlite3.Error: likewise
    """
    tables = TABLES + PRIVATE if known.connection is None else None
    # A read-only archive, a full disk, another process at it: the index saves time and holds nothing of its own.
    with suppress(OSError, sqlite3.Error):
        return _made(sealed.beside(archive / NAME, known.state, origin(), tables), known, observations, stands)
    return _made(sealed.elsewhere(archive / NAME, known.connection, origin(), tables), known, observations, stands)


def _made(
    place: sealed.Building,
    known: Recalled,
    observations: Sequence[Observation],
    stands: Callable[[], Stands | None],
) -> sqlite3.Connection:
    with place as building, _uncollected():
        _Keeping(building.connection, known, observations).all(stands)
        return building.finished()


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
            sealed.replace(archive / NAME, state, origin(), change)


def _alias(number: int, alias: Alias) -> tuple[Any, ...]:
    refs = alias.one.collection, alias.one.id, alias.other.collection, alias.other.id
    said = alias.when, alias.by, alias.reason
    return (number, *refs, alias.verdict, alias.rule, json(alias.evidence), *said)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let Python look for no garbage meanwhile: nothing here refers to itself, and looking took a sixth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Keeping:
    def __init__(self, connection: sqlite3.Connection, known: Recalled, observations: Sequence[Observation]) -> None:
        self._connection = connection
        self._collection = known.collection
        self._known = known
        self._all = observations
        self._numbers = {name: known.snapshots[name].number for name in known.current}

    def all(self, stands: Callable[[], Stands | None]) -> None:
        known = self._known
        start = len(known.observations) if known.connection is not None and known.continues(self._all) else 0
        sides = {one.side.name for one in self._all}
        self._forget({name for name in known.snapshots if name not in known.current or name not in sides}, start)
        places = Places(self._connection, known.reader)
        chains = IndexedChains(self._connection, self._collection, places, known.reader)
        awake, resting = chains.reopen(start - 1) if start else ([], iter(()))
        following = Following(self._all, chains, awake, resting)
        for rank, differs in self._differences(start, chains):
            following.step(rank, differs)
        chains.close(len(self._all) - 1)
        rows = self._observations(self._numbers)
        self._insert("observations", ((None, *row) for row in islice(rows, start, None)))
        changed = self._changed(start, chains, places) if start else None
        lives.tell(self._connection, self._collection, places, self._all, changed)
        if (found := stands()) is not None:
            self._insert("standing", [standing_of(found)])
            self._insert("sights", sights_of(found))

    def _forget(self, names: Iterable[str], start: int) -> None:
        """Remove what is not so any more: all that was found out, unless what is new is only followed on."""
        for name in names:
            number = [self._known.snapshots[name].number]
            for table in ("snapshots", "pages", "cache"):
                self._connection.execute(f"DELETE FROM {table} WHERE snapshot = ?", number)  # noqa: S608 - our own
        mine = "entry IN (SELECT entry FROM chains WHERE collection = ?)"
        by_entry = ((table, mine) for table in ("sightings", "identities", "lives"))
        by_name = ((table, "collection = ?") for table in _OF_COLLECTION)
        kept = (("standing", "collection = ?"), ("sights", "collection = ?"))
        for table, which in (*kept, *(() if start else (*by_entry, *by_name))):
            self._connection.execute(f"DELETE FROM {table} WHERE {which}", [self._collection])  # noqa: S608 - our own

    # --- what the observations show -----------------------------------------------------

    def _differences(self, start: int, chains: IndexedChains) -> Iterator[tuple[int, Difference]]:
        """Yield how each observation from ``start`` on differs from the one before."""
        reader = self._known.reader
        shows = _Shows(self._all[start:], self._read)
        last = self._all[start - 1] if start else None
        # What the last one showed; None where that is to be found out.
        before: ByObject | None = {}
        if last is not None and not large.is_large(last.side):
            before = by_object(list(chains.shown(reader)))
        for rank, one in enumerate(self._all[start:], start):
            if last is not None and one.side is last.side and one.only == last.only:
                shows.skip(one)
                yield rank, Difference([], ())
            elif large.is_large(one.side) or (last is not None and large.is_large(last.side)):
                old = None if last is None else large.read_again(last, reader)
                yield rank, large.difference(old, self._sheet(one))
                shows.skip(one)
                before = None
            else:
                if before is None and last is not None:
                    before = by_object(shows.again(last))
                here = by_object(shows.of(one))
                yield rank, difference(before or {}, here)
                before = here
            last = one

    def _sheet(self, one: Observation) -> large.Sheet:
        """Return what an observation of a large snapshot saw, or of one beside it."""
        reader = self._known.reader
        if one.side.name in self._numbers:
            return large.read_again(one, reader)
        with _Pages(self, one.side) as pages:
            return large.read(one, reader, pages.add)

    def _read(self, one: Observation) -> Shown:
        """Return what the snapshot of an observation shows."""
        if (found := self._known.shown(one.side)) is not None:
            return found
        shown, rows = self._known.reader.read(one.side)
        if one.side.name not in self._numbers:
            with _Pages(self, one.side) as pages:
                for row in rows:
                    pages.add(row)
        return shown

    # --- rows ---------------------------------------------------------------------------

    def snapshot(self, side: Side, number: int) -> None:
        """Keep a snapshot of which the pages are kept under that number."""
        manifest, evidence = side.manifest, side.evidence
        assert manifest is not None  # noqa: S101 - the side is a snapshot
        assert evidence is not None  # noqa: S101 - as above
        facts = manifest.provenance
        captured = facts.captured.since, facts.captured.until
        made = facts.source, facts.spider, facts.software, facts.derivation
        coverage = facts.coverage.complete, json(facts.coverage)
        self._insert("snapshots", [(number, self._collection, side.name, *captured, *made, *coverage, manifest.sha256)])
        marks = json(self._known.marks(side))
        self._insert("cache", [(number, json(evidence.all_claims), marks, json(manifest))])
        self._numbers[side.name] = number

    def pages(self, rows: Sequence[Row]) -> None:
        """Keep pages."""
        self._insert("pages", rows)

    def next_snapshot(self) -> int:
        """Return the number of the next snapshot."""
        return next_number(self._connection, "snapshots", "snapshot")

    def _observations(self, numbers: Mapping[str, int]) -> Iterator[Row]:
        for rank, one in enumerate(self._all):
            only = None if one.only is None else json(sorted(one.only))
            time = one.captured.since, one.captured.until
            yield self._collection, rank, one.name, numbers[one.side.name], *time, one.run, one.whole, only

    def _insert(self, table: str, rows: Iterable[Row]) -> None:
        rows = list(rows)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own tables

    # --- which lives are others now -----------------------------------------------------

    def _changed(self, start: int, chains: IndexedChains, places: Places) -> Iterable[int] | None:
        """Return the entries of which more can be said since the observation of rank ``start``; None for all.

        Where the order of all observations is known, those are what it and later ones show, or showed no more, and what
        they could claim to be absent.
        """
        if unordered(self._all):
            return None
        reach = Reach(self._all)
        return (
            number
            for number, first, last, earliest, latest, place in self._connection.execute(_LATEST, [self._collection])
            if number in chains.touched
            or last >= start
            or first >= start
            or reach.stands_from_on(start, earliest, latest, places[place])
        )


_OF_COLLECTION: Final = ("answers", "bearers", "chains", "entries", "observations", "revisions")
_LATEST: Final = """
    SELECT l.entry, l.first_rank, l.last_rank, r.date_earliest, r.date_latest, l.place
    FROM (
        SELECT c.entry, max(s.first_rank) AS first_rank, s.last_rank, s.revision, s.place
        FROM chains c JOIN sightings s ON s.entry = c.entry WHERE c.collection = ? GROUP BY c.entry
    ) l
    JOIN revisions r ON r.revision = l.revision"""


class _Shows:
    """What the snapshots of observations show, each read once for all that ask in a row."""

    def __init__(self, observations: Sequence[Observation], read: Callable[[Observation], Shown]) -> None:
        self._read = read
        self._waiting = Counter(one.side.name for one in observations)
        self._kept: dict[str, Shown] = {}

    def of(self, one: Observation) -> Shown:
        """Return what an observation shows."""
        name = one.side.name
        shown = self._kept.pop(name) if name in self._kept else self._read(one)
        self.skip(one)
        if self._waiting[name]:
            self._kept[name] = shown
        return seen_of(one, shown)

    def skip(self, one: Observation) -> None:
        """Note that nobody asks what an observation shows."""
        self._waiting[one.side.name] -= 1

    def again(self, one: Observation) -> Shown:
        """Return what an observation shows of which that was not asked before."""
        return seen_of(one, self._read(one))


class _Pages:
    """The pages of a snapshot on their way into their table; then the snapshot itself. A context manager."""

    def __init__(self, keeping: _Keeping, side: Side) -> None:
        self._keeping = keeping
        self._side = side
        self._snapshot = keeping.next_snapshot()
        self._number = 0
        self._rows: list[Row] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._keeping.pages(self._rows)
            self._keeping.snapshot(self._side, self._snapshot)

    def add(self, row: ReadRow) -> None:
        """Take the next page."""
        self._number += 1
        time = row.captured.since, row.captured.until, row.captured_basis
        form = row.media_type, row.encoding, row.sha256, row.payload_digest
        rest = row.layout, row.position, json(row.problems), row.carried_from
        self._rows.append((self._snapshot, self._number, row.url, *time, row.status, *form, *rest))
        if len(self._rows) >= _AT_ONCE:
            self._keeping.pages(self._rows)
            self._rows = []


_AT_ONCE: Final = 1_000
"""Pages that are written at once."""
