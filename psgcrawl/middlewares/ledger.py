"""The ledger: what the spider yielded and asked for is counted, so that nothing gets lost unseen."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from psgcrawl.errors import PsgcrawlError
from psgcrawl.records import Page
from psgcrawl.run import Run, run_of

_ERRAND: Final = "psgcrawl_errand"
"""In a request's ``meta``: its number in the ledger; copies of it (retries, redirects) carry it along."""


class LedgerMiddleware:
    """Nearest to the spider: counts its pages and its requests, which the run compares with what became of them.

    Stock Scrapy says ``finished`` after an exception in ``start()``, in a callback or in
    a pipeline, and after a request was dropped by a limit or a filter.
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

    def process_spider_input(self, response: Response) -> None:
        """Note that an answer goes to its callback now."""
        self._run.errands.answered(_errand(response))

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Count what a callback yields, and note that it came to its end."""
        async for yielded in result:
            self._count(yielded)
            yield yielded
        self._run.errands.end(_errand(response))

    def process_spider_exception(self, response: Response, exception: Exception) -> None:  # noqa: ARG002 - as called
        """Note that a callback ended, though not well: Scrapy tells of it by a signal."""
        self._run.errands.end(_errand(response))

    def _count(self, result: object) -> None:
        if isinstance(result, Page):
            self._run.yielded()
        elif isinstance(result, Request):
            number = self._run.errands.begin(result.url)
            result.meta[_ERRAND] = number
            result.errback = partial(self._failed, number, result.errback)

    def _failed(self, number: int, errback: Any, failure: Failure) -> Any:  # noqa: ANN401 - whatever a spider returns
        """Stand in for the errback of a request, which ends here."""
        self._run.errands.end(number)
        if errback is not None:
            return errback(failure)
        # Scrapy would pass over a request that was refused without a word.
        url = failure.request.url  # type: ignore[attr-defined]  # set by Scrapy for errbacks
        self._run.bad(f"{url}: {failure.getErrorMessage() or type(failure.value).__name__}")
        return None


def _errand(response: Response) -> int:
    return int(response.request.meta.get(_ERRAND, 0)) if response.request else 0
