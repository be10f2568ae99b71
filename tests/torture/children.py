"""Runs of the driver in children of this process, which has everything imported; strace is attached to them."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psgcrawl.run import FAILED
from tests.torture import driver

KILLED: Final = -9
PATIENCE: Final = 60
"""Seconds after which a child that does not end is ended by SIGALRM, which is no exit code that a run may have."""
CALLS: Final = (
    "open openat creat read pread64 write writev pwrite64 fsync fdatasync sync_file_range rename renameat renameat2 "
    "link linkat symlink symlinkat unlink unlinkat rmdir mkdir mkdirat flock fcntl close ftruncate fallocate lseek "
    "getdents64 newfstatat fstat lstat stat statx readlink readlinkat sendfile copy_file_range"
).split()
CHANGING: Final = (
    "write writev pwrite64 fsync fdatasync rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat "
    "rmdir mkdir mkdirat ftruncate fallocate copy_file_range sendfile"
).split()
"""Calls that change what is on disk: between two of them nothing differs for who comes after."""

_ANYBODY: Final = ctypes.c_ulong(-1).value
_PR_SET_PTRACER: Final = 0x59616D61
_CALL: Final = re.compile(r"^([0-9]+) +([a-z0-9_]+)\(")


@dataclass(frozen=True)
class Point:
    """The Nth call of that name in a run, in each of its threads."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


def unable() -> str | None:
    """Say why strace cannot be used here; None where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed (Debian: apt-get install strace)"
    tried = subprocess.run(["strace", "-f", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else f"strace does not work here: {tried.stderr.strip()[-200:]}"


_GO: Final = {signal.SIGUSR1}
"""What a child waits for. Not for something to read: strace would count that, but only where it came before."""


def start(work: Callable[[], int]) -> int:
    """Fork a child that does ``work`` once it is told to; return its number."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _GO)
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return child
    status = FAILED
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANYBODY, 0, 0, 0)
        _silence()
        signal.sigwait(_GO)
        signal.alarm(PATIENCE)
        status = work()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it ends here
        status = FAILED if isinstance(error, OSError) else 99
    finally:
        os._exit(status)


def go(child: int) -> None:
    """Tell a child to do its work."""
    os.kill(child, *_GO)


def ended(child: int) -> int:
    """Return a child's exit code, or the negative number of the signal that ended it."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def plain(archive: Path, number: int) -> int:
    """Run once, undisturbed."""
    child = start(lambda: driver.work(archive, number))
    go(child)
    return ended(child)


def traced(work: Callable[[], int], *options: str) -> tuple[int, str]:
    """Do ``work`` in a child under strace with these options; return its exit code, and what strace wrote."""
    child = start(work)
    trace = f"trace={','.join(f'?{call}' for call in CALLS)}"
    read, write = os.pipe()
    line = ["strace", "-f", "-qq", "-s", "0", "-o", f"/dev/fd/{write}", "-e", trace, *options, "-p", str(child)]
    with subprocess.Popen(line, pass_fds=[write], stderr=subprocess.PIPE, text=True) as strace:
        os.close(write)
        _wait_for_tracer(child)
        written: list[bytes] = []
        go(child)
        while piece := os.read(read, 1 << 16):
            written.append(piece)
        os.close(read)
        _, status = os.waitpid(child, 0)
        strace.wait()
    return os.waitstatus_to_exitcode(status), b"".join(written).decode("utf-8", "replace")


def points(log: str, calls: Sequence[str]) -> list[Point]:
    """Return the calls of a log, each once, with its number among those of its name.

    strace counts the calls of each thread on their own. Threads that wait for the disk call what no other does
    (``fdatasync``), so that one point means the same call of all of them.
    """
    counted: Counter[tuple[str, str]] = Counter()
    found: dict[Point, None] = {}
    for line in log.splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        counted[match[1], match[2]] += 1
        if match[2] in calls:
            found.setdefault(Point(match[2], counted[match[1], match[2]]))
    return list(found)


def _wait_for_tracer(child: int) -> None:
    status = Path(f"/proc/{child}/status")
    for _ in range(100_000):
        if re.search(r"^TracerPid:\t[1-9]", status.read_text("ascii"), re.MULTILINE):
            return
        os.sched_yield()
    raise RuntimeError("strace did not attach")


def _silence() -> None:
    """Send what a child says nowhere: faults are told by what they leave."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(null, stream.fileno())
    os.close(null)
