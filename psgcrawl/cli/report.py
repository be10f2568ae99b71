"""Write the archive as pages to look at: a static site that opens from disk, without a server or the network.

A report that is there is brought up to date: only pages that say something else are
written again. Exit code 0, or 2 for trouble.
"""

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing, withheld
from psgcrawl.cli.again import derived_again
from psgcrawl.errors import NotFound
from psgcrawl.exports.chosen import choose
from psgcrawl.exports.report.english import count, number
from psgcrawl.exports.report.folder import Folder, check_place
from psgcrawl.exports.report.making import make
from psgcrawl.exports.ticking import ticking

FOLDER: Final = "report"
"""Its name, beside the archive, unless another one is named."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("collections", nargs="*", metavar="COLLECTION", help="only these collections")
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help=f"the folder to write, new or of an earlier report; {FOLDER!r} beside the archive by default",
    )
    withheld.arguments(parser)


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Write the report, and say on standard error what is in it and what was written; 0.

    :raises NotFound: where there is no archive, or no collection of that name
    :raises UsageError: for snapshots that have no history in common, and for a folder in the archive
    :raises NameTaken: for a folder that is there and holds no report
    :raises DamagedData: when what is told is not as it was written
    """
    archive = locate()
    withheld.say(archive, included=args.include_withheld)
    names = args.collections or [one.name for one in archive.collections() if one.snapshots()]
    if not names:
        raise NotFound(f"{archive.folder}: no snapshots yet, so there is nothing to report")
    for name in names:
        archive.collection(name)
    path = Path(args.output) if args.output else archive.folder.parent / FOLDER
    check_place(path, archive.folder)
    folders: list[Folder] = []

    def text(seconds: float) -> str:
        told = f"{number(folders[0].told)} files" if folders else "reading the history"
        return f"psgcrawl: {path}: {seconds:.0f} s, {told}"

    with ExitStack() as stack:
        clear = stack.enter_context(ticking(text))

        again = partial(derived_again, stack)

        def note(message: str) -> None:
            clear()
            printing.note(message)

        chosen = choose(archive, names, (), again, include_withheld=args.include_withheld)
        made = make(chosen, path, note, folders.append)
    removed = f", {number(made.removed)} removed" if made.removed else ""
    said = f"{count(made.entries, 'entry')}, {count(made.files, 'file')} ({number(made.written)} written{removed})"
    printing.note(f"{path / 'index.html'}: {said}")
    return 0
