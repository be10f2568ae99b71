"""The readings of one entry through all observations, under whatever ids.

By id first: an id that was seen before means the same entry. What has a new id is
matched, by the rules of :mod:`psgcrawl.archive.compare.matching`, with entries that the
observation before showed, or whose place this one has seen without them; so the edited
title of an entry without detail page continues the entry, and removes and adds none.

Observations in a row that show the same are one stretch: time and memory grow with what
changes, not with what stays.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from psgcrawl.archive.compare.evidence import FIRST_DAY, LAST_DAY, Place
from psgcrawl.archive.compare.lines import key
from psgcrawl.archive.compare.matching import Rule, match
from psgcrawl.archive.history.observations import Observation, before
from psgcrawl.archive.history.reach import is_elsewhere, reach
from psgcrawl.archive.history.reading import Pair, Reader, Shown
from psgcrawl.records import Entry, Kind


class Sighting(NamedTuple):
    """One observation that shows an entry."""

    rank: int
    """Which one: its place among the observations."""
    reading: Entry
    place: Place


@dataclass(slots=True)
class Stretch:
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

    def __init__(self, kind: Kind) -> None:
        self.kind: Final = kind
        self.stretches: list[Stretch] = []
        """In the order of the observations; no two overlap."""
        self.ids: dict[str, Rule | None] = {}
        """Every id that it had, in the order of their first sightings, each with the rule by which it was found to be
        the same entry; None for the first id."""
        self.over = False
        """Whether it was gone, so that only its id can continue it."""

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


def claims(observations: Sequence[Observation], rank: int, sighting: Sighting) -> bool:
    """Tell whether an observation, which lacks the entry, has seen where it would have stood; of order it says nothing.

    :param rank: which observation
    :param sighting: where another one shows the entry
    """
    here = observations[rank]
    if not here.whole or here.side.evidence is None:
        return False
    return here.side.evidence.claims(sighting.reading, sighting.place, observations[sighting.rank].facts)


Read = Callable[[Observation], Shown]
"""What gives all that an observation's snapshot shows."""


def follow(
    observations: Sequence[Observation], read: Read | None = None, known: Iterable[Chain] = (), start: int = 0
) -> list[Chain]:
    """Return the entries of all observations, in the order in which they were first seen.

    Each snapshot is read once; of lines that are equal byte for byte one is parsed.

    :param read: what reads a snapshot; by default, from its files
    :param known: the entries of the first ``start`` observations, as this function returned them for these alone;
        they are continued
    :raises DamagedData: ``file:line: problem``
    """
    read = read or _from_files()
    following = _Following(observations, known)
    readings = _readings(observations, max(start - 1, 0), read)
    if start:
        following.go_on(next(readings)[1])
    for rank, shown in readings:
        following.step(rank, shown)
    following.close(len(observations) - 1)
    return following.chains


def _from_files() -> Read:
    reader = Reader()
    return lambda one: reader.read(one.side)[0]


def _readings(observations: Sequence[Observation], start: int, read: Read) -> Iterator[tuple[int, Shown]]:
    """Yield what each observation from ``start`` on shows, with its rank; what is shown again is read once."""
    waiting = Counter(one.side.name for one in observations[start:])
    kept: dict[str, Shown] = {}
    for rank, one in enumerate(observations[start:], start):
        shown = kept.pop(one.side.name) if one.side.name in kept else read(one)
        waiting[one.side.name] -= 1
        if waiting[one.side.name]:
            kept[one.side.name] = shown
        yield rank, shown if one.only is None else [pair for pair in shown if pair[0].id in one.only]


Found = dict[Chain, tuple[Sighting, Rule]]
"""What continues chains."""
Fresh = dict[tuple[Kind, str], Sighting]
"""What no chain knows, by kind and id."""


class _Following:
    """The entries so far.

    Most observations show what the one before showed, in the same place, which is the same
    object then; these are not looked at one by one. What else the observation before showed,
    and that of which days decide nothing, is looked at with every observation; other entries
    that it lacks rest until an observation reaches their day. None that rests could be
    matched: its place is not seen.
    """

    def __init__(self, observations: Sequence[Observation], known: Iterable[Chain]) -> None:
        self._observations = observations
        self._shown: dict[int, tuple[Pair, Chain]] = {}
        """What the last observation showed, by the number of its object."""
        self._open: set[Chain] = set()
        """The chains of these: the end of their last stretch is known when they are no longer shown so."""
        self._awake: dict[Chain, None] = {}
        """The other chains that are looked at."""
        self._resting: list[tuple[int, int, Chain]] = []
        self._rested = 0
        self.chains: list[Chain] = list(known)
        self._by_id: dict[tuple[Kind, str], Chain] = {}
        self._recall()

    def _recall(self) -> None:
        # What an id means is what took it last. Of two that bear it now, that is the one seen last under it.
        taken: dict[tuple[Kind, str], int] = {}
        for chain in self.chains:
            for one in chain.stretches:
                name = chain.kind, one.reading.id
                if taken.setdefault(name, one.last) <= one.last:
                    taken[name], self._by_id[name] = one.last, chain
            if not chain.over:
                self._awake[chain] = None

    def go_on(self, shown: Shown) -> None:
        """Take what the last of the known observations showed: it was followed before."""
        for pair in shown:
            chain = self._by_id[pair[0].kind, pair[0].id]
            self._shown[id(pair)] = pair, chain
            self._open.add(chain)
            self._awake.pop(chain, None)

    def step(self, rank: int, shown: Shown) -> None:
        """Let each entry that the observation shows continue its chain, or begin one."""
        self._wake(rank)
        here = dict(zip(map(id, shown), shown, strict=True))
        for number in [number for number in self._shown if number not in here]:
            _, chain = self._shown.pop(number)
            chain.latest.last = rank - 1
            self._open.remove(chain)
            self._awake[chain] = None
        come = [pair for number, pair in here.items() if number not in self._shown]
        found, fresh = self._by_identity(rank, come)
        unseen = [chain for chain in self._awake if chain not in found]
        missed = {chain: None for chain in unseen if claims(self._observations, rank, chain.latest.end)}
        if fresh:
            near = [chain for chain in unseen if chain in missed or chain.latest.last == rank - 1]
            for rule, chain, sighting in self._matched(near, fresh):
                found[chain] = (sighting, rule)
        for chain, (sighting, rule) in found.items():
            self._take(chain, sighting, rule)
        for sighting in sorted(fresh.values(), key=lambda one: (key(one.reading), one.reading.kind)):
            chain = Chain(sighting.reading.kind)
            self.chains.append(chain)
            self._take(chain, sighting, None)
        for pair in come:
            self._shown[id(pair)] = pair, self._by_id[pair[0].kind, pair[0].id]
        for chain in unseen:
            if chain not in found:
                self._leave(chain, rank, missed=chain in missed)

    def close(self, rank: int) -> None:
        """End the stretches that are open with the last observation."""
        for chain in self._open:
            chain.latest.last = rank

    def _wake(self, rank: int) -> None:
        """Look again at all that the observation could claim to be absent, as far as days decide."""
        oldest = _number(reach(self._observations[rank])[0])
        while self._resting and -self._resting[0][0] > oldest:
            chain = heapq.heappop(self._resting)[2]
            if not chain.over and chain not in self._open:
                self._awake[chain] = None

    def _leave(self, chain: Chain, rank: int, *, missed: bool) -> None:
        """Put a chain aside that the observation lacks."""
        last = chain.latest
        if missed and before(self._observations[last.last].captured, self._observations[rank].captured):
            chain.over = True
        elif is_elsewhere(last.reading, last.place):
            return
        else:
            self._rested += 1
            heapq.heappush(self._resting, (-_number(last.reading.date_earliest or LAST_DAY), self._rested, chain))
        del self._awake[chain]

    def _by_identity(self, rank: int, come: Shown) -> tuple[Found, Fresh]:
        """Return what continues a chain by its id, and what no chain knows.

        :param come: what the observation shows otherwise than the one before, or did not show
        """
        found: Found = {}
        fresh: Fresh = {}
        for entry, place in come:
            sighting = Sighting(rank, entry, place)
            chain = self._by_id.get((entry.kind, entry.id))
            if chain is None or chain in self._open:
                # Two ids that one entry had, both there: the one that it had last stays with it.
                fresh[entry.kind, entry.id] = sighting
                continue
            if chain in found and chain.latest.reading.id != entry.id:
                fresh[entry.kind, entry.id] = sighting
                continue
            if chain in found:
                other, _ = found[chain]
                fresh[other.reading.kind, other.reading.id] = other
            found[chain] = (sighting, "identity")
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

    def _take(self, chain: Chain, sighting: Sighting, rule: Rule | None) -> None:
        chain.add(sighting, rule)
        chain.over = False
        self._by_id[chain.kind, sighting.reading.id] = chain
        self._awake.pop(chain, None)
        self._open.add(chain)


def _number(day: str) -> int:
    """Return a number that sorts as the day does."""
    if day in {FIRST_DAY, LAST_DAY}:
        return 0 if day == FIRST_DAY else 99_999_999
    return int(day.replace("-", ""))
