"""A sample of the table of hostile input; ``python -m tests.hostile`` runs all of it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from tests.hostile.case import Row
from tests.hostile.running import Done

SAMPLE = (
    "200,000 attributes",
    "a gzip bomb",
    "a feed that laughs a billion times",
    "a WACZ that is a bomb",
    "verify: a log of escapes",
)


@pytest.fixture(scope="module")
def table() -> ModuleType:
    """The table, with a good many megabytes of hostile input: only where it is looked at."""
    from tests.hostile import table  # noqa: PLC0415

    return table


@pytest.fixture(scope="module")
def done(table: ModuleType) -> dict[str, Done]:
    rows = [row for row in table.ROWS if row.name in SAMPLE]
    with ThreadPoolExecutor(2) as pool:
        return {found.row.name: found for found in pool.map(table.done, rows)}


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.thorough
def test_hostile_input_ends_as_the_table_says_in_little_time_and_memory(name: str, done: dict[str, Done]) -> None:
    assert done[name].wrong == ()
    assert done[name].megabytes > 20


def test_the_table_has_each_name_once_and_many_rows(table: ModuleType) -> None:
    names = [(row.spider, row.name) for row in table.ROWS]
    assert len(set(names)) == len(names) > 250


def test_what_is_not_as_the_table_says_is_found(table: ModuleType) -> None:
    def spoil(archive: Path) -> None:
        (archive.parent / "elsewhere").write_bytes(b"")

    found = table.done(Row("nothing as it is said", 0, "no such words", line=("verify", "nowhere"), files=spoil))
    assert len(found.wrong) == 2
    assert found.wrong[0] == "exit code 2, not 0"
    assert found.wrong[1].startswith("nothing says 'no such words'")
