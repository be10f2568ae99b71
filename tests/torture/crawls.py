"""``python -m tests.torture.crawls``: whole crawls of the small site that are killed at a random time.

``--rounds N`` of them, each followed by one that nothing disturbs.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from psgcrawl.archive import runlog
from tests import crawls
from tests.minisite import MiniSite
from tests.torture import sound
from tests.torture.figures import Figures, tell

SETTINGS: Final = ("DOWNLOAD_DELAY=0", "CONTACT=ops@example.org", "RETRY_FIRST_PAUSE=0")


def _line(archive: Path, base: str) -> list[str]:
    settings = [word for one in (f"ARCHIVE_DIR={archive}", *SETTINGS) for word in ("-s", one)]
    return ["-m", "scrapy", "crawl", "news", "-a", f"base={base}", *settings]


def _killed(archive: Path, base: str, after: float) -> int:
    with crawls.command(*_line(archive, base)) as process:
        sleep(after)
        process.send_signal(signal.SIGKILL)
        return process.wait(timeout=60)


def torture(rounds: int, seed: int) -> Figures:
    """Kill a crawl, look, crawl again, look, and change the site."""
    figures = Figures("crawls killed at random")
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    folder = Path(tempfile.mkdtemp(prefix="torture-crawls-"))
    try:
        archive = folder / "sandbox" / "archive"
        archive.mkdir(parents=True)
        with MiniSite() as site:
            begun = monotonic()
            ran = crawls.run(*_line(archive, site.url("")))
            took = monotonic() - begun
            assert ran.code == 0, ran.err
            for number in range(rounds):
                site.add("news", f"News {number}", f"Something happened, for the {number}th time.", "1 May 2019")
                before = sound.State.of(archive)
                # Most of a crawl is its beginning, where nothing is at stake.
                after = chance.uniform(0.4 * took, 1.05 * took)
                code = _killed(archive, site.url(""), after)
                problems = list(before.problems())
                between = sound.State.of(archive)
                again = crawls.run(*_line(archive, site.url("")))
                problems += [f"the next crawl exits {again.code}: {again.err}"] * bool(again.code)
                problems += [*between.problems(), *sound.well(archive), *runlog.check(archive)]
                figures.points += 1
                figures.add(f"after {after:.2f} s (exit code {code})", problems)
    finally:
        shutil.rmtree(folder)
    return figures


def main() -> int:
    """Run, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=os.getpid())
    args = parser.parse_args()
    try:
        figures = torture(args.rounds, args.seed)
    except subprocess.TimeoutExpired as error:
        tell(f"a crawl hung: {error}")
        return 1
    figures.notes.append(f"seed {args.seed}")
    tell(str(figures))
    return 1 if figures.violations else 0


if __name__ == "__main__":
    sys.exit(main())
