"""What the run log says of the snapshots."""

from collections import defaultdict
from pathlib import Path

from msgspec import Struct, field

from psgcrawl.archive import runlog

Name = tuple[str, str]
"""Collection and folder."""
Page = tuple[str | None, str]
"""Address and payload digest."""


class Logged(Struct):
    """The log, as far as snapshots can be held against it; what many lines say in the same words is kept once."""

    committed: dict[Name, dict[str | None, str]] = field(default_factory=lambda: defaultdict(dict))
    """Of each snapshot in each edition: the manifest hashes that lines give it, with the place of the first."""
    confirmed: dict[Name, dict[str | None, str]] = field(default_factory=lambda: defaultdict(dict))
    """The same of the snapshots that unchanged runs confirmed."""
    kept_apart: dict[Name, tuple[str | None, str]] = field(default_factory=dict)
    """The manifest hash of each folder kept apart, from the last line that names it: such a name can come again."""
    pages: dict[Name, dict[Page, str]] = field(default_factory=lambda: defaultdict(dict))
    """The pages that unchanged runs saw again, with the place of the first that says so; only if asked for."""
    lines: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def collections(self) -> set[str]:
        """The collections in which something was committed."""
        return {collection for collection, _ in self.committed}


def read_log(archive: Path, *, pages: bool = False) -> Logged:
    """Return what the log of ``archive`` says, and what is wrong with it."""
    logged = Logged()
    for place, line in runlog.examine(archive, logged.problems, logged.notes):
        logged.lines += 1
        if line.collection is None or line.snapshot is None:
            continue
        name = (line.collection, line.snapshot)
        match line.outcome:
            case "committed":
                logged.committed[name].setdefault(line.manifest_sha256, place)
            case "unchanged":
                logged.confirmed[name].setdefault(line.manifest_sha256, place)
                for page in line.pages if pages else ():
                    logged.pages[name].setdefault((page.url, page.payload_digest), place)
            case _:
                logged.kept_apart[name] = (line.manifest_sha256, place)
    return logged
