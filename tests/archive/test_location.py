from pathlib import Path

import pytest

from psgcrawl.archive.location import find_archive
from psgcrawl.errors import UsageError

ENV = {"PSGCRAWL_ARCHIVE": "from-environment"}


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A folder two below that of ``scrapy.cfg``."""
    (tmp_path / "project" / "a" / "b").mkdir(parents=True)
    (tmp_path / "project" / "scrapy.cfg").write_text("")
    return tmp_path / "project" / "a" / "b"


def test_an_option_is_relative_to_where_the_person_is(deep: Path) -> None:
    assert find_archive("x/y", ENV, deep) == deep / "x" / "y"
    assert find_archive("/srv/archive", ENV, deep) == Path("/srv/archive")


def test_the_environment_comes_next(deep: Path) -> None:
    assert find_archive(None, ENV, deep) == deep / "from-environment"
    assert find_archive(None, {"PSGCRAWL_ARCHIVE": "/srv/archive"}, deep) == Path("/srv/archive")


@pytest.mark.parametrize("environ", [{}, {"PSGCRAWL_ARCHIVE": ""}])
def test_the_default_lies_beside_the_nearest_scrapy_cfg(deep: Path, environ: dict[str, str]) -> None:
    assert find_archive(None, environ, deep) == deep.parents[1] / "output"
    assert find_archive(None, environ, deep.parents[1]) == deep.parents[1] / "output"
    (deep.parent / "scrapy.cfg").write_text("")
    assert find_archive(None, environ, deep, "kept") == deep.parent / "kept"


def test_an_absolute_default_needs_no_project(tmp_path: Path) -> None:
    assert find_archive(None, {}, tmp_path, "/srv/archive") == Path("/srv/archive")


def test_without_a_project_a_relative_default_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "scrapy.cfg").mkdir()
    with pytest.raises(UsageError, match=r"no scrapy\.cfg .*'output'.*--archive DIR or PSGCRAWL_ARCHIVE"):
        find_archive(None, {}, tmp_path)


def test_an_empty_option_is_not_the_present_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--archive"):
        find_archive("", {}, tmp_path)
