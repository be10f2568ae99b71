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

from msgspec import Struct

from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing, spreading, withheld
from psgcrawl.cli.again import derived_again
from psgcrawl.errors import PsgcrawlError, UsageError
from psgcrawl.exports import aside
from psgcrawl.exports.chosen import Chosen, choose
from psgcrawl.exports.ticking import Counted, ticking
from psgcrawl.jobs import Lost, in_order

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
TROUBLE: Final = 2
"""Exit code where not all files were written."""


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
        form.add_argument(
            "--each",
            action="store_true",
            help="a file for each collection, in the folder that -o names, or here; only these files are spread over "
            "processes",
        )
        spreading.arguments(form, "one")
        withheld.arguments(form)
        module.arguments(form)
        form.set_defaults(format=module)


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Write the file, and say on standard error what is in it; 0.

    :raises UsageError: for names that cannot be meant
    :raises NameTaken: for a file that exists
    :raises DamagedData: when what is exported is not as it was written; then there is no file
    """
    archive = locate()
    withheld.say(archive, included=args.include_withheld)
    if args.each:
        return _each(args, archive)
    if args.jobs is not None or args.scheduler is not None:
        raise UsageError("--jobs, --scheduler: one file is written in one piece; with --each there are several")
    return _whole(args, archive)


def _whole(args: argparse.Namespace, archive: Archive) -> int:
    with ExitStack() as stack:
        again = partial(derived_again, stack)
        words = [args.collection, *args.others]
        chosen = choose(archive, words, args.snapshot, again, include_withheld=args.include_withheld)
        if args.output == STANDARD_OUTPUT:
            if sys.stdout.isatty():
                raise UsageError("-o -: standard output is a terminal, which cannot show the file")
            printing.note(_written(chosen, args, sys.stdout.buffer, STANDARD_OUTPUT))
            return 0
        printing.note(_filed(chosen, args, Path(args.output or _default(chosen) + args.format.SUFFIX)))
    return 0


def _filed(chosen: list[Chosen], args: argparse.Namespace, path: Path) -> str:
    """Write the file, or bring it up to date, and return what came of it."""
    old = path if _to_update(args, path) else None
    with aside.new_file(path, force=args.force or old is not None) as stream:
        said = _written(chosen, args, stream, str(path), old)
    return f"{path}: {said}"


class _File(Struct, frozen=True):
    """One file of several: a job."""

    archive: Path
    collection: str
    form: str
    """The name of its format's module."""
    options: Mapping[str, object]


def _each(args: argparse.Namespace, archive: Archive) -> int:
    """Write a file for each collection; 2 where one could not be written, and the others are."""
    if args.snapshot or args.output == STANDARD_OUTPUT:
        raise UsageError("--each: a file for each collection: no snapshots can be picked, and -o names a folder")
    chosen = choose(archive, [args.collection, *args.others])
    if any(one.named for one in chosen):
        raise UsageError("--each: a file for each collection: no snapshots can be picked")
    folder = Path(args.output or ".").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    options = {name: value for name, value in vars(args).items() if name not in {"format", "run"}}
    jobs = [
        _File(
            archive.folder.absolute(),
            one.collection,
            args.format.__name__,
            {**options, "output": str(folder / f"{one.collection}{args.format.SUFFIX}")},
        )
        for one in chosen
    ]
    failed = False
    with spreading.engine(args, [archive.folder], usual=1, writes=False) as engine:
        for job, done in zip(jobs, in_order(engine.results(write_one, jobs)), strict=True):
            if isinstance(done, Lost):
                done = _Done(f"{job.collection}: {done.problem}", failed=True)  # noqa: PLW2901 - the same in words
            printing.note(done.said)
            failed = failed or done.failed
    return TROUBLE if failed else 0


class _Done(Struct, frozen=True):
    said: str
    failed: bool


def write_one(job: _File) -> _Done:
    """Write one of several files; what goes wrong with it is no reason not to write the others."""
    args = argparse.Namespace(**{**job.options, "format": import_module(job.form)})
    try:
        with ExitStack() as stack:
            again = partial(derived_again, stack)
            words = [job.collection]
            chosen = choose(Archive(job.archive), words, again=again, include_withheld=args.include_withheld)
            return _Done(_filed(chosen, args, Path(args.output)), failed=False)
    except (PsgcrawlError, OSError) as error:
        return _Done(str(error), failed=True)


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
