"""Two files of entries, of which one in a thousand was added, removed and edited."""

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.making.entries import differing
from benchmarks.sides import Side, function, make, measure, psgcrawl

OURS = "psgcrawl diff --stat"
START = "of two entries"


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield large files, then two small ones as one types it."""
    entries = 20_000 if small else 1_000_000
    make("entries:pair", folder=str(folder / "large"), entries=entries)
    make("entries:pair", folder=str(folder / "few"), entries=2)
    old, new = (str(folder / "large" / f"{name}.jsonl") for name in ("old", "new"))
    few = [str(folder / "few" / f"{name}.jsonl") for name in ("old", "new")]
    script = 'sort "$1" > "$1.tmp" && sort "$2" > "$2.tmp" && comm -3 "$1.tmp" "$2.tmp"'
    for path in (old, new):
        measure(Side(name="sort", words=["sort", "-o", f"{path}.sorted", path]))
    yield Contest(
        path="diff",
        size=f"{entries:,} entries on each side",
        sides=[
            psgcrawl(OURS, folder, "diff", old, new, "--stat", codes=[1]),
            psgcrawl(START, folder, "diff", *few, "--stat"),
            Side(name="cat of both", words=["cat", old, new], needs=["program:cat"]),
            function("DuckDB", "rivals:anti_join", old=old, new=new, expected=differing(entries), needs=["duckdb"]),
            Side(name="comm", words=["comm", "-3", f"{old}.sorted", f"{new}.sorted"], needs=["program:comm"]),
            Side(name="GNU diff", words=["diff", old, new], needs=["program:diff"], codes=[1]),
            Side(name="sort and comm", words=["sh", "-c", script, "sh", old, new], needs=["program:sort"], once=True),
            Side(
                name="git diff",
                # Beyond half a gigabyte git takes files for binary, and does not look for lines.
                words=["git", "-c", "core.bigFileThreshold=16g", "diff", "--no-index", "--stat", old, new],
                needs=["program:git"],
                codes=[1],
                once=True,
            ),
        ],
        goals=[
            Goal(against="cat of both", less=START, most=4),
            Goal(against="DuckDB", by="clock", most=0.3),
            Goal(against="comm", most=0.25),
            Goal(against="GNU diff", most=0.2),
            Goal(against="sort and comm"),
            Goal(against="git diff"),
            Goal(by="memory", unit="MB", most=60),
            Goal(against="GNU diff", by="memory"),
        ],
    )
    make("entries:pair", folder=str(folder / "typed"), entries=2_000)
    typed = [str(folder / "typed" / f"{name}.jsonl") for name in ("old", "new")]
    yield Contest(
        path="diff as typed",
        size="2,000 entries on each side",
        sides=[
            psgcrawl("psgcrawl diff", folder, "diff", *typed, codes=[1]),
            Side(name="scrapy version", words=[sys.executable, "-m", "scrapy", "version"]),
        ],
        goals=[Goal(unit="s", most=0.3), Goal(against="scrapy version")],
    )
