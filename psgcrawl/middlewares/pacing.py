"""How fast a crawl asks, and when it asks again."""

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import Final, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from psgcrawl.manners.addresses import origin_of
from psgcrawl.manners.waiting import http_date, pause, retry_after
from psgcrawl.middlewares.origins import Over

BUSY: Final = frozenset({429, 503})
"""The site says that it is too much for it, and perhaps for how long (``Retry-After``)."""
_PASSING: Final = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ConnectError,
    ConnectionDone,
    ConnectionLost,
)
"""What may be otherwise a little later."""
_LASTING: Final = ("certificate", "SSL", "TLS")
"""What stands in the message of a connection that failed for a reason that waiting does not change."""
_PAUSED: Final = "psgcrawl_paused"
"""In a request's ``meta``: for how many of its tries a pause was made; copies of it carry it along."""
_LOOK: Final = 0.1
"""Seconds after which a waiting request looks whether the crawl is to end."""


class PacingMiddleware:
    """Nearest to the downloader but for the evidence: every request, also for robots.txt, comes through here.

    It keeps the delay from the end of an answer to the next request, waits where the site is busy or
    failing (all requests wait, not only the one that failed), and tries again, in place of
    Scrapy's retries 20 milliseconds apart.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._delay = settings.getfloat("DOWNLOAD_DELAY")
        self._first = settings.getfloat("RETRY_FIRST_PAUSE")
        self._longest = settings.getfloat("RETRY_AFTER_MAX")
        self._retries = settings.getbool("RETRY_ENABLED")
        self._last = -float("inf")
        self._until = -float("inf")
        self._stopped = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings."""
        return cls(crawler)

    def slow_down(self, delay: float) -> None:
        """Keep ``delay`` seconds between requests from now on, if that is more than before."""
        self._delay = max(self._delay, delay)

    async def process_request(self, request: Request) -> None:
        """Wait until the request is due; it never blocks other work.

        :raises Over: when the crawl is to end (a signal, a limit) while it waits
        """
        origin = origin_of(request.url)
        if origin is not None:
            # One queue for the site, with www. and without.
            request.meta["download_slot"] = f"{origin[0]}:{origin[1] or ''}"
        tries = request.meta.get("retry_times", 0)
        if tries > request.meta.get(_PAUSED, 0):
            # Others asked for this try (a body that could not be read).
            request.meta[_PAUSED] = tries
            self._pause(pause(self._first, tries - 1))
        while (left := max(self._last + self._delay, self._until) - monotonic()) > 0:
            if self._ends():
                raise Over("the crawl ended while the request waited")
            await asyncio.sleep(min(left, _LOOK))
        self._last = monotonic()

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Return the response, or the next try where the site is busy or failing.

        :raises Over: where it asks to wait for longer than ``RETRY_AFTER_MAX``; the crawl ends then
        """
        self._last = monotonic()
        if response.status not in BUSY and response.status < 500:
            return response
        asked = _asked(response) if response.status in BUSY else None
        if asked is not None and asked > self._longest:
            self._stop()
            wanted = f"the server answered {response.status} and asks to wait {asked:g} seconds"
            raise Over(f"{wanted}, longer than {self._longest:g} (RETRY_AFTER_MAX): the crawl ends")
        return self._again(request, f"{response.status}", asked or 0.0) or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return the next try where the connection failed for a reason that may pass."""
        self._last = monotonic()
        if not isinstance(exception, _PASSING) or any(word in str(exception) for word in _LASTING):
            return None
        return self._again(request, type(exception).__name__, 0.0)

    def _again(self, request: Request, reason: str, asked: float) -> Request | None:
        """Make all requests wait, and return the next try if one is left."""
        tries = request.meta.get("retry_times", 0)
        self._pause(max(asked, pause(self._first, tries)))
        spider = self._crawler.spider
        if spider is None or not self._retries or request.meta.get("dont_retry") or self._ends():
            return None
        again = get_retry_request(request, spider=spider, reason=reason)
        if again is not None:
            again.meta[_PAUSED] = tries + 1
        return again

    def _pause(self, seconds: float) -> None:
        self._until = max(self._until, monotonic() + seconds)

    def _ends(self) -> bool:
        # No signal says that a crawl begins to close: spider_closed waits for the requests that wait here.
        slot = self._crawler.engine._slot  # noqa: SLF001
        return slot is None or slot.closing is not None

    def _stop(self) -> None:
        if not self._stopped and not self._ends():
            self._stopped = True
            deferred_from_coro(self._crawler.engine.close_spider_async(reason="asked to wait too long"))


def _asked(response: Response) -> float | None:
    """Return the seconds of ``Retry-After``, by the server's own clock where it tells its time."""
    header = response.headers.get("Retry-After")
    if header is None:
        return None
    date = (response.headers.get("Date") or b"").decode("latin-1")
    return retry_after(header.decode("latin-1"), http_date(date) or datetime.now(UTC))
