"""Which way into a WordPress is tried next, what a walk asks for and proves, and what a poll tells."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl import derive
from psgcrawl.layouts.wordpress import feed, rest, theme
from psgcrawl.posting import poll, ways
from psgcrawl.posting.walks import ChainWalk, RestWalk
from psgcrawl.posting.ways import Home, Search, Step
from psgcrawl.records import Dated, Entry, Page, RawEntry, replace
from tests.layouts.making import page_of

BASE = "https://example.org/"
REST = f"{BASE}wp-json/wp/v2/posts"


def raw(number: int, title: str = "A title", modified: str | None = None) -> RawEntry:
    dated = Dated(edtf="2024-01-01", earliest="2024-01-01", latest="2024-01-01")
    return RawEntry(
        kind="entry",
        list="posts",
        title=title,
        summary="",
        dated=dated,
        identity=f"post-{number}",
        modified=modified or f"2024-01-01T00:{number % 60:02d}:00Z",
    )


def page(*numbers: int, layout: str | None = rest.LAYOUT, position: int = 0, **more: Any) -> Page:
    found = page_of(*map(raw, numbers), url=REST, fields=rest.FIELDS, layout=layout)
    return derive.normalise(replace(found, collection="posts", position=position, **more))


def entries(*numbers: int) -> dict[str, Entry]:
    return {entry.id: entry for entry in page(*numbers).entries}


# --- ways --------------------------------------------------------------------------------


def steps(search: Search, reasons: dict[str, str], home: Home | None = None) -> list[tuple[str, str]]:
    """Return all steps where every way is closed for its reason, and the home page says that."""
    found: list[tuple[str, str]] = []
    while (step := search.next()) is not None:
        found.append((step.way, step.url))
        if step.way == "home" and home is not None:
            search.read(home)
        else:
            search.closed(step, reasons.get(step.way, "404"))
    return found


SAID = "the REST API answered 'rest_forbidden'"
FEED, HOME, THEME = ("feed", f"{BASE}feed/"), ("home", BASE), ("theme", BASE)


@pytest.mark.parametrize(
    ("name", "reasons", "home", "expected"),
    [
        ("nothing is there", {}, None, [("rest", REST), HOME, FEED]),
        ("no WordPress", {}, Home(), [("rest", REST), HOME, FEED, THEME]),
        ("the API says that it is closed", {"rest": SAID}, Home(), [("rest", REST), FEED, HOME, THEME]),
        (
            "a WordPress without a link",
            {},
            Home(wordpress=True),
            [("rest", REST), HOME, ("rest", f"{BASE}?rest_route=/wp/v2/posts"), FEED, THEME],
        ),
        (
            "links to both",
            {},
            Home(rest=f"{BASE}api/wp/v2/posts", feed=f"{BASE}rss/", wordpress=True),
            [
                ("rest", REST),
                HOME,
                ("rest", f"{BASE}api/wp/v2/posts"),
                ("rest", f"{BASE}?rest_route=/wp/v2/posts"),
                FEED,
                ("feed", f"{BASE}rss/"),
                THEME,
            ],
        ),
        ("links to what was tried", {}, Home(rest=REST, feed=FEED[1]), [("rest", REST), HOME, FEED, THEME]),
    ],
)
def test_ways_are_tried_in_their_order_each_once(
    name: str, reasons: dict[str, str], home: Home | None, expected: list[tuple[str, str]]
) -> None:
    assert steps(Search("https://example.org", None), reasons, home) == expected


def test_the_way_of_the_last_crawl_comes_first() -> None:
    first = Step("rest", f"{BASE}api/wp/v2/posts")
    assert steps(Search(BASE, first), {})[:2] == [("rest", first.url), ("rest", REST)]
    assert steps(Search(BASE, Step("theme", BASE)), {})[0] == THEME


def test_why_each_way_is_closed_is_kept() -> None:
    search = Search(BASE)
    steps(search, {"rest": "403", "home": "404", "feed": "410"})
    assert search.reasons == ["REST API: 403", "home page: 404", "feed: 410"]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/wp-json/", f"{BASE}wp-json/wp/v2/posts"),
        ("https://example.org/blog/api", f"{BASE}blog/api/wp/v2/posts"),
        ("/index.php?rest_route=/", f"{BASE}index.php?rest_route=/wp/v2/posts"),
    ],
)
def test_a_home_page_says_where_the_api_is(link: str, expected: str) -> None:
    assert ways.read_home(f'<html><link rel="https://api.w.org/" href="{link}"></html>', BASE).rest == expected


def test_a_home_page_names_its_feed_but_not_that_of_comments() -> None:
    hrefs = ("/comments/feed/", "/x/")
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{href}">' for href in hrefs)
    assert ways.read_home(f"<html>{links}</html>", BASE) == Home(feed=f"{BASE}x/")
    assert ways.read_home('<html><script src="/wp-includes/a.js"></script></html>', BASE) == Home(wordpress=True)
    assert ways.read_home("<html><p>WordPress is a program.</p><link rel='x'></html>", BASE) == Home()


@pytest.mark.parametrize("root", [REST, f"{BASE}?rest_route=/wp/v2/posts", f"{BASE}index.php?rest_route=/wp/v2/posts"])
def test_the_address_of_a_page_leads_back_to_its_root(root: str) -> None:
    for url in (ways.rest_page(root, 3), ways.rest_poll(root)):
        assert ways.root_of(url, "rest") == root
        assert ways.is_answer_to(url, url.replace("https://", "http://www."))
        assert not ways.is_answer_to(url, root)
    assert ways.root_of(ways.feed_page(f"{BASE}?feed=rss2", 2), "feed") == f"{BASE}?feed=rss2"


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([], None),
        ([(REST, None)], None),
        ([(ways.rest_poll(REST), rest.LAYOUT)], Step("rest", REST)),
        ([(f"{BASE}feed/?paged=2", feed.LAYOUT)], Step("feed", f"{BASE}feed/")),
        ([(f"{BASE}page/2/", theme.LAYOUT)], Step("theme", BASE)),
        (
            [("http://www.example.org/wp-json/wp/v2/posts?page=1", rest.LAYOUT)],
            Step("rest", REST.replace("https://", "http://www.")),
        ),
        ([("https://example.com/feed/", feed.LAYOUT)], None),
    ],
)
def test_the_pages_of_a_snapshot_tell_its_way(pages: list[tuple[str, str | None]], expected: Step | None) -> None:
    assert ways.remembered(BASE, pages) == expected
    assert ways.remembered(f"{BASE}blog/", pages) is None


@pytest.mark.parametrize(
    ("way", "content", "expected"),
    [
        ("rest", b'[{"id": 7', True),
        ("rest", b'[{"id": 7}] ', False),
        ("rest", b"<html>", False),
        ("rest", b'{"code"', False),
        ("feed", b"<?xml version='1.0'?><rss><item>", True),
        ("feed", b"<?xml version='1.0'?><rss></rss>\n", False),
        ("feed", b"<html>", False),
        ("theme", b"<html>", False),
    ],
)
def test_what_breaks_off_is_told_from_what_is_something_else(way: ways.Way, content: bytes, expected: bool) -> None:
    assert ways.is_cut(way, content) is expected


# --- the API ------------------------------------------------------------------------------


class Server:
    """Posts by number, two a page; what happens between requests is in ``then``."""

    def __init__(self, numbers: Sequence[int], then: dict[int, Any] | None = None) -> None:
        self.numbers = list(numbers)
        self._then = then or {}
        self._asked = 0

    def page(self, number: int) -> tuple[Page, int, int] | None:
        self._asked += 1
        if self._asked in self._then:
            self._then[self._asked](self.numbers)
        shown = sorted(self.numbers)[(number - 1) * 2 : number * 2]
        total = len(self.numbers)
        return (page(*shown, position=number), total, -(-total // 2)) if shown else None


def walked(server: Server, known: Sequence[str] = ()) -> tuple[RestWalk, list[int]]:
    walk, asked = RestWalk(known=known, most=20), list[int]()
    number: int | None = 1
    while number is not None:
        asked.append(number)
        found = server.page(number)
        number = walk.beyond() if found is None else walk.next(*found)
        assert (number is None) is walk.over
    return walk, asked


def test_a_walk_is_complete_where_all_pages_count_what_came() -> None:
    walk, asked = walked(Server(range(1, 6)))
    assert (asked, walk.complete, walk.coverage().end, walk.trouble) == ([1, 2, 3], True, "total", None)


@given(
    st.sets(st.integers(1, 30), min_size=1, max_size=12),
    st.dictionaries(st.integers(1, 14), st.tuples(st.booleans(), st.integers(1, 60)), max_size=4),
)
def test_whatever_happens_meanwhile_a_complete_walk_has_seen_all_that_stood_all_the_time(
    numbers: set[int], events: dict[int, tuple[bool, int]]
) -> None:
    def happens(add: bool, number: int) -> Any:
        def change(there: list[int]) -> None:
            if add:
                there.append(max([*there, 30]) + number)
            elif len(there) > 1:
                there.remove(sorted(there)[number % len(there)])

        return change

    server = Server(sorted(numbers), {when: happens(*what) for when, what in events.items()})
    walk, _ = walked(server, [f"post-{number}" for number in numbers])
    stayed = {f"post-{number}" for number in numbers if number in server.numbers}
    if walk.complete:
        assert stayed <= walk.seen
    else:
        assert walk.trouble is not None


def test_a_post_of_the_last_snapshot_that_is_gone_is_looked_for_once_more() -> None:
    walk, asked = walked(Server([1, 2, 3]), known=["post-2", "post-7"])
    assert (asked, walk.complete, walk.passes) == ([1, 2, 1, 2], True, 2)


def test_a_page_beyond_the_last_proves_nothing() -> None:
    walk = RestWalk()
    assert walk.next(page(1, 2), 5, 3) == 2
    assert walk.beyond() == 1
    walk.next(page(1, 2), 5, 3)
    assert walk.beyond() is None
    assert walk.trouble == "page 1: the server counts 5 posts, and 2 came, also at the second try"
    assert walk.coverage().end is None


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (page(layout=None, problems=("no layout recognises the page: x",)), "no layout recognises the page: x"),
        (page(1, problems=("unread block: post 7",)), "unread block: post 7"),
        (page(), "a page without any post, which proves nothing"),
    ],
    ids=["unrecognised", "unread", "empty"],
)
def test_a_page_that_was_not_read_whole_ends_every_walk(bad: Page, why: str) -> None:
    by_number, newest_first = RestWalk(), ChainWalk()
    assert (by_number.next(bad, 1, 1), newest_first.next(bad, more=None)) == (None, None)
    for walk in (by_number, newest_first):
        assert (walk.trouble, walk.complete) == (f"page 1: {why}", False)


# --- the newest first ----------------------------------------------------------------------


def chained(walk: ChainWalk, *pages: Page | None, more: bool | None = None) -> list[int | None]:
    """Tell these pages, None for a 404; return what was to be asked next after each."""
    return [walk.beyond(empty=False) if one is None else walk.next(one, more=more) for one in pages]


def test_a_feed_ends_with_a_short_page_behind_which_there_is_none() -> None:
    walk = ChainWalk()
    first, last = page(9, 8, 7), page(6, position=3)
    assert chained(walk, first, last, None, first) == [2, 3, 1, None]
    assert (walk.complete, walk.coverage().end, walk.coverage().positions) == (True, "short-page", [(0, 3)])


def test_a_404_behind_a_full_page_is_no_end_unless_the_feed_itself_says_so() -> None:
    for empty in (False, True):
        walk = ChainWalk()
        assert chained(walk, page(9, 8), page(7, 6, position=2)) == [2, 3]
        assert walk.beyond(empty=empty) == 1
        assert walk.next(page(9, 8), more=None) is None
        assert (walk.complete, walk.trouble) == (empty, None)


def test_a_first_page_that_changed_is_the_first_of_a_second_pass() -> None:
    walk = ChainWalk()
    assert chained(walk, page(9, 8), page(7, position=2), None) == [2, 3, 1]
    assert walk.position == 0
    assert chained(walk, page(10, 9)) == [2]
    assert walk.position == 2
    assert chained(walk, page(8, 7, position=2), page(6, position=4), None, page(10, 9)) == [3, 4, 1, None]
    assert (walk.complete, walk.passes, len(walk.seen)) == (True, 2, 5)


def test_a_first_page_that_changes_all_the_time_is_trouble() -> None:
    walk = ChainWalk()
    chained(walk, page(9, 8), page(7), None, page(10, 9), page(8), None, page(11, 10))
    assert "also at the second try" in (walk.trouble or "")
    assert not walk.complete


def test_a_whole_page_that_agrees_ends_an_incremental_walk() -> None:
    known = [f"post-{number}" for number in (9, 8, 7, 6, 5)]
    latest = entries(9, 8, 7, 6, 5)
    walk = ChainWalk(known=known, latest=latest)
    assert chained(walk, page(10, 9), page(8, 7, position=2)) == [2, None]
    assert (walk.coverage().end, walk.complete, walk.agreed) == ("carried", False, 3)
    # A post between them is gone: the page shows only what is known, and is another one.
    gone = ChainWalk(known=known, latest=latest)
    assert chained(gone, page(9, 7)) == [2]


def test_pages_that_only_repeat_are_trouble() -> None:
    walk = ChainWalk()
    assert chained(walk, page(9, 8), page(9, 8, position=2)) == [2, None]
    assert walk.trouble == "page 2: only posts that other pages have shown"


# --- the poll -------------------------------------------------------------------------------

KNOWN = entries(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("name", "polled", "total", "expected"),
    [
        ("nothing changed", page(5, 4, 3), 5, None),
        ("a new one", page(6, 5, 4), 6, None),
        ("one that is gone", page(5, 4, 3), 4, "the server counts 4 posts, and 5 are known"),
        ("one of the past", page(5, 4, 3), 6, "the server counts 6 posts, and 5 are known"),
        ("all of them new", page(8, 7, 6), 8, "more than 2 posts are new or edited"),
        ("all of them, and they are all", page(8, 7, 6, 5, 4, 3, 2, 1), 8, None),
        ("no count", page(5, 4, 3), None, "the server does not count its posts"),
        ("another order", page(3, 4, 5), 5, "the poll is not in the order of changes"),
        ("no post", page(), 0, "the poll shows no posts"),
        ("not read", page(5, problems=("unread block: x",)), 5, "the poll shows no posts"),
    ],
)
def test_what_a_poll_tells(name: str, polled: Page, total: int | None, expected: str | None) -> None:
    assert poll.differs(polled, total, KNOWN) == expected


def test_every_way_has_the_layout_that_reads_it() -> None:
    assert ways.LAYOUTS == {"rest": rest.LAYOUT, "feed": feed.LAYOUT, "theme": theme.LAYOUT}
    assert ways.TOLD.keys() == ways.CALLED.keys() == set(ways.WAYS)
