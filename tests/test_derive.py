"""From what a layout read to what is stored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from psgcrawl import derive, text, urls
from psgcrawl.records import Basis, Captured, Dated, Entry, Kind, ListName, Page, RawEntry, replace
from tests.layouts.making import HOME, NEWS, page_of, raw

ARTICLES = "http://perusupportgroup.org.uk/articles.php?position=700"
ABOUT = "http://perusupportgroup.org.uk/about.php"


def derived(entry: RawEntry, url: str | None = NEWS, **page: Any) -> tuple[Entry, ListName]:
    done = derive.normalise(derive.read_datelines(page_of(entry, url=url, **page)))
    assert len(done.entries) == len(done.lists) == 1
    return done.entries[0], done.lists[0]


def entry_of(entry: RawEntry, url: str | None = NEWS, **page: Any) -> Entry:
    return derived(entry, url, **page)[0]


def test_an_entry_is_stored_with_all_that_its_dateline_says() -> None:
    entry = entry_of(
        structs.replace(
            raw("  Peruvian\u00a0 Amazon ", "Update  153. Aug - Sep 12", " One \n two\n\n\n three "),
            href="article-7.html#x",
            caption=" A\npicture ",
        )
    )
    assert entry == Entry(
        id="article-7",
        date_earliest="2012-08-01",
        date_latest="2012-09-30",
        date_edtf="2012-08?/2012-09?",
        kind="entry",
        series="Update",
        issue=153,
        title="Peruvian Amazon",
        summary="One\ntwo\n\nthree",
        url="http://perusupportgroup.org.uk/article-7.html",
        caption="A picture",
        categories=[],
        modified=None,
        dateline="Update 153. Aug - Sep 12",
        flags=["two-digit-year"],
    )


def test_only_reading_datelines_dates_an_entry() -> None:
    page = page_of(raw(), raw(dateline=None), raw(dateline="no date"))
    assert [entry.dated for entry in page.raw] == [None, None, None]
    assert [entry.date_edtf for entry in derive.normalise(page).entries] == [None, None, None]
    dated = derive.read_datelines(page)
    assert [entry.dated for entry in dated.raw] == [
        Dated(edtf="2013-05-03", earliest="2013-05-03", latest="2013-05-03"),
        Dated(),
        Dated(),
    ]
    assert derive.read_datelines(dated) is dated
    assert [entry.date_edtf for entry in derive.normalise(dated).entries] == ["2013-05-03", None, None]


@pytest.mark.parametrize(
    ("entry", "identity"),
    [
        pytest.param(structs.replace(raw(), href="news-article-9.html"), "news-article-9", id="detail-page"),
        pytest.param(
            structs.replace(raw(), href="about.php"), urls.hash_identity("Water", "2013-05-03"), id="another-link"
        ),
        pytest.param(raw(), urls.hash_identity("Water", "2013-05-03"), id="no-link"),
        pytest.param(raw(" WATER"), urls.hash_identity("Water", "2013-05-03"), id="case-and-space"),
        pytest.param(raw(dateline="03 May  2013"), urls.hash_identity("Water", "2013-05-03"), id="the-date-decides"),
        pytest.param(raw(dateline="31 December 1969"), urls.hash_identity("Water", "31 December 1969"), id="epoch"),
        pytest.param(raw(dateline="one day"), urls.hash_identity("Water", "one day"), id="no-date-in-the-dateline"),
        pytest.param(raw(dateline=None), urls.hash_identity("Water", None), id="no-dateline"),
    ],
)
def test_an_entry_is_known_by_its_detail_page_or_else_by_title_and_date(entry: RawEntry, identity: str) -> None:
    assert entry_of(entry).id == identity


def test_detail_pages_of_a_mirror_give_identities_on_that_mirror_alone() -> None:
    entry = structs.replace(raw(), href="http://127.0.0.1:8000/news-article-9.html")
    assert entry_of(entry, "http://127.0.0.1:8000/news.php").id == "news-article-9"
    assert entry_of(entry, NEWS).id.startswith("x-")


@pytest.mark.parametrize(
    ("entry", "flags"),
    [
        (raw(), []),
        (raw(dateline="31 December 1969"), ["epoch-date"]),
        (raw(dateline="27 February"), ["no-year"]),
        (raw(dateline="UPDATE 133. May / April 2009"), ["reversed-range"]),
        (raw(dateline="Peru New 057. 17 August 2010"), ["misspelt-series"]),
        (raw(dateline="31 February 2010"), ["impossible-date"]),
        (raw(dateline=None), ["no-dateline"]),
        (structs.replace(raw(dateline=None), kind="notice"), ["no-dateline"]),
        (structs.replace(raw(dateline=None), kind="boilerplate"), []),
        (raw("Peruís"), ["mojibake"]),
        (raw(summary="PerÃº"), ["mojibake"]),
        (structs.replace(raw(), caption="PerÃº"), ["mojibake"]),
        (raw("Wa\x00ter"), ["control-characters"]),
        (raw(summary="a\n\nb\x1f"), ["control-characters"]),
        (structs.replace(raw(), caption="\x7f"), ["control-characters"]),
        (raw(dateline="3 May 2013 \x01"), ["control-characters"]),
        (raw("Peruís\x00", None), ["control-characters", "mojibake", "no-dateline"]),
        (raw(summary="tab\tand\u00a0space"), []),
    ],
)
def test_flags_say_what_a_reader_should_know(entry: RawEntry, flags: list[str]) -> None:
    assert entry_of(entry).flags == flags


def test_where_datelines_cannot_be_shown_their_absence_is_no_flag() -> None:
    assert entry_of(raw(dateline=None), fields=("summary", "title")).flags == []
    assert entry_of(raw(dateline=None), fields=("dateline", "title")).flags == ["no-dateline"]


@pytest.mark.parametrize(("printed", "stored"), [(None, None), ("", None), (" \n", None), (" A\nb ", "A b")])
def test_a_caption_is_one_line_or_none(printed: str | None, stored: str | None) -> None:
    assert entry_of(structs.replace(raw(), caption=printed)).caption == stored


@pytest.mark.parametrize(
    ("printed", "stored"),
    [
        ("", ""),
        ("\n\n \n", ""),
        ("One\n\ntwo", "One\n\ntwo"),
        ("One\n \u00a0\n\n\ntwo\n", "One\n\ntwo"),
        (" One \n  - two\nthree", "One\n- two\nthree"),
        ("\n\nOne", "One"),
        ("a\rb\u2028c", "a b c"),
    ],
)
def test_running_text_keeps_its_lines_and_paragraphs(printed: str, stored: str) -> None:
    assert derive.summary(printed) == stored
    assert derive.summary(stored) == stored


def slowly(printed: str) -> str:
    """Running text as the text rule makes it, whether it is clean already or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "is_clean", lambda _: False)
        return derive.summary(printed)


RUNNING = st.text(st.sampled_from("ab \n\té\u0301\u00a0\x00\x85"), max_size=12)


@given(RUNNING | st.text())
def test_running_text_that_is_clean_already_is_what_the_rule_makes_of_it(printed: str) -> None:
    assert derive.summary(printed) == slowly(printed)
    assert text.is_clean(slowly(printed)) or not slowly(printed).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("url", "kind", "said", "href", "dateline", "name"),
    [
        (NEWS, "entry", None, None, "3 May 2013", "news"),
        (NEWS, "entry", "articles", "article-7.html", "Update 1. 3 May 2013", "news"),
        (ARTICLES, "entry", "news", "news-article-7.html", "3 May 2013", "articles"),
        (NEWS, "notice", None, None, "3 May 2013", "notices"),
        (ARTICLES, "boilerplate", "news", None, None, "boilerplate"),
        (HOME, "entry", "articles", "news-article-7.html", "3 May 2013", "articles"),
        (HOME, "entry", "news", "article-7.html", ". 3 May 2013", "news"),
        (HOME, "entry", None, "news-article-7.html", ". 3 May 2013", "news"),
        (HOME, "entry", None, "article-7.html", "3 May 2013", "articles"),
        (HOME, "entry", None, "about.php", "3 May 2013", "news"),
        (HOME, "entry", None, None, "Update 103. 3 May 2013", "articles"),
        (HOME, "entry", None, None, "Peru News 57. 3 May 2013", "news"),
        (HOME, "entry", None, None, "102. 3 May 2013", "articles"),
        (HOME, "entry", None, None, ". 18 February 2017", "articles"),
        (HOME, "entry", None, None, " . 18 February 2017", "articles"),
        (HOME, "entry", None, None, "18 February 2017", "news"),
        (HOME, "entry", None, None, None, "news"),
        (ABOUT, "entry", None, None, "102. 3 May 2013", "articles"),
        (None, "entry", None, "article-7.html", "3 May 2013", "articles"),
        (None, "entry", None, None, "3 May 2013", "news"),
        ("http://127.0.0.1:8000/articles.php", "entry", None, None, "3 May 2013", "articles"),
    ],
)
def test_an_entry_stands_in_a_list(
    *, url: str | None, kind: Kind, said: ListName | None, href: str | None, dateline: str | None, name: ListName
) -> None:
    entry = RawEntry(kind=kind, list=said, title="Water", summary="", dateline=dateline, href=href)
    assert derived(entry, url)[1] == name


FINISHED = "2026-03-01T00:00:00Z"


def bounded(
    *datelines: str | None, until: str | None = None, since: str = "2010-06-15T12:00:00Z", basis: Basis = "bound"
) -> Page:
    entries = [raw(f"Title {place}", dateline) for place, dateline in enumerate(datelines)]
    page = page_of(*entries, captured=Captured(since=since, until=until), basis=basis, problems=("before",))
    return derive.bound(derive.normalise(derive.read_datelines(page)), "2100-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("datelines", "since"),
    [
        pytest.param(["3 May 2013", "2 May 2013"], "2013-05-03T00:00:00Z", id="the-newest"),
        pytest.param(["2 May 2013", None, "3 May 2013"], "2013-05-03T00:00:00Z", id="in-any-order"),
        pytest.param(["June / July 2012"], "2012-06-01T00:00:00Z", id="the-first-day-that-it-allows"),
        pytest.param(["15 June 2010"], "2010-06-15T12:00:00Z", id="an-older-one-says-nothing"),
        pytest.param(["27 February", "31 December 1969", None], "2010-06-15T12:00:00Z", id="no-date"),
        pytest.param(["153. Aug - Sep 12", "3 May 2011"], "2011-05-03T00:00:00Z", id="an-inferred-century"),
        pytest.param([], "2010-06-15T12:00:00Z", id="no-entry"),
    ],
)
def test_a_capture_of_unknown_time_is_not_older_than_its_newest_dateline(
    datelines: list[str | None], since: str
) -> None:
    page = bounded(*datelines)
    assert page.captured == Captured(since=since, until=None)
    assert page.problems == ("before",)


def test_no_page_is_younger_than_its_run() -> None:
    page = bounded("3 June 2099", "3 May 2013")
    assert page.captured == Captured(since="2099-06-03T00:00:00Z", until=None)
    taken_in = derive.bound(replace(page, captured=Captured(since="2010-06-15T12:00:00Z", until=None)), FINISHED)
    assert taken_in.captured == Captured(since="2013-05-03T00:00:00Z", until=None)
    assert [problem for problem in taken_in.problems if problem.startswith("future date: ")] == [
        f"future date: {page.entries[0].id} is dated 2099-06-03, after the capture ({FINISHED})"
    ]


def test_a_known_time_is_not_moved() -> None:
    for basis in ("given", "crawl", "memento"):
        page = bounded("3 May 2013", basis=basis, until="2014-01-01T00:00:00Z")
        assert page.captured == Captured(since="2010-06-15T12:00:00Z", until="2014-01-01T00:00:00Z")
        assert page.problems == ("before",)


def test_a_dateline_after_the_latest_possible_moment_is_a_problem_and_no_bound() -> None:
    page = bounded("4 May 2013", "3 May 2013", "Aug - Sep 14", until="2013-05-03T06:00:00Z")
    assert page.captured == Captured(since="2013-05-03T00:00:00Z", until="2013-05-03T06:00:00Z")
    future, inferred = page.entries[0].id, page.entries[2].id
    assert page.problems == (
        "before",
        f"future date: {future} is dated 2013-05-04, after the capture (2013-05-03T06:00:00Z)",
        f"future date: {inferred} is dated 2014-08?/2014-09?, after the capture (2013-05-03T06:00:00Z)",
    )
