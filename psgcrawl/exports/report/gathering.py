"""What the report asks of the history of a collection before its first page is written.

Entries pass by one by one. Each snapshot's ``pages.jsonl`` is read once, and what some page
of the report shows of it is set down in temporary files.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.history.observations import before
from psgcrawl.exports.changes import Event, What, events
from psgcrawl.exports.report import english, places
from psgcrawl.exports.report.counting import Counted
from psgcrawl.exports.report.proving import Proofs, Wanted
from psgcrawl.exports.report.twins import Twins
from psgcrawl.exports.source import Known, Past, Reading, readings
from psgcrawl.records import Entry

LISTED: Final = 6
"""Observations in a row that are told of one by one; of more, the first, and the last where the row has ended."""
CHANGED: Final[tuple[What, ...]] = ("edited", "relisted", "removed", "aged-out")
"""What counts as a change in the figures and pictures; that something is new is counted apart."""


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


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation, as something to refer to."""

    name: str
    time: str
    page: str
    """Where in the report it is told of."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """A collection."""

    past: Past
    counted: Counted
    proofs: Proofs
    """Of what :meth:`Run.told` names."""
    changes: Counter[tuple[int, What]]
    """How many statements have which observation as that which came after, by its rank."""
    warcs: dict[int, str | None]
    """By rank, where in the archive the WARC file of the observation's snapshot lies."""
    twins: Twins
    """Which entries of other collections are the same."""
    _seen: dict[str, Seen] = field(default_factory=dict)
    """What was referred to before: each is in many pages."""

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
        return self.past.sides

    def seen(self, name: str) -> Seen:
        """Return an observation by its name."""
        found = self._seen.get(name)
        if found is None:
            time = english.captured(self.past.observation(name).captured)
            found = self._seen[name] = Seen(name, time, places.observation(self.name, name))
        return found

    def withholds(self, known: Known) -> bool:
        """Tell whether an entry is withheld on request: then nothing of what it says is known here."""
        return withholds(self.past, known)

    def year(self, known: Known) -> str:
        """Return in which list an entry stands."""
        return listed_in(self.past, known)

    def date(self, known: Known, entry: Entry) -> str:
        """Return the date of a reading of an entry, in words; nothing for one that is withheld."""
        return "" if self.withholds(known) else english.date(entry.date_edtf)

    def total(self, *which: What) -> int:
        """Return how many of these changes there are."""
        return sum(number for (_, change), number in self.changes.items() if change in which)


def withholds(past: Past, known: Known) -> bool:
    """Tell whether an entry is withheld on request."""
    return not past.veil.ids.isdisjoint(known.chain.ids)


def listed_in(past: Past, known: Known) -> str:
    """Return in which list an entry stands."""
    return places.WITHHELD if withholds(past, known) else places.year(known.life.entry)


def gather(past: Past, twins: Twins) -> Gathered:
    """Look up what the pages of a collection need; its entries pass by once.

    :param twins: is told of all entries
    :raises DamagedData: ``file:line: problem``
    """
    latest = len(past.observations) - 1
    wanted = Wanted(past)
    counted = Counted()
    changes: Counter[tuple[int, What]] = Counter()
    for number, known in enumerate(past.entries):
        for run in runs(known):
            for rank in run.told(latest):
                wanted.add(number, rank, run.reading.entry.id)
        changes.update((past.ranks[event.after], event.change) for event in statements(past, known))
        counted.add(known, listed_in(past, known), withheld=withholds(past, known))
        twins.add(past.collection, known)
    files = {side.name: _warc(past, side) for side in past.sides}
    warcs = {rank: files[one.side.name] for rank, one in enumerate(past.observations)}
    return Gathered(past, counted, wanted.proofs(), changes, warcs, twins)


def _warc(past: Past, side: Side) -> str | None:
    path = side.snapshot.evidence() if side.snapshot else None
    return f"{past.collection}/{path.parent.name}/{path.name}" if path else None


def shown_days(side: Side) -> list[tuple[str, str]]:
    """Return between which days a snapshot's pages show what is listed: the first and the last of each run of pages."""
    runs = side.evidence.all_claims.runs if side.evidence else {}
    return [(run.oldest, run.newest) for its in runs.values() for run in its if run.oldest and run.newest]


def statements(past: Past, known: Known) -> Iterator[Event]:
    """Yield what counts as a change, or as new."""
    return (event for event in events(past, known) if event.change in CHANGED or _is_new(past, event))


def _is_new(past: Past, event: Event) -> bool:
    rank = past.ranks[event.after]
    if event.change != "added" or rank == 0:
        return False
    one, other = past.observations[rank - 1], past.observations[rank]
    return len(event.evidence) > 1 or before(one.captured, other.captured)
