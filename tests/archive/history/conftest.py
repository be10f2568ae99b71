from pathlib import Path

import pytest

from tests.archive.history.past import Past


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path)
