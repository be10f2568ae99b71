import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.assemble import assemble, identify, span
from psgcrawl.archive.jsonl import dump_lines
from psgcrawl.records import Captured, Entry, Page, replace
from tests.archive.making import after, at, entry, full_page, page
from tests.archive.plain import canonical

HASH = "x-0123456789abcdef"
LINK = "news-article-1457"
EARLY = at("2017-02-18T06:00:00Z")
LATE = at("2017-02-18T07:00:00Z")


def ids(entries: Iterable[Entry]) -> list[str]:
    return [one.id for one in entries]


def test_equal_entries_are_one() -> None:
    for identity in (HASH, LINK):
        assembled = assemble([page(entry(identity)), page(entry(identity), position=10)])
        assert assembled.entries == [entry(identity)]
        assert [row.lists[0].entries for row in assembled.rows] == [[identity], [identity]]
        assert [row.problems for row in assembled.rows] == [[], []]


def test_of_two_readings_of_a_link_the_later_capture_wins_and_the_other_is_a_problem_of_its_page() -> None:
    old = entry(LINK, title="Peruís lakes", summary="One\n\ntwo", issue=None)
    new = entry(LINK, title="Perú's lakes", summary="One\n\ntwo", issue=55)
    assembled = assemble([page(new, captured=LATE), page(old, captured=EARLY, position=10, problems=("first",))])
    assert assembled.entries == [new]
    assert assembled.rows[0].problems == []
    assert assembled.rows[1].problems == [
        "first",
        f'another reading of {LINK}: issue null, kept 55; title "Peruís lakes", kept "Perú\'s lakes"',
    ]


@pytest.mark.parametrize(
    ("one", "other", "winner"),
    [
        pytest.param(EARLY, LATE, 1, id="by time, not by page order"),
        pytest.param(LATE, EARLY, 0, id="the other way round"),
        pytest.param(EARLY, EARLY, 1, id="at one time, by page order"),
        pytest.param(at("2017-02-01T00:00:00Z", "2017-02-28T00:00:00Z"), LATE, 0, id="by the end of an interval"),
        pytest.param(after("2017-02-18T08:00:00Z"), LATE, 0, id="by the bound, where there is no end"),
    ],
)
def test_the_later_capture_is(one: Captured, other: Captured, winner: int) -> None:
    readings = [entry(LINK, title="one"), entry(LINK, title="other")]
    pages = [page(readings[0], captured=one), page(readings[1], captured=other, position=10)]
    assert assemble(pages).entries == [readings[winner]]


def test_on_one_page_the_later_block_wins() -> None:
    first, second = entry(LINK, title="first"), entry(LINK, title="second")
    assembled = assemble([page(first, second, first)])
    assert assembled.entries == [first]
    assert assembled.rows[0].problems == [f'another reading of {LINK}: title "second", kept "first"']
    assert assembled.rows[0].lists[0].entries == [LINK, LINK, LINK]


def test_an_other_reading_that_a_page_shows_twice_is_one_problem() -> None:
    old, new = entry(LINK, title="old"), entry(LINK, title="new")
    assert len(assemble([page(old, old, new)]).rows[0].problems) == 1


def test_without_a_link_all_stay_numbered_by_the_bytes_of_their_summaries() -> None:
    a, b, c = (entry(HASH, summary=summary) for summary in ("Zebra", "zebra", "é"))
    assembled = assemble([page(c, a), page(b, c, position=10)])
    assert assembled.entries == [a, replace(b, id=f"{HASH}-2"), replace(c, id=f"{HASH}-3")]
    assert [row.lists[0].entries for row in assembled.rows] == [[f"{HASH}-3", HASH], [f"{HASH}-2", f"{HASH}-3"]]
    assert all(row.problems == [] for row in assembled.rows)


def test_equal_summaries_are_numbered_by_all_bytes() -> None:
    a, b = entry(HASH, caption="a"), entry(HASH, caption="b")
    assert assemble([page(b, a)]).entries == [a, replace(b, id=f"{HASH}-2")]


def test_entries_are_sorted_by_first_day_descending_then_by_the_bytes_of_the_id() -> None:
    dates = {"b": "2017-02-17", "a": "2017-02-17", "Z": "2017-02-17", "new": "2018-01-01", "none": None, "Non": None}
    entries = [entry(name, date_earliest=date) for name, date in dates.items()]
    assert ids(assemble([page(*entries)]).entries) == ["new", "Z", "a", "b", "Non", "none"]


def test_a_row_says_of_the_page_what_the_page_says() -> None:
    row = assemble([page(url=None, position=None, status=200, layout=None, problems=("unread",), fields=("title",))])
    assert row.entries == []
    [found] = row.rows
    assert (found.url, found.position, found.status, found.layout) == (None, None, 200, None)
    assert (found.fields, found.problems, found.lists) == (["title"], ["unread"], [])
    assert (found.carried_from, found.warc) == (None, None)


def test_lists_stand_in_the_order_of_their_first_entries_and_only_notices_and_boilerplate_are_whole() -> None:
    shown = page(
        entry("a"), entry("b"), entry("c"), entry("d"), entry("e"),
        lists=["boilerplate", "news", "notices", "news", "articles"],
    )  # fmt: skip
    lists = assemble([shown]).rows[0].lists
    assert [(view.name, view.whole, view.entries) for view in lists] == [
        ("boilerplate", True, ["a"]),
        ("news", False, ["b", "d"]),
        ("notices", True, ["c"]),
        ("articles", False, ["e"]),
    ]


def test_a_list_reaches_from_the_least_last_day_to_the_greatest_first_day() -> None:
    shown = page(
        entry("wide", date_earliest="2010-06-01", date_latest="2010-07-31"),
        entry("day", date_earliest="2010-06-15", date_latest="2010-06-15"),
        entry("undated", date_earliest=None, date_latest=None),
        entry("alone", date_earliest=None, date_latest=None),
        lists=["news", "news", "news", "articles"],
    )
    news, articles = assemble([shown]).rows[0].lists
    assert (news.newest, news.oldest) == ("2010-06-15", "2010-06-15")
    assert (articles.newest, articles.oldest) == (None, None)


def test_a_list_reaches_as_far_as_its_own_page_printed() -> None:
    old = entry(LINK, date_earliest="2011-04-01", date_latest="2011-04-01")
    new = entry(LINK, date_earliest=None, date_latest=None)
    rows = assemble([page(old, captured=EARLY), page(new, captured=LATE, position=10)]).rows
    assert [(row.lists[0].newest, row.lists[0].oldest) for row in rows] == [("2011-04-01", "2011-04-01"), (None, None)]


def test_one_page_has_final_ids_in_page_order() -> None:
    a, b, link, later = entry(HASH, summary="b"), entry(HASH, summary="a"), entry(LINK), entry(LINK, title="later")
    assert identify([a, link, b, a, later]) == [replace(a, id=f"{HASH}-2"), later, b]
    assert identify([]) == []


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([EARLY], EARLY),
        ([LATE, EARLY], Captured(since=EARLY.since, until=LATE.since)),
        ([EARLY, after("2016-01-01T00:00:00Z")], after("2016-01-01T00:00:00Z")),
    ],
)
def test_a_snapshot_spans_its_captures(times: list[Captured], expected: Captured) -> None:
    assert span([page(captured=time) for time in times]) == expected


def test_no_pages_span_nothing() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        span([])


IDS = st.sampled_from([HASH, "x-fedcba9876543210", LINK, "article-1"])
ENTRIES = st.builds(
    entry,
    IDS,
    title=st.sampled_from(["A", "B"]),
    summary=st.sampled_from(["", "a", "é"]),
    date_earliest=st.sampled_from([None, "2017-02-17", "2016-01-01"]),
)
PAGES = st.lists(st.lists(ENTRIES, max_size=5), max_size=4).map(
    lambda pages: [
        page(*entries, position=10 * number, captured=at(f"2017-02-18T06:00:{number:02}Z"))
        for number, entries in enumerate(pages)
    ]
)


@given(PAGES, st.randoms(use_true_random=False))
def test_the_order_of_pages_changes_no_byte_of_the_entries_and_no_row(pages: list[Page], random: object) -> None:
    shuffled = pages.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = assemble(pages), assemble(shuffled)
    assert dump_lines(other.entries) == dump_lines(one.entries)
    assert sorted(dump_lines([row]) for row in other.rows) == sorted(dump_lines([row]) for row in one.rows)


@given(PAGES)
def test_ids_are_unique_and_every_id_of_a_page_is_among_the_entries(pages: list[Page]) -> None:
    assembled = assemble(pages)
    found = ids(assembled.entries)
    assert len(set(found)) == len(found)
    assert {name for row in assembled.rows for view in row.lists for name in view.entries} == set(found)
    assert canonical(assembled.entries[::-1]) == assembled.entries


@given(PAGES)
def test_what_was_identified_once_stays_as_it_is(pages: list[Page]) -> None:
    once = assemble(pages).entries
    assert identify(once) == once


@given(st.lists(ENTRIES, max_size=6))
def test_a_page_alone_has_the_ids_of_its_preview(entries: list[Entry]) -> None:
    assert canonical(identify(entries)) == assemble([page(*entries)]).entries


_SCRIPT = """
import sys
from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.jsonl import dump_lines
from tests.archive.making import entry, page
shared = "x-0123456789abcdef"
pages = [
    page(*(entry(shared, summary=text) for text in ("Zebra", "é", "\\u0130", "zebra"))),
    page(entry("news-article-1", title="\\u0131"), position=10, lists=["notices"]),
    page(entry("news-article-1", title="I", categories=["a", "b"]), position=20),
]
assembled = assemble(pages)
sys.stdout.buffer.write(dump_lines([*assembled.entries, *assembled.rows]))
"""


def test_hash_seed_and_locale_change_no_byte(project: Path) -> None:
    surroundings = [("0", "C"), ("1", "tr_TR.UTF-8"), ("4242", "C.UTF-8")]
    written = {
        subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            cwd=project,
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONPATH": str(project)},
            capture_output=True,
            check=True,
        ).stdout
        for seed, locale in surroundings
    }
    [lines] = written
    assert len(lines.splitlines()) == 8
    assert json.loads(lines.splitlines()[0])["title"] == "I"


def test_a_listing_of_several_pages_keeps_page_order_in_its_rows() -> None:
    assembled = assemble([full_page(0), full_page(10, 3)])
    assert [row.position for row in assembled.rows] == [0, 10]
    assert assembled.rows[1].lists[0].entries == ["news-article-1990", "news-article-1989", "news-article-1988"]
    assert len(assembled.entries) == 13
