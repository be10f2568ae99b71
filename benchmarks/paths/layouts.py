"""Pages to entries where the markup is unknown, beside those who know it; and datelines."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.sides import function


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:  # noqa: ARG001 - nothing is written
    """Yield pages, then datelines."""
    pages = 30 if small else 300
    yield Contest(
        path="layouts",
        size=f"{pages} pages of 15 KB",
        sides=[
            function("layouts", "ours:layout", pages=pages),
            function("lxml.html.fromstring", "rivals:parsing", pages=pages),
            function("parsel CSS for that page", "rivals:selectors", pages=pages),
        ],
        goals=[
            Goal(against="lxml.html.fromstring", most=2),
            Goal(against="parsel CSS for that page", most=0.5),
        ],
    )
    lines = 2_000 if small else 50_000
    yield Contest(
        path="datelines",
        size=f"{lines:,} datelines, each of its own",
        sides=[
            function("datelines", "ours:dates", times=lines),
            function("strptime of a day", "rivals:strptime", times=lines),
        ],
        goals=[Goal(against="strptime of a day")],
    )
