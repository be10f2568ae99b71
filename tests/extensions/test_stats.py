"""Scrapy's statistics are the same numbers, counted more cheaply."""

from scrapy.crawler import Crawler
from scrapy.spiders import Spider
from scrapy.statscollectors import MemoryStatsCollector

from psgcrawl.extensions.stats import PlainStats


def counted(kind: type[MemoryStatsCollector]) -> dict[str, object]:
    stats = kind(Crawler(Spider))
    stats.open_spider()
    stats.inc_value("pages")
    stats.inc_value("pages", 2, start=10)
    stats.set_value("reason", "finished")
    stats.max_value("depth", 3)
    stats.max_value("depth", 2)
    stats.min_value("least", 3)
    stats.min_value("least", 2)
    assert stats.get_value("none", "default") == "default"
    return stats.get_stats()


def test_it_counts_as_scrapys_own_does() -> None:
    assert counted(PlainStats) == counted(MemoryStatsCollector)
    assert counted(PlainStats) == {"pages": 3, "reason": "finished", "depth": 3, "least": 2}


def test_nothing_is_wrapped_around_it() -> None:
    # Should Scrapy's own leave that one day, ours is of no use any more.
    assert any("__getattribute__" in vars(kind) for kind in MemoryStatsCollector.__mro__[:-1])
    stats = PlainStats(Crawler(Spider))
    assert getattr(stats.inc_value, "__func__", None) is MemoryStatsCollector.inc_value
