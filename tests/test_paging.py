"""The walk through a listing, against a listing that changes between any two requests."""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.paging import ASTRAY, ListingWalk
from psgcrawl.records import Page, replace
from tests.archive.making import entry, page

STEP = 10


@dataclass
class Site:
    """A listing: ids, newest first; ``before`` is called with the number of each request before it is answered."""

    ids: list[str]
    before: Callable[["Site", int], None] = lambda _site, _number: None
    answer: Callable[["Site", int], tuple[Page, int | None]] | None = None
    asked: list[int] = field(default_factory=list)
    ever: set[str] = field(default_factory=set)

    def page(self, position: int) -> tuple[Page, int | None]:
        shown = self.ids[position : position + STEP]
        link = position + STEP if position + STEP < len(self.ids) else None
        return self.made(position, shown), link

    @staticmethod
    def made(position: int, shown: list[str]) -> Page:
        return page(*(entry(id_) for id_ in shown), position=position, lists=["news"] * len(shown))

    def walk(self, walk: ListingWalk) -> set[str]:
        """Walk, and return the ids that were seen."""
        seen: set[str] = set()
        position: int | None = 0
        while position is not None:
            self.before(self, len(self.asked))
            self.asked.append(position)
            found, link = self.answer(self, position) if self.answer else self.page(position)
            seen |= {one.id for one in found.entries}
            position = walk.next(found, link)
        assert walk.over
        return seen


def ids(number: int) -> list[str]:
    return [f"news-article-{n}" for n in range(number, 0, -1)]


@pytest.mark.parametrize("number", [11, 19, 33])
def test_a_listing_is_read_to_its_short_last_page_and_no_further(number: int) -> None:
    site, walk = Site(ids(number)), ListingWalk("news")
    assert site.walk(walk) == set(site.ids)
    assert site.asked == list(range(0, number, STEP))
    coverage = walk.coverage()
    assert (coverage.complete, coverage.end, walk.trouble) == (True, "short-page", None)
    assert (coverage.positions, coverage.gaps) == ([(0, (number - 1) // STEP * STEP)], [])


def test_behind_a_full_last_page_whose_pager_ends_an_empty_page_is_the_end() -> None:
    site, walk = Site(ids(30)), ListingWalk("news")
    assert site.walk(walk) == set(site.ids)
    assert site.asked == [0, 10, 20, 30]
    assert (walk.coverage().complete, walk.coverage().end) == (True, "short-page")
    assert walk.coverage().positions == [(0, 20)]


def test_an_empty_page_where_the_pager_led_on_is_no_end() -> None:
    def broken(site: Site, position: int) -> tuple[Page, int | None]:
        return site.page(position) if position < 20 else (site.made(position, []), None)

    site, walk = Site(ids(33), answer=broken), ListingWalk("news")
    site.walk(walk)
    assert walk.trouble == "position 20: an empty page, which proves no end"
    assert (walk.coverage().complete, walk.coverage().end) == (False, None)


def test_an_empty_first_page_is_no_listing() -> None:
    site, walk = Site([]), ListingWalk("news")
    site.walk(walk)
    assert walk.trouble == "position 0: an empty page, which proves no end"


def test_a_server_that_goes_on_with_the_last_page_is_asked_twice() -> None:
    def clamped(site: Site, position: int) -> tuple[Page, int | None]:
        found, link = site.page(min(position, 20))
        return replace(found, position=position), link

    site, walk = Site(ids(30), answer=clamped), ListingWalk("news")
    assert site.walk(walk) == set(site.ids)
    assert site.asked == [0, 10, 20, 30, 40]
    assert (walk.coverage().complete, walk.coverage().end, walk.trouble) == (True, "repeat", None)


def test_without_pagers_a_server_that_goes_on_with_a_full_page_could_be_stuck() -> None:
    def clamped(site: Site, position: int) -> tuple[Page, int | None]:
        found, _ = site.page(min(position, 20))
        return replace(found, position=position), None

    site, walk = Site(ids(30), answer=clamped), ListingWalk("news")
    assert site.walk(walk) == set(site.ids)
    assert (walk.coverage().complete, walk.coverage().end, walk.trouble) == (False, "repeat", None)


def test_a_page_that_comes_again_and_again_and_leads_on_is_left() -> None:
    def stuck(site: Site, position: int) -> tuple[Page, int | None]:
        found, _ = site.page(min(position, 20))
        return replace(found, position=position), position + STEP

    site, walk = Site(ids(53), answer=stuck), ListingWalk("news")
    site.walk(walk)
    assert site.asked == [0, 10, 20, 30, 40]
    assert walk.trouble == "position 40: the same page for the third time, though its pager leads on"


def test_a_server_that_ignores_the_position_proves_nothing() -> None:
    def same(site: Site, position: int) -> tuple[Page, int | None]:
        found, _ = site.page(0)
        return replace(found, position=position), position + STEP

    site, walk = Site(ids(33), answer=same), ListingWalk("news")
    site.walk(walk)
    assert walk.trouble == "position 10: the first page again: the server ignores the position"
    assert not walk.coverage().complete


def test_a_page_that_others_have_shown_ends_a_walk_in_a_circle() -> None:
    def circle(site: Site, position: int) -> tuple[Page, int | None]:
        found, _ = site.page(position % 30)
        return replace(found, position=position), position + STEP

    site, walk = Site(ids(30), answer=circle), ListingWalk("news")
    site.walk(walk)
    assert walk.trouble == "position 30: only entries that other pages have shown"


def test_a_listing_without_end_is_left() -> None:
    def endless(site: Site, position: int) -> tuple[Page, int | None]:
        return site.made(position, [f"news-article-{position + n}" for n in range(STEP)]), position + STEP

    site, walk = Site([], answer=endless), ListingWalk("news", most=7)
    site.walk(walk)
    assert (len(site.asked), walk.trouble) == (7, "7 pages, and no end in sight")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"layout": None, "problems": ("no layout recognises the page",)}, "no layout recognises the page"),
        ({"problems": ("truncation: the page never ends",)}, "truncation: the page never ends"),
        ({"problems": ("unread block: something",)}, "unread block: something"),
    ],
)
def test_a_page_that_was_not_read_whole_ends_the_walk(given: dict[str, object], why: str) -> None:
    def cut(site: Site, position: int) -> tuple[Page, int | None]:
        found, link = site.page(position)
        return (replace(found, **given) if position == 10 else found), link

    site, walk = Site(ids(33), answer=cut), ListingWalk("news")
    site.walk(walk)
    assert (site.asked, walk.trouble) == ([0, 10], f"position 10: {why}")
    assert not walk.coverage().complete


def test_a_page_that_could_not_be_had_is_trouble() -> None:
    walk = ListingWalk("news")
    walk.fail(0, "HTTP 500")
    assert (walk.trouble, walk.coverage().complete, walk.coverage().positions) == ("position 0: HTTP 500", False, [])


def test_what_appears_at_the_top_meanwhile_is_fetched_once_the_end_is_reached() -> None:
    def grows(site: Site, number: int) -> None:
        if number == 2:
            site.ids.insert(0, "news-article-100")

    site, walk = Site(ids(33), before=grows), ListingWalk("news")
    assert site.walk(walk) == set(site.ids)
    assert site.asked == [0, 10, 20, 30, 0]
    assert walk.coverage().complete


@pytest.mark.parametrize("number", [10, 11, 25])
def test_many_new_entries_at_once_are_followed_down_until_they_join(number: int) -> None:
    def grows(site: Site, request: int) -> None:
        if request == 1:
            site.ids[:0] = [f"news-article-{100 + n}" for n in range(number, 0, -1)]

    site, walk = Site(ids(33), before=grows), ListingWalk("news")
    seen = site.walk(walk)
    if walk.trouble is None:
        assert seen == set(site.ids)
    else:
        assert "the first page again" in walk.trouble


def test_where_a_known_entry_seems_to_be_gone_its_page_is_read_again() -> None:
    def shrinks(site: Site, number: int) -> None:
        if number == 1:
            site.ids.remove("news-article-30")

    site = Site(ids(33), before=shrinks)
    walk = ListingWalk("news", known=ids(33))
    # 23 slipped from the second page to the first, which had been read.
    assert site.walk(walk) == {*ids(33)}
    assert site.asked == [0, 10, 20, 30, 0]
    again = ListingWalk("news", known=ids(33))
    assert Site(list(site.ids)).walk(again) == set(site.ids)


def test_since_ends_with_the_page_that_is_older_and_proves_no_end() -> None:
    def dated(site: Site, position: int) -> tuple[Page, int | None]:
        found, link = site.page(position)
        day = "2019-01-01" if position < 20 else "2010-01-01"
        older = [replace(one, date_earliest=day, date_latest=day) for one in found.entries]
        return replace(found, entries=tuple(older)), link

    site, walk = Site(ids(53), answer=dated), ListingWalk("news", since="2015-01-01")
    site.walk(walk)
    assert site.asked == [0, 10, 20]
    assert (walk.coverage().complete, walk.coverage().end, walk.trouble) == (False, "limit", None)


changes = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 3), st.lists(st.integers(0, 60), max_size=2)), max_size=5
)


@given(st.integers(1, 60), changes)
def test_a_complete_walk_has_seen_everything_known_that_was_listed_all_the_time(
    number: int, changes: list[tuple[int, int, list[int]]]
) -> None:
    fresh = iter(range(1000, 2000))

    def change(site: Site, request: int) -> None:
        for when, added, removed in changes:
            if when == request:
                site.ids[:0] = [f"news-article-{next(fresh)}" for _ in range(added)]
                for place in removed:
                    if place < len(site.ids):
                        del site.ids[place]

    site = Site(ids(number), before=change)
    known = list(site.ids)
    walk = ListingWalk("news", known=known)
    seen = site.walk(walk)
    if walk.coverage().complete:
        assert set(known) & set(site.ids) <= seen


@given(st.integers(1, 60), st.integers(1, 25), st.booleans())
def test_a_listing_that_does_not_change_is_read_whole_however_many_a_page_and_with_or_without_pagers(
    number: int, size: int, pagers: bool
) -> None:
    def sized(site: Site, position: int) -> tuple[Page, int | None]:
        more = position + size < len(site.ids)
        return site.made(position, site.ids[position : position + size]), position + size if pagers and more else None

    site, walk = Site(ids(number), answer=sized), ListingWalk("news")
    seen = site.walk(walk)
    coverage = walk.coverage()
    assert coverage.gaps == []
    # Without pagers a full last page could be that of a server that is stuck, and pages that overlap tell the same.
    if pagers or (walk.trouble is None and coverage.end == "short-page"):
        assert (seen, coverage.complete, walk.trouble) == (set(site.ids), True, None)


@pytest.mark.parametrize("number", [7, 23, 30])
def test_without_pagers_a_listing_is_whole_only_where_its_last_page_is_short(number: int) -> None:
    def bare(site: Site, position: int) -> tuple[Page, int | None]:
        return site.page(position)[0], None

    site, walk = Site(ids(number), answer=bare), ListingWalk("news")
    assert site.walk(walk) == set(site.ids)
    # Behind a full page without a pager, an empty one could be an error.
    assert walk.coverage().complete == (number % STEP != 0)
    assert site.asked[-1] == number


@pytest.mark.parametrize("link", [ASTRAY, 0, 990])
def test_a_pager_that_leads_anywhere_but_to_the_next_page_is_not_followed(link: int) -> None:
    def misled(site: Site, position: int) -> tuple[Page, int | None]:
        found, onward = site.page(position)
        return found, None if onward is None else link

    site, walk = Site(ids(33), answer=misled), ListingWalk("news")
    assert site.walk(walk) == set(site.ids)
    assert (site.asked, walk.coverage().complete) == ([0, 10, 20, 30], True)


def test_a_short_page_whose_pager_leads_on_is_no_end() -> None:
    def led_on(site: Site, position: int) -> tuple[Page, int | None]:
        return site.page(position)[0], ASTRAY

    site, walk = Site(ids(33), answer=led_on), ListingWalk("news")
    site.walk(walk)
    assert (walk.trouble, walk.coverage().end) == ("position 40: an empty page, which proves no end", None)


@pytest.mark.parametrize(("number", "complete"), [(30, True), (33, False)])
def test_a_page_that_is_not_there_is_the_end_only_where_the_pager_ended(number: int, complete: bool) -> None:
    site, walk = Site(ids(33)), ListingWalk("news")
    position: int | None = 0
    while position is not None:
        site.ids = ids(number)
        position = walk.fail(30, "HTTP 404", missing=True) if position == 30 else walk.next(*site.page(position))
    coverage = walk.coverage()
    assert (coverage.complete, coverage.gaps) == (complete, [] if complete else [(30, 30)])
    assert walk.trouble == (None if complete else "position 30: HTTP 404")


# --- as the last snapshot has it ------------------------------------------------------


def latest(site: Site) -> ListingWalk:
    return ListingWalk("news", known=list(site.ids), latest=[entry(id_) for id_ in site.ids])


def test_the_first_page_that_is_as_it_was_ends_the_walk() -> None:
    site = Site(ids(53))
    walk = latest(site)
    site.walk(walk)
    assert (site.asked, walk.agreed, walk.trouble) == ([0], 10, None)
    coverage = walk.coverage()
    assert (coverage.complete, coverage.end, coverage.positions, coverage.gaps) == (False, "carried", [(0, 0)], [])


@pytest.mark.parametrize(("new", "asked", "agreed"), [(1, [0, 10], 19), (10, [0, 10], 10), (12, [0, 10, 20], 18)])
def test_behind_new_entries_the_page_that_agrees_may_begin_anywhere(new: int, asked: list[int], agreed: int) -> None:
    site = Site(ids(53))
    walk = latest(site)
    site.ids[:0] = [f"news-article-{100 + n}" for n in range(new)]
    site.walk(walk)
    assert (site.asked, walk.agreed) == (asked, agreed)


def _taken_away(found: list[str]) -> None:
    found.remove("news-article-50")


def _in_another_order(found: list[str]) -> None:
    found.insert(0, found.pop(5))


@pytest.mark.parametrize("change", [_taken_away, _in_another_order])
def test_a_page_with_a_missing_entry_or_in_another_order_is_no_agreement(change: Callable[[list[str]], None]) -> None:
    site = Site(ids(53))
    walk = latest(site)
    change(site.ids)
    site.walk(walk)
    assert (site.asked[:2], walk.coverage().end) == ([0, 10], "carried")


def test_a_page_with_an_edited_entry_is_no_agreement() -> None:
    site = Site(ids(53))
    walk = ListingWalk("news", latest=[entry(id_, title="It was") for id_ in site.ids])
    site.walk(walk)
    assert (walk.coverage().complete, walk.agreed) == (True, None)


def test_what_is_gone_from_above_the_page_that_agrees_is_known() -> None:
    site = Site(ids(53))
    walk = latest(site)
    site.ids.remove("news-article-50")
    site.walk(walk)
    assert walk.gone() == ["news-article-50"]


def test_a_short_page_is_the_end_and_no_agreement() -> None:
    site = Site(ids(7))
    walk = latest(site)
    site.walk(walk)
    assert (walk.coverage().complete, walk.agreed) == (True, None)


def test_a_walk_in_trouble_knows_of_nothing_that_is_gone() -> None:
    walk = ListingWalk("news", known=ids(3))
    walk.fail(0, "HTTP 500")
    assert walk.gone() == []


def test_of_what_pages_showed_a_walk_holds_little() -> None:
    walk, size = ListingWalk("news", most=1_000), 400
    tracemalloc.start()
    for position in range(0, size * STEP, STEP):
        walk.next(Site.made(position, [f"news-article-{position + n}" for n in range(STEP)]), position + STEP)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert walk.entries == size * STEP
    # The ids alone would be 70 bytes each.
    assert used / walk.entries < 40
