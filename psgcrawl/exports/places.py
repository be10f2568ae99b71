"""Places in the run log: since when something is known.

A place is the ``sha256`` of a line of ``runs.jsonl``. What rests on several observations
is known since the last of them was logged, in the edition that is told of now.
"""

import re
from dataclasses import dataclass
from typing import Final

from psgcrawl.archive import runlog
from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.store import Archive
from psgcrawl.errors import NotFound, UsageError

START: Final = "start"
"""The place before the first line."""

_SHORTEST: Final = 8
"""Hexadecimal digits by which a line can be named."""


@dataclass(frozen=True, slots=True)
class Log:
    """The lines of the log, as far as they say since when something is known."""

    hashes: list[str]
    """The place of each line."""
    snapshots: dict[tuple[str, str], int]
    """The number of the line, from 0, that logged a snapshot's edition, by collection and name."""
    runs: dict[tuple[str, str], int]
    """The same of runs that found a snapshot unchanged, by collection and time of their start."""

    def number(self, place: str) -> int:
        """Return the number of the line that ``place`` names; -1 for the start.

        :raises UsageError: for what can be no place, and for what fits several lines
        :raises NotFound: when no line is there
        """
        if place == START:
            return -1
        if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST},64}}", place):
            raise UsageError(f"--since {place!r}: a place is {START!r}, or the sha256 of a line of {runlog.RUNS}")
        found = [number for number, known in enumerate(self.hashes) if known.startswith(place)]
        if not found:
            raise NotFound(f"--since {place}: no such line in {runlog.RUNS}; with {START!r} everything is told anew")
        if len(found) > 1:
            raise UsageError(f"--since {place}: fits {len(found)} lines of {runlog.RUNS}")
        return found[0]

    def since(self, collection: str, observation: Observation) -> int | None:
        """Return the number of the line since which an observation is known, as it is told now; None for no line."""
        edition = self.snapshots.get((collection, observation.side.name))
        if observation.run is None or edition is None:
            return edition
        run = self.runs.get((collection, observation.run))
        return None if run is None else max(run, edition)


def read(archive: Archive) -> Log:
    """Return what the log of an archive says; that of an archive without log says nothing.

    :raises DamagedData: ``runs.jsonl:line: problem``
    """
    log = Log([], {}, {})
    for number, line in enumerate(runlog.read(archive.folder)):
        log.hashes.append(line.sha256)
        if line.collection is None or line.snapshot is None:
            continue
        if line.outcome == "committed":
            log.snapshots.setdefault((line.collection, line.snapshot), number)
        elif line.outcome == "unchanged":
            log.runs.setdefault((line.collection, line.started), number)
    return log
