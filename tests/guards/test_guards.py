"""Each guard refuses a crawl that it must refuse, and lets one near it pass."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.guards import Limits
from psgcrawl.records import Entry, replace
from tests.archive import making
from tests.guards.making import LIMITS, entry, guards, home, listing, pages, part, seen, undated, view, words

PAST = seen(listing(1000))


def foreign(newest: int, size: int = 33) -> list[Entry]:
    """The entries of another site, as new and as many."""
    return [
        replace(one, id=f"x-f{place:015x}", title=f"Cheap flats {place}")
        for place, one in enumerate(listing(newest, size))
    ]


def test_an_ordinary_week_passes() -> None:
    assert guards(seen(listing(1003, 36)), PAST) == []


def test_a_listing_that_did_not_change_passes() -> None:
    assert guards(PAST, PAST) == []


# --- unread ------------------------------------------------------------------------------


def test_a_crawl_of_pages_that_no_layout_fits_is_refused_for_that_alone() -> None:
    strange = view([making.page(layout=None, fields=(), problems=("no layout recognises the page",))])
    reason = "unread: no layout fits 1 of 1 pages (100 %); at most 50 % may (GUARD_UNREAD)"
    assert (words(strange), words(strange, PAST)) == (reason, reason)


def test_half_of_the_pages_may_fit_no_layout() -> None:
    read = pages(listing(1000))[:2]
    strange = [
        replace(page, layout=None, entries=(), lists=(), position=page.position + 20)
        for page in read
        if page.position is not None
    ]
    assert guards(view([*read, *strange])) == []
    assert guards(view([read[0], *strange])) == ["unread"]


def test_pages_beside_the_listing_need_no_layout() -> None:
    beside = [making.page(layout=None, fields=(), position=None, url=f"http://a.example/{n}.html") for n in range(9)]
    assert guards(view([*pages(listing(1000)), *beside]), PAST) == []


# --- known, kept -------------------------------------------------------------------------


def test_entries_of_another_site_are_refused() -> None:
    now = seen(foreign(1003))
    assert guards(now, PAST) == ["known", "kept"]


def test_as_many_strange_entries_as_known_ones_pass_and_one_more_does_not() -> None:
    def mixed(strange: int) -> list[str]:
        # Older than the newest page of the past, beside all that it lists.
        between = [
            replace(one, id=f"x-{place:016x}", title=f"Strange {place}")
            for place, one in enumerate(listing(990, strange))
        ]
        return guards(
            seen(sorted([*listing(1000), *between], key=lambda one: one.date_earliest or "", reverse=True)), PAST
        )

    # Of the 33, 27 are older than the middle of the first page.
    assert [number for number in range(20, 34) if "known" in mixed(number)] == list(range(29, 34))


def test_a_listing_that_is_cut_short_is_refused_with_the_figures() -> None:
    assert words(seen(listing(1000, 18)), PAST) == (
        "kept: 18 of 33 entries (55 %) that 20191001T060000Z lists, and this crawl should have shown, are there; "
        "at least 80 % must be (GUARD_KEPT)"
    )


def test_a_fifth_of_the_entries_may_go() -> None:
    assert [guards(seen(listing(1000)[gone:]), PAST) for gone in (6, 7)] == [[], ["kept"]]


def test_of_a_crawl_that_left_old_pages_out_only_what_it_saw_is_held_against_the_past() -> None:
    assert guards(part(listing(1004, 20)), PAST) == []
    # From 1000 down to 974 it saw only every second entry.
    assert guards(part([one for place, one in enumerate(listing(1004, 30)) if place % 2]), PAST) == ["kept"]


def test_a_full_crawl_after_one_that_left_old_pages_out_passes() -> None:
    assert guards(seen(listing(1002, 395)), part(listing(1000, 20))) == []


def test_a_full_crawl_after_one_that_held_the_listing_to_its_end_is_held_against_all_of_it() -> None:
    assert guards(seen(listing(1002, 395)), part(listing(1000, 20), end="carried")) == ["known", "counts"]


def test_a_crawl_that_asked_for_what_was_changed_is_not_held_against_what_was_not() -> None:
    changed = [replace(one, summary="Edited") for one in (*listing(1000, 2), *listing(970, 2))]
    republished = foreign(990, 20)
    [shown] = pages([*changed, *republished[:6]])
    now = view(
        [replace(shown, position=None)], claimed=replace(PAST.coverage, complete=False, end="carried", positions=[])
    )
    assert guards(now, PAST) == []
    assert guards(replace(now, coverage=PAST.coverage), PAST) == ["known", "kept", "counts"]


def test_a_page_of_ten_that_scrolled_by_a_whole_page_passes() -> None:
    assert guards(part(listing(1010, 10), end=None), part(listing(1000, 10), end=None)) == []


def test_edited_titles_and_dates_do_not_make_an_entry_strange() -> None:
    edited = [replace(one, title=f"{one.title}, edited", summary="Otherwise") for one in listing(1000)]
    assert guards(seen([replace(one, summary=f"{place}") for place, one in enumerate(edited)]), PAST) == []


def test_entries_under_new_addresses_are_known_by_title_and_date() -> None:
    moved = [
        replace(one, id=f"post-{place}", url=f"http://a.example/{place}") for place, one in enumerate(listing(1000))
    ]
    assert guards(seen(moved), PAST) == []


def test_one_misprinted_date_decides_nothing() -> None:
    wrong: dict[str, Any] = {"date_earliest": "2099-01-01", "date_latest": "2099-01-01", "date_edtf": "2099-01-01"}
    past = seen([replace(listing(1000)[0], **wrong), *listing(1000)[1:]])
    assert guards(part(listing(1009, 10)), past) == []


def test_a_listing_of_four_entries_may_change_by_three() -> None:
    small = seen(listing(1000, 4))
    assert guards(seen([*listing(1003, 3), entry(997)]), small) == []
    assert guards(seen(listing(1014, 4)), small) == ["kept"]


def test_a_past_of_years_ago_is_still_in_the_listing() -> None:
    assert guards(seen(listing(1400, 433)), PAST) == []


# --- standing ----------------------------------------------------------------------------

STANDING = [making.entry(f"x-{n:016x}", kind="boilerplate", date_edtf=None, title=f"Standing {n}") for n in range(5)]
AT_HOME = home(listing(1000, 4), listing(700, 4), *STANDING)


def test_a_home_page_of_nothing_that_was_there_is_refused() -> None:
    now = home(foreign(1100, 8)[:4], foreign(1100, 8)[4:])
    assert words(now, AT_HOME) == (
        "standing: no entry of 20191001T060000Z, and 0 of 5 notices and standing blocks of it, are there; "
        "at least 10 % must be (GUARD_STANDING)"
    )


def test_one_entry_or_one_standing_block_is_enough_to_know_a_home_page() -> None:
    assert guards(home(listing(1100, 4), listing(800, 4), STANDING[0]), AT_HOME) == []
    assert guards(home([*listing(1100, 3), entry(1000)], listing(800, 4)), AT_HOME) == []


# --- counts ------------------------------------------------------------------------------


def test_half_of_the_entries_of_a_home_page_may_be_missing_and_no_more() -> None:
    assert guards(home(listing(1000, 4), [], *STANDING), AT_HOME) == []
    assert words(home(listing(1000, 3), [], *STANDING), AT_HOME) == (
        "counts: 3 entries, in 20191001T060000Z 8; at least 0.5 times as many must be (GUARD_FEWER)"
    )


def test_a_listing_may_double_and_grow_by_a_page_and_no_more() -> None:
    assert guards(seen([*listing(1000), *listing(300, 43)]), PAST) == ["known"]
    limits = replace(LIMITS, known=0)
    assert guards(seen([*listing(1000), *listing(300, 43)]), PAST, limits) == []
    assert guards(seen([*listing(1000), *listing(300, 44)]), PAST, limits) == ["counts"]


def test_more_weeks_may_bring_more() -> None:
    # 120 weeks later, with three entries a week.
    assert guards(seen(listing(1360, 393)), PAST) == []


def test_far_more_pages_with_the_same_entries_are_refused() -> None:
    def thin(step: int) -> list[str]:
        shown = [
            making.page(one, position=place * step, captured=making.at("2017-05-20T12:00:00Z"))
            for place, one in enumerate(listing(1000))
        ]
        return guards(view(shown, claimed=PAST.coverage), PAST)

    assert thin(1) == ["counts"]


# --- fields ------------------------------------------------------------------------------


def losing(field: str, number: int) -> list[Entry]:
    """The listing, with so many entries without a field."""
    lost: dict[str, Callable[[Entry], Entry]] = {
        "date": undated,
        "summary": lambda one: replace(one, summary=""),
        "link": lambda one: replace(one, url=None),
    }
    return [lost[field](one) if place < number else one for place, one in enumerate(listing(1000))]


@pytest.mark.parametrize("field", ["date", "summary", "link"])
def test_a_field_may_be_missing_in_three_of_ten_entries_and_no_more(field: str) -> None:
    assert [guards(seen(losing(field, number)), PAST) for number in (9, 10)] == [[], ["fields"]]


def test_a_new_layout_in_which_titles_fill_and_dates_do_not_is_refused() -> None:
    assert words(seen(losing("date", 33), layout="html-new"), PAST) == (
        "fields: 0 of 33 entries (0 %) have a date; in 20191001T060000Z 100 % have, and 30 % fewer may (GUARD_FILLED)"
    )


def test_what_the_past_had_not_either_is_not_missing() -> None:
    assert guards(seen(losing("summary", 33)), seen(losing("summary", 33))) == []


def test_without_past_half_of_the_entries_must_have_a_date() -> None:
    assert guards(seen(losing("date", 16))) == []
    assert words(seen(losing("date", 17))) == (
        "fields: 16 of 33 entries (48 %) have a date; at least 50 % must (GUARD_DATED)"
    )
    assert guards(seen(losing("date", 33), fields=("summary", "title"))) == []


# --- repeated ----------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "word"), [("title", "title"), ("summary", "summary"), ("url", "address")])
def test_half_of_the_entries_may_say_the_same_and_no_more(field: str, word: str) -> None:
    def same(number: int) -> list[Entry]:
        value: dict[str, Any] = {field: "Please log in"}
        return [replace(one, **value) if place < number else one for place, one in enumerate(listing(1000))]

    assert (guards(seen(same(16))), guards(seen(same(16)), PAST)) == ([], [])
    assert words(seen(same(17))) == (
        f"repeated: 17 of 33 entries (52 %) have the same {word}, 'Please log in'; at most 50 % may (GUARD_REPEATED)"
    )
    assert guards(seen(same(17)), PAST) == ["repeated"]
    assert guards(seen(same(17)), seen(same(17))) == []


def test_three_of_four_entries_may_have_one_title() -> None:
    assert (
        guards(seen([replace(one, title="A date for your diary") for one in listing(1000, 3)] + listing(900, 1))) == []
    )


# --- garbled -----------------------------------------------------------------------------


def garbled(number: int) -> list[Entry]:
    """The listing, with so many entries of which letters were lost."""
    return [
        replace(one, title=f"Per\ufffd {place}", flags=["mojibake"]) if place < number else one
        for place, one in enumerate(listing(1000))
    ]


def test_garbled_letters_in_three_of_ten_more_entries_pass_and_no_more() -> None:
    assert [guards(seen(garbled(number)), PAST) for number in (9, 10)] == [[], ["garbled"]]
    assert words(seen(garbled(10))) == (
        "garbled: 10 of 33 entries (30 %) are garbled, 10 of them with U+FFFD; "
        "before it were 0 %, and 30 % more may (GUARD_GARBLED)"
    )


def test_a_listing_that_always_was_garbled_passes() -> None:
    assert guards(seen(garbled(20)), seen(garbled(15))) == []


# --- what must never be refused ----------------------------------------------------------


@st.composite
def weeks(draw: st.DrawFn) -> tuple[list[Entry], list[Entry]]:
    """A listing, and the same after new entries, edits and removals as a busy week has them."""
    size = draw(st.integers(1, 60))
    before = listing(1000, size)
    new = draw(st.integers(0, 10))
    places = st.lists(st.integers(0, size - 1), max_size=2, unique=True)
    gone, edited = draw(places), draw(st.lists(st.integers(0, size - 1), max_size=10, unique=True))
    retitled = draw(st.booleans())
    after = [
        replace(one, summary=f"Edited {place}", title=f"Edited {place}" if retitled else one.title)
        if place in edited
        else one
        for place, one in enumerate(before)
        if place not in gone
    ]
    return before, [*listing(1000 + new, new), *after]


@given(weeks(), st.sampled_from([None, "limit"]))
def test_an_ordinary_scroll_is_never_refused(week: tuple[list[Entry], list[Entry]], end: str | None) -> None:
    before, after = week
    if not after:
        return
    assert guards(seen(after), seen(before)) == []
    assert guards(part(after[:10], end=end), seen(before)) == []
    assert guards(part(after[:10], end=end), part(before[:10], end=end)) == []


@given(weeks())
def test_an_ordinary_scroll_of_a_home_page_is_never_refused(week: tuple[list[Entry], list[Entry]]) -> None:
    before, after = week
    assert guards(home(after[:4], listing(700, 4), *STANDING[:4]), home(before[:4], listing(700, 4), *STANDING)) == []


@given(st.lists(st.integers(1, 60), min_size=1, max_size=60, unique=True))
def test_a_first_crawl_of_a_dated_listing_is_never_refused(numbers: list[int]) -> None:
    assert guards(seen([entry(number) for number in sorted(numbers, reverse=True)])) == []


def test_every_guard_can_be_switched_off() -> None:
    off = Limits(
        spare=0, unread=1, known=0, kept=0, standing=0, fewer=0, more=1000, filled=1, dated=0, repeated=1, garbled=1
    )
    worst = [replace(undated(one), title="Same", summary="", url=None, flags=["mojibake"]) for one in foreign(1000, 9)]
    assert set(guards(seen(worst), PAST)) == {"counts", "fields", "garbled", "kept", "repeated"}
    assert guards(seen(worst), PAST, off) == []


# --- of any length -----------------------------------------------------------------------


def test_what_guards_hold_of_an_entry_and_its_page_is_little() -> None:
    def held(size: int) -> int:
        past, now = seen(listing(20_000, size)), seen(listing(20_003, size))
        tracemalloc.start()
        assert guards(now, past) == []
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    # Both sides: each entry's columns, what finds it by its id, and what its page keeps of it.
    assert (held(1_500) - held(500)) / 1_000 < 400
