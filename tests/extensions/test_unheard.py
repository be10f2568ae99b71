"""What Scrapy logs of every page is made only where somebody hears it."""

import logging

import pytest
from scrapy import Request, Spider
from scrapy.http import Response

from psgcrawl.extensions.unheard import HeardLogFormatter, heard

URL = "http://127.0.0.1/news.php"


def alone() -> tuple[logging.Logger, logging.Logger]:
    """Return a logger and the one above it, both without handlers and without any other above them.

    To be called in the test itself: before it begins, pytest listens wherever nothing is handed up.
    """
    above, found = logging.getLogger("psgcrawl.tests.above"), logging.getLogger("psgcrawl.tests.above.engine")
    above.propagate, found.propagate = False, True
    for one in (above, found):
        one.handlers.clear()
        one.setLevel(logging.DEBUG)
    return found, above


def handler(level: int) -> logging.Handler:
    made = logging.NullHandler()
    made.setLevel(level)
    return made


def told(monkeypatch: pytest.MonkeyPatch, logger: logging.Logger) -> tuple[object, object]:
    monkeypatch.setattr("psgcrawl.extensions.unheard._ENGINE", logger)
    monkeypatch.setattr("psgcrawl.extensions.unheard._SCRAPER", logger)
    spider, response, formatter = Spider("news"), Response(URL), HeardLogFormatter()
    return formatter.crawled(Request(URL), response, spider), formatter.scraped({}, response, spider)


def test_a_page_that_no_handler_would_show_makes_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    logger, above = alone()
    logger.addHandler(handler(logging.INFO))
    above.addHandler(handler(logging.WARNING))
    assert told(monkeypatch, logger) == (None, None)


def test_a_handler_anywhere_above_hears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    logger, above = alone()
    above.addHandler(handler(logging.NOTSET))
    crawled, scraped = told(monkeypatch, logger)
    assert isinstance(crawled, dict)
    assert isinstance(scraped, dict)
    assert crawled["args"]["status"] == 200


def test_what_a_logger_keeps_to_itself_or_leaves_out_nobody_above_hears() -> None:
    logger, above = alone()
    above.addHandler(handler(logging.DEBUG))
    assert heard(logger)
    logger.propagate = False
    assert not heard(logger)
    logger.propagate = True
    logger.setLevel(logging.INFO)
    assert not heard(logger)
    assert heard(logger, logging.INFO)
