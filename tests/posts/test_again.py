"""Posts that are crawled again: what that costs, what is carried over, and what it can miss."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from psgcrawl.archive.store import Archive
from psgcrawl.posting import ways
from psgcrawl.webarchive.addresses import stamp_of
from tests.miniarchive import MiniArchive
from tests.minisite import Answer
from tests.miniwordpress import MISSING, SEED, MiniWordPress, html, made, on, renamed
from tests.postcrawls import changes, crawl
from tests.posts.asking import (
    CLOSED,
    NEW,
    OF_LONG_AGO,
    asked,
)
from tests.webarchives.pages import themed
from tests.webarchives.past import HTTPS
from tests.webarchives.running import backfill
from tests.webarchives.taken import Taken


@pytest.mark.parametrize("way", ["rest", *(pytest.param(way, marks=pytest.mark.thorough) for way in ("feed", "theme"))])
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


@pytest.mark.parametrize(
    ("way", "cost"), [("rest", 2), pytest.param("feed", 2, marks=pytest.mark.thorough), ("theme", 2)]
)
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
