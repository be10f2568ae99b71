"""The archive as pages to look at: anew, and with nothing new."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.sides import make, psgcrawl


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield the report; the index of the history is there."""
    snapshots, entries = (5, 100) if small else (20, 1_000)
    make("collections:collection", folder=str(folder), snapshots=snapshots, entries=entries)
    archive, there = folder / "output", folder / "report"
    make("commands:quiet", words=["--archive", str(archive), "history", "news"])
    words = ["report", "-o", str(there)]

    def away() -> None:
        shutil.rmtree(there, ignore_errors=True)

    def remains() -> None:
        if not there.exists():
            make("commands:quiet", words=["--archive", str(archive), *words])

    yield Contest(
        path="report",
        size=f"{snapshots} snapshots of {entries:,} entries",
        sides=[
            psgcrawl("anew", archive, *words, before=away),
            psgcrawl("nothing new", archive, *words, before=remains),
            psgcrawl("psgcrawl history", archive, "history", "news"),
        ],
        goals=[
            Goal(against="psgcrawl history"),
            Goal(unit="s"),
            Goal(unit="s", ours="nothing new"),
            Goal(by="memory", unit="MB", most=200),
        ],
    )
