"""Raw entries become entries."""

from typing import Self

from scrapy.crawler import Crawler

from psgcrawl import derive
from psgcrawl.records import Page
from psgcrawl.run import Run, run_of


class NormalisePipeline:
    """Applies the text rule, completes addresses, gives identities and flags, and bounds the page's time."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for a crawl: no page is younger than its run."""
        return cls(run_of(crawler))

    def process_item(self, item: Page) -> Page:
        """Return the page with its entries as they are stored."""
        return derive.bound(derive.normalise(item), self._run.started)
