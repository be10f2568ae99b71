"""Whole crawls of a real WordPress: by each way, again, and after its editors have been at it."""

from pathlib import Path

import pytest

from psgcrawl.archive.warc.message import parse
from psgcrawl.archive.warc.reading import read
from psgcrawl.posting.ways import TOLD
from tests.layouts import ways
from tests.postcrawls import Crawled, changes, crawl, tick
from tests.service.wordpress.posts import CANARY, PUBLISHED
from tests.service.wordpress.server import WordPress

pytestmark = pytest.mark.service

POSTS = len(PUBLISHED)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    tick(monkeypatch)


def asked(server: WordPress, since: int) -> list[str]:
    return [line for line in server.requests()[since:] if "/robots.txt" not in line]


def shows_canary(crawled: Crawled) -> list[str]:
    """Return where what is not public stands: in files as they are, in records unpacked."""
    files = [path for path in crawled.archive.rglob("*") if path.is_file() and path.suffix != ".gz"]
    found = [path.name for path in files if CANARY.encode() in path.read_bytes()]
    for path in crawled.archive.rglob("pages.warc.gz"):
        with path.open("rb") as file:
            for one in read(file, str(path)):
                block = one.record.block
                body = parse(block).content(1 << 24) if one.record.type == "response" else b""
                if CANARY.encode() in block + body:
                    found.append(one.record.uri or one.record.id)
    return found


def test_each_way_brings_the_same_posts_home(wordpress: WordPress, tmp_path: Path) -> None:
    by_rest = crawl(tmp_path / "rest", wordpress.address)
    assert by_rest.proved == ("committed", True, "total")
    assert ways.wrong(by_rest.entries.values(), untitled="Untitled") == []
    wordpress.close_rest(403)
    by_feed = crawl(tmp_path / "feed", wordpress.address)
    wordpress.close_feed()
    by_theme = crawl(tmp_path / "theme", wordpress.address)
    for crawled, way in ((by_feed, "wordpress-feed"), (by_theme, "wordpress-theme")):
        assert crawled.proved == ("committed", True, "short-page")
        assert {row.layout for row in crawled.rows} == {way}
        assert crawled.shown == ways.as_far_as(crawled.shown, by_rest.shown, way)
        assert len(crawled.entries) == POSTS
    told = [crawled.manifest.notes for crawled in (by_rest, by_feed, by_theme)]
    assert told == [[TOLD["rest"]], [TOLD["feed"]], [TOLD["theme"]]]
    assert [shows_canary(crawled) for crawled in (by_rest, by_feed, by_theme)] == [[], [], []]


@pytest.mark.parametrize(("way", "unchanged"), [("rest", 1), ("feed", 1), ("theme", 1)])
def test_an_unchanged_site_costs_one_request_and_makes_no_snapshot(
    wordpress: WordPress, tmp_path: Path, way: str, unchanged: int
) -> None:
    if way != "rest":
        wordpress.close_rest(401)
    if way == "theme":
        wordpress.close_feed()
    first = crawl(tmp_path, wordpress.address)
    before = len(wordpress.requests())
    second = crawl(tmp_path, wordpress.address, mode="incremental")
    assert second.proved == ("unchanged", False, "carried")
    assert second.line.snapshot == first.line.snapshot
    assert len(asked(wordpress, before)) == unchanged
    number = wordpress.add("News of today", categories=["News"])
    third = crawl(tmp_path, wordpress.address, mode="incremental")
    assert third.proved == ("committed", False, "carried")
    assert third.entries.keys() == first.entries.keys() | {f"post-{number}"}
    assert changes(tmp_path) == {f"post-{number}": "added"}


def test_what_its_editors_do_is_in_the_next_diff(wordpress: WordPress, tmp_path: Path) -> None:
    crawl(tmp_path, wordpress.address)
    wordpress.trash(200)
    wordpress.edit(201, status="draft")
    wordpress.edit(202, title="Another title")
    wordpress.delete(203)
    wordpress.edit(315, status="private")
    number = wordpress.add("Of long ago", date="2009-06-01 10:00:00", content="<p>Found again.</p>")
    again = crawl(tmp_path, wordpress.address, mode="incremental")
    # The counts do not fit: an incremental crawl asks for all pages then.
    assert again.proved == ("committed", True, "total")
    assert changes(tmp_path) == {
        **dict.fromkeys(("post-200", "post-201", "post-203", "post-315"), "removed"),
        "post-202": "edited",
        f"post-{number}": "added",
    }
    wordpress.untrash(200)
    crawl(tmp_path, wordpress.address)
    assert changes(tmp_path) == {"post-200": "added"}
    assert shows_canary(again) == []


def test_a_full_crawl_by_feed_finds_what_was_taken_away_though_the_feed_says_304(
    wordpress: WordPress, tmp_path: Path
) -> None:
    wordpress.close_rest(403)
    crawl(tmp_path, wordpress.address)
    wordpress.delete(210)
    missed = crawl(tmp_path, wordpress.address, mode="incremental")
    assert missed.line.outcome == "unchanged"
    found = crawl(tmp_path, wordpress.address)
    assert found.proved == ("committed", True, "short-page")
    assert changes(tmp_path) == {"post-210": "removed"}


def test_addresses_that_are_not_readable_lead_to_the_api_too(wordpress: WordPress, tmp_path: Path) -> None:
    wordpress.options(permalink_structure="", rewrite_rules="")
    # What answers for robots.txt here is the home page, and that is no permission.
    assert "a page of HTML stands in its place" in crawl(tmp_path, wordpress.address).reasons
    unasked = {"ROBOTSTXT_OBEY": False}
    crawled = crawl(tmp_path, wordpress.address, unasked)
    assert crawled.proved == ("committed", True, "total")
    assert ways.wrong(crawled.entries.values(), untitled="Untitled") == []
    assert all("?rest_route=/wp/v2/posts&" in str(row.url) for row in crawled.rows)
    wordpress.close_rest(403)
    by_feed = crawl(tmp_path, wordpress.address, unasked)
    assert by_feed.proved == ("committed", True, "short-page")
    assert len(by_feed.entries) == POSTS
    assert "?feed=rss2" in str(by_feed.rows[0].url)
