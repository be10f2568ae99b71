"""What the spiders of listings that no WordPress made have in common: which listing, and at which address."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler

from psgcrawl import site
from psgcrawl.errors import UsageError
from psgcrawl.site import Listing
from psgcrawl.spiders.base import LiveSpider

BASE: Final = "the address of the site, or of a copy of it: scheme, host, port"
LISTING: Final[Mapping[str, str]] = {"listing": "a listing that the archive's `site.toml` declares"}


class PhpSpider(LiveSpider):
    """A spider of a listing, wherever its site stands today.

    ``collection`` names the listing of a spider that has one of its own; others are told by ``-a listing=``.
    """

    arguments: ClassVar[Mapping[str, str]] = {"base": BASE}

    paged: ClassVar[bool]
    """Whether it is for listings of several pages."""

    listing: Listing
    """As the site's profile declares it."""

    @classmethod
    def usual_base(cls) -> str | None:
        """Return the address of the site, where its listings are there still."""
        here = site.current()
        return None if here.gone else here.address

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for a wrong argument, and where no site is named."""
        super().check_arguments(given)
        cls.listing_of(given)
        if "base" not in given and cls.usual_base() is None:
            raise UsageError(
                f"-a base= is missing: {cls.name} reads the PHP site, {site.current().gone}. Name a copy "
                "of it (-a base=http://127.0.0.1:8000), or read what web archives hold: scrapy crawl wayback"
            )
        parts = urlsplit(given.get("base", ""))
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise UsageError(
                f"base: {given['base']!r} is more than the address of a site: its pages are told by their paths, which "
                "begin at its root"
            )

    @classmethod
    def listing_of(cls, given: Mapping[str, Any]) -> Listing:
        """Return the listing that a spider with these arguments reads.

        :raises UsageError: for one that the site's profile does not declare, or that is of the other kind
        """
        here = site.current()
        name = given.get("listing", getattr(cls, "collection", None))
        found = here.listing(name) if name is not None else None
        if found is not None and found.paged == cls.paged:
            return found
        fitting = ", ".join(one.name for one in here.listings if one.paged == cls.paged) or "none"
        kind = "several pages" if cls.paged else "one page"
        if name is None:
            raise UsageError(f"-a listing= is missing: the listings of {kind} of {here.called} are: {fitting}")
        raise UsageError(f"listing: {name!r} is no listing of {kind} of {here.called} (there are: {fitting})")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy has it
        """Build the spider, for one listing.

        :raises UsageError: as :meth:`LiveSpider.from_crawler`
        """
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.listing = cls.listing_of(spider.given)
        spider.collection = spider.listing.name
        return spider
