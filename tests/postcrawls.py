"""Whole crawls of posts in this process, for tests against an imitation and against a real WordPress."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import asdict

from psgcrawl.archive.compare.changes import Comparison, Side
from psgcrawl.archive.history.lives import Life
from psgcrawl.archive.history.telling import history
from psgcrawl.archive.manifest import Manifest
from psgcrawl.archive.store import Archive
from psgcrawl.extensions import outcome as extension
from psgcrawl.middlewares import evidence
from psgcrawl.records import Entry
from psgcrawl.spiders.posts import PostsSpider
from tests import crawls
from tests.here import LIVE
from tests.layouts.ways import ALWAYS

SETTINGS: Final[dict[str, Any]] = {
    "DOWNLOAD_HANDLERS": LIVE,
    "CONTACT": "ops@example.org",
    "DOWNLOAD_DELAY": 0,
    "RETRY_TIMES": 1,
    "RETRY_FIRST_PAUSE": 0,
}


def tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a minute pass whenever somebody looks at the clock: what is fetched later was captured later."""
    now = iter(datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=number) for number in range(100_000))
    for module in (evidence, extension):
        monkeypatch.setattr(module, "_now", lambda: next(now).strftime("%Y-%m-%dT%H:%M:%SZ"))


@dataclass(frozen=True)
class Crawled(crawls.Crawled):
    """What became of a crawl."""

    @property
    def manifest(self) -> Manifest:
        return self.snapshot.manifest()

    @property
    def entries(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.snapshot.entries()}

    @property
    def shown(self) -> dict[str, dict[str, Any]]:
        """Each entry with what every page can show, as tests/layouts/ways.py compares them."""
        fields = set.intersection(*(set(row.fields) for row in self.rows))
        return {
            id_: {name: asdict(entry)[name] for name in (*ALWAYS, *sorted(fields))}
            for id_, entry in self.entries.items()
        }

    @property
    def proved(self) -> tuple[str, bool, str | None]:
        """Outcome, whether complete, and the end."""
        return self.line.outcome, self.coverage.complete, self.coverage.end

    @property
    def reasons(self) -> str:
        return "\n".join(self.line.reasons)


def crawl(
    archive: Path, base: str, settings: dict[str, Any] | None = None, *, deep: bool = True, **given: str
) -> Crawled:
    """Crawl; what the archive holds afterwards is sound to the last byte, and comes out of its evidence again.

    :param deep: whether it is derived again
    """
    crawler = crawls.crawl_here(archive, PostsSpider, SETTINGS | (settings or {}), base=base, **given)
    crawls.sound(archive, deep=deep)
    return Crawled(archive, crawls.outcome_of(crawler))


def histories(archive: Path) -> list[Life]:
    """Return the lives of all posts, as ``psgcrawl history posts`` tells them."""
    return list(history(Archive(archive), Archive(archive).collection("posts"), str).lives)


def changes(archive: Path) -> dict[str, str]:
    """Return what is different between the last two snapshots, as ``psgcrawl diff posts`` says it, by id."""
    old, new = Archive(archive).collection("posts").snapshots()[-2:]
    return {one.id: one.change for one in Comparison(Side.of(old), Side.of(new)).changes()}
