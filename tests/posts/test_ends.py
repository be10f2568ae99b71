"""What is the end of a listing of posts, and what is none."""

from pathlib import Path

import pytest

from tests.minisite import Answer
from tests.miniwordpress import MISSING, POSTS, SEED, MiniWordPress, html
from tests.postcrawls import crawl
from tests.posts.asking import BUSY, CLOSED, asked, broken, cut, many


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
