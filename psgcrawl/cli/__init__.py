"""The command ``psgcrawl``: everything that is done with the archive. It never imports Scrapy.

One file a command, imported only when it is called, as is what finds the archive: a command answers
at once (``tests/cli/test_loading.py`` says what those that one types most must not load). Each has
``arguments(parser)`` and ``run(args, locate) -> int``, which returns the exit code
(``locate()`` gives the archive: two files can be compared without one); output for people or, with
``--json``, for programs goes to standard output, messages to standard error.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from psgcrawl import SOFTWARE
from psgcrawl.cli.quickly import load_msgspec
from psgcrawl.errors import PsgcrawlError

if TYPE_CHECKING:
    from psgcrawl.archive.store import Archive

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

_NO_TERMINAL: Final = 80
"""Columns, where nobody reads what is formatted."""


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


def _archive(named: str | None) -> "Archive":
    # Not every command has an archive, and what reads one takes longer to load than all else here.
    from psgcrawl import profiles, settings  # noqa: PLC0415 - see above
    from psgcrawl.archive.location import find_archive  # noqa: PLC0415 - see above
    from psgcrawl.archive.store import Archive  # noqa: PLC0415 - see above

    path = find_archive(named, os.environ, Path.cwd(), settings.ARCHIVE_DIR)
    profiles.enter(path)
    return Archive(path)


def _fail(message: str) -> int:
    from psgcrawl.cli import printing  # noqa: PLC0415 - most commands have loaded it, the others seldom fail

    printing.note(message)
    return TROUBLE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
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


class _Parser(argparse.ArgumentParser):
    """A parser that looks for the width of the terminal when it says how it is used, and not before.

    ``argparse`` asks what formats its help at each argument, to check that. To find the width it loads ``shutil``, with
    three kinds of compression: an eighth of what ``psgcrawl --version`` took.
    """

    def __init__(self, *, formatter_class: type[argparse.HelpFormatter] = argparse.HelpFormatter, **given: Any) -> None:  # noqa: ANN401 - as argparse has it
        self._shown_by = formatter_class
        super().__init__(formatter_class=partial(formatter_class, width=_NO_TERMINAL), **given)

    def format_usage(self) -> str:
        self.formatter_class = self._shown_by
        return super().format_usage()

    def format_help(self) -> str:
        self.formatter_class = self._shown_by
        return super().format_help()


class _Command(_Parser):
    """The parser of one command: it comes to be, and learns its arguments, when it is called.

    To make those of all commands took 3 ms, which was most of what ``psgcrawl history COLLECTION ENTRY`` does.
    """

    def __init__(self, command: str, **given: Any) -> None:  # noqa: ANN401 - as argparse has it
        self._command = command
        self._given = given

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as argparse has it
        super().__init__(**self._given)
        self.set_defaults(command=self._command)
        load_msgspec()
        module = import_module(f"{__name__}.{self._command}")
        self.description = module.__doc__
        self.set_defaults(run=module.run)
        module.arguments(self)
        return super().parse_known_args(args, namespace)

    def add_subparsers(self, **given: Any) -> Any:  # noqa: ANN401 - as argparse has it
        return super().add_subparsers(**{"parser_class": _Parser, **given})
