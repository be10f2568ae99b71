"""What holds for the callbacks of every spider."""

import inspect

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.misc import is_generator_with_return_value

from psgcrawl import settings


def test_no_callback_yields_and_returns_a_value() -> None:
    """Scrapy would drop the value; that it warns of this is switched off, for it looks again for each response."""
    assert settings.WARN_ON_GENERATOR_RETURN_VALUE is False
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": settings.SPIDER_MODULES}))
    generators = {
        method
        for name in loader.list()
        for _, method in inspect.getmembers(loader.load(name), inspect.isgeneratorfunction)
    }
    assert {"parse", "missed"} <= {method.__name__ for method in generators}
    assert [method.__qualname__ for method in generators if is_generator_with_return_value(method)] == []
