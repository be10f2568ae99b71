"""Backfills held against the truth: all is found, nothing false is claimed, nothing is asked for twice."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from psgcrawl.run import Outcome
from tests import miniarchive
from tests.crawls import logged, outcome_of, sound
from tests.miniarchive import Fault, MiniArchive
from tests.webarchives import PAST, judging, kills
from tests.webarchives.judging import Found
from tests.webarchives.running import backfill
from tests.webarchives.truth import COLLECTIONS, TRUTH, Truth

EXCEPTIONS: Final = len(PAST.other_status) + len(PAST.empty)
"""Captures of listings' addresses that are no page: their bytes are evidence, and so they are asked for once."""

SOME: Final = {"listing": "articles", "until": "2012-12-31"}
"""A small part of the past, for what does not need all of it."""
OF_SOME: Final = Truth(PAST, until="20121231")


@pytest.fixture
def web() -> Iterator[MiniArchive]:
    with MiniArchive() as started:
        yield started


def ended(archive: Path, web: MiniArchive, settings: dict[str, Any] | None = None, /, **arguments: str) -> Outcome:
    return outcome_of(backfill(archive, web, settings or {}, **arguments))


def is_whole(archive: Path, *, grouped: bool = True) -> bool:
    """Tell whether :data:`SOME` is there, and nothing false is claimed."""
    assert judging.missing(archive, OF_SOME, ["articles"], grouped=grouped) == []
    assert judging.false(judging.claims(archive), OF_SOME) == []
    return True


def test_everything_is_found_nothing_false_is_claimed_and_no_byte_is_asked_for_twice(
    web: MiniArchive, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    assert ended(archive, web).exit_code == 0
    assert judging.missing(archive, TRUTH) == []
    asked = web.asked("memento")
    assert len({one.target for one in asked}) == len(asked)
    assert TRUTH.fetches() <= len(asked) <= TRUTH.fetches() + EXCEPTIONS
    assert web.asked("other") == []
    no_pages = {(taken.stamp, taken.url) for taken in PAST.no_pages}
    assert no_pages <= {one for listing in COLLECTIONS for one in Found(archive, listing).no_pages}
    claimed = judging.claims(archive)
    assert judging.false(claimed, TRUTH) == []
    assert {change.change for _, _, _, change in claimed} == {"added", "edited", "removed"}
    sound(archive)
    asks_no_more(archive, web)


def asks_no_more(archive: Path, web: MiniArchive, **arguments: str) -> None:
    """Assert that another run asks for no capture, and adds nothing."""
    before, lines = sorted(archive.rglob("*/entries.jsonl")), len(logged(archive))
    web.forget()
    assert ended(archive, web, **arguments).exit_code == 0
    assert web.asked("memento") == []
    assert sorted(archive.rglob("*/entries.jsonl")) == before
    assert {line.outcome for line in logged(archive)[lines:]} == {"unchanged"}


def test_an_archive_of_another_make_is_understood_without_being_told(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with MiniArchive(dialect="pywb") as web:
        assert ended(archive, web, listing="articles").exit_code == 0
        assert judging.missing(archive, TRUTH, ["articles"]) == []
        asked = web.asked("memento")
        assert len({one.target for one in asked}) == len(asked)
        asks_no_more(archive, web, listing="articles")


STOPS: Final[dict[str, Callable[[], Fault]]] = {
    "refused connections": lambda: miniarchive.after(3, miniarchive.refusing),
    "429 without end": lambda: miniarchive.after(3, miniarchive.too_many()),
    "a wait of a day": lambda: miniarchive.after(3, miniarchive.too_many(86_400)),
    "excluded meanwhile": lambda: miniarchive.after(
        3, miniarchive.broken(403, {"X-Archive-Wayback-Runtime-Error": "AdministrativeAccessControlException: x"})
    ),
    "trouble without end": lambda: miniarchive.after(3, miniarchive.broken(503)),
    "an index that is busy": lambda: miniarchive.after(0, miniarchive.too_many(), kind="index"),
    "an index that goes in a circle": lambda: miniarchive.forgetful,
}


@pytest.mark.parametrize("stop", STOPS)
def test_a_web_archive_that_will_not_answer_ends_the_run_with_3_and_the_next_one_goes_on(
    stop: str, web: MiniArchive, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    web.fault = STOPS[stop]()
    assert ended(archive, web, {"WAYBACK_ROWS": 3, "WAYBACK_PAUSE": 0.1}, **SOME).exit_code == 3
    first = {one.target for one in web.asked("memento") if one.status == 200}
    if stop == "refused connections":
        web.accept()
    web.fault = None
    web.forget()
    # That it is to be left alone for a day stands in the file of budgets: another file is another day.
    assert ended(archive, web, {"WAYBACK_BUDGETS": str(tmp_path / "tomorrow")}, **SOME).exit_code == 0
    assert first & {one.target for one in web.asked("memento")} == set()
    # Of an index that broke off nobody knew what else belonged together.
    assert is_whole(archive, grouped="circle" not in stop)
    sound(archive, deep=False)


@pytest.mark.parametrize(
    "fault",
    [
        miniarchive.after(2, miniarchive.too_many(0), times=1),
        miniarchive.after(2, miniarchive.broken(503), times=1),
        miniarchive.after(0, miniarchive.broken(504), kind="index", times=1),
        miniarchive.after(2, miniarchive.cut, times=1),
    ],
    ids=["429", "503", "504 of the index", "cut off"],
)
def test_trouble_that_passes_costs_nothing(fault: Fault, web: MiniArchive, tmp_path: Path) -> None:
    web.fault = fault
    assert ended(tmp_path / "archive", web, **SOME).exit_code == 0
    assert is_whole(tmp_path / "archive")


def test_a_capture_of_another_time_is_never_taken_for_the_one_that_was_asked_for(
    web: MiniArchive, tmp_path: Path
) -> None:
    lost, other = OF_SOME.of("articles")[0].taken, TRUTH.of("articles")[-1].taken
    web.fault = miniarchive.moved(lost, other)
    assert ended(tmp_path / "archive", web, **SOME).exit_code == 3
    stamps = {stamp for stamp, _ in Found(tmp_path / "archive", "articles").captures}
    assert stamps == {one.taken.stamp for one in OF_SOME.of("articles")} - {lost.stamp}


def test_budgets_are_kept(web: MiniArchive, tmp_path: Path) -> None:
    assert ended(tmp_path / "archive", web, {"WAYBACK_MEMENTOS_PER_SECOND": 2}, **SOME).exit_code == 0
    asked = web.asked("memento")
    # Two a second: from the first to the last of six are two seconds, less what the first one came late.
    assert len(asked) == OF_SOME.fetches(["articles"]) == 6
    assert asked[-1].at - asked[0].at > 1


def test_a_backfill_that_is_killed_goes_on_and_loses_at_most_what_was_in_flight(tmp_path: Path) -> None:
    random = Random(7)  # noqa: S311 - the same moments again
    killed = kills.killed(tmp_path / "killed", moment=0.6, random=random, truth=OF_SOME, **SOME)
    assert killed.code == -signal.SIGKILL
    assert killed.problems == []
    assert killed.asked_again <= 1
