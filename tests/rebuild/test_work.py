from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import WARC
from psgcrawl.errors import CollectionBusy
from psgcrawl.rebuild import work
from psgcrawl.rebuild.outcomes import Examined, Failure
from psgcrawl.rebuild.work import WORTHWHILE, Again, rebuild, worthwhile
from psgcrawl.records import replace
from tests.rebuild.making import STARTED, editions, files, one, retitled, rewritten, several


def again(archive: Path, **given: bool) -> Again:
    """The job of the newest snapshot."""
    return Again(archive, rewritten(one(archive), entries=retitled), STARTED, **given)


def edition(job: Again) -> str | None:
    found = rebuild(job).found
    assert isinstance(found, Examined)
    return found.edition


def without_log(archive: Path) -> dict[str, bytes]:
    return {path: data for path, data in files(archive).items() if "/" in path}


def test_a_job_that_is_done_twice_commits_one_edition(tmp_path: Path) -> None:
    job = again(tmp_path)
    name = f"{job.snapshot.name}.e2"
    assert edition(job) == name
    stored = files(tmp_path)
    assert edition(job) == name
    assert files(tmp_path) == stored


def test_a_job_that_is_begun_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in (tmp_path / "one", tmp_path / "other"):
        edition(again(folder))
    assert without_log(tmp_path / "one") == without_log(tmp_path / "other")


def test_an_edition_whose_job_died_before_its_line_was_written_is_logged_by_the_next(tmp_path: Path) -> None:
    job = again(tmp_path)
    lines = list(runlog.read(tmp_path))
    edition(job)
    logged = [line.snapshot for line in runlog.read(tmp_path)]
    whole = (tmp_path / runlog.RUNS).read_bytes().splitlines(keepends=True)
    (tmp_path / runlog.RUNS).write_bytes(b"".join(whole[: len(lines)]))
    (tmp_path / runlog.HEAD).unlink()
    done = rebuild(job)
    assert [line.snapshot for line in runlog.read(tmp_path)] == logged
    assert runlog.check(tmp_path) == []
    assert done.notes == [f"news/{job.snapshot.name}.e2: had no line in the log yet; verified, and logged"]


def test_what_a_killed_job_was_writing_is_kept_apart_and_told(tmp_path: Path) -> None:
    job = again(tmp_path)
    (tmp_path / "news" / f".staging-{job.snapshot.name}.e2").mkdir()
    done = rebuild(job)
    assert "what it left is kept as .incomplete-" in done.notes[0]
    assert editions(tmp_path) == [job.snapshot.name, f"{job.snapshot.name}.e2"]


def test_an_edition_that_came_meanwhile_is_derived_again_itself(tmp_path: Path) -> None:
    job = again(tmp_path)
    edition(job)
    second = replace(job.snapshot, folder=job.snapshot.folder.with_name(f"{job.snapshot.name}.e2"))
    rewritten(second, entries=retitled)
    assert edition(job) == f"{job.snapshot.name}.e3"
    assert editions(tmp_path) == [f"{job.snapshot.name}{end}" for end in ("", ".e2", ".e3")]


def test_a_check_commits_nothing_and_waits_for_nobody(tmp_path: Path) -> None:
    job = again(tmp_path, check=True)
    stored = files(tmp_path)
    with CollectionLock(tmp_path, "news"):
        assert edition(job) is None
    assert files(tmp_path) == stored


def test_a_collection_that_is_held_for_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "PATIENCE", 0.1)
    job = again(tmp_path)
    with CollectionLock(tmp_path, "news"), pytest.raises(CollectionBusy):
        rebuild(job)


def test_a_snapshot_without_its_evidence_is_a_failure(tmp_path: Path) -> None:
    job = again(tmp_path)
    (job.snapshot.folder / WARC).unlink()
    found = rebuild(job).found
    assert isinstance(found, Failure)
    assert "no raw pages were kept" in found.problem


def test_no_process_is_started_for_next_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "processors", lambda: 4)
    snapshots = several(tmp_path, 3)
    assert worthwhile(snapshots) == 1
    with (snapshots[0].folder / WARC).open("r+b") as file:
        file.truncate(2 * WORTHWHILE)
    assert worthwhile(snapshots) == 3
    with (snapshots[1].folder / WARC).open("r+b") as file:
        file.truncate(9 * WORTHWHILE)
    assert worthwhile(snapshots) == 4
    (snapshots[1].folder / WARC).unlink()
    assert worthwhile(snapshots) == 3
