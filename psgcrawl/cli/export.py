"""Write entries or pages as one file of another format. The archive is not changed.

A format has its own options: psgcrawl export FORMAT --help.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, Final, cast

from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing, withheld
from psgcrawl.cli.again import derived_again
from psgcrawl.errors import UsageError
from psgcrawl.exports import aside
from psgcrawl.exports.chosen import Chosen, choose
from psgcrawl.exports.ticking import Counted, ticking

FORMATS: Final[Mapping[str, str]] = {
    "jsonl": "jsonlines",
    "csv": "commaseparated",
    "atom": "atom",
    "jsonfeed": "jsonfeed",
    "sqlite": "sqlite",
    "parquet": "parquet",
    "wacz": "wacz",
}
"""Modules of :mod:`psgcrawl.exports` by the word that names them; it says what each has to have."""

STANDARD_OUTPUT: Final = "-"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    formats = parser.add_subparsers(title="formats", metavar="FORMAT", required=True)
    for name, place in FORMATS.items():
        module = import_module(f"psgcrawl.exports.{place}")
        form = formats.add_parser(
            name,
            help=module.HELP,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
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
        withheld.arguments(form)
        module.arguments(form)
        form.set_defaults(format=module)


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Write the file, and say on standard error what is in it; 0.

    :raises UsageError: for names that cannot be meant
    :raises NameTaken: for a file that exists
    :raises DamagedData: when what is exported is not as it was written; then there is no file
    """
    with ExitStack() as stack:
        again = partial(derived_again, stack)
        archive = locate()
        withheld.say(archive, included=args.include_withheld)
        words = [args.collection, *args.others]
        chosen = choose(archive, words, args.snapshot, again, include_withheld=args.include_withheld)
        if args.output == STANDARD_OUTPUT:
            if sys.stdout.isatty():
                raise UsageError("-o -: standard output is a terminal, which cannot show the file")
            printing.note(_written(chosen, args, sys.stdout.buffer, STANDARD_OUTPUT))
            return 0
        path = Path(args.output or _default(chosen) + args.format.SUFFIX)
        old = path if _to_update(args, path) else None
        with aside.new_file(path, force=args.force or old is not None) as stream:
            said = _written(chosen, args, stream, str(path), old)
    printing.note(f"{path}: {said}")
    return 0


def _to_update(args: argparse.Namespace, path: Path) -> bool:
    return hasattr(args.format, "update") and not args.force and path.exists()


def _written(
    chosen: list[Chosen], args: argparse.Namespace, stream: BinaryIO, name: str, old: Path | None = None
) -> str:
    """Write to ``stream``, with a line on the terminal meanwhile if that takes long; return what came of it."""
    counted = Counted(stream)

    def text(seconds: float) -> str:
        return f"psgcrawl: {name}: {seconds:.0f} s, {printing.size(counted.written)}"

    with ticking(text) as clear:

        def note(message: str) -> None:
            clear()
            printing.note(message)

        form: ModuleType = args.format
        to = cast("BinaryIO", counted)
        said: str = form.write(chosen, args, to, note) if old is None else form.update(chosen, args, old, to, note)
    return said


def _default(chosen: list[Chosen]) -> str:
    """Return the name of the file without its ending: of the collections, and of the snapshot if it is but one."""
    [first, *others] = chosen
    if first.named and len(first.snapshots) == 1:
        return f"{first.collection}-{first.snapshots[0].name}"
    return "-".join([first.collection, *(group.collection for group in others)])
