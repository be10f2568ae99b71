"""Sites that lead a crawl of a listing astray: what is walked through, and what is left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.spiders.home import HomeSpider
from psgcrawl.spiders.news import NewsSpider
from tests import crawls
from tests.minisite import (
    Answer,
    MiniSite,
    Trick,
    at,
    clamped,
    cut,
    cut_in_silence,
    empty,
    endless,
    pager,
    recoded,
    without_pager,
)
from tests.php.crawling import ERROR, crawl, ids, moved, pages


@dataclass(frozen=True)
class Trap:
    """What the site does, and what a crawl must make of it."""

    trick: Trick | None = None
    size: int = 10
    shown: int = 33
    exit_code: int = 0
    asked: Sequence[int | None] = (0, 10, 20, 30)
    end: str | None = "short-page"
    complete: bool = True
    why: str = ""


LEFT = partial(Trap, exit_code=3, end=None, complete=False)


def stuck(site: MiniSite, target: str) -> Answer | None:
    """Show the third page for every later position, and no pager anywhere."""
    return without_pager(site, pages(20)[0] if clamped(20)(site, target) else target)


TRAPS = {
    "position-ignored": LEFT(
        clamped(0), asked=(0, 10), why="position 10: the first page again: the server ignores the position"
    ),
    "last-page-repeated-beyond-the-end": Trap(clamped(20), shown=30, asked=(0, 10, 20, 30, 40), end="repeat"),
    "last-page-repeated-without-any-pager": Trap(
        stuck,
        shown=30,
        asked=(0, 10, 20, 30, 40),
        end="repeat",
        complete=False,
    ),
    "a-page-repeated-for-ever": LEFT(
        clamped(10),
        asked=(0, 10, 20, 30),
        why="position 30: the same page for the third time, though its pager leads on",
    ),
    "empty-page-at-the-end": Trap(shown=30),
    "404-behind-a-full-last-page": Trap(at(30, Answer(ERROR, status=404)), shown=30),
    "empty-page-in-the-middle": LEFT(at(20, empty), asked=(0, 10, 20), why="position 20: no layout recognises"),
    "error-page-with-status-200": LEFT(
        at(20, Answer(ERROR)), asked=(0, 10, 20), why="position 20: no layout recognises"
    ),
    "no-bytes-with-status-200": LEFT(at(20, Answer(b"")), asked=(0, 10, 20), why="position 20: empty: not one byte"),
    "no-text-with-status-200": LEFT(
        at(20, Answer(b"%PDF-1.4\n" + bytes(200))), asked=(0, 10, 20), why="position 20: binary: begins with b'%PDF'"
    ),
    "a-listing-without-end": LEFT(endless, asked=range(0, 120, 10), why="12 pages, and no end in sight"),
    "404-in-the-middle": LEFT(
        at(20, Answer(ERROR, status=404)), asked=(0, 10, 20), why="position 20: the server answered 404"
    ),
    "500-in-the-middle": LEFT(
        at(20, Answer(ERROR, status=500)), asked=(0, 10, 20, 20), why="position 20: the server answered 500"
    ),
    "redirect-to-the-home-page": LEFT(
        at(20, moved("/")), asked=(0, 10, 20, None), why="position 20: the server leads to http://127.0.0.1"
    ),
    "redirect-to-the-first-page": LEFT(
        at(20, moved("/news.php")), asked=(0, 10, 20, 0), why="position 20: the server leads to http://127.0.0.1"
    ),
    "redirect-to-another-site": LEFT(
        at(20, moved("http://example.org/news.php?position=20")),
        asked=(0, 10, 20),
        why="position 20: redirected to another site: http://example.org/news.php?position=20",
    ),
    "redirect-to-itself": LEFT(
        at(20, moved("/news.php?position=20")), asked=(0, 10, 20), why="position 20: redirected in a circle"
    ),
    "connection-lost-in-a-page": LEFT(
        at(20, cut), asked=(0, 10, 20, 20), why="position 20: the connection ended before the end of the body"
    ),
    "half-a-page": LEFT(at(20, cut_in_silence), asked=(0, 10, 20), why="position 20: truncation: "),
    "windows-1252-declared": Trap(recoded("windows-1252", "windows-1252")),
    "windows-1252-declared-as-utf-8": Trap(recoded("windows-1252", "utf-8")),
    "a-charset-that-is-none": Trap(recoded("utf-8", "rot13")),
    "five-entries-a-page": Trap(size=5, asked=range(0, 35, 5)),
    "twenty-entries-a-page": Trap(size=20, asked=(0, 20)),
    "no-pager": Trap(without_pager, asked=(0, 10, 20, 30, 33)),
    "five-entries-a-page-and-no-pager": Trap(without_pager, size=5, asked=(*range(0, 35, 5), 33)),
    "twenty-entries-a-page-and-no-pager": Trap(without_pager, size=20, asked=(0, 10, 20, 30, 33, 0)),
    "one-short-page": Trap(shown=4, asked=(0, 4)),
    "a-pager-that-jumps": Trap(pager("?position=30", only=0)),
    "a-pager-that-leads-back": Trap(pager("?position=0", only=20)),
    "a-pager-to-another-site": Trap(pager("http://example.org/news.php?position={}")),
    "a-pager-to-another-name-of-the-site": Trap(pager("https://www.perusupportgroup.org.uk:443/news.php?position={}")),
    "a-pager-to-the-home-page": Trap(pager("/?position={}")),
    "a-pager-to-another-listing": Trap(pager("articles.php?position={}")),
    "a-pager-that-runs-a-script": Trap(pager("javascript:next()")),
    "a-pager-with-a-session": Trap(pager("?position={}&PHPSESSID=0123456789abcdef")),
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_a_trap_is_walked_through_or_left(tmp_path: Path, site: MiniSite, trap: Trap) -> None:
    del site.lists["news"][trap.shown :]
    site.trick, site.size = trap.trick, trap.size
    found = crawl(tmp_path, site)
    assert found.asked == ["/" if position is None else pages(position)[0] for position in trap.asked]
    assert found.outcome.exit_code == trap.exit_code, found.outcome.problems
    assert (found.coverage.end, found.coverage.complete) == (trap.end, trap.complete)
    if trap.exit_code == 0:
        assert found.line.outcome == "committed"
        assert found.ids == ids(site)
        assert found.coverage.gaps == []
    else:
        assert found.line.outcome == "incomplete"
        assert crawls.visible(tmp_path) == {"news": []}
        assert str(found.line.snapshot).startswith(".incomplete-")
        [reason] = found.line.reasons[:1]
        assert reason.startswith(trap.why)
        assert reason in found.outcome.problems


def test_a_page_that_could_not_be_had_is_a_gap(tmp_path: Path, site: MiniSite) -> None:
    site.trick = at(20, Answer(ERROR, status=404))
    assert (crawl(tmp_path, site).coverage.positions, crawl(tmp_path, site).coverage.gaps) == ([(0, 10)], [(20, 20)])


def test_without_its_first_page_nothing_of_a_listing_is_kept_but_what_was_fetched(
    tmp_path: Path, site: MiniSite
) -> None:
    site.trick = at(0, Answer(ERROR, status=404))
    found = crawl(tmp_path, site)
    assert (found.outcome.exit_code, found.line.outcome, found.line.snapshot) == (3, "incomplete", None)
    assert found.line.reasons == ["position 0: the server answered 404"]
    assert len(list(tmp_path.glob(".incomplete-*/pages.warc.gz"))) == 1


def test_a_home_page_that_leads_elsewhere_or_cannot_be_read_is_kept_apart(tmp_path: Path, site: MiniSite) -> None:
    for answer, code, outcome, why in (
        (moved("/news.php"), 3, "incomplete", "the server leads to"),
        (Answer(ERROR), 4, "refused", "unread: no layout fits 1 of 1 pages"),
        (Answer(b""), 3, "incomplete", "empty"),
    ):
        site.instead["/"] = answer
        found = crawl(tmp_path, site, HomeSpider)
        assert (found.outcome.exit_code, found.line.outcome) == (code, outcome)
        assert why in found.line.reasons[0]


def test_robots_are_obeyed(tmp_path: Path, site: MiniSite) -> None:
    site.robots = "User-agent: *\nDisallow: /news.php\n"
    found = crawl(tmp_path, site)
    assert (found.asked, found.outcome.exit_code) == ([], 3)
    assert "robots.txt disallows it" in found.line.reasons[0]


class _Stops(NewsSpider):
    name = "stops"

    def _go_on(self, position: int | None) -> Iterator[Any]:
        yield from ()


def test_a_crawl_that_ends_before_its_listing_does_is_kept_apart(tmp_path: Path, site: MiniSite) -> None:
    found = crawl(tmp_path, site, _Stops)
    assert (found.asked, found.outcome.exit_code, found.line.outcome) == (pages(0), 3, "incomplete")
    assert found.line.reasons == ["the crawl ended before the listing did"]


def test_whichever_name_of_the_site_is_linked_its_base_is_asked() -> None:
    spider = NewsSpider()
    spider.given = {"base": "https://www.perusupportgroup.org.uk/"}
    asked = "https://www.perusupportgroup.org.uk/news-article-1457.html"
    for linked in (
        "http://perusupportgroup.org.uk",
        "https://www.perusupportgroup.org.uk",
        "http://www.perusupportgroup.org.uk:80",
    ):
        assert spider.here(f"{linked}/news-article-1457.html#top") == asked
    assert spider.here("http://example.org/news-article-1457.html") is None
