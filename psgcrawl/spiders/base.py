"""What every spider of the project has: arguments that are checked before anything runs."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from psgcrawl import profiles, urls
from psgcrawl.archive.location import find_archive
from psgcrawl.captures import live
from psgcrawl.captures.live import FETCHED, Fetched
from psgcrawl.errors import PsgcrawlError, UsageError
from psgcrawl.manners.addresses import Origin, origins
from psgcrawl.manners.contact import user_agent
from psgcrawl.records import Page, Source
from psgcrawl.run import run_of

_SCRAPYD = frozenset({"_job", "_version"})
"""What scrapyd adds to the arguments of every spider."""


class ArchiveSpider(Spider):
    """A spider whose pages end in the archive."""

    source: ClassVar[Source] = "live"
    """Where its pages come from; a spider that reads files says ``file``."""

    arguments: ClassVar[Mapping[str, str]] = {}
    """The arguments that it takes (``-a NAME=VALUE``), each with what it means."""

    given: Mapping[str, Any] = {}
    """Its arguments, as given: they go into the manifest."""

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for an argument that the spider does not take, or whose value is wrong."""
        for name in given:
            if name not in cls.arguments and name not in _SCRAPYD:
                known = ", ".join(sorted(cls.arguments)) or "none"
                raise UsageError(f"-a {name}=: {cls.name} takes no such argument (it takes: {known})")

    @classmethod
    def check_settings(cls, settings: BaseSettings) -> None:
        """Raise :class:`UsageError` for a setting without which, or with which, the spider cannot start."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy has it
        """Build the spider, for the site of the archive.

        :raises UsageError: for a wrong profile, and for wrong arguments or settings. The
            command has checked them; a crawl that was started in another way has not.
        """
        profiles.enter(find_archive(None, {}, Path.cwd(), crawler.settings["ARCHIVE_DIR"]))
        given = {name: value for name, value in kwargs.items() if name not in _SCRAPYD}
        cls.check_arguments(given)
        cls.check_settings(crawler.settings)
        spider = super().from_crawler(crawler, *args, **given)
        spider.given = given
        return spider


class LiveSpider(ArchiveSpider):
    """A spider that fetches the pages of one listing.

    Its requests have :meth:`failed` for an errback: what a crawl wanted and did not get
    makes it incomplete.
    """

    collection: str
    """Where its pages go, and where the bodies are that a server need not send again."""

    origins: frozenset[Origin] = frozenset()
    """Where its requests may go: to the site, and nowhere else (see :mod:`psgcrawl.middlewares.origins`)."""

    received = 0
    """Length of all bodies together, as they came over the wire: packed, where the server packs them."""

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for a wrong argument; ``base`` is the address of a site."""
        super().check_arguments(given)
        _origins(given.get("base", cls.usual_base()))

    @classmethod
    def usual_base(cls) -> str | None:
        """Return the address of its site, where ``-a base=`` names no other."""
        return None

    @classmethod
    def check_settings(cls, settings: BaseSettings) -> None:
        """Raise :class:`UsageError` where nobody answers for the crawl: ``CONTACT``."""
        user_agent(settings["CONTACT"] or "")

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Name the project and ``CONTACT`` in the user agent."""
        super().update_settings(settings)
        try:
            settings.set("USER_AGENT", user_agent(settings["CONTACT"] or ""), priority="spider")
        except UsageError:
            # Also asked by commands that only look at spiders; a crawl ends in check_settings.
            return

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy has it
        """Build the spider, for one site; it counts what it costs that.

        :raises UsageError: as :meth:`ArchiveSpider.from_crawler`
        """
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.origins = _origins(spider.given.get("base", cls.usual_base()))
        # Scrapy's own statistics are taken where a body is unpacked, and a 304 has its body again.
        crawler.signals.connect(spider.count, signal=signals.bytes_received)
        return spider

    def count(self, data: bytes) -> None:
        """Count a piece of a body."""
        self.received += len(data)

    @property
    def base(self) -> str:
        """The address of the site, as it was given, or the spider's own."""
        return str(self.given.get("base", self.usual_base()))

    @property
    def site(self) -> str:
        """Scheme, host and port of the site, as they were given."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    def here(self, url: str) -> str | None:
        """Return where a page of the site is found at its ``base``; None for a page of another site."""
        if not urls.same_site(url, self.site):
            return None
        found = urlsplit(self.site)
        return urlsplit(url)._replace(scheme=found.scheme, netloc=found.netloc, fragment="").geturl()

    def page_of(self, response: Response, position: int | None = None) -> Page:
        """Return the page that a response shows, its entries as the layout read them.

        :param position: in the listing; else as the address says
        :raises UnreadablePage: ``url: problem``, for bytes that are no page
        :raises PsgcrawlError: for a response that was not kept as evidence
        """
        return live.page_of(self.fetched(response), self.collection, position)

    def fetched(self, response: Response) -> Fetched:
        """Return what was kept of a response.

        :raises PsgcrawlError: for one that was not kept as evidence
        """
        fetched = response.meta.get(FETCHED)
        if not isinstance(fetched, Fetched):
            raise PsgcrawlError(f"{response.url}: it was not kept as evidence: EvidenceMiddleware is switched off")
        return fetched

    def failed(self, failure: Failure) -> None:
        """Note a request that brought no page."""
        run_of(self.crawler).wanted(self.collection, why(failure))

    def tell(self, told: str) -> None:
        """Tell people something of the crawl, in its summary."""
        run_of(self.crawler).tell(self.collection, told)

    def closed(self, reason: str) -> None:  # noqa: ARG002 - as Scrapy calls it
        """Say what the crawl cost the site."""
        stats = self.crawler.stats
        assert stats is not None  # noqa: S101 - a crawl has them
        number = int(stats.get_value("downloader/request_count", 0))
        requests = "1 request" if number == 1 else f"{number} requests"
        self.tell(f"{requests} (robots.txt and redirects too), {self.received:,} bytes received")


def check_mode(given: Mapping[str, Any]) -> None:
    """Raise :class:`UsageError` for a ``mode`` that there is not."""
    if given.get("mode", "full") not in {"full", "incremental"}:
        raise UsageError(f"mode: {given['mode']!r} is not known; it can be full or incremental")


def why(failure: Failure) -> str:
    """Return the address of a request that failed and the reason, in words: ``url: problem``."""
    url = failure.request.url  # type: ignore[attr-defined]  # set by Scrapy for errbacks
    reason = failure.getErrorMessage() or type(failure.value).__name__
    if isinstance(failure.value, HttpError):
        reason = f"the server answered {failure.value.response.status}"
    return reason if reason.startswith(url) else f"{url}: {reason}"


def check_day(name: str, given: str) -> None:
    """Raise :class:`UsageError` for the value of an argument that is no day."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = None
    if day is None or day.isoformat() != given:
        raise UsageError(f"{name}: {given!r} is no day (2019-06-30)")


def _origins(base: str | None) -> frozenset[Origin]:
    return frozenset() if base is None else origins(base)
