"""Commit a crawl that was kept apart (.refused-…, .incomplete-…), on your word: look at it first.

It is verified, down to its raw pages, and then committed as every snapshot is. Manifest
and run log say who it was, when it was accepted, and why. A crawl that was incomplete
stays so: it claims no more than it saw. Exit code 0: accepted; 2: trouble.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime

from psgcrawl.archive.accepting import accept
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing
from psgcrawl.errors import UsageError
from psgcrawl.visible import visible


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("collection", metavar="COLLECTION", help="the collection")
    parser.add_argument(
        "name", metavar="NAME", help="the folder, or a unique beginning of its name; the dot may be left out"
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why it is right; it is kept for good")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Commit the folder, and say what it is called now; 0.

    :raises NotFound: where there is no such collection or folder
    :raises UsageError: for what was accepted before or was never finished, and for a reason that is no line of text
    :raises CollectionBusy: where another run holds the collection
    :raises DamagedData: where something is not as it was written; nothing was changed then
    """
    reason = args.reason.strip()
    if not reason or not reason.isprintable():
        raise UsageError(f"--reason {args.reason!r}: one line of text is needed")
    archive = locate()
    collection = archive.collection(args.collection)
    with CollectionLock(archive.folder, collection.name) as lock:
        done = accept(lock, args.name, reason, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    before = "was accepted before, and is" if done.finished else "is accepted:"
    how_far = "complete" if done.line.coverage and done.line.coverage.complete else "not complete"
    printing.show([visible(f"{collection.name}: {done.folder} {before} {done.line.snapshot} now ({how_far})")])
    return 0
