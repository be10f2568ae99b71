"""What a check finds, told as it is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from psgcrawl.errors import PsgcrawlError


class Finding(Struct, frozen=True):
    """One thing that a person should know."""

    place: str
    """Relative to the archive: ``news/20170218T060000Z/entries.jsonl:12``."""
    text: str
    damage: bool
    """False for what is sound and should be known: a declared redaction, what could not be compared."""


class Tally(Struct):
    """How much was looked at."""

    collections: int = 0
    snapshots: int = 0
    """In all their editions."""
    files: int = 0
    """Files that manifests name, and that were read to their end."""
    bytes: int = 0
    """Their length together."""
    lines: int = 0
    """Lines of the run log that are sound."""
    records: int = 0
    """WARC records that were looked into."""
    compared: int = 0
    """Snapshots whose entries and pages were derived again."""
    kept_apart: int = 0
    """Folders kept apart that were checked."""
    passed_over: int = 0
    """Folders kept apart without manifest, or still being written: there is nothing to check them against."""


_COUNTED: Final = Tally.__struct_fields__


class Found(Struct):
    """What a check of a part of an archive finds, perhaps in another process: told later, in its place."""

    told: list[Finding]
    tally: Tally
    problems: int


class Findings:
    """Takes what the checks find; passes it on at once, and counts."""

    def __init__(self, archive: Path, tell: Callable[[Finding], None]) -> None:
        """Begin a check of ``archive``; ``tell`` is called for each finding."""
        self.archive = archive
        self.tally = Tally()
        self.problems = 0
        self._tell = tell

    def damaged(self, place: Path | str, problem: str) -> None:
        """Tell a problem."""
        self.problems += 1
        self._tell(Finding(self._short(str(place)), problem.replace(f"{self.archive}/", ""), damage=True))

    def noted(self, place: Path | str, text: str) -> None:
        """Tell what is no damage."""
        self._tell(Finding(self._short(str(place)), text.replace(f"{self.archive}/", ""), damage=False))

    def said(self, message: str, *, damage: bool = True) -> None:
        """Tell what stands in a message of ours, ``place: problem``."""
        place, _, text = message.removeprefix(f"{self.archive}/").partition(": ")
        (self.damaged if damage else self.noted)(place, text)

    def raised(self, place: Path | str, error: PsgcrawlError | OSError) -> None:
        """Tell why something could not be read."""
        if isinstance(error, OSError):
            self.damaged(place, f"cannot be read: {error.strerror or error}")
        elif str(error).startswith(f"{self.archive}/"):
            self.said(str(error))
        else:
            self.damaged(place, str(error))

    def take(self, found: "Found") -> None:
        """Tell what a check of a part has found, in its order, and count it."""
        self.problems += found.problems
        for name in _COUNTED:
            if more := getattr(found.tally, name):
                setattr(self.tally, name, getattr(self.tally, name) + more)
        for finding in found.told:
            self._tell(finding)

    def _short(self, place: str) -> str:
        return place.removeprefix(f"{self.archive}/")
