"""Pages and documents beside the listing of posts."""

from pathlib import Path

import pytest

from tests.minisite import Answer
from tests.miniwordpress import MISSING, POSTS, SEED, SITE, MiniWordPress, renamed
from tests.postcrawls import changes, crawl
from tests.posts.asking import CLOSED, NEW, asked

PDF = Answer(b"%PDF-1.4 an invented document\n" + bytes(100), media_type="application/pdf")
REPORT = "/wp-content/uploads/2026/11/Report.pdf"
WAYS = pytest.mark.parametrize(
    ("plain", "way"),
    [
        (False, "rest"),
        (True, "theme"),
        *(pytest.param(False, way, marks=pytest.mark.thorough) for way in ("feed", "theme")),
        *(pytest.param(True, way, marks=pytest.mark.thorough) for way in ("rest", "feed")),
    ],
)


@WAYS
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


@WAYS
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
