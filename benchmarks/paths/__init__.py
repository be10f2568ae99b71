"""The paths of the program: each module has ``contests(folder, *, small)``, which yields them one by one.

What a contest reads is made in ``folder`` when it is asked for; when the next one is,
it may go.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from benchmarks.contest import Contest

PATHS: Final[Mapping[str, str]] = {
    "layouts": "pages to entries, and datelines to dates",
    "writing": "entries to lines, and snapshots to disk",
    "diff": "two files of entries, or two snapshots",
    "verify": "an archive against its manifests",
    "history": "all snapshots of a collection",
    "export": "revisions to a database and a table",
    "report": "an archive as pages to look at",
    "typed": "what answers at once",
    "rebuild": "raw pages to snapshots",
    "live": "whole crawls",
    "unchanged": "crawls that find nothing new",
    "memory": "every command, with many entries",
}
"""Modules of this package, in the order in which they are measured."""

Contests = Callable[..., Iterator[Contest]]


def contests(path: str, folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield the contests of a path."""
    found = cast("Contests", import_module(f"{__name__}.{path}").contests)
    yield from found(folder, small=small)
