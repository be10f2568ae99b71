"""The home page of the PHP site."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from psgcrawl import urls
from psgcrawl.archive.coverage import HOME, coverage, is_whole
from psgcrawl.errors import UnreadablePage
from psgcrawl.records import Page
from psgcrawl.run import run_of
from psgcrawl.spiders.php import PhpSpider


class HomeSpider(PhpSpider):
    """The home page of the PHP site: the newest news and articles, the notices, the standing blocks.

    Source
        ``/``, without a query: ``/?position=310`` is the same page.
    Arguments
        ``base``: the site, or a copy of it; it has to be named.
    Caveats
        The site left the live web after 2019. One page of excerpts is never complete.
    """

    name = "home"
    collection = "home"

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the page."""
        run_of(self.crawler).begin(self.collection)
        yield Request(f"{self.site}/", callback=self.parse, errback=self.failed, dont_filter=True)

    def parse(self, response: Response) -> Iterator[Page]:
        """Yield the page."""
        run = run_of(self.crawler)
        found = urls.listing_page(response.url, response.url)
        if found is None or found.listing != HOME:
            run.wanted(self.collection, f"{self.site}/: the server leads to {response.url}")
            return
        try:
            page = self.page_of(response, 0)
        except UnreadablePage as error:
            run.wanted(self.collection, str(error))
            return
        if not is_whole(page):
            run.wanted(self.collection, f"{page.place}: {page.problems[0]}")
        run.claim(self.collection, coverage(HOME, [page]))
        yield page
