"""Scrapy gets the spiders that it would find itself, and imports no others on the way."""

import pytest
from scrapy import Request
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader, get_spider_loader

from psgcrawl import settings
from psgcrawl.loading import LazySpiderLoader
from tests.crawls import run

OURS = Settings({"SPIDER_MODULES": settings.SPIDER_MODULES})
OTHERS = Settings({"SPIDER_MODULES": ["psgcrawl.spiders", "tests.endings.trial"]})


def test_the_settings_name_it() -> None:
    assert isinstance(get_spider_loader(Settings({**vars(settings)})), LazySpiderLoader)


@pytest.mark.parametrize("given", [OURS, OTHERS], ids=["ours", "with-others"])
def test_it_knows_the_spiders_that_scrapy_finds(given: Settings) -> None:
    scrapys, lazy = SpiderLoader.from_settings(given), LazySpiderLoader.from_settings(given)
    assert sorted(lazy.list()) == sorted(scrapys.list())
    for name in scrapys.list():
        assert LazySpiderLoader.from_settings(given).load(name) is scrapys.load(name)
    request = Request("http://perusupportgroup.org.uk/")
    assert lazy.find_by_request(request) == scrapys.find_by_request(request)


@pytest.mark.parametrize("name", ["capture", "base", "os.path", "..cli", "", "news.x"])
def test_what_is_no_spiders_name_is_none(name: str) -> None:
    with pytest.raises(KeyError):
        LazySpiderLoader.from_settings(OURS).load(name)


def test_one_is_loaded_without_the_others() -> None:
    program = (
        "import sys\n"
        "from scrapy.settings import Settings\n"
        "from psgcrawl.loading import LazySpiderLoader\n"
        "LazySpiderLoader.from_settings(Settings({'SPIDER_MODULES': ['psgcrawl.spiders']})).load('news')\n"
        "print(*sorted(name for name in sys.modules if name.startswith('psgcrawl.spiders.')))\n"
    )
    loaded = run("-c", program)
    assert (loaded.code, loaded.err) == (0, "")
    names = {name.rpartition(".")[2] for name in loaded.out.split()}
    assert "news" in names
    assert names.isdisjoint({"captures", "home", "posts", "wayback"})
