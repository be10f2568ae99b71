"""Posts that come, go and move while they are crawled."""

from pathlib import Path

import pytest

from tests.miniwordpress import MISSING, POSTS, MiniWordPress, made, on
from tests.postcrawls import changes, crawl
from tests.posts.asking import CLOSED, NEW, asked, many


def test_a_post_published_in_mid_crawl_makes_it_begin_again(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    site.on_request = on("&page=2", lambda: site.add(made(5000, "Now", "2026-11-22T10:00:00")))
    crawled = crawl(tmp_path, site.base)
    assert asked(site) == ["poll", "rest 1", "rest 2", "rest 3", "rest 1", "rest 2", "rest 3"]
    assert crawled.proved == ("committed", True, "total")
    assert len(crawled.entries) == 251


def test_a_post_taken_away_in_mid_crawl_hides_no_other(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    site.on_request = on("&page=2", lambda: site.remove(1003))
    crawled = crawl(tmp_path, site.base)
    # One that slipped from the second page to the first was on neither.
    assert asked(site) == ["poll", "rest 1", "rest 2", "rest 3", "rest 1", "rest 2", "rest 3"]
    assert crawled.proved == ("committed", True, "total")
    # It was seen; the next crawl says that it is gone.
    assert len(crawled.entries) == 250
    crawl(tmp_path, site.base)
    assert changes(tmp_path) == {"post-1003": "removed"}


def test_a_site_that_never_stands_still_is_not_complete(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    numbers = iter(range(5000, 6000))

    def publish(target: str) -> None:
        if "&page=" in target:
            site.add(made(next(numbers), "Now", "2026-11-22T10:00:00"))

    site.on_request = publish
    crawled = crawl(tmp_path, site.base)
    assert (crawled.line.outcome, crawled.coverage.complete) == ("incomplete", False)
    assert "also at the second try" in crawled.reasons


def test_one_taken_away_and_one_added_at_once_do_not_hide_a_third(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    crawl(tmp_path, site.base)
    asked(site)

    def both() -> None:
        site.remove(1003)
        site.add(made(5000, "Now", "2026-11-22T10:00:00"))

    site.on_request = on("&page=2", both)
    crawled = crawl(tmp_path, site.base)
    assert asked(site).count("rest 2") == 2
    assert crawled.proved == ("committed", True, "total")
    assert changes(tmp_path) == {"post-5000": "added"}


@pytest.mark.parametrize("way", ["feed", pytest.param("theme", marks=pytest.mark.thorough)])
def test_the_newest_first_come_whole_although_they_move(site: MiniWordPress, tmp_path: Path, way: str) -> None:
    site.rest, site.feed = CLOSED, None if way == "feed" else MISSING
    third = "/feed/?paged=3" if way == "feed" else "/page/3/"
    site.on_request = on(third, lambda: site.add(NEW))
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", True, "short-page")
    assert len(crawled.entries) == POSTS + 1
    assert "in two passes" in crawled.told
    # One that is gone pulls the others up: what slipped by is known, and sought.
    site.on_request = on(third, lambda: site.remove(900))
    asked(site)
    again = crawl(tmp_path, site.base)
    assert asked(site).count(third) == 2
    assert again.line.outcome in {"committed", "unchanged"}
    assert {f"post-{number}" for number in site.posts} <= again.entries.keys()
