"""What was found once is not found again, and every target takes what is as it should be."""

import subprocess
import sys

import pytest

from tests.fuzz.target import CORPUS, NAMES, PROJECT, kept, load, name_of


@pytest.mark.parametrize("name", NAMES)
def test_what_is_as_it_should_be_and_what_was_ever_found_passes(name: str) -> None:
    target = load(name)
    check = target.all_of or target.check
    seeds = list(target.seeds())
    assert seeds
    # The long ones cost most, and others read pages of their size.
    for data in sorted(seeds, key=len)[:8]:
        check(data)
    for path in kept(name):
        try:
            check(path.read_bytes())
        except Exception as error:
            error.add_note(f"{path.relative_to(PROJECT)}: fed to the target {name!r}")
            raise


def test_the_corpus_is_small_and_holds_each_input_once_under_its_own_name() -> None:
    folders = {path.name for path in CORPUS.iterdir() if path.is_dir()}
    assert folders == {*NAMES}
    files = [path for name in NAMES for path in kept(name)]
    assert all(path.name == name_of(path.read_bytes()) for path in files)
    assert len(files) < 20 * len(NAMES)
    assert sum(path.stat().st_size for path in files) < 200_000


def test_an_unknown_target_is_named_and_nothing_runs() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "nothing"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "no such target: nothing" in ended.stderr
