"""``python -m tests.torture.driver ARCHIVE NUMBER``: one small run, and nothing else that would cost time.

Run NUMBER finds what runs before it left, commits a snapshot of its own with evidence,
and logs it; the same number again confirms that. The exit code is that of a crawl. A
line on standard error marks where the work begins: what comes before is the interpreter.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from psgcrawl.run import FAILED
from tests.archive.verify.making import html, run_once

BEGIN: Final = "psgcrawl-torture-begins"
AHEAD: Final = 500
"""Added to the numbers of entries: none is negative, for runs before the first, and each of three digits is dated."""
FIRST: Final = datetime(2024, 3, 1, 6, tzinfo=UTC)


def captured(number: int) -> str:
    """Return when the run of that number begins, RFC 3339 UTC: a week after the one before."""
    return (FIRST + timedelta(weeks=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def work(archive: Path, number: int) -> int:
    """Run, and return the exit code."""
    pages = {0: html(number + AHEAD + 2, number + AHEAD + 1), 10: html(number + AHEAD)}
    return run_once(archive, pages, captured(number)).exit_code


def main() -> int:
    """Mark the beginning, and run."""
    os.write(2, f"{BEGIN}\n".encode())
    # Whatever is raised is a failure that is told, as in a crawl.
    try:
        return work(Path(sys.argv[1]), int(sys.argv[2]))
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
