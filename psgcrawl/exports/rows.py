"""Entries and revisions with where they stand: the lines of jsonl, and the rows of csv and parquet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Annotated, Any, Final

from msgspec import Meta

from psgcrawl.archive.assemble import canonical
from psgcrawl.archive.history.lives import State
from psgcrawl.archive.store import Snapshot
from psgcrawl.exports import source
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.pages import Pages, stand, stands
from psgcrawl.exports.source import Known, Note, Past
from psgcrawl.records import Captured, Entry, PayloadDigest

_FIELDS: Final = Entry.__struct_fields__


class ExportedEntry(Entry, frozen=True, kw_only=True):
    """An entry as one snapshot shows it: a line of ``psgcrawl export jsonl``."""

    collection: Annotated[str, Meta(description="The collection.")]
    snapshot: Annotated[str, Meta(description="The snapshot that shows it.")]
    page: Annotated[str | None, Meta(description="Address of the page that shows it; null for a file without one.")]
    captured: Annotated[Captured, Meta(description="When that page was captured: `from` and `to`, equal when known.")]
    payload_digest: Annotated[PayloadDigest, Meta(description="SHA-1 of the page's bytes, as CDX indexes write it.")]


class ExportedRevision(ExportedEntry, frozen=True, kw_only=True):
    """One reading of an entry in all its history: a line of ``psgcrawl export jsonl --revisions``.

    What is said of the page is that of the first observation that shows this reading.
    """

    key: Annotated[str, Meta(description="The entry: `COLLECTION/KIND/ID`, with the first id that it had.")]
    revision: Annotated[int, Meta(description="Counts the distinct readings of the entry, from 1, as first seen.")]
    revisions: Annotated[int, Meta(description="How many there are.")]
    first_seen: Annotated[str, Meta(description="The first observation that shows this reading.")]
    last_seen: Annotated[str, Meta(description="The last observation that shows this reading.")]
    state: Annotated[State, Meta(description="What became of the entry, as `psgcrawl history` says it.")]


def entries(chosen: Chosen, snapshot: Snapshot) -> Iterator[ExportedEntry]:
    """Yield the entries of a snapshot in canonical order, each with where it stands.

    The pages of the snapshot are read first; entries pass by one by one.

    :raises DamagedData: ``file:line: problem``
    """
    where = stands(snapshot.pages())
    for entry in source.entries(chosen, snapshot):
        page, captured, digest = stand(where, entry.id, snapshot.folder)
        yield ExportedEntry(
            **_values(entry),
            collection=chosen.collection,
            snapshot=snapshot.name,
            page=page,
            captured=captured,
            payload_digest=digest,
        )


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


def revisions(chosen: Sequence[Chosen], note: Note) -> Iterator[ExportedRevision]:
    """Yield every distinct reading of every entry, as they were first seen: by collection, observation, canonically.

    :raises UsageError: for snapshots that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    for one in chosen:
        yield from _revisions(source.past(one, note))


def _revisions(past: Past) -> Iterator[ExportedRevision]:
    pages = Pages()
    found: list[tuple[int, Known, Reading, int]] = []
    for known in past.entries:
        its = readings(known)
        found += [(reading.first, known, reading, len(its)) for reading in its]
    found.sort(key=itemgetter(0))
    for rank, known, reading, count in _canonical(found):
        observation = past.observations[rank]
        page, captured, digest = pages.of(observation, reading.entry.id)
        yield ExportedRevision(
            **_values(reading.entry),
            collection=past.collection,
            snapshot=observation.side.name,
            page=page,
            captured=captured,
            payload_digest=digest,
            key=known.key,
            revision=reading.number,
            revisions=count,
            first_seen=observation.name,
            last_seen=past.observations[reading.last].name,
            state=known.life.state,
        )


def _canonical(
    found: Sequence[tuple[int, Known, Reading, int]],
) -> Iterator[tuple[int, Known, Reading, int]]:
    """Yield what one observation shows first in canonical order; given are they by rank."""
    start = 0
    while start < len(found):
        end = start
        while end < len(found) and found[end][0] == found[start][0]:
            end += 1
        here = {(one[2].entry.kind, one[2].entry.id): one for one in found[start:end]}
        for entry in canonical([one[2].entry for one in found[start:end]]):
            yield here[entry.kind, entry.id]
        start = end


def _values(entry: Entry) -> dict[str, Any]:
    return dict(zip(_FIELDS, _of(entry), strict=True))


_of = attrgetter(*_FIELDS)
