"""``python -m tests.crowd``: many whole crawls side by side in one process, as they would be without each other.

The argument is a list of ``{"archive", "arguments", "settings"}`` as JSON, a crawl of
``tests.listings`` each; on standard output stands what became of each, in that order.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from scrapy.settings import Settings

from psgcrawl.archive import runlog
from psgcrawl.errors import UnreadablePage
from psgcrawl.records import Page
from psgcrawl.run import run_of
from tests.crawls import run
from tests.listings import ListingSpider

BASIC: dict[str, Any] = {"CONTACT": "ops@example.org", "DOWNLOAD_DELAY": 0, "RETRY_FIRST_PAUSE": 0.01}

AT_ONCE = asyncio.Semaphore(8)
"""Else the last would wait for its answers while the first ones are set up, and their time would run out."""


class CrowdSpider(ListingSpider):
    """Begins when its turn has come, and says what it could not read."""

    async def start(self) -> AsyncIterator[Any]:
        """Wait, then ask for all pages."""
        await AT_ONCE.acquire()
        self.crawler.signals.connect(self.left, signal=signals.spider_closed)
        async for request in super().start():
            if self.settings.getbool("WITHOUT_ERRBACK"):
                request.errback = None
            if self.settings.getbool("WITHOUT_ORIGINS"):
                self.origins = frozenset()
            yield request

    def left(self) -> None:
        """Let the next begin."""
        AT_ONCE.release()

    def parse(self, response: Response, **_: Any) -> Iterator[Page]:
        """Yield the page, if it is one."""
        try:
            yield self.page_of(response)
        except UnreadablePage as error:
            run_of(self.crawler).wanted(self.collection, str(error))


def crawls(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Crawl in another process, which has a reactor; return code, problems and log lines of each."""
    ran = run("-m", "tests.crowd", json.dumps(given))
    assert ran.code == 0, ran.err
    told: list[dict[str, Any]] = json.loads(ran.out)
    return told


def main(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Crawl."""
    process = AsyncCrawlerProcess(_settings({}))
    crawlers = [Crawler(CrowdSpider, _settings({**one["settings"], "ARCHIVE_DIR": one["archive"]})) for one in given]
    for crawler, one in zip(crawlers, given, strict=True):
        process.crawl(crawler, **one["arguments"])
    process.start()
    return [_told(crawler, Path(one["archive"])) for crawler, one in zip(crawlers, given, strict=True)]


def _settings(own: dict[str, Any]) -> Settings:
    settings = Settings()
    settings.setmodule("psgcrawl.settings", priority="project")
    settings.setdict({**BASIC, "LOG_ENABLED": False, "LOG_INSTALL_ROOT_HANDLER": False}, priority="project")
    # Above what the process, whose settings they share, was given.
    settings.setdict(own, priority="cmdline")
    return settings


def _told(crawler: Crawler, archive: Path) -> dict[str, Any]:
    outcome = run_of(crawler).outcome
    assert outcome is not None
    lines = [{"outcome": line.outcome, "reasons": line.reasons} for line in runlog.read(archive)]
    return {"code": outcome.exit_code, "problems": [*outcome.problems, *outcome.notes], "lines": lines}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))))
