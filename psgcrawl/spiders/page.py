"""The listings that are one page."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from psgcrawl import urls
from psgcrawl.archive.coverage import coverage, is_whole
from psgcrawl.errors import UnreadablePage
from psgcrawl.records import Page
from psgcrawl.run import run_of
from psgcrawl.spiders.php import LISTING, PhpSpider


class SinglePageSpider(PhpSpider):
    """A spider of a listing that is one page."""

    paged = False

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the page."""
        run_of(self.crawler).begin(self.collection)
        yield Request(self._url, callback=self.parse, errback=self.failed, dont_filter=True)

    @property
    def _url(self) -> str:
        return f"{self.site}{self.listing.target(0)}"

    def parse(self, response: Response) -> Iterator[Page]:
        """Yield the page."""
        run = run_of(self.crawler)
        found = urls.listing_page(response.url, response.url)
        if found is None or found.listing != self.collection:
            run.wanted(self.collection, f"{self._url}: the server leads to {response.url}")
            return
        try:
            page = self.page_of(response, 0)
        except UnreadablePage as error:
            run.wanted(self.collection, str(error))
            return
        if not is_whole(page):
            run.wanted(self.collection, f"{page.place}: {page.problems[0]}")
        run.claim(self.collection, coverage(self.collection, [page]))
        yield page


class PageSpider(SinglePageSpider):
    """A listing of one page that the archive's ``site.toml`` declares.

    Source
        The listing's ``path``.
    Arguments
        ``listing``: its name. ``base``: the site's ``address`` by default.
    Caveats
        A page that shows only the newest entries looks like one that shows all: never complete.
    """

    name = "page"
    arguments: ClassVar[Mapping[str, str]] = {**LISTING, **PhpSpider.arguments}
