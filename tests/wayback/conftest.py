"""A past of which the truth is known, and backfills of it that nothing disturbed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.miniarchive import Dialect, MiniArchive
from tests.webarchives import judging
from tests.webarchives.running import Everything, backfill, small
from tests.webarchives.truth import SMALL


@pytest.fixture(scope="session", params=["internet-archive", pytest.param("pywb", marks=pytest.mark.thorough)])
def everything(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Everything:
    """Backfills of all of it, in the dialects of both makes; only to be read."""
    archive = tmp_path_factory.mktemp("backfill") / "archive"
    dialect: Dialect = request.param
    with MiniArchive(dialect=dialect) as web:
        return Everything(archive, backfill(archive, web), backfill(archive, web))


@pytest.fixture
def site() -> Iterator[MiniArchive]:
    """A web archive with a small part, which a test may disturb."""
    with small() as started:
        yield started


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that a backfill of the news of the small part makes; only to be read."""
    archive = tmp_path_factory.mktemp("whole") / "archive"
    with small() as web:
        assert backfill(archive, web, listing="news").code == 0
    assert judging.missing(archive, SMALL, ["news"]) == []
    return archive
