"""The mini site is itself to be trusted: it pages, changes and counts as it says, and its pages can be read."""

from collections.abc import Iterator, Sequence
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from psgcrawl import layouts, urls
from psgcrawl.layouts import Reading
from psgcrawl.records import RawEntry
from tests.markups import CHROMES, Block
from tests.minisite import Answer, MiniSite, Seen

DIRECT = build_opener(ProxyHandler({}))


@pytest.fixture
def site() -> Iterator[MiniSite]:
    with MiniSite() as site:
        yield site


def get(site: MiniSite, target: str, method: str = "GET") -> bytes:
    request = Request(site.url(target), method=method, headers={"User-Agent": "a test"})  # noqa: S310 - http, by MiniSite
    with DIRECT.open(request, timeout=10) as answer:
        return bytes(answer.read())


def read(site: MiniSite, target: str) -> Reading:
    return layouts.read(get(site, target), media_type="text/html", charset="utf-8", url=site.url(target))


def told(site: MiniSite, entries: Sequence[RawEntry | Block]) -> list[tuple[str, str, str | None, str, str | None]]:
    return [(e.kind, e.title, e.dateline, e.summary, urls.canonical(e.href, site.url())) for e in entries]


def walk(site: MiniSite, target: str) -> list[str]:
    """Follow the pager to its end; return the targets."""
    seen = [target]
    while (href := read(site, seen[-1]).next_href) is not None:
        parts = urlsplit(urljoin(site.url(seen[-1]), href))
        seen.append(f"{parts.path}?{parts.query}")
    return seen


@pytest.mark.parametrize(
    ("target", "shown"),
    [("/", 16), ("/news.php", 14), ("/news.php?position=30", 7), ("/articles.php?position=10", 14)],
)
def test_a_page_reads_as_the_site_says_it_shows(site: MiniSite, target: str, shown: int) -> None:
    reading = read(site, target)
    assert reading.problems == ()
    assert told(site, reading.entries) == told(site, site.shown(target))
    assert len(reading.entries) == shown


@pytest.mark.parametrize(
    ("listing", "sizes"), [("news", [10, 10, 10, 3]), ("articles", [10, 10, 7])], ids=["news", "articles"]
)
def test_the_pager_leads_through_a_listing_and_ends_at_its_short_last_page(
    site: MiniSite, listing: str, sizes: list[int]
) -> None:
    targets = walk(site, f"/{listing}.php")
    assert targets == [f"/{listing}.php", *(f"/{listing}.php?position={10 * n}" for n in range(1, len(sizes)))]
    pages = [[e.href for e in read(site, target).entries if e.kind == "entry"] for target in targets]
    assert [len(page) for page in pages] == sizes
    hrefs = [href for page in pages for href in page]
    assert len(set(hrefs)) == len(hrefs)
    assert urls.link_identity(urls.canonical(hrefs[-1], site.url()), site.url()) is not None
    assert b"Previous" in get(site, targets[-1])


def test_home_shows_the_newest_of_both_lists_and_ignores_a_position(site: MiniSite) -> None:
    entries = [e.title for e in read(site, "/").entries if e.kind == "entry"]
    assert entries == [block.title for found in (site.lists["news"], site.lists["articles"]) for block in found[:4]]
    assert get(site, "/?position=310") == get(site, "/") == get(site, "/index.php?position=10")


def test_past_the_end_there_are_no_entries_and_a_position_that_is_no_number_is_none(site: MiniSite) -> None:
    assert [e.kind for e in site.shown("/news.php?position=40")] == ["boilerplate"] * 4
    assert b"news-article-" not in get(site, "/news.php?position=40")
    assert get(site, "/news.php?position=x") == get(site, "/news.php")


def test_every_entry_has_a_page_of_its_own_that_leads_back(site: MiniSite) -> None:
    for listing, found in site.lists.items():
        for block in (found[0], found[-1]):
            page = get(site, f"/{block.href}").decode()
            assert f'<a href="{listing}.php">All {listing}</a>' in page
            assert block.dateline is not None
            assert block.dateline in page


def test_what_does_not_exist_is_a_404_and_robots_are_told(site: MiniSite) -> None:
    with pytest.raises(HTTPError, match="404") as raised:
        get(site, "/article-1.html")
    raised.value.close()
    assert get(site, "/robots.txt") == b"User-agent: *\nDisallow: /login.php\n"
    site.robots = "User-agent: *\nDisallow: /\n"
    assert b"Disallow: /\n" in get(site, "/robots.txt")


def test_requests_are_recorded_and_counted(site: MiniSite) -> None:
    get(site, "/news.php")
    get(site, "/news.php")
    assert get(site, "/?position=310", "HEAD") == b""
    assert site.counted() == {"/news.php": 2, "/?position=310": 1}
    last = site.requests[-1]
    assert last == Seen("HEAD", "/?position=310", 200, last.headers)
    assert last.headers["user-agent"] == "a test"


def test_an_entry_that_comes_pushes_all_others_down(site: MiniSite) -> None:
    last = site.shown("/news.php")[9]
    href = site.add("news", "Brand new", "Something that came while nobody looked.", "01 January 2019")
    first, second = read(site, "/news.php"), read(site, "/news.php?position=10")
    assert (first.entries[0].title, first.entries[0].href) == ("Brand new", href)
    assert second.entries[0].title == last.title
    assert href not in {block.href for block in site.lists["news"][1:]}
    assert b"Something that came" in get(site, f"/{href}")
    assert site.add("news", "Older", "Something", "02 January 2012", at=5) != href
    assert site.lists["news"][5].title == "Older"


def test_an_entry_is_edited_and_removed_by_its_link(site: MiniSite) -> None:
    first, second = (str(block.href) for block in site.lists["articles"][:2])
    site.edit(first, title="Another title", dateline="5 May 2018")
    changed = read(site, "/articles.php").entries[0]
    assert (changed.title, changed.dateline) == ("Another title", "5 May 2018")
    removed = site.remove(second)
    assert removed.href == second
    assert removed.title not in {e.title for e in read(site, "/articles.php").entries}
    with pytest.raises(HTTPError, match="404") as raised:
        get(site, f"/{second}")
    raised.value.close()
    for change in (site.remove, site.edit):
        with pytest.raises(KeyError, match=second):
            change(second)


def test_entries_may_come_while_a_crawl_runs(site: MiniSite) -> None:
    def push(target: str) -> None:
        if target == "/news.php?position=10":
            site.add("news", "In between", "It came between two requests of one crawl.", "01 January 2019")

    site.on_request = push
    before = read(site, "/news.php").entries[9].title
    assert read(site, "/news.php?position=10").entries[0].title == before


def test_any_answer_can_be_replaced(site: MiniSite) -> None:
    site.instead["/news.php"] = Answer(b"Too busy", status=503, media_type="text/plain")
    with pytest.raises(HTTPError, match="503") as raised:
        get(site, "/news.php")
    assert raised.value.read() == b"Too busy"
    raised.value.close()
    assert site.requests[-1].status == 503


def test_two_sites_show_the_same(site: MiniSite) -> None:
    with MiniSite() as other:
        assert other.url() != site.url()
        assert get(other, "/articles.php?position=20") == get(site, "/articles.php?position=20")


@pytest.mark.parametrize(("markup", "chrome"), [("nested-tables-2004", "2004"), ("html5-articles", "2014")])
def test_the_site_can_be_of_another_time(markup: str, chrome: str) -> None:
    with MiniSite(markup, CHROMES[chrome]) as site:
        for listing, targets in (("news", 4), ("articles", 3)):
            assert len(walk(site, f"/{listing}.php")) == targets
        got = [e for e in read(site, "/news.php?position=10").entries if e.kind == "entry"]
        assert [(e.title, e.dateline) for e in got] == [
            (block.title, block.dateline) for block in site.lists["news"][10:20]
        ]


def test_one_site_after_another_stands_at_the_same_address_and_two_at_once_do_not() -> None:
    with MiniSite() as first:
        before = first.port
        with MiniSite() as second:
            assert second.port != before
    with MiniSite() as third:
        assert third.port == before
