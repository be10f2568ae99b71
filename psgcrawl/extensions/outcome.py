"""Opens the run, and decides and commits at the last signal of the crawl."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from psgcrawl.archive.location import find_archive
from psgcrawl.extensions.swallowed import Swallowed, absent, unwritten
from psgcrawl.guards import Limits
from psgcrawl.run import NEVER_CLOSED, Run, attach, deadlines

logger = logging.getLogger(__name__)

OVERDUE = "run_deadline"
"""The finish reason of a crawl that took longer than ``RUN_DEADLINE``."""

_SHUTDOWN = "shutdown"
"""The finish reason that Scrapy gives where it was given none."""
_SHOWN_NOTES = 20
_SOON = 0.05
"""Seconds after an item's signal by which Scrapy counts it as done."""

_TOLD = ("DOWNLOAD_DELAY", "CONCURRENT_REQUESTS", "DOWNLOAD_MAXSIZE", "DOWNLOAD_TIMEOUT")
"""The settings that shape what a server sees of a crawl, and what the crawl takes."""


class OutcomeExtension:
    """One run: opened before the spider, decided at ``engine_stopped``.

    Not earlier: pipelines close before the finish reason is set, and an exception in a
    handler of ``spider_closed`` is swallowed. A crawl that is started by scrapyd or
    ``CrawlerProcess`` commits here just as one from the command line.
    """

    def __init__(self, crawler: Crawler, run: Run, limits: deadlines.Limits) -> None:
        self._crawler = crawler
        self._run = run
        self._reason: str | None = None
        self._started = False
        self._deadlines = limits
        self._watch = deadlines.Watch(limits)
        self._swallowed = Swallowed(crawler, run.fail, run.spoilt)
        for handler, signal in (
            (self.engine_started, signals.engine_started),
            (self.spider_closed, signals.spider_closed),
            (self.spider_error, signals.spider_error),
            (self.item_error, signals.item_error),
            (self.item_dropped, signals.item_dropped),
            (self.item_scraped, signals.item_scraped),
            (self.engine_stopped, signals.engine_stopped),
        ):
            crawler.signals.connect(handler, signal=signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the run.

        :raises UsageError: where ``ARCHIVE_DIR`` is relative and there is no ``scrapy.cfg``, and for a ``GUARD_…``
            or a ``…_DEADLINE`` that is none.
        """
        archive = find_archive(None, {}, Path.cwd(), crawler.settings["ARCHIVE_DIR"])
        arguments = {name: str(value) for name, value in getattr(crawler.spider, "given", {}).items()}
        facts = _facts(crawler)
        limits = Limits.of(crawler.settings)
        files = getattr(crawler.spidercls, "source", "live") == "file"
        within = deadlines.Limits.of(crawler.settings, files=files)
        run = Run(
            archive, spider=crawler.spidercls.name, arguments=arguments, started=_now(), facts=facts, limits=limits
        )
        run.patience = crawler.settings.getfloat("COLLECTION_PATIENCE")
        attach(crawler, run)
        logger.info("archive: %s", archive)
        collection = getattr(crawler.spider, "collection", None)
        run.open([collection] if isinstance(collection, str) else [])
        return cls(crawler, run, within)

    def engine_started(self) -> None:
        """Look who is at work, and begin to watch the time."""
        self._started = True
        for path in absent(self._crawler):
            self._run.fail(f"the component {path} switched itself off")
        self._beat()
        if self._deadlines.run:
            call_later(self._deadlines.run, self._overdue)

    def _beat(self) -> None:
        """Say that the crawl goes on, again and again: whatever is stuck keeps this from being called."""
        if self._run.outcome is None and self._watch.interval:
            self._watch.beat()
            call_later(self._watch.interval, self._beat)

    def _overdue(self) -> None:
        engine = self._crawler.engine
        if self._run.outcome is None and engine.spider is not None:
            deferred_from_coro(engine.close_spider_async(reason=OVERDUE))

    def item_scraped(self, response: Response | None) -> None:
        """See to it that a crawl that is closing can close, after an item of ``start()``: these have no response."""
        if response is None:
            self._let_it_close()

    def _let_it_close(self) -> None:
        """Look, once the item is through, whether the spider can be closed now.

        Scrapy 2.19 looks after each response, but not after an item of ``start()``: where
        one of those is in the pipelines when closing begins (a signal, a limit), the crawl
        would wait for ever.
        """
        call_later(_SOON, self._close_if_idle)

    def _close_if_idle(self) -> None:
        slot = self._crawler.engine.scraper.slot
        if slot is None or slot.closing is None or slot.closing.called or self._crawler.spider is None:
            return
        if slot.is_idle():
            slot.closing.callback(self._crawler.spider)
        else:
            self._let_it_close()

    def spider_closed(self, reason: str) -> None:
        """Keep the reason, which is known only now; of a crawl that never started this is the last that is heard."""
        self._reason = reason
        if not self._started:
            if reason == _SHUTDOWN:
                self._run.fail("the crawl could not begin: a component failed when the spider was opened")
            self._decide()

    def spider_error(self, failure: Failure, response: Response | Failure | None) -> None:
        """Note an exception in a callback, an errback, or, without a response, in ``start()``."""
        if response is None:
            # The ledger, which stands nearest to the spider, does not see what others do to its start.
            self._run.fail(f"the spider's start failed: {failure.value!r}")
            return
        # In place of a response an errback has the failure.
        url = response.url if isinstance(response, Response) else response.request.url  # type: ignore[attr-defined]
        self._run.fail(f"a callback failed on {url}: {failure.value!r}")

    def item_error(self, item: object, failure: Failure) -> None:
        """Note an exception in a pipeline."""
        self._let_it_close()
        self._run.fail(f"a pipeline failed on {getattr(item, 'place', item)!r}: {failure.value!r}")

    def item_dropped(self, item: object, exception: Exception) -> None:
        """Note a page that a pipeline dropped: nothing may get lost, whoever wanted it."""
        self._let_it_close()
        self._run.fail(f"a pipeline dropped {getattr(item, 'place', item)!r}: {exception!r}")

    def engine_stopped(self) -> None:
        """Decide and commit: after this nothing of the crawl happens any more."""
        self._decide()

    def _decide(self) -> None:
        if self._run.outcome is not None:
            return
        self._watch.closing()
        self._swallowed.stop()
        for problem in unwritten(self._crawler):
            self._run.spoilt(problem)
        try:
            self._finish()
        finally:
            self._watch.over()

    def _finish(self) -> None:
        outcome = self._run.finish(self._reason or NEVER_CLOSED, _now())
        for problem in outcome.problems:
            logger.error("%s", problem)
        for note in outcome.notes[:_SHOWN_NOTES]:
            logger.warning("%s", note)
        if len(outcome.notes) > _SHOWN_NOTES:
            logger.warning("%d more problems of pages: they stand in pages.jsonl", len(outcome.notes) - _SHOWN_NOTES)


def _facts(crawler: Crawler) -> dict[str, str]:
    """Return what the ``warcinfo`` record says: the field names of WARC 1.1, and settings by their own names."""
    settings = crawler.settings
    operator = {"operator": settings["CONTACT"]} if settings["CONTACT"] else {}
    if getattr(crawler.spidercls, "source", "live") == "file":
        return {**operator, "description": "Files read from disk, and records out of WARC files as they stood there."}
    if getattr(crawler.spidercls, "source", "live") == "memento":
        return {
            **operator,
            "description": "Captures of a web archive: their records have the address and the time of the capture, "
            "WARC-Source-URI the address of the memento. Headers are those that the web archive hands on.",
            "http-header-user-agent": str(settings["USER_AGENT"]),
            **{name: str(settings[name]) for name in _TOLD},
        }
    collection = getattr(crawler.spider, "collection", None)
    return {
        **operator,
        **({"isPartOf": collection} if isinstance(collection, str) else {}),
        "description": "Requests and responses are reconstructed from parsed headers: names are in title case, what "
        "stood behind the status is the standard phrase, chunks are joined. Bodies are as they came.",
        "robots": "obeyed" if settings.getbool("ROBOTSTXT_OBEY") else "ignored",
        "http-header-user-agent": str(settings["USER_AGENT"]),
        **{name: str(settings[name]) for name in _TOLD},
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
