"""Pages are staged for their snapshot."""

from typing import Self

from scrapy.crawler import Crawler

from psgcrawl.records import Page
from psgcrawl.run import Run, run_of


class StorePipeline:
    """Hands each page to the run, which drops repeats and commits at the crawl's very end."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Store into the crawler's run."""
        return cls(run_of(crawler))

    def open_spider(self) -> None:
        """Report in: a pipeline that disabled itself is silently absent."""
        self._run.report("store")

    def process_item(self, item: Page) -> Page:
        """Stage the page."""
        self._run.add(item)
        return item
