"""Say how crawls go: the last good run of each collection, what is overdue or went wrong, what is kept apart.

For a person, a second timer or a health check. Exit code 0: all is well; 1: something is
overdue, or a last run was bad; 2: trouble (no archive, a damaged run log).
"""

import argparse
import os
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from psgcrawl import settings
from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing
from psgcrawl.cli.expected import read_expected, spoken, together
from psgcrawl.cli.health import CollectionHealth, Kept, Status, health
from psgcrawl.cli.snapshots import when
from psgcrawl.errors import NotFound
from psgcrawl.visible import visible

_ATTENTION = 1
_VARIABLE = "PSGCRAWL_EXPECTED"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="[COLLECTION=]INTERVAL",
        help="how old a good run may be: 30m, 12h, 7d, 2w, never; else PSGCRAWL_EXPECTED, else EXPECTED_EVERY",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Print how the archive is; 0 when all is well, else 1.

    :raises NotFound: where there is no archive
    :raises UsageError: for what is no interval
    :raises DamagedData: when the run log cannot be read
    """
    expected = read_expected(
        ("EXPECTED_EVERY", settings.EXPECTED_EVERY),
        (_VARIABLE, os.environ.get(_VARIABLE, "")),
        ("--expect", together(args.expect)),
    )
    archive = locate()
    if not archive.folder.is_dir():
        raise NotFound(f"{archive.folder}: no archive is here; 'make crawl' or 'scrapy crawl captures' makes one")
    found = health(archive, expected, settings.FULL_EVERY, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    if args.json:
        print(printing.document(found))
    else:
        printing.show(visible(line) for line in _text(found))
    return 0 if found.good else _ATTENTION


def _text(found: Status) -> Iterator[str]:
    for collection in found.collections:
        yield from _collection(collection)
        yield from (_kept(kept, found.archive, collection.name) for kept in collection.kept_apart)
        yield ""
    yield from (f"! {trouble}" for trouble in found.troubles)
    yield from (_kept(kept, found.archive, None) for kept in found.kept_apart)
    verdict = "all is well" if found.good else "needs attention: lines with !"
    yield f"{found.archive}: {printing.size(found.bytes)}, {printing.size(found.free)} free: {verdict}"


def _collection(one: CollectionHealth) -> Iterator[str]:
    yield one.name
    yield from (f"  ! {trouble}" for trouble in one.troubles)
    age = f", {spoken(max(0, one.age))} ago" if one.age is not None else ""
    every = f"one is expected every {spoken(one.expected)}" if one.expected is not None else "none is expected"
    yield f"  last good run   {one.last_good or 'never'}{age}; {every}"
    captured = f", captured {when(one.captured)}" if one.captured is not None else ""
    yield f"  last snapshot   {one.snapshot or 'none'}{captured}"
    if one.outcomes:
        yield f"  last outcomes   {', '.join(f'{ended.outcome} {ended.finished[:10]}' for ended in one.outcomes)}"
    if one.full_in is not None:
        yield f"  next full crawl {'the next one' if one.full_in == 0 else f'after {one.full_in} more'}"
    yield f"  disk            {printing.size(one.bytes)}"


def _kept(kept: Kept, archive: str, collection: str | None) -> str:
    folder = "/".join(part for part in (archive, collection, kept.name) if part)
    remove = f"rm -r {shlex.quote(folder)}"
    if kept.name.startswith(".staging-"):
        how = "being written, or left by a run that died: the next run sets it aside"
    elif kept.taken_up:
        how = f"a later run took up its captures, all of them are in snapshots: {remove}"
    elif kept.acceptable and collection is not None:
        how = f"look at it, then: psgcrawl accept {collection} {kept.name} --reason TEXT, or: {remove}"
    else:
        how = f"it can be read as captures: scrapy crawl captures -a path={shlex.quote(folder)}, or: {remove}"
    return f"{'  ' if collection else ''}kept apart: {kept.name} ({printing.size(kept.bytes)}): {how}"
