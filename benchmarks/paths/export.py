"""All revisions of all entries, to a database and to a table, beside importers of the same lines."""

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.sides import Side, function, make, psgcrawl


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield SQLite, then Parquet; the index of the history is there."""
    snapshots, entries = (5, 1_000) if small else (9, 20_000)
    make("collections:collection", folder=str(folder), snapshots=snapshots, entries=entries, share=4)
    archive, lines = folder / "output", str(folder / "revisions.jsonl")
    make(
        "commands:quiet",
        words=["--archive", str(archive), "export", "jsonl", "news", "--revisions", "-o", lines],
    )
    revisions = entries + (snapshots - 1) * 2 * (entries // 4)
    size = f"{revisions:,} revisions"
    ours, theirs = str(folder / "ours"), str(folder / "theirs")

    def anew() -> None:
        Path(theirs).unlink(missing_ok=True)

    yield Contest(
        path="export sqlite",
        size=size,
        sides=[
            psgcrawl("export sqlite", archive, "export", "sqlite", "news", "--force", "-o", ours),
            Side(
                name="sqlite-utils insert",
                words=[sys.executable, "-m", "sqlite_utils", "insert", theirs, "revisions", lines, "--nl"],
                needs=["sqlite_utils"],
                before=anew,
            ),
            function("DuckDB import", "rivals:duckdb_import", lines=lines, target=theirs, needs=["duckdb"]),
        ],
        goals=[
            Goal(against="sqlite-utils insert", most=2),
            Goal(against="DuckDB import", most=2),
            Goal(by="memory", unit="MB", most=200),
        ],
    )
    table = f"{ours}.parquet"
    yield Contest(
        path="export parquet",
        size=size,
        sides=[
            psgcrawl(
                "export parquet",
                archive,
                *["export", "parquet", "news", "--revisions", "--force", "-o", table],
                needs=["pyarrow"],
            ),
            function("DuckDB COPY", "rivals:duckdb_import", lines=lines, target=theirs, parquet=True, needs=["duckdb"]),
            Side(
                name="sqlite-utils insert",
                words=[sys.executable, "-m", "sqlite_utils", "insert", theirs, "revisions", lines, "--nl"],
                needs=["sqlite_utils"],
                before=anew,
            ),
        ],
        goals=[
            Goal(against="DuckDB COPY", most=2),
            Goal(against="sqlite-utils insert", most=2),
            Goal(by="memory", unit="MB", most=200),
        ],
    )
