"""A small PHP site, and a clock of its own for each test."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from psgcrawl.extensions import outcome as extension
from psgcrawl.middlewares import evidence
from tests.minisite import MiniSite


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a minute pass whenever somebody looks at the clock: what is fetched later was captured later."""
    now = iter(datetime(2019, 10, 1, tzinfo=UTC) + timedelta(minutes=number) for number in range(100_000))
    for module in (evidence, extension):
        monkeypatch.setattr(module, "_now", lambda: next(now).strftime("%Y-%m-%dT%H:%M:%SZ"))


@pytest.fixture
def site() -> Iterator[MiniSite]:
    with MiniSite() as site:
        yield site
