"""A small WordPress, and a clock of its own for each test."""

from collections.abc import Iterator

import pytest

from tests.miniwordpress import MiniWordPress
from tests.postcrawls import tick


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    tick(monkeypatch)


@pytest.fixture
def site() -> Iterator[MiniWordPress]:
    with MiniWordPress() as site:
        yield site
