"""What the spiders of the PHP site have in common: its address, which has to be given."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

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
