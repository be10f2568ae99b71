"""Everything that the formats read of entries, from one snapshot or from all.

Nothing else in this package reads ``entries.jsonl``, the history or the table of
aliases: what is withheld on request is kept out here, and is then in no format.
What was redacted is in no newest edition, so it does not come up here at all.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from psgcrawl.archive import aliases
from psgcrawl.archive.aliases import Alias
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.history import telling
from psgcrawl.archive.history.chains import Chain
from psgcrawl.archive.history.lives import Life, State
from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.history.telling import Told
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.exports import veil
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.ordered import canonical_key, ordered
from psgcrawl.exports.veil import Veil
from psgcrawl.records import Entry, Kind

T = TypeVar("T")

Note = Callable[[str], object]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An entry of a collection, and all that is known of it."""

    key: str
    """``COLLECTION/KIND/ID`` with its first id; ``~2`` and so on behind it for a later entry of the same: for keys and
    addresses that last as long as no older snapshot is added."""
    life: Life
    chain: Chain

    def reading(self, rank: int) -> Entry:
        """Return the entry as the observation of that rank shows it.

        :raises ValueError: when it does not show it
        """
        place = bisect_right(self.chain.stretches, rank, key=lambda one: one.first) - 1
        if place < 0 or self.chain.stretches[place].last < rank:
            raise ValueError(f"{self.key}: observation {rank} does not show it")
        return self.chain.stretches[place].reading


@dataclass(frozen=True, slots=True)
class Reading:
    """A distinct reading of an entry."""

    entry: Entry
    number: int
    first: int
    last: int
    """Ranks of the first and the last observation that show it."""


def readings(known: Known) -> list[Reading]:
    """Return the distinct readings of an entry, by their first sightings."""
    stretches = known.chain.stretches
    if len(stretches) == 1:
        [only] = stretches
        return [Reading(only.reading, 1, only.first, only.last)]
    found: dict[int, Reading] = {}
    for one in stretches:
        # What is equal is one object: so the history keeps it.
        before = found.get(id(one.reading))
        number = before.number if before else len(found) + 1
        first = before.first if before else one.first
        found[id(one.reading)] = Reading(one.reading, number, first, one.last)
    return list(found.values())


class Said(NamedTuple):
    """A distinct reading of an entry, with what is said of the entry."""

    key: str
    """Of the entry: :attr:`Known.key`."""
    state: State
    entry: Entry
    number: int
    """Counts the readings of the entry, from 1, as first seen."""
    readings: int
    """How many there are."""
    first: int
    last: int
    """Ranks of the first and the last observation that show it."""


OPEN: Final = Veil()


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The history of a collection."""

    collection: str
    observations: list[Observation]
    ranks: dict[str, int]
    """Of the observations, by name."""
    entries: "Entries"
    """In the order in which they were first seen, those of one observation in canonical order."""
    veil: Veil = OPEN
    """What of it is not shown."""

    @property
    def sides(self) -> list[Side]:
        """The snapshots, in the order in which the observations first show them."""
        return list({one.side.name: one.side for one in self.observations}.values())

    def observation(self, name: str) -> Observation:
        """Return the observation of that name."""
        return self.observations[self.ranks[name]]


HELD: Final = 10_000
"""Entries that are held in memory once they were read, some 25 MB: who sorts them asks for each again."""


class Entries:
    """The entries of a collection, each read from its history when its turn comes."""

    def __init__(self, collection: str, told: Told, hidden: Veil) -> None:
        """Take what is told of them.

        :param hidden: what is not shown
        """
        self._collection = collection
        self._told = told
        self._veil = hidden
        self._twice = told.twice
        self._held: dict[int, Known] = {}

    def __len__(self) -> int:
        """How many there are."""
        return sum(self._told.counts.values())

    def __iter__(self) -> Iterator[Known]:
        """Yield them in the order in which they were first seen."""
        if self._held and len(self._held) == len(self):
            # Whoever looks through them once more need not read them again.
            yield from self._held.values()
            return
        for chain, life in self._told.chains:
            known = self._known(chain, life)
            if len(self._held) < HELD:
                self._held[chain.number] = known
            yield known

    def numbered(self, numbers: Collection[int]) -> dict[int, Known]:
        """Return those whose chains have these numbers, by them."""
        held = {number: self._held[number] for number in numbers if number in self._held}
        rest = [number for number in numbers if number not in held]
        return held | {chain.number: self._known(chain, life) for chain, life in self._told.numbered(rest)}

    def readings(self) -> Iterator[Said]:
        """Yield all their readings, by the first observation that shows them, canonically among those of one."""
        if not self._veil.ids:
            for one in self._told.readings:
                key = self._key(one.number, one.kind, one.first_id)
                yield Said(key, one.state, one.entry, one.place, one.places, one.first, one.last)
            return
        # What is withheld has no date, and so another place among the others.
        numbered = ordered(
            ((reading.first, *canonical_key(reading.entry)), (known.chain.number, reading.number - 1))
            for known in self
            for reading in readings(known)
        )
        for (_, place), known in looked_up(numbered, lambda one: (self, one[0])):
            its = readings(known)
            one_ = its[place]
            yield Said(known.key, known.life.state, one_.entry, one_.number, len(its), one_.first, one_.last)

    def _known(self, chain: Chain, life: Life) -> Known:
        key = self._key(chain.number, chain.kind, next(iter(chain.ids)))
        if self._veil.ids.isdisjoint(chain.ids):
            return Known(key, life, chain)
        return Known(key, veil.masked_life(life), veil.masked_chain(chain))

    def _key(self, number: int, kind: Kind, first: str) -> str:
        again = self._twice.get(number)
        return f"{self._collection}/{kind}/{first}" + (f"~{again}" if again else "")


AT_ONCE: Final = 500
"""Entries that are read again at once, a megabyte of them."""


def looked_up(found: Iterable[T], where: Callable[[T], tuple[Entries, int]]) -> Iterator[tuple[T, Known]]:
    """Yield things as they come, each with the entry that it is about; what is near each other is read at once.

    :param where: gives the entries among which it is, and the number of its chain
    """
    rest = iter(found)
    while some := list(islice(rest, AT_ONCE)):
        places = [where(one) for one in some]
        wanted: dict[Entries, set[int]] = {}
        for entries_, number in places:
            wanted.setdefault(entries_, set()).add(number)
        known = {entries_: entries_.numbered(numbers) for entries_, numbers in wanted.items()}
        for one, (entries_, number) in zip(some, places, strict=True):
            yield one, known[entries_][number]


def entries(chosen: Chosen, snapshot: Snapshot) -> Iterator[Entry]:
    """Yield the entries of a snapshot of ``chosen`` in canonical order, one by one; what is withheld in its place.

    :raises DamagedData: at the first line that is not as it was written
    """
    hidden = hides(chosen)
    return map(hidden.entry, snapshot.entries()) if hidden else snapshot.entries()


def hides(chosen: Chosen) -> Veil:
    """Return what of a collection is not to be shown.

    :raises UsageError: for snapshots that have no history in common: it says which entries are the same
    :raises DamagedData: when what is read is not as it was written
    """
    if not chosen.withheld.entries:
        return Veil(records=chosen.withheld.records)
    collection = chosen.archive.collection(chosen.collection)
    return veil.drawn(chosen.withheld, telling.history(chosen.archive, collection, _silent, chosen.again).lives)


def past(chosen: Chosen, note: Note) -> Past:
    """Return the history of a collection, over all its snapshots and the runs that found one unchanged.

    :param note: is told what in the log confirms nothing
    :raises UsageError: for snapshots that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    told = telling.history(chosen.archive, chosen.archive.collection(chosen.collection), note, chosen.again)
    ranks = {one.name: rank for rank, one in enumerate(told.observations)}
    hidden = veil.drawn(chosen.withheld, told.lives) if chosen.withheld else OPEN
    return Past(chosen.collection, told.observations, ranks, Entries(chosen.collection, told, hidden), hidden)


def table(archive: Archive) -> list[Alias]:
    """Return the table of aliases, in its order.

    :raises DamagedData: ``file:line: problem``
    """
    return [line.alias for line in aliases.read(archive.folder).lines]


def _silent(_message: str) -> None:
    """Say nothing: who exports the history is told by :func:`past`."""
