"""What holds for every spider: its callbacks, and the components of Scrapy around it."""

import inspect
import os
import subprocess
import sys

import pytest
from scrapy.settings import Settings, default_settings
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


@pytest.mark.parametrize(
    ("setting", "without"),
    [
        ("EXTENSIONS_BASE", {"MemoryDebugger", "MemoryUsage", "RemoteControl", "TelnetConsole"}),
        (
            "DOWNLOADER_MIDDLEWARES_BASE",
            {"CookiesMiddleware", "OffsiteMiddleware", "RedirectMiddleware", "RetryMiddleware", "RobotsTxtMiddleware"},
        ),
    ],
)
def test_the_components_of_scrapy_are_those_of_its_usual_list_but_for_these(setting: str, without: set[str]) -> None:
    """One that a later version brings is not let in unseen."""
    usual: dict[str, int] = getattr(default_settings, setting)
    expected = {path: order for path, order in usual.items() if path.rpartition(".")[2] not in without}
    assert getattr(settings, setting) == expected


@pytest.mark.thorough
def test_a_crawl_does_not_import_what_is_switched_off() -> None:
    program = (
        "import sys\n"
        "from scrapy.crawler import Crawler\n"
        "from scrapy.utils.project import get_project_settings\n"
        "from scrapy.utils.misc import load_object\n"
        "settings = get_project_settings()\n"
        "for name in ('EXTENSIONS', 'DOWNLOADER_MIDDLEWARES', 'SPIDER_MIDDLEWARES', 'ITEM_PIPELINES'):\n"
        "    for path in settings.get_component_priority_dict_with_base(name): load_object(path)\n"
        "print(*sorted({'aiohttp', 'requests', 'tldextract', 'psgcrawl', 'scrapy'} & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "SCRAPY_SETTINGS_MODULE": "psgcrawl.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["psgcrawl", "scrapy"]
