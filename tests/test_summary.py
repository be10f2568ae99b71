"""What a run says to people at its end."""

import shlex
from pathlib import Path

import pytest

from psgcrawl.records import Counts, Kind, OutcomeName
from psgcrawl.run import Outcome, Result
from psgcrawl.summary import summary
from tests.archive.making import line

ARCHIVE = Path("/somewhere/output")


def counts(pages: int = 1, **entries: int) -> Counts:
    kinds: dict[str, Kind] = {"entry": "entry", "notice": "notice", "boilerplate": "boilerplate"}
    return Counts(pages=pages, entries={kinds[name]: number for name, number in entries.items()})


def result(outcome: OutcomeName = "committed", snapshot: str | None = "20170218T060000Z", **given: object) -> Result:
    qualities = {name: given.pop(name) for name in ("undated", "flags") if name in given}
    told = line(**({"outcome": outcome, "snapshot": snapshot, "counts": counts(entry=1)} | given))
    return Result(told, 0, **qualities)  # type: ignore[arg-type]


def said(*results: Result, archive: Path = ARCHIVE) -> list[str]:
    return summary(Outcome(archive, results, [])).splitlines()


def test_collections_come_by_name_and_what_was_not_taken_in_last() -> None:
    told = said(
        result(collection=None, outcome="incomplete", snapshot=None, reasons=["in/a.html: empty", "in/b.html: binary"]),
        result(collection="news", snapshot="20170219T060000Z"),
        result(collection="articles"),
        result(collection="news"),
    )
    assert told == [
        "articles",
        "  20170218T060000Z  new: 1 page, 1 entry",
        "",
        "news",
        "  20170219T060000Z  new: 1 page, 1 entry",
        "  20170218T060000Z  new: 1 page, 1 entry",
        "",
        "not taken in",
        "  in/a.html: empty",
        "  in/b.html: binary",
        "",
        "3 new snapshots. Archive: /somewhere/output",
        "",
        "Next:",
        "  psgcrawl snapshots",
        "  less /somewhere/output/news/20170219T060000Z/entries.jsonl",
    ]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (counts(0), "0 pages"),
        (counts(1, entry=1, notice=1, boilerplate=1), "1 page, 1 entry, 1 notice, 1 boilerplate"),
        (counts(3, entry=23, notice=0, boilerplate=4), "3 pages, 23 entries, 4 boilerplate"),
        (counts(2, entry=0, notice=2), "2 pages, 2 notices"),
        (None, "nothing"),
    ],
)
def test_counts_are_words(found: Counts | None, words: str) -> None:
    assert said(result(counts=found))[1] == f"  20170218T060000Z  new: {words}"


def test_what_a_reader_should_know_stands_under_a_new_snapshot() -> None:
    told = said(result(undated=5, flags={"no-dateline": 1, "epoch-date": 4}, reasons=["in/a.html: no layout"]))
    assert told[2:5] == ["    without a date: 5", "    flags: epoch-date 4, no-dateline 1", "    in/a.html: no layout"]


@pytest.mark.parametrize(
    ("one", "shown", "closing"),
    [
        (
            result("unchanged", undated=5),
            "  20170218T060000Z  unchanged: the archive held it already",
            "Nothing new, 1 unchanged.",
        ),
        (
            result("incomplete", ".incomplete-20170218T060000Z"),
            "  .incomplete-20170218T060000Z  incomplete: kept apart: 1 page, 1 entry",
            "Nothing new, 1 not committed.",
        ),
        (
            result("refused", ".refused-20170218T060000Z"),
            "  .refused-20170218T060000Z  refused: kept apart: 1 page, 1 entry",
            "Nothing new, 1 not committed.",
        ),
        (result("failed", None, reasons=["disk full"]), "  failed", "Nothing new, 1 not committed."),
    ],
    ids=["unchanged", "incomplete", "refused", "failed"],
)
def test_each_outcome_is_told(one: Result, shown: str, closing: str) -> None:
    told = said(one)
    assert told[1] == shown
    assert f"{closing} Archive: {ARCHIVE}" in told
    assert [text for text in told if text.startswith("    ")] == [f"    {reason}" for reason in one.line.reasons]


def test_reasons_are_told_whatever_the_outcome() -> None:
    told = said(result("incomplete", ".incomplete-x", reasons=["the crawl ended early: shutdown"]))
    assert told[2] == "    the crawl ended early: shutdown"


def test_only_what_can_be_read_is_proposed_and_in_words_that_a_shell_understands() -> None:
    assert "Next:" not in said(result("failed", ".incomplete-20170218T060000Z"))
    odd = Path("/my archive/it's")
    told = said(result("incomplete", ".incomplete-x", collection="articles"), result("unchanged"), archive=odd)
    assert shlex.split(told[-1]) == ["less", "/my archive/it's/news/20170218T060000Z/entries.jsonl"]


def test_a_run_without_results_says_that_there_is_nothing_new() -> None:
    assert said() == ["Nothing new. Archive: /somewhere/output"]
