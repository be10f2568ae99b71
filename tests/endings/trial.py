"""A crawl in which something happens at a chosen place: the spider ``trial``, and components around it.

``-s TRIAL_AT=pipeline.process_item -s TRIAL_DOES=ValueError -s TRIAL_NTH=2`` raises at the
second page in a pipeline. Places that are no hook of a component are the dotted path of a
function of the project's, which is then replaced.
"""

import importlib
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Final, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem, IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from psgcrawl.records import Page
from psgcrawl.spiders.news import NewsSpider

_chosen: dict[str, str] = {}
_calls: Counter[str] = Counter()


def _pattern() -> None:
    """Never come back, in code that holds the interpreter."""
    re.match(r"(a+)+$", "a" * 64 + "b")


def _recursion(depth: int = 0) -> int:
    return _recursion(depth + 1) + 1


ERRORS: Final[Mapping[str, BaseException]] = {
    "ValueError": ValueError("odd"),
    "OSError": OSError(28, "No space left on device"),
    "MemoryError": MemoryError(),
    "SystemExit": SystemExit(0),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "CloseSpider": CloseSpider("enough"),
    "DropItem": DropItem("unwanted"),
    "IgnoreRequest": IgnoreRequest("ignored"),
    "NotConfigured": NotConfigured("not today"),
}
_DOES: Final[Mapping[str, Callable[[], object]]] = {
    "pattern": _pattern,
    "sleep": lambda: time.sleep(600),
    "recursion": _recursion,
}


def here(place: str) -> None:
    """Let happen what was chosen, if it was chosen to happen here, and now."""
    if _chosen.get("at") != place:
        return
    _calls[place] += 1
    if _calls[place] == int(_chosen["nth"]):
        error = ERRORS.get(_chosen["does"])
        if error is not None:
            raise error
        _DOES[_chosen["does"]]()


def _replaced(path: str) -> None:
    """Put, in place of a function, one in which it happens."""
    module, _, names = path.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = names.split(".")
    for one in outer:
        owner = getattr(owner, one)
    own = getattr(owner, name)

    def instead(*given: Any, **named: Any) -> Any:
        here(path)
        return own(*given, **named)

    setattr(owner, name, instead)


class Trial(NewsSpider):
    """News, in which something happens."""

    name = "trial"

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Put the components among the project's."""
        super().update_settings(settings)
        _chosen.update(
            at=settings.get("TRIAL_AT", ""), does=settings.get("TRIAL_DOES", ""), nth=settings.get("TRIAL_NTH", "1")
        )
        # Whoever runs the tests may have these ignored (nohup, a background job), and a child inherits that.
        for number in (signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        if ":" in _chosen["at"]:
            _replaced(_chosen["at"])
        for name, component, order in (
            ("ITEM_PIPELINES", Pipeline, 150),
            ("SPIDER_MIDDLEWARES", SpiderMiddleware, 500),
            ("DOWNLOADER_MIDDLEWARES", DownloaderMiddleware, 500),
            ("EXTENSIONS", Extension, 500),
        ):
            settings.set(name, {**settings[name], component: order}, priority="cmdline")

    async def start(self) -> AsyncIterator[Any]:
        """Begin as news does."""
        here("start.first")
        async for one in super().start():
            yield one
        here("start.last")

    def parse(self, response: Response, position: int) -> Iterator[Page | Request]:
        """Read as news does."""
        here("callback")
        for one in super().parse(response, position):
            here("callback.between")
            yield one
        here("callback.end")

    def missed(self, failure: Failure) -> Iterator[Page | Request]:
        """Go on as news does."""
        here("errback")
        return super().missed(failure)

    def closed(self, reason: str) -> None:
        """Close as news does."""
        here("closed")
        super().closed(reason)


class Plain(Trial):
    """The same, with a callback that is no generator."""

    name = "plain"

    def parse(self, response: Response, position: int) -> Any:
        """Read as news does, all at once."""
        here("plain")
        return list(super().parse(response, position))


class _Component:
    kind = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        here(f"{cls.kind}.from_crawler")
        return cls(crawler)

    def __init__(self, crawler: Crawler) -> None:
        """Be built."""


class Pipeline(_Component):
    """Between the steps of the project's."""

    kind = "pipeline"

    def open_spider(self) -> None:
        here("pipeline.open_spider")

    def process_item(self, item: Page) -> Page:
        here("pipeline.process_item")
        return item

    def close_spider(self) -> None:
        here("pipeline.close_spider")


class SpiderMiddleware(_Component):
    """Between the ledger and the engine."""

    kind = "spidermw"

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in start:
            here("spidermw.process_start")
            yield one

    def process_spider_input(self, response: Response) -> None:
        here("spidermw.process_spider_input")

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in result:
            here("spidermw.process_spider_output")
            if _chosen["at"] == "spidermw.drops" and isinstance(one, Page if _chosen["does"] == "pages" else Request):
                continue
            yield one


class DownloaderMiddleware(_Component):
    """Among the project's."""

    kind = "downloadermw"

    def process_request(self, request: Request) -> None:
        if "robots" not in request.url:
            here("downloadermw.process_request")

    def process_response(self, request: Request, response: Response) -> Response:
        if "robots" not in request.url:
            here("downloadermw.process_response")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        here("downloadermw.process_exception")


class Extension(_Component):
    """Listens to everything."""

    kind = "extension"

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._handlers = []
        for name in (
            "engine_started",
            "spider_opened",
            "request_scheduled",
            "response_received",
            "item_scraped",
            "spider_idle",
            "spider_closed",
        ):
            handler = self._handler(f"extension.{name}")
            self._handlers.append(handler)
            crawler.signals.connect(handler, signal=getattr(signals, name))

    @staticmethod
    def _handler(place: str) -> Callable[[], None]:
        return lambda: here(place)
