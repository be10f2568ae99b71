"""Entries and revisions with where they stand: the lines of jsonl, and the rows of csv and parquet."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Annotated, Any

from msgspec import Meta

from psgcrawl.archive.history.lives import State
from psgcrawl.archive.store import Snapshot
from psgcrawl.exports import source
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.pages import Pages, stand, stands
from psgcrawl.exports.source import Note, Past
from psgcrawl.records import Captured, Entry, PayloadDigest


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


Row = tuple[Any, ...]
"""The values of such a record, in the order of its fields: tables want no record, which takes longer to make than all
else that is done for a row."""


def entries(chosen: Chosen, snapshot: Snapshot) -> Iterator[Row]:
    """Yield the entries of a snapshot in canonical order, each with where it stands: rows of :class:`ExportedEntry`.

    The pages of the snapshot are read first; entries pass by one by one.

    :raises DamagedData: ``file:line: problem``
    """
    where = stands(snapshot.pages())
    collection, name, folder = chosen.collection, snapshot.name, snapshot.folder
    for entry in source.entries(chosen, snapshot):
        yield (*_of(entry), collection, name, *stand(where, entry.id, folder))


def revisions(chosen: Sequence[Chosen], note: Note) -> Iterator[Row]:
    """Yield every distinct reading of every entry, as they were first seen: by collection, observation, canonically.

    They are rows of :class:`ExportedRevision`.

    :raises UsageError: for snapshots that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    for one in chosen:
        yield from _revisions(source.past(one, note))


def _revisions(past: Past) -> Iterator[Row]:
    pages = Pages()
    names = [one.name for one in past.observations]
    for one in past.entries.readings():
        observation = past.observations[one.first]
        stood = past.collection, observation.side.name, *pages.of(observation, one.entry.id)
        seen = names[one.first], names[one.last], one.state
        yield (*_of(one.entry), *stood, one.key, one.number, one.readings, *seen)


_of = attrgetter(*Entry.__struct_fields__)
