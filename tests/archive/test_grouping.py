from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.grouping import group
from psgcrawl.records import Captured, Page
from tests.archive.making import after, at, page

START = datetime(2017, 2, 18, 6, tzinfo=UTC)


def instant(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def hours(number: float, position: int | None = 0, **given: Any) -> Page:
    return page(captured=at(instant(number * 3600)), position=position, **given)


def grouped(*pages: Page) -> list[list[Page]]:
    return group(pages, lambda page: page.collection)


DAY = 24
SECOND = 1 / 3600


@pytest.mark.parametrize(
    ("pages", "sizes"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([hours(0, 0), hours(1, 10), hours(2, 20)], [3], id="one crawl"),
        pytest.param([hours(0, 0), hours(DAY, 10)], [2], id="24 hours apart"),
        pytest.param([hours(0, 0), hours(DAY + SECOND, 10)], [1, 1], id="a second more"),
        pytest.param([hours(0, 0), hours(20, 10), hours(40, 20)], [3], id="from one to the next, not from the first"),
        pytest.param([hours(0, 0), hours(1, 10), hours(2, 0), hours(3, 10)], [2, 2], id="a position repeats"),
        pytest.param([hours(0, 0), hours(1, 10), hours(2, 10), hours(3, 20)], [2, 2], id="the last position repeats"),
        pytest.param([hours(0, None), hours(0, None)], [1, 1], id="no position: home pages"),
        pytest.param([hours(0, 0), hours(1, None), hours(2, 10)], [2, 1], id="no position does not come between"),
        pytest.param([hours(0, 0), hours(0, 10)], [2], id="at the same moment"),
    ],
)
def test_captures_form_snapshots(pages: list[Page], sizes: list[int]) -> None:
    assert [len(members) for members in grouped(*pages)] == sizes


@pytest.mark.parametrize("unknown", [after(instant(0)), at(instant(0), instant(60))], ids=["bounded", "between"])
def test_a_capture_of_unknown_time_stands_alone(unknown: Captured) -> None:
    alone = page(captured=unknown, position=10)
    first, last = hours(0, 0), hours(1, 20)
    assert grouped(alone, first, last) == [[first, last], [alone]]


def test_listings_are_never_mixed() -> None:
    news, articles = hours(0, 0), hours(1, 10, collection="articles")
    later = hours(2, 20)
    assert grouped(later, articles, news) == [[news, later], [articles]]


def test_snapshots_come_in_order_of_time() -> None:
    first, second, third = hours(0, 0), page(captured=after(instant(1800))), hours(50, 0)
    assert grouped(third, second, first) == [[first], [second], [third]]


TIMES = st.integers(0, 60).map(lambda number: at(instant(number * 3600)))
BOUNDS = st.integers(0, 2).map(lambda number: after(instant(number * 3600)))
INTERVALS = st.integers(1, 4).map(lambda number: at(instant(0), instant(number * 3600)))
CAPTURES = st.lists(
    st.builds(
        page,
        captured=st.one_of(TIMES, TIMES, BOUNDS, INTERVALS),
        position=st.sampled_from([None, 0, 10, 20]),
        collection=st.sampled_from(["news", "articles"]),
        sha256=st.sampled_from(["0" * 64, "1" * 64]),
        url=st.sampled_from([None, "http://a/"]),
    ),
    max_size=12,
)


@given(CAPTURES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(pages: list[Page], random: object) -> None:
    shuffled = pages.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert grouped(*shuffled) == grouped(*pages)


@given(CAPTURES)
def test_every_group_keeps_the_rule_and_no_capture_is_lost(pages: list[Page]) -> None:
    groups = grouped(*pages)
    assert sorted(map(repr, pages)) == sorted(repr(member) for members in groups for member in members)
    for members in groups:
        if len(members) == 1:
            continue
        assert all(member.captured.known for member in members)
        assert len({member.collection for member in members}) == 1
        positions = [member.position for member in members]
        assert None not in positions
        assert len(set(positions)) == len(positions)
        moments = [datetime.fromisoformat(member.captured.since) for member in members]
        assert all(timedelta() <= later - earlier <= timedelta(hours=24) for earlier, later in pairwise(moments))
    assert [members[0].captured.since for members in groups] == sorted(members[0].captured.since for members in groups)


def beside(number: float, **given: Any) -> Page:
    return hours(number, None, layout=None, **given)


def with_those(*pages: Page) -> list[list[Page]]:
    return group(pages, lambda page: page.collection, lambda page: page.layout is not None)


def test_a_capture_that_shows_no_listing_takes_no_place_in_it() -> None:
    first, error, second = hours(0, 0), beside(1), hours(DAY, 10)
    assert with_those(second, error, first) == [[first, error, second]]


def test_one_stands_beside_the_nearest_and_alone_where_none_is_near() -> None:
    one, other = hours(0, 0), hours(30, 10)
    near, far, farther = beside(20), beside(DAY + 31), beside(60)
    assert with_those(one, other, near) == [[one], [near, other]]
    assert with_those(one, far, farther) == [[one], [far, farther]]


def test_one_of_another_listing_stands_alone() -> None:
    news, error = hours(0, 0), beside(1, collection="articles")
    assert with_those(news, error) == [[news], [error]]
