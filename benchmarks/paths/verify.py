"""An archive against its manifests, beside a program that only hashes the same files."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.sides import Side, make, psgcrawl


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield snapshots of usual size, then tiny ones, in which reading manifests is most of the work."""
    for name, snapshots, entries in (
        ("verify", 20 if small else 300, 1_000),
        ("verify, tiny snapshots", 50 if small else 1_000, 10),
    ):
        there = folder / name.replace(", ", "-").replace(" ", "-")
        make("collections:collection", folder=str(there), snapshots=snapshots, entries=entries)
        archive = there / "output"
        files = [str(path) for path in sorted(archive.glob("news/2*/*"))]
        start = folder / "start"
        if not start.exists():
            make("collections:collection", folder=str(start), snapshots=1, entries=10)
        yield Contest(
            path=name,
            size=f"{snapshots:,} snapshots of {entries:,} entries",
            sides=[
                psgcrawl("psgcrawl verify", archive, "verify"),
                psgcrawl("of one snapshot", start / "output", "verify"),
                Side(name="sha256sum", words=["sha256sum", *files], needs=["program:sha256sum"]),
            ],
            goals=[
                Goal(against="sha256sum", most=1.5),
                Goal(against="sha256sum", less="of one snapshot"),
                Goal(by="memory", unit="MB"),
            ],
        )
