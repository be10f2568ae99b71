"""A sample of ``python -m tests.torture.verify``, which tries every position."""

from pathlib import Path

import pytest

from tests.archive.verify.making import FILES, NAME, check
from tests.thorough import every
from tests.torture.verify import trials

STEP = 3 * 97


@pytest.mark.parametrize("name", [*FILES, "runs.jsonl"])
def test_a_plain_check_finds_changed_lost_doubled_and_cut_bytes_and_lost_doubled_and_moved_parts(
    archive: Path, name: str
) -> None:
    path = archive / name if name == "runs.jsonl" else archive / "news" / NAME / name
    # The lines of a manifest are many, and nothing but bytes.
    outcomes = dict(trials(archive, path, STEP, patched=False, whole=name != "datapackage.json"))
    assert len(outcomes) > 10
    assert [what for what, found in outcomes.items() if not found] == []
    assert check(archive).problems == []


def test_a_plain_check_finds_every_damage_of_the_head_of_the_log(archive: Path) -> None:
    outcomes = dict(trials(archive, archive / ".runs.head", every(5), patched=False))
    assert len(outcomes) > 60
    assert [what for what, found in outcomes.items() if not found] == []


@pytest.mark.parametrize("name", ["entries.jsonl", "pages.jsonl", "pages.warc.gz"])
@pytest.mark.thorough
def test_a_deep_check_finds_damage_though_all_hashes_were_made_right_again(archive: Path, name: str) -> None:
    outcomes = dict(trials(archive, archive / "news" / NAME / name, 997, patched=True))
    assert len(outcomes) > 10
    assert [what for what, found in outcomes.items() if not found] == []
