"""What happened to entries: the statements of the history, each with the observations that are its evidence.

A statement is made by ``psgcrawl history`` (docs/history.md); nothing is decided here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta

from psgcrawl.archive import names
from psgcrawl.archive.compare.changes import Field
from psgcrawl.archive.compare.matching import Rule
from psgcrawl.exports.ordered import Key, canonical_key, ordered
from psgcrawl.exports.pages import Pages
from psgcrawl.exports.places import Log
from psgcrawl.exports.source import Known, Note, Past, looked_up
from psgcrawl.records import Captured, Entry, Kind, PayloadDigest, Sha256

What = Literal["replaced", "added", "edited", "relisted", "removed", "aged-out", "out-of-view"]
_ORDER: Final[tuple[What, ...]] = get_args(What)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedChange:
    """Something that became known: a line of ``psgcrawl export jsonl --since``."""

    change: Annotated[
        What,
        Meta(
            description="`added` (first seen); `edited`; `relisted` (listed again, after it was gone); `removed` (no "
            "longer listed, not necessarily deleted); `aged-out` (gone together from the old end of a list that keeps "
            "only recent entries); `out-of-view` (not seen since: no claim); `replaced` (`snapshot` stands in for "
            "its earlier editions: forget what you hold of them, what is still true of them follows)."
        ),
    ]
    collection: Annotated[str, Meta(description="The collection.")]
    key: Annotated[
        str | None,
        Meta(description="The entry: `COLLECTION/KIND/ID`, with the first id that it had; null for `replaced`."),
    ]
    id: Annotated[str | None, Meta(description="Its id, that of `new` where there is one; null for `replaced`.")]
    kind: Annotated[Kind | None, Meta(description="Its kind; null for `replaced`.")]
    fields: Annotated[list[Field], Meta(description="What was edited; empty for all else.")]
    matched_by: Annotated[
        Rule | None, Meta(description="How the two readings of an edit were found to be one; null for all else.")
    ]
    ordered: Annotated[bool, Meta(description="False for two readings of which it is not known which was first.")]
    confirmed: Annotated[bool, Meta(description="Whether two observations in a row claim that it is gone.")]
    evidence: Annotated[
        list[str],
        Meta(description="The observations on which this rests, in order of time; `docs/history.md` says which."),
    ]
    old: Annotated[Entry | None, Meta(description="The entry before; null where it was not known.")]
    new: Annotated[Entry | None, Meta(description="The entry after; null where it is gone.")]
    snapshot: Annotated[str, Meta(description="The snapshot that shows it: of `evidence`, that which came after.")]
    page: Annotated[str | None, Meta(description="The page that shows `new`; null without one, or without address.")]
    captured: Annotated[Captured, Meta(description="When that was captured; without a page, all of the snapshot.")]
    payload_digest: Annotated[
        PayloadDigest | None, Meta(description="SHA-1 of that page's bytes; null where `new` is null.")
    ]
    place: Annotated[
        Sha256 | None,
        Meta(description="`sha256` of the line of `runs.jsonl` since which this is known; the next `--since`."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Event:
    """A statement about an entry."""

    change: What
    known: Known
    evidence: tuple[str, ...]
    after: str
    """The observation that shows ``new``, or that shows the place without the entry."""
    old: Entry | None
    new: Entry | None
    fields: tuple[Field, ...] = ()
    matched_by: Rule | None = None
    ordered: bool = True
    confirmed: bool = False


def events(past: Past, known: Known) -> Iterator[Event]:
    """Yield what happened to an entry: that it was first seen, its edits, its returns, and how it ended."""
    life = known.life
    evidence = (life.first_seen,) if life.absent_before is None else (life.absent_before, life.first_seen)
    first = known.reading(past.ranks[life.first_seen])
    yield Event(change="added", known=known, evidence=evidence, after=life.first_seen, old=None, new=first)
    for one in life.revisions:
        yield Event(
            change="edited",
            known=known,
            evidence=one.between,
            after=one.between[1],
            old=one.old,
            new=one.new,
            fields=tuple(one.fields),
            matched_by=one.matched_by,
            ordered=one.ordered,
        )
    for gap in life.gaps:
        yield Event(
            change="relisted",
            known=known,
            evidence=(gap.last_seen, gap.absent, gap.seen_again),
            after=gap.seen_again,
            old=known.reading(past.ranks[gap.last_seen]),
            new=known.reading(past.ranks[gap.seen_again]),
        )
    if life.state in {"removed", "aged-out", "out-of-view"}:
        yield Event(
            change=life.state,
            known=known,
            evidence=tuple(life.evidence),
            after=life.evidence[1],
            old=life.entry,
            new=None,
            confirmed=life.confirmed,
        )


def since(pasts: Sequence[Past], log: Log, start: int, note: Note) -> Iterator[ExportedChange]:
    """Yield what became known after the line of that number, in the order of the lines since which it is known.

    Of one line, by collection; first what is replaced, then in canonical order of the
    entries' last readings, each entry's changes in the order of :data:`What`.

    :param start: as :meth:`psgcrawl.exports.places.Log.number` returns it
    :param note: is told which snapshots are not in the log yet; what rests on them is left out until they are
    :raises DamagedData: ``file:line: problem``
    """
    pages = Pages()
    for replaced, some in groupby(ordered(_keyed(pasts, log, start, note)), lambda row: row[2] < 0):
        if replaced:
            for number, place, _, which in some:
                yield _replacement(pasts[place], pasts[place].observations[which].name, log.hashes[number])
            continue
        for (number, place, _, which), known in looked_up(some, lambda row: (pasts[row[1]].entries, row[2])):
            yield exported(pasts[place], list(events(pasts[place], known))[which], pages, log.hashes[number])


def _keyed(pasts: Sequence[Past], log: Log, start: int, note: Note) -> Iterator[tuple[Key, tuple[int, int, int, int]]]:
    """Yield what became known, to be sorted: the line, the past, the entry, and which of its events.

    Of what is replaced there is no entry (-1), and which observation it is.
    """
    for place, past in enumerate(pasts):
        known = {one.name: log.since(past.collection, one) for one in past.observations}
        for name in (name for name, line in known.items() if line is None):
            note(f"{past.collection}/{name}: not in the run log yet: what rests on it is left out until it is")
        for name, line in _replaced(past, known, start):
            yield (line, place, -1, 0, "", "", 0, 0), (line, place, -1, past.ranks[name])
        for number, entry in enumerate(past.entries):
            canonical = canonical_key(entry.life.entry)
            for which, event in enumerate(events(past, entry)):
                lines = [known[name] for name in event.evidence]
                latest = max(-1 if line is None else line for line in lines)
                if None not in lines and latest > start:
                    order = _ORDER.index(event.change)
                    yield (latest, place, 0, *canonical, number, order), (latest, place, entry.chain.number, which)


def exported(past: Past, event: Event, pages: Pages, place: str | None = None) -> ExportedChange:
    """Return the line for an event.

    :raises DamagedData: ``file:line: problem``
    """
    observation = past.observation(event.after)
    stand = None if event.new is None else pages.of(observation, event.new.id)
    return ExportedChange(
        change=event.change,
        collection=past.collection,
        key=event.known.key,
        id=event.known.life.id if event.new is None else event.new.id,
        kind=event.known.chain.kind,
        fields=list(event.fields),
        matched_by=event.matched_by,
        ordered=event.ordered,
        confirmed=event.confirmed,
        evidence=list(event.evidence),
        old=event.old,
        new=event.new,
        snapshot=observation.side.name,
        page=stand.page if stand else None,
        captured=stand.captured if stand else observation.captured,
        payload_digest=stand.payload_digest if stand else None,
        place=place,
    )


def _replaced(past: Past, known: dict[str, int | None], start: int) -> Iterator[tuple[str, int]]:
    """Yield the later editions that were logged after ``start``; who starts at the start holds no earlier ones."""
    if start < 0:
        return
    for one in past.observations:
        line, parsed = known[one.name], names.parse(one.side.name)
        if one.run is None and line is not None and line > start and parsed is not None and parsed.edition > 1:
            yield one.name, line


def _replacement(past: Past, name: str, place: str) -> ExportedChange:
    observation = past.observation(name)
    return ExportedChange(
        change="replaced",
        collection=past.collection,
        key=None,
        id=None,
        kind=None,
        fields=[],
        matched_by=None,
        ordered=True,
        confirmed=False,
        evidence=[name],
        old=None,
        new=None,
        snapshot=observation.side.name,
        page=None,
        captured=observation.captured,
        payload_digest=None,
        place=place,
    )
