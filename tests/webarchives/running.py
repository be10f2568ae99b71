"""Backfills from the small web archive: in this process, or in one of their own."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from psgcrawl.run import Outcome
from psgcrawl.spiders.wayback import WaybackSpider
from tests import crawls
from tests.crawls import crawl_here, outcome_of
from tests.forked import Forked
from tests.here import LIVE
from tests.miniarchive import MiniArchive

from .truth import SMALL

CONTACT: Final = "ops@example.org"
HASTE: Final[Mapping[str, Any]] = {
    "CONTACT": CONTACT,
    "WAYBACK_INDEX_PER_MINUTE": 60_000,
    "WAYBACK_MEMENTOS_PER_SECOND": 10_000,
    "WAYBACK_PAUSE": 0.02,
    "RETRY_TIMES": 1,
    "RETRY_FIRST_PAUSE": 0,
}
"""Settings for a web archive that nobody else asks."""


@dataclass(frozen=True)
class Ran:
    """A run in this process, and what it asked."""

    outcome: Outcome
    index: list[str]
    """Targets of its questions to the index."""
    mementos: list[str]
    """Those of captures."""

    @property
    def code(self) -> int:
        """What the command would have exited with."""
        return self.outcome.exit_code

    @property
    def reasons(self) -> str:
        """What the log says of what is missing."""
        return "\n".join(reason for result in self.outcome.results for reason in result.line.reasons)

    @property
    def outcomes(self) -> set[str]:
        """The words that the log has for it."""
        return {result.line.outcome for result in self.outcome.results}


@dataclass(frozen=True)
class Everything:
    """All of the past, brought once and asked for again."""

    archive: Path
    first: Ran
    second: Ran


def small() -> MiniArchive:
    """Return a web archive that has a small part of the past."""
    return MiniArchive(tuple(taken for taken in SMALL.past.all if SMALL.within(taken)))


def backfill(archive: Path, web: MiniArchive, settings: Mapping[str, Any] | None = None, /, **arguments: str) -> Ran:
    """Crawl in this process, and count only what this run asks; budgets are kept beside the archive."""
    web.forget()
    own = {**HASTE, "DOWNLOAD_HANDLERS": LIVE, **_budgets(archive), **(settings or {})}
    crawler = crawl_here(archive, WaybackSpider, own, webarchive=web.address, **arguments)
    index, mementos = ([one.target for one in web.asked(kind)] for kind in ("index", "memento"))
    return Ran(outcome_of(crawler), index, mementos)


def words(archive: Path, webarchive: str, settings: Mapping[str, Any] | None = None, /, **arguments: str) -> list[str]:
    """Return the words behind ``python`` that backfill as a person does."""
    own = {"ARCHIVE_DIR": archive, **HASTE, **_budgets(archive), **(settings or {})}
    line = ["-m", "scrapy", "crawl", "wayback", "-a", f"webarchive={webarchive}"]
    line += [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
    return line + [word for name, value in own.items() for word in ("-s", f"{name}={value}")]


def run(archive: Path, webarchive: str, settings: Mapping[str, Any] | None = None, /, **arguments: str) -> crawls.Ran:
    """Backfill in a process of its own, to its end."""
    return crawls.run(*words(archive, webarchive, settings, **arguments))


def start(
    archive: Path, webarchive: str, settings: Mapping[str, Any] | None = None, /, **arguments: str
) -> "subprocess.Popen[str] | Forked":
    """Begin to backfill in a process of its own."""
    return crawls.command(*words(archive, webarchive, settings, **arguments))


def _budgets(archive: Path) -> Mapping[str, str]:
    return {"WAYBACK_BUDGETS": str(archive.parent / "budgets")}
