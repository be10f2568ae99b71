"""List the collections and their snapshots: when captured, from where, how much, how far."""

import argparse
from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from psgcrawl.archive.store import Archive, Collection, Snapshot, resolve
from psgcrawl.cli import printing
from psgcrawl.errors import DamagedData, NotFound
from psgcrawl.records import KINDS, Captured, Counts, Coverage, Source
from psgcrawl.visible import visible

_HEADER = ("SNAPSHOT", "CAPTURED", "SOURCE", "PAGES", "ENTRIES", "NOTICES", "BOILERPLATE", "SIZE", "COVERAGE")
_TROUBLE = 2
_FIRST, _LAST = "T00:00:00Z", "T23:59:59Z"
"""Times at which bounds stand that are really days."""
_FIGURES = frozenset({3, 4, 5, 6, 7})


class Listed(Struct, frozen=True, kw_only=True):
    """A snapshot as ``psgcrawl snapshots --json`` lists it."""

    name: Annotated[str, Meta(description="Name of the snapshot's folder.")]
    captured: Annotated[Captured, Meta(description="First and last capture; `to` null when unknown.")]
    source: Annotated[Source, Meta(description="`live`, `memento` or `file`.")]
    counts: Annotated[Counts, Meta(description="Pages, and entries by kind.")]
    coverage: Annotated[Coverage, Meta(description="Which part of the listing was seen.")]
    bytes: Annotated[int, Meta(description="Length of all its files together.")]


class ListedCollection(Struct, frozen=True, kw_only=True):
    """A collection as ``psgcrawl snapshots --json`` lists it."""

    name: Annotated[str, Meta(description="Name of the collection.")]
    snapshots: Annotated[list[Listed], Meta(description="Its snapshots, in order of capture time.")]


class SnapshotList(Struct, frozen=True, kw_only=True):
    """What ``psgcrawl snapshots --json`` prints."""

    archive: Annotated[str, Meta(description="Folder of the archive.")]
    collections: Annotated[list[ListedCollection], Meta(description="The collections, by name.")]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("collection", nargs="?", metavar="COLLECTION", help="only this collection")
    parser.add_argument(
        "snapshots",
        nargs="*",
        metavar="SNAPSHOT",
        help="only these: a time or a unique prefix of it, latest, latest~1, or a path",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Print the list; 0, or 2 where a snapshot cannot be read: the others are listed.

    :raises NotFound: where there is no archive, collection or snapshot of that name.
    """
    archive = locate()
    if not archive.folder.is_dir():
        raise NotFound(f"{archive.folder}: no archive is here; 'make crawl' or 'scrapy crawl captures' makes one")
    collections = archive.collections() if args.collection is None else [archive.collection(args.collection)]
    damaged: list[str] = []
    found = SnapshotList(
        archive=str(archive.folder),
        collections=[_collection(collection, args.snapshots, damaged) for collection in collections],
    )
    if args.json:
        print(printing.document(found))
    else:
        printing.show(_text(found) or [f"{visible(found.archive)}: no snapshots yet"])
    for problem in damaged:
        printing.note(problem)
    return _TROUBLE if damaged else 0


def _collection(collection: Collection, references: list[str], damaged: list[str]) -> ListedCollection:
    chosen = [resolve(collection, name) for name in references] if references else collection.snapshots()
    listed: list[Listed] = []
    for snapshot in chosen:
        try:
            listed.append(_listed(snapshot))
        except DamagedData as error:
            damaged.append(str(error))
    return ListedCollection(name=collection.name, snapshots=listed)


def _listed(snapshot: Snapshot) -> Listed:
    facts = snapshot.manifest().provenance
    return Listed(
        name=snapshot.name,
        captured=facts.captured,
        source=facts.source,
        counts=facts.counts,
        coverage=facts.coverage,
        bytes=snapshot.size(),
    )


def _text(found: SnapshotList) -> list[str]:
    lines: list[str] = []
    for collection in found.collections:
        rows = [_row(snapshot) for snapshot in collection.snapshots]
        shown = printing.table(_HEADER, rows, right=_FIGURES) if rows else ["no snapshots"]
        lines += ["", collection.name, *(f"  {line}" for line in shown)]
    return lines[1:]


def _row(snapshot: Listed) -> tuple[str, ...]:
    counts = snapshot.counts
    return (
        snapshot.name,
        when(snapshot.captured),
        snapshot.source,
        str(counts.pages),
        *(str(counts.entries.get(kind, 0)) for kind in KINDS),
        printing.size(snapshot.bytes),
        how_far(snapshot.coverage),
    )


def when(captured: Captured) -> str:
    """Return a capture time for people: as exact as it is known, in UTC.

    >>> when(Captured(since="2014-12-08T00:00:00Z", until=None))
    'not before 2014-12-08'
    """
    since, until = captured.since, captured.until
    if until is None:
        return f"not before {_day(since) if since.endswith(_FIRST) else _minute(since)}"
    if since.endswith(_FIRST) and until.endswith(_LAST):
        return f"{_day(since)} to {_day(until)}"
    return _minute(since) if _minute(since) == _minute(until) else f"{_minute(since)} to {_minute(until)}"


def _day(instant: str) -> str:
    return instant[:10]


def _minute(instant: str) -> str:
    return f"{instant[:10]} {instant[11:16]}"


def how_far(coverage: Coverage) -> str:
    """Return for people which part of its listing a snapshot saw."""
    if coverage.complete:
        return "complete"
    seen = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in coverage.positions)
    parts = [f"part: position {seen}"] if seen else ["part"]
    if coverage.end is not None:
        parts.append("the only one" if coverage.end == "single-page" else "to the end")
    return ", ".join(parts)
