"""Listings of the PHP site that behave, and what a person types."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from scrapy import Spider

from psgcrawl.errors import UsageError
from psgcrawl.paging import ASTRAY
from psgcrawl.records import Coverage, replace
from psgcrawl.spiders.articles import ArticlesSpider
from psgcrawl.spiders.home import HomeSpider
from psgcrawl.spiders.listing import link_of
from psgcrawl.spiders.news import NewsSpider
from tests import crawls
from tests.layouts.making import page_of
from tests.minisite import Answer, MiniSite, at
from tests.php.crawling import (
    ERROR,
    crawl,
    ids,
    pages,
)

# --- a site that behaves ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("spider", "listing", "last"),
    [(NewsSpider, "news", 30), (ArticlesSpider, "articles", 20)],
    ids=["news", "articles"],
)
def test_a_listing_is_brought_home_whole(
    tmp_path: Path, site: MiniSite, spider: type[Spider], listing: str, last: int
) -> None:
    found = crawl(tmp_path, site, spider)
    assert found.asked == pages(*range(0, last + 1, 10), listing=listing)
    assert (found.outcome.exit_code, found.line.outcome, found.outcome.problems) == (0, "committed", [])
    assert found.coverage == Coverage(listing=listing, complete=True, end="short-page", positions=[(0, last)], gaps=[])
    assert found.ids == ids(site, listing)
    assert found.told.startswith(f"complete, from the first page to the last: {len(found.ids)} entries seen\n")


def test_the_home_page_is_one_page_and_never_complete(tmp_path: Path, site: MiniSite) -> None:
    found = crawl(tmp_path, site, HomeSpider)
    assert found.asked == ["/"]
    assert found.coverage == Coverage(listing="home", complete=False, end="single-page", positions=[], gaps=[])
    assert (found.outcome.exit_code, found.line.outcome) == (0, "committed")
    again = crawl(tmp_path, site, HomeSpider)
    assert (again.line.outcome, again.line.snapshot) == ("unchanged", found.line.snapshot)


def test_what_has_not_changed_is_one_line(tmp_path: Path, site: MiniSite) -> None:
    first, second = (crawl(tmp_path, site) for _ in range(2))
    assert (second.outcome.exit_code, second.line.outcome) == (0, "unchanged")
    assert (second.line.snapshot, second.coverage) == (first.line.snapshot, first.coverage)
    assert crawls.visible(tmp_path) == {"news": [first.line.snapshot]}


def test_from_since_on_is_committed_and_is_not_complete(tmp_path: Path, site: MiniSite) -> None:
    found = crawl(tmp_path, site, since="2018-10-03")
    assert found.asked == pages(0, 10, 20)
    assert (found.outcome.exit_code, found.line.outcome) == (0, "committed")
    assert found.coverage == Coverage(listing="news", complete=False, end="limit", positions=[(0, 20)], gaps=[])
    assert "everything is older than 2018-10-03" in found.told


def test_a_later_crawl_proves_what_an_earlier_one_left_open(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site, since="2018-10-03")
    found = crawl(tmp_path, site)
    assert (found.line.outcome, found.coverage.complete) == ("committed", True)


# --- what a person types ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ((), "-a base= is missing: news reads the PHP site, which left the live web after 2019."),
        (("-a", "base=http://127.0.0.1:1/copy/"), "is more than the address of a site"),
        (("-a", "base=ftp://example.org"), "is no http or https address of a site"),
        (
            ("-a", "base=http://127.0.0.1:1", "-a", "mode=fast"),
            "mode: 'fast' is not known; it can be full or incremental",
        ),
        (("-a", "base=http://127.0.0.1:1", "-a", "follow=all"), "follow: 'all' is not known; it can be entries"),
        (("-a", "base=http://127.0.0.1:1", "-a", "since=20190101"), "since: '20190101' is no day (2019-06-30)"),
        (("-a", "base=http://127.0.0.1:1", "-a", "since=2019-02-30"), "since: '2019-02-30' is no day (2019-06-30)"),
        (
            ("-a", "base=http://127.0.0.1:1", "-a", "since=2019-01-01", "-a", "mode=incremental"),
            "since: an incremental crawl carries over what is older, nothing is left out",
        ),
        (("-a", "base=http://127.0.0.1:1", "-a", "path=x"), "-a path=: news takes no such argument"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: Sequence[str], problem: str) -> None:
    arguments = dict(word.split("=", 1) for word in given[1::2])
    with pytest.raises(UsageError) as raised:
        NewsSpider.check_arguments(arguments)
    assert problem in str(raised.value)


def test_from_the_command_line(tmp_path: Path, site: MiniSite) -> None:
    line = ("-m", "scrapy", "crawl")
    settings = ("-s", f"ARCHIVE_DIR={tmp_path}", "-s", "CONTACT=ops@example.org", "-s", "DOWNLOAD_DELAY=0")
    without, whole, home = crawls.together(
        lambda: crawls.run(*line, "news", *settings),
        lambda: crawls.run(*line, "news", *settings, "-a", f"base={site.url()}"),
        lambda: crawls.run(*line, "home", *settings, "-a", f"base={site.url('')}"),
    )
    assert (without.code, whole.code, home.code) == (2, 0, 0)
    assert "scrapy crawl wayback" in without.err
    assert "complete, from the first page to the last: 33 entries seen" in whole.out
    assert re.search(r"\d requests \(robots.txt and redirects too\), [\d,]+ bytes", whole.out)
    assert sorted(crawls.visible(tmp_path)) == ["home", "news"]
    crawls.sound(tmp_path)
    site.trick = at(20, Answer(ERROR))
    apart = crawls.run(*line, "news", *settings, "-a", f"base={site.url('')}")
    assert (apart.code, "position 20: no layout recognises the page" in apart.err) == (3, True)
    assert "kept apart" in apart.out


@pytest.mark.parametrize(
    ("href", "position"),
    [
        pytest.param(None, None, id="no pager"),
        pytest.param("#", None, id="a pager that ends"),
        pytest.param("?position=20", 20, id="the next page"),
        pytest.param("articles.php?position=20", ASTRAY, id="another listing"),
        pytest.param("http://[/", ASTRAY, id="no address at all"),
    ],
)
def test_a_pager_leads_to_a_position_or_astray(href: str | None, position: int | None) -> None:
    assert link_of(replace(page_of(), next_href=href), "news") == position
