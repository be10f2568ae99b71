"""The command ``psgcrawl``: everything that is done with the archive. It never imports Scrapy.

One file a command, imported only when it is called: a command answers at once. Each has
``arguments(parser)`` and ``run(args, locate) -> int``, which returns the exit code
(``locate()`` gives the archive: two files can be compared without one); output for people or, with
``--json``, for programs goes to standard output, messages to standard error.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from psgcrawl import SOFTWARE, profiles, settings
from psgcrawl.archive.location import find_archive
from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing
from psgcrawl.errors import PsgcrawlError

TROUBLE: Final = 2
"""Exit code of wrong usage, of damaged input and of every exception."""

COMMANDS: Final[Mapping[str, str]] = {
    "snapshots": "list collections and their snapshots",
    "diff": "say what changed between two snapshots",
    "history": "say what became of each entry, or of one, over all snapshots, or over all collections",
    "export": "write entries, revisions, changes, feeds, a database or raw pages as one file",
    "report": "write the archive as pages to look at, which open from disk",
    "run": "do the crawls that a file names, several at a time, of one site one at a time",
    "rebuild": "derive entries again from the raw pages, by the rules of today",
    "status": "say how crawls go: what is overdue, what went wrong, what is kept apart",
    "accept": "commit a crawl that was kept apart, on a person's word",
    "withhold": "keep an entry or a raw page out of what is published, on request",
    "redact": "take the bytes of one record out, where the law demands it",
    "verify": "say whether the archive is as it was written",
}
"""Each command is the module of its name, imported when it is called, and what it does in one line."""

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
    path = find_archive(named, os.environ, Path.cwd(), settings.ARCHIVE_DIR)
    profiles.enter(path)
    return Archive(path)


def _fail(message: str) -> int:
    printing.note(message)
    return TROUBLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="psgcrawl",
        description="Look into an archive of a site's listings. Crawling is 'scrapy crawl'.",
        epilog="The archive is DIR, else PSGCRAWL_ARCHIVE, else 'output' beside the nearest scrapy.cfg.",
    )
    parser.add_argument("--version", action="version", version=SOFTWARE)
    parser.add_argument("--archive", metavar="DIR", help="the folder of the archive")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Command)
    for name, does in COMMANDS.items():
        commands.add_parser(name, help=does, command=name)
    return parser


class _Command(argparse.ArgumentParser):
    """The parser of one command: it comes to be, and learns its arguments, when it is called.

    To make those of all commands took 3 ms, which was most of what ``psgcrawl history COLLECTION ENTRY`` does.
    """

    def __init__(self, command: str, **given: Any) -> None:  # noqa: ANN401 - as argparse has it
        self._command = command
        self._given = given

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as argparse has it
        super().__init__(**self._given)
        self.set_defaults(command=self._command)
        module = import_module(f"{__name__}.{self._command}")
        self.description = module.__doc__
        self.set_defaults(run=module.run)
        module.arguments(self)
        return super().parse_known_args(args, namespace)

    def add_subparsers(self, **given: Any) -> Any:  # noqa: ANN401 - as argparse has it
        return super().add_subparsers(**{"parser_class": argparse.ArgumentParser, **given})
