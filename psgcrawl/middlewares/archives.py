"""How fast a web archive is asked: by all processes of this machine together, and not at all while it wants that."""

import asyncio
from pathlib import Path
from time import monotonic, time
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadConnectionRefusedError
from scrapy.http import Response

from psgcrawl.middlewares.origins import Over
from psgcrawl.middlewares.pacing import BUSY, PacingMiddleware
from psgcrawl.webarchive.answers import DATETIME
from psgcrawl.webarchive.asked import KIND
from psgcrawl.webarchive.budgets import Budgets, limits_of, usual_folder

_LOOK: Final = 0.1


class ArchivesMiddleware(PacingMiddleware):
    """In place of :class:`PacingMiddleware` where web archives are asked.

    A capture of a busy or broken page is no busy archive: ``Memento-Datetime`` tells. After a
    429 or 503 of the archive's own nobody on this machine asks it until its ``Retry-After``, or
    ``WAYBACK_PAUSE``, is over. A refused connection is a block, and is not tried again:
    archives drop those who do not wait.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._busy = settings.getfloat("WAYBACK_PAUSE")
        self._folder = Path(settings["WAYBACK_BUDGETS"]) if settings["WAYBACK_BUDGETS"] else usual_folder()
        self._limits = limits_of(
            settings.getfloat("WAYBACK_INDEX_PER_MINUTE"), settings.getfloat("WAYBACK_MEMENTOS_PER_SECOND")
        )
        self._budgets: dict[str, Budgets] = {}

    async def process_request(self, request: Request) -> None:
        """Wait until the request is due, for this process and for all.

        :raises Over: when the crawl is to end while it waits, or nothing may be asked for longer than
            ``RETRY_AFTER_MAX``
        """
        await super().process_request(request)
        budgets = self._of(request)
        await self._wait(budgets.reserve(request.meta.get(KIND, "index")))
        # Another process can have been told to wait meanwhile.
        while (left := budgets.left()) > 0:
            await self._wait(left)
        self._last = monotonic()

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Return the response, or the next try where the archive itself is busy or failing.

        :raises Over: where it asks to wait for longer than ``RETRY_AFTER_MAX``; the crawl ends then
        """
        if DATETIME in response.headers:
            self._last = monotonic()
            return response
        return super().process_response(request, response)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return the next try where the connection failed for a reason that may pass."""
        if isinstance(exception, DownloadConnectionRefusedError):
            return None
        return super().process_exception(request, exception)

    def _again(self, request: Request, reason: str, asked: float) -> Request | None:
        if reason in {str(status) for status in BUSY}:
            asked = asked or self._busy
            self._of(request).pause(asked)
        return super()._again(request, reason, asked)

    async def _wait(self, seconds: float) -> None:
        if seconds > self._longest:
            raise Over(f"the web archive is to be left alone for {seconds:.0f} seconds, longer than RETRY_AFTER_MAX")
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            if self._ends():
                raise Over("the crawl ended while the request waited")
            await asyncio.sleep(min(left, _LOOK))

    def _of(self, request: Request) -> Budgets:
        slot = str(request.meta["download_slot"])
        if slot not in self._budgets:
            # A folder that a person named can be one that several machines share.
            shared = self._folder != usual_folder()
            clock = time if shared else monotonic
            self._budgets[slot] = Budgets(self._folder, slot, self._limits, clock, machines=shared)
        return self._budgets[slot]
