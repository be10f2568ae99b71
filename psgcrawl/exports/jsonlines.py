"""Entries as JSON Lines, each with where it stands; or all their revisions; or what became known since a place.

One JSON object a line, ASCII, compact, fields in the order of the schema. Without
options, the entries of the latest snapshot of each collection, or of those named, in
canonical order.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from psgcrawl.archive import jsonl
from psgcrawl.exports import changes, places, rows, source
from psgcrawl.exports.chosen import Chosen, latest, whole
from psgcrawl.exports.rows import ExportedEntry, ExportedRevision, Row
from psgcrawl.exports.source import Note

HELP: Final = "entries, revisions or changes, one JSON object a line"
SUFFIX: Final = ".jsonl"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the format's own options."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--revisions", action="store_true", help="every distinct reading of every entry, in the order of first sight"
    )
    what.add_argument(
        "--since",
        metavar="PLACE",
        help="what became known after PLACE: the 'place' of the last line that you have, or 'start'",
    )


def write(chosen: Sequence[Chosen], args: argparse.Namespace, stream: BinaryIO, note: Note) -> str:
    """Write the lines to ``stream``; return for people how many.

    :raises UsageError: for snapshots named where all count, and for what is no place
    :raises DamagedData: when what is read is not as it was written
    """
    if args.since is not None:
        return _said(_written(_changes(chosen, args.since, note), stream), "changes")
    if args.revisions:
        whole(chosen, "--revisions")
        return _said(_written(_records(ExportedRevision, rows.revisions(chosen, note)), stream), "revisions")
    return _said(_written(_entries(chosen), stream), "entries")


def _entries(chosen: Sequence[Chosen]) -> Iterator[object]:
    for one, snapshot in latest(chosen):
        yield from _records(ExportedEntry, rows.entries(one, snapshot))


def _records(kind: type[ExportedEntry], found: Iterable[Row]) -> Iterator[object]:
    names = kind.__struct_fields__
    return (kind(**dict(zip(names, row, strict=True))) for row in found)


def _changes(chosen: Sequence[Chosen], since: str, note: Note) -> Iterator[object]:
    whole(chosen, "--since")
    # Before the history: what is logged meanwhile is told the next time.
    log = places.read(chosen[0].archive)
    start = log.number(since)
    return changes.since([source.past(one, note) for one in chosen], log, start, note)


def _written(lines: Iterable[object], stream: BinaryIO) -> int:
    count = 0
    for line in lines:
        stream.write(jsonl.dumps(line) + b"\n")
        count += 1
    return count


def _said(count: int, what: str) -> str:
    return f"{count} {what}"
