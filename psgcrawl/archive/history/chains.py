"""The readings of one entry through all observations, under whatever ids.

By id first: an id that was seen before means the same entry. What has a new id is
matched, by the rules of :mod:`psgcrawl.archive.compare.matching`, with entries that the
observation before showed, or whose place this one has seen without them; so the edited
title of an entry without detail page continues the entry, and removes and adds none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from psgcrawl.archive.compare import aside
from psgcrawl.archive.compare.evidence import Place
from psgcrawl.archive.compare.lines import Lines
from psgcrawl.archive.compare.matching import Rule, match
from psgcrawl.archive.history.observations import Observation, before
from psgcrawl.archive.history.reach import Reach
from psgcrawl.records import Entry, Kind


class Sighting(NamedTuple):
    """One observation that shows an entry."""

    rank: int
    """Which one: its place among the observations."""
    reading: Entry
    place: Place


class Chain:
    """One entry."""

    def __init__(self, kind: Kind) -> None:
        self.kind: Final = kind
        self.sightings: list[Sighting] = []
        """In the order of the observations."""
        self.ids: dict[str, Rule | None] = {}
        """Every id that it had, in the order of their first sightings, each with the rule by which it was found to be
        the same entry; None for the first id."""

    @property
    def latest(self) -> Sighting:
        """The last sighting, in the order of the observations."""
        return self.sightings[-1]

    def add(self, sighting: Sighting, rule: Rule | None) -> None:
        """Take a further sighting, found by ``rule``."""
        self.sightings.append(sighting)
        self.ids.setdefault(sighting.reading.id, rule)


def claims(observations: Sequence[Observation], rank: int, sighting: Sighting) -> bool:
    """Tell whether an observation, which lacks the entry, has seen where it would have stood; of order it says nothing.

    :param rank: which observation
    :param sighting: where another one shows the entry
    """
    here = observations[rank]
    if not here.whole or here.side.evidence is None:
        return False
    listing = observations[sighting.rank].facts.coverage.listing
    return here.side.evidence.claims(sighting.reading, sighting.place, listing)


def follow(observations: Sequence[Observation], reach: Reach) -> list[Chain]:
    """Return the entries of all observations, in the order in which they were first seen.

    Each snapshot is read once; of lines that are equal byte for byte one is parsed.

    :raises DamagedData: ``file:line: problem``
    """
    following = _Following(observations, reach)
    for rank, shown in enumerate(_readings(observations)):
        following.step(rank, shown)
    return following.chains


Shown = list[tuple[Entry, Place]]


class _Following:
    def __init__(self, observations: Sequence[Observation], reach: Reach) -> None:
        self._observations = observations
        self._reach = reach
        self._by_id: dict[tuple[Kind, str], Chain] = {}
        self._open: dict[Chain, None] = {}
        self.chains: list[Chain] = []

    def step(self, rank: int, shown: Shown) -> None:
        """Let each entry that the observation shows continue its chain, or begin one."""
        found, fresh = self._by_identity(rank, shown)
        unseen = [chain for chain in self._open if chain not in found]
        missed = {chain: None for chain in unseen if claims(self._observations, rank, chain.latest)}
        if fresh:
            near = [chain for chain in unseen if chain in missed or chain.latest.rank == rank - 1]
            for rule, chain, sighting in self._matched(near, fresh):
                found[chain] = (sighting, rule)
        for chain, (sighting, rule) in found.items():
            self._take(chain, sighting, rule)
        for sighting in fresh.values():
            chain = Chain(sighting.reading.kind)
            self.chains.append(chain)
            self._take(chain, sighting, None)
        for chain in unseen:
            if chain not in found and self._is_over(chain, rank, missed=chain in missed):
                del self._open[chain]

    def _is_over(self, chain: Chain, rank: int, *, missed: bool) -> bool:
        """Tell whether only its id can continue the chain from here on."""
        if missed:
            return before(self._observations[chain.latest.rank].captured, self._observations[rank].captured)
        return not self._reach.from_on(rank + 1, chain.latest.reading, chain.latest.place)

    def _by_identity(
        self, rank: int, shown: Shown
    ) -> tuple[dict[Chain, tuple[Sighting, Rule]], dict[tuple[Kind, str], Sighting]]:
        """Return what continues a chain by its id, and what no chain knows."""
        found: dict[Chain, tuple[Sighting, Rule]] = {}
        fresh: dict[tuple[Kind, str], Sighting] = {}
        for entry, place in shown:
            sighting = Sighting(rank, entry, place)
            chain = self._by_id.get((entry.kind, entry.id))
            if chain is not None and chain in found:
                # Two ids that one entry had, both there: the one that it had last stays with it.
                if chain.latest.reading.id == entry.id:
                    other = found[chain][0]
                    found[chain] = (sighting, "identity")
                    sighting = other
                fresh[sighting.reading.kind, sighting.reading.id] = sighting
            elif chain is not None:
                found[chain] = (sighting, "identity")
            else:
                fresh[entry.kind, entry.id] = sighting
        return found, fresh

    def _matched(
        self, near: list[Chain], fresh: dict[tuple[Kind, str], Sighting]
    ) -> Iterator[tuple[Rule, Chain, Sighting]]:
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
        self._by_id[chain.kind, sighting.reading.id] = chain
        self._open[chain] = None


def _readings(observations: Sequence[Observation]) -> Iterator[Shown]:
    """Yield what each observation shows."""
    waiting = Counter(one.side.name for one in observations)
    read: dict[str, Shown] = {}
    known: dict[bytes, Entry] = {}
    places: dict[Place, Place] = {}
    for one in observations:
        shown = read.pop(one.side.name, None) or _read(one, known, places)
        waiting[one.side.name] -= 1
        if waiting[one.side.name]:
            read[one.side.name] = shown
        yield shown if one.only is None else [pair for pair in shown if pair[0].id in one.only]


def _read(observation: Observation, known: dict[bytes, Entry], places: dict[Place, Place]) -> Shown:
    entries: dict[str, Entry] = {}
    with Lines(observation.side.entries) as lines:
        start = 0
        while raw := lines.line(start):
            entry = known.get(raw)
            if entry is None:
                entry = known[raw] = lines.entry(start, raw)
            if entry.id in entries:
                raise aside.duplicate(lines, entry.id, start)
            entries[entry.id] = entry
            start += len(raw)
    assert observation.side.evidence is not None  # noqa: S101 - the side is a snapshot
    where = observation.side.evidence.places(entries)
    # Many entries stand in the same place: one object serves them all.
    return [(entry, places.setdefault(where[id_], where[id_])) for id_, entry in entries.items()]
