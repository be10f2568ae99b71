from pathlib import Path

import pytest

from psgcrawl.archive.latest import point_latest
from tests.archive.faults import struck


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir()
    return folder


@pytest.mark.parametrize(
    ("present", "newest"),
    [
        (["20170218T060000Z"], "20170218T060000Z"),
        (["20170218T060000Z", "20160101T000000Z"], "20170218T060000Z"),
        (["20170218T060000Z", "20170218T060000Z.e2", "20170218T060000Z.e10"], "20170218T060000Z.e10"),
        (["20170218T060000Z.e2", "20170218T060000Z-2"], "20170218T060000Z-2"),
        (["20170218T060000Z", "after-20180101T000000Z"], "after-20180101T000000Z"),
        (["20170218T060000Z", ".incomplete-20180101T000000Z", "zzz"], "20170218T060000Z"),
    ],
)
def test_the_link_points_at_the_newest_capture_in_its_newest_edition(
    tmp_path: Path, present: list[str], newest: str
) -> None:
    point_latest(made(tmp_path, *present))
    assert str((tmp_path / "latest").readlink()) == newest
    assert (tmp_path / "latest").resolve() == tmp_path / newest


def test_the_link_moves_in_one_step(tmp_path: Path) -> None:
    point_latest(made(tmp_path, "20170218T060000Z"))
    made(tmp_path, "20170219T060000Z")
    with struck() as calls:
        point_latest(tmp_path)
    assert [name for name, _ in calls.log] == ["symlink", "replace"]
    assert str((tmp_path / "latest").readlink()) == "20170219T060000Z"
    assert not (tmp_path / ".latest-new").is_symlink()


def test_a_link_that_is_right_is_not_touched(tmp_path: Path) -> None:
    point_latest(made(tmp_path, "20170218T060000Z"))
    with struck() as calls:
        point_latest(tmp_path)
    assert calls.log == []


def test_a_broken_link_is_put_right(tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to("gone")
    point_latest(made(tmp_path, "20170218T060000Z"))
    assert str((tmp_path / "latest").readlink()) == "20170218T060000Z"


def test_what_a_dead_run_left_of_its_link_is_used_up(tmp_path: Path) -> None:
    (tmp_path / ".latest-new").symlink_to("20160101T000000Z")
    point_latest(made(tmp_path, "20160101T000000Z", "20170218T060000Z"))
    assert str((tmp_path / "latest").readlink()) == "20170218T060000Z"
    assert not (tmp_path / ".latest-new").is_symlink()


def test_something_else_of_that_name_is_left_alone(tmp_path: Path) -> None:
    made(tmp_path, "20170218T060000Z", "latest")
    point_latest(tmp_path)
    assert not (tmp_path / "latest").is_symlink()


def test_without_snapshots_there_is_no_link(tmp_path: Path) -> None:
    point_latest(made(tmp_path, ".staging-20170218T060000Z"))
    (tmp_path / "20170218T060000Z").write_text("a file is no snapshot")
    point_latest(tmp_path)
    assert not (tmp_path / "latest").is_symlink()


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_file_system_without_links_is_no_error(tmp_path: Path, step: int) -> None:
    made(tmp_path, "20170218T060000Z")
    with struck(step):
        point_latest(tmp_path)
    point_latest(tmp_path)
    assert str((tmp_path / "latest").readlink()) == "20170218T060000Z"
