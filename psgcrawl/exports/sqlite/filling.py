"""The rows of the database: what the history of a collection says, in the order of its tables' columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from psgcrawl import SOFTWARE, site
from psgcrawl.archive import jsonl
from psgcrawl.archive.aliases import Alias
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.jsonl import read_lines
from psgcrawl.archive.manifest import PAGES
from psgcrawl.exports.harmless import clean
from psgcrawl.exports.source import Known, Past, readings
from psgcrawl.exports.sqlite.schema import ENTRY_COLUMNS, VERSION
from psgcrawl.exports.veil import TITLE
from psgcrawl.records import Entry, PageRow

Row = Sequence[Any]

_AT_ONCE: Final = 1_000
"""Entries of which the rows are held in memory."""


def about() -> Iterator[Row]:
    """Yield what is to be known of the file."""
    yield "rights", site.current().rights
    yield "schema", str(VERSION)
    yield "software", SOFTWARE


def rows(past: Past) -> Iterator[tuple[str, Iterable[Row]]]:
    """Yield the rows of each table for a collection, without the column ``revision``.

    :raises DamagedData: ``file:line: problem``
    """
    sides = past.sides
    yield "snapshots", (_snapshot(past.collection, side) for side in sides)
    yield "pages", (row for side in sides for row in _pages(past, side))
    yield "observations", (_observation(past.collection, rank, one) for rank, one in enumerate(past.observations))
    # Some entries at once, for all tables: no list of all rows is ever held, and each entry is read once.
    entries = iter(past.entries)
    while some := list(islice(entries, _AT_ONCE)):
        numbered = [(known, _Numbers(known)) for known in some]
        for table, make in _MADE:
            yield table, [row for known, numbers in numbered for row in make(past, known, numbers)]


def alias(number: int, alias: Alias) -> Row:
    """Return the row of a line of the table of aliases."""
    refs = alias.one.collection, alias.one.id, alias.other.collection, alias.other.id
    said = alias.when, _text(alias.by), _text(alias.reason)
    return (number, *refs, alias.verdict, alias.rule, _json(alias.evidence), *said)


def _snapshot(collection: str, side: Side) -> Row:
    manifest = side.manifest
    assert manifest is not None  # noqa: S101 - the side is a snapshot
    facts = manifest.provenance
    made = facts.source, facts.spider, facts.software, facts.derivation
    name = f"{collection}/{side.name}", collection, side.name
    captured = facts.captured.since, facts.captured.until
    return (*name, *captured, *made, facts.coverage.complete, _json(facts.coverage), manifest.sha256)


def _pages(past: Past, side: Side) -> Iterator[Row]:
    for number, row in enumerate(read_lines(side.entries.with_name(PAGES), PageRow), 1):
        time = row.captured.since, row.captured.until, row.captured_basis
        form = row.media_type, row.encoding, row.sha256, row.payload_digest, row.layout, row.position
        shown = (identity for view in row.lists for identity in view.entries)
        # What a problem of such a page quotes can be what is withheld.
        problems = row.problems if past.veil.ids.isdisjoint(shown) else [TITLE for _ in row.problems]
        rest = _json(problems), row.carried_from, row.warc.record if row.warc else None
        url = None if past.veil.hides(row.url) else _text(row.url)
        yield (f"{past.collection}/{side.name}", number, url, *time, row.status, *form, *rest)


def _observation(collection: str, rank: int, one: Observation) -> Row:
    name = f"{collection}/{one.name}", collection, rank, one.name, f"{collection}/{one.side.name}"
    return (*name, one.captured.since, one.captured.until, one.run, one.whole)


def _entry(past: Past, known: Known, numbers: "_Numbers") -> Iterator[Row]:
    life = known.life
    evidence = _json([f"{past.collection}/{name}" for name in life.evidence])
    before = None if life.absent_before is None else f"{past.collection}/{life.absent_before}"
    seen = f"{past.collection}/{life.first_seen}", f"{past.collection}/{life.last_seen}"
    last = numbers.of(known.reading(past.ranks[life.last_seen]))
    state = life.state, life.confirmed, evidence, before
    yield (known.key, past.collection, known.chain.kind, _text(life.id), *state, *seen, life.sightings, last)


def _identities(past: Past, known: Known, _numbers: "_Numbers") -> Iterator[Row]:
    for number, one in enumerate(known.life.ids, 1):
        yield known.key, number, _text(one.id), one.matched_by, f"{past.collection}/{one.first_seen}"


def _revisions(_past: Past, known: Known, numbers: "_Numbers") -> Iterator[Row]:
    for reading in numbers.readings:
        yield (known.key, reading.number, *map(_value, _columns(reading.entry)))


_columns = attrgetter(*ENTRY_COLUMNS)


def _sightings(_past: Past, known: Known, numbers: "_Numbers") -> Iterator[Row]:
    for one in known.chain.stretches:
        yield known.key, one.first, one.last, numbers.of(one.reading)


def _edits(past: Past, known: Known, numbers: "_Numbers") -> Iterator[Row]:
    for number, one in enumerate(known.life.revisions, 1):
        seen = (f"{past.collection}/{name}" for name in one.between)
        differ = one.ordered, one.matched_by, _json(one.fields)
        yield (known.key, number, *seen, *differ, numbers.of(one.old), numbers.of(one.new))


def _gaps(past: Past, known: Known, _numbers: "_Numbers") -> Iterator[Row]:
    for number, gap in enumerate(known.life.gaps, 1):
        names = (f"{past.collection}/{name}" for name in (gap.last_seen, gap.absent, gap.seen_again))
        yield (known.key, number, *names)


class _Numbers:
    """The numbers of the readings of an entry."""

    def __init__(self, known: Known) -> None:
        self.readings = readings(known)
        # What is equal is one object in the history; what is masked is made anew, and is found by its content.
        self._by_object = {id(one.entry): one.number for one in self.readings}

    def of(self, entry: Entry) -> int:
        """Return the number of a reading.

        :raises KeyError: where it is none
        """
        return self._by_object.get(id(entry)) or self._by_content[_content(entry)]

    @cached_property
    def _by_content(self) -> Mapping[bytes, int]:
        return {_content(one.entry): one.number for one in self.readings}


def _content(entry: Entry) -> bytes:
    return jsonl.dumps(entry)


def _value(value: object) -> object:
    return clean(value) if isinstance(value, str) else _json(value) if isinstance(value, list) else value


def _text(text: str | None) -> str | None:
    return None if text is None else clean(text)


def _json(value: object) -> str:
    if value == []:
        # Of each page its problems, of each reading two lists: nearly always there is nothing in them.
        return "[]"
    return jsonl.text(value)


_MADE: Final[Sequence[tuple[str, Callable[[Past, Known, _Numbers], Iterator[Row]]]]] = (
    ("entries", _entry),
    ("identities", _identities),
    ("revisions", _revisions),
    ("sightings", _sightings),
    ("edits", _edits),
    ("gaps", _gaps),
)
"""What makes the rows of the tables about an entry."""
