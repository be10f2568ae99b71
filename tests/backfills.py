"""Whole runs of ``scrapy crawl wayback`` in this process, against a small web archive, and what they left."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psgcrawl.archive.store import Archive
from psgcrawl.run import Outcome
from psgcrawl.spiders.wayback import WaybackSpider
from tests.crawls import crawl_here, outcome_of
from tests.here import LIVE
from tests.miniarchive import MiniArchive

QUICK: Mapping[str, Any] = {
    "CONTACT": "ops@example.org",
    "WAYBACK_INDEX_PER_MINUTE": 10_000,
    "WAYBACK_MEMENTOS_PER_SECOND": 10_000,
    "WAYBACK_PAUSE": 0.05,
    "RETRY_FIRST_PAUSE": 0.01,
}
"""Settings for a web archive on this machine, which nobody has to spare."""


@dataclass(frozen=True)
class Ran:
    """A run, and what it asked."""

    outcome: Outcome
    index: list[str]
    """Targets of its questions to the index."""
    mementos: list[str]
    """Those of captures."""

    @property
    def code(self) -> int:
        return self.outcome.exit_code

    @property
    def reasons(self) -> str:
        """What the log says of what is missing."""
        return "\n".join(reason for result in self.outcome.results for reason in result.line.reasons)

    @property
    def outcomes(self) -> set[str]:
        return {result.line.outcome for result in self.outcome.results}


def backfill(archive: Path, site: MiniArchive, settings: Mapping[str, Any] | None = None, **arguments: str) -> Ran:
    """Run it, and count only what this run asked."""
    site.forget()
    folder = str(archive.parent / "budgets")
    own = {**QUICK, "DOWNLOAD_HANDLERS": LIVE, "WAYBACK_BUDGETS": folder, **(settings or {})}
    crawler = crawl_here(archive, WaybackSpider, own, webarchive=site.address, **arguments)
    found = [[one.target for one in site.asked(kind)] for kind in ("index", "memento")]
    return Ran(outcome_of(crawler), *found)


def brought(archive: Path) -> dict[str, dict[str, bytes]]:
    """Return the entries of each snapshot, as they are on disk, by collection and name."""
    return {
        collection.name: {one.name: (one.folder / "entries.jsonl").read_bytes() for one in collection.snapshots()}
        for collection in Archive(archive).collections()
    }


def entries(archive: Path, collection: str) -> set[str]:
    """Return the ids of the entries of all snapshots of a collection: no notices, no standing blocks."""
    snapshots = Archive(archive).collection(collection).snapshots()
    return {entry.id for one in snapshots for entry in one.entries() if entry.kind == "entry"}


def captures(archive: Path, collection: str) -> set[tuple[str, str]]:
    """Return address and time of all pages of a collection."""
    snapshots = Archive(archive).collection(collection).snapshots()
    return {(row.url or "", row.captured.since) for one in snapshots for row in one.pages()}
