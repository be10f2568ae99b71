"""The guards around the tests themselves."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPED = """
import pytest

@pytest.mark.service
def test_judge():
    pytest.skip("no judge here")

def test_other():
    pytest.skip("not today")
"""


@pytest.mark.parametrize(
    ("required", "closing"),
    [("", "2 skipped"), ("1", "1 failed, 1 skipped")],
    ids=["a-judge-may-be-missing", "a-judge-is-due"],
)
@pytest.mark.thorough
def test_a_skipped_judge_fails_only_where_it_is_due(project: Path, tmp_path: Path, required: str, closing: str) -> None:
    (tmp_path / "test_skipped.py").write_text(SKIPPED)
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={tmp_path}"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=project,
        env={**os.environ, "PSGCRAWL_REQUIRE_SERVICES": required},
        capture_output=True,
        text=True,
        check=False,
    )
    assert closing in run.stdout.splitlines()[-1], run.stdout


def test_a_test_cannot_reach_another_machine() -> None:
    with socket.socket() as sock, pytest.raises(AssertionError, match="tests run offline"):
        sock.connect(("192.0.2.1", 80))
