"""Lives as the index keeps them: what was found out, with the numbers of readings in place of their texts."""

from collections.abc import Callable, Iterator

import msgspec

from psgcrawl.archive import jsonl
from psgcrawl.archive.compare.changes import Field
from psgcrawl.archive.compare.matching import Rule
from psgcrawl.archive.history.lives import Gap, Identity, Life, Revision, State
from psgcrawl.records import Entry


class KeptRevision(msgspec.Struct, frozen=True, array_like=True):
    """A :class:`~psgcrawl.archive.history.lives.Revision`."""

    between: tuple[str, str]
    ordered: bool
    matched_by: Rule
    fields: list[Field]
    old: int
    new: int


class KeptLife(msgspec.Struct, frozen=True, array_like=True):
    """A :class:`~psgcrawl.archive.history.lives.Life`."""

    state: State
    confirmed: bool
    evidence: list[str]
    absent_before: str | None
    first_seen: str
    last_seen: str
    sightings: int
    unordered: list[str]
    ids: list[tuple[str, str, Rule | None]]
    revisions: list[KeptRevision]
    gaps: list[tuple[str, str, str]]
    entry: int

    @property
    def readings(self) -> Iterator[int]:
        """The numbers of the readings that it speaks of, some more than once."""
        yield self.entry
        for one in self.revisions:
            yield one.old
            yield one.new


_decoder = msgspec.json.Decoder(KeptLife)


def dumped(life: Life, number: Callable[[Entry], int]) -> str:
    """Return a life as text.

    :param number: gives the number of a reading
    """
    kept = KeptLife(
        state=life.state,
        confirmed=life.confirmed,
        evidence=life.evidence,
        absent_before=life.absent_before,
        first_seen=life.first_seen,
        last_seen=life.last_seen,
        sightings=life.sightings,
        unordered=life.unordered,
        ids=[(one.id, one.first_seen, one.matched_by) for one in life.ids],
        revisions=[
            KeptRevision(one.between, one.ordered, one.matched_by, one.fields, number(one.old), number(one.new))
            for one in life.revisions
        ],
        gaps=[(one.last_seen, one.absent, one.seen_again) for one in life.gaps],
        entry=number(life.entry),
    )
    return jsonl.text(kept)


def loaded(text: str) -> KeptLife:
    """Return what :func:`dumped` made.

    :raises msgspec.MsgspecError: for anything else
    """
    return _decoder.decode(text)


def life(kept: KeptLife, reading: Callable[[int], Entry]) -> Life:
    """Return the life that was kept.

    :param reading: gives the reading of a number
    """
    entry = reading(kept.entry)
    return Life(
        id=entry.id,
        state=kept.state,
        confirmed=kept.confirmed,
        evidence=kept.evidence,
        absent_before=kept.absent_before,
        first_seen=kept.first_seen,
        last_seen=kept.last_seen,
        sightings=kept.sightings,
        unordered=kept.unordered,
        ids=[Identity(id=id_, first_seen=first, matched_by=rule) for id_, first, rule in kept.ids],
        revisions=[
            Revision(
                between=one.between,
                ordered=one.ordered,
                matched_by=one.matched_by,
                fields=one.fields,
                old=reading(one.old),
                new=reading(one.new),
            )
            for one in kept.revisions
        ],
        gaps=[Gap(last_seen=last, absent=absent, seen_again=again) for last, absent, again in kept.gaps],
        entry=entry,
    )
