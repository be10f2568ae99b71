"""The text form, in which the oldest captures are kept."""

import pytest

from psgcrawl.records import Page
from tests.layouts.making import HOME, NEWS, brief, observed

FIRST = "• Water\n\n    3 May 2013\n\n    It rained.\n\n"
LAST = "  • Copper\n\n    1 May 2013\n\n    The price fell.\n"


def read(text: str, url: str | None = NEWS) -> Page:
    return observed(text.encode(), "text/plain", url)


def entries(text: str) -> list[tuple[str, str, str | None, str]]:
    page = read(text)
    assert page.problems == ()
    return [brief(entry) for entry in page.entries]


WATER = ("entry", "Water", "3 May 2013", "It rained.")
COPPER = ("entry", "Copper", "1 May 2013", "The price fell.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(FIRST + LAST, [WATER, COPPER], id="dateline-after-title"),
        pytest.param(
            "• 3 May 2013\n\n    Water\n\n    It rained.\n\n  • 1 May 2013\n\n    Copper\n\n    The price fell.\n",
            [WATER, COPPER],
            id="dateline-before-title",
        ),
        pytest.param((FIRST + LAST).replace("\n", "\r\n"), [WATER, COPPER], id="carriage-returns"),
        pytest.param((FIRST + LAST).replace("\n", "\r"), [WATER, COPPER], id="old-mac"),
        pytest.param("\ufeff" + FIRST + LAST, [WATER, COPPER], id="byte-order-mark"),
        pytest.param((FIRST + LAST).rstrip("\n"), [WATER, COPPER], id="no-final-newline"),
        pytest.param((FIRST + LAST).replace("    ", "\t"), [WATER, COPPER], id="tabs"),
        pytest.param((FIRST + LAST).replace("• ", "•\t"), [WATER, COPPER], id="tab-after-bullet"),
        pytest.param((FIRST + LAST).replace("• ", "•"), [WATER, COPPER], id="bullet-without-space"),
        pytest.param(FIRST.replace("• ", "   • ") + LAST, [WATER, COPPER], id="three-spaces-are-no-nesting"),
        pytest.param(FIRST + "\n\n\n" + LAST, [WATER, COPPER], id="blank-lines-are-no-boundary"),
        pytest.param(FIRST.replace("\n\n", "\n\n\n") + LAST, [WATER, COPPER], id="two-blank-lines-in-an-entry"),
        pytest.param(FIRST.replace("\n\n", "\n \t\n") + LAST, [WATER, COPPER], id="blank-lines-of-spaces"),
        pytest.param("• Water\n    3 May 2013\n    It rained.\n" + LAST, [WATER, COPPER], id="one-paragraph"),
        pytest.param(FIRST + "  •\n" + LAST, [WATER, COPPER], id="an-empty-item-is-nothing"),
        pytest.param(
            "• Water and\n    sanitation\n\n    3 May 2013\n\n    It rained.\n",
            [("entry", "Water and sanitation", "3 May 2013", "It rained.")],
            id="title-over-two-lines",
        ),
        pytest.param(
            FIRST.replace("It rained.", "It rained.\n    Then it did not.\n\n    Second paragraph."),
            [("entry", "Water", "3 May 2013", "It rained.\nThen it did not.\n\nSecond paragraph.")],
            id="paragraphs-and-lines",
        ),
        pytest.param(
            FIRST + "      • one\n      • two\n\n    After it.\n",
            [("entry", "Water", "3 May 2013", "It rained.\n\n- one\n- two\n\nAfter it.")],
            id="nested-list",
        ),
        pytest.param(
            FIRST + "    • one\n",
            [("entry", "Water", "3 May 2013", "It rained.\n\n- one")],
            id="four-spaces-are-nesting",
        ),
        pytest.param("• Water\n\n    3 May 2013\n", [("entry", "Water", "3 May 2013", "")], id="no-summary"),
        pytest.param(
            "• Water\n\n    It rained.\n\n    3 May 2013\n" + LAST + "  • Gold\n\n    2 May 2013\n",
            [
                ("entry", "Water", None, "It rained.\n\n3 May 2013"),
                COPPER,
                ("entry", "Gold", "2 May 2013", ""),
            ],
            id="a-date-in-the-third-paragraph-is-text",
        ),
    ],
)
def test_the_text_form_is_read(text: str, expected: list[tuple[str, str, str | None, str]]) -> None:
    assert entries(text) == expected


def test_of_two_datelines_the_one_counts_where_the_page_has_its_datelines() -> None:
    dated_title = "• 5 April 1992\n\n    4 May 2013\n\n    The coup.\n\n"
    assert entries(dated_title + FIRST + LAST)[0] == ("entry", "5 April 1992", "4 May 2013", "The coup.")
    before = "".join(f"• {n} May 2013\n\n    Title {n}\n\n    Text.\n\n" for n in (3, 2))
    assert entries(before + dated_title)[-1] == ("entry", "4 May 2013", "5 April 1992", "The coup.")


def test_on_a_page_with_as_many_of_either_kind_titles_stand_first() -> None:
    page = "• 5 April 1992\n\n    4 May 2013\n\n    The coup.\n\n" + FIRST
    assert entries(page) == [("entry", "5 April 1992", "4 May 2013", "The coup."), WATER]


def test_a_dateline_may_stand_below_the_title_in_one_paragraph() -> None:
    assert entries("• 5 April 1992\n    4 May 2013\n\n    The coup.\n\n" + FIRST + LAST)[0] == (
        "entry",
        "5 April 1992",
        "4 May 2013",
        "The coup.",
    )


def test_a_block_without_dateline_is_an_entry_before_the_last_dated_one_and_boilerplate_after_it() -> None:
    undated = "  • Open University\n\n    A course on Peru.\n\n"
    page = read(FIRST + undated + LAST + undated)
    assert [entry.kind for entry in page.entries] == ["entry", "entry", "entry", "boilerplate"]
    assert [entry.flags for entry in page.entries] == [[], ["no-dateline"], [], []]
    assert page.lists == ("news", "news", "news", "boilerplate")


def test_headings_at_the_margin_name_the_lists_below_them() -> None:
    page = read(
        f"News\n\n{FIRST}Latest articles:\n\n{FIRST}FEATURED NOTICES\n\n  (in no order)\n\n{FIRST}\nNews\n{LAST}", HOME
    )
    assert page.lists == ("news", "articles", "notices", "news")
    assert [entry.kind for entry in page.entries] == ["entry", "entry", "notice", "entry"]
    assert page.problems == ("unread block: text outside the lists: '  (in no order)'".replace("'  ", "'"),)


def test_an_undated_block_under_the_notices_is_a_notice_and_boilerplate_after_the_last_dated_one() -> None:
    undated = "  • Chasqui\n\n    Run with us.\n\n"
    page = read(f"{FIRST}Featured Notices\n\n{undated}{LAST}{undated}", HOME)
    assert [entry.kind for entry in page.entries] == ["entry", "notice", "notice", "boilerplate"]


def test_a_heading_of_no_list_ends_the_list_and_is_a_problem() -> None:
    page = read(f"Featured Notices\n{FIRST}Elsewhere\n{LAST}", HOME)
    assert [entry.kind for entry in page.entries] == ["notice", "entry"]
    assert page.problems == ("unread block: text outside the lists: 'Elsewhere'",)


def test_text_outside_the_lists_is_a_problem_and_stays_out_of_the_entries() -> None:
    page = read(f"    An indented line\n{FIRST}A line at the margin\n    and its second\n{LAST}")
    assert [brief(entry) for entry in page.entries] == [WATER, COPPER]
    assert page.problems == (
        "unread block: text outside the lists: 'An indented line'",
        "unread block: text outside the lists: 'A line at the margin'",
        "unread block: text outside the lists: 'and its second'",
    )


def test_a_nested_list_outside_the_lists_is_a_problem() -> None:
    page = read(f"      • adrift\n{FIRST}")
    assert [brief(entry) for entry in page.entries] == [WATER]
    assert page.problems == (r"unread block: text outside the lists: '\u2022 adrift'",)


def test_a_dateline_without_title_is_a_problem_and_no_entry() -> None:
    page = read("• 4 May 2013\n\n" + FIRST)
    assert [brief(entry) for entry in page.entries] == [WATER]
    assert page.problems == ("unread block: a dateline without a title: '4 May 2013'",)


def test_a_problem_quotes_80_characters_at_most() -> None:
    exactly, longer = "x" * 80, "y" * 81
    problems = read(f"{exactly}\n{longer}\n{FIRST}").problems
    assert problems[0].endswith(f"'{exactly}'")
    assert problems[1].endswith(f"'{'y' * 79}\\u2026'")


@pytest.mark.parametrize(
    "text",
    [
        "Water\n\n3 May 2013\n",
        "    3 May 2013\n",
        "• Water\n\n    It rained.\n",
        "• a\n\n    b\n\n    c\n\n    3 May 2013\n",
    ],
    ids=["no-bullet", "no-item", "no-dateline", "date-too-far-down"],
)
def test_a_text_without_dated_items_is_not_recognised(text: str) -> None:
    page = read(text)
    assert page.layout is None
    assert page.entries == ()
    assert page.problems == ("no layout recognises the page: no block has a dateline",)


def test_captions_and_links_are_not_read_from_text() -> None:
    page = read("• Fujimori\n\n    Water\n\n    3 May 2013\n" + FIRST)
    assert "caption" not in page.fields
    assert "url" not in page.fields
    assert {(entry.caption, entry.url) for entry in page.entries} == {(None, None)}


def test_control_characters_in_text_are_shown_and_flagged() -> None:
    entry = read(FIRST.replace("Water", "Wa\x07ter") + LAST).entries[0]
    assert entry.title == "Wa\ufffdter"
    assert entry.flags == ["control-characters"]
