"""Whole live crawls that guards stop: kept apart with all that they fetched, and told in words; and those that pass."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from psgcrawl import rebuild
from psgcrawl.archive.manifest import verify_files
from psgcrawl.archive.store import Archive
from psgcrawl.archive.verify.findings import Finding, Findings
from psgcrawl.archive.verify.whole import verify
from psgcrawl.archive.warc.reading import read
from psgcrawl.cli import main
from psgcrawl.run import Outcome
from tests import crawls, live
from tests.archive import making
from tests.guards import making as making_guards
from tests.live import FIRST, LAST, NEWS, SECOND, THIRD, Answer

BEFORE, NOW, LATER = "2019-10-01T06:00:00Z", "2019-10-08T06:00:00Z", "2019-10-15T06:00:00Z"
OLD, NAME = "20191001T060000Z", "20191008T060000Z"
LOGIN = Answer(b'<html><body><h1>Welcome</h1><form><input name="p" type="password"></form></body></html>')


def crawl(archive: Path, answers: Mapping[str, Answer], started: str = NOW) -> Outcome:
    return live.crawl(archive, answers, started)


def without_dates() -> dict[str, Answer]:
    """The listing when the site lost its dates: but for one entry a page it prints the empty timestamp."""

    def undated(answer: Answer) -> Answer:
        head, date, rest = re.split(rb"(\b\d\d? [A-Z][a-z]+ 20\d\d)", answer.body, maxsplit=1)
        return replace(answer, body=head + date + re.sub(rb"\b\d\d? [A-Z][a-z]+ 20\d\d", b"31 December 1969", rest))

    return {url: undated(answer) for url, answer in live.listing().items()}


def test_a_login_page_in_place_of_the_listing_is_refused_with_what_it_looks_like(tmp_path: Path) -> None:
    crawl(tmp_path, live.listing(), BEFORE)
    outcome = live.crawl(tmp_path, {FIRST: LOGIN}, NOW, missed="position 0: no layout recognises the page")
    [result] = outcome.results
    assert (outcome.exit_code, result.line.outcome, result.line.snapshot) == (4, "refused", f".refused-{NAME}")
    assert result.line.reasons[:2] == [
        "unread: no layout fits 1 of 1 pages (100 %); at most 50 % may (GUARD_UNREAD)",
        f"{FIRST}: it looks like a login page",
    ]
    assert crawls.logged(tmp_path)[-1].reasons == result.line.reasons
    assert f"news: {result.line.reasons[0]}" in outcome.problems
    assert crawls.visible(tmp_path) == {"news": [OLD]}


def test_what_is_refused_is_kept_whole(tmp_path: Path) -> None:
    crawl(tmp_path, {FIRST: LOGIN})
    folder = tmp_path / "news" / f".refused-{NAME}"
    assert verify_files(folder) == []
    with (folder / "pages.warc.gz").open("rb") as file:
        kinds = [one.record.type for one in read(file, "pages.warc.gz")]
    assert kinds == ["warcinfo", "request", "response"]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["news"]


@pytest.mark.parametrize(
    ("answers", "guard"),
    [
        (lambda: {FIRST: live.listing()[FIRST], SECOND: live.listing()[LAST]}, "kept"),
        (without_dates, "fields"),
    ],
    ids=["cut short", "without dates"],
)
def test_a_listing_that_lost_too_much_is_refused_and_accepted_on_a_persons_word(
    tmp_path: Path, answers: Callable[[], dict[str, Answer]], guard: str
) -> None:
    crawl(tmp_path, live.listing(), BEFORE)
    outcome = crawl(tmp_path, answers())
    [result] = outcome.results
    assert (outcome.exit_code, result.line.outcome) == (4, "refused")
    assert result.line.reasons[0].startswith(f"{guard}: ")
    command = ["--archive", str(tmp_path), "accept", "news", "refused", "--reason", "so it is now"]
    assert main(command) == 0
    told: list[Finding] = []
    verify(Archive(tmp_path), [], Findings(tmp_path, told.append), derive=rebuild.derive)
    assert told == []
    assert main(["--archive", str(tmp_path), "rebuild", "news", "--check"]) == 0
    # It is asked once: now this is what crawls are held against.
    again = {url: replace(one, body=one.body + b"<!-- -->") for url, one in answers().items()}
    assert crawl(tmp_path, again, LATER).exit_code == 0


def test_a_listing_with_an_edited_entry_passes(tmp_path: Path) -> None:
    crawl(tmp_path, live.listing(), BEFORE)
    assert crawl(tmp_path, live.listing(title="Otherwise")).exit_code == 0
    assert crawls.visible(tmp_path) == {"news": [OLD, NAME]}


def test_of_several_pages_one_that_no_layout_fits_is_not_for_the_guards(tmp_path: Path) -> None:
    answers = {**live.listing(), THIRD: LOGIN}
    outcome = live.crawl(tmp_path, answers, NOW, missed="position 20: no layout recognises the page")
    assert (outcome.exit_code, outcome.results[0].line.outcome) == (3, "incomplete")


def test_a_damaged_past_is_passed_over_and_told(tmp_path: Path) -> None:
    crawl(tmp_path, live.listing(), BEFORE)
    (tmp_path / "news" / OLD / "entries.jsonl").write_bytes(b"{}\n")
    outcome = crawl(tmp_path, {url: live.listing()[url] for url in NEWS[:2]})
    assert outcome.results[0].line.outcome == "committed"
    assert any(f"the crawl is not held against {OLD}" in problem for problem in outcome.problems)


def test_files_are_no_past_for_a_live_crawl(tmp_path: Path) -> None:
    making.whole_run(tmp_path, *making_guards.pages(making_guards.listing(400, 400), source="file"))
    assert crawl(tmp_path, live.listing()).exit_code == 0
    assert crawls.visible(tmp_path)["news"][-1] == NAME


def test_a_limit_that_is_none_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    ran = crawls.crawl(tmp_path / "archive", "-s", "GUARD_KEPT=much")
    assert (ran.code, ran.out) == (2, "")
    assert "GUARD_KEPT: 'much' is no number from 0 on" in ran.err
    assert not (tmp_path / "archive").exists()
