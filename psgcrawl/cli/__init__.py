"""The command ``psgcrawl``: everything that is done with the archive. It never imports Scrapy.

One file a command. Each has ``HELP`` (one line), ``arguments(parser)`` and
``run(args, locate) -> int``, which returns the exit code (``locate()`` gives the
archive: two files can be compared without one); output for people or, with
``--json``, for programs goes to standard output, messages to standard error.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from psgcrawl import SOFTWARE, settings
from psgcrawl.archive.location import find_archive
from psgcrawl.archive.store import Archive
from psgcrawl.cli import diff, history, printing, snapshots
from psgcrawl.errors import PsgcrawlError

TROUBLE: Final = 2
"""Exit code of wrong usage, of damaged input and of every exception."""

COMMANDS: Final[Mapping[str, ModuleType]] = {
    "snapshots": snapshots,
    "diff": diff,
    "history": history,
}

_CLOSED_PIPE: Final = 141
"""What a shell reports for a program that wrote into a closed pipe (``psgcrawl … | head``)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    :param argv: arguments without the program's name; those of the process by default.
    """
    try:
        args = _parser().parse_args(argv)
        code: int = args.run(args, lambda: _archive(args.archive))
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads on: say nothing more, not even when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _CLOSED_PIPE
    except (PsgcrawlError, OSError) as error:
        return _fail(str(error))
    except Exception as error:  # noqa: BLE001 - the exit code is a promise: no exception may become another one
        return _fail(f"internal error, please report it: {type(error).__name__}: {error}")
    return code


def _archive(named: str | None) -> Archive:
    return Archive(find_archive(named, os.environ, Path.cwd(), settings.ARCHIVE_DIR))


def _fail(message: str) -> int:
    printing.note(message)
    return TROUBLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="psgcrawl",
        description="Look into an archive of the Peru Support Group's listings. Crawling is 'scrapy crawl'.",
        epilog="The archive is DIR, else PSGCRAWL_ARCHIVE, else 'output' beside the nearest scrapy.cfg.",
    )
    parser.add_argument("--version", action="version", version=SOFTWARE)
    parser.add_argument("--archive", metavar="DIR", help="the folder of the archive")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser
