"""Scrapy's statistics, at the price of a dictionary."""

from scrapy.statscollectors import MemoryStatsCollector


class PlainStats(MemoryStatsCollector):
    """Scrapy's collector, without what looks at each access to one of its attributes.

    Scrapy 2.19 finds out there whether to warn of a deprecated argument, by an exception that
    is raised and caught each time: 50 of them a page, a hundredth of a crawl.
    """

    __getattribute__ = object.__getattribute__
