import pytest

from psgcrawl.archive.coverage import coverage
from psgcrawl.records import Coverage, ListName, Page, replace
from tests.archive.making import after, at, entry, full_page, page


def crawl(*shown: int, start: int = 0) -> list[Page]:
    """Pages from ``start`` on that show so many entries each, captured a minute after another."""
    return [
        full_page(start + 10 * number, count, captured=at(f"2017-02-18T06:{number:02}:00Z"))
        for number, count in enumerate(shown)
    ]


def test_from_the_first_page_to_a_short_one_is_complete() -> None:
    assert coverage("news", crawl(10, 10, 3)) == Coverage(
        listing="news", complete=True, end="short-page", positions=[(0, 20)], gaps=[]
    )
    assert coverage("news", crawl(4)).complete
    assert coverage("news", crawl(10, 1)).complete
    assert coverage("news", crawl(10, 9)).complete


def test_the_order_of_the_pages_does_not_matter_but_that_of_their_times_does() -> None:
    pages = crawl(10, 10, 3)
    assert coverage("news", pages[::-1]).complete
    upwards = [replace(page, captured=other.captured) for page, other in zip(pages, pages[::-1], strict=True)]
    assert not coverage("news", upwards).complete
    assert coverage("news", upwards).end == "short-page"


def test_pages_of_one_moment_are_in_order() -> None:
    assert coverage("news", [full_page(0), full_page(10, 3)]).complete


@pytest.mark.parametrize(
    ("pages", "end"),
    [
        pytest.param(crawl(10, 10), None, id="the last page is full"),
        pytest.param(crawl(10, 0), None, id="the last page is empty"),
        pytest.param(crawl(10, 9, 3), "short-page", id="a page before the last is short"),
        pytest.param(crawl(10, 3, start=10), "short-page", id="the first page is missing"),
        pytest.param([*crawl(10), *crawl(3, start=20)], "short-page", id="a page between is missing"),
        pytest.param(
            [*crawl(10), full_page(10, 3, captured=after("2017-02-18T07:00:00Z"))], "short-page", id="no time"
        ),
        pytest.param([full_page(0, layout=None), full_page(10, 3)], "short-page", id="a page was not recognised"),
        pytest.param([*crawl(10, 3), full_page(0, position=None)], "short-page", id="a page without position"),
        pytest.param([full_page(0), full_page(10, 3, problems=("truncation: cut",))], None, id="the last page was cut"),
        pytest.param(
            [full_page(0), full_page(10, 3, problems=("unread block: x",))], None, id="a block of the last was not read"
        ),
        pytest.param(
            [full_page(0, problems=("unread block: x",)), full_page(10, 3)], "short-page", id="a block was not read"
        ),
        pytest.param([full_page(0), full_page(10, 3), full_page(10, 10)], None, id="the last page was full once"),
    ],
)
def test_without_proof_nothing_is_complete(pages: list[Page], end: str | None) -> None:
    found = coverage("news", pages)
    assert not found.complete
    assert found.end == end


@pytest.mark.parametrize(
    ("positions", "runs", "gaps"),
    [
        ([0], [(0, 0)], []),
        ([20, 0, 10], [(0, 20)], []),
        ([0, 0, 10], [(0, 10)], []),
        ([10], [(10, 10)], [(0, 0)]),
        ([150], [(150, 150)], [(0, 140)]),
        ([0, 20], [(0, 0), (20, 20)], [(10, 10)]),
        ([0, 10, 50, 60, 90], [(0, 10), (50, 60), (90, 90)], [(20, 40), (70, 80)]),
        ([0, 5, 15], [(0, 15)], []),
        ([0, 25], [(0, 0), (25, 25)], [(10, 15)]),
        ([0, 15], [(0, 0), (15, 15)], [(10, 10)]),
        ([5], [(5, 5)], [(0, 0)]),
    ],
)
def test_runs_and_gaps(positions: list[int], runs: list[tuple[int, int]], gaps: list[tuple[int, int]]) -> None:
    found = coverage("news", [page(position=position) for position in positions])
    assert (found.positions, found.gaps) == (runs, gaps)


THREE_NEWS: tuple[ListName, ...] = ("news",) * 3
NINE_ARTICLES: tuple[ListName, ...] = ("articles",) * 9
NINE_BLOCKS: tuple[ListName, ...] = ("boilerplate",) * 9


def test_the_end_is_read_off_the_listings_own_entries() -> None:
    own = [entry(f"news-article-{number}") for number in range(3)]
    others = [entry(f"article-{number}") for number in range(9)]
    standing = [entry(f"x-{number:016}", kind="boilerplate") for number in range(9)]
    shown = page(*own, *others, *standing, lists=(*THREE_NEWS, *NINE_ARTICLES, *NINE_BLOCKS))
    assert coverage("news", [shown]).complete
    only_others = page(*others, lists=NINE_ARTICLES)
    assert coverage("news", [only_others]).end is None
    only_standing = page(*standing, lists=["news"] * 9)
    assert coverage("news", [only_standing]).end is None


def test_a_collection_of_another_name_counts_every_entry_of_its_pages() -> None:
    assert coverage("example", crawl(10, 3)) == Coverage(
        listing="example", complete=True, end="short-page", positions=[(0, 10)], gaps=[]
    )


def test_home_is_one_page_and_never_complete() -> None:
    assert coverage("home", [full_page(0, 4, position=None)]) == Coverage(
        listing="home", complete=False, end="single-page", positions=[], gaps=[]
    )
    assert coverage("home", [full_page(0, 4, position=310)]).positions == []


def test_a_home_page_that_no_layout_recognised_has_no_end() -> None:
    assert coverage("home", [page(position=None, layout=None)]).end is None
    assert coverage("home", []).end is None


@pytest.mark.parametrize("pages", [[], [full_page(0, 4, position=None)]], ids=["none", "without position"])
def test_without_positions_nothing_is_claimed(pages: list[Page]) -> None:
    assert coverage("unknown", pages) == Coverage(listing="unknown", complete=False, end=None, positions=[], gaps=[])
