"""What became of the entries of a collection: told of their rows one by one, and read again one by one."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final, NamedTuple

from psgcrawl.archive.history.chains import Chain, Stretch
from psgcrawl.archive.history.lives import Life, State, Teller
from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.index import told
from psgcrawl.archive.index.answers import answer_of, entry, reading, sealed_life
from psgcrawl.archive.index.chains import Places
from psgcrawl.archive.index.schema import ENTRY_FIELDS
from psgcrawl.records import Entry, Kind

_AT_ONCE: Final = 1_000
"""Rows that are written at once."""
_ASKED: Final = 500
"""Entries that are asked for at once: SQLite takes a thousand values, in its older versions."""


class Woven(NamedTuple):
    """An entry with all its rows."""

    number: int
    """From 0, as the entries were first seen."""
    chain: Chain
    readings: dict[int, Entry]
    """By their numbers; each is one object."""
    sha256: dict[int, str]
    """That of the line of each, by its number."""


ALL: Final = ("chains c WHERE c.collection = ?", "c.number")
"""What :func:`woven` yields: all entries of a collection."""
DUE: Final = ("due d CROSS JOIN chains c ON c.entry = d.entry WHERE c.collection = ?", "d.entry")
"""Those that the table ``due`` names."""


def some(number: int) -> tuple[str, str]:
    """Return what :func:`woven` yields where as many entries of a collection are named."""
    return f"chains c WHERE c.entry IN ({', '.join('?' * number)})", "c.number"


def woven(
    connection: sqlite3.Connection, places: Places, which: tuple[str, str], *values: str | int
) -> Iterator[Woven]:
    """Yield entries in the order in which they were first seen.

    :param which: :data:`ALL`, :data:`DUE`, or what :func:`some` returns
    :param values: the collection, or the entries
    """
    source, order = which
    tables, _, condition = source.partition(" WHERE ")

    def rows(question: str) -> Iterator[tuple[int, Iterator[tuple[Any, ...]]]]:
        asked = question.format(tables=tables, condition=condition, order=order)
        return groupby(connection.execute(asked, values), itemgetter(0))

    sightings, identities = rows(_SIGHTINGS), rows(_IDENTITIES)
    for (number, heads), (_, its), (_, ids) in zip(rows(_CHAINS), sightings, identities, strict=True):
        [(_, key, kind, gone)] = heads
        chain = Chain(kind, key)
        chain.over = bool(gone)
        readings: dict[int, Entry] = {}
        sha256: dict[int, str] = {}
        for _, first, last, place, revision, digest, *texts in its:
            if revision not in readings:
                readings[revision] = entry(texts)
                sha256[revision] = digest
            chain.stretches.append(Stretch(first, last, readings[revision], places[place]))
        chain.ids = {identity: rule for _, identity, rule in ids}
        yield Woven(number, chain, readings, sha256)


_COLUMNS: Final = ", ".join(f"r.{name}" for name in ENTRY_FIELDS)
_CHAINS: Final = "SELECT c.number, c.entry, c.kind, c.gone FROM {tables} WHERE {condition} ORDER BY {order}"
_SIGHTINGS: Final = (
    f"SELECT c.number, s.first_rank, s.last_rank, s.place, s.revision, r.sha256, {_COLUMNS} "  # noqa: S608 - of a record
    "FROM {tables} CROSS JOIN sightings s ON s.entry = c.entry CROSS JOIN revisions r ON r.revision = s.revision "
    "WHERE {condition} ORDER BY {order}, s.first_rank"
)
_IDENTITIES: Final = (
    "SELECT c.number, i.id, i.matched_by FROM {tables} CROSS JOIN identities i ON i.entry = c.entry "
    "WHERE {condition} ORDER BY {order}, i.number"
)


def tell(
    connection: sqlite3.Connection,
    collection: str,
    places: Places,
    observations: Sequence[Observation],
    changed: Iterable[int] | None,
) -> None:
    """Write what became of entries.

    :param changed: those of which that may be another than what is written; None for all
    :raises DamagedData: ``file:line: problem``
    """
    teller = Teller(observations)
    connection.execute("CREATE TEMP TABLE due (entry INTEGER PRIMARY KEY)")
    if changed is None:
        connection.execute("INSERT INTO due SELECT entry FROM chains WHERE collection = ?", [collection])
    else:
        connection.executemany("INSERT OR IGNORE INTO due VALUES (?)", ((number,) for number in changed))
    every = woven(connection, places, DUE, collection)
    while some := list(islice(every, _AT_ONCE)):
        rows = [_told(collection, one, teller.life(one.chain)) for one in some]
        connection.executemany(_ENTRY, (row for row, _ in rows))
        connection.executemany("INSERT OR REPLACE INTO lives VALUES (?, ?, ?, ?, ?)", (row for _, row in rows))
    answers = _answers(connection, collection, _ALL if changed is None else _DUE)
    while some_ := list(islice(answers, _AT_ONCE)):
        connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", some_)
    connection.execute("DROP TABLE due")


_ENTRY: Final = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _told(collection: str, one: Woven, life: Life) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the rows of the tables ``entries`` and ``lives``."""
    numbers = {id(reading): revision for revision, reading in one.readings.items()}
    text = told.dumped(life, lambda reading: numbers[id(reading)])
    spoken = dict.fromkeys(numbers[id(reading)] for reading in life.readings)
    sealed = sealed_life(text, map(one.sha256.__getitem__, spoken))
    state = life.id, life.entry.date_earliest, life.state, life.confirmed
    seen = life.first_seen, life.last_seen, life.sightings
    key = one.chain.number
    kept = key, text, sealed, numbers[id(life.entry)], len(life.revisions)
    return (key, collection, one.number, one.chain.kind, *state, *seen), kept


def _answers(connection: sqlite3.Connection, collection: str, question: str) -> Iterator[tuple[str, ...]]:
    """Yield for each id to which entries it leads, and what they are known by."""
    for identity, its in groupby(connection.execute(question, [collection]), itemgetter(0)):
        yield answer_of(collection, identity, [(key, sha256) for _, key, sha256 in its])


_ALL: Final = """
    SELECT i.id, i.entry, l.sha256 FROM identities i
    JOIN chains c ON c.entry = i.entry JOIN lives l ON l.entry = i.entry
    WHERE c.collection = ? ORDER BY i.id, i.entry"""
_DUE: Final = """
    SELECT i.id, i.entry, l.sha256
    FROM (SELECT DISTINCT id FROM due CROSS JOIN identities USING (entry)) n
    CROSS JOIN identities i ON i.id = n.id
    JOIN chains c ON c.entry = i.entry JOIN lives l ON l.entry = i.entry
    WHERE c.collection = ? ORDER BY i.id, i.entry"""


# --- read again ---------------------------------------------------------------------------


def lives(connection: sqlite3.Connection, collection: str) -> Iterator[Life]:
    """Yield what became of each entry, in canonical order of their last readings."""
    # SQLite sorts numbers in a temporary file where they are many.
    for (key,) in connection.execute(_CANONICAL.format(""), [collection]):
        yield life(connection, key)


def in_order(connection: sqlite3.Connection, collection: str) -> Iterator[int]:
    """Yield the numbers of all entries, in the same order."""
    return (key for (key,) in connection.execute(_CANONICAL.format(""), [collection]))


class Line(NamedTuple):
    """What a table says of an entry: most of a life's readings are not needed for that."""

    id: str
    state: State
    confirmed: int
    first_seen: str
    last_seen: str
    revisions: int
    kind: Kind
    dateline: str | None
    title: str
    series: str | None
    issue: int | None


def lines(connection: sqlite3.Connection, collection: str) -> Iterator[Line]:
    """Yield what a table says of each entry, in the same order."""
    keys = connection.execute(_CANONICAL.format(""), [collection])
    # Some at once: in three fifths of the time that a question for each takes. All at once would be sorted as a whole.
    while some := [key for (key,) in islice(keys, _ASKED)]:
        question = _LINES.format(", ".join("?" * len(some)))
        found = {key: Line(*rest) for key, *rest in connection.execute(question, some)}
        yield from map(found.__getitem__, some)


_LINES: Final = """
    SELECT e.entry, e.id, e.state, e.confirmed, e.first_seen, e.last_seen, l.edits, e.kind,
        r.dateline, r.title, r.series, r.issue
    FROM entries e JOIN lives l ON l.entry = e.entry JOIN revisions r ON r.revision = l.reading
    WHERE e.entry IN ({})"""


def about(connection: sqlite3.Connection, collection: str, identity: str) -> Iterator[Life]:
    """Yield what became of the entries that ever had an id, in the same order."""
    question = _CANONICAL.format("AND entry IN (SELECT entry FROM identities WHERE id = ?)")
    for (key,) in connection.execute(question, [collection, identity]):
        yield life(connection, key)


def beginning(connection: sqlite3.Connection, collection: str, prefix: str) -> list[str]:
    """Return the ids that begin so, sorted."""
    return [identity for (identity,) in connection.execute(_BEGINNING, [collection, len(prefix), prefix])]


def life(connection: sqlite3.Connection, key: int) -> Life:
    """Return what became of the entry of a number."""
    text = connection.execute("SELECT life FROM lives WHERE entry = ?", (key,)).fetchone()[0]
    kept = told.loaded(text)
    readings = {number: reading(connection, number) for number in dict.fromkeys(kept.readings)}
    return told.life(kept, readings.__getitem__)


def known(connection: sqlite3.Connection, collection: str, places: Places) -> Iterator[tuple[Chain, Life]]:
    """Yield each entry and what became of it, in the order in which they were first seen."""
    yield from _known(connection, places, ALL, collection)


def numbered(connection: sqlite3.Connection, places: Places, numbers: Sequence[int]) -> Iterator[tuple[Chain, Life]]:
    """Yield the entries of these numbers, all of one collection, and what became of each, as they were first seen.

    Some are asked for at once: each by itself takes three times as long.
    """
    rest = iter(sorted(numbers))
    while asked := list(islice(rest, _ASKED)):
        yield from _known(connection, places, some(len(asked)), *asked)


def _known(
    connection: sqlite3.Connection, places: Places, which: tuple[str, str], *values: str | int
) -> Iterator[tuple[Chain, Life]]:
    source, order = which
    tables, _, condition = source.partition(" WHERE ")
    texts = connection.execute(_LIVES.format(tables=tables, condition=condition, order=order), values)
    for one, (_, text) in zip(woven(connection, places, which, *values), texts, strict=True):
        yield one.chain, told.life(told.loaded(text), one.readings.__getitem__)


_LIVES: Final = (
    "SELECT c.number, l.life FROM {tables} CROSS JOIN lives l ON l.entry = c.entry WHERE {condition} ORDER BY {order}"
)


class Reading(NamedTuple):
    """A distinct reading of an entry."""

    number: int
    """That of the entry."""
    kind: Kind
    first_id: str
    state: State
    entry: Entry
    place: int
    """Counts the readings of the entry, from 1, as first seen."""
    places: int
    """How many there are."""
    first: int
    last: int
    """Ranks of the first and the last observation that show it."""


def readings(connection: sqlite3.Connection, collection: str) -> Iterator[Reading]:
    """Yield all readings of all entries, by the first observation that shows them, canonically among those of one."""
    rows = connection.execute(_READINGS, [collection])
    # Texts are not sorted with the rest: SQLite would write them all into a file. Some at once: one by one they take
    # twice as long.
    while asked := list(islice(rows, _ASKED)):
        question = _TEXTS.format(", ".join("?" * len(asked)))
        found = {number: entry(values) for number, *values in connection.execute(question, [row[4] for row in asked])}
        for key, kind, identity, state, revision, *numbers in asked:
            yield Reading(key, kind, identity, state, found[revision], *numbers)


_TEXTS: Final = f"SELECT r.revision, {_COLUMNS} FROM revisions r WHERE r.revision IN ({{}})"  # noqa: S608 - of a record


_READINGS: Final = """
    SELECT c.entry, c.kind, i.id, e.state, n.revision, n.number, n.numbers, n.first, n.last
    FROM (
        SELECT s.entry, s.revision, min(s.first_rank) AS first, max(s.last_rank) AS last,
            row_number() OVER (PARTITION BY s.entry ORDER BY min(s.first_rank)) AS number,
            count(*) OVER (PARTITION BY s.entry) AS numbers
        FROM chains c CROSS JOIN sightings s ON s.entry = c.entry
        WHERE c.collection = ? GROUP BY s.entry, s.revision
    ) n
    JOIN chains c ON c.entry = n.entry JOIN entries e ON e.entry = n.entry
    JOIN identities i ON i.entry = n.entry AND i.number = 0
    JOIN revisions r ON r.revision = n.revision
    ORDER BY n.first, r.date_earliest IS NULL, r.date_earliest DESC, r.id, r.kind"""


def counts(connection: sqlite3.Connection, collection: str) -> dict[State, int]:
    """Return how many entries are in which state."""
    question = "SELECT state, count(*) FROM entries WHERE collection = ? GROUP BY state"
    return dict(connection.execute(question, [collection]))


def twice(connection: sqlite3.Connection, collection: str) -> dict[int, int]:
    """Return the entries whose kind and first id an earlier one had, each with how many did, itself among them."""
    found: dict[int, int] = {}
    for _, same in groupby(connection.execute(_TWICE, [collection]), itemgetter(0, 1)):
        found.update({key: number for number, (_, _, key) in enumerate(same, 1) if number > 1})
    return found


# Those of ``psgcrawl.archive.history.lives.canonical``.
_CANONICAL: Final = """
    SELECT entry FROM entries WHERE collection = ? {}
    ORDER BY date_earliest IS NULL, date_earliest DESC, id, kind, number"""
_TWICE: Final = """
    SELECT c.kind, i.id, c.entry FROM chains c JOIN identities i ON i.entry = c.entry AND i.number = 0
    WHERE c.collection = ?1 AND (c.kind, i.id) IN (
        SELECT c.kind, i.id FROM chains c JOIN identities i ON i.entry = c.entry AND i.number = 0
        WHERE c.collection = ?1 GROUP BY 1, 2 HAVING count(*) > 1
    )
    ORDER BY c.kind, i.id, c.number"""
_BEGINNING: Final = """
    SELECT DISTINCT i.id FROM chains c JOIN identities i USING (entry)
    WHERE c.collection = ? AND substr(i.id, 1, ?) = ? ORDER BY i.id"""
