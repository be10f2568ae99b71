"""Crawls of posts as a person starts them, large ones, and what their evidence holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Response
from scrapy.utils import trackref

from psgcrawl.archive.warc.message import parse
from psgcrawl.archive.warc.reading import read
from psgcrawl.spiders.posts import PostsSpider
from tests.crawls import run, together
from tests.miniwordpress import MiniWordPress
from tests.postcrawls import crawl
from tests.posts.asking import asked, many
from tests.thorough import THOROUGH

# --- a large one ------------------------------------------------------------------------


@pytest.mark.thorough
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


# --- as a person starts it --------------------------------------------------------------


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
