"""Rebuilding and verifying on 1, 2 and 4 processes, and on Dask: ``python -m benchmarks.scale``.

Snapshots of synthetic pages of about 15 KB with ten entries each, in an archive in a
temporary folder. In each round everything is measured once, in turn; wall-clock seconds with
the start of the processes (not of the cluster), medians of the rounds. Dask is left out where
it is not installed.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.making import evidence
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.verify.whole import Look, check_snapshot
from psgcrawl.jobs import Engine, Lost
from psgcrawl.jobs.here import Here
from psgcrawl.jobs.processes import Processes
from psgcrawl.jobs.worker import Start
from psgcrawl.rebuild import derive
from psgcrawl.rebuild.work import Again, rebuild
from tests.clusters import DaskCluster

WORKERS: Final = (2, 4)


def rebuilt(engine: Engine, snapshots: list[Snapshot]) -> None:
    """Do what ``psgcrawl rebuild --check`` does."""
    looks = [Again(one.folder.parents[1], one, "2026-01-01T00:00:00Z", check=True) for one in snapshots]
    for _, done in engine.results(rebuild, looks):
        if isinstance(done, Lost) or getattr(done.found, "differs", True):
            raise SystemExit(f"not the same bytes: the figures would mean nothing: {done}")


def verified(engine: Engine, snapshots: list[Snapshot]) -> None:
    """Do what ``psgcrawl verify --deep`` does with each snapshot."""
    looks = [Look(one.folder.parents[1], one.folder, derive) for one in snapshots]
    for _, done in engine.results(check_snapshot, looks):
        if isinstance(done, Lost) or done[1].problems:
            raise SystemExit(f"not sound: the figures would mean nothing: {done}")


def measured(folder: Path, number: int, pages: int, rounds: int, engines: dict[str, Engine]) -> list[dict[str, object]]:
    """Return a row for each work on each engine."""
    evidence.archive(folder=str(folder / "archive"), snapshots=number, pages=pages)
    snapshots = Archive(folder / "archive").collection("news").snapshots()
    works: dict[str, Callable[[Engine, list[Snapshot]], None]] = {"rebuild": rebuilt, "verify --deep": verified}
    seconds: dict[tuple[str, str], list[float]] = {(work, name): [] for work in works for name in engines}
    for _ in range(rounds):
        for (work, name), taken in seconds.items():
            begun = time.perf_counter()
            works[work](engines[name], snapshots)
            taken.append(time.perf_counter() - begun)
    rows: list[dict[str, object]] = []
    for (work, name), taken in seconds.items():
        median = statistics.median(taken)
        alone = statistics.median(seconds[work, next(iter(engines))])
        rows.append(
            {
                "work": work,
                "engine": name,
                "seconds": round(median, 2),
                "pages_per_second": round(number * pages / median),
                "times_one": round(alone / median, 2),
            }
        )
    return rows


def main() -> None:
    """Measure and print, as a table or with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snapshots", type=int, default=16)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    engines: dict[str, Engine] = {"1 process": Here()}
    engines |= {f"{number} processes": Processes(number) for number in WORKERS}
    with ExitStack() as stack:
        if find_spec("distributed"):
            from psgcrawl.jobs.cluster import Cluster  # noqa: PLC0415 - not everybody has Dask

            for number in WORKERS:
                cluster = stack.enter_context(DaskCluster(number))
                engines[f"{number} workers of Dask"] = Cluster(cluster.address, Start())
        folder = stack.enter_context(TemporaryDirectory())
        rows = measured(Path(folder), args.snapshots, args.pages, args.rounds, engines)
    machine = f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors"
    load = f"load {os.getloadavg()[0]:.1f}"
    if args.json:
        print(json.dumps({"machine": machine, "load": load, "rows": rows}, indent=2))
        return
    print(f"{machine}, {load}; {args.snapshots} snapshots of {args.pages} pages")
    for row in rows:
        print(
            f"{row['pages_per_second']:>8} pages/s  {row['seconds']:>7} s  {row['times_one']:>5} times one process  "
            f"{row['work']}, {row['engine']}"
        )


if __name__ == "__main__":
    main()
