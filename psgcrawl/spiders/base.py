"""What every spider of the project has: arguments that are checked before anything runs."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from scrapy import Spider
from scrapy.crawler import Crawler

from psgcrawl.errors import UsageError

_SCRAPYD = frozenset({"_job", "_version"})
"""What scrapyd adds to the arguments of every spider."""


class ArchiveSpider(Spider):
    """A spider whose pages end in the archive."""

    arguments: ClassVar[Mapping[str, str]] = {}
    """The arguments that it takes (``-a NAME=VALUE``), each with what it means."""

    given: Mapping[str, Any] = {}
    """Its arguments, as given: they go into the manifest."""

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for an argument that the spider does not take, or whose value is wrong."""
        for name in given:
            if name not in cls.arguments:
                known = ", ".join(sorted(cls.arguments)) or "none"
                raise UsageError(f"-a {name}=: {cls.name} takes no such argument (it takes: {known})")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy has it
        """Build the spider.

        :raises UsageError: for wrong arguments. The command has checked them; a crawl that
            was started in another way has not.
        """
        given = {name: value for name, value in kwargs.items() if name not in _SCRAPYD}
        cls.check_arguments(given)
        spider = super().from_crawler(crawler, *args, **given)
        spider.given = given
        return spider
