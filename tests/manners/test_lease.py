import subprocess
import sys
import time
from pathlib import Path

import pytest

from psgcrawl.errors import LeaseBusy
from psgcrawl.manners.lease import lease


def free(folder: Path, name: str) -> bool:
    try:
        with lease(folder, name, 0):
            return True
    except LeaseBusy:
        return False


def test_a_lease_has_one_holder_and_is_free_behind_its_block(tmp_path: Path) -> None:
    with lease(tmp_path, "example.org", 0):
        assert not free(tmp_path, "example.org")
        assert free(tmp_path, "example.com")
        with (
            pytest.raises(LeaseBusy, match=r"example\.org: another crawl is at work on it"),
            lease(tmp_path, "example.org", 0.3),
        ):
            pytest.fail("it is held")
    assert free(tmp_path, "example.org")


def test_a_process_that_it_was_handed_on_to_holds_it_to_its_own_end(tmp_path: Path) -> None:
    with lease(tmp_path, "example.org", 0) as descriptor:
        waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        process = subprocess.Popen(waits, stdin=subprocess.PIPE, pass_fds=[descriptor])
    with process:
        assert not free(tmp_path, "example.org")
        process.kill()
    assert free(tmp_path, "example.org")


def test_who_has_patience_gets_it_when_it_is_free(tmp_path: Path) -> None:
    began = time.monotonic()
    with lease(tmp_path, "example.org", 0) as descriptor:
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.5)"], pass_fds=[descriptor])
    with process, lease(tmp_path, "example.org", 60):
        assert time.monotonic() - began >= 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [("a:1", "a-1"), ("A", "a"), ("../a", "-a"), ("x" * 300, "x" * 299), ("ü", "u"), ("a/b", "a-b")],
)
def test_other_names_are_other_leases_and_stay_in_their_folder(tmp_path: Path, one: str, other: str) -> None:
    folder = tmp_path / "leases"
    with lease(folder, one, 0):
        assert free(folder, other)
        assert not free(folder, one)
    assert [path.name for path in tmp_path.iterdir()] == ["leases"]
    assert len(list(folder.iterdir())) == 2
