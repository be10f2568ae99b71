"""The ledger: what the spider yielded is counted, so that nothing gets lost unseen."""

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from psgcrawl.errors import PsgcrawlError
from psgcrawl.records import Page
from psgcrawl.run import Run, run_of


class LedgerMiddleware:
    """Counts the pages that a spider yields; the run compares them with those that were stored.

    Stock Scrapy says ``finished`` after an exception in ``start()``, in a callback or in
    a pipeline.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        run.report("ledger")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Report to the crawler's run."""
        return cls(run_of(crawler))

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Count what the spider starts with, and note that it came to its end."""
        try:
            async for result in start:
                self._count(result)
                yield result
        except CloseSpider:
            # The spider wants to end, and says why: Scrapy keeps it as the finish reason.
            raise
        except (OSError, PsgcrawlError) as error:
            # A disk, a file: said in a sentence, for a traceback would say nothing more.
            self._run.fail(str(error))
            raise CloseSpider("failed") from error
        except Exception as error:
            self._run.fail(f"the spider's start failed: {error!r}")
            raise
        self._run.report("start")

    async def process_spider_output(
        self,
        response: Response,  # noqa: ARG002 - Scrapy passes it by name
        result: AsyncIterator[Any],
    ) -> AsyncIterator[Any]:
        """Count what a callback yields."""
        async for yielded in result:
            self._count(yielded)
            yield yielded

    def _count(self, result: object) -> None:
        if isinstance(result, Page):
            self._run.yielded()
