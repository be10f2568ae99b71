"""Whole crawls of posts against a small WordPress that is edited, misbehaves and counts what it is asked."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Response
from scrapy.utils import trackref

from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.message import parse
from psgcrawl.archive.warc.reading import read
from psgcrawl.errors import UsageError
from psgcrawl.posting import ways
from psgcrawl.posting.ways import TOLD
from psgcrawl.spiders.posts import PostsSpider
from psgcrawl.webarchive.addresses import stamp_of
from tests.crawls import run, together
from tests.layouts.ways import DIFFERENT
from tests.miniarchive import MiniArchive
from tests.minisite import Answer
from tests.miniwordpress import MISSING, POSTS, SEED, SITE, MiniWordPress, error, html, made, on, renamed, reworded
from tests.postcrawls import changes, crawl, histories, tick
from tests.thorough import THOROUGH
from tests.webarchives.pages import themed
from tests.webarchives.past import HTTPS
from tests.webarchives.running import backfill
from tests.webarchives.taken import Taken

NEW = made(900, "News of today", "2026-11-20T10:00:00")
OF_LONG_AGO = made(901, "Of long ago", "2009-06-01T10:00:00")
CLOSED = error("rest_forbidden", 403)
FEEDS = ["/feed/", *(f"/feed/?paged={page}" for page in range(2, 9)), "/feed/"]
THEMED = ["/", *(f"/page/{page}/" for page in range(2, 8)), "/"]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    tick(monkeypatch)


@pytest.fixture
def site() -> Iterator[MiniWordPress]:
    with MiniWordPress() as site:
        yield site


def asked(site: MiniWordPress) -> list[str]:
    """Return what was asked for since the last time, but for robots.txt; of the API the page, ``poll``, ``newest``."""
    found = [seen.target for seen in site.requests if seen.target != "/robots.txt"]
    site.requests.clear()
    return [_short(target) for target in found]


def _short(target: str) -> str:
    if "orderby=modified" in target:
        return "poll"
    if "orderby=date" in target:
        return "newest"
    page = re.search(r"orderby=id&.*&page=([0-9]+)", target)
    return f"rest {page[1]}" if page else target


def many(number: int) -> dict[int, Any]:
    """Return that many posts."""
    days = {id_: f"{2000 + id_ % 26}-{1 + id_ % 12:02d}-{1 + id_ % 28:02d}" for id_ in range(1000, 1000 + number)}
    return {id_: made(id_, f"Post {id_}", f"{day}T10:00:00", f"It rained on day {id_}.") for id_, day in days.items()}


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


# --- where a site is --------------------------------------------------------------------


def test_a_blog_in_a_folder_is_crawled_there(tmp_path: Path) -> None:
    with MiniWordPress(folder="/blog") as site:
        for base in (site.base, site.base.rstrip("/")):
            crawled = crawl(tmp_path / base[-1].replace("/", "x"), base)
            assert crawled.proved == ("committed", True, "total")
        assert all(target.startswith(("/blog/", "poll")) or "rest" in target for target in asked(site))


@pytest.mark.parametrize(("prefix", "link"), [("api/of/ours", True), ("", True), ("", False)])
def test_the_home_page_says_where_the_api_is_and_the_next_crawl_remembers(
    tmp_path: Path, prefix: str, link: bool
) -> None:
    with MiniWordPress(prefix=prefix) as site:
        site.link = link
        assert crawl(tmp_path, site.base).proved == ("committed", True, "total")
        assert asked(site) == ["poll", "/", "poll", "rest 1"]
        assert crawl(tmp_path, site.base).line.outcome == "unchanged"
        assert asked(site) == ["poll", "rest 1"]


def test_redirects_within_the_site_are_gone_through_once(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    site.folder = "/blog"

    def moved(target: str) -> Answer | None:
        if target.startswith("/blog") or target == "/robots.txt":
            return None
        return Answer(b"", 301, headers=(("Location", f"/blog{target}"),))

    site.instead = moved
    crawled = crawl(tmp_path, f"{site.address}/")
    assert crawled.proved == ("committed", True, "total")
    assert [seen.status for seen in site.requests] == [404, 301, 200, 200, 200, 200]


def test_a_redirect_that_loses_the_question_is_no_answer(site: MiniWordPress, tmp_path: Path) -> None:
    home = Answer(b"", 302, headers=(("Location", "/"),))
    site.instead = lambda target: home if "wp/v2/posts" in target else None
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", True, "short-page")


def test_a_site_that_is_no_wordpress_is_said_to_be_none(site: MiniWordPress, tmp_path: Path) -> None:
    site.instead = lambda target: html("<h1>Welcome</h1>") if target == "/" else MISSING
    crawled = crawl(tmp_path, site.base)
    assert (crawled.line.outcome, crawled.line.snapshot) == ("incomplete", None)
    assert "no way to posts of WordPress is open: REST API: " in crawled.reasons
    assert "; feed: " in crawled.reasons
    assert "; themed pages: " in crawled.reasons
    assert asked(site) == ["poll", "/", "/feed/"]


def test_nothing_is_asked_of_what_is_no_site() -> None:
    for base in ("ftp://example.org/", "https://example.org/?p=1", "https://example.org/#posts", "10.0.0.1"):
        with pytest.raises(UsageError, match="base"):
            PostsSpider.check_arguments({"base": base})
    with pytest.raises(UsageError, match="mode"):
        PostsSpider.check_arguments({"mode": "fast"})
    PostsSpider.check_arguments({})
    assert PostsSpider.usual_base() == "https://perusupportgroup.org.uk/"


# --- what is no end ---------------------------------------------------------------------


def broken(data: bytes, media_type: str) -> Answer:
    return Answer(data, media_type=media_type)


def cut(answer: Answer) -> Answer:
    """Return an answer that breaks off, and says so by its length."""
    return Answer(answer.body[:900], media_type=answer.media_type, headers=(("Content-Length", str(len(answer.body))),))


BUSY = Answer(b"<html>Briefly unavailable for scheduled maintenance.</html>", 503, headers=(("Retry-After", "0"),))


@pytest.mark.parametrize("part", ["orderby=modified", "&page=1", "&page=2"])
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("maintenance", BUSY),
        ("an error", html(status=500)),
        ("cut JSON", broken(b'[{"id": 7, "date": "2020', "application/json")),
        ("an empty page", broken(b"", "application/json")),
        ("too many requests", html(status=429)),
    ],
)
def test_a_failing_api_is_no_reason_for_the_feed(
    site: MiniWordPress, tmp_path: Path, part: str, name: str, answer: Answer
) -> None:
    site.posts = many(150)
    site.instead = lambda target: answer if part in target else None
    crawled = crawl(tmp_path, site.base)
    assert crawled.line.outcome == "incomplete"
    assert crawled.reasons
    assert not [target for target in asked(site) if "feed" in target]


@pytest.mark.parametrize("closed", [MISSING, html(), CLOSED, html(status=400)])
def test_an_api_that_is_closed_in_the_middle_makes_the_crawl_incomplete(
    site: MiniWordPress, tmp_path: Path, closed: Answer
) -> None:
    site.posts = many(250)
    site.instead = lambda target: closed if "&page=2" in target else None
    crawled = crawl(tmp_path, site.base)
    assert (crawled.line.outcome, crawled.coverage.complete) == ("incomplete", False)
    assert "/feed/" not in asked(site)


def test_a_body_that_is_cut_is_asked_for_again_and_then_missed(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    whole = site.answer("/wp-json/wp/v2/posts?per_page=100&orderby=id&order=asc&page=2", None)
    site.instead = lambda target: cut(whole) if "&page=2" in target else None
    crawled = crawl(tmp_path, site.base)
    assert crawled.line.outcome == "incomplete"
    assert "the connection ended before the end of the body" in crawled.reasons
    assert asked(site) == ["poll", "rest 1", "rest 2", "rest 2"]


def test_pages_that_repeat_do_not_add_up(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    first = site.answer("/wp-json/wp/v2/posts?per_page=100&orderby=id&order=asc&page=1", None)
    site.instead = lambda target: first if "&page=" in target else None
    crawled = crawl(tmp_path, site.base)
    assert crawled.line.outcome == "incomplete"
    assert "the server counts 250 posts, and 100 came, also at the second try" in crawled.reasons
    assert asked(site) == ["poll", "rest 1", "rest 2", "rest 1", "rest 2"]


def test_an_api_without_any_post_proves_nothing(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = {}
    crawled = crawl(tmp_path, site.base)
    assert crawled.line.outcome == "incomplete"
    assert "a page without any post, which proves nothing" in crawled.reasons


def test_an_api_that_does_not_count_proves_no_end(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts, site.counts = many(200), False
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", False, None)
    assert len(crawled.entries) == 200
    assert asked(site) == ["poll", "rest 1", "rest 2", "rest 3"]
    assert "not complete: nothing shows that these are all" in crawled.told


@pytest.mark.parametrize(
    ("last", "behind", "complete"),
    [
        (POSTS, None, True),
        (POSTS, MISSING, True),
        (60, None, True),
        # Behind a full page only WordPress's own word is an end.
        (60, MISSING, False),
    ],
)
def test_what_ends_a_feed(
    site: MiniWordPress, tmp_path: Path, last: int, behind: Answer | None, complete: bool
) -> None:
    site.rest = CLOSED
    site.remove(*list(SEED)[last:])
    page = -(-last // 10) + 1
    site.instead = lambda target: behind if f"paged={page}" in target else None
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", complete, "short-page" if complete else None)
    assert len(crawled.entries) == last


@pytest.mark.parametrize(
    ("name", "part", "given"),
    [
        ("the same page for every number", "paged", "/feed/"),
        ("an empty feed with status 200", "paged=3", "empty"),
        ("a page that fails", "paged=3", "busy"),
        ("a page of HTML", "paged=3", "html"),
        ("a feed that breaks off", "paged=3", "cut"),
    ],
)
def test_what_does_not_end_a_feed(site: MiniWordPress, tmp_path: Path, name: str, part: str, given: str) -> None:
    site.rest = CLOSED
    first = site.answer("/feed/", None)
    empty = Answer(site.answer("/feed/?paged=99", None).body, media_type="application/rss+xml")
    answers = {"empty": empty, "busy": BUSY, "html": html(), "cut": broken(first.body[:2000], "application/rss+xml")}
    site.instead = lambda target: answers.get(given, first) if part in target else None
    crawled = crawl(tmp_path, site.base)
    assert (crawled.line.outcome, crawled.coverage.complete) == ("incomplete", False)
    assert "/" not in asked(site)


def test_a_front_page_without_pager_proves_nothing(site: MiniWordPress, tmp_path: Path) -> None:
    site.rest, site.feed, site.pager = CLOSED, MISSING, False
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", False, None)
    assert asked(site) == ["poll", "/feed/", "/"]


def test_a_pager_that_leads_back_or_nowhere_is_trouble(site: MiniWordPress, tmp_path: Path) -> None:
    site.rest, site.feed = CLOSED, MISSING
    for number, answer in enumerate((site.answer("/page/2/", None), MISSING)):
        site.instead = lambda target, answer=answer: answer if target == "/page/3/" else None
        crawled = crawl(tmp_path / str(number), site.base)
        assert (crawled.line.outcome, crawled.coverage.complete) == ("incomplete", False)


def test_a_listing_without_end_is_left(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    crawled = crawl(tmp_path, site.base, {"PAGES_MAX": 2})
    assert crawled.line.outcome == "incomplete"
    assert "no end in sight (PAGES_MAX)" in crawled.reasons


# --- while a crawl goes on ---------------------------------------------------------------


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


@pytest.mark.parametrize("way", ["feed", "theme"])
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


# --- again, and at what cost -------------------------------------------------------------


@pytest.mark.parametrize("way", ["rest", "feed", "theme"])
def test_an_unchanged_site_costs_one_request(site: MiniWordPress, tmp_path: Path, way: str) -> None:
    site.rest = None if way == "rest" else CLOSED
    site.feed = MISSING if way == "theme" else None
    first = crawl(tmp_path, site.base)
    asked(site)
    for _ in range(2):
        crawled = crawl(tmp_path, site.base, mode="incremental")
        assert crawled.proved == ("unchanged", False, "carried")
        assert crawled.line.snapshot == first.line.snapshot
        assert len(asked(site)) == 1
    full = crawl(tmp_path, site.base)
    assert (full.line.outcome, full.coverage.complete) == ("unchanged", True)


@pytest.mark.parametrize(("way", "cost"), [("rest", 2), ("feed", 2), ("theme", 2)])
def test_one_new_post_costs_little_and_the_rest_is_carried_over(
    site: MiniWordPress, tmp_path: Path, way: str, cost: int
) -> None:
    site.rest = None if way == "rest" else CLOSED
    site.feed = MISSING if way == "theme" else None
    first = crawl(tmp_path, site.base)
    asked(site)
    site.add(NEW)
    crawled = crawl(tmp_path, site.base, mode="incremental")
    assert len(asked(site)) == cost
    assert crawled.proved == ("committed", False, "carried")
    assert crawled.entries.keys() == first.entries.keys() | {"post-900"}
    carried = [row for row in crawled.rows if row.carried_from]
    assert {row.carried_from for row in carried} == {first.line.snapshot}
    assert changes(tmp_path) == {"post-900": "added"}
    # And once more, over what was carried.
    assert crawl(tmp_path, site.base, mode="incremental").line.outcome == "unchanged"
    site.add(made(902, "Another one", "2026-11-21T10:00:00"))
    third = crawl(tmp_path, site.base, mode="incremental")
    assert third.entries.keys() == first.entries.keys() | {"post-900", "post-902"}
    # What was carried over supports no claim; but what was seen of the top shows that it was not there yet. Not with
    # a sticky post on top.
    assert changes(tmp_path) == {"post-902": "out-of-view" if way == "theme" else "added"}


def test_an_edit_far_down_is_found_by_its_date_of_change(site: MiniWordPress, tmp_path: Path) -> None:
    crawl(tmp_path, site.base)
    asked(site)
    site.add(renamed(SEED[315], "An old item, with another title", "2026-11-21T10:00:00"))
    crawled = crawl(tmp_path, site.base, mode="incremental")
    assert asked(site) == ["poll", "newest"]
    assert crawled.entries["post-315"].title == "An old item, with another title"
    assert changes(tmp_path) == {"post-315": "edited"}
    crawled = crawl(tmp_path, site.base)
    assert changes(tmp_path) == {}
    assert crawled.coverage.complete


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("a past date", lambda site: site.add(OF_LONG_AGO), {"post-901": "added"}),
        ("taken away", lambda site: site.remove(200, 315), {"post-200": "removed", "post-315": "removed"}),
        ("the oldest of all", lambda site: site.remove(315), {"post-315": "removed"}),
    ],
)
def test_what_a_date_of_change_does_not_show_the_count_does(
    site: MiniWordPress, tmp_path: Path, name: str, change: Callable[[MiniWordPress], None], expected: dict[str, str]
) -> None:
    crawl(tmp_path, site.base)
    asked(site)
    change(site)
    crawled = crawl(tmp_path, site.base, mode="incremental")
    assert crawled.proved == ("committed", True, "total")
    assert re.search(r"the server counts \d+ posts, and \d+ are known", crawled.told)
    assert changes(tmp_path) == expected


def test_what_is_published_between_the_poll_and_the_newest_is_a_reason_for_all_pages(
    site: MiniWordPress, tmp_path: Path
) -> None:
    crawl(tmp_path, site.base)
    asked(site)
    site.add(NEW)
    # It stands too far down to be among the newest.
    site.on_request = on("orderby=date", lambda: site.add(OF_LONG_AGO))
    crawled = crawl(tmp_path, site.base, mode="incremental")
    assert asked(site) == ["poll", "newest", "rest 1"]
    assert crawled.proved == ("committed", True, "total")
    assert "the server counts 63 posts, and 62 are known" in crawled.told
    assert changes(tmp_path) == {"post-900": "added", "post-901": "added"}


@pytest.mark.parametrize("answer", [html(), MISSING, html(status=500), Answer(b"[]", media_type="application/json")])
def test_where_the_newest_cannot_be_had_nothing_is_carried_over(
    site: MiniWordPress, tmp_path: Path, answer: Answer
) -> None:
    crawl(tmp_path, site.base)
    site.add(NEW)
    site.instead = lambda target: answer if "orderby=date" in target else None
    crawled = crawl(tmp_path, site.base, mode="incremental")
    whole = answer.body == b"[]"
    assert crawled.proved[:2] == (("committed", True) if whole else ("incomplete", False))


def test_a_post_that_was_taken_from_the_top_is_gone_between_two_incremental_crawls(
    site: MiniWordPress, tmp_path: Path
) -> None:
    site.rest = CLOSED
    crawl(tmp_path, site.base)
    for number in (1, 2):
        site.add(made(900 + number, f"News {number}", f"2026-11-2{number}T10:00:00"))
        crawl(tmp_path, site.base, mode="incremental")
    site.remove(902)
    site.add(made(903, "News before", "2026-11-20T10:00:00"))
    assert crawl(tmp_path, site.base, mode="incremental").proved == ("committed", False, "carried")
    assert changes(tmp_path) == {"post-902": "removed", "post-903": "added"}


def test_more_edits_than_a_poll_shows_are_a_reason_for_all_pages(site: MiniWordPress, tmp_path: Path) -> None:
    crawl(tmp_path, site.base)
    for number in list(SEED)[: ways.POLLED]:
        site.add(renamed(SEED[number], f"Title {number}", "2026-11-21T10:00:00"))
    crawled = crawl(tmp_path, site.base, mode="incremental")
    assert crawled.proved == ("committed", True, "total")
    assert "posts are new or edited" in crawled.told


def test_one_taken_away_and_one_added_under_a_past_date_escape_until_the_next_full_crawl(
    site: MiniWordPress, tmp_path: Path
) -> None:
    crawl(tmp_path, site.base)
    site.remove(230)
    site.add(OF_LONG_AGO)
    ends = [crawl(tmp_path, site.base, {"FULL_EVERY": 3}, mode="incremental") for _ in range(3)]
    assert [crawled.proved for crawled in ends] == [
        ("unchanged", False, "carried"),
        ("unchanged", False, "carried"),
        ("committed", True, "total"),
    ]
    assert "every crawl of 3 is full (FULL_EVERY)" in ends[-1].told
    assert changes(tmp_path) == {"post-230": "removed", "post-901": "added"}


def test_a_feed_that_says_304_though_a_post_is_gone_is_not_believed_by_a_full_crawl(
    site: MiniWordPress, tmp_path: Path
) -> None:
    site.rest = CLOSED
    crawl(tmp_path, site.base)
    site.remove(230)
    site.requests.clear()
    assert crawl(tmp_path, site.base, mode="incremental").line.outcome == "unchanged"
    assert [seen.status for seen in site.requests] == [404, 304]
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", True, "short-page")
    assert changes(tmp_path) == {"post-230": "removed"}


def test_without_a_snapshot_or_after_another_way_an_incremental_crawl_is_full(
    site: MiniWordPress, tmp_path: Path
) -> None:
    crawled = crawl(tmp_path, site.base, mode="incremental")
    assert crawled.proved == ("committed", True, "total")
    assert "there is no snapshot of a live crawl yet" in crawled.told
    site.rest = CLOSED
    crawled = crawl(tmp_path, site.base, mode="incremental")
    assert crawled.proved == ("committed", True, "short-page")
    assert changes(tmp_path) == {}


def test_a_capture_of_a_web_archive_since_hides_no_live_snapshot(site: MiniWordPress, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    first = crawl(archive, site.base)
    front = Taken(url=f"{HTTPS}/", stamp=stamp_of(first.line.finished), text=themed(1, "20200310100000"))
    with MiniArchive((front,)) as web:
        assert backfill(archive, web, listing="posts").code == 0
    assert [one.manifest().provenance.source for one in Archive(archive).collection("posts").snapshots()] == [
        "live",
        "memento",
    ]
    asked(site)
    crawled = crawl(archive, site.base, mode="incremental")
    assert (crawled.proved, crawled.line.snapshot) == (("unchanged", False, "carried"), first.line.snapshot)
    assert len(asked(site)) == 1


def test_a_full_crawl_looks_whether_the_api_is_open_again(site: MiniWordPress, tmp_path: Path) -> None:
    site.rest = CLOSED
    crawl(tmp_path, site.base)
    site.rest = None
    assert crawl(tmp_path, site.base).proved == ("committed", True, "total")
    assert changes(tmp_path) == {}


def test_the_cost_that_is_told_is_what_came_over_the_wire(site: MiniWordPress, tmp_path: Path) -> None:
    site.packed = True
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", True, "total")
    assert f"3 requests (robots.txt and redirects too), {site.sent:,} bytes received" in crawled.told
    unpacked = sum(len(site.answer(seen.target, None).body) for seen in site.requests)
    assert site.sent < unpacked / 3


# --- pages beside the listing -------------------------------------------------------------

PDF = Answer(b"%PDF-1.4 an invented document\n" + bytes(100), media_type="application/pdf")
REPORT = "/wp-content/uploads/2026/11/Report.pdf"


@pytest.mark.parametrize("way", ["rest", "feed", "theme"])
@pytest.mark.parametrize("plain", [False, True])
def test_pages_of_new_and_edited_posts_and_their_documents_are_fetched_too(
    site: MiniWordPress, tmp_path: Path, way: str, plain: bool
) -> None:
    site.rest, site.feed = None if way == "rest" else CLOSED, MISSING if way == "theme" else None
    site.plain = plain
    crawl(tmp_path, site.base)
    asked(site)
    site.documents[REPORT] = PDF
    site.texts[900] = f'<p><a href="{REPORT}">PDF</a> <a href="https://example.org/other.pdf">Another</a></p>'
    site.add(NEW)
    site.add(renamed(SEED[200], "Another title", "2026-11-21T10:00:00"))
    crawled = crawl(tmp_path, site.base, follow="entries")
    pages = ["/?p=900", "/?p=200"] if plain else ["/2026/11/post-900/", SEED[200].rest["link"].removeprefix(SITE)]
    assert asked(site)[-3:] == [*pages, REPORT]
    assert (crawled.outcome.problems, crawled.line.outcome, crawled.coverage.complete) == ([], "committed", True)
    beside = [row for row in crawled.rows if row.layout is None]
    assert [(row.url, row.media_type, row.lists, row.problems) for row in beside] == [
        *((site.address + page, "text/html", [], []) for page in pages),
        (site.address + REPORT, "application/pdf", [], []),
    ]
    assert all(row.warc is not None for row in beside)
    assert changes(tmp_path) == {"post-900": "added", "post-200": "edited"}
    # They are no pages of the listing: nothing of the next crawl hangs on them.
    assert crawl(tmp_path, site.base, mode="incremental", follow="entries").line.outcome == "unchanged"


def test_an_incremental_crawl_follows_what_is_new(site: MiniWordPress, tmp_path: Path) -> None:
    crawl(tmp_path, site.base)
    asked(site)
    site.add(NEW)
    crawled = crawl(tmp_path, site.base, mode="incremental", follow="entries")
    assert asked(site)[-1] == "/2026/11/post-900/"
    assert crawled.proved == ("committed", False, "carried")


def test_no_more_linked_pages_than_allowed_are_fetched_the_newest_first(site: MiniWordPress, tmp_path: Path) -> None:
    crawled = crawl(tmp_path, site.base, {"FOLLOW_MAX": 2}, follow="entries")
    newest = sorted(crawled.entries.values(), key=lambda entry: str(entry.date_earliest), reverse=True)[:2]
    assert [site.address + target for target in asked(site)[2:]] == [entry.url for entry in newest]
    assert f"linked pages that were not asked for, more than 2 (FOLLOW_MAX): {POSTS - 2}" in crawled.told


def test_robots_txt_closes_linked_pages_and_that_is_a_note(site: MiniWordPress, tmp_path: Path) -> None:
    crawl(tmp_path, site.base)
    site.texts[900] = f'<p><a href="{REPORT}">PDF</a></p>'
    site.documents[REPORT] = PDF
    site.documents["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /wp-content/\n", media_type="text/plain")
    site.add(NEW)
    asked(site)
    crawled = crawl(tmp_path, site.base, follow="entries")
    assert asked(site)[-1] == "/2026/11/post-900/"
    assert crawled.line.outcome == "committed"
    assert crawled.outcome.problems == [f"{site.address}{REPORT}: robots.txt disallows it for psgcrawl"]


@pytest.mark.parametrize("way", ["rest", "feed", "theme"])
@pytest.mark.parametrize("plain", [False, True])
def test_the_page_of_a_post_that_is_listed_no_more_is_asked_for_once(
    site: MiniWordPress, tmp_path: Path, way: str, plain: bool
) -> None:
    site.rest, site.feed = None if way == "rest" else CLOSED, MISSING if way == "theme" else None
    site.plain = plain
    first = crawl(tmp_path, site.base)
    asked(site)
    site.remove(200)
    crawled = crawl(tmp_path, site.base)
    page = first.entries["post-200"].url
    assert page == (site.address + "/?p=200" if plain else str(page))
    assert [site.address + target for target in asked(site)].count(str(page)) == 1
    assert f"listed no more, and its own page answers 404: {page}" in crawled.told
    assert crawled.proved[:2] == ("committed", True)
    crawl(tmp_path, site.base)
    assert page not in [site.address + target for target in asked(site)]


def test_a_page_that_is_gone_and_leads_elsewhere_is_told_with_where(site: MiniWordPress, tmp_path: Path) -> None:
    page = crawl(tmp_path, site.base).entries["post-200"].url
    site.remove(200)
    site.documents[str(page).removeprefix(site.address)] = Answer(b"", 301, headers=(("Location", "/"),))
    crawled = crawl(tmp_path, site.base)
    assert f"its own page answers 200: {page}, which leads to {site.address}/" in crawled.told


def test_an_incremental_crawl_by_feed_asks_for_the_page_that_it_came_past(site: MiniWordPress, tmp_path: Path) -> None:
    site.rest = CLOSED
    first = crawl(tmp_path, site.base)
    asked(site)
    newest = max(site.posts.values(), key=lambda post: (post.date, post.number)).number
    site.remove(newest)
    site.add(NEW)
    crawled = crawl(tmp_path, site.base, mode="incremental")
    assert crawled.proved == ("committed", False, "carried")
    assert asked(site)[-1] == str(first.entries[f"post-{newest}"].url).removeprefix(site.address)


# --- by one way after another -------------------------------------------------------------


def open_only(site: MiniWordPress, way: str) -> None:
    """Close the ways before ``way``."""
    site.rest, site.feed = None if way == "rest" else CLOSED, MISSING if way == "theme" else None


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


# --- a large one --------------------------------------------------------------------------


def test_of_thousands_of_posts_a_hundred_make_a_page_and_one_page_is_held_at_a_time(
    site: MiniWordPress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = 10_000 if THOROUGH else 1_500
    site.posts = many(posts)
    alive: list[int] = []
    parse_page = PostsSpider.parse_page

    def counting(self: PostsSpider, response: Response, **told: Any) -> Iterator[Any]:
        alive.append(sum(len(found) for kind, found in trackref.live_refs.items() if issubclass(kind, Response)))
        yield from parse_page(self, response, **told)

    monkeypatch.setattr(PostsSpider, "parse_page", counting)
    crawled = crawl(tmp_path, site.base, deep=False)
    assert crawled.proved == ("committed", True, "total")
    assert len(crawled.entries) == posts
    assert asked(site) == ["poll", *(f"rest {page}" for page in range(1, posts // 100 + 1))]
    assert max(alive[10:]) <= max(alive[:10]) <= 10


def test_records_hold_what_was_asked_and_said(site: MiniWordPress, tmp_path: Path) -> None:
    crawled = crawl(tmp_path, site.base)
    warc = crawled.snapshot.folder / "pages.warc.gz"
    with warc.open("rb") as file:
        answers = [one.record for one in read(file, str(warc)) if one.record.type == "response"]
    said = {record.uri: parse(record.block) for record in answers}
    assert {str(row.url) for row in crawled.rows} <= said.keys()
    assert [said[row.url].get("X-Wp-Total") for row in crawled.rows] == ["61", "61"]


# --- as a person starts it ------------------------------------------------------------------


def test_from_the_command_line_it_says_what_it_did_and_what_it_cost(site: MiniWordPress, tmp_path: Path) -> None:
    line = ("-m", "scrapy", "crawl", "posts", "-s", f"ARCHIVE_DIR={tmp_path}", "-a", f"base={site.base}")
    quick = ("-s", "CONTACT=ops@example.org", "-s", "DOWNLOAD_DELAY=0")
    first, again, nameless = together(
        lambda: run(*line, *quick), lambda: run(*line, "-a", "mode=slow", *quick), lambda: run(*line)
    )
    assert (first.code, again.code, nameless.code) == (0, 2, 2), first.err
    assert "complete: 61 posts seen" in first.out
    assert "3 requests (robots.txt and redirects too)" in first.out
    assert "mode: 'slow'" in again.err
    assert "CONTACT" in nameless.err
    again = run(*line, *quick, "-a", "mode=incremental")
    assert (again.code, "unchanged: the archive held it already" in again.out) == (0, True)
    told = run("-m", "psgcrawl", "--archive", str(tmp_path), "rebuild", "posts", "--check")
    assert told.code == 0, told.out
