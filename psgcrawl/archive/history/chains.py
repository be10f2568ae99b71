"""The readings of one entry through all observations, under whatever ids.

By id first: an id that was seen before means the same entry. What has a new id is
matched, by the rules of :mod:`psgcrawl.archive.compare.matching`, with entries that the
observation before showed, or whose place this one has seen without them; so the edited
title of an entry without detail page continues the entry, and removes and adds none.

Observations in a row that show the same are one stretch: time and memory grow with what
changes, not with what stays. Where the entries are kept meanwhile is not decided here.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from psgcrawl.archive.compare.evidence import FIRST_DAY, LAST_DAY, Place
from psgcrawl.archive.compare.lines import key
from psgcrawl.archive.compare.matching import Rule, match
from psgcrawl.archive.history.observations import Observation, before
from psgcrawl.archive.history.reach import is_elsewhere, reach
from psgcrawl.archive.history.reading import Name, Pair, Reader, Shown
from psgcrawl.records import Entry, Kind


class Sighting(NamedTuple):
    """One observation that shows an entry."""

    rank: int
    """Which one: its place among the observations."""
    reading: Entry
    place: Place


class Stretch(Struct):
    """Observations in a row, each of which shows an entry with the same reading in the same place."""

    first: int
    last: int
    """Their ranks; the last is in it."""
    reading: Entry
    place: Place

    @property
    def begin(self) -> Sighting:
        """The first of the observations."""
        return Sighting(self.first, self.reading, self.place)

    @property
    def end(self) -> Sighting:
        """The last of the observations."""
        return Sighting(self.last, self.reading, self.place)


class Chain:
    """One entry."""

    __slots__ = ("ids", "kind", "number", "open", "over", "stretches")

    def __init__(self, kind: Kind, number: int = 0) -> None:
        self.kind: Final = kind
        self.number: Final = number
        """What it is called where it is kept; the order is that of the first sightings."""
        self.stretches: list[Stretch] = []
        """In the order of the observations; no two overlap."""
        self.ids: dict[str, Rule | None] = {}
        """Every id that it had, in the order of their first sightings, each with the rule by which it was found to be
        the same entry; None for the first id."""
        self.over = False
        """Whether it was gone, so that only its id can continue it."""
        self.open = False
        """Whether the last observation that was followed shows it: then the end of its last stretch is not known."""

    @property
    def latest(self) -> Stretch:
        """The last stretch, in the order of the observations."""
        return self.stretches[-1]

    @property
    def sightings(self) -> Iterator[Sighting]:
        """Every single sighting, in the order of the observations."""
        for one in self.stretches:
            for rank in range(one.first, one.last + 1):
                yield Sighting(rank, one.reading, one.place)

    def add(self, sighting: Sighting, rule: Rule | None) -> None:
        """Take a further sighting, found by ``rule``."""
        rank, reading, place = sighting
        self.stretches.append(Stretch(rank, rank, reading, place))
        self.ids.setdefault(reading.id, rule)
        self.over = False
        self.open = True

    def end(self, rank: int) -> None:
        """End the last stretch with that observation."""
        self.latest.last = rank
        self.open = False


def claims(observations: Sequence[Observation], rank: int, sighting: Sighting) -> bool:
    """Tell whether an observation, which lacks the entry, has seen where it would have stood; of order it says nothing.

    :param rank: which observation
    :param sighting: where another one shows the entry
    """
    here = observations[rank]
    if not here.whole or here.side.evidence is None:
        return False
    return here.side.evidence.claims(sighting.reading, sighting.place, observations[sighting.rank].facts)


class Chains(Protocol):
    """Where the entries are kept."""

    def bearer(self, kind: Kind, identity: str) -> Chain | None:
        """Return the entry that an id means: the one that was seen last under it."""

    def numbered(self, number: int) -> Chain:
        """Return the entry of that number: the same object while it is looked at."""

    def begin(self, sighting: Sighting) -> Chain:
        """Take what was never seen before."""

    def go_on(self, chain: Chain, sighting: Sighting, rule: Rule) -> None:
        """Let an entry have a further sighting, found by ``rule``."""

    def end(self, chain: Chain, rank: int) -> None:
        """End an entry's last stretch with that observation."""

    def give_up(self, chain: Chain) -> None:
        """Let only its id continue an entry."""

    def settle(self, awake: Mapping[int, Chain]) -> None:
        """Note that for now none but those ``awake`` are looked at."""


class InMemory:
    """All entries in memory."""

    def __init__(self) -> None:
        self.all: list[Chain] = []
        self._bearers: dict[Name, Chain] = {}

    def bearer(self, kind: Kind, identity: str) -> Chain | None:
        """Return the entry that an id means."""
        return self._bearers.get((kind, identity))

    def numbered(self, number: int) -> Chain:
        """Return the entry of that number."""
        return self.all[number]

    def begin(self, sighting: Sighting) -> Chain:
        """Take what was never seen before."""
        chain = Chain(sighting.reading.kind, len(self.all))
        self.all.append(chain)
        self.go_on(chain, sighting, None)
        return chain

    def go_on(self, chain: Chain, sighting: Sighting, rule: Rule | None) -> None:
        """Let an entry have a further sighting."""
        chain.add(sighting, rule)
        self._bearers[chain.kind, sighting.reading.id] = chain

    def end(self, chain: Chain, rank: int) -> None:
        """End an entry's last stretch."""
        chain.end(rank)

    def give_up(self, chain: Chain) -> None:
        """Let only its id continue an entry."""
        chain.over = True

    def settle(self, awake: Mapping[int, Chain]) -> None:
        """Do nothing: all stay in memory."""


Read = Callable[[Observation], Shown]
"""What gives all that an observation's snapshot shows."""


def follow(observations: Sequence[Observation], read: Read | None = None) -> list[Chain]:
    """Return the entries of all observations, in the order in which they were first seen; all in memory.

    Each snapshot is read once; of lines that are equal byte for byte one is parsed.

    :param read: what reads a snapshot; by default, from its files
    :raises DamagedData: ``file:line: problem``
    """
    chains = InMemory()
    following = Following(observations, chains)
    last: ByObject = {}
    for rank, shown in enumerate(_readings(observations, read or _from_files())):
        here = by_object(shown)
        following.step(rank, difference(last, here))
        last = here
    for chain in chains.all:
        if chain.open:
            chain.end(len(observations) - 1)
    return chains.all


def _from_files() -> Read:
    reader = Reader()
    return lambda one: reader.read(one.side)[0]


def _readings(observations: Sequence[Observation], read: Read) -> Iterator[Shown]:
    """Yield what each observation shows; what is shown again is read once."""
    waiting = Counter(one.side.name for one in observations)
    kept: dict[str, Shown] = {}
    for one in observations:
        shown = kept.pop(one.side.name) if one.side.name in kept else read(one)
        waiting[one.side.name] -= 1
        if waiting[one.side.name]:
            kept[one.side.name] = shown
        yield seen_of(one, shown)


def seen_of(one: Observation, shown: Shown) -> Shown:
    """Return what an observation saw of all that its snapshot shows."""
    return shown if one.only is None else [pair for pair in shown if pair[0].id in one.only]


class Difference(NamedTuple):
    """How an observation differs from the one before."""

    gone: Sequence[Name]
    """What the one before showed, and it does not: not at all, or not so, or not there."""
    come: Iterable[Pair]
    """What it shows, and the one before did not; canonically ordered. To be looked through before ``gone``."""


ByObject = dict[int, Pair]
"""What is shown, by the numbers of the objects: pairs that are equal are one."""


def by_object(shown: Shown) -> ByObject:
    """Return what is shown, in the same order."""
    return dict(zip(map(id, shown), shown, strict=True))


def difference(last: ByObject, here: ByObject) -> Difference:
    """Return how what is shown here differs from what was shown before."""
    gone = [(pair[0].kind, pair[0].id) for number, pair in last.items() if number not in here]
    return Difference(gone, [pair for number, pair in here.items() if number not in last])


Found = dict[int, tuple[Chain, Sighting, Rule]]
"""What continues chains, by their numbers."""
Fresh = dict[Name, Sighting]
"""What no chain knows, by kind and id."""
Resting = tuple[str | None, int]
"""The earliest day of an entry that rests, and its number."""


class Following:
    """The entries so far.

    Most observations show what the one before showed, in the same place; that is not looked
    at one by one. What else the observation before showed, and that of which days decide
    nothing, is looked at with every observation; other entries that it lacks rest until an
    observation reaches their day. None that rests could be matched: its place is not seen.
    """

    def __init__(
        self,
        observations: Sequence[Observation],
        chains: Chains,
        awake: Iterable[Chain] = (),
        resting: Iterable[Resting] = (),
    ) -> None:
        """Start where ``chains`` end.

        :param awake: those of them that the last observation lacks, and of which days decide nothing
        :param resting: the others that it lacks; neither what only its id can continue
        """
        self._observations = observations
        self._chains = chains
        self._awake: dict[int, Chain] = {chain.number: chain for chain in awake}
        """The chains that are looked at, besides those that the last observation shows."""
        self._resting = [(-_number(day or LAST_DAY), number) for day, number in resting]
        heapq.heapify(self._resting)

    def step(self, rank: int, differs: Difference) -> None:
        """Let each entry that the observation shows continue its chain, or begin one."""
        if rank == 0:
            # One by one: the first may show a million.
            for entry, place in differs.come:
                self._chains.begin(Sighting(rank, entry, place))
                self._chains.settle(self._awake)
            return
        come = list(differs.come)
        self._wake(rank)
        for name in differs.gone:
            chain = self._chains.bearer(*name)
            assert chain is not None  # noqa: S101 - it was taken under that id
            self._chains.end(chain, rank - 1)
            self._awake[chain.number] = chain
        found, fresh = self._by_identity(rank, come)
        unseen = [chain for number, chain in self._awake.items() if number not in found]
        missed = {chain.number for chain in unseen if claims(self._observations, rank, chain.latest.end)}
        if fresh:
            near = [chain for chain in unseen if chain.number in missed or chain.latest.last == rank - 1]
            for rule, chain, sighting in self._matched(near, fresh):
                found[chain.number] = (chain, sighting, rule)
        for chain, sighting, rule in found.values():
            self._chains.go_on(chain, sighting, rule)
            self._awake.pop(chain.number, None)
        for sighting in sorted(fresh.values(), key=lambda one: (key(one.reading), one.reading.kind)):
            self._chains.begin(sighting)
        for chain in unseen:
            if chain.number not in found:
                self._leave(chain, rank, missed=chain.number in missed)
        self._chains.settle(self._awake)

    def _wake(self, rank: int) -> None:
        """Look again at all that the observation could claim to be absent, as far as days decide."""
        oldest = _number(reach(self._observations[rank])[0])
        while self._resting and -self._resting[0][0] > oldest:
            chain = self._chains.numbered(heapq.heappop(self._resting)[1])
            if not chain.over and not chain.open:
                self._awake[chain.number] = chain

    def _leave(self, chain: Chain, rank: int, *, missed: bool) -> None:
        """Put a chain aside that the observation lacks."""
        last = chain.latest
        if missed and before(self._observations[last.last].captured, self._observations[rank].captured):
            self._chains.give_up(chain)
        elif is_elsewhere(last.reading, last.place):
            return
        else:
            heapq.heappush(self._resting, (-_number(last.reading.date_earliest or LAST_DAY), chain.number))
        del self._awake[chain.number]

    def _by_identity(self, rank: int, come: Iterable[Pair]) -> tuple[Found, Fresh]:
        """Return what continues a chain by its id, and what no chain knows.

        :param come: what the observation shows otherwise than the one before, or did not show
        """
        found: Found = {}
        fresh: Fresh = {}
        for entry, place in come:
            sighting = Sighting(rank, entry, place)
            chain = self._chains.bearer(entry.kind, entry.id)
            if chain is None or chain.open:
                # Two ids that one entry had, both there: the one that it had last stays with it.
                fresh[entry.kind, entry.id] = sighting
                continue
            if chain.number in found and chain.latest.reading.id != entry.id:
                fresh[entry.kind, entry.id] = sighting
                continue
            if chain.number in found:
                _, other, _ = found[chain.number]
                fresh[other.reading.kind, other.reading.id] = other
            found[chain.number] = (chain, sighting, "identity")
        return found, fresh

    def _matched(self, near: list[Chain], fresh: Fresh) -> Iterator[tuple[Rule, Chain, Sighting]]:
        """Yield what continues a chain under a new id, and take it out of ``fresh``."""
        chains: defaultdict[Kind, dict[str, Chain]] = defaultdict(dict)
        for chain in near:
            chains[chain.kind][chain.latest.reading.id] = chain
        for kind, candidates in chains.items():
            old = {id_: chain.latest.reading for id_, chain in candidates.items()}
            new = {id_: sighting.reading for (its, id_), sighting in fresh.items() if its == kind}
            for rule, one, other in match(old, new):
                yield rule, candidates[one.id], fresh.pop((kind, other.id))


def _number(day: str) -> int:
    """Return a number that sorts as the day does."""
    if day in {FIRST_DAY, LAST_DAY}:
        return 0 if day == FIRST_DAY else 99_999_999
    return int(day.replace("-", ""))
