"""A small spider that crawls the news of the mini site, for tests of what becomes of live crawls."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from psgcrawl.records import Page
from psgcrawl.spiders.base import LiveSpider


class ListingSpider(LiveSpider):
    """Fetches the pages of ``base`` at the given ``targets``, or ``/news.php`` at its four positions."""

    name = "listing"
    collection = "news"
    arguments: ClassVar = {"base": "scheme, host and port", "targets": "paths and queries, by blanks"}

    async def start(self) -> AsyncIterator[Any]:
        """Ask for all pages, the newest first."""
        targets = self.given.get("targets") or " ".join(f"/news.php?position={n}" for n in (0, 10, 20, 30))
        for number, target in enumerate(targets.split(" ")):
            yield Request(
                target if "://" in target else self.given["base"] + target,
                callback=self.parse,
                errback=self.failed,
                priority=-number,
                dont_filter=True,
            )

    def parse(self, response: Response, **_: Any) -> Iterator[Page]:
        """Yield the page."""
        yield self.page_of(response)
