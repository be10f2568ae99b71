"""Asks each site what it allows, once a run, before anything else."""

import asyncio
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from psgcrawl.manners.robots import PRODUCT, Rules, rules_of
from psgcrawl.middlewares.origins import Refused
from psgcrawl.middlewares.pacing import PacingMiddleware
from psgcrawl.run import Run, run_of

_OURS: Final = "psgcrawl_robots"
"""Marks, in its ``meta``, the request for a robots.txt; retries and redirects of it carry it along."""
_FIRST: Final = 1000
"""Its priority: before all pages."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    rules: Rules
    closed: str | None = None
    """Why nothing may be asked for at all."""


class RobotsMiddleware:
    """Lets out what the site's robots.txt allows.

    Not Scrapy's, which takes a robots.txt that it cannot have for permission. It is fetched
    through all the other middlewares: it is evidence, it is tried again, its redirects stay
    within the site.
    """

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self._crawler = crawler
        self._run = run
        self._obeyed = crawler.settings.getbool("ROBOTSTXT_OBEY")
        self._longest = crawler.settings.getfloat("CRAWL_DELAY_MAX")
        self._verdicts: dict[str, asyncio.Future[_Verdict]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings, tell the crawler's run."""
        return cls(crawler, run_of(crawler))

    async def process_request(self, request: Request) -> None:
        """Let a request pass.

        :raises Refused: where robots.txt disallows it, cannot be had, or asks for too much patience
        """
        if request.meta.get(_OURS):
            return
        if not self._obeyed:
            self._run.note("robots.txt was not asked for: ROBOTSTXT_OBEY is off")
            return
        parts = urlsplit(request.url)
        verdict = await self._verdict(f"{parts.scheme}://{parts.netloc}/robots.txt")
        if verdict.closed is not None:
            raise Refused(verdict.closed)
        if not verdict.rules.allow(request.url):
            raise Refused(f"robots.txt disallows it for {PRODUCT}")

    async def _verdict(self, url: str) -> _Verdict:
        """Return what the site says; the first who asks fetches it, the others wait."""
        if url not in self._verdicts:
            found: asyncio.Future[_Verdict] = asyncio.get_running_loop().create_future()
            self._verdicts[url] = found
            found.set_result(await self._fetched(url))
        return await self._verdicts[url]

    async def _fetched(self, url: str) -> _Verdict:
        # The spider's errback is for its own requests: here the exception comes back.
        asked = Request(url, priority=_FIRST, meta={_OURS: True}, callback=NO_CALLBACK, dont_filter=True)
        try:
            response = await self._crawler.engine.download_async(asked)
            rules = rules_of(response.status, response.body)
        except Exception as error:  # noqa: BLE001 - whatever kept it from us
            problem = str(error) or type(error).__name__
            return _Verdict(Rules(), f"{url} cannot be had, so nothing is asked for: {_without(url, problem)}")
        return self._slowed(url, rules)

    def _slowed(self, url: str, rules: Rules) -> _Verdict:
        delay = rules.delay
        if delay > self._longest:
            wanted = f"{url} asks for {delay:g} seconds between requests, more than {self._longest:g} (CRAWL_DELAY_MAX)"
            return _Verdict(rules, f"{wanted}: nothing is asked for")
        pacing = self._crawler.get_downloader_middleware(PacingMiddleware)
        if pacing is not None:
            pacing.slow_down(delay)
        elif delay:
            return _Verdict(rules, f"{url} asks for a delay: PacingMiddleware, which would keep it, is switched off")
        return _Verdict(rules)


def _without(url: str, problem: str) -> str:
    return problem.removeprefix(f"{url}: ")
