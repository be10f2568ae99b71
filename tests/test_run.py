"""A run decides at its end: what is committed, kept apart, confirmed or refused, and by which code it exits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.store import Collection
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.write import write_snapshot
from psgcrawl.errors import PsgcrawlError
from psgcrawl.records import Dated, Page, RawEntry, replace
from psgcrawl.run import NECESSARY, Outcome, Result, Run, attach, run_of
from psgcrawl.visible import visible
from tests import crawls, live
from tests.archive import making
from tests.archive.making import after, at, entry, full_page, page

STARTED = "2024-01-01T00:00:00Z"
FINISHED = "2024-01-01T00:00:05Z"
NAME = "20170218T120000Z"


def ran(archive: Path, *pages: Page, reason: str = "finished", do: Callable[[Run], None] | None = None) -> Outcome:
    """Return the outcome of a run that brought those pages.

    :param do: what else happens to the run before its end.
    """
    run = Run(archive, spider="captures", arguments={"path": "in"}, started=STARTED)
    for component in NECESSARY:
        run.report(component)
    for one in pages:
        run.yielded()
        run.add(one)
    if do is not None:
        do(run)
    outcome = run.finish(reason, FINISHED)
    assert outcome is run.outcome
    return outcome


def raw(*, read: bool = True) -> RawEntry:
    dated = Dated(edtf="2017") if read else None
    return RawEntry(kind="entry", list="news", title="A title", summary="", dateline="2017", dated=dated)


def said(outcome: Outcome) -> list[tuple[str | None, str, str | None, int]]:
    """Return collection, outcome, snapshot and exit code of each result."""
    return [(r.line.collection, r.line.outcome, r.line.snapshot, r.exit_code) for r in outcome.results]


# --- committed, unchanged -------------------------------------------------------------


def test_pages_are_committed_collection_by_collection_and_logged(tmp_path: Path) -> None:
    outcome = ran(tmp_path, full_page(0), full_page(0, collection="articles", url=None), full_page(10, 3))
    assert said(outcome) == [("articles", "committed", NAME, 0), ("news", "committed", NAME, 0)]
    assert (outcome.exit_code, outcome.problems) == (0, [])
    assert crawls.visible(tmp_path) == {"articles": [NAME], "news": [NAME]}
    lines = crawls.logged(tmp_path)
    assert crawls.names(lines) == [("articles", "committed", NAME), ("news", "committed", NAME)]
    manifest = crawls.snapshot(tmp_path, "news", NAME).manifest()
    assert lines[1].manifest_sha256 == manifest.sha256
    assert (lines[1].counts, lines[1].coverage) == (manifest.provenance.counts, manifest.provenance.coverage)
    assert (lines[1].started, lines[1].finished, lines[1].reasons) == (STARTED, FINISHED, [])
    assert manifest.provenance.arguments == {"path": "in"}


def test_what_the_archive_holds_is_confirmed_by_one_line_and_no_snapshot(tmp_path: Path) -> None:
    pages = [full_page(0), full_page(10, 3)]
    ran(tmp_path, *pages)
    before = making.contents(tmp_path / "news")
    outcome = ran(tmp_path, *pages)
    assert said(outcome) == [("news", "unchanged", NAME, 0)]
    assert making.contents(tmp_path / "news") == before
    first, second = crawls.logged(tmp_path)
    assert second.manifest_sha256 == first.manifest_sha256
    assert (second.counts, second.coverage) == (first.counts, first.coverage)
    assert [(p.url, p.captured, p.status, p.payload_digest) for p in second.pages] == [
        (p.url, p.captured, p.status, p.payload_digest) for p in pages
    ]
    assert first.pages == []


@pytest.mark.parametrize(
    "other",
    [
        {"captured": at("2017-02-18T12:00:01Z")},
        {"url": "http://perusupportgroup.org.uk/news.php"},
        {"payload_digest": "sha1:" + "A" * 32},
    ],
    ids=["time", "address", "bytes"],
)
def test_another_time_address_or_digest_is_another_page(tmp_path: Path, other: dict[str, Any]) -> None:
    ran(tmp_path, full_page(0))
    assert ran(tmp_path, full_page(0, **other)).results[0].line.outcome == "committed"


def test_a_view_that_grew_is_committed_anew_under_the_next_number(tmp_path: Path) -> None:
    ran(tmp_path, full_page(0))
    assert said(ran(tmp_path, full_page(0), full_page(10, 3))) == [("news", "committed", f"{NAME}-2", 0)]


def test_a_view_held_in_parts_is_confirmed_part_by_part(tmp_path: Path) -> None:
    first, second = full_page(0), full_page(10, 3, captured=at("2017-02-18T12:00:05Z"))
    ran(tmp_path, first)
    ran(tmp_path, second)
    assert said(ran(tmp_path, first, second)) == [
        ("news", "unchanged", NAME, 0),
        ("news", "unchanged", "20170218T120005Z", 0),
    ]
    assert [[p.url for p in line.pages] for line in crawls.logged(tmp_path)[2:]] == [[first.url], [second.url]]


def test_a_page_given_twice_is_one(tmp_path: Path) -> None:
    twice = full_page(0)
    outcome = ran(tmp_path, twice, replace(twice, place="its copy"))
    assert [r.line.counts.pages for r in outcome.results if r.line.counts] == [1]
    assert crawls.visible(tmp_path) == {"news": [NAME]}


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (full_page(10, captured=at("2017-02-19T12:00:00Z")), {"news": [NAME]}),
        (full_page(10, captured=at("2017-02-19T12:00:01Z")), {"news": [NAME, "20170219T120001Z"]}),
        (full_page(0, captured=at("2017-02-18T13:00:00Z")), {"news": [NAME, "20170218T130000Z"]}),
        (full_page(10, captured=after(making.NOON)), {"news": [NAME, f"after-{NAME}"]}),
        (full_page(0, 9), {"news": [NAME, f"{NAME}-2"]}),
        (page(entry(), url=None, position=None), {"news": [NAME, f"{NAME}-2"]}),
        # Two listings that a sidecar put into one collection are two views.
        (
            full_page(10, url="http://perusupportgroup.org.uk/articles.php?position=10"),
            {"news": [NAME, f"{NAME}-2"]},
        ),
    ],
    ids=["a-day", "a-day-and-a-second", "same-position", "unknown-time", "name-taken", "no-address", "other-listing"],
)
def test_captures_of_one_listing_within_a_day_are_one_snapshot(
    tmp_path: Path, second: Page, expected: dict[str, list[str]]
) -> None:
    assert ran(tmp_path, full_page(0), second).exit_code == 0
    assert crawls.visible(tmp_path) == expected


def test_the_results_count_what_a_reader_should_know(tmp_path: Path) -> None:
    undated = entry("x-a", date_earliest=None, date_latest=None, date_edtf=None, flags=["epoch-date", "mojibake"])
    standing = entry("x-b", kind="boilerplate", date_earliest=None, date_latest=None, date_edtf=None)
    flagged = entry("x-c", flags=["mojibake"])
    [result] = ran(tmp_path, page(undated, standing, flagged, lists=["news", "boilerplate", "news"])).results
    assert (result.undated, result.flags) == (1, {"epoch-date": 1, "mojibake": 2})


# --- kept apart -----------------------------------------------------------------------


def test_a_crawl_that_ended_early_is_kept_apart(tmp_path: Path) -> None:
    outcome = ran(tmp_path, full_page(0), reason="shutdown")
    assert said(outcome) == [("news", "incomplete", f".incomplete-{NAME}", 3)]
    assert (crawls.visible(tmp_path), crawls.apart(tmp_path)) == ({"news": []}, {"news": [f".incomplete-{NAME}"]})
    [line] = crawls.logged(tmp_path)
    assert line.reasons == ["the crawl ended early: shutdown"]
    assert not (tmp_path / "news" / "latest").exists()


def test_a_crawl_that_ended_before_its_first_page_says_why(tmp_path: Path) -> None:
    assert said(ran(tmp_path, reason="shutdown")) == [(None, "incomplete", None, 3)]
    assert said(ran(tmp_path)) == [(None, "incomplete", None, 3)]
    reasons = [line.reasons for line in crawls.logged(tmp_path)]
    assert reasons == [["the crawl ended early: shutdown"], ["the crawl brought no page"]]


def test_early_end_is_kept_apart_also_where_all_is_known(tmp_path: Path) -> None:
    ran(tmp_path, full_page(0))
    assert said(ran(tmp_path, full_page(0), reason="shutdown")) == [("news", "incomplete", f".incomplete-{NAME}-2", 3)]


@pytest.mark.parametrize("component", sorted(NECESSARY))
def test_a_component_that_never_reported_in_is_a_failure(tmp_path: Path, component: str) -> None:
    run = Run(tmp_path, spider="captures", arguments={}, started=STARTED)
    for other in NECESSARY - {component}:
        run.report(other)
    run.yielded()
    run.add(full_page(0))
    outcome = run.finish("finished", FINISHED)
    assert said(outcome) == [("news", "failed", f".incomplete-{NAME}", 1)]
    assert outcome.problems == [f"the component {component!r} never reported in"]
    assert crawls.logged(tmp_path)[0].reasons == outcome.problems


def test_a_crawl_that_ended_early_need_not_have_come_to_the_end_of_its_start(tmp_path: Path) -> None:
    run = Run(tmp_path, spider="captures", arguments={}, started=STARTED)
    run.report("store")
    run.report("ledger")
    assert run.finish("shutdown", FINISHED).exit_code == 3


def test_a_page_that_got_lost_on_the_way_is_a_failure(tmp_path: Path) -> None:
    outcome = ran(tmp_path, full_page(0), do=Run.yielded)
    assert (said(outcome)[0][1], outcome.exit_code) == ("failed", 1)
    assert outcome.problems == ["pages read: 2, stored: 1"]
    assert crawls.visible(tmp_path) == {"news": []}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"raw": (raw(read=False),), "entries": (entry(),), "lists": ("news",)}, "its datelines were never read"),
        ({"raw": (raw(),), "entries": (), "lists": ()}, "its entries were never normalised"),
        ({"raw": (raw(), raw()), "entries": (entry(),), "lists": ("news",)}, "its entries were never normalised"),
    ],
    ids=["no-datelines", "no-entries", "an-entry-less"],
)
def test_a_step_that_was_left_out_is_a_failure(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    outcome = ran(tmp_path, replace(full_page(0), place="a.html", **change))
    assert (outcome.exit_code, outcome.problems) == (1, [f"a.html: {problem}"])
    assert crawls.visible(tmp_path) == {"news": []}


def test_a_failure_is_logged_also_without_any_page(tmp_path: Path) -> None:
    outcome = ran(tmp_path, do=lambda run: run.fail("the spider's start failed"))
    assert said(outcome) == [(None, "failed", None, 1)]
    assert crawls.logged(tmp_path)[0].reasons == ["the spider's start failed"]


# --- bad input, pages that nothing recognises -----------------------------------------


def test_bad_inputs_beside_good_ones_are_logged_and_exit_3(tmp_path: Path) -> None:
    outcome = ran(tmp_path, full_page(0), do=lambda run: run.bad("in/b.html: empty"))
    assert said(outcome) == [("news", "committed", NAME, 0), (None, "incomplete", None, 3)]
    assert (outcome.exit_code, outcome.problems) == (3, ["in/b.html: empty"])
    assert crawls.logged(tmp_path)[1].reasons == ["in/b.html: empty"]


def test_a_page_that_no_layout_recognises_is_kept_and_exits_3_each_time(tmp_path: Path) -> None:
    unread = page(layout=None, fields=(), place="in/a.html", problems=("no layout recognises the page: no HTML in it",))
    problem = "in/a.html: no layout recognises the page: no HTML in it"
    first, second = ran(tmp_path, unread), ran(tmp_path, unread)
    assert said(first) == [("news", "committed", NAME, 3)]
    assert said(second) == [("news", "unchanged", NAME, 3)]
    for outcome in (first, second):
        assert (outcome.exit_code, outcome.problems) == (3, [problem])
    assert [line.reasons for line in crawls.logged(tmp_path)] == [[problem], [problem]]


def test_problems_of_a_page_that_was_read_are_told_and_change_no_exit_code(tmp_path: Path) -> None:
    outcome = ran(tmp_path, full_page(0, place="in/a.html", problems=("future date: x is dated 2030",)))
    assert (outcome.exit_code, outcome.problems) == (0, [])
    assert outcome.notes == ["in/a.html: future date: x is dated 2030"]


def test_a_damaged_snapshot_confirms_nothing(tmp_path: Path) -> None:
    assert ran(tmp_path, full_page(0)).exit_code == 0
    [entries] = tmp_path.glob("news/2*/entries.jsonl")
    entries.write_bytes(entries.read_bytes().replace(b"Title", b"Titlf", 1))
    outcome = ran(tmp_path, full_page(0))
    assert outcome.exit_code == 1
    assert "entries.jsonl" in outcome.problems[0]
    assert [line.outcome for line in crawls.logged(tmp_path)] == ["committed", "failed"]


def test_what_a_name_hides_is_told_in_escapes(tmp_path: Path) -> None:
    name = "a\n\x1b[31mERROR\u202e\udce9é.html"

    def fail(run: Run) -> None:
        run.bad(f"{name}: bad")
        run.fail(f"{name}: failed")

    outcome = ran(tmp_path, full_page(0, place=name, problems=("odd",)), do=fail)
    shown = "a\\n\\x1b[31mERROR\\u202e\\udce9é.html"
    assert outcome.problems == [f"{shown}: bad", f"{shown}: failed"]
    assert outcome.notes == [f"{shown}: odd"]
    assert crawls.logged(tmp_path)[0].reasons == [f"{shown}: failed"]


@pytest.mark.parametrize("text", ["plain", "Ñandú — “x”", "a\\nb", ""])
def test_what_a_terminal_shows_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


# --- what the disk or another run does ------------------------------------------------


def test_a_collection_that_another_run_holds_exits_5_and_the_others_are_committed(tmp_path: Path) -> None:
    with CollectionLock(tmp_path, "articles"):
        outcome = ran(tmp_path, full_page(0, collection="articles", url=None), full_page(0))
    assert said(outcome) == [("articles", "failed", None, 5), ("news", "committed", NAME, 0)]
    assert (outcome.exit_code, outcome.problems) == (5, ["articles: another run holds this collection"])


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("an error of ours")])
def test_an_error_in_one_collection_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    holdings = "psgcrawl.run.closing.Collection.holdings"
    with monkeypatch.context() as patch:
        patch.setattr(holdings, broken)
        outcome = ran(tmp_path, full_page(0))
    reason = str(error) if isinstance(error, OSError) else "ValueError('an error of ours')"
    assert said(outcome) == [("news", "failed", None, 1)]
    assert (outcome.exit_code, outcome.problems) == (1, [f"news: {reason}"])
    assert crawls.logged(tmp_path)[0].reasons == [reason]


def test_what_was_committed_before_an_error_is_told_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([write_snapshot])

    def second_fails(*given: Any, **more: Any) -> Any:
        for write in answers:
            return write(*given, **more)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("psgcrawl.run.closing.write_snapshot", second_fails)
    outcome = ran(tmp_path, full_page(0), full_page(0, 9, captured=at("2017-03-18T12:00:00Z")))
    assert [(o, s, c) for _, o, s, c in said(outcome)] == [("committed", NAME, 0), ("failed", None, 1)]
    assert crawls.visible(tmp_path) == {"news": [NAME]}


def test_an_archive_that_cannot_be_made_is_a_failure_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    outcome = ran(tmp_path / "file", full_page(0))
    assert said(outcome) == [("news", "failed", None, 1)]
    assert len(outcome.problems) == 2
    assert all(str(tmp_path / "file") in problem for problem in outcome.problems)


def test_a_damaged_log_is_a_failure_and_what_was_committed_waits_for_its_line(tmp_path: Path) -> None:
    ran(tmp_path, full_page(0))
    log = tmp_path / runlog.RUNS
    whole = log.read_bytes()
    log.write_bytes(whole.replace(b'"captures"', b'"capturex"'))
    articles = full_page(0, collection="articles", url=None)
    outcome = ran(tmp_path, articles)
    assert outcome.exit_code == 1
    assert any("has changed since it was written" in problem for problem in outcome.problems)
    assert len(log.read_bytes().splitlines()) == 1
    log.write_bytes(whole)
    assert ran(tmp_path, articles).exit_code == 0
    lines = crawls.names(crawls.logged(tmp_path))
    assert lines[1:] == [("articles", "committed", NAME), ("articles", "unchanged", NAME)]


def test_a_snapshot_that_a_dead_run_did_not_log_is_logged_first(tmp_path: Path) -> None:
    ran(tmp_path, full_page(0))
    (tmp_path / runlog.RUNS).unlink()
    (tmp_path / runlog.HEAD).unlink()
    outcome = ran(tmp_path, full_page(0))
    assert said(outcome) == [("news", "unchanged", NAME, 0)]
    assert [(line.outcome, line.snapshot) for line in crawls.logged(tmp_path)] == [
        ("committed", NAME),
        ("unchanged", NAME),
    ]


def test_a_damaged_snapshot_that_is_not_logged_is_a_problem(tmp_path: Path) -> None:
    ran(tmp_path, full_page(0))
    (tmp_path / runlog.RUNS).unlink()
    (tmp_path / runlog.HEAD).unlink()
    entries = tmp_path / "news" / NAME / "entries.jsonl"
    entries.write_bytes(entries.read_bytes()[:-2])
    outcome = ran(tmp_path, full_page(10))
    assert [problem for problem in outcome.problems if str(entries) in problem]


# --- live crawls ----------------------------------------------------------------------


def crawled(archive: Path, answers: dict[str, live.Answer], day: int, **more: str) -> Outcome:
    return live.crawl(archive, answers, f"2017-02-{day:02d}T06:00:00Z", **more)


def test_a_live_crawl_that_sees_the_same_bytes_again_confirms_them(tmp_path: Path) -> None:
    pages = live.listing()
    assert said(crawled(tmp_path, pages, 1)) == [("news", "committed", "20170201T060000Z", 0)]
    before = making.contents(tmp_path / "news")
    assert said(crawled(tmp_path, pages, 2)) == [("news", "unchanged", "20170201T060000Z", 0)]
    assert making.contents(tmp_path / "news") == before
    assert not list(tmp_path.glob(".[si][tn]*"))
    first, second = crawls.logged(tmp_path)
    assert [(page.url, page.status) for page in second.pages] == [(url, 200) for url in pages]
    assert second.pages[0].captured == at("2017-02-02T06:00:00Z")
    assert (second.counts, second.coverage) == (first.counts, first.coverage)


def test_a_live_crawl_of_some_pages_confirms_these_and_claims_no_more_than_it_saw(tmp_path: Path) -> None:
    pages = live.listing()
    crawled(tmp_path, pages, 1)
    outcome = crawled(tmp_path, {live.FIRST: pages[live.FIRST]}, 2)
    assert said(outcome) == [("news", "unchanged", "20170201T060000Z", 0)]
    line = crawls.logged(tmp_path)[1]
    assert line.coverage is not None
    assert (line.coverage.positions, line.coverage.complete) == ([(0, 0)], False)
    assert line.counts is not None
    assert (line.counts.pages, line.counts.entries["entry"], len(line.pages)) == (1, 10, 1)


def test_pages_that_differ_make_a_snapshot_even_where_the_entries_are_equal(tmp_path: Path) -> None:
    pages = live.listing()
    crawled(tmp_path, pages, 1)
    pages[live.FIRST] = replace(pages[live.FIRST], body=pages[live.FIRST].body + b"<!-- 17 visitors -->\n")
    assert said(crawled(tmp_path, pages, 2)) == [("news", "committed", "20170202T060000Z", 0)]
    entries = [one.read_bytes() for one in sorted(tmp_path.glob("news/2*/entries.jsonl"))]
    assert entries[0] == entries[1]


def test_a_live_crawl_that_saw_more_than_the_latest_snapshot_makes_a_new_one(tmp_path: Path) -> None:
    pages = live.listing()
    crawled(tmp_path, {live.FIRST: pages[live.FIRST]}, 1)
    assert said(crawled(tmp_path, pages, 2)) == [("news", "committed", "20170202T060000Z", 0)]


def test_a_live_crawl_that_proves_more_of_the_same_pages_makes_a_new_one(tmp_path: Path) -> None:
    pages = live.listing()
    crawled(tmp_path, dict(reversed(pages.items())), 1)
    assert said(crawled(tmp_path, pages, 2)) == [("news", "committed", "20170202T060000Z", 0)]
    proved = [one.manifest().provenance.coverage.complete for one in Collection(tmp_path / "news").snapshots()]
    assert proved == [False, True]


def test_what_was_seen_before_the_latest_snapshot_is_no_confirmation(tmp_path: Path) -> None:
    for day, pages in enumerate((live.listing(), live.listing(title="New"), live.listing()), 1):
        assert said(crawled(tmp_path, pages, day)) == [("news", "committed", f"2017020{day}T060000Z", 0)]


def test_what_others_captured_since_hides_no_live_snapshot(tmp_path: Path) -> None:
    pages = live.listing()
    crawled(tmp_path, pages, 1)
    assert ran(tmp_path, full_page(0, captured=at("2017-02-10T00:00:00Z"))).exit_code == 0
    assert said(crawled(tmp_path, pages, 20)) == [("news", "unchanged", "20170201T060000Z", 0)]


def test_a_page_that_somebody_captured_otherwise_meanwhile_is_no_confirmation(tmp_path: Path) -> None:
    pages = live.listing()
    crawled(tmp_path, pages, 1)
    assert ran(tmp_path, full_page(0, url=live.LAST, captured=at("2017-02-10T00:00:00Z"))).exit_code == 0
    assert said(crawled(tmp_path, pages, 20)) == [("news", "committed", "20170220T060000Z", 0)]


def test_a_live_crawl_that_wanted_more_is_kept_apart_with_the_reason(tmp_path: Path) -> None:
    pages = live.listing()
    crawled(tmp_path, pages, 1)
    outcome = crawled(tmp_path, pages, 2, missed="http://a/: no answer\x1b")
    assert said(outcome) == [("news", "incomplete", ".incomplete-20170202T060000Z", 3)]
    assert outcome.problems == ["http://a/: no answer\\x1b"]
    assert crawls.logged(tmp_path)[1].reasons == outcome.problems
    assert not list(tmp_path.glob(".[si][tn]*"))


def test_a_live_crawl_without_any_page_keeps_what_was_fetched(tmp_path: Path) -> None:
    outcome = crawled(tmp_path, {}, 1, missed="http://a/: no answer")
    assert said(outcome) == [("news", "incomplete", None, 3)]
    assert outcome.problems == ["http://a/: no answer"]


def test_a_snapshot_that_is_damaged_confirms_nothing_and_what_was_fetched_becomes_one(tmp_path: Path) -> None:
    pages = live.listing()
    crawled(tmp_path, pages, 1)
    [entries] = tmp_path.glob("news/2*/entries.jsonl")
    whole = entries.read_bytes()
    entries.write_bytes(whole.replace(b"2018", b"2019", 1))
    outcome = crawled(tmp_path, pages, 2)
    assert said(outcome) == [("news", "committed", "20170202T060000Z", 0)]
    assert "entries.jsonl" in outcome.problems[0]
    entries.write_bytes(whole)
    assert crawls.visible(tmp_path) == {"news": ["20170201T060000Z", "20170202T060000Z"]}


@pytest.mark.parametrize("record", [None, "<never written>"])
def test_a_page_of_a_live_crawl_without_evidence_is_a_failure(tmp_path: Path, record: str | None) -> None:
    outcome = ran(tmp_path, full_page(0, source="live", record=record, place="http://a/"))
    assert outcome.exit_code == 1
    assert outcome.problems[0] == "http://a/: it was not kept as evidence"
    assert crawls.visible(tmp_path) in ({"news": []}, {})


def test_what_one_crawl_fetched_is_one_snapshot_also_where_pages_have_no_position(tmp_path: Path) -> None:
    pages = live.listing()
    outcome = crawled(tmp_path, {url.replace("news.php?position=", "?paged="): one for url, one in pages.items()}, 1)
    assert [result.line.counts and result.line.counts.pages for result in outcome.results] == [4]


def test_a_live_crawl_that_finds_its_collection_held_keeps_what_it_fetched(tmp_path: Path) -> None:
    with CollectionLock(tmp_path, "news"):
        outcome = crawled(tmp_path, live.listing(), 1)
    assert said(outcome) == [("news", "failed", None, 5)]
    [spool] = tmp_path.glob(".incomplete-*")
    assert outcome.problems[-1] == f"{spool.name}: what was fetched and came into no snapshot is kept here"
    with (spool / "pages.warc.gz").open("rb") as file:
        assert sum(found.record.type == "response" for found in read(file, "kept")) == len(live.NEWS)


def test_a_note_is_told_once_and_changes_no_exit_code(tmp_path: Path) -> None:
    def note(run: Run) -> None:
        run.note("news: odd\n")
        run.note("news: odd\n")

    outcome = ran(tmp_path, full_page(0), do=note)
    assert (outcome.exit_code, outcome.problems) == (0, ["news: odd\\n"])


# --- exit codes, and the way to the run -----------------------------------------------


@pytest.mark.parametrize(
    ("codes", "code"),
    [([], 1), ([0], 0), ([0, 3], 3), ([3, 5, 0], 5), ([5, 4, 3], 4), ([0, 3, 4, 5, 1], 1)],
)
def test_a_run_exits_with_the_first_of_1_4_5_3_0_that_occurred(tmp_path: Path, codes: list[int], code: int) -> None:
    assert Outcome(tmp_path, [Result(making.line(), one) for one in codes], []).exit_code == code


def test_the_run_is_reached_through_what_it_was_attached_to(tmp_path: Path) -> None:
    class Crawler:
        pass

    crawler = Crawler()
    with pytest.raises(PsgcrawlError, match="OutcomeExtension must stand in EXTENSIONS"):
        run_of(crawler)
    run = Run(tmp_path, spider="captures", arguments={}, started=STARTED)
    attach(crawler, run)
    assert run_of(crawler) is run
