"""Every command over a collection of many entries: the most memory that it has."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.sides import Side, make, psgcrawl

MOST = 200
"""MB."""


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield two snapshots without evidence; each command once, because memory hardly varies.

    Commands that keep an index make it themselves, in their turn.
    """
    entries = 5_000 if small else 1_000_000
    make("collections:collection", folder=str(folder), snapshots=2, entries=entries, share=1000)
    archive = folder / "output"
    made = str(folder / "made")
    one = f"news-article-{entries // 2:07d}"
    commands = {
        "snapshots": ["snapshots"],
        "status": ["status", "--expect", "never"],
        "verify": ["verify"],
        "verify --deep": ["verify", "--deep"],
        "diff": ["diff", "news"],
        "export jsonl": ["export", "jsonl", "news", "latest"],
        "export csv": ["export", "csv", "news", "latest"],
        "export parquet": ["export", "parquet", "news", "latest"],
        "export atom": ["export", "atom", "news"],
        "export jsonfeed": ["export", "jsonfeed", "news"],
        "history": ["history", "news"],
        "history of one entry": ["history", "news", one],
        "history --all": ["history", "--all"],
        "export sqlite": ["export", "sqlite", "news"],
    }
    needs = {"export parquet": ["pyarrow"]}
    for name, words in commands.items():
        more = ["--force", "-o", made] if words[0] == "export" else []
        # They differ.
        codes = [1 if name == "diff" else 0]
        side = psgcrawl(name, archive, *words, *more, codes=codes, needs=needs.get(name, ()), once=True)
        yield _most(side, entries)
    # A page for each entry: of a million it would be eight gigabytes, and most of an hour on a busy machine.
    fewer = entries // 10
    make("collections:collection", folder=str(folder / "fewer"), snapshots=2, entries=fewer, share=1000)
    archive, report = folder / "fewer" / "output", str(folder / "report")
    make("commands:quiet", words=["--archive", str(archive), "history", "news"])
    yield _most(psgcrawl("report", archive, "report", "-o", report, once=True), fewer)


def _most(side: Side, entries: int) -> Contest:
    return Contest(
        path=f"memory of {side.name}",
        size=f"2 snapshots of {entries:,} entries",
        sides=[side],
        goals=[Goal(by="memory", unit="MB", most=MOST), Goal(unit="s")],
    )
