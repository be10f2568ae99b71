"""A chain of sightings -> what can be said of the entry, each time with the observations that are the evidence.

The rules are those of ``docs/history.md``. Capture times are intervals, so that the order
of two observations may not be known; nothing here is claimed across such a pair.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from psgcrawl.archive.compare.changes import FIELDS, Field
from psgcrawl.archive.compare.evidence import field_of, in_common
from psgcrawl.archive.compare.lines import key
from psgcrawl.archive.compare.matching import Rule
from psgcrawl.archive.history.chains import Chain, Sighting, Stretch, claims, follow
from psgcrawl.archive.history.observations import Observation, before, unordered
from psgcrawl.archive.history.reach import Reach
from psgcrawl.records import Entry

State = Literal["listed", "relisted", "removed", "aged-out", "out-of-view"]
STATES: Final[tuple[State, ...]] = ("listed", "relisted", "removed", "aged-out", "out-of-view")


class Identity(Struct, frozen=True, kw_only=True):
    """An id under which an entry was listed."""

    id: Annotated[str, Meta(description="The id.")]
    first_seen: Annotated[str, Meta(description="The first observation that shows the entry under it.")]
    matched_by: Annotated[
        Rule | None, Meta(description="How it was found to be the same entry; null for the entry's first id.")
    ]


class Revision(Struct, frozen=True, kw_only=True):
    """A difference between two readings of an entry."""

    between: Annotated[
        tuple[str, str],
        Meta(description="The last observation known to show the old values, the first known to show the new ones."),
    ]
    ordered: Annotated[
        bool, Meta(description="Whether it is known which of the two was first; if not, they only differ.")
    ]
    matched_by: Annotated[Rule, Meta(description="How the two readings were found to be one entry.")]
    fields: Annotated[list[Field], Meta(description="What differs, of what both could show.")]
    old: Annotated[Entry, Meta(description="The entry as the first of the two has it.")]
    new: Annotated[Entry, Meta(description="The entry as the second of the two has it.")]


class Gap(Struct, frozen=True, kw_only=True):
    """A time in which an entry was not listed, between two sightings."""

    last_seen: Annotated[str, Meta(description="The last observation that shows it before.")]
    absent: Annotated[str, Meta(description="The first observation that saw its place without it.")]
    seen_again: Annotated[str, Meta(description="The first observation that shows it again.")]


class Life(Struct, frozen=True, kw_only=True):
    """What became of one entry: a line of ``psgcrawl history --jsonl``."""

    id: Annotated[str, Meta(description="Its id in `entry`.")]
    state: Annotated[
        State,
        Meta(
            description="`listed`; `relisted` (listed again, after it was gone); `removed` (no longer listed, not "
            "necessarily deleted); `aged-out` (gone together from the old end of a list that keeps only recent "
            "entries); `out-of-view` (not seen since, and nothing is claimed: its place was not seen, or the order "
            "is unknown)."
        ),
    ]
    confirmed: Annotated[
        bool, Meta(description="Whether two observations in a row claim that it is gone (`removed`, `aged-out`).")
    ]
    evidence: Annotated[
        list[str], Meta(description="The observations on which the state rests, a sighting first; `docs/history.md`.")
    ]
    absent_before: Annotated[
        str | None, Meta(description="The last observation before `first_seen` that saw its place without it.")
    ]
    first_seen: Annotated[str, Meta(description="The first observation that shows it.")]
    last_seen: Annotated[str, Meta(description="The last observation that shows it.")]
    sightings: Annotated[int, Meta(description="How many observations show it.")]
    unordered: Annotated[
        list[str],
        Meta(description="Observations that show it, whose order against others that show it is not known."),
    ]
    ids: Annotated[list[Identity], Meta(description="Every id that it had, in the order of their first sightings.")]
    revisions: Annotated[list[Revision], Meta(description="What was edited, in order of time; unordered ones last.")]
    gaps: Annotated[list[Gap], Meta(description="When it was not listed between two sightings.")]
    entry: Annotated[Entry, Meta(description="The entry as `last_seen` has it.")]

    @property
    def readings(self) -> Iterator[Entry]:
        """The readings that it speaks of, some more than once."""
        yield self.entry
        for one in self.revisions:
            yield one.old
            yield one.new

    @property
    def observations(self) -> frozenset[str]:
        """The names of all observations that it speaks of."""
        named = {self.first_seen, self.last_seen, *self.evidence, *self.unordered}
        named.update(one.first_seen for one in self.ids)
        named.update(name for one in self.revisions for name in one.between)
        named.update(name for gap in self.gaps for name in (gap.last_seen, gap.absent, gap.seen_again))
        return frozenset(named if self.absent_before is None else {*named, self.absent_before})


def lives(observations: Sequence[Observation]) -> list[Life]:
    """Return what became of each entry, in canonical order of their last readings, all read from the snapshots' files.

    :param observations: as :func:`psgcrawl.archive.history.observations.observe` returns them
    :raises DamagedData: ``file:line: problem``
    """
    return canonical(tell(observations, follow(observations)))


def tell(observations: Sequence[Observation], chains: Iterable[Chain]) -> list[Life]:
    """Return what became of each of ``chains``, in their order.

    :param chains: what :func:`psgcrawl.archive.history.chains.follow` returns for ``observations``
    :raises DamagedData: ``file:line: problem``
    """
    teller = Teller(observations)
    return [teller.life(chain) for chain in chains]


class Teller:
    """Tells what became of entries, one by one."""

    def __init__(self, observations: Sequence[Observation]) -> None:
        """Look through the observations.

        :raises DamagedData: ``file:line: problem``
        """
        self._past = _Past(observations)

    def life(self, chain: Chain) -> Life:
        """Return what became of an entry."""
        return _Witness(self._past, chain).life()


def canonical(found: Iterable[Life]) -> list[Life]:
    """Return lives in canonical order of their last readings; of equal ones, what was seen first comes first."""
    return sorted(found, key=lambda life: (key(life.entry), life.entry.kind))


class _Past:
    """The observations, and what is asked of all of them again and again."""

    def __init__(self, observations: Sequence[Observation]) -> None:
        self.all = observations
        self.starts = [one.captured.since for one in observations]
        self.ranks = {one.name: rank for rank, one in enumerate(observations)}
        self.reach = Reach(observations)
        names = unordered(observations)
        self._doubtful = [rank for rank, one in enumerate(observations) if one.name in names]

    def parts(self, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
        """Yield the stretches cut in parts: observations whose order against all others is known, or a single one."""
        for one in stretches:
            first = one.first
            for at in range(bisect_left(self._doubtful, one.first), bisect_right(self._doubtful, one.last)):
                rank = self._doubtful[at]
                if first < rank:
                    yield Stretch(first, rank - 1, one.reading, one.place)
                yield Stretch(rank, rank, one.reading, one.place)
                first = rank + 1
            if first <= one.last:
                yield Stretch(first, one.last, one.reading, one.place)


class _Witness:
    """What the observations say about one entry.

    Within a part (:meth:`_Past.parts`) nothing happens, so that it is looked at as a whole.
    """

    def __init__(self, past: _Past, chain: Chain) -> None:
        self._past = past
        self._all = past.all
        self._chain = chain
        self._main, self._aside = _ordered(past.all, past.parts(chain.stretches))

    def life(self) -> Life:
        chain, main = self._chain, self._main
        gaps = list(self._gaps())
        state, confirmed, evidence = self._state(gaps)
        first: dict[str, int] = {}
        for one in chain.stretches:
            first.setdefault(one.reading.id, one.first)
        return Life(
            id=main[-1].reading.id,
            state=state,
            confirmed=confirmed,
            evidence=[self._name(rank) for rank in evidence],
            absent_before=self._absent_before(),
            first_seen=self._name(main[0].first),
            last_seen=self._name(main[-1].last),
            sightings=sum(one.last - one.first + 1 for one in chain.stretches),
            unordered=[self._name(sighting.rank) for sighting in self._aside],
            ids=[
                Identity(id=id_, first_seen=self._name(first[id_]), matched_by=rule) for id_, rule in chain.ids.items()
            ],
            revisions=[*self._revisions(), *self._differences()],
            gaps=gaps,
            entry=main[-1].reading,
        )

    # --- state --------------------------------------------------------------------------

    def _state(self, gaps: Sequence[Gap]) -> tuple[State, bool, list[int]]:
        """Return the state, whether it is confirmed, and the ranks of the evidence."""
        last = self._main[-1].end
        later = self._after([last.rank])
        shown = (last.rank, *(sighting.rank for sighting in self._aside))
        gone = list(self._first_two(self._after(shown), last))
        if gone:
            evidence = self._all[gone[0]].side.evidence
            aged = evidence is not None and evidence.aged_out(last.reading, last.place)
            return ("aged-out" if aged else "removed"), len(gone) > 1, [last.rank, *gone]
        if later:
            return "out-of-view", False, [last.rank, next(self._first_two(later, last), later[0])]
        beyond = range(self._chain.latest.last + 1, len(self._all))
        doubtful = next(self._first_two(beyond, last), None)
        if doubtful is not None:
            return "out-of-view", False, [last.rank, doubtful]
        if gaps:
            ranks, gap = self._past.ranks, gaps[-1]
            return "relisted", False, [ranks[gap.last_seen], ranks[gap.absent], ranks[gap.seen_again]]
        return "listed", False, [last.rank]

    def _after(self, shown: Sequence[int]) -> range:
        """Return the ranks of the observations that are certainly later than all of those of the ranks ``shown``."""
        ends = [self._all[rank].captured.until for rank in shown]
        known = [end for end in ends if end is not None]
        later = bisect_right(self._past.starts, max(known)) if len(known) == len(ends) else len(self._all)
        return range(later, len(self._all))

    def _first_two(self, ranks: range, last: Sighting) -> Iterator[int]:
        """Yield the first observation that claims absence, and the first that does after it."""
        if not self._past.reach.from_on(ranks.start, last.reading, last.place):
            return
        first: int | None = None
        for rank in ranks:
            if first is not None and not before(self._all[first].captured, self._all[rank].captured):
                continue
            if claims(self._all, rank, last):
                yield rank
                if first is not None:
                    return
                first = rank

    def _absent_before(self) -> str | None:
        first, rank = self._main[0].begin, self._chain.stretches[0].first
        if not self._past.reach.up_to(rank, first.reading, first.place):
            return None
        # They are sorted by the lower bounds of their times: that of the first is the least.
        start = self._past.starts[rank]
        for earlier in reversed(range(rank)):
            until = self._all[earlier].captured.until
            if until is not None and until < start and claims(self._all, earlier, first):
                return self._name(earlier)
        return None

    def _gaps(self) -> Iterator[Gap]:
        seen = {sighting.rank for sighting in self._aside}
        for part, following in pairwise(self._main):
            one, other = part.end, following.begin
            here, there = self._all[one.rank].captured, self._all[other.rank].captured
            for rank in range(one.rank + 1, other.rank):
                now = self._all[rank].captured
                if rank in seen or not (before(here, now) and before(now, there)):
                    continue
                if claims(self._all, rank, one):
                    yield Gap(
                        last_seen=self._name(one.rank), absent=self._name(rank), seen_again=self._name(other.rank)
                    )
                    break

    # --- revisions ----------------------------------------------------------------------

    def _revisions(self) -> Iterator[Revision]:
        """Yield the edits, in the order of the observations that show the new values.

        A field is compared with the last observation that could show it in the same way.
        """
        last: dict[str, Stretch] = {}
        for part in self._main:
            edits: dict[int, tuple[Stretch, list[Field]]] = {}
            for shown, name in _in_order(part.place.fields):
                old = last.get(shown)
                if (
                    old is not None
                    and old.reading is not part.reading
                    and getattr(old.reading, name) != getattr(part.reading, name)
                ):
                    fields = edits.setdefault(old.last, (old, []))[1]
                    fields += [] if name in fields else [name]
                last[shown] = part
            for old, fields in edits.values():
                yield self._revision(old.end, part.begin, fields, ordered=True)

    def _differences(self) -> Iterator[Revision]:
        """Yield what sightings of unknown order have that none of the ordered ones has."""
        for sighting in self._aside:
            if any(not _differing(other.end, sighting) for other in self._main):
                continue
            earlier = next((part.end for part in reversed(self._main) if part.first < sighting.rank), None)
            one, other = sorted((earlier or self._main[0].begin, sighting), key=lambda sighting: sighting.rank)
            ordered = before(self._all[one.rank].captured, self._all[other.rank].captured)
            yield self._revision(one, other, _differing(one, other), ordered=ordered)

    def _revision(self, one: Sighting, other: Sighting, fields: list[Field], *, ordered: bool) -> Revision:
        same = one.reading.id == other.reading.id
        rules = self._chain.ids
        return Revision(
            between=(self._name(one.rank), self._name(other.rank)),
            ordered=ordered,
            matched_by="identity" if same else rules[other.reading.id] or rules[one.reading.id] or "identity",
            fields=fields,
            old=one.reading,
            new=other.reading,
        )

    def _name(self, rank: int) -> str:
        return self._all[rank].name


@lru_cache(256)
def _in_order(fields: frozenset[str]) -> list[tuple[str, Field]]:
    """Return what a place shows, each with its field, in the order of ``FIELDS``.

    Asked for every reading of every entry, of a handful of places: a tenth of a history's time where it is not kept.
    """
    return [(shown, name) for name in FIELDS for shown in sorted(fields) if field_of(shown) == name]


def _differing(one: Sighting, other: Sighting) -> list[Field]:
    """Return the fields that both could show in the same way, and that differ."""
    both = in_common(one.place.fields, other.place.fields)
    return [name for name in FIELDS if name in both and getattr(one.reading, name) != getattr(other.reading, name)]


def _ordered(observations: Sequence[Observation], parts: Iterable[Stretch]) -> tuple[list[Stretch], list[Sighting]]:
    """Return as many sightings as possible whose order is known, each against each, in that order, and the others.

    Of those that overlap, what ended first is kept.
    """
    kept: list[Stretch] = []
    aside: list[Sighting] = []

    def end(part: Stretch) -> tuple[bool, str]:
        until = observations[part.last].captured.until
        return until is None, until or ""

    for part in sorted(parts, key=end):
        if not kept or before(observations[kept[-1].last].captured, observations[part.first].captured):
            kept.append(part)
        else:
            aside.append(part.begin)
    return kept, sorted(aside, key=lambda sighting: sighting.rank)
