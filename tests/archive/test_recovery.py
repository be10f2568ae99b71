from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, read_manifest
from psgcrawl.archive.recovery import REASON, log_unlogged, unlogged
from psgcrawl.archive.write import Choices, Written, write_snapshot
from psgcrawl.errors import DamagedData
from tests.archive.faults import struck
from tests.archive.making import NOON, RUN, at, full_page, line, whole_run

NOW = "2024-06-01T00:00:00Z"


def committed(archive: Path, since: str = NOON, *, name: str | None = None) -> Written:
    """A snapshot that was committed by a run that died before its log line."""
    with CollectionLock(archive, "news") as lock:
        return write_snapshot(lock, [full_page(0, 3, captured=at(since))], RUN, Choices(name=name))


def test_a_snapshot_without_a_line_is_unlogged(tmp_path: Path) -> None:
    whole_run(tmp_path, full_page(0))
    late = committed(tmp_path, "2018-01-01T00:00:00Z")
    early = committed(tmp_path, "2016-01-01T00:00:00Z")
    edition = committed(tmp_path, name=f"{early.name}.e2")
    assert unlogged(tmp_path, "news") == [early.name, edition.name, late.name]


def test_only_a_line_of_the_commit_in_this_collection_counts(tmp_path: Path) -> None:
    name = committed(tmp_path).name
    runlog.append(tmp_path, line(snapshot=name, outcome="unchanged"))
    runlog.append(tmp_path, line(snapshot=name, collection="articles"))
    assert unlogged(tmp_path, "news") == [name]
    runlog.append(tmp_path, line(snapshot=name))
    assert unlogged(tmp_path, "news") == []


def test_folders_kept_apart_links_and_foreign_names_are_not_unlogged(tmp_path: Path) -> None:
    (tmp_path / "news" / ".incomplete-20170218T060000Z").mkdir(parents=True)
    (tmp_path / "news" / "notes").mkdir()
    (tmp_path / "news" / "20170218T060000Z").write_text("a file")
    assert unlogged(tmp_path, "news") == []
    assert unlogged(tmp_path, "articles") == []


def test_a_whole_snapshot_gets_the_line_that_its_run_did_not_write(tmp_path: Path) -> None:
    written = committed(tmp_path)
    with CollectionLock(tmp_path, "news") as lock:
        recovery = log_unlogged(lock, NOW)
        again = log_unlogged(lock, NOW)
    assert (recovery.logged, recovery.damaged) == ([written.name], [])
    assert (again.logged, again.damaged) == ([], [])
    [logged] = runlog.read(tmp_path)
    assert (logged.outcome, logged.reasons, logged.pages) == ("committed", [REASON], [])
    assert (logged.snapshot, logged.collection, logged.spider) == (written.name, "news", "captures")
    assert (logged.started, logged.finished) == (RUN.started, NOW)
    assert (logged.manifest_sha256, logged.counts, logged.coverage) == (
        written.manifest_sha256,
        written.counts,
        written.coverage,
    )


def test_it_is_on_disk_before_it_is_logged(tmp_path: Path) -> None:
    folder = committed(tmp_path).folder
    with CollectionLock(tmp_path, "news") as lock, struck() as calls:
        log_unlogged(lock, NOW)
    opened = [str(args[0]) for name, args in calls.log if name == "open"]
    forced = [str(folder / name) for name in (ENTRIES, "pages.jsonl", MANIFEST)] + [str(folder), str(folder.parent)]
    assert opened[:5] == forced
    assert [name for name, _ in calls.log][:10] == ["open", "fsync"] * 5


def test_a_damaged_one_is_named_and_never_logged_as_committed(tmp_path: Path) -> None:
    changed = committed(tmp_path).folder
    (changed / ENTRIES).write_bytes(b"")
    bare = committed(tmp_path, "2018-01-01T00:00:00Z").folder
    (bare / MANIFEST).rename(bare / "elsewhere")
    whole = committed(tmp_path, "2019-01-01T00:00:00Z")
    with CollectionLock(tmp_path, "news") as lock:
        recovery = log_unlogged(lock, NOW)
    assert recovery.logged == [whole.name]
    assert [problem.split(": ")[0] for problem in recovery.damaged] == [str(changed / ENTRIES), str(bare / MANIFEST)]
    assert [one.snapshot for one in runlog.read(tmp_path)] == [whole.name]
    assert read_manifest(whole.folder).sha256 == whole.manifest_sha256


def test_recovery_needs_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the lock is not held"):
        log_unlogged(CollectionLock(tmp_path, "news"), NOW)


def test_a_damaged_log_stops_it(tmp_path: Path) -> None:
    committed(tmp_path)
    (tmp_path / "runs.jsonl").write_bytes(b"{}\n")
    with CollectionLock(tmp_path, "news") as lock, pytest.raises(DamagedData, match=r"runs\.jsonl:1"):
        log_unlogged(lock, NOW)
