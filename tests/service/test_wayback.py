"""Whole backfills from a real pywb that indexed and replays the captures of a known past by its own code."""

from pathlib import Path
from random import Random

import pytest

from tests.crawls import logged, sound
from tests.webarchives import PAST, judging, running
from tests.webarchives.judging import Found, brought
from tests.webarchives.kills import Trial
from tests.webarchives.truth import COLLECTIONS, TRUTH, Truth

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def whole(real: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of the past, brought in one run."""
    archive = tmp_path_factory.mktemp("backfill") / "archive"
    ran = running.run(archive, f"{real}psg/")
    assert ran.code == 0, ran.err
    return archive


def test_a_real_pywb_gives_all_captures_and_entries_and_the_archive_is_sound(whole: Path) -> None:
    assert judging.missing(whole, TRUTH) == []
    for name in COLLECTIONS:
        assert Found(whole, name).entries == TRUTH.entries(name)
    no_pages = {(taken.stamp, taken.url) for taken in PAST.no_pages}
    assert no_pages <= {one for listing in COLLECTIONS for one in Found(whole, listing).no_pages}
    claimed = judging.claims(whole)
    assert judging.false(claimed, TRUTH) == []
    assert judging.false_ends(whole, TRUTH) == []
    assert {change.change for _, _, _, change in claimed} == {"added", "edited", "removed"}
    sound(whole)


def test_a_second_run_finds_nothing_new(whole: Path, real: str) -> None:
    before, lines = brought(whole), len(logged(whole))
    ran = running.run(whole, f"{real}psg")
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    assert "unchanged: the archive held it already" in ran.out
    assert {line.outcome for line in logged(whole)[lines:]} == {"unchanged"}
    assert brought(whole) == before


def test_a_plan_stands_on_standard_output_and_leaves_nothing(real: str, tmp_path: Path) -> None:
    ran = running.run(tmp_path / "archive", f"{real}psg", plan="yes", listing="news")
    assert ran.code == 0, ran.err
    assert "news: " in ran.out
    assert "to be fetched" in ran.out
    assert all(one.taken.url in ran.out for one in TRUTH.of("news"))
    assert [path.name for path in (tmp_path / "archive").iterdir()] == []


def test_a_run_that_is_killed_loses_nothing(real: str, tmp_path: Path) -> None:
    trial = Trial(f"{real}psg", truth=Truth(PAST), arguments={"listing": "news"})
    assert trial.whole(tmp_path / "whole") == []
    random = Random(7)  # noqa: S311 - the same moments again
    killed = trial.killed(tmp_path / "killed", tmp_path / "whole", moment=0.5, random=random)
    assert (killed.code, killed.problems) == (-9, [])
    sound(tmp_path / "killed" / "archive")
