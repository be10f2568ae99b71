"""``python -m tests.scale.kills``: rebuilds of which one worker is killed at a random moment.

``--rounds N`` of them, on ``--workers N`` processes, or with ``--dask`` on as many workers of
a Dask cluster; ``--crawls`` kills workers and crawls of ``psgcrawl run`` in place of that. What
is there in the end is held, byte for byte, against what an undisturbed one leaves. A line for
each violation, then the count; exits 1 if there was any.
"""

import argparse
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic
from typing import Any, Final, Self

from psgcrawl.archive import runlog
from psgcrawl.archive.store import Archive
from psgcrawl.jobs import Engine, Lost
from psgcrawl.jobs.crawling import crawl
from psgcrawl.jobs.crawls import Crawl
from psgcrawl.jobs.here import Here
from psgcrawl.jobs.processes import Processes
from psgcrawl.jobs.worker import Start
from psgcrawl.rebuild.work import Again, rebuild
from tests.archive.verify.making import check
from tests.clusters import DaskCluster
from tests.rebuild.making import Crawl as Evidence
from tests.rebuild.making import html, response, retitled, rewritten
from tests.torture.figures import Figures, tell
from tests.torture.sound import visible_and_damaged, well

STARTED: Final = "2026-01-01T00:00:00Z"
_SNAPSHOTS: Final = 12
_PAGES: Final = 20
_CRAWLS: Final = 3

Kill = Callable[[random.Random], int]
"""Kills one worker, and returns its process; 0 where there was none."""


def archive_to_rebuild(folder: Path, snapshots: int = _SNAPSHOTS, pages: int = _PAGES) -> list[Path]:
    """Make snapshots of which each is due to be derived again, and return their folders."""
    made = []
    for day in range(snapshots):
        crawl_ = Evidence(folder)
        for page in range(pages):
            date = f"2018-09-{day + 1:02d}T06:{page:02d}:00Z"
            crawl_.respond(response(html(1000 * day + 10 * page)), 10 * page, date)
        made.append(rewritten(crawl_.end(), entries=retitled).folder)
    return made


def rebuilt(archive: Path, engine: Engine) -> list[str]:
    """Derive all snapshots again; return what was not done."""
    jobs = [Again(archive, one, STARTED) for one in Archive(archive).collection("news").snapshots()]
    return [str(done) for _, done in engine.results(rebuild, jobs) if isinstance(done, Lost)]


def shown(archive: Path) -> dict[str, bytes]:
    """Return every file of every snapshot that can be seen, by its path."""
    paths = [path for path in sorted(archive.glob("*/*/*")) if path.is_file()]
    found = {str(path.relative_to(archive)): path for path in paths if not path.parent.is_symlink()}
    return {name: path.read_bytes() for name, path in found.items() if not any(p[0] == "." for p in name.split("/"))}


def problems(archive: Path, expected: dict[str, bytes], lost: Sequence[str]) -> Iterator[str]:
    """Yield how an archive differs from what it must be."""
    yield from lost
    found = shown(archive)
    yield from (f"{name}: other bytes, or not there" for name, data in expected.items() if found.get(name) != data)
    yield from (f"{name}: too much" for name in found.keys() - expected.keys())
    yield from runlog.check(archive)
    lines = [line.snapshot for line in runlog.read(archive) if line.outcome == "committed"]
    wanted = sorted({name.split("/")[1] for name in expected})
    if sorted(map(str, lines)) != wanted:
        yield f"the log has {sorted(map(str, lines))} as committed, the archive {wanted}"
    yield from visible_and_damaged(archive)
    # What was made to differ before is no edition's fault: it is found in any case.
    yield from (problem for problem in check(archive).problems if ".e2" in problem)


def children() -> list[int]:
    """Return the workers that this process has started, and the crawls that they have."""
    return [pid for pid in _below(os.getpid()) if b"spawn_main" in _line(pid) or b"scrapy" in _line(pid)]


def kill_child(chance: random.Random) -> int:
    """Kill one of them."""
    alive = children()
    if not alive:
        return 0
    pid = chance.choice(alive)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return pid


def _below(pid: int) -> Iterator[int]:
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, path.read_text("ascii").split()):
                yield child
                yield from _below(child)


def _line(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


class Killer(Thread):
    """Kills one worker, some time after it was started."""

    def __init__(self, kill: Kill, after: float, chance: random.Random) -> None:
        """Wait for the start."""
        super().__init__()
        self._kill = kill
        self._after = after
        self._chance = chance
        self._over = Event()
        self.killed = 0

    def run(self) -> None:
        """Wait, and kill."""
        if not self._over.wait(self._after):
            self.killed = self._kill(self._chance)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def torture(
    engine: Engine,
    kill: Kill,
    rounds: int,
    name: str,
    *,
    seed: int,
    size: tuple[int, int] = (_SNAPSHOTS, _PAGES),
    ready: Callable[[], None] = lambda: None,
) -> Figures:
    """Rebuild as often as that, each time with one worker killed.

    :param ready: returns when all workers are there
    """
    figures = Figures(name)
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    killed = 0
    with _scratch() as folder:
        archive_to_rebuild(folder / "template", *size)
        shutil.copytree(folder / "template", folder / "undisturbed", symlinks=True)
        rebuilt(folder / "undisturbed", Here())
        expected = shown(folder / "undisturbed")
        # The first one waits for what workers load.
        took = min(_timed(partial(rebuilt, _copy(folder, f"timed-{number}"), engine)) for number in range(2))
        for number in range(rounds):
            archive = _copy(folder, f"round-{number}")
            ready()
            with Killer(kill, chance.uniform(0.1 * took, 0.9 * took), chance) as killer:
                lost = rebuilt(archive, engine)
            killed += bool(killer.killed)
            figures.add(f"round {number}", list(problems(archive, expected, lost)))
            shutil.rmtree(archive)
    figures.points = killed
    figures.notes.append(f"a worker was killed in {killed} of {rounds} runs")
    return figures


def torture_crawls(workers: int, rounds: int, seed: int) -> Figures:
    """Do crawls of files as often as that, each time with one worker, or one crawl, killed."""
    figures = Figures(f"crawls on {workers} workers")
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    killed = 0
    with _scratch() as folder:
        for number in range(_CRAWLS):
            source = folder / "sources" / str(number)
            source.mkdir(parents=True)
            evidence = archive_to_rebuild(folder / "model", 1, 5)[0]
            shutil.copy(evidence / "pages.warc.gz", source / f"{number}.warc.gz")
            shutil.rmtree(folder / "model")
        expected, took = _crawled(folder, workers, "undisturbed")
        for number in range(rounds):
            with Killer(kill_child, chance.uniform(0.2 * took, 0.9 * took), chance) as killer:
                found, _ = _crawled(folder, workers, f"round-{number}")
            killed += bool(killer.killed)
            differing = sorted(name for name in expected | found if expected.get(name) != found.get(name))
            figures.add(f"round {number}", [f"{name}: other bytes, or on one side only" for name in differing])
    figures.points = killed
    figures.notes.append(f"a worker or a crawl was killed in {killed} of {rounds} runs")
    return figures


def _crawled(folder: Path, workers: int, name: str) -> tuple[dict[str, bytes], float]:
    """Take in each source into an archive of its own, and return the entries of all, and what it took."""
    jobs = [
        Crawl(
            name=str(number),
            spider="captures",
            arguments={"path": str(folder / "sources" / str(number))},
            settings={},
            archive=folder / name / str(number),
            site=None,
            leases=folder / name / "leases",
            patience=600,
            folder=folder / name,
        )
        for number in range(_CRAWLS)
    ]
    (folder / name).mkdir()
    begun = monotonic()
    done = [result for _, result in Processes(workers).results(crawl, jobs)]
    took = monotonic() - begun
    found: dict[str, bytes] = {}
    for number, result in enumerate(done):
        code = "lost" if isinstance(result, Lost) else str(result.exit_code)
        found[f"{number}: exit code"] = code.encode("ascii")
    for job in jobs:
        names = (path for path in shown(job.archive).items() if path[0].endswith("entries.jsonl"))
        found |= {f"{job.name}/{path}": data for path, data in names}
        found |= {f"{job.name}: {problem}": b"" for problem in [*runlog.check(job.archive), *well(job.archive)]}
    return found, took


@contextmanager
def _scratch() -> Iterator[Path]:
    """Give a folder in memory, where there is one: what is measured here is no disk."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="scale-", dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def _copy(folder: Path, name: str) -> Path:
    return Path(shutil.copytree(folder / "template", folder / name, symlinks=True))


def _timed(work: Callable[[], Any]) -> float:
    begun = monotonic()
    work()
    return monotonic() - begun


def main() -> int:
    """Kill, and print the count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))  # noqa: S311 - nothing secret
    parser.add_argument("--dask", action="store_true")
    parser.add_argument("--crawls", action="store_true")
    args = parser.parse_args()
    if args.dask and find_spec("distributed") is None:
        parser.error("Dask is not installed: psgcrawl[dask] brings it")
    tell(f"seed {args.seed}")
    with ExitStack() as stack:
        if args.crawls:
            figures = torture_crawls(args.workers, args.rounds, args.seed)
        elif args.dask:
            from psgcrawl.jobs.cluster import Cluster  # noqa: PLC0415 - not everybody has Dask

            cluster = stack.enter_context(DaskCluster(args.workers))
            name = f"rebuilds on {args.workers} workers of Dask"
            engine = Cluster(cluster.address, Start())
            figures = torture(engine, cluster.kill_one, args.rounds, name, seed=args.seed, ready=cluster.ready)
        else:
            name = f"rebuilds on {args.workers} processes"
            figures = torture(Processes(args.workers), kill_child, args.rounds, name, seed=args.seed)
    tell(str(figures))
    return 1 if figures.violations else 0


if __name__ == "__main__":
    sys.exit(main())
