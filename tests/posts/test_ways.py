"""Whole crawls of posts by each way that a small WordPress leaves open."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from psgcrawl.archive.store import Archive
from psgcrawl.posting.ways import TOLD
from tests.layouts.ways import DIFFERENT
from tests.minisite import Answer
from tests.miniwordpress import MISSING, POSTS, SEED, MiniWordPress, error, html, reworded
from tests.postcrawls import changes, crawl, histories
from tests.posts.asking import (
    CLOSED,
    FEEDS,
    THEMED,
    asked,
    many,
    open_only,
)

# --- by each way ------------------------------------------------------------------------


def test_the_api_brings_all_posts_home_with_two_requests(site: MiniWordPress, tmp_path: Path) -> None:
    crawled = crawl(tmp_path, site.base)
    assert asked(site) == ["poll", "rest 1"]
    assert crawled.proved == ("committed", True, "total")
    assert crawled.entries.keys() == {f"post-{number}" for number in SEED}
    assert [(row.layout, row.position) for row in crawled.rows] == [("wordpress-rest", None), ("wordpress-rest", 0)]
    assert crawled.manifest.notes == [TOLD["rest"]]
    assert "complete: 61 posts seen" in crawled.told


def test_positions_count_the_posts_before(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    crawled = crawl(tmp_path, site.base)
    assert asked(site) == ["poll", "rest 1", "rest 2", "rest 3"]
    assert [row.position for row in crawled.rows] == [None, 0, 100, 200]
    assert crawled.coverage.positions == [(0, 0), (100, 100), (200, 200)]
    assert crawled.coverage.gaps == []


def test_where_the_api_is_closed_the_feed_is_read_to_its_end(site: MiniWordPress, tmp_path: Path) -> None:
    site.rest = CLOSED
    crawled = crawl(tmp_path, site.base)
    assert asked(site) == ["poll", *FEEDS]
    assert crawled.proved == ("committed", True, "short-page")
    assert len(crawled.entries) == POSTS
    assert {row.layout for row in crawled.rows} == {"wordpress-feed"}
    assert crawled.coverage.positions == [(0, 60)]
    assert crawled.manifest.notes == [TOLD["feed"]]


def test_where_both_are_closed_the_themed_pages_are_read_along_their_pager(site: MiniWordPress, tmp_path: Path) -> None:
    site.rest, site.feed = CLOSED, MISSING
    crawled = crawl(tmp_path, site.base)
    assert asked(site) == ["poll", "/feed/", *THEMED]
    assert crawled.proved == ("committed", True, "short-page")
    assert len(crawled.entries) == POSTS
    # The sticky post stands on the first page and on its own.
    assert sum("post-318" in view.entries for row in crawled.rows for view in row.lists) == 3
    assert crawled.manifest.notes == [TOLD["theme"]]


@pytest.mark.parametrize("link", ["http://[", "http://[/page/2/", "https://another.example:port/page/2/"])
def test_a_next_page_at_no_address_is_a_page_that_was_not_had(site: MiniWordPress, tmp_path: Path, link: str) -> None:
    open_only(site, "theme")
    site.onward = link
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved[:2] == ("incomplete", False)
    assert f"its next page is at {link!r}: no address" in crawled.reasons


REFUSALS = {
    "401": error("rest_not_logged_in", 401),
    "403": CLOSED,
    "404 of the API": error("rest_no_route", 404),
    "an error with status 200": error("rest_forbidden", 200),
    "403 of a firewall": html(status=403),
    "404": MISSING,
    "a page of HTML": html(),
    "another JSON": Answer(b'{"posts": []}', media_type="application/json"),
    "text": Answer(b"No.", media_type="text/plain"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_closed_api_is_a_reason_for_the_feed(site: MiniWordPress, tmp_path: Path, name: str) -> None:
    site.rest = REFUSALS[name]
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", True, "short-page")
    assert {row.layout for row in crawled.rows} == {"wordpress-feed"}
    # What the API itself refuses need not be sought elsewhere.
    polls = asked(site).count("poll")
    assert polls == (1 if b'"code"' in REFUSALS[name].body else 2)


def test_robots_txt_closes_a_way_too(site: MiniWordPress, tmp_path: Path) -> None:
    robots = Answer(b"User-agent: *\nDisallow: /wp-json/\nDisallow: /*rest_route=\n", media_type="text/plain")
    site.instead = lambda target: robots if target == "/robots.txt" else None
    crawled = crawl(tmp_path, site.base)
    assert asked(site) == ["/", *FEEDS]
    assert crawled.proved == ("committed", True, "short-page")


# --- by one way after another -----------------------------------------------------------


@pytest.mark.parametrize("ways", [["rest", "feed", "theme", "rest"], ["rest", "theme", "feed", "rest"]])
def test_coming_another_way_is_no_change_and_no_reason_to_refuse(
    site: MiniWordPress, tmp_path: Path, ways: list[str]
) -> None:
    # What the feed shows in other words than the API, by WordPress's own rules.
    assert DIFFERENT["wordpress-feed"]
    for way in ways:
        open_only(site, way)
        crawled = crawl(tmp_path, site.base, follow="entries", settings={"FOLLOW_MAX": 1})
        assert crawled.proved[:2] == ("committed", True)
        assert {row.layout for row in crawled.rows if row.layout} == {f"wordpress-{way}"}
        if len(Archive(tmp_path).collection("posts").snapshots()) > 1:
            assert changes(tmp_path) == {}
            # Nothing is new or edited, so nothing is followed.
            assert all(row.layout for row in crawled.rows)
    [chronicle] = [life for life in histories(tmp_path) if life.id == "post-321"]
    assert chronicle.revisions == []


def test_an_edit_while_the_api_was_closed_is_found_once_it_is_open_again(site: MiniWordPress, tmp_path: Path) -> None:
    crawl(tmp_path, site.base)
    site.add(reworded(SEED[200], "Other words than before.", "2026-11-21T10:00:00"))
    open_only(site, "feed")
    crawl(tmp_path, site.base)
    # Whether the words are others, or only the way, cannot be told: nothing is claimed.
    assert changes(tmp_path) == {}
    open_only(site, "rest")
    crawl(tmp_path, site.base)
    assert changes(tmp_path) == {}
    first, _, last = [snapshot.name for snapshot in Archive(tmp_path).collection("posts").snapshots()]
    [life] = [life for life in histories(tmp_path) if life.id == "post-200"]
    assert [(one.between, sorted(one.fields)) for one in life.revisions] == [((first, last), ["modified", "summary"])]


def test_a_theme_that_prints_neither_dates_nor_summaries_is_not_refused(site: MiniWordPress, tmp_path: Path) -> None:
    crawl(tmp_path, site.base)
    open_only(site, "theme")
    for post in list(site.posts.values()):
        bare = re.sub(r'<time .*?</time>|<div class="entry-content">.*?</div>', "", post.article, flags=re.DOTALL)
        site.add(replace(post, article=bare))
    crawled = crawl(tmp_path, site.base)
    assert not any(entry.date_edtf or entry.summary for entry in crawled.entries.values())
    assert crawled.proved == ("committed", True, "short-page")
    assert changes(tmp_path) == {}
