"""What a crawl costs the site and the disk, above all one that finds nothing new: counts, not times."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.contest import Contest, Goal
from benchmarks.sides import function

CRAWLS: Final = (
    ("unchanged, incremental", "unchanged", "incremental"),
    ("unchanged, full", "unchanged", "full"),
    ("one new entry, incremental", "one_new", "incremental"),
    ("one new entry, full", "one_new", "full"),
    ("first, full", "first", "full"),
)
WHERE: Final = "besides robots.txt"


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield the small site of the tests without validators, then with them."""
    # Counts are the same every time: at small size the two that have goals are enough.
    crawls = CRAWLS[:2] if small else CRAWLS
    for validators in (False,) if small else (False, True):
        yield Contest(
            path="unchanged run" + (" with ETag" if validators else ""),
            size="33 entries on 4 pages, 20 KB",
            sides=[
                function(
                    name, f"crawls:{work}", folder=str(folder / "archive"), mode=mode, validators=validators, once=True
                )
                for name, work, mode in crawls
            ],
            goals=[goal for name, work, mode in crawls for goal in _goals(name, work, mode)],
        )


def _goals(name: str, work: str, mode: str) -> Iterator[Goal]:
    most = 2 if (work, mode) == ("unchanged", "incremental") else None
    yield Goal(ours=name, by="requests", unit=f"requests {WHERE}", most=most)
    yield Goal(ours=name, by="received", unit="bytes received")
    if work == "unchanged":
        yield Goal(ours=name, by="lines", unit="lines in runs.jsonl", most=1)
        yield Goal(ours=name, by="elsewhere", unit="bytes elsewhere", most=0)
        yield Goal(ours=name, by="log", unit="bytes of that line")
