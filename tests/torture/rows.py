"""``python -m tests.torture.rows``: every row and step of the tests of which the plain suite tries some.

Those are the tests that ask :mod:`tests.thorough` how far apart what they try may lie. Properties
are not among them: many examples of each are ``PSGCRAWL_THOROUGH=1 make test``. Exit code 1 where one fails.
"""

import os
import subprocess
import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run them."""
    files = [path for path in sorted(_TESTS.rglob("test_*.py")) if "tests.thorough import every" in path.read_text()]
    options = ["-q", "-n", "auto", "--dist", "worksteal", "-m", "not service and not hypothesis"]
    command = [sys.executable, "-m", "pytest", *options, *map(str, files)]
    ran = subprocess.run(command, check=False, cwd=_TESTS.parent, env={**os.environ, "PSGCRAWL_THOROUGH": "1"})
    return 1 if ran.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
