"""The memory of a crawl is that of its process."""

import subprocess
import sys
from pathlib import Path

import pytest

from psgcrawl.extensions import memory

PROJECT = Path(__file__).parents[2]
SMALL = "from psgcrawl.extensions.memory import peak; print(peak())"
LARGE = f"""
import subprocess, sys
held = b"x" * 300_000_000
print(subprocess.run([sys.executable, "-c", {SMALL!r}], capture_output=True, text=True, check=True).stdout)
"""


def told(program: str) -> int:
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT)
    return int(ran.stdout)


@pytest.mark.skipif(memory.peak() is None, reason="the system does not say it: no /proc")
@pytest.mark.thorough
def test_what_a_large_process_starts_is_not_large_for_that() -> None:
    assert told(LARGE) < 200_000_000
    assert told("held = b'x' * 300_000_000\n" + SMALL) > 300_000_000


def test_where_the_system_does_not_say_it_nothing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "none")
    assert memory.peak() is None
    (tmp_path / "none").write_text("Name:\tx\n")
    assert memory.peak() is None
