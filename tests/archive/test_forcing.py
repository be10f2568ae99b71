import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from psgcrawl.archive.forcing import force


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    found = [tmp_path / name for name in ("a", "b", "c")]
    for path in found:
        path.write_bytes(path.name.encode())
    return found


def forcing_with(patch: pytest.MonkeyPatch, call: Callable[[int], None]) -> None:
    patch.setattr(os, "fdatasync", call, raising=False)


def test_each_file_is_forced_to_disk(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[int] = []
    forcing_with(monkeypatch, lambda descriptor: forced.append(os.fstat(descriptor).st_ino))
    assert force(paths, lambda: "done") == "done"
    assert sorted(forced) == sorted(path.stat().st_ino for path in paths)


def test_all_are_waited_for_at_once_and_something_is_done_meanwhile(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # All three wait until each of them does, and the caller is at work: one after the other it would never end.
    together = threading.Barrier(len(paths) + 1, timeout=30)

    def wait(_: int) -> None:
        together.wait()

    forcing_with(monkeypatch, wait)
    assert force(paths, together.wait) in range(4)


def test_what_one_file_fails_with_is_raised_when_all_were_tried(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def fail(descriptor: int) -> None:
        tried.append(descriptor)
        if os.fstat(descriptor).st_ino == paths[1].stat().st_ino:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    forcing_with(monkeypatch, fail)
    with pytest.raises(OSError, match="Input/output error"):
        force(paths, lambda: None)
    assert len(tried) == len(paths)


def test_descriptors_are_closed_behind_the_waiting_though_the_caller_fails(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = threading.Event()
    sound: list[bool] = []

    def wait(descriptor: int) -> None:
        assert left.wait(30)
        sound.append(os.fstat(descriptor).st_size == 1)

    def fail() -> None:
        left.set()
        raise ValueError("meanwhile")

    forcing_with(monkeypatch, wait)
    before = set(Path("/dev/fd").iterdir())
    with pytest.raises(ValueError, match="meanwhile"):
        force(paths, fail)
    assert sound == [True] * 3
    assert set(Path("/dev/fd").iterdir()) == before


def test_without_threads_it_is_done_one_after_the_other(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    forced: list[int] = []
    forcing_with(monkeypatch, lambda descriptor: forced.append(os.fstat(descriptor).st_ino))
    monkeypatch.setattr(threading.Thread, "start", none)
    force(paths, lambda: None)
    assert forced == [path.stat().st_ino for path in paths]
