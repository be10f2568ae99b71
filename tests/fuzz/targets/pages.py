"""``pages.jsonl`` -> what a snapshot saw."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from psgcrawl.archive.coverage import runs_of
from psgcrawl.records import ListView, PageRow
from tests.fuzz.lines import read_back
from tests.fuzz.target import PROJECT, Target


def check(data: bytes) -> None:
    """Read a file of pages."""
    rows, _ = read_back(data, PageRow, "pages.jsonl")
    positions = sorted({row.position for row in rows if row.position is not None})
    runs = runs_of(positions, 10)
    assert all(first <= last for first, last in runs)
    assert all(one[1] < other[0] for one, other in pairwise(runs))
    assert {end for run in runs for end in run} <= set(positions)


def seeds() -> Iterator[bytes]:
    """Yield lines of the stored sample."""
    for path in sorted((PROJECT / "tests" / "fixtures" / "formats" / "1-1").rglob("pages.jsonl")):
        yield path.read_bytes().splitlines(keepends=True)[0]


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(f'"{name}":'.encode() for name in (*PageRow.__struct_fields__, *ListView.__struct_fields__)),
        *(
            b'"from":',
            b'"to":',
            b'"record":',
            b'"offset":',
            b'"length":',
            b'"news"',
            b'"crawl"',
            b'"bound"',
            b"null",
            b"true",
        ),
        *(b"\\ud800", b"\\u2028", b"1e400", b"-1", b"9" * 40, b"[" * 64, b"\xed\xa0\x80", b'"2017-02-18T06:00:00Z"'),
    ],
)
