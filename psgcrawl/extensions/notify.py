"""Tells a command or a webhook what became of a run, once that is decided."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from psgcrawl.errors import PsgcrawlError
from psgcrawl.notify import Hooks, notifications
from psgcrawl.notify.document import Notification
from psgcrawl.notify.events import undecided
from psgcrawl.run import run_of


class NotifyExtension:
    """Sends by the settings ``NOTIFY_…``, at the last signal, after :class:`OutcomeExtension` has committed.

    Of a crawl that was cut off, which has no last signal, the command ``crawl`` decides and tells.

    Whatever goes wrong here is said on standard error, and nowhere else: what became of
    the run is decided and logged.
    """

    def __init__(self, crawler: Crawler, hooks: Hooks) -> None:
        self._crawler = crawler
        self._hooks = hooks
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(self.engine_stopped, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings.

        :raises NotConfigured: where nobody is to be told
        :raises UsageError: for a wrong ``NOTIFY_…``
        """
        hooks = Hooks.of(crawler.settings, os.environ)
        if not hooks:
            raise NotConfigured
        return cls(crawler, hooks)

    def spider_closed(self) -> None:
        """Tell what became of a run that never began: it is decided by now, and nothing more is heard of it."""
        with suppress(PsgcrawlError):
            if run_of(self._crawler).outcome is not None:
                self.engine_stopped()

    def engine_stopped(self) -> None:
        """Tell what became of the run."""
        self._hooks.tell(self._found, _say)

    def _found(self) -> Sequence[Notification]:
        run = run_of(self._crawler)
        if run.outcome is None:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            return [undecided(str(run.archive), str(self._crawler.spidercls.name), run.started, now)]
        return notifications(run.outcome)


def _say(problem: str) -> None:
    print(f"psgcrawl: {problem}", file=sys.stderr, flush=True)  # noqa: T201 - not to the log: its levels count
