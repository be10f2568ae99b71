"""Whole crawls of the PHP site's listings against a site that changes, misbehaves and counts what it is asked."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from scrapy import Spider

from psgcrawl.archive import rules
from psgcrawl.archive.compare.changes import Change, Comparison, Side
from psgcrawl.archive.history.observations import observe
from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.reading import read
from psgcrawl.errors import UsageError
from psgcrawl.extensions import outcome as extension
from psgcrawl.middlewares import evidence
from psgcrawl.paging import ASTRAY
from psgcrawl.records import DERIVATION, Coverage
from psgcrawl.spiders.articles import ArticlesSpider
from psgcrawl.spiders.home import HomeSpider
from psgcrawl.spiders.listing import link_of
from psgcrawl.spiders.news import NewsSpider
from tests import crawls
from tests.here import LIVE
from tests.layouts.making import page_of
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

SETTINGS = {
    "DOWNLOAD_HANDLERS": LIVE,
    "CONTACT": "ops@example.org",
    "DOWNLOAD_DELAY": 0,
    "RETRY_TIMES": 1,
    "RETRY_FIRST_PAUSE": 0,
    "PAGES_MAX": 12,
}
DETAIL = re.compile(r"/(?:news-)?article-\d+\.html")


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a minute pass whenever somebody looks at the clock: what is fetched later was captured later."""
    now = iter(datetime(2019, 10, 1, tzinfo=UTC) + timedelta(minutes=number) for number in range(100_000))
    for module in (evidence, extension):
        monkeypatch.setattr(module, "_now", lambda: next(now).strftime("%Y-%m-%dT%H:%M:%SZ"))


@pytest.fixture
def site() -> Iterator[MiniSite]:
    with MiniSite() as site:
        yield site


@dataclass(frozen=True)
class Crawled(crawls.Crawled):
    """What became of a crawl."""

    asked: list[str]
    """What the site was asked for, but for robots.txt."""

    @property
    def ids(self) -> set[str]:
        return {entry.id for entry in self.snapshot.entries() if entry.kind == "entry"}


def crawl(
    archive: Path,
    site: MiniSite,
    spider: type[Spider] = NewsSpider,
    settings: dict[str, Any] | None = None,
    **given: str,
) -> Crawled:
    """Crawl; what the archive holds afterwards is sound to the last byte, and comes out of its evidence again."""
    before = len(site.requests)
    crawler = crawls.crawl_here(archive, spider, SETTINGS | (settings or {}), **({"base": site.url("")} | given))
    crawls.sound(archive)
    asked = [seen.target for seen in site.requests[before:] if seen.target != "/robots.txt"]
    return Crawled(archive, crawls.outcome_of(crawler), asked)


def changed(found: Crawled) -> list[Change]:
    """Return what is different between the last two snapshots."""
    old, new = Archive(found.archive).collection(str(found.line.collection)).snapshots()[-2:]
    return [one for one in Comparison(Side.of(old), Side.of(new)).changes() if one.change != "out-of-view"]


def pages(*positions: int, listing: str = "news") -> list[str]:
    return [f"/{listing}.php" + (f"?position={position}" if position else "") for position in positions]


def ids(site: MiniSite, listing: str = "news") -> set[str]:
    found = site.lists["news"] if listing == "news" else site.lists["articles"]
    return {(block.href or "").removesuffix(".html") for block in found}


def on_request(site: MiniSite, number: int, do: Callable[[], object]) -> None:
    """Do something just before the answer to that request for a page (0 is the first)."""
    count = iter(range(1000))

    def act(target: str) -> None:
        if ".php" in target and next(count) == number:
            do()

    site.on_request = act


# --- a site that behaves --------------------------------------------------------------


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


# --- traps ----------------------------------------------------------------------------


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
ERROR = b"<html><head><title>Error</title></head><body><p>Could not connect to the database.</p></body></html>"


def stuck(site: MiniSite, target: str) -> Answer | None:
    """Show the third page for every later position, and no pager anywhere."""
    return without_pager(site, pages(20)[0] if clamped(20)(site, target) else target)


def moved(to: str) -> Answer:
    return Answer(b"", status=302, headers=(("Location", to),))


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


# --- a listing that changes while it is read ------------------------------------------


@pytest.mark.parametrize(("number", "when"), [(1, 1), (1, 3), (9, 2), (10, 1), (10, 2), (25, 2)])
def test_what_appears_at_the_top_meanwhile_comes_home_too(
    tmp_path: Path, site: MiniSite, number: int, when: int
) -> None:
    def add() -> None:
        for count in range(number):
            site.add("news", f"Meanwhile {count}", "It came while the crawl ran.", "01 January 2019")

    on_request(site, when, add)
    found = crawl(tmp_path, site)
    if found.outcome.exit_code == 0:
        assert (found.coverage.complete, found.ids) == (True, ids(site))
    else:
        # As many as a page holds, or more, between two requests: not told from a server that goes in circles.
        assert number >= 10
        assert "again" in found.line.reasons[0] or "other pages have shown" in found.line.reasons[0]


def test_one_crawl_is_one_snapshot_also_where_it_comes_back_to_a_page(tmp_path: Path, site: MiniSite) -> None:
    on_request(site, 2, lambda: site.add("news", "Meanwhile", "It came while the crawl ran.", "01 January 2019"))
    found = crawl(tmp_path, site)
    assert found.asked == pages(0, 10, 20, 30, 0)
    assert [row.position for row in found.rows].count(0) == 2
    assert len(crawls.visible(tmp_path)["news"]) == 1


def test_an_entry_that_moves_up_past_the_crawl_is_found_where_it_was_known(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed, slipped = site.lists["news"][3], site.lists["news"][10]
    on_request(site, 1, lambda: site.remove(str(removed.href)))
    found = crawl(tmp_path, site)
    assert found.asked[:5] == pages(0, 10, 20, 30, 0)
    assert found.coverage.complete
    assert str(slipped.href).removesuffix(".html") in found.ids
    assert [change.change for change in changed(found)] == []


def test_an_entry_that_is_taken_away_during_the_crawl_is_gone_in_the_next_one(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed = str(site.lists["news"][3].href)
    on_request(site, 1, lambda: site.remove(removed))
    crawl(tmp_path, site)
    site.on_request = None
    found = crawl(tmp_path, site)
    assert [(one.change, one.id) for one in changed(found)] == [("removed", removed.removesuffix(".html"))]


# --- incremental ----------------------------------------------------------------------


def incremental(archive: Path, site: MiniSite, **given: Any) -> Crawled:
    return crawl(archive, site, mode="incremental", **given)


def ticking(archive: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in archive.rglob("*") if path.is_file() and "runs" not in path.name}


@pytest.mark.parametrize("validators", [False, True], ids=["plain", "with validators"])
def test_an_unchanged_site_costs_an_incremental_crawl_one_request_and_no_snapshot(
    tmp_path: Path, site: MiniSite, validators: bool
) -> None:
    site.validators = validators
    full = crawl(tmp_path, site)
    before = ticking(tmp_path)
    found = incremental(tmp_path, site)
    assert found.asked == pages(0)
    assert site.requests[-1].status == (304 if validators else 200)
    assert ("2 requests (robots.txt and redirects too), 35 bytes received" in found.told) == validators
    assert (found.outcome.exit_code, found.line.outcome, found.line.snapshot) == (0, "unchanged", full.line.snapshot)
    assert found.coverage == Coverage(listing="news", complete=False, end="carried", positions=[(0, 0)], gaps=[])
    assert [page.url for page in found.line.pages] == [site.url(pages(0)[0])]
    assert ticking(tmp_path) == before
    assert f"the 23 behind them were not looked at, they stand as in {full.line.snapshot}" in found.told


def test_the_rest_is_carried_over_with_its_times_and_records(tmp_path: Path, site: MiniSite) -> None:
    full = crawl(tmp_path, site)
    old = {row.position: row for row in full.rows}
    site.add("news", "Brand new", "Something new.", "01 January 2019")
    found = incremental(tmp_path, site)
    assert found.asked == pages(0, 10)
    assert (found.line.outcome, found.coverage.end, found.coverage.complete) == ("committed", "carried", False)
    assert found.ids == ids(site)
    carried = [row for row in found.rows if row.carried_from is not None]
    assert [(row.position, row.carried_from) for row in carried] == [
        (10, full.line.snapshot),
        (20, full.line.snapshot),
        (30, full.line.snapshot),
    ]
    assert [replace(row, carried_from=None, warc=None) for row in carried] == [
        replace(old[position], warc=None) for position in (10, 20, 30)
    ]
    assert [row.position for row in found.rows if row.carried_from is None] == [0, 10]
    assert found.coverage.positions == [(0, 10)]
    assert str(found.line.snapshot) > str(full.line.snapshot)
    assert members(found) >= {members_of(full)[row.warc.record] for row in old.values() if row.warc and row.position}
    assert [(one.change, one.new.title if one.new else None) for one in changed(found)] == [("added", "Brand new")]


def members_of(found: Crawled) -> dict[str, bytes]:
    """Return the records of a snapshot, each as its gzip member, by their ids."""
    path = found.snapshot.folder / "pages.warc.gz"
    data = path.read_bytes()
    with path.open("rb") as file:
        return {one.record.id: data[one.offset : one.offset + one.length] for one in read(file, str(path))}


def members(found: Crawled) -> set[bytes]:
    return set(members_of(found).values())


@pytest.mark.parametrize("validators", [False, True], ids=["plain", "with validators"])
def test_what_was_carried_over_before_keeps_the_name_of_the_snapshot_that_saw_it(
    tmp_path: Path, site: MiniSite, validators: bool
) -> None:
    site.validators = validators
    found = crawl(tmp_path, site)
    names = [str(found.line.snapshot)]
    for number in range(3):
        site.add("news", f"New {number}", "Something new.", f"0{number + 1} January 2019")
        found = incremental(tmp_path, site)
        assert (found.line.outcome, found.ids) == ("committed", ids(site))
        names.append(str(found.line.snapshot))
    origins = [(row.position, row.carried_from) for row in found.rows]
    assert origins[:2] == [(20, names[0]), (30, names[0])] or origins[:3] == [
        (10, names[0]),
        (20, names[0]),
        (30, names[0]),
    ]
    assert {name for _, name in origins} >= {names[0], None}
    assert crawl(tmp_path, site).coverage.complete


def test_what_is_new_between_two_incremental_crawls_is_added_and_what_left_the_top_is_gone(
    tmp_path: Path, site: MiniSite
) -> None:
    crawl(tmp_path, site)
    hrefs = [site.add("news", "One", "Something.", "01 January 2019")]
    incremental(tmp_path, site)
    hrefs.append(site.add("news", "Two", "Something.", "02 January 2019"))
    one, two = (href.removesuffix(".html") for href in hrefs)
    assert [(change.change, change.id) for change in changed(incremental(tmp_path, site))] == [("added", two)]
    site.remove(hrefs[1])
    site.remove(hrefs[0])
    found = incremental(tmp_path, site)
    assert found.coverage.end == "carried"
    assert sorted((change.change, change.id) for change in changed(found)) == [("removed", one), ("removed", two)]


def test_a_crawl_of_all_pages_finds_what_incremental_ones_could_not(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    edited, removed = (str(site.lists["news"][place].href) for place in (22, 25))
    site.edit(edited, title="Another title")
    site.remove(removed)
    assert incremental(tmp_path, site).line.outcome == "unchanged"
    found = crawl(tmp_path, site)
    assert sorted((one.change, one.id) for one in changed(found)) == [
        ("edited", edited.removesuffix(".html")),
        ("removed", removed.removesuffix(".html")),
    ]


def test_a_carried_page_supports_no_claim(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed = str(site.lists["news"][2].href)
    below = str(site.lists["news"][25].href)
    site.remove(removed)
    site.remove(below)
    found = incremental(tmp_path, site)
    assert found.coverage.end == "carried"
    # What stood among the pages that were seen is gone; of what stood further down nothing is said.
    assert [(one.change, one.id) for one in changed(found)] == [("removed", removed.removesuffix(".html"))]
    assert below.removesuffix(".html") in found.ids


def test_an_entry_was_last_seen_where_it_was_seen_and_not_where_it_was_carried_over(
    tmp_path: Path, site: MiniSite
) -> None:
    full = crawl(tmp_path, site)
    seen, carried = (str(site.lists["news"][place].href).removesuffix(".html") for place in (2, 25))
    site.add("news", "New", "Something new.", "01 January 2019")
    found = incremental(tmp_path, site)
    first, second = observe(Archive(tmp_path), Archive(tmp_path).collection("news"), str)
    assert (first.name, first.only) == (full.line.snapshot, None)
    assert (second.name, seen in (second.only or ()), carried in (second.only or ())) == (
        found.line.snapshot,
        True,
        False,
    )


def test_every_seventh_crawl_is_full_and_says_so(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    asked = [len(incremental(tmp_path, site).asked) for _ in range(6)]
    assert asked == [1] * 6
    found = incremental(tmp_path, site)
    assert (len(found.asked), found.coverage.complete) == (4, True)
    assert "all pages were asked for, not only new ones: every crawl of 7 is full (FULL_EVERY)" in found.told
    assert len(incremental(tmp_path, site).asked) == 1


def test_how_often_a_crawl_is_full_can_be_set(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    assert len(incremental(tmp_path, site, settings={"FULL_EVERY": 1}).asked) == 4
    assert [len(incremental(tmp_path, site, settings={"FULL_EVERY": 2}).asked) for _ in range(3)] == [1, 4, 1]
    assert {len(incremental(tmp_path, site, settings={"FULL_EVERY": 0}).asked) for _ in range(8)} == {1}


def test_without_a_snapshot_to_rely_on_a_crawl_is_full_and_says_why(tmp_path: Path, site: MiniSite) -> None:
    found = incremental(tmp_path, site)
    assert (len(found.asked), "there is no snapshot of a live crawl yet" in found.told) == (4, True)
    site.add("news", "New", "Something new.", "01 January 2019")
    crawl(tmp_path, site, since="2019-01-01")
    found = incremental(tmp_path, site)
    assert (len(found.asked), "does not hold the listing to its end" in found.told) == (4, True)


def test_pages_of_another_size_carry_nothing(tmp_path: Path, site: MiniSite) -> None:
    site.size = 20
    crawl(tmp_path, site)
    found = incremental(tmp_path, site)
    assert (found.asked, "show more than 10 entries" in found.told) == (pages(0, 20), True)


def test_a_snapshot_of_files_carries_nothing(tmp_path: Path, site: MiniSite) -> None:
    warc = crawl(tmp_path / "live", site).snapshot.folder / "pages.warc.gz"
    crawls.crawl_here(tmp_path / "files", path=str(warc))
    found = incremental(tmp_path / "files", site)
    assert (len(found.asked), "there is no snapshot of a live crawl yet" in found.told) == (4, True)


def test_a_redacted_page_is_not_carried_over(tmp_path: Path, site: MiniSite) -> None:
    record = crawl(tmp_path, site).rows[2].warc
    assert record is not None
    command = ("-m", "psgcrawl", "--archive", str(tmp_path), "redact", "news", record.record)
    assert crawls.run(*command, "--reason", "a court said so", "--yes").code == 0
    found = incremental(tmp_path, site)
    assert (found.asked, "is redacted" in found.told) == (pages(0, 10, 20, 30), True)


@pytest.mark.parametrize("name", ["pages.warc.gz", "entries.jsonl", "pages.jsonl"])
def test_nothing_is_carried_over_from_a_damaged_snapshot(tmp_path: Path, site: MiniSite, name: str) -> None:
    path = crawl(tmp_path, site).snapshot.folder / name
    path.write_bytes(path.read_bytes()[:-1])
    crawler = crawls.crawl_here(tmp_path, NewsSpider, SETTINGS, base=site.url(""), mode="incremental")
    outcome = crawls.outcome_of(crawler)
    assert [(result.line.outcome, result.exit_code) for result in outcome.results] == [("committed", 0)]
    assert len(crawls.logged(tmp_path)[-1].pages) == 0
    assert site.counted()[pages(30)[0]] == 2
    assert any(name in problem for problem in [*outcome.problems, *outcome.told["news"]])


def test_a_snapshot_of_other_rules_carries_nothing(
    tmp_path: Path, site: MiniSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(tmp_path, site)
    monkeypatch.setattr(rules, "DERIVATION", DERIVATION + 1)
    found = incremental(tmp_path, site)
    assert (len(found.asked), "was derived by other rules" in found.told) == (4, True)


def test_trouble_in_an_incremental_crawl_keeps_it_apart_without_what_it_would_have_carried(
    tmp_path: Path, site: MiniSite
) -> None:
    crawl(tmp_path, site)
    site.add("news", "New", "Something new.", "01 January 2019")
    site.trick = at(10, Answer(ERROR, status=500))
    found = incremental(tmp_path, site)
    assert (found.outcome.exit_code, found.line.outcome) == (3, "incomplete")
    assert [row.carried_from for row in found.rows] == [None]


# --- pages beside the listing ---------------------------------------------------------


def details(found: Crawled) -> list[str]:
    return [target for target in found.asked if ".php" not in target]


def test_the_page_of_an_entry_that_is_listed_no_more_is_asked_for_once(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed = str(site.lists["news"][15].href)
    site.remove(removed)
    found = crawl(tmp_path, site)
    assert details(found) == [f"/{removed}"]
    assert f"listed no more, and its own page answers 404: {site.url('/' + removed)}" in found.told
    [said] = [record for record in responses(found) if record[0] == site.url(f"/{removed}")]
    assert said[1].startswith(b"HTTP/1.1 404")
    assert found.outcome.exit_code == 0
    assert None not in {row.position for row in found.rows}
    assert details(crawl(tmp_path, site)) == []


def responses(found: Crawled) -> list[tuple[str | None, bytes]]:
    path = found.snapshot.folder / "pages.warc.gz"
    with path.open("rb") as file:
        return [(one.record.uri, one.record.block) for one in read(file, str(path)) if one.record.type == "response"]


def test_also_an_incremental_crawl_asks_for_it_where_it_came_past(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed = [str(site.lists["news"][place].href) for place in (2, 25)]
    for href in removed:
        site.remove(href)
    assert details(incremental(tmp_path, site)) == [f"/{removed[0]}"]
    assert details(crawl(tmp_path, site)) == [f"/{removed[1]}"]


def test_of_many_entries_that_are_gone_some_are_asked_for(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    for _ in range(4):
        site.remove(str(site.lists["news"][5].href))
    found = crawl(tmp_path, site, settings={"GONE_MAX": 2})
    assert len(details(found)) == 2
    assert "4 entries are listed no more; the pages of 2 were asked for (GONE_MAX)" in found.told


def test_a_crawl_that_was_left_asks_for_no_page_of_an_entry(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    site.remove(str(site.lists["news"][2].href))
    site.trick = at(20, Answer(ERROR))
    assert details(crawl(tmp_path, site, follow="entries")) == []


def test_pages_of_new_and_edited_entries_and_their_documents_are_fetched_too(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    pdf = b"%PDF-1.4 an invented document\n" + bytes(100)
    site.documents["/papers/report.pdf"] = Answer(pdf, media_type="application/pdf")
    new = site.add(
        "news", "New", "It links papers/report.pdf and http://example.org/other.pdf here.", "01 January 2019"
    )
    edited = str(site.lists["news"][5].href)
    site.edit(edited, title="Another title")
    found = crawl(tmp_path, site, follow="entries")
    assert details(found) == [f"/{new}", f"/{edited}", "/papers/report.pdf"]
    assert (found.outcome.exit_code, found.outcome.problems, found.coverage.complete) == (0, [], True)
    beside = [row for row in found.rows if row.position is None]
    assert [(row.url, row.status, row.media_type, row.layout, row.lists, row.problems) for row in beside] == [
        (site.url(f"/{new}"), 200, "text/html", None, [], []),
        (site.url(f"/{edited}"), 200, "text/html", None, [], []),
        (site.url("/papers/report.pdf"), 200, "application/pdf", None, [], []),
    ]
    assert [(row.encoding, row.encoding_basis) for row in beside[1:]] == [("utf-8", "declared"), ("binary", "fallback")]
    assert all(row.warc is not None for row in beside)
    assert responses(found)[-1][1].endswith(pdf)
    assert sorted(one.change for one in changed(found)) == ["added", "edited"]
    # They take nothing away from what the listing proves.
    gone = str(site.lists["news"][20].href)
    site.remove(gone)
    assert [(one.change, one.id) for one in changed(crawl(tmp_path, site))] == [("removed", gone.removesuffix(".html"))]


def test_no_more_linked_pages_than_allowed_are_fetched(tmp_path: Path, site: MiniSite) -> None:
    found = crawl(tmp_path, site, follow="entries", settings={"FOLLOW_MAX": 3})
    assert details(found) == [f"/{block.href}" for block in site.lists["news"][:3]]
    assert "linked pages that were not asked for, more than 3 (FOLLOW_MAX): 30" in found.told


def test_a_linked_page_that_cannot_be_had_is_a_note(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    first, second = (site.add("news", title, "Something.", "01 January 2019") for title in ("One", "Two"))
    site.instead |= {f"/{first}": Answer(b"", status=500), f"/{second}": moved("/news.php")}
    found = crawl(tmp_path, site, follow="entries")
    assert (found.outcome.exit_code, found.line.outcome, found.line.reasons) == (0, "committed", [])
    assert found.outcome.problems == [
        f"{site.url('/news.php')}: the server leads to a listing, where the page of an entry was asked for",
        f"{site.url('/' + first)}: the server answered 500",
    ]
    assert [row.position for row in found.rows] == [0, 10, 20, 30]


# --- what a person types --------------------------------------------------------------


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
