"""The provided captures come out as they must, from their text and from every markup that they can be printed in."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from msgspec.structs import asdict

from psgcrawl import layouts
from psgcrawl.archive.assemble import identify
from psgcrawl.records import Entry, Page, replace
from tests.layouts.making import observed
from tests.markups import (
    CAPTURES,
    CHROMES,
    MARKUPS,
    Block,
    Chrome,
    HardCase,
    address_of,
    blocks_of,
    expected,
    hard_cases,
    next_page,
)
from tests.thorough import every

LINES = (CAPTURES / "expected.jsonl").read_text("utf-8").splitlines()
ROWS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
FILES = sorted({row["file"] for row in ROWS})
HOME = "001_36238466d250a328.txt"
LISTS = [file for file in FILES if file != HOME]
FULL = Chrome(title_linked=True, caption="before-title", caption_as="alt", headings="h2")
"""Surroundings in which every markup shows all that it can show: links, captions, headings, boilerplate."""

Shown = tuple[str, str, str, str | None, str | None, str | None]


def shown(entries: Sequence[Entry]) -> list[Shown]:
    return [(e.kind, e.title, e.summary, e.dateline, e.caption, e.url) for e in entries]


def printed(blocks: Sequence[Block]) -> list[Shown]:
    return [(b.kind, b.title, b.summary, b.dateline, b.caption, b.href) for b in blocks]


@cache
def text_page(file: str) -> Page:
    return observed((CAPTURES / file).read_bytes(), "text/plain", address_of(file))


@cache
def printable(file: str) -> list[Block]:
    return blocks_of(LINES, file, links=True, captions=True)


def read_back(markup: str, chrome: Chrome, file: str) -> tuple[Page, list[Block]]:
    """Return a page as it was read, and what it shows."""
    here = replace(chrome, page_url=address_of(file))
    blocks = printable(file)
    page = observed(MARKUPS[markup](blocks, here), "text/html", here.page_url)
    return page, expected(blocks, here, markup)


def assert_read(markup: str, chrome: str, file: str) -> None:
    page, blocks = read_back(markup, CHROMES[chrome], file)
    assert shown(page.entries) == printed(blocks), (chrome, file)
    assert (page.layout, page.problems) == ("html-dated-blocks", ()), (chrome, file)


def named(row: dict[str, Any]) -> str:
    place = [other for other in ROWS if other["file"] == row["file"]].index(row)
    return f"{row['file'][:3]}-{place:02}"


@pytest.mark.parametrize("row", ROWS, ids=map(named, ROWS))
def test_a_block_of_the_provided_captures_comes_out_as_it_must(row: dict[str, Any]) -> None:
    place = [other for other in ROWS if other["file"] == row["file"]].index(row)
    entry = asdict(identify(text_page(row["file"]).entries)[place])
    assert {field: entry[field] for field in row if field != "file"} == {k: v for k, v in row.items() if k != "file"}
    assert set(entry) == set(row) - {"file"}


@pytest.mark.parametrize("file", FILES)
def test_a_provided_capture_shows_its_blocks_in_page_order_and_nothing_else(file: str) -> None:
    page = text_page(file)
    assert [entry.id for entry in identify(page.entries)] == [row["id"] for row in ROWS if row["file"] == file]
    assert page.problems == ()
    assert page.layout == "text-list"
    assert page.fields == ("dateline", "summary", "title")


def test_the_home_page_has_its_four_lists() -> None:
    assert text_page(HOME).lists == (*["news"] * 4, *["articles"] * 4, *["notices"] * 4, *["boilerplate"] * 4)


@pytest.mark.parametrize("markup", MARKUPS)
def test_every_markup_in_all_surroundings_gives_the_entries_of_the_home_page(markup: str) -> None:
    # They take turns, too: each markup meets some of them, and each of them many markups.
    step = every(3)
    for chrome in list(CHROMES)[list(MARKUPS).index(markup) % step :: step]:
        assert_read(markup, chrome, HOME)


@pytest.mark.parametrize("markup", MARKUPS)
def test_every_markup_gives_the_entries_of_every_list(markup: str) -> None:
    for number, file in enumerate(LISTS):
        # The surroundings take turns, so that the lists meet all of them.
        turn = list(MARKUPS).index(markup) + 5 * number
        assert_read(markup, list(CHROMES)[turn % len(CHROMES)], file)


@pytest.mark.parametrize("file", [HOME, LISTS[0]])
def test_all_markups_of_one_page_give_the_same_entries(file: str) -> None:
    readings = {markup: read_back(markup, FULL, file)[0] for markup in MARKUPS}
    first = readings.pop("list-h3")
    assert len(readings) >= 10
    assert len(first.entries) == len([row for row in ROWS if row["file"] == file])
    for markup, page in readings.items():
        assert (page.entries, page.lists, page.fields) == (first.entries, first.lists, first.fields), markup


def test_html_and_text_of_one_page_give_the_same_entries_but_for_what_text_cannot_show() -> None:
    page, _ = read_back("entry-divs", FULL, LISTS[0])
    assert any(entry.url and entry.caption for entry in page.entries)
    without = [replace(entry, url=None, caption=None, id="") for entry in page.entries]
    assert without == [replace(entry, id="") for entry in text_page(LISTS[0]).entries]


@pytest.mark.parametrize("markup", MARKUPS)
def test_the_link_to_the_next_page_is_found_where_the_pager_has_one(markup: str) -> None:
    for chrome in ("2004", "2009", "2014"):
        here = replace(CHROMES[chrome], page_url=address_of(LISTS[0]))
        body = MARKUPS[markup](printable(LISTS[0])[:4], here)
        words = here.pager == "next"
        assert layouts.read(body, media_type="text/html").next_href == (next_page(here) if words else None), chrome


HARD = hard_cases()


@pytest.mark.parametrize("case", HARD, ids=[case.name for case in HARD])
def test_a_hard_page_is_read_as_a_careful_person_reads_it(case: HardCase) -> None:
    page = observed(case.html, "text/html", case.page_url)
    assert shown(page.entries) == printed(case.expected)
    if not case.expected:
        assert page.layout is None
        assert any("no layout recognises the page" in problem for problem in page.problems)
    elif case.problem is None:
        assert page.problems == ()
    else:
        assert any(case.problem in problem.lower() for problem in page.problems)
