import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Literal

import pytest

from psgcrawl.archive import names, runlog
from psgcrawl.archive.commit import CollectionLock, Staging
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES, verify_files
from psgcrawl.archive.recovery import unlogged
from psgcrawl.archive.write import write_snapshot
from psgcrawl.errors import CollectionBusy, DamagedData, NameTaken, UsageError
from tests.archive.faults import dies, struck
from tests.archive.making import RUN, at, contents, full_page, whole_run
from tests.thorough import every

NAME = "20170218T120000Z"
OTHER = "20180101T000000Z"
FIRST = full_page(0, 3)
SECOND = full_page(0, 5, captured=at("2018-01-01T00:00:00Z"))


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[CollectionLock]:
    with CollectionLock(tmp_path / "archive", "news") as lock:
        yield lock


@pytest.fixture
def manifest(tmp_path: Path) -> bytes:
    """The manifest of a snapshot whose entries and pages are those of :func:`fill`."""
    with CollectionLock(tmp_path / "model", "news") as model:
        folder = write_snapshot(model, [FIRST], RUN).folder
    return (folder / MANIFEST).read_bytes()


def fill(staging: Staging, tmp_path: Path) -> Staging:
    for name in (ENTRIES, PAGES):
        staging.write(name, (tmp_path / "model" / "news" / NAME / name).read_bytes())
    return staging


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- the lock ---------------------------------------------------------------------------


def test_a_collection_is_made_and_locked(tmp_path: Path) -> None:
    lock = CollectionLock(tmp_path / "a" / "archive", "news")
    assert not (tmp_path / "a").exists()
    with lock as taken:
        assert taken is lock
        assert lock.held
        assert listing(lock.folder) == [".lock"]
    assert not lock.held


def test_a_folder_that_a_dead_run_made_is_forced_to_disk(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    with struck() as calls, CollectionLock(tmp_path, "news"):
        assert calls.log[0][1][0] == tmp_path
        assert [name for name, _ in calls.log] == ["open", "fsync", "open"]


def test_one_collection_has_one_holder(lock: CollectionLock) -> None:
    other = CollectionLock(lock.archive, "news")
    with pytest.raises(CollectionBusy, match="news: another run holds this collection"):
        other.acquire()
    assert not other.held
    lock.release()
    with other:
        assert other.held


def test_who_has_patience_gets_the_lock_when_it_is_free(lock: CollectionLock) -> None:
    Timer(0.15, lock.release).start()
    with CollectionLock(lock.archive, "news", patience=30) as other:
        assert other.held
        assert not lock.held


def test_patience_ends(lock: CollectionLock) -> None:
    began = time.monotonic()
    with pytest.raises(CollectionBusy):
        CollectionLock(lock.archive, "news", patience=0.2).acquire()
    assert 0.2 <= time.monotonic() - began < 10


def test_other_collections_are_free(lock: CollectionLock) -> None:
    with CollectionLock(lock.archive, "articles") as other:
        assert other.held


def test_taking_a_lock_twice_is_a_mistake_and_giving_it_back_twice_is_none(lock: CollectionLock) -> None:
    with pytest.raises(RuntimeError, match="the lock is already held"):
        lock.acquire()
    lock.release()
    lock.release()
    with pytest.raises(RuntimeError, match="the lock is not held"):
        lock.require()


def test_a_collection_cannot_lie_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'\.\./news'"):
        CollectionLock(tmp_path, "../news")


_HOLDER = """
import sys
from pathlib import Path
from psgcrawl.archive.commit import CollectionLock
with CollectionLock(Path(sys.argv[1]), "news") as lock:
    (lock.folder / ".staging-20170218T120000Z").mkdir()
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_kept_out_until_the_holder_is_killed(tmp_path: Path, project: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)], cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(CollectionBusy):
            CollectionLock(tmp_path, "news").acquire()
        assert listing(tmp_path / "news") == [".lock", f".staging-{NAME}"], "a live run's staging is not touched"
        holder.kill()
    with CollectionLock(tmp_path, "news") as lock:
        assert lock.set_aside == [f".incomplete-{NAME}"]


def test_what_dead_runs_were_staging_is_set_aside_under_free_names_and_nothing_is_lost(tmp_path: Path) -> None:
    news = tmp_path / "news"
    for name in (f".staging-{NAME}", f".staging-{NAME}-2", f".incomplete-{NAME}", f".refused-{NAME}", ".staging"):
        (news / name).mkdir(parents=True)
        (news / name / "file").write_text(name)
    with CollectionLock(tmp_path, "news") as lock:
        assert lock.set_aside == [f".incomplete-{NAME}-2", f".incomplete-{NAME}-2-2"]
    assert {path: data.decode() for path, data in contents(news).items() if path != ".lock"} == {
        f".incomplete-{NAME}/file": f".incomplete-{NAME}",
        f".incomplete-{NAME}-2/file": f".staging-{NAME}",
        f".incomplete-{NAME}-2-2/file": f".staging-{NAME}-2",
        f".refused-{NAME}/file": f".refused-{NAME}",
        ".staging/file": ".staging",
    }


def test_a_lock_that_cannot_set_aside_is_given_back(tmp_path: Path) -> None:
    (tmp_path / "news" / f".staging-{NAME}").mkdir(parents=True)
    lock = CollectionLock(tmp_path, "news")
    with struck() as calls, CollectionLock(tmp_path, "news"):
        taking = [name for name, _ in calls.log]
    (tmp_path / "news" / f".incomplete-{NAME}").rename(tmp_path / "news" / f".staging-{NAME}")
    with struck(taking.index("rename") + 1), pytest.raises(OSError, match="No space"):
        lock.acquire()
    assert not lock.held
    with lock:
        assert lock.set_aside == [f".incomplete-{NAME}"]


# --- staging ----------------------------------------------------------------------------


def test_staging_needs_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the lock is not held"):
        Staging(CollectionLock(tmp_path, "news"), NAME)


def test_one_run_can_stage_several_snapshots(lock: CollectionLock) -> None:
    folders = [Staging(lock, NAME).folder.name for _ in range(2)]
    assert folders == [f".staging-{NAME}", f".staging-{NAME}-2"]


def test_files_are_written_once(lock: CollectionLock) -> None:
    staging = Staging(lock, NAME)
    staging.write(ENTRIES, b"x")
    with pytest.raises(FileExistsError):
        staging.write(ENTRIES, b"y")
    with pytest.raises(FileExistsError):
        staging.create(ENTRIES)


def test_files_are_listed_by_name_with_length_and_hash_streamed_or_not(lock: CollectionLock) -> None:
    staging = Staging(lock, NAME)
    with staging.create("pages.warc.gz") as stream:
        stream.write(b"WARC")
        stream.write(b"/1.1")
    staging.write(ENTRIES, b"x\n")
    files = staging.files()
    assert [(file.path, file.bytes, file.sha256) for file in files] == [
        (ENTRIES, 2, hashlib.sha256(b"x\n").hexdigest()),
        ("pages.warc.gz", 8, hashlib.sha256(b"WARC/1.1").hexdigest()),
    ]


# --- the commit -------------------------------------------------------------------------


def test_a_snapshot_becomes_visible_whole(lock: CollectionLock, tmp_path: Path, manifest: bytes) -> None:
    staging = fill(Staging(lock, NAME), tmp_path)
    assert staging.commit(NAME, manifest) == lock.folder / NAME
    assert listing(lock.folder / NAME) == [MANIFEST, ENTRIES, PAGES]
    assert verify_files(lock.folder / NAME) == []
    assert listing(lock.folder) == [".lock", NAME, "latest"]
    assert str((lock.folder / "latest").readlink()) == NAME


def test_every_file_is_on_disk_before_the_name_is_and_the_name_before_the_commit_returns(
    lock: CollectionLock, tmp_path: Path, manifest: bytes
) -> None:
    staging = Staging(lock, NAME)
    folder = staging.folder
    with struck() as calls:
        fill(staging, tmp_path).commit(NAME, manifest)
    steps = [(name, str(args[0])) for name, args in calls.log if name in {"open", "rename"}]
    assert steps == [
        *(("open", str(folder / name)) for name in (ENTRIES, PAGES, MANIFEST)),
        *(("open", str(folder / name)) for name in (MANIFEST, ENTRIES, PAGES)),
        ("open", str(folder)),
        ("rename", str(folder)),
        ("open", str(lock.folder)),
    ]
    kinds = [name for name, _ in calls.log if name not in {"open", "write"}]
    assert sorted(kinds[:4]) == ["fdatasync"] * 3 + ["fsync"], "the three files at once, and their folder"
    assert kinds[4:] == ["rename", "symlink", "replace", "fsync"]


def test_what_was_streamed_is_on_disk_before_the_name_is_though_nobody_asked_for_the_files(
    lock: CollectionLock, tmp_path: Path, manifest: bytes
) -> None:
    staging = Staging(lock, NAME)
    for name in (ENTRIES, PAGES):
        with staging.create(name) as stream:
            stream.write((tmp_path / "model" / "news" / NAME / name).read_bytes())
    with struck() as calls:
        staging.commit(NAME, manifest)
    kinds = [name for name, _ in calls.log if name not in {"open", "write"}]
    assert sorted(kinds[:4]) == ["fdatasync"] * 3 + ["fsync"]
    assert kinds[4] == "rename"


@pytest.mark.parametrize("kind", ["empty folder", "full folder", "file", "broken link"])
def test_a_taken_name_is_refused_and_nothing_is_replaced(
    lock: CollectionLock, tmp_path: Path, manifest: bytes, kind: str
) -> None:
    target = lock.folder / NAME
    if kind.endswith("folder"):
        target.mkdir()
        if kind == "full folder":
            (target / "file").write_text("old")
    elif kind == "file":
        target.write_text("old")
    else:
        target.symlink_to("nowhere")
    before = contents(lock.folder)
    staging = fill(Staging(lock, NAME), tmp_path)
    with pytest.raises(NameTaken, match=NAME):
        staging.commit(NAME, manifest)
    assert staging.folder.is_dir()
    assert {path: data for path, data in contents(lock.folder).items() if not path.startswith(".staging")} == before
    assert target.is_symlink() is (kind == "broken link")
    assert kind != "empty folder" or listing(target) == []


def test_a_commit_needs_the_lock_to_the_end(lock: CollectionLock, tmp_path: Path, manifest: bytes) -> None:
    staging = fill(Staging(lock, NAME), tmp_path)
    lock.release()
    with pytest.raises(RuntimeError, match="the lock is not held"):
        staging.commit(NAME, manifest)
    assert not (lock.folder / NAME).exists()


@pytest.mark.parametrize("name", ["latest", "../news", ".incomplete-x", "20170218"])
def test_only_a_snapshots_name_becomes_visible(lock: CollectionLock, name: str) -> None:
    with pytest.raises(ValueError, match="is no snapshot name"):
        Staging(lock, NAME).commit(name, b"")


def test_what_reads_back_differently_is_not_committed(lock: CollectionLock, tmp_path: Path, manifest: bytes) -> None:
    staging = fill(Staging(lock, NAME), tmp_path)
    data = (staging.folder / ENTRIES).read_bytes()
    (staging.folder / ENTRIES).write_bytes(data.replace(b"news", b"mews"))
    with pytest.raises(DamagedData, match=r"entries\.jsonl: SHA-256 is"):
        staging.commit(NAME, manifest)
    assert not (lock.folder / NAME).exists()


def test_a_manifest_that_reads_back_differently_is_not_committed(
    lock: CollectionLock, tmp_path: Path, manifest: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = fill(Staging(lock, NAME), tmp_path)
    real = os.write
    monkeypatch.setattr(
        os, "write", lambda descriptor, data: real(descriptor, bytes(data).replace(b"captured", b"Captured"))
    )
    with pytest.raises(DamagedData, match=MANIFEST):
        staging.commit(NAME, manifest.replace(b'"title": "news, captured', b'"title": "news,  captured'))
    assert not (lock.folder / NAME).exists()


def test_a_manifest_of_which_only_the_words_read_back_differently_is_not_committed(
    lock: CollectionLock, tmp_path: Path, manifest: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = fill(Staging(lock, NAME), tmp_path)
    real = os.write
    monkeypatch.setattr(
        os,
        "write",
        lambda descriptor, data: real(descriptor, bytes(data).replace(b"under no licence", b"under a  licence")),
    )
    with pytest.raises(DamagedData, match=r"datapackage\.json: reads back differently"):
        staging.commit(NAME, manifest)


def test_a_file_that_the_manifest_does_not_name_is_not_committed(
    lock: CollectionLock, tmp_path: Path, manifest: bytes
) -> None:
    staging = fill(Staging(lock, NAME), tmp_path)
    staging.create("pages.warc.gz").close()
    with pytest.raises(DamagedData, match=r"pages\.warc\.gz: not in the manifest"):
        staging.commit(NAME, manifest)


# --- kept apart -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["incomplete", "refused"])
def test_a_crawl_is_kept_apart_under_a_free_name(lock: CollectionLock, kind: Literal["incomplete", "refused"]) -> None:
    folders = []
    for content in (b"first", b"second"):
        staging = Staging(lock, NAME)
        staging.write(ENTRIES, content)
        folders.append(staging.keep_apart(kind, NAME))
    assert [folder.name for folder in folders] == [f".{kind}-{NAME}", f".{kind}-{NAME}-2"]
    assert [(folder / ENTRIES).read_bytes() for folder in folders] == [b"first", b"second"]
    assert sorted([*(folder.name for folder in folders), ".lock"]) == listing(lock.folder)


def test_what_is_kept_apart_is_on_disk(lock: CollectionLock) -> None:
    staging = Staging(lock, NAME)
    with staging.create("pages.warc.gz") as stream:
        stream.write(b"WARC")
    with struck() as calls:
        staging.keep_apart("incomplete", NAME)
    kinds = [name for name, _ in calls.log if name != "open"]
    assert sorted(kinds[:2]) == ["fdatasync", "fsync"]
    assert kinds[2:] == ["rename", "fsync"]


def test_what_was_sealed_is_not_forced_to_disk_again(lock: CollectionLock, tmp_path: Path, manifest: bytes) -> None:
    staging = fill(Staging(lock, NAME), tmp_path)
    staging.seal(manifest)
    with struck() as calls:
        staging.keep_apart("refused", NAME)
    assert [name for name, _ in calls.log if name != "open"] == ["rename", "fsync"]


# --- whole runs that fail or die at any one call ---------------------------------------


def visible(archive: Path) -> list[str]:
    return [path.name for path in (archive / "news").iterdir() if names.parse(path.name)]


def is_sound(archive: Path, before: dict[str, bytes], step: int) -> None:
    """Nothing that was there is touched, and what is visible besides is whole."""
    now = contents(archive / "news" / NAME)
    assert now == before, f"call {step}: an earlier snapshot was touched"
    for name in visible(archive):
        assert verify_files(archive / "news" / name) == [], f"call {step}: {name} is visible and not whole"


def recovers(archive: Path, before: dict[str, bytes], step: int) -> None:
    """The next run succeeds, logs what the last one could not, and the archive is in order."""
    third = full_page(0, 4, captured=at("2019-01-01T00:00:00Z"))
    assert whole_run(archive, third).name == "20190101T000000Z"
    is_sound(archive, before, step)
    assert runlog.check(archive) == [], f"call {step}"
    assert unlogged(archive, "news") == [], f"call {step}"
    assert str((archive / "news" / "latest").readlink()) == "20190101T000000Z"
    assert [line.snapshot for line in runlog.read(archive)] in (
        [NAME, "20190101T000000Z"],
        [NAME, OTHER, "20190101T000000Z"],
    ), f"call {step}"


@pytest.fixture
def calls_of_a_run(tmp_path: Path) -> int:
    whole_run(tmp_path / "counted", FIRST)
    with struck() as calls:
        whole_run(tmp_path / "counted", SECOND)
    assert len(calls.log) > 20
    return len(calls.log)


def test_a_call_that_fails_leaves_the_archive_sound_and_the_next_run_succeeds(
    tmp_path: Path, calls_of_a_run: int
) -> None:
    ignored = []
    for step in range(1, calls_of_a_run + 1):
        archive = tmp_path / str(step)
        whole_run(archive, FIRST)
        before = contents(archive / "news" / NAME)
        with struck(step) as calls:
            try:
                whole_run(archive, SECOND)
            except OSError as error:
                assert "No space" in str(error)  # noqa: PT017 - not every call's failure is the run's
            else:
                ignored.append(calls.log[step - 1][0])
        is_sound(archive, before, step)
        recovers(archive, before, step)
    link, head = ["symlink", "replace"], ["open", "write", "fsync", "replace", "open", "fsync"]
    assert ignored == link + head, "only the link may fail in silence, and the head of the log, which the next mends"


def test_a_process_that_dies_leaves_the_archive_sound_and_the_next_run_succeeds(
    tmp_path: Path, calls_of_a_run: int
) -> None:
    for step in (*range(1, calls_of_a_run + 1, every(5)), calls_of_a_run + 1):
        archive = tmp_path / str(step)
        whole_run(archive, FIRST)
        before = contents(archive / "news" / NAME)
        died = dies(step, partial(whole_run, archive, SECOND))
        assert died is (step <= calls_of_a_run)
        is_sound(archive, before, step)
        recovers(archive, before, step)


def test_a_first_run_that_dies_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    with struck() as calls:
        whole_run(tmp_path / "counted", FIRST)
    for step in range(1, len(calls.log) + 1, every(5)):
        archive = tmp_path / str(step)
        assert dies(step, partial(whole_run, archive, FIRST))
        written = whole_run(archive, FIRST)
        # The dead run may have got as far as making its snapshot visible.
        assert written.name in {NAME, f"{NAME}-2"}
        assert runlog.check(archive) == []
        assert unlogged(archive, "news") == []
        assert all(verify_files(archive / "news" / name) == [] for name in visible(archive))
