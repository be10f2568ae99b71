"""docs/performance.md shows what was measured, and benchmarks/README.md every path that there is."""

import re
from pathlib import Path

from benchmarks.paths import PATHS
from benchmarks.publish import DOCUMENT, written
from benchmarks.results import GROWTH, PUBLISHED, Results

README = Path(__file__).parents[2] / "benchmarks" / "README.md"


def test_the_tables_are_those_of_the_published_results() -> None:
    document = DOCUMENT.read_text("utf-8")
    assert document == written(document, Results.read(PUBLISHED)), "python -m benchmarks.publish writes them again"


def test_every_path_has_published_figures() -> None:
    assert set(Results.read(PUBLISHED).paths) == set(PATHS)
    assert Results.read(PUBLISHED).growth


def test_every_path_is_described() -> None:
    described = re.findall(r"^\| `(\w+)` \|", README.read_text("utf-8"), re.MULTILINE)
    assert described == [*PATHS, GROWTH]
