"""Calls of the operating system that fail, or at which the process dies: one chosen call at a time."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pytest

CALLS = ("open", "write", "fsync", "fdatasync", "mkdir", "rename", "replace", "symlink", "ftruncate")


class Calls:
    """Counts the calls that change something on disk, and strikes before the one of number ``strike_at``."""

    def __init__(self, strike_at: int, strike: Callable[[], None]) -> None:
        self.log: list[tuple[str, Any]] = []
        self.strike_at = strike_at
        self.strike = strike
        self._lock = Lock()

    def watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            # Several threads wait for the disk.
            with self._lock:
                self.log.append((name, args))
                number = len(self.log)
            if number == self.strike_at:
                if name == "write":
                    # Half a write is what a full disk and a power cut leave.
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                self.strike()
            return real(*args, **kwargs)

        return call


def no_space() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def death() -> None:
    os._exit(9)


@contextmanager
def struck(strike_at: int = 0, strike: Callable[[], None] = no_space) -> Iterator[Calls]:
    """Watch the calls inside; number 0 strikes none."""
    calls = Calls(strike_at, strike)
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, calls.watched(name, getattr(os, name)))
        yield calls


def dies(strike_at: int, work: Callable[[], object]) -> bool:
    """Do ``work`` in a child that dies before call ``strike_at``; tell whether there was such a call."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with struck(strike_at, death):
                work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, 9}, f"the child failed on its own at call {strike_at}"
    return code == 9
