"""The entries in the tables of the index, while they are followed: in memory are those that are looked at.

Rows are written some at once; who asks for a row that is not in memory has all written first.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec

from psgcrawl.archive import jsonl
from psgcrawl.archive.compare.evidence import Place
from psgcrawl.archive.compare.matching import Rule
from psgcrawl.archive.history.chains import Chain, Resting, Sighting, Stretch
from psgcrawl.archive.history.reach import stands_elsewhere
from psgcrawl.archive.history.reading import Name, Pair, Reader
from psgcrawl.archive.index.answers import entry
from psgcrawl.archive.index.schema import ENTRY_FIELDS
from psgcrawl.records import Entry, Kind

MOST: Final = 10_000
"""Entries that stay in memory though they are not looked at: some 20 MB."""
_OPEN: Final = -1
"""The last rank of a stretch whose end is not known yet."""
_ROWS: Final = 4_000
"""Rows that are written at once."""

_lists: Final = msgspec.json.Decoder(list[tuple[str, int | None]])
_strings: Final = msgspec.json.Decoder(list[str])
_fields: Final = attrgetter(*ENTRY_FIELDS)

_WRITTEN: Final = {
    "chains": "INSERT INTO chains VALUES (?, ?, ?, ?, ?)",
    "revisions": f"INSERT INTO revisions VALUES ({', '.join('?' * (3 + len(ENTRY_FIELDS)))})",  # noqa: S608 - marks
    "identities": "INSERT INTO identities VALUES (?, ?, ?, ?)",
    "bearers": "INSERT OR REPLACE INTO bearers VALUES (?, ?, ?, ?)",
    "sightings": "INSERT INTO sightings VALUES (?, ?, ?, ?, ?)",
    "ends": "UPDATE sightings SET last_rank = ? WHERE entry = ? AND first_rank = ?",
    "gone": "UPDATE chains SET gone = ? WHERE entry = ?",
}
"""What is written, in the order in which it must be."""


class Places:
    """The places by their numbers; they are few, and all collections share them."""

    def __init__(self, connection: sqlite3.Connection, reader: Reader) -> None:
        """Read those that are known."""
        self._connection = connection
        self._numbers: dict[Place, int] = {}
        self._places: dict[int, Place] = {}
        for number, lists, fields in connection.execute("SELECT place, lists, fields FROM places"):
            place = reader.place(Place(frozenset(_lists.decode(lists)), frozenset(_strings.decode(fields))))
            self._places[number] = place
            self._numbers[place] = number

    def __getitem__(self, number: int) -> Place:
        """Return the place of a number."""
        return self._places[number]

    def number(self, place: Place) -> int:
        """Return the number of a place."""
        found = self._numbers.get(place)
        if found is None:
            found = self._numbers[place] = len(self._numbers) + 1
            self._places[found] = place
            lists, fields = json(sorted(place.lists, key=str)), json(sorted(place.fields))
            self._connection.execute("INSERT INTO places VALUES (?, ?, ?)", [found, lists, fields])
        return found


class Kept(Chain):
    """An entry of which the last stretch is in memory."""

    __slots__ = ("revisions",)

    def __init__(self, kind: Kind, number: int) -> None:
        super().__init__(kind, number)
        self.revisions: dict[str, int] = {}
        """The numbers of its readings, by the SHA-256 of their lines."""


class IndexedChains:
    """The entries of a collection."""

    def __init__(self, connection: sqlite3.Connection, collection: str, places: Places, reader: Reader) -> None:
        """Go on where the tables end."""
        self._connection = connection
        self._collection = collection
        self._places = places
        self._reader = reader
        self._next = next_number(connection, "chains", "entry")
        self._first = self._next
        self._revision = next_number(connection, "revisions", "revision")
        self._number = self._count()
        self._in_memory: dict[int, Kept] = {}
        self._bearers: dict[Name, Kept] = {}
        self._all = self._number == 0
        """Whether all entries of the collection are in memory."""
        self._pending: defaultdict[str, list[Sequence[Any]]] = defaultdict(list)
        self._rows = 0
        self.touched: set[int] = set()
        """Those of which anything was written, but for new ones."""

    def _count(self) -> int:
        question = "SELECT max(number) FROM chains WHERE collection = ?"
        found = self._connection.execute(question, [self._collection]).fetchone()[0]
        return 0 if found is None else found + 1

    # --- what is asked ------------------------------------------------------------------

    def bearer(self, kind: Kind, identity: str) -> Kept | None:
        """Return the entry that an id means."""
        found = self._bearers.get((kind, identity))
        if found is not None or self._all:
            return found
        question = "SELECT entry FROM bearers WHERE collection = ? AND kind = ? AND id = ?"
        row = self._row(question, self._collection, kind, identity)
        if row is None:
            return None
        found = self._bearers[kind, identity] = self.numbered(row[0])
        return found

    def numbered(self, number: int) -> Kept:
        """Return the entry of that number: the same object while it is looked at."""
        found = self._in_memory.get(number)
        if found is None:
            found = self._in_memory[number] = self._load(number)
        return found

    def _load(self, number: int) -> Kept:
        kind, gone = self._row("SELECT kind, gone FROM chains WHERE entry = ?", number) or ()
        chain = Kept(kind, number)
        first, last, revision, place = self._row(_LATEST, number) or ()
        chain.open = last == _OPEN
        chain.over = bool(gone)
        values = self._row(_READING, revision) or ()
        chain.stretches.append(Stretch(first, last, entry(values), self._places[place]))
        chain.revisions = dict(self._connection.execute(_REVISIONS, [number]))
        chain.ids = dict(
            self._connection.execute("SELECT id, matched_by FROM identities WHERE entry = ? ORDER BY number", [number])
        )
        return chain

    def _row(self, question: str, *values: object) -> tuple[Any, ...] | None:
        self.write()
        found: tuple[Any, ...] | None = self._connection.execute(question, values).fetchone()
        return found

    # --- what becomes of them -----------------------------------------------------------

    def begin(self, sighting: Sighting) -> Kept:
        """Take what was never seen before."""
        chain = Kept(sighting.reading.kind, self._next)
        self._put("chains", chain.number, self._collection, self._number, chain.kind, 0)
        self._next += 1
        self._number += 1
        self._in_memory[chain.number] = chain
        self._take(chain, sighting, None)
        return chain

    def go_on(self, chain: Chain, sighting: Sighting, rule: Rule) -> None:
        """Let an entry have a further sighting, found by ``rule``."""
        assert isinstance(chain, Kept)  # noqa: S101 - nobody else makes them
        if chain.over:
            self._put("gone", 0, chain.number)
        self._touch(chain)
        self._take(chain, sighting, rule)

    def _take(self, chain: Kept, sighting: Sighting, rule: Rule | None) -> None:
        rank, reading, place = sighting
        self._put("sightings", chain.number, rank, _OPEN, self._reading(chain, reading), self._places.number(place))
        if reading.id not in chain.ids:
            self._put("identities", chain.number, len(chain.ids), reading.id, rule)
        name = chain.kind, reading.id
        if self._bearers.get(name) is not chain:
            self._bearers[name] = chain
            self._put("bearers", self._collection, *name, chain.number)
        # Of earlier stretches nothing is asked.
        chain.stretches.clear()
        chain.add(sighting, rule)

    def _reading(self, chain: Kept, reading: Entry) -> int:
        digest = self._reader.digest(reading).hex()
        found = chain.revisions.get(digest)
        if found is None:
            found = chain.revisions[digest] = self._revision
            self._revision += 1
            self._put("revisions", found, self._collection, *_values(reading), digest)
        return found

    def end(self, chain: Chain, rank: int) -> None:
        """End an entry's last stretch with that observation."""
        chain.end(rank)
        self._touch(chain)
        self._put("ends", rank, chain.number, chain.latest.first)

    def give_up(self, chain: Chain) -> None:
        """Let only its id continue an entry."""
        chain.over = True
        self._touch(chain)
        self._put("gone", 1, chain.number)

    def _touch(self, chain: Chain) -> None:
        if chain.number < self._first:
            self.touched.add(chain.number)

    def settle(self, awake: Mapping[int, Chain]) -> None:
        """Note that for now none but those ``awake`` are looked at."""
        if len(self._in_memory) > MOST + 2 * len(awake):
            self._all = False
            self._in_memory = {number: chain for number, chain in self._in_memory.items() if number in awake}
            self._bearers = {}

    # --- rows ---------------------------------------------------------------------------

    def _put(self, what: str, *row: object) -> None:
        self._pending[what].append(row)
        self._rows += 1
        if self._rows >= _ROWS:
            self.write()

    def write(self) -> None:
        """Write the rows that are pending."""
        if self._rows:
            for what, statement in _WRITTEN.items():
                if rows := self._pending.pop(what, None):
                    self._connection.executemany(statement, rows)
            self._rows = 0

    # --- from one history to the next ---------------------------------------------------

    def reopen(self, last: int) -> tuple[list[Chain], Iterator[Resting]]:
        """Go on behind the observation of rank ``last``; return what it lacks.

        That is what is looked at always, and what rests, as
        :class:`~psgcrawl.archive.history.chains.Following` wants it.
        """
        self._connection.execute(
            "UPDATE sightings SET last_rank = ? WHERE last_rank = ? "
            "AND entry IN (SELECT entry FROM chains WHERE collection = ?)",
            [_OPEN, last, self._collection],
        )
        unseen = [
            (number, earliest, stands_elsewhere(earliest, latest, self._places[place]))
            for number, earliest, latest, place in self._connection.execute(_UNSEEN, [self._collection, _OPEN])
        ]
        awake = [self.numbered(number) for number, _, elsewhere in unseen if elsewhere]
        return list(awake), ((earliest, number) for number, earliest, elsewhere in unseen if not elsewhere)

    def shown(self, reader: Reader) -> Iterator[Pair]:
        """Yield what the last observation shows, in any order."""
        question = f"SELECT s.place, {_COLUMNS} {_SHOWN}"
        for place, *values in self._connection.execute(question, [_OPEN, self._collection]):
            yield reader.pair(reader.entry(entry(values)), self._places[place])

    def close(self, rank: int) -> None:
        """End the stretches that are open with that observation."""
        self.write()
        self._connection.execute("UPDATE sightings SET last_rank = ? WHERE last_rank = ?", [rank, _OPEN])


_COLUMNS: Final = ", ".join(f"r.{name}" for name in ENTRY_FIELDS)
_LATEST: Final = (
    "SELECT first_rank, last_rank, revision, place FROM sightings WHERE entry = ? ORDER BY first_rank DESC LIMIT 1"
)
_READING: Final = f"SELECT {_COLUMNS} FROM revisions r WHERE revision = ?"  # noqa: S608 - fields of a record
_REVISIONS: Final = (
    "SELECT r.sha256, r.revision FROM sightings s JOIN revisions r ON r.revision = s.revision WHERE s.entry = ?"
)
_UNSEEN: Final = """
    SELECT l.entry, r.date_earliest, r.date_latest, l.place
    FROM (
        SELECT c.entry, max(s.first_rank), s.last_rank, s.revision, s.place
        FROM chains c JOIN sightings s ON s.entry = c.entry
        WHERE c.collection = ? AND c.gone = 0 GROUP BY c.entry
    ) l
    JOIN revisions r ON r.revision = l.revision
    WHERE l.last_rank <> ?"""
_SHOWN: Final = """
    FROM sightings s JOIN chains c ON c.entry = s.entry JOIN revisions r ON r.revision = s.revision
    WHERE s.last_rank = ? AND c.collection = ?"""


def next_number(connection: sqlite3.Connection, table: str, column: str) -> int:
    """Return the number that follows the highest in a table."""
    found = connection.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]  # noqa: S608 - our own
    return 1 + (found or 0)


def json(value: object) -> str:
    """Return a value as text."""
    if value == []:
        # Of each page its problems, of each entry two lists: nearly always there is nothing in them.
        return "[]"
    return jsonl.text(value)


def _values(reading: Entry) -> Iterator[Any]:
    return (json(value) if isinstance(value, list) else value for value in _fields(reading))
