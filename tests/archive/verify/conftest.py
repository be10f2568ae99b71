import shutil
from pathlib import Path

import pytest

from tests.archive.verify.making import small


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("pristine") / "archive")


@pytest.fixture
def archive(pristine: Path, tmp_path: Path) -> Path:
    """A small archive to be damaged."""
    return Path(shutil.copytree(pristine, tmp_path / "archive", symlinks=True))
