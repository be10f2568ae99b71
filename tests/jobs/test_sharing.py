import errno
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive import durable
from psgcrawl.errors import UnfitWorker
from psgcrawl.jobs.sharing import Shared, check, shared
from tests.archive.making import full_page, whole_run


def test_a_local_disk_gives_all_that_is_needed_and_nothing_is_left(tmp_path: Path) -> None:
    whole_run(tmp_path, full_page(0))
    before = sorted(path.name for path in tmp_path.iterdir())
    with shared(tmp_path, writes=True) as said:
        check(said)
        assert {path.name for path in (tmp_path / str(said.probe)).iterdir()} == {"lock", "seen"}
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_where_nothing_is_to_be_written_nothing_is(tmp_path: Path) -> None:
    whole_run(tmp_path, full_page(0))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))}
    with shared(tmp_path, writes=False) as said:
        assert said.probe is None
        check(said)
        assert {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))} == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnfitWorker, match="mount it at the same path everywhere"):
        check(Shared(tmp_path / "elsewhere"))


def test_another_archive_is_told(tmp_path: Path) -> None:
    whole_run(tmp_path / "one", full_page(0))
    whole_run(tmp_path / "other", full_page(10))
    with shared(tmp_path / "one", writes=False) as said, pytest.raises(UnfitWorker, match="another archive is here"):
        check(Shared(tmp_path / "other", said.first))


def _fails(error: int) -> Callable[..., None]:
    def fail(*_: Any) -> None:
        raise OSError(error, os.strerror(error))

    return fail


def test_locks_that_do_not_hold_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shared(tmp_path, writes=True) as said:
        monkeypatch.setattr(fcntl, "flock", lambda *_: None)
        with pytest.raises(UnfitWorker, match="do not hold between machines"):
            check(said)


def test_locks_that_do_not_work_are_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", _fails(errno.ENOLCK))
    with pytest.raises(UnfitWorker, match="do not work: No locks available"), shared(tmp_path, writes=True):
        pytest.fail("it must not begin")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_fsync_of_folders_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shared(tmp_path, writes=True) as said:
        monkeypatch.setattr(durable, "sync_folder", _fails(errno.EINVAL))
        with pytest.raises(UnfitWorker, match=r"cannot be written as it must be: .*Invalid argument"):
            check(said)


def test_a_file_that_can_be_made_twice_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shared(tmp_path, writes=True) as said:
        monkeypatch.setattr(durable, "_NEW", os.O_WRONLY | os.O_CREAT)
        with pytest.raises(UnfitWorker, match="O_EXCL"):
            check(said)


def test_a_renamed_folder_that_replaces_another_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(old: Path, new: Path) -> Path:
        if (new / "file").exists():
            (new / "file").unlink()
        os.rename(old, new)  # noqa: PTH104 - that of the class is replaced
        return new

    with shared(tmp_path, writes=True) as said:
        monkeypatch.setattr(Path, "rename", rename)
        with pytest.raises(UnfitWorker, match="renamed onto one that holds a file"):
            check(said)


def test_clocks_that_differ_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shared(tmp_path, writes=True) as said:
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 60)
        with pytest.raises(UnfitWorker, match="differ by 60 seconds"):
            check(said)


def test_what_is_written_must_be_seen(tmp_path: Path) -> None:
    with shared(tmp_path, writes=True) as said:
        (tmp_path / str(said.probe) / "seen").write_bytes(b"old")
        with pytest.raises(UnfitWorker, match="reads otherwise"):
            check(said)
        (tmp_path / str(said.probe) / "seen").unlink()
        with pytest.raises(UnfitWorker, match="is not seen here"):
            check(said)


def test_what_the_dead_left_is_removed_and_what_others_hold_stays(tmp_path: Path) -> None:
    dead = tmp_path / ".probe-0123456789abcdef"
    dead.mkdir()
    (dead / "lock").write_bytes(b"")
    with shared(tmp_path, writes=True) as one, shared(tmp_path, writes=True) as other:
        assert {path.name for path in tmp_path.iterdir()} == {one.probe, other.probe}
        check(one)
        check(other)
    assert list(tmp_path.iterdir()) == []
