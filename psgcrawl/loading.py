"""Which spiders there are, and how Scrapy gets one of them: without importing all the others."""

from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.spider import iter_spider_classes

SPIDERS: Final = "psgcrawl.spiders"
"""Here the module of a spider has the spider's name."""


Names = list[str]
"""In the class ``list`` is a method."""


class LazySpiderLoader:
    """Scrapy's loader, which imports all spiders, asked only where more than one of ours is wanted.

    What the others import is a fortieth of what a crawl takes to begin. Where a person's own modules
    stand in ``SPIDER_MODULES`` they may have spiders of any name: then all are looked at.
    """

    def __init__(self, settings: BaseSettings) -> None:
        self._settings = settings

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Return a loader of the spiders in ``SPIDER_MODULES``."""
        return cls(settings)

    @cached_property
    def _all(self) -> SpiderLoader:
        return SpiderLoader.from_settings(self._settings)

    def load(self, spider_name: str) -> type[Spider]:
        """Return the class of a spider.

        :raises KeyError: for a name that no spider has
        """
        return self._alone(spider_name) or self._all.load(spider_name)

    def _alone(self, name: str) -> type[Spider] | None:
        if self._settings.getlist("SPIDER_MODULES") != [SPIDERS] or not name.isidentifier():
            return None
        path = f"{SPIDERS}.{name}"
        if find_spec(path) is None:
            return None
        return next((kind for kind in iter_spider_classes(import_module(path)) if kind.name == name), None)

    def list(self) -> Names:
        """Return the names of all spiders."""
        return self._all.list()

    def find_by_request(self, request: Request) -> Names:
        """Return the names of the spiders that say that they take a request."""
        return self._all.find_by_request(request)
