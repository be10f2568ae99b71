"""What answers at once, as one types it, beside the one command of Scrapy's that does nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.sides import Side, make, psgcrawl


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield the commands that one types most."""
    snapshots, entries = (10, 100) if small else (100, 1_000)
    make("collections:collection", folder=str(folder), snapshots=snapshots, entries=entries)
    archive = folder / "output"
    commands = {name: psgcrawl(f"psgcrawl {name}", archive, name) for name in ("snapshots", "status")}
    # A good run of 2010 is overdue, and that is what it says.
    commands["status"] = psgcrawl("psgcrawl status", archive, "status", "--expect", "never")
    sides = [*commands.values(), psgcrawl("psgcrawl --version", archive, "--version")]
    yield Contest(
        path="as typed",
        size=f"{snapshots} snapshots of {entries:,} entries",
        sides=[*sides, Side(name="scrapy version", words=[sys.executable, "-m", "scrapy", "version"])],
        goals=[
            goal
            for side in sides
            for goal in (
                Goal(ours=side.name, against="scrapy version"),
                Goal(ours=side.name, unit="s", most=0.3),
            )
        ],
    )
