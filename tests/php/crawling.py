"""Whole crawls of a listing of the PHP site in this process, and what became of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy import Spider

from psgcrawl.archive.compare.changes import Change, Comparison, Side
from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.reading import read
from psgcrawl.spiders.news import NewsSpider
from tests import crawls
from tests.here import LIVE
from tests.minisite import Answer, MiniSite

SETTINGS = {
    "DOWNLOAD_HANDLERS": LIVE,
    "CONTACT": "ops@example.org",
    "DOWNLOAD_DELAY": 0,
    "RETRY_TIMES": 1,
    "RETRY_FIRST_PAUSE": 0,
    "PAGES_MAX": 12,
}
DETAIL = re.compile(r"/(?:news-)?article-\d+\.html")


@dataclass(frozen=True)
class Crawled(crawls.Crawled):
    """What became of a crawl."""

    asked: list[str]
    """What the site was asked for, but for robots.txt."""

    @property
    def ids(self) -> set[str]:
        return {entry.id for entry in self.snapshot.entries() if entry.kind == "entry"}


def crawl(
    archive: Path,
    site: MiniSite,
    spider: type[Spider] = NewsSpider,
    settings: dict[str, Any] | None = None,
    **given: str,
) -> Crawled:
    """Crawl; what the archive holds afterwards is sound to the last byte, and comes out of its evidence again."""
    before = len(site.requests)
    crawler = crawls.crawl_here(archive, spider, SETTINGS | (settings or {}), **({"base": site.url("")} | given))
    crawls.sound(archive)
    asked = [seen.target for seen in site.requests[before:] if seen.target != "/robots.txt"]
    return Crawled(archive, crawls.outcome_of(crawler), asked)


def changed(found: Crawled) -> list[Change]:
    """Return what is different between the last two snapshots."""
    old, new = Archive(found.archive).collection(str(found.line.collection)).snapshots()[-2:]
    return [one for one in Comparison(Side.of(old), Side.of(new)).changes() if one.change != "out-of-view"]


def pages(*positions: int, listing: str = "news") -> list[str]:
    return [f"/{listing}.php" + (f"?position={position}" if position else "") for position in positions]


def ids(site: MiniSite, listing: str = "news") -> set[str]:
    found = site.lists["news"] if listing == "news" else site.lists["articles"]
    return {(block.href or "").removesuffix(".html") for block in found}


def on_request(site: MiniSite, number: int, do: Callable[[], object]) -> None:
    """Do something just before the answer to that request for a page (0 is the first)."""
    count = iter(range(1000))

    def act(target: str) -> None:
        if ".php" in target and next(count) == number:
            do()

    site.on_request = act


def moved(to: str) -> Answer:
    return Answer(b"", status=302, headers=(("Location", to),))


ERROR = b"<html><head><title>Error</title></head><body><p>Could not connect to the database.</p></body></html>"


def incremental(archive: Path, site: MiniSite, **given: Any) -> Crawled:
    return crawl(archive, site, mode="incremental", **given)


def ticking(archive: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in archive.rglob("*") if path.is_file() and "runs" not in path.name}


def members_of(found: Crawled) -> dict[str, bytes]:
    """Return the records of a snapshot, each as its gzip member, by their ids."""
    path = found.snapshot.folder / "pages.warc.gz"
    data = path.read_bytes()
    with path.open("rb") as file:
        return {one.record.id: data[one.offset : one.offset + one.length] for one in read(file, str(path))}


def members(found: Crawled) -> set[bytes]:
    return set(members_of(found).values())


def details(found: Crawled) -> list[str]:
    return [target for target in found.asked if ".php" not in target]


def responses(found: Crawled) -> list[tuple[str | None, bytes]]:
    path = found.snapshot.folder / "pages.warc.gz"
    with path.open("rb") as file:
        return [(one.record.uri, one.record.block) for one in read(file, str(path)) if one.record.type == "response"]
