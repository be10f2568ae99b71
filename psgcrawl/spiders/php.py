"""What the spiders of the PHP site have in common: its address, which has to be given, and a word at the end."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler

from psgcrawl import urls
from psgcrawl.errors import UsageError
from psgcrawl.spiders.base import LiveSpider

BASE: Final = "the address of the site, or of a copy of it: scheme, host, port"


class PhpSpider(LiveSpider):
    """A spider of the site as it was to 2019, wherever that stands today."""

    arguments: ClassVar[Mapping[str, str]] = {"base": BASE}

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for a wrong argument, and where no site is named."""
        super().check_arguments(given)
        if "base" not in given:
            raise UsageError(
                f"-a base= is missing: {cls.name} reads the PHP site, which left the live web after 2019. Name a copy "
                "of it (-a base=http://127.0.0.1:8000), or read what web archives hold: scrapy crawl wayback"
            )
        parts = urlsplit(given["base"])
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise UsageError(
                f"base: {given['base']!r} is more than the address of a site: its pages are told by their paths, which "
                "begin at its root"
            )

    received = 0
    """Length of all bodies together, as they came over the wire."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy has it
        """Build the spider; it counts what it costs the site.

        :raises UsageError: as :meth:`LiveSpider.from_crawler`
        """
        spider = super().from_crawler(crawler, *args, **kwargs)
        # Scrapy's own statistics are taken where a 304 has its body again.
        crawler.signals.connect(spider.count, signal=signals.bytes_received)
        return spider

    def count(self, data: bytes) -> None:
        """Count a piece of a body."""
        self.received += len(data)

    @property
    def site(self) -> str:
        """Scheme, host and port of the site, as they were given."""
        parts = urlsplit(self.given["base"])
        return f"{parts.scheme}://{parts.netloc}"

    def here(self, url: str) -> str | None:
        """Return where a page of the site is found at its ``base``; None for a page of another site."""
        if not urls.same_site(url, self.site):
            return None
        found = urlsplit(self.site)
        return urlsplit(url)._replace(scheme=found.scheme, netloc=found.netloc, fragment="").geturl()

    def closed(self, reason: str) -> None:  # noqa: ARG002 - as Scrapy calls it
        """Say what the crawl cost the site."""
        self.tell_cost(f"{self.received:,} bytes received")
