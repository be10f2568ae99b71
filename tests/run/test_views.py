"""Which pages of a run are one view of a listing."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.filed import Arranged
from psgcrawl.archive.pages import Pages
from psgcrawl.records import Page
from psgcrawl.run.views import together
from tests.archive import making
from tests.archive.making import at

Given = list[tuple[int, str]]
GIVEN = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["live", "live", "file"])), max_size=8)


def pages(given: Given) -> list[Page]:
    """Pages, each called by its place among them: those of one number are captures of the same."""
    return [
        making.page(
            url=f"http://a.example/{number}",
            place=f"{place}",
            position=None,
            source=source,
            captured=at(f"2019-06-0{number + 1}T00:00:00Z"),
        )
        for place, (number, source) in enumerate(given)
    ]


def called(views: Sequence[Sequence[Page]]) -> list[list[str]]:
    return [[page.place for page in one] for one in views]


@given(GIVEN)
def test_of_a_capture_that_was_given_twice_the_first_stands_where_the_last_stood(given: Given) -> None:
    made = pages(given)
    order = sorted(
        {page.url for page in made}, key=lambda url: max(i for i, page in enumerate(made) if page.url == url)
    )
    kept = [next(page for page in made if page.url == url) for url in order]
    live = [page.place for page in kept if page.source == "live"]
    # Without position each capture stands alone.
    others = sorted((page for page in kept if page.source == "file"), key=lambda page: page.captured.since)
    expected = [live] * bool(live) + [[page.place] for page in others]
    assert called(together(made)) == expected
    assert called(together(Pages(made))) == expected


def test_what_one_crawl_fetched_is_not_held() -> None:
    made = Pages(pages([(number, "live") for number in range(4)]))
    assert together(made) == [made]
    [some] = together(Pages(pages([(1, "live"), (2, "live"), (1, "live")])))
    assert isinstance(some, Arranged)
