import re
from pathlib import Path

import pytest

from psgcrawl.errors import NameTaken
from psgcrawl.exports.aside import new_file


def broken_off(path: Path, error: type[BaseException]) -> None:
    with new_file(path, force=True) as stream:
        stream.write(b"half")
        raise error


def overtaken(path: Path) -> None:
    with new_file(path) as stream:
        stream.write(b"ours")
        path.write_bytes(b"theirs")


def test_the_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with new_file(path) as stream:
        stream.write(b"whole")
        assert not path.exists()
        [beside] = tmp_path.iterdir()
        assert re.fullmatch(r"\.a\.wacz\.[0-9a-f]{8}\.part", beside.name)
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [None, b"old"])
def test_what_goes_wrong_leaves_everything_as_it_was(
    tmp_path: Path, error: type[BaseException], before: bytes | None
) -> None:
    path = tmp_path / "a.wacz"
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(error):
        broken_off(path, error)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([] if before is None else [before])


def test_a_file_that_exists_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    path.write_bytes(b"old")
    with pytest.raises(NameTaken, match="--force"), new_file(path):
        pytest.fail("nothing is to be written")
    assert path.read_bytes() == b"old"
    with new_file(path, force=True) as stream:
        stream.write(b"new")
    assert path.read_bytes() == b"new"


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with pytest.raises(NameTaken):
        overtaken(path)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"theirs"]
