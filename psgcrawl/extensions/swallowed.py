"""What Scrapy swallows: errors that it logs, and after which it goes on as if nothing had been."""

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any, Final

from scrapy.crawler import Crawler
from scrapy.extensions.feedexport import FeedExporter
from scrapy.utils.misc import load_object

from psgcrawl.visible import visible

_LOGGERS: Final = (
    # Exceptions in handlers of signals.
    "scrapy.utils.signal",
    # What fails while a crawl is being closed, and between downloader and scraper (with level INFO).
    "scrapy.core.engine",
    "scrapy.core.scraper",
    # What nobody waited for.
    "twisted",
    "asyncio",
)
_TOLD_OTHERWISE: Final = (
    "Error while reading start items",
    "Spider error processing",
    "Error processing",
    "Error downloading",
    "Error opening",
)
"""Messages, by their beginnings, of which signals or errbacks tell as well."""
_MANAGERS: Final = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES")
"""Extensions may be without work: then they say that they are not configured, and nothing is missing."""
_FEED: Final = "scrapy.extensions.feedexport"


class Swallowed(logging.Handler):
    """Hears what is logged with an exception, and tells it.

    It listens at the loggers themselves, so ``LOG_LEVEL`` and ``LOG_ENABLED``, which are
    rules of the handlers that show a log, change nothing.
    """

    def __init__(self, crawler: Crawler, fail: Callable[[str], None], spoilt: Callable[[str], None]) -> None:
        """Listen, until :meth:`stop`.

        :param fail: is told what fails the run
        :param spoilt: is told what went wrong with a feed alone
        """
        # Below it nothing is told of errors; and of what a handler takes Scrapy makes records, one a page.
        super().__init__(logging.INFO)
        self._crawler = crawler
        self._fail = fail
        self._spoilt = spoilt
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self)

    def stop(self) -> None:
        """Listen no more."""
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record in, if it is of this crawl and no signal tells of it."""
        spider = getattr(record, "spider", None)
        if record.levelno < logging.ERROR and not record.exc_info:
            return
        if (spider is not None and spider is not self._crawler.spider) or str(record.msg).startswith(_TOLD_OTHERWISE):
            return
        error = record.exc_info[1] if record.exc_info else None
        args: Any = record.args
        receiver = args.get("receiver") if isinstance(args, dict) else None
        if error is not None and _of_a_feed(error):
            self._spoilt(f"a feed failed: {error!r}")
        elif receiver is not None:
            name = getattr(receiver, "__qualname__", type(receiver).__name__)
            self._fail(f"a handler of a signal failed: {name}: {error!r}")
        else:
            # The first line: the others are a traceback.
            told = record.getMessage().partition("\n")[0]
            self._fail(f"{told}: {error!r}" if error is not None else told)


def _of_a_feed(error: BaseException) -> bool:
    return any(frame.f_globals.get("__name__") == _FEED for frame, _ in traceback.walk_tb(error.__traceback__))


def absent(crawler: Crawler) -> Iterator[str]:
    """Yield the paths of the project's components that are configured and not at work: they switched themselves off."""
    engine = crawler.engine
    at_work = [
        engine.downloader.middleware.middlewares,
        engine.scraper.spidermw.middlewares,
        engine.scraper.itemproc.middlewares,
    ]
    for setting, components in zip(_MANAGERS, at_work, strict=True):
        for path, order in crawler.settings.getwithbase(setting).items():
            kind: Any = load_object(path) if order is not None else None
            ours = str(getattr(kind, "__module__", "")).startswith("psgcrawl.")
            if ours and not any(type(component) is kind for component in components):
                yield f"{kind.__module__}.{kind.__qualname__}"


def unwritten(crawler: Crawler) -> Iterator[str]:
    """Yield what is wrong with the crawl's feeds once they were closed: that they were stored is counted."""
    wanted = [visible(str(uri)) for uri in crawler.settings.getdict("FEEDS")]
    if not wanted:
        return
    told = ", ".join(wanted)
    if crawler.get_extension(FeedExporter) is None:
        yield f"{told}: no feed was written: a format or an address that is not known"
        return
    counts = crawler.stats.get_stats()
    stored = sum(number for name, number in counts.items() if name.startswith("feedexport/success_count/"))
    if stored < len(wanted):
        yield f"{told}: feeds written: {stored} of {len(wanted)}: what lies there may be cut off"
