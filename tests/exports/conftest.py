"""What the tests of several formats need."""

from pathlib import Path
from typing import Any

import pytest

from tests.exports.telling import Told, four_weeks, hostile


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A collection without snapshots."""
    return Told(tmp_path)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A collection with four weeks of changes; only to be read."""
    made = Told(tmp_path_factory.mktemp("weeks"))
    four_weeks(made)
    return made


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A collection of hostile entries; only to be read."""
    made = Told(tmp_path_factory.mktemp("bad"))
    hostile(made)
    return made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for what is exported."""
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def parquet() -> Any:
    """What reads tables."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: psgcrawl[parquet] brings it")
    return pytest.importorskip("pyarrow.parquet")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What reads tables needs pyarrow, 180 MB that the plain suite does without: `make service` installs it."""
    for item in items:
        if "parquet" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.service)
