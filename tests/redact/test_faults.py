"""A redaction that dies, or whose disk fails, at any step: nothing is lost before it is replaced, and it finishes."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from psgcrawl.archive.manifest import verify_files
from psgcrawl.archive.redact.erasing import left_over
from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.store import Archive
from psgcrawl.redact.carrying import carry_out
from tests.archive import faults
from tests.archive.faults import dies, struck
from tests.redact.making import REASON, WHEN, WITHHELD, Run, holders_of, item, listing, sound
from tests.thorough import every

MARK = Mark(WHEN, REASON)
APART = 2 * every(6)
"""Steps from one that a test tries to the next."""


@pytest.fixture(autouse=True)
def _calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleting is a call, too."""
    monkeypatch.setattr(faults, "CALLS", (*faults.CALLS, "unlink"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Two snapshots that hold the same record, and an index."""
    archive = tmp_path_factory.mktemp("made")
    run = Run("2016-03-20T06:00:00Z")
    run.fetch("/news.php", listing([item(2, "18 March 2016")]))
    record = run.fetch("/news.php?position=10", listing([item(1, "1 March 2016", WITHHELD)]))
    run.commit(archive)
    later = Run("2016-03-27T06:00:00Z")
    later.unchanged("/news.php?position=10", record)
    later.commit(archive)
    (archive / ".index.sqlite").write_bytes(WITHHELD.encode())
    return archive, record.id


def copies(made: tuple[Path, str], folder: Path, first: int) -> Iterator[tuple[int, Path]]:
    """A copy for each step that is tried: the two tests below share them."""
    for number in range(first, 1000, APART):
        archive = folder / str(number)
        shutil.copytree(made[0], archive, symlinks=True)
        yield number, archive
        shutil.rmtree(archive)


def see_to(archive: Path, record: str) -> None:
    """The state that was left is whole, and the next call finishes."""
    collection = Archive(archive).collection("news")
    for snapshot in collection.snapshots():
        assert verify_files(snapshot.folder) == [], "the newest edition is whole at any time"
    for path in left_over(collection):
        assert path.parent.name not in {snapshot.name for snapshot in collection.snapshots()}
    carry_out(archive, "news", record, MARK)
    assert [one.name for one in collection.snapshots()] == ["20160320T060000Z.e2", "20160327T060000Z.e2"]
    assert holders_of(WITHHELD, archive) == []
    assert left_over(collection) == []


def work(archive: Path, record: str) -> Callable[[], object]:
    return lambda: carry_out(archive, "news", record, MARK)


def test_a_redaction_that_dies_at_any_step_is_finished_by_the_next_call(made: tuple[Path, str], tmp_path: Path) -> None:
    deaths = 0
    for number, archive in copies(made, tmp_path, 1):
        if not dies(number, work(archive, made[1])):
            break
        deaths += 1
        see_to(archive, made[1])
    assert deaths > 60 // APART, "fewer calls than a redaction of two snapshots makes"


def test_a_redaction_whose_disk_fails_at_any_step_is_finished_by_the_next_call(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    failures = 0
    for number, archive in copies(made, tmp_path, 2):
        with struck(number) as calls:
            try:
                carry_out(archive, "news", made[1], MARK)
            except OSError:
                failures += 1
        if number > len(calls.log):
            break
        see_to(archive, made[1])
    assert failures > 60 // APART


def test_nothing_is_deleted_before_its_replacement_is_durable_and_logged(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(made[0], archive, symlinks=True)
    with struck() as calls:
        carry_out(archive, "news", made[1], MARK)
    names = [name for name, _ in calls.log]
    going = [number for number, (name, args) in enumerate(calls.log) if name == "unlink" and "pages" in str(args[0])]
    assert len(going) == 4
    assert names[: going[0]].count("rename") >= 2, "both editions are visible"
    opened = [str(args[0]) for name, args in calls.log[: going[0]] if name == "open"]
    assert sum(name.endswith("runs.jsonl") for name in opened) >= 2, "and logged"
    assert sound(archive)
