"""``python -m tests.torture.calls``: a run dies, or fails, at every system call of its commit and of its recovery.

strace kills the run before the call, or lets the call fail. ``--step N`` takes every Nth
point, ``--errors`` names errors, ``--scenario`` one of the two.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from psgcrawl.archive import runlog
from tests.torture import children, driver, sound
from tests.torture.children import CHANGING, KILLED, Point
from tests.torture.figures import Figures, concluded, scratch, tell

ERRORS: Final[Mapping[str, Sequence[str]]] = {
    "ENOSPC": ("write", "mkdir", "openat", "symlink", "rename", "fsync", "fdatasync", "ftruncate"),
    "EIO": "write read pread64 fsync fdatasync rename openat close unlink ftruncate getdents64".split(),
    "EINTR": ("write", "read", "pread64", "fsync", "fdatasync", "openat", "flock", "ftruncate"),
    "EACCES": ("mkdir", "openat", "rename", "symlink", "unlink"),
    "EROFS": ("mkdir", "rename"),
    "EMFILE": ("openat",),
    "ENOLCK": ("flock",),
}
"""What can fail how (errno(3)): an error that a call never gives would prove nothing."""


def commit(archive: Path) -> None:
    """Prepare an archive with two snapshots; the run that is tried commits a third."""
    for number in (0, 1):
        assert children.plain(archive, number) == 0


def recovery(archive: Path) -> None:
    """Prepare what the worst deaths leave: a snapshot without line, a torn line, a spool, and a half-written folder."""
    commit(archive)
    (archive / runlog.RUNS).chmod(0o644)
    before = (archive / runlog.RUNS).read_bytes()
    head = (archive / runlog.HEAD).read_bytes()
    assert children.plain(archive, 2) == 0
    torn = (archive / runlog.RUNS).read_bytes()[: len(before) + 100]
    (archive / runlog.RUNS).write_bytes(torn)
    (archive / runlog.HEAD).write_bytes(head)
    staging = archive / "news" / ".staging-20240401T000000Z"
    staging.mkdir()
    (staging / "entries.jsonl").write_bytes(b'{"id":')
    spool = archive / ".staging-20240401T000000Z"
    spool.mkdir()
    (spool / "pages.warc.gz").write_bytes(b"half a record")


SCENARIOS: Final = {"commit": (commit, 2), "recovery": (recovery, 3)}
"""What prepares the archive, and the number of the run that is tried."""


@dataclass(frozen=True)
class Trial:
    """A scenario that is prepared, and the run that is tried on copies of it."""

    scenario: str
    folder: Path
    ready: Path
    number: int

    def killed(self, step: int) -> Figures:
        """Kill the run before every call that changes something."""
        figures = Figures(f"{self.scenario}, killed at a system call")
        for point in self._points(CHANGING)[::step]:
            figures.points += 1
            figures.add(str(point), list(self._tried(point, "signal=SIGKILL")))
        return figures

    def failed(self, step: int, error: str) -> Figures:
        """Let every call fail that can fail so."""
        figures = Figures(f"{self.scenario}, {error} from a system call")
        for point in self._points(ERRORS[error])[::step]:
            figures.points += 1
            figures.add(str(point), list(self._tried(point, f"error={error}")))
        return figures

    def _points(self, calls: Sequence[str]) -> list[Point]:
        archive = self._copy()
        code, log = children.traced(partial(driver.work, archive, self.number))
        assert code == 0, log[-2000:]
        found = children.points(log, calls)
        assert found, log[-2000:]
        return found

    def _copy(self) -> Path:
        """Return a fresh copy, always under the same name: the same calls are made each time."""
        sandbox = self.folder / "tried"
        if sandbox.exists():
            shutil.rmtree(sandbox)
        shutil.copytree(self.ready.parent, sandbox, symlinks=True)
        return sandbox / "archive"

    def _tried(self, point: Point, fault: str) -> Iterator[str]:
        archive = self._copy()
        before = sound.State.of(archive)
        inject = f"inject={point.call}:{fault}:when={point.number}"
        code, log = children.traced(partial(driver.work, archive, self.number), "-e", inject)
        if "INJECTED" not in log and code != KILLED:
            yield "the fault never struck"
        yield from after(archive, before, self.number, code)


def torture(scenario: str, step: int, errors: Sequence[str]) -> Iterator[Figures]:
    """Kill at every call that changes something, then let every call fail in each way."""
    with scratch() as folder:
        prepare, number = SCENARIOS[scenario]
        ready = folder / "ready" / "archive"
        ready.mkdir(parents=True)
        prepare(ready)
        trial = Trial(scenario, folder, ready, number)
        yield trial.killed(step)
        for error in errors:
            yield trial.failed(step, error)


def after(archive: Path, before: sound.State, number: int, code: int) -> Iterator[str]:
    """Yield what is violated after a run that ended with this code, and after the next one, which nothing disturbs."""
    if code not in {0, 1, 3, KILLED}:
        yield f"exit code {code}"
    yield from before.problems()
    if code == 0:
        yield from sound.committed(archive, driver.captured(number))
    between = sound.State.of(archive)
    again = children.plain(archive, number)
    if again != 0:
        yield f"the next run exits {again}"
    yield from between.problems()
    yield from sound.committed(archive, driver.captured(number))
    yield from sound.well(archive)


def main() -> int:
    """Run what is asked for, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--step", type=int, default=1, help="try every Nth point")
    parser.add_argument("--scenario", choices=SCENARIOS, action="append", help="only this one")
    parser.add_argument("--errors", nargs="*", default=list(ERRORS), choices=list(ERRORS), help="only these")
    args = parser.parse_args()
    reason = children.unable()
    if reason is not None:
        tell(str(Figures("system calls", skipped=reason)))
        return 0
    scenarios = args.scenario or SCENARIOS
    return concluded(chain.from_iterable(torture(one, args.step, args.errors) for one in scenarios))


if __name__ == "__main__":
    sys.exit(main())
