"""Backfills from the small web archive: in this process, or in one of their own."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from scrapy.crawler import Crawler

from psgcrawl.spiders.wayback import WaybackSpider
from tests import crawls
from tests.crawls import crawl_here
from tests.forked import Forked
from tests.here import LIVE
from tests.miniarchive import MiniArchive

CONTACT: Final = "ops@example.org"
HASTE: Final[dict[str, Any]] = {
    "CONTACT": CONTACT,
    "WAYBACK_INDEX_PER_MINUTE": 60_000,
    "WAYBACK_MEMENTOS_PER_SECOND": 10_000,
    "WAYBACK_PAUSE": 0,
    "RETRY_TIMES": 1,
    "RETRY_FIRST_PAUSE": 0,
}
"""Settings for a web archive that nobody else asks."""


def backfill(archive: Path, web: MiniArchive, settings: Mapping[str, Any], **arguments: str) -> Crawler:
    """Crawl in this process; budgets are kept beside the archive."""
    own = {**HASTE, "DOWNLOAD_HANDLERS": LIVE, "WAYBACK_BUDGETS": str(archive.parent / "budgets"), **settings}
    return crawl_here(archive, WaybackSpider, own, webarchive=web.address, **arguments)


def words(archive: Path, webarchive: str, **arguments: str) -> list[str]:
    """Return the words behind ``python`` that backfill as a person does."""
    own = {"ARCHIVE_DIR": archive, **HASTE, "WAYBACK_BUDGETS": archive.parent / "budgets"}
    line = ["-m", "scrapy", "crawl", "wayback", "-a", f"webarchive={webarchive}"]
    line += [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
    return line + [word for name, value in own.items() for word in ("-s", f"{name}={value}")]


def run(archive: Path, webarchive: str, **arguments: str) -> crawls.Ran:
    """Backfill in a process of its own, to its end."""
    return crawls.run(*words(archive, webarchive, **arguments))


def start(archive: Path, web: MiniArchive, **arguments: str) -> "subprocess.Popen[str] | Forked":
    """Begin to backfill in a process of its own."""
    return crawls.command(*words(archive, web.address, **arguments))
