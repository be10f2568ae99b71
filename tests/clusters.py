"""A Dask cluster on this machine: a scheduler and workers, each a process that another one starts again.

``with DaskCluster(2) as cluster:`` gives its ``address``, and kills workers.
``python -m tests.clusters N`` is the process that holds it, until its standard input ends.
"""

import os
import random
import signal
import subprocess
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import pytest

PROJECT = Path(__file__).resolve().parent.parent

needed = pytest.mark.skipif(find_spec("distributed") is None, reason="Dask is not installed: psgcrawl[dask] brings it")
"""For tests that cannot do without."""


class DaskCluster:
    """A scheduler on this machine, and workers of one thread each."""

    def __init__(self, workers: int) -> None:
        """Start nothing yet."""
        self._workers = workers
        self.address = ""

    def __enter__(self) -> Self:
        """Start it, and return when all workers are there."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.clusters", str(self._workers)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Dask tells every worker that dies, at length.
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self._line()
        return self

    def __exit__(self, *_: object) -> None:
        """End all of it."""
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=60)

    def ready(self) -> None:
        """Return when all workers are there: of those that are killed while they start some stay away."""
        self._asked("ready")

    def kill_one(self, chance: random.Random) -> int:
        """Kill a worker, and return its number as a process; Dask starts another in its place."""
        return self._asked(f"kill {chance.randrange(1 << 30)}")

    def _asked(self, line: str) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the cluster did not start"
        return line.strip()


def _pids(cluster: Any) -> list[int]:
    """Return the processes of the workers that are at work, not of the nannies that start them again."""
    at_work = {nanny.worker_address: nanny for nanny in cluster.workers.values() if nanny.process}
    return sorted(at_work[one].process.pid for one in cluster.scheduler.workers if one in at_work)


def _ready(cluster: Any, workers: int) -> None:
    deadline = time.monotonic() + 60
    while len(cluster.scheduler.workers) < workers and time.monotonic() < deadline:
        time.sleep(0.1)
        cluster.scale(workers)


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(workers: int) -> None:
    """Hold a cluster."""
    distributed: Any = import_module("distributed")
    with distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        _say(cluster.scheduler_address)
        for line in sys.stdin:
            _, _, seed = line.partition(" ")
            if line == "ready\n":
                _ready(cluster, workers)
                _say(0)
                continue
            alive = _pids(cluster)
            pid = random.Random(int(seed)).choice(alive) if alive else 0  # noqa: S311 - nothing secret
            if pid:
                os.kill(pid, signal.SIGKILL)
            _say(pid)


if __name__ == "__main__":
    main(int(sys.argv[1]))
