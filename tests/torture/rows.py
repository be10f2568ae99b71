"""``python -m tests.torture.rows``: every row and step of the tests of which ``make test`` tries some or none.

Those are the tests that ask :mod:`tests.thorough` how far apart what they try may lie, and those
marked ``thorough``. Many examples of each property are not among them: they are
``PSGCRAWL_THOROUGH=1 make test``. Exit code 1 where one fails.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

_TESTS = Path(__file__).resolve().parents[1]
LONG: Final = "not service and thorough"
"""Of all tests those that ``make test`` leaves out, but for the judges of ``make service``."""


def main() -> int:
    """Run them."""
    asking = [path for path in sorted(_TESTS.rglob("test_*.py")) if "tests.thorough import every" in path.read_text()]
    failed = [
        _fails("not service and not hypothesis", asking, PSGCRAWL_THOROUGH="1"),
        _fails(LONG, [_TESTS]),
    ]
    return 1 if any(failed) else 0


def _fails(marked: str, paths: list[Path], **environ: str) -> bool:
    options = ["-q", "-n", "auto", "--dist", "worksteal", "-m", marked]
    command = [sys.executable, "-m", "pytest", *options, *map(str, paths)]
    return subprocess.run(command, check=False, cwd=_TESTS.parent, env={**os.environ, **environ}).returncode != 0


if __name__ == "__main__":
    sys.exit(main())
