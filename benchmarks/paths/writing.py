"""Entries to lines, and a snapshot to disk."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.sides import function


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield lines, then commits."""
    entries, times = (2_000, 5) if small else (20_000, 5)
    yield Contest(
        path="writing entries",
        size=f"{times} times {entries:,} entries",
        sides=[
            function("dump_lines", "ours:writing", entries=entries, times=times),
            function("orjson", "rivals:orjson", entries=entries, times=times, needs=["orjson"]),
            function("Scrapy's exporter", "rivals:exporter", entries=entries, times=times),
        ],
        goals=[
            Goal(against="orjson", most=2),
            Goal(against="Scrapy's exporter", most=0.1),
        ],
    )
    commits = 5 if small else 20
    made, forced = folder / "commits", folder / "forced"
    yield Contest(
        path="commit",
        size=f"{commits} snapshots of 1,000 entries on 100 pages",
        sides=[
            function("commit", "ours:commit", folder=str(made), pages=100, times=commits),
            function("write and fsync", "rivals:forced", folder=str(forced), source=str(made), times=commits),
        ],
        goals=[Goal(against="write and fsync", by="clock", most=3), Goal(unit="ms a commit", factor=1000 / commits)],
    )
