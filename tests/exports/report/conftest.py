"""Reports that several tests only read."""

from pathlib import Path

import pytest

from tests.exports.report.reading import report
from tests.exports.telling import Told


@pytest.fixture(scope="module")
def made(weeks: Told, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the collection with four weeks of changes."""
    return report(weeks.archive.folder, tmp_path_factory.mktemp("made") / "report")


@pytest.fixture(scope="module")
def worst(bad: Told, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the collection of hostile entries."""
    return report(bad.archive.folder, tmp_path_factory.mktemp("worst") / "report")
