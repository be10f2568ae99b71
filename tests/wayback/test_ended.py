"""A backfill whose process is ended in the middle of it, and the one after it."""

import signal
from pathlib import Path
from random import Random
from threading import Event

import pytest

from tests.crawls import PATIENCE, logged, sound
from tests.miniarchive import MiniArchive
from tests.webarchives import running
from tests.webarchives.judging import brought
from tests.webarchives.kills import Trial
from tests.webarchives.truth import SMALL

NEWS = {"listing": "news"}


@pytest.mark.thorough
def test_one_that_is_killed_loses_at_most_what_was_in_flight(site: MiniArchive, tmp_path: Path, whole: Path) -> None:
    trial = Trial(site.address, site, SMALL, NEWS)
    random = Random(7)  # noqa: S311 - the same moments again
    killed = trial.killed(tmp_path / "killed", whole, moment=0.6, random=random)
    assert killed.code == -signal.SIGKILL
    assert killed.problems == []
    assert killed.asked > 0
    assert killed.asked_again <= 1
    sound(tmp_path / "killed" / "archive")


@pytest.mark.thorough
def test_one_that_is_told_to_end_keeps_what_it_has_and_the_next_one_goes_on(
    site: MiniArchive, tmp_path: Path, whole: Path
) -> None:
    archive = tmp_path / "archive"
    there, told = Event(), Event()

    def hold(kind: str, _: str) -> None:
        if kind == "memento" and len(site.asked("memento")) == 4:
            there.set()
            told.wait(PATIENCE)

    site.on_request = hold
    with running.start(archive, site.address, {"WAYBACK_MEMENTOS_PER_SECOND": 20}, **NEWS) as process:
        assert there.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        told.set()
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, err
    assert "captures are still to come, the next run goes on" in err
    assert {line.outcome for line in logged(archive)} <= {"committed", "incomplete"}
    assert logged(archive)[-1].outcome == "incomplete"
    sound(archive)
    given = {one.target for one in site.asked("memento") if one.status == 200}
    assert 4 <= len(given) < SMALL.fetches(["news"])
    site.forget()
    assert running.run(archive, site.address, **NEWS).code == 0
    assert brought(archive) == brought(whole)
    # What was on its way when it ended was not waited for.
    assert len(given & {one.target for one in site.asked("memento")}) <= 1
    sound(archive)


def test_one_that_ends_before_it_starts_says_why_and_nothing_of_ours_fails(site: MiniArchive, tmp_path: Path) -> None:
    ran = running.run(tmp_path, site.address, {"MEMUSAGE_LIMIT_MB": 1}, **NEWS)
    assert ran.code == 3, ran.err
    assert "memusage_exceeded" in ran.err
    assert "a handler of a signal failed" not in ran.err
