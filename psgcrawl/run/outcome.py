"""What became of a run, and the exit code that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psgcrawl.records import OutcomeName, RunLine

COMMITTED: Final = 0
FAILED: Final = 1
INCOMPLETE: Final = 3
REFUSED: Final = 4
BUSY: Final = 5

_PRECEDENCE: Final = (FAILED, REFUSED, BUSY, INCOMPLETE, COMMITTED)
"""A run over several collections exits with the first of these that occurred."""

EXIT_CODES: Final[Mapping[OutcomeName, int]] = {
    "committed": COMMITTED,
    "unchanged": COMMITTED,
    "incomplete": INCOMPLETE,
    "refused": REFUSED,
    "failed": FAILED,
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one group of pages: its line in the log, and what the summary says."""

    line: RunLine
    exit_code: int
    undated: int = 0
    flags: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run."""

    archive: Path
    results: Sequence[Result]
    problems: Sequence[str]
    """What a person must be told on standard error: ``place: problem``."""
    notes: Sequence[str] = ()
    """Problems of pages that were read nevertheless; they stand in ``pages.jsonl``, too."""
    passed_over: Sequence[str] = ()
    """What was no capture and therefore not taken in: a line a file."""
    told: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What else people should know of a collection's crawl; it is in order."""
    planned: Sequence[str] | None = None
    """What the run would do, where it was only to say that: lines for people."""
    spoilt: bool = False
    """Whether something beside the archive went wrong: a feed."""

    @property
    def exit_code(self) -> int:
        """The exit code of ``scrapy crawl``: a run that brought nothing and did nothing has failed."""
        if self.planned is not None:
            return COMMITTED
        codes = {result.exit_code for result in self.results} | ({FAILED} if self.spoilt else set())
        return next((code for code in _PRECEDENCE if code in codes), FAILED)
