"""Sees to it that nobody can forge the log of a crawl that another program starts (``CrawlerProcess``)."""

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.log import get_scrapy_root_handler

from psgcrawl.loglines import formatter_for


class LogExtension:
    """Gives Scrapy's handler the project's formatter; ``scrapy crawl`` has a handler of its own from the beginning.

    Handlers that the other program has made are its own affair.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._formatter = formatter_for(crawler.settings)
        # Before anything is fetched, and after Scrapy has made its handler for the last time.
        crawler.signals.connect(self.engine_started, signal=signals.engine_started)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings ``LOG_…``."""
        return cls(crawler)

    def engine_started(self) -> None:
        """Take over."""
        handler = get_scrapy_root_handler()
        if handler is not None:
            handler.setFormatter(self._formatter)
