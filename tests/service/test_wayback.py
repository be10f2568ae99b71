"""Whole backfills from a real pywb that indexed and replays the captures of a known past by its own code."""

from pathlib import Path

import pytest

from tests.crawls import logged, sound
from tests.webarchives import PAST, judging, running
from tests.webarchives.judging import Found
from tests.webarchives.truth import COLLECTIONS, TRUTH

pytestmark = pytest.mark.service


def test_a_collection_of_pywb_is_found_whole_and_is_asked_for_nothing_again(real: str, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    ran = running.run(archive, f"{real}psg/")
    assert ran.code == 0, ran.err
    assert judging.missing(archive, TRUTH) == []
    no_pages = {(taken.stamp, taken.url) for taken in PAST.no_pages}
    assert no_pages <= {one for listing in COLLECTIONS for one in Found(archive, listing).no_pages}
    claimed = judging.claims(archive)
    assert judging.false(claimed, TRUTH) == []
    assert {change.change for _, _, _, change in claimed} == {"added", "edited", "removed"}
    sound(archive)
    lines = len(logged(archive))
    again = running.run(archive, f"{real}psg/")
    assert again.code == 0, again.err
    assert {line.outcome for line in logged(archive)[lines:]} == {"unchanged"}


def test_a_plan_is_made_of_its_index(real: str, tmp_path: Path) -> None:
    ran = running.run(tmp_path / "archive", f"{real}psg", plan="yes", listing="news")
    assert ran.code == 0, ran.err
    assert all(one.taken.url in ran.out + ran.err for one in TRUTH.of("news"))
    assert not list(tmp_path.rglob("entries.jsonl"))
