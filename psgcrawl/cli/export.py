"""Write snapshots as one file of another format. The archive is not changed.

A format has its own options: psgcrawl export FORMAT --help.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing
from psgcrawl.errors import UsageError
from psgcrawl.exports import aside, wacz
from psgcrawl.exports.chosen import Chosen, choose

FORMATS: Final[Mapping[str, ModuleType]] = {"wacz": wacz}
"""By the word that names them; :mod:`psgcrawl.exports` says what one has to have."""

STANDARD_OUTPUT: Final = "-"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    formats = parser.add_subparsers(title="formats", metavar="FORMAT", required=True)
    for name, module in FORMATS.items():
        form = formats.add_parser(name, help=module.HELP, description=module.__doc__)
        form.add_argument("collection", metavar="COLLECTION", help="the collection")
        form.add_argument(
            "others",
            nargs="*",
            metavar="COLLECTION|SNAPSHOT",
            help="more collections; or only these snapshots of the one: a time or a unique prefix of it, latest, "
            "latest~1, or a path",
        )
        form.add_argument(
            "--snapshot",
            action="append",
            default=[],
            metavar="SNAPSHOT",
            help="only this snapshot; for one whose name is that of a collection, too",
        )
        form.add_argument(
            "-o",
            "--output",
            metavar="FILE",
            help="the file to write, '-' for standard output; COLLECTION… and the format's ending by default",
        )
        form.add_argument("--force", action="store_true", help="replace a file that exists")
        module.arguments(form)
        form.set_defaults(format=module)


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Write the file, and say on standard error what is in it; 0.

    :raises UsageError: for names that cannot be meant
    :raises NameTaken: for a file that exists
    :raises DamagedData: when what is exported is not as it was written; then there is no file
    """
    chosen = choose(locate(), [args.collection, *args.others], args.snapshot)
    if args.output == STANDARD_OUTPUT:
        if sys.stdout.isatty():
            raise UsageError("-o -: standard output is a terminal, which cannot show the file")
        said = args.format.write(chosen, args, sys.stdout.buffer, printing.note)
        printing.note(said)
        return 0
    path = Path(args.output or _default(chosen) + args.format.SUFFIX)
    with aside.new_file(path, force=args.force) as stream:
        said = args.format.write(chosen, args, stream, printing.note)
    printing.note(f"{path}: {said}")
    return 0


def _default(chosen: list[Chosen]) -> str:
    """Return the name of the file without its ending: of the collections, and of the snapshot if it is but one."""
    [first, *others] = chosen
    if first.named and len(first.snapshots) == 1:
        return f"{first.collection}-{first.snapshots[0].name}"
    return "-".join([first.collection, *(group.collection for group in others)])
