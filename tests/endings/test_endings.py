"""Some of the ways in which a crawl can end; ``make endings`` takes all of them."""

from pathlib import Path

import pytest

from tests.endings.driving import troubles
from tests.endings.table import WAYS, Way

SHORT = [way for way in WAYS if way.short]


def test_there_are_at_least_fifty_ways_to_end_each_with_a_name_of_its_own() -> None:
    names = [f"{way.name} {sorted(way.settings.items())}" for way in WAYS]
    assert len(set(names)) == len(WAYS) >= 50


@pytest.mark.parametrize("way", SHORT, ids=[way.name for way in SHORT])
@pytest.mark.thorough
def test_a_crawl_ends_as_it_must_and_the_next_one_goes_well(tmp_path: Path, way: Way) -> None:
    assert troubles(way, tmp_path) == []
