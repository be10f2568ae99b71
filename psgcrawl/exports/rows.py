"""Entries and revisions with where they stand: the lines of jsonl, and the rows of csv and parquet."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Annotated, Any, Final

from msgspec import Meta

from psgcrawl.archive.history.lives import State
from psgcrawl.archive.store import Snapshot
from psgcrawl.exports import source
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.pages import Pages, stand, stands
from psgcrawl.exports.source import Note, Past
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


def revisions(chosen: Sequence[Chosen], note: Note) -> Iterator[ExportedRevision]:
    """Yield every distinct reading of every entry, as they were first seen: by collection, observation, canonically.

    :raises UsageError: for snapshots that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    for one in chosen:
        yield from _revisions(source.past(one, note))


def _revisions(past: Past) -> Iterator[ExportedRevision]:
    pages = Pages()
    for one in past.entries.readings():
        observation = past.observations[one.first]
        page, captured, digest = pages.of(observation, one.entry.id)
        yield ExportedRevision(
            **_values(one.entry),
            collection=past.collection,
            snapshot=observation.side.name,
            page=page,
            captured=captured,
            payload_digest=digest,
            key=one.key,
            revision=one.number,
            revisions=one.readings,
            first_seen=observation.name,
            last_seen=past.observations[one.last].name,
            state=one.state,
        )


def _values(entry: Entry) -> dict[str, Any]:
    return dict(zip(_FIELDS, _of(entry), strict=True))


_of = attrgetter(*_FIELDS)
