"""What the report asks of the history of a collection, looked up in as few passes as can be.

Each snapshot's ``pages.jsonl`` is read once, and of it only what some page of the report
shows is kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from psgcrawl.archive.aliases import Alias, Ref
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.lines import key
from psgcrawl.archive.history.observations import before
from psgcrawl.archive.jsonl import read_lines
from psgcrawl.archive.manifest import PAGES
from psgcrawl.exports.changes import Event, What, events
from psgcrawl.exports.feed import seen_at
from psgcrawl.exports.pages import shown_on
from psgcrawl.exports.report import english, places
from psgcrawl.exports.source import Known, Past, Reading, readings
from psgcrawl.exports.veil import TITLE, Veil
from psgcrawl.records import Captured, Entry, PageRow, WarcPlace

LISTED: Final = 6
"""Observations in a row that are told of one by one; of more, the first, and the last where the row has ended."""
LATELY: Final = 30
"""Observations of which it is told what changed lately."""
MOST: Final = 50
"""Changes of one observation that are told of lately; the pages of the entries have them all."""

CHANGED: Final[tuple[What, ...]] = ("edited", "relisted", "removed", "aged-out")
"""What counts as a change in the figures and pictures; that something is new is counted apart."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The page that shows an entry, and the record that holds its bytes."""

    address: str | None
    captured: Captured
    payload_digest: str
    warc: WarcPlace | None

    @classmethod
    def of(cls, row: PageRow, veil: Veil) -> "Proof":
        """Return what a row of ``pages.jsonl`` says, as far as it is to be shown."""
        address = TITLE if veil.hides(row.url) else row.url
        return cls(address, row.captured, row.payload_digest, row.warc)


@dataclass(frozen=True, slots=True)
class Run:
    """Observations in a row that show an entry with the same reading."""

    reading: Reading
    first: int
    last: int
    """Their ranks; the last is in it."""

    def told(self, latest: int) -> list[int]:
        """Return the ranks that are told of one by one.

        A row that goes on has no end to tell: so the page of an entry that stays as it is
        stays as it is.

        :param latest: the rank of the collection's latest observation
        """
        if self.last - self.first < LISTED:
            return list(range(self.first, self.last + 1))
        return [self.first] if self.last == latest else [self.first, self.last]


def runs(known: Known) -> list[Run]:
    """Return the rows of observations that show an entry, in their order."""
    numbered = {id(one.entry): one for one in readings(known)}
    found: list[Run] = []
    for one in known.chain.stretches:
        reading = numbered[id(one.reading)]
        if found and found[-1].reading is reading and found[-1].last == one.first - 1:
            found[-1] = Run(reading, found[-1].first, one.last)
        else:
            found.append(Run(reading, one.first, one.last))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """A collection."""

    past: Past
    entries: list[Known]
    """Those of the past, all in memory."""
    proofs: dict[tuple[int, str], Proof]
    """By rank and id; of what :meth:`Run.told` names."""
    changes: Counter[tuple[int, What]]
    """How many statements have which observation as that which came after, by its rank."""
    warcs: dict[int, str | None]
    """By rank, where in the archive the WARC file of the observation's snapshot lies."""
    same: Mapping[str, Sequence[Known]]
    """By key, what the table of aliases holds to be the same entry in other collections."""

    @property
    def name(self) -> str:
        """The collection's name."""
        return self.past.collection

    @property
    def latest(self) -> int:
        """The rank of the latest observation."""
        return len(self.past.observations) - 1

    @property
    def sides(self) -> list[Side]:
        """The snapshots, in the order in which the observations first show them."""
        return list({one.side.name: one.side for one in self.past.observations}.values())

    def withholds(self, known: Known) -> bool:
        """Tell whether an entry is withheld on request: then nothing of what it says is known here."""
        return not self.past.veil.ids.isdisjoint(known.chain.ids)

    def year(self, known: Known) -> str:
        """Return in which list an entry stands."""
        return places.WITHHELD if self.withholds(known) else places.year(known.life.entry)

    def date(self, known: Known, entry: Entry) -> str:
        """Return the date of a reading of an entry, in words; nothing for one that is withheld."""
        return "" if self.withholds(known) else english.date(entry.date_edtf)

    def total(self, *which: What) -> int:
        """Return how many of these changes there are."""
        return sum(number for (_, change), number in self.changes.items() if change in which)


def gather(past: Past, same: Mapping[str, Sequence[Known]]) -> Gathered:
    """Look up what the pages of a collection need.

    :raises DamagedData: ``file:line: problem``
    """
    latest = len(past.observations) - 1
    wanted: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    changes: Counter[tuple[int, What]] = Counter()
    entries = list(past.entries)
    for known in entries:
        for run in runs(known):
            for rank in run.told(latest):
                wanted[past.observations[rank].side.name].append((rank, run.reading.entry.id))
        changes.update((past.ranks[event.after], event.change) for event in _told(past, known))
    proofs: dict[tuple[int, str], Proof] = {}
    sides = {one.side.name: one.side for one in past.observations}
    for name, sights in wanted.items():
        shown = shown_on(read_lines(sides[name].entries.with_name(PAGES), PageRow), partial(Proof.of, veil=past.veil))
        proofs.update((place, page[1]) for place in sights if (page := shown.get(place[1])) is not None)
    files = {name: _warc(past, side) for name, side in sides.items()}
    warcs = {rank: files[one.side.name] for rank, one in enumerate(past.observations)}
    return Gathered(past, entries, proofs, changes, warcs, same)


def _warc(past: Past, side: Side) -> str | None:
    path = side.snapshot.evidence() if side.snapshot else None
    return f"{past.collection}/{path.parent.name}/{path.name}" if path else None


def shown_days(side: Side) -> list[tuple[str, str]]:
    """Return between which days a snapshot's pages show what is listed: the first and the last of each run of pages."""
    runs = side.evidence.all_claims.runs if side.evidence else {}
    return [(run.oldest, run.newest) for its in runs.values() for run in its if run.oldest and run.newest]


@dataclass(slots=True)
class Lately:
    """What an observation shows to have changed."""

    of: Gathered
    rank: int
    events: list[Event] = field(default_factory=list)
    """:data:`MOST` at most: what changed, first by what happened, then in canonical order."""
    new: list[Event] = field(default_factory=list)
    """:data:`MOST` at most: what was seen for the first time, in canonical order."""
    more: int = 0
    """How many are not told of."""


def lately(collections: Sequence[Gathered]) -> list[Lately]:
    """Return what changed lately, the latest observation first.

    What the first observation of a collection shows is not new, as nobody looked before; nor
    is what an observation shows of which it is not known whether it came later.
    """
    found = [Lately(one, rank) for one in collections for rank in sorted({rank for rank, _ in one.changes})]
    found.sort(key=lambda one: (seen_at(one.of.past.observations[one.rank]), one.rank), reverse=True)
    chosen = found[:LATELY]
    for gathered in collections:
        mine = {one.rank: one for one in chosen if one.of is gathered}
        for known in gathered.entries if mine else ():
            for event in _told(gathered.past, known):
                its = mine.get(gathered.past.ranks[event.after])
                if its is not None:
                    (its.new if event.change == "added" else its.events).append(event)
    for one in chosen:
        for events_ in (one.events, one.new):
            events_.sort(key=_order)
            one.more += max(0, len(events_) - MOST)
            del events_[MOST:]
    return chosen


def _told(past: Past, known: Known) -> Iterator[Event]:
    """Yield what counts as a change, or as new."""
    return (event for event in events(past, known) if event.change in CHANGED or _is_new(past, event))


def _is_new(past: Past, event: Event) -> bool:
    rank = past.ranks[event.after]
    if event.change != "added" or rank == 0:
        return False
    one, other = past.observations[rank - 1], past.observations[rank]
    return len(event.evidence) > 1 or before(one.captured, other.captured)


def _order(event: Event) -> tuple[int, tuple[int, str], str]:
    entry = event.new or event.old
    assert entry is not None  # noqa: S101 - an event is about an entry
    return [*CHANGED, "added"].index(event.change), key(entry), event.known.key


def same_entries(pasts: Sequence[Past], table: Sequence[Alias]) -> dict[str, list[Known]]:
    """Return which entries of other collections the table of aliases holds to be the same, by key.

    A line that forbids goes before every line that links.
    """
    forbidden = {frozenset({_ref(one.one), _ref(one.other)}) for one in table if one.verdict == "forbidden"}
    linked = [
        (_ref(one.one), _ref(one.other))
        for one in table
        if one.verdict == "linked" and frozenset({_ref(one.one), _ref(one.other)}) not in forbidden
    ]
    named = {ref for pair in linked for ref in pair}
    bearers: defaultdict[tuple[str, str], list[Known]] = defaultdict(list)
    for past in pasts if named else ():
        for known in past.entries:
            for ref in {(past.collection, identity) for identity in known.chain.ids} & named:
                bearers[ref].append(known)
    found: defaultdict[str, list[Known]] = defaultdict(list)
    for pair in linked:
        for here, there in (pair, pair[::-1]):
            for known in bearers[here]:
                others = (one for one in bearers[there] if one.chain.kind == known.chain.kind)
                found[known.key] += [one for one in others if one not in found[known.key]]
    return {name: sorted(others, key=lambda one: one.key) for name, others in found.items()}


def _ref(ref: Ref) -> tuple[str, str]:
    return ref.collection, ref.id
