"""The rule of coverage in docs/comparing.md, one test for each boundary case."""

from pathlib import Path

import pytest

from psgcrawl.archive.compare.changes import Comparison, Side, Wanted
from psgcrawl.errors import DamagedData, UsageError
from psgcrawl.records import DERIVATION, Captured, Coverage, Entry, ListName, Page, replace
from tests.archive.compare.sides import (
    AFTER,
    BEFORE,
    changes,
    dated,
    file,
    full,
    rewritten,
    said,
    snapshot,
    with_derivation,
)
from tests.archive.making import after, at, page

ITEM = "news-article-1"
EDGES = (dated(900, "2017-01-20"), dated(901, "2017-01-10"))


def became(tmp_path: Path, entry: Entry, *there: Page, **choices: object) -> str:
    """What becomes of an entry that OLD shows on page 0 of news, when NEW is made of these pages."""
    old = snapshot(tmp_path, BEFORE, page(entry, *EDGES))
    return said(old, snapshot(tmp_path, AFTER, *there, **choices)).get(entry.id, "same")


def covering(*, complete: bool = False, end: str | None = None, last: int = 0, listing: str = "news") -> Coverage:
    return Coverage(listing=listing, complete=complete, end=end, positions=[(0, last)], gaps=[])  # type: ignore[arg-type]


# --- partial against partial: dates -----------------------------------------------------


@pytest.mark.parametrize(
    ("day", "claim"),
    [
        ("2017-01-21", "out-of-view"),
        ("2017-01-20", "out-of-view"),
        ("2017-01-19", "removed"),
        ("2017-01-11", "removed"),
        ("2017-01-10", "out-of-view"),
        ("2017-01-09", "out-of-view"),
        ("2017-01", "out-of-view"),
        (None, "out-of-view"),
    ],
    ids=["newer", "as-the-newest", "inside", "inside-at-the-end", "as-the-oldest", "older", "a-month", "undated"],
)
def test_in_a_part_absence_is_claimed_strictly_between_its_newest_and_oldest_date(
    tmp_path: Path, day: str | None, claim: str
) -> None:
    part = full(*EDGES)
    assert became(tmp_path, dated(1, day), part) == claim
    with_it = snapshot(tmp_path, BEFORE, page(dated(1, day), *EDGES))
    without = snapshot(tmp_path, AFTER, part)
    mirrored = said(without, with_it)[ITEM]
    assert mirrored == claim.replace("removed", "added")


TODAY = "2017-02-01"
"""When the side was captured that shows the entry."""


@pytest.mark.parametrize(
    ("day", "claim"),
    [
        ("2017-01-21", "removed"),
        ("2017-01-20", "removed"),
        (TODAY, "removed"),
        # In Lima or London it may be tomorrow already, or still.
        ("2017-02-02", "removed"),
        ("2017-02-03", "out-of-view"),
        ("2030-01-01", "out-of-view"),
        ("2017-01-11", "removed"),
        ("2017-01-10", "out-of-view"),
        ("2017-01-09", "out-of-view"),
        (None, "out-of-view"),
    ],
)
def test_at_the_top_of_a_live_listing_nothing_newer_stood(tmp_path: Path, day: str | None, claim: str) -> None:
    part = replace(full(*EDGES), captured_basis="crawl")
    assert became(tmp_path, dated(1, day), part) == claim
    with_it = snapshot(tmp_path, BEFORE, page(dated(1, day), *EDGES))
    assert said(snapshot(tmp_path, AFTER, part), with_it)[ITEM] == claim.replace("removed", "added")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("further down", {"position": 10}),
        ("by the word of a web archive", {"captured_basis": "memento"}),
        ("by the word of a file", {"captured_basis": "given"}),
        ("no position", {"position": None}),
        ("no order", {"layout": "wordpress-theme"}),
        ("in the order of numbers", {"layout": "wordpress-rest", "url": "https://x.org/posts?orderby=id&order=asc"}),
        ("carried over", {"carried_from": "20170101T000000Z"}),
        ("unread", {"layout": None, "problems": ("no layout recognises the page",)}),
    ],
)
def test_no_other_page_says_what_stood_above_it(tmp_path: Path, name: str, given: dict[str, object]) -> None:
    part = replace(full(*EDGES), **({"captured_basis": "crawl"} | given))
    low = page(dated(903, "2016-12-01"), position=40, captured_basis="crawl")
    assert became(tmp_path, dated(1, "2017-01-21"), part, low) == "out-of-view"


def test_also_the_newest_posts_of_an_api_do_where_it_was_asked_for_them(tmp_path: Path) -> None:
    asked = "https://perusupportgroup.org.uk/wp-json/wp/v2/posts?per_page=20&orderby=date&order=desc"
    part = replace(full(*EDGES), captured_basis="crawl", layout="wordpress-rest", url=asked, position=None)
    assert became(tmp_path, dated(1, "2017-01-21"), part) == "removed"


def test_a_home_page_does_not_it_shows_excerpts(tmp_path: Path) -> None:
    front = replace(full(*EDGES), captured_basis="crawl")
    choices = {"listing": "home", "coverage": covering(end="single-page", listing="home")}
    assert became(tmp_path, dated(1, "2017-01-21"), front, **choices) == "out-of-view"


def test_a_month_is_claimed_where_all_its_days_are_inside(tmp_path: Path) -> None:
    wide = page(dated(900, "2017-02-10"), dated(901, "2016-12-10"))
    assert became(tmp_path, dated(1, "2017-01"), wide) == "removed"


def test_an_entry_of_the_date_of_a_page_boundary_is_claimed_where_both_pages_were_seen(tmp_path: Path) -> None:
    """Entries of one date come in no stable order: on either page it would have been seen."""
    first = full(dated(900, "2017-01-20"), dated(902, "2017-01-12"), fill="2017-01-12")
    second = full(dated(903, "2017-01-12"), dated(901, "2017-01-02"), position=10, fill="2017-01-05")
    item = dated(1, "2017-01-12")
    assert became(tmp_path, item, first, second) == "removed"
    assert became(tmp_path, item, first) == "out-of-view"
    assert became(tmp_path, item, second) == "out-of-view"


def test_nothing_is_claimed_across_a_gap(tmp_path: Path) -> None:
    first = page(dated(900, "2017-01-20"), dated(902, "2017-01-18"))
    second = page(dated(903, "2017-01-12"), dated(901, "2017-01-02"), position=20)
    assert became(tmp_path, dated(1, "2017-01-15"), first, second) == "out-of-view"
    assert became(tmp_path, dated(1, "2017-01-15"), first, replace(second, position=10)) == "removed"
    assert became(tmp_path, dated(1, "2017-01-05"), first, second) == "removed"


def test_a_page_that_nobody_could_read_is_a_gap(tmp_path: Path) -> None:
    first = page(dated(900, "2017-01-20"), dated(902, "2017-01-18"))
    unread = page(position=10, layout=None)
    last = page(dated(903, "2017-01-12"), dated(901, "2017-01-02"), position=20)
    assert became(tmp_path, dated(1, "2017-01-15"), first, unread, last) == "out-of-view"


@pytest.mark.parametrize("problem", ["truncation: the page never ends: it may have been cut", "unread block: a table"])
def test_a_page_that_was_not_read_whole_is_a_gap(tmp_path: Path, problem: str) -> None:
    first = page(dated(900, "2017-01-20"), dated(902, "2017-01-18"))
    cut = page(dated(903, "2017-01-17"), dated(904, "2017-01-14"), position=10)
    last = page(dated(905, "2017-01-10"), dated(901, "2017-01-02"), position=20)
    assert became(tmp_path, dated(1, "2017-01-12"), first, cut, last) == "removed"
    cut = replace(cut, problems=(problem,))
    assert became(tmp_path, dated(1, "2017-01-12"), first, cut, last) == "out-of-view"
    assert became(tmp_path, dated(1, "2017-01-15"), cut) == "out-of-view"
    assert became(tmp_path, dated(1, "2017-01-05"), first, cut, last) == "removed"


def test_a_page_without_position_stands_alone(tmp_path: Path) -> None:
    pages = [
        page(dated(900, "2017-01-20"), dated(902, "2017-01-18"), position=None, url=None),
        page(dated(903, "2017-01-12"), dated(901, "2017-01-02"), position=None, url=None),
    ]
    assert became(tmp_path, dated(1, "2017-01-15"), *pages) == "out-of-view"
    assert became(tmp_path, dated(1, "2017-01-05"), *pages) == "removed"


def test_a_page_without_dated_entries_claims_nothing(tmp_path: Path) -> None:
    undated = page(*(dated(900 + number, None) for number in range(10)), position=10)
    assert became(tmp_path, dated(1, "2017-01-15"), undated) == "out-of-view"


def test_a_snapshot_without_the_list_claims_nothing_of_it(tmp_path: Path) -> None:
    names: list[ListName] = ["articles", "articles"]
    assert became(tmp_path, dated(1, "2017-01-15"), page(*EDGES, lists=names)) == "out-of-view"


# --- undated entries --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "last", "claim"),
    [
        ("short-page", 0, "removed"),
        ("total", 0, "removed"),
        ("repeat", 0, "removed"),
        ("limit", 0, "out-of-view"),
        ("carried", 0, "out-of-view"),
        (None, 0, "out-of-view"),
        ("short-page", 10, "out-of-view"),
    ],
)
def test_an_undated_entry_is_claimed_where_the_last_page_was_seen(
    tmp_path: Path, end: str | None, last: int, claim: str
) -> None:
    assert became(tmp_path, dated(1, None), full(*EDGES), coverage=covering(end=end, last=last)) == claim


@pytest.mark.parametrize("given", [{"date_edtf": "XXXX-02-27"}, {"flags": ["impossible-date"]}])
def test_an_entry_whose_date_cannot_be_placed_is_not_among_the_undated_at_the_end(
    tmp_path: Path, given: dict[str, object]
) -> None:
    entry = dated(1, None, **given)
    assert became(tmp_path, entry, full(*EDGES), coverage=covering(end="short-page")) == "out-of-view"
    assert became(tmp_path, entry, full(*EDGES), coverage=covering(complete=True, end="short-page")) == "removed"


def test_the_end_of_one_list_is_not_the_end_of_another(tmp_path: Path) -> None:
    pages = full(*EDGES)
    covered = covering(end="short-page", listing="articles")
    assert became(tmp_path, dated(1, None), pages, coverage=covered) == "out-of-view"


# --- complete ---------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2018-01-01", "2017-01-10", "1999-01-01", None])
def test_a_complete_snapshot_claims_for_every_entry_of_its_list(tmp_path: Path, day: str | None) -> None:
    assert became(tmp_path, dated(1, day), page(*EDGES)) == "removed"


def test_partial_against_complete_each_side_claims_for_itself(tmp_path: Path) -> None:
    part = snapshot(tmp_path, BEFORE, full(dated(1, "2017-01-12"), *EDGES, position=10))
    whole = snapshot(tmp_path, AFTER, page(dated(2, "2017-01-13"), dated(3, "2017-01-25"), *EDGES))
    found = said(part, whole)
    assert (found[ITEM], found["news-article-2"], found["news-article-3"]) == ("removed", "added", "out-of-view")


def test_a_complete_snapshot_of_a_collection_with_another_name_claims_for_its_lists_in_part(tmp_path: Path) -> None:
    assert became(tmp_path, dated(1, "1999-01-01"), page(*EDGES), listing="example") == "removed"


def test_a_complete_snapshot_says_nothing_of_another_list(tmp_path: Path) -> None:
    item = dated(1, "1999-01-01")
    old = snapshot(tmp_path, BEFORE, page(item, *EDGES, lists=["articles", "news", "news"]))
    assert said(old, snapshot(tmp_path, AFTER, page(*EDGES))) == {ITEM: "out-of-view"}


# --- carried pages ----------------------------------------------------------------------


def carried(side: Side, *positions: int) -> Side:
    return rewritten(
        side, lambda row: replace(row, carried_from="20170101T000000Z") if row.position in positions else row
    )


def test_a_carried_page_claims_nothing_and_breaks_a_run(tmp_path: Path) -> None:
    pages = [
        full(dated(900, "2017-01-20"), fill="2017-01-18"),
        full(position=10, fill="2017-01-14"),
        page(dated(901, "2017-01-02"), dated(902, "2017-01-10"), position=20),
    ]
    old = snapshot(tmp_path, BEFORE, page(dated(1, "2017-01-16"), dated(2, "2017-01-05"), dated(3, None)))
    whole = snapshot(tmp_path, AFTER, *pages)
    items = [ITEM, "news-article-2", "news-article-3"]
    assert [said(old, whole)[item] for item in items] == ["removed"] * 3
    assert [said(old, carried(whole, 10))[item] for item in items] == ["out-of-view", "removed", "removed"]
    assert [said(old, carried(whole, 10, 20))[item] for item in items] == ["out-of-view"] * 3


def test_an_entry_on_a_carried_page_still_has_its_place(tmp_path: Path) -> None:
    old = carried(snapshot(tmp_path, BEFORE, full(dated(1, "2017-01-12"), *EDGES)), 0)
    assert said(old, snapshot(tmp_path, AFTER, full(*EDGES)))[ITEM] == "removed"


# --- whole lists, home ------------------------------------------------------------------


def home(*entries: tuple[Entry, ListName]) -> Page:
    return page(*(entry for entry, _ in entries), lists=[name for _, name in entries], collection="home")


NOTICE = dated(1, "2010-01-01", kind="notice")
NEWS: list[tuple[Entry, ListName]] = [(dated(10, "2017-02-10"), "news"), (dated(11, "2017-01-10"), "news")]
ARTICLES: list[tuple[Entry, ListName]] = [(dated(20, "2017-02-05"), "articles"), (dated(21, "2016-11-01"), "articles")]


def on_home(tmp_path: Path, *, old: Page, new: Page) -> dict[str, str]:
    return said(snapshot(tmp_path, BEFORE, old, listing="home"), snapshot(tmp_path, AFTER, new, listing="home"))


@pytest.mark.parametrize("left", [[(dated(2, "2009-01-01", kind="notice"), "notices")], []], ids=["others", "none"])
def test_in_a_whole_list_absence_is_always_claimed(tmp_path: Path, left: list[tuple[Entry, ListName]]) -> None:
    old = home(*NEWS, (NOTICE, "notices"), *left)
    assert on_home(tmp_path, old=old, new=home(*NEWS, *left)) == {ITEM: "removed"}
    assert on_home(tmp_path, old=home(*NEWS, *left), new=old) == {ITEM: "added"}


def test_another_page_without_the_whole_list_claims_nothing_of_it(tmp_path: Path) -> None:
    old = snapshot(tmp_path, BEFORE, page(NOTICE, *EDGES, lists=["notices", "news", "news"]))
    other = full(*EDGES, position=10)
    assert said(old, snapshot(tmp_path, AFTER, other))[ITEM] == "out-of-view"


def test_on_the_home_page_each_list_has_its_own_dates(tmp_path: Path) -> None:
    """15 December lies between the dates of the articles, and before those of the news."""
    old = home((dated(1, "2016-12-15"), "news"), (dated(2, "2016-12-15"), "articles"), *NEWS, *ARTICLES)
    assert on_home(tmp_path, old=old, new=home(*NEWS, *ARTICLES)) == {
        ITEM: "out-of-view",
        "news-article-2": "removed",
    }


def test_an_entry_in_two_lists_is_claimed_if_one_of_them_claims(tmp_path: Path) -> None:
    item = dated(1, "2016-12-15")
    old = home((item, "news"), (item, "articles"), *NEWS, *ARTICLES)
    assert on_home(tmp_path, old=old, new=home(*NEWS, *ARTICLES)) == {ITEM: "removed"}


def test_home_pages_never_form_a_run(tmp_path: Path) -> None:
    lower = home((dated(12, "2016-10-10"), "news"), (dated(13, "2016-09-01"), "news"))
    both = snapshot(tmp_path, AFTER, home(*NEWS), replace(lower, position=10), listing="home")
    old = snapshot(tmp_path, BEFORE, home((dated(1, "2016-12-15"), "news"), *NEWS), listing="home")
    assert said(old, both)[ITEM] == "out-of-view"


# --- lists that keep only recent entries ------------------------------------------------


POSTED = [dated(1, "2016-01-05"), dated(2, "2016-01-07"), dated(3, "2016-01-09")]


def posts(tmp_path: Path, captured: Captured, *entries: Entry, complete: bool = True) -> Side:
    return snapshot(
        tmp_path,
        captured,
        page(*entries, lists=["posts"] * len(entries)),
        listing="posts",
        coverage=covering(complete=complete, end="total", listing="posts"),
    )


def test_what_lies_before_all_that_a_recent_list_still_shows_has_aged_out(tmp_path: Path) -> None:
    old = posts(tmp_path, BEFORE, *[dated(number, f"2016-01-{number:02d}") for number in range(1, 10)])
    new = posts(tmp_path, AFTER, *[dated(number, f"2016-01-{number:02d}") for number in (5, 6, 8, 9)])
    assert said(old, new) == {
        "news-article-7": "removed",
        **{f"news-article-{number}": "aged-out" for number in (4, 3, 2, 1)},
    }
    assert said(new, old) == {f"news-article-{number}": "added" for number in (7, 4, 3, 2, 1)}


def test_aged_out_needs_a_complete_view_a_recent_list_a_date_and_later_sight(tmp_path: Path) -> None:
    kept, gone = [dated(8, "2016-01-08"), dated(9, "2016-01-09")], dated(1, "2016-01-01")
    old = posts(tmp_path, BEFORE, gone, *kept)
    assert said(old, posts(tmp_path, AFTER, *kept)) == {ITEM: "aged-out"}
    assert said(old, posts(tmp_path, AFTER, *kept, complete=False)) == {ITEM: "out-of-view"}
    same_day = posts(tmp_path, BEFORE, dated(1, "2016-01-08"), *kept)
    assert said(same_day, posts(tmp_path, AFTER, *kept)) == {ITEM: "removed"}
    undated = posts(tmp_path, BEFORE, dated(1, None), *kept)
    assert said(undated, posts(tmp_path, AFTER, *kept)) == {ITEM: "removed"}
    # The other way round the entry came later, out of the past: backwards in time nothing ages.
    earlier, later = posts(tmp_path, BEFORE, *kept), posts(tmp_path, AFTER, gone, *kept)
    assert said(earlier, later) == {ITEM: "added"}
    assert said(later, earlier) == {ITEM: "removed"}
    news = snapshot(tmp_path, BEFORE, page(gone, *kept)), snapshot(tmp_path, AFTER, page(*kept))
    assert said(*news) == {ITEM: "removed"}


def test_a_recent_list_that_shows_no_date_ages_nothing_out(tmp_path: Path) -> None:
    old = posts(tmp_path, BEFORE, dated(1, "2016-01-01"), dated(2, None))
    assert said(old, posts(tmp_path, AFTER, dated(2, None))) == {ITEM: "removed"}


@pytest.mark.parametrize("layout", ["wordpress-rest", "wordpress-feed"])
def test_what_an_interface_with_all_posts_shows_no_more_is_removed_however_old(tmp_path: Path, layout: str) -> None:
    old, new = posts(tmp_path, BEFORE, *POSTED), posts(tmp_path, AFTER, *POSTED[1:])
    assert said(old, new) == {ITEM: "aged-out"}
    assert said(old, rewritten(new, lambda row: replace(row, layout=layout))) == {ITEM: "removed"}


@pytest.mark.parametrize("layout", ["wordpress-rest", "wordpress-theme"])
def test_pages_that_are_not_in_the_order_of_dates_claim_nothing_between_them(tmp_path: Path, layout: str) -> None:
    new = posts(tmp_path, AFTER, *POSTED, complete=False)
    between = posts(tmp_path, BEFORE, *POSTED, dated(4, "2016-01-08"))
    assert said(between, new) == {"news-article-4": "removed"}
    assert said(between, rewritten(new, lambda row: replace(row, layout=layout))) == {"news-article-4": "out-of-view"}


# --- order ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "ordered"),
    [
        (BEFORE, AFTER, True),
        (AFTER, BEFORE, True),
        (BEFORE, BEFORE, False),
        (after("2017-01-01T00:00:00Z"), after("2018-01-01T00:00:00Z"), False),
        (BEFORE, after("2018-01-01T00:00:00Z"), True),
        (AFTER, after("2017-01-01T00:00:00Z"), False),
        (at("2017-01-01T00:00:00Z", "2017-01-02T00:00:00Z"), at("2017-01-02T00:00:00Z"), False),
        (at("2017-01-01T00:00:00Z", "2017-01-02T00:00:00Z"), at("2017-01-02T00:00:01Z"), True),
        (at("2017-01-01T00:00:00Z", "2017-03-02T00:00:00Z"), BEFORE, False),
    ],
    ids=["after", "before", "same", "two-bounds", "bound-after", "bound-over", "touching", "apart", "inside"],
)
def test_order_is_known_where_capture_times_do_not_overlap(
    tmp_path: Path, one: Captured, other: Captured, ordered: bool
) -> None:
    old = snapshot(tmp_path, one, page(dated(1, "2017-01-15"), *EDGES))
    new = snapshot(tmp_path, other, page(dated(2, "2017-01-14"), *EDGES))
    for first, second in ((old, new), (new, old)):
        comparison = Comparison(first, second)
        assert comparison.ordered is ordered
        names = {change.change for change in comparison.changes()}
        if ordered and one.known and other.known:
            assert names == {"added", "removed"}
        elif not ordered:
            assert names == {"absent"}


def test_two_files_make_no_claim(tmp_path: Path) -> None:
    old = file(tmp_path / "a.jsonl", [dated(1, "2017-01-15"), dated(3, "2017-01-15")])
    new = file(tmp_path / "b.jsonl", [dated(2, "2016-01-14"), dated(3, "2017-01-15", caption="new")])
    assert not Comparison(old, new).ordered
    assert said(old, new) == {ITEM: "absent", "news-article-2": "absent", "news-article-3": "edited"}
    side = snapshot(tmp_path, AFTER, page(dated(2, "2016-01-14")))
    assert said(old, side) == {ITEM: "absent", "news-article-2": "absent", "news-article-3": "absent"}


# --- what can be shown ------------------------------------------------------------------


def test_a_field_counts_only_where_both_sides_could_show_it(tmp_path: Path) -> None:
    one, other = dated(1, "2017-01-15"), dated(1, "2017-01-15", caption="A mine", summary="Text")
    old = snapshot(tmp_path, BEFORE, page(one))
    new = snapshot(tmp_path, AFTER, page(other, fields=("caption", "dateline", "summary", "title")))
    (change,) = changes(old, new)
    assert (change.change, change.fields, change.matched_by) == ("edited", ["summary"], "identity")
    assert changes(old, snapshot(tmp_path, AFTER, page(other, fields=("caption", "url")))) == []


def test_an_entry_on_two_pages_can_show_what_either_can(tmp_path: Path) -> None:
    one, other = dated(1, "2017-01-15"), dated(1, "2017-01-15", caption="A mine", summary="Text")
    old = snapshot(tmp_path, BEFORE, page(one, fields=("caption", "summary")))
    pages = [page(other, fields=("caption",)), page(other, dated(2, "2017-01-14"), fields=("summary",), position=10)]
    (change,) = [change for change in changes(old, snapshot(tmp_path, AFTER, *pages)) if change.change == "edited"]
    assert change.fields == ["summary", "caption"]
    (change,) = changes(old, snapshot(tmp_path, AFTER, pages[0], page(position=10, fields=("url",))))
    assert change.fields == ["caption"]


def test_what_a_page_shows_last_before_it_breaks_off_is_no_edit(tmp_path: Path) -> None:
    whole = [dated(1, "2017-01-15", summary="Text that goes on"), dated(2, "2017-01-14", summary="Text that goes on")]
    old = snapshot(tmp_path, BEFORE, page(*whole))
    cut = page(
        dated(1, "2017-01-15", summary="Other"), dated(2, "2017-01-14", summary="Text"), problems=("truncation: x",)
    )
    (change,) = changes(old, snapshot(tmp_path, AFTER, cut))
    assert (change.id, change.fields) == (ITEM, ["summary"])
    again = page(dated(2, "2017-01-14", summary="Text that was changed"), position=10)
    new = snapshot(tmp_path, AFTER, cut, replace(again, captured=at("2017-03-01T06:00:01Z")))
    assert {change.id for change in changes(old, new)} == {ITEM, "news-article-2"}


def test_a_changed_date_is_an_edit_of_the_dateline_and_no_removal(tmp_path: Path) -> None:
    old = snapshot(tmp_path, BEFORE, page(dated(1, "2011-04-01"), *EDGES))
    new = snapshot(tmp_path, AFTER, page(dated(1, None, dateline="31 December 1969", flags=["epoch-date"]), *EDGES))
    (change,) = changes(old, new)
    assert (change.change, change.id, change.matched_by, change.fields) == ("edited", ITEM, "identity", ["dateline"])


def test_what_follows_from_a_dateline_is_no_edit_of_its_own(tmp_path: Path) -> None:
    one = dated(1, "2017-01-15")
    notes: list[str] = []
    old = file(tmp_path / "a.jsonl", [one])
    new = file(tmp_path / "b.jsonl", [replace(one, flags=["mojibake"], issue=7, date_edtf="2017-01")])
    assert list(Comparison(old, new, note=notes.append).changes()) == []
    assert notes[0].startswith("1 entries differ only in what follows from other fields")


def test_a_field_that_a_reader_does_not_know_is_no_change(tmp_path: Path) -> None:
    old = file(tmp_path / "a.jsonl", [dated(1, "2017-01-15")])
    new = Side("b", tmp_path / "b.jsonl")
    new.entries.write_bytes(old.entries.read_bytes().replace(b'"flags":[]', b'"flags":[],"later":1'))
    assert changes(old, new) == []


def test_a_changed_kind_is_no_edit(tmp_path: Path) -> None:
    old = snapshot(
        tmp_path, BEFORE, page(dated(1, "2017-01-15", kind="notice"), *EDGES, lists=["notices", "news", "news"])
    )
    new = snapshot(tmp_path, AFTER, page(dated(1, "2017-01-15"), *EDGES))
    assert [(change.change, change.old is None) for change in changes(old, new)] == [
        ("removed", False),
        ("added", True),
    ]


def test_fields_can_be_ignored_and_kinds_chosen(tmp_path: Path) -> None:
    old = snapshot(tmp_path, BEFORE, page(dated(1, "2017-01-15"), *EDGES))
    edited = dated(1, "2017-01-15", title="Another", summary="Another")
    new = snapshot(
        tmp_path,
        AFTER,
        page(edited, dated(2, None, kind="boilerplate"), *EDGES, lists=["news", "boilerplate", "news", "news"]),
    )
    (change, other) = changes(old, new, Wanted(ignore=frozenset({"title"})))
    assert (change.fields, other.id) == (["summary"], "news-article-2")
    assert said(old, new, Wanted(ignore=frozenset({"title", "summary"}))) == {"news-article-2": "added"}
    assert said(old, new, Wanted(kinds=frozenset({"entry"}))) == {ITEM: "edited"}
    assert said(old, new, Wanted(kinds=frozenset({"boilerplate"}))) == {"news-article-2": "added"}


# --- trouble ----------------------------------------------------------------------------


def test_unequal_derivations_are_not_compared(tmp_path: Path) -> None:
    old = snapshot(tmp_path, BEFORE, page(dated(1, "2017-01-15")))
    new = with_derivation(snapshot(tmp_path, AFTER, page(dated(1, "2017-01-15"))), DERIVATION + 1)
    told = f"20170201T060000Z was written under derivation {DERIVATION}, 20170301T060000Z under {DERIVATION + 1}"
    with pytest.raises(UsageError, match=told):
        Comparison(old, new)


def test_an_entry_that_no_page_shows_is_damage(tmp_path: Path) -> None:
    old = snapshot(tmp_path, BEFORE, page(dated(1, "2017-01-15"), *EDGES))
    old = rewritten(old, lambda row: replace(row, lists=[]))
    with pytest.raises(DamagedData, match=r"pages\.jsonl: no page shows the entry 'news-article-1'"):
        said(old, snapshot(tmp_path, AFTER, page(*EDGES)))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"{}\n", "pages.jsonl:1: no 'url' field"),
        (b'{"layout"', "pages.jsonl:1: the last line has no line end"),
        (b"\xff\n", "pages.jsonl:1: not UTF-8"),
        (None, "pages.jsonl: the file is missing"),
    ],
)
def test_damaged_pages_are_named(tmp_path: Path, data: bytes | None, problem: str) -> None:
    old = snapshot(tmp_path, BEFORE, page(dated(1, "2017-01-15"), *EDGES))
    new = snapshot(tmp_path, AFTER, page(*EDGES))
    pages = new.entries.with_name("pages.jsonl")
    if data is None:
        pages.unlink()
    else:
        pages.write_bytes(data)
    with pytest.raises(DamagedData, match=problem):
        said(old, new)


def test_what_is_older_than_a_part_that_reaches_the_end_is_out_of_view(tmp_path: Path) -> None:
    part = full(*EDGES)
    assert became(tmp_path, dated(1, "1999-01-01"), part, coverage=covering(end="short-page")) == "out-of-view"


def test_a_home_page_that_nobody_could_read_has_no_list_to_miss(tmp_path: Path) -> None:
    old = home(*NEWS, (NOTICE, "notices"))
    found = on_home(tmp_path, old=old, new=page(layout=None, collection="home"))
    assert set(found.values()) == {"out-of-view"}


def test_pages_of_excerpts_form_no_run_wherever_they_stand(tmp_path: Path) -> None:
    item = dated(1, "2017-01-15")
    upper = home((dated(900, "2017-01-20"), "news"), (dated(902, "2017-01-18"), "news"), *ARTICLES)
    lower = home((dated(903, "2017-01-12"), "news"), (dated(901, "2017-01-02"), "news"), *ARTICLES)
    old = snapshot(tmp_path, BEFORE, page(item), listing="example")
    for coverage, claim in ((covering(listing="example"), "out-of-view"), (covering(complete=True), "removed")):
        new = snapshot(tmp_path, AFTER, upper, replace(lower, position=10), coverage=coverage)
        assert said(old, new)[ITEM] == claim


def test_a_page_without_position_breaks_no_run_of_others(tmp_path: Path) -> None:
    pages = [
        page(dated(900, "2017-01-20"), dated(902, "2017-01-18")),
        page(dated(904, "2010-01-02"), position=None, url=None),
        page(dated(903, "2017-01-12"), dated(901, "2017-01-02"), position=10),
    ]
    assert became(tmp_path, dated(1, "2017-01-15"), *pages) == "removed"
