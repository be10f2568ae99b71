"""Raw pages to committed snapshots, beside those who know the pages, and beside Scrapy's engine."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.making.pages import entries
from benchmarks.sides import Side, function, make, psgcrawl

NEEDS = ("fastwarc", "orjson")


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield two snapshots, which were derived by earlier rules."""
    pages, snapshots = (100 if small else 1_000), 2
    made, archive, feed = folder / "made", folder / "archive", str(folder / "entries.jsonl")
    make("evidence:archive", folder=str(made), snapshots=snapshots, pages=pages, derivation=0)
    warcs = [str(path) for path in sorted(made.glob("news/2*/pages.warc.gz"))]
    wanted = str(snapshots * entries(pages))

    def anew() -> None:
        shutil.rmtree(archive, ignore_errors=True)
        shutil.copytree(made, archive, symlinks=True)

    def committed() -> None:
        if len(list(archive.glob("news/2*.e2"))) != snapshots:
            raise RuntimeError("no editions were committed: the figures would mean nothing")

    yield Contest(
        path="rebuild",
        size=f"{snapshots} snapshots of {pages:,} pages",
        sides=[
            *(
                psgcrawl(
                    f"--jobs {jobs}", archive, "rebuild", "news", "--jobs", str(jobs), before=anew, after=committed
                )
                for jobs in (1, 2)
            ),
            function("fastwarc, lxml, orjson", "rivals:derive", warcs=warcs, target=feed, needs=NEEDS),
            Side(
                name="Scrapy's engine",
                words=[
                    *[sys.executable, "-m", "benchmarks.work.spiders", "stored"],
                    *[json.dumps({"warcs": json.dumps(warcs)}), feed, wanted],
                ],
                needs=["fastwarc"],
            ),
            function("layouts alone", "ours:layout", pages=snapshots * pages),
        ],
        goals=[
            Goal(against="fastwarc, lxml, orjson", most=1.6),
            Goal(ours="--jobs 2", against="--jobs 1", by="clock", most=1 / 1.7),
            Goal(against="Scrapy's engine", most=1 / 8),
            Goal(against="layouts alone"),
            Goal(by="memory", unit="MB", most=200),
        ],
    )
