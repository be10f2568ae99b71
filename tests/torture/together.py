"""``python -m tests.torture.together``: two runs at once, readers during commits, clocks that are set back.

``--rounds N`` of each.
"""

import argparse
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Final

from psgcrawl.archive import runlog
from psgcrawl.archive.manifest import verify_files
from psgcrawl.archive.store import Archive
from psgcrawl.run import BUSY
from tests.torture import children, driver, sound
from tests.torture.figures import Figures, concluded, scratch

WRITERS: Final = 3


def at_once(folder: Path, rounds: int, chance: random.Random) -> Figures:
    """Let several runs begin together, some with the same pages: one holds the collection, the others say so."""
    figures = Figures("runs at once")
    archive = folder / "at-once" / "archive"
    archive.mkdir(parents=True)
    assert children.plain(archive, 0) == 0
    done = [0]
    for number in range(1, rounds + 1):
        before = sound.State.of(archive)
        numbers = [number, number, number + rounds][:WRITERS]
        started = [children.start(lambda given=one: driver.work(archive, given)) for one in numbers]  # type: ignore[misc]
        for child in started:
            children.go(child)
            sleep(chance.choice((0, 0, 0.002, 0.01)))
        codes = [children.ended(child) for child in started]
        figures.points += 1
        problems = [] if set(codes) <= {0, BUSY} else [f"exit codes {codes}"]
        if 0 not in codes:
            problems.append(f"none came through: {codes}")
        done += [one for one, code in zip(numbers, codes, strict=True) if code == 0]
        for one in done:
            problems += sound.committed(archive, driver.captured(one))
        figures.add(f"round {number}", [*problems, *before.problems()])
    figures.violations += sound.well(archive)
    return figures


def readers(folder: Path, rounds: int) -> Figures:
    """Read everything over and over while runs commit: what is visible is whole, always."""
    figures = Figures("readers during commits")
    archive = folder / "readers" / "archive"
    archive.mkdir(parents=True)
    assert children.plain(archive, 0) == 0
    for number in range(1, rounds + 1):
        child = children.start(lambda given=number: driver.work(archive, given))  # type: ignore[misc]
        children.go(child)
        problems: list[str] = []
        ended = status = 0
        while not ended and not problems:
            problems += _read(archive)
            figures.points += 1
            ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            problems.append(f"the run exits {os.waitstatus_to_exitcode(status)}")
        figures.add(f"run {number}", [*problems, *_read(archive)])
    figures.notes.append("a point is one reading of the whole archive")
    return figures


def _read(archive: Path) -> Iterator[str]:
    try:
        for snapshot in Archive(archive).collection("news").snapshots():
            yield from verify_files(snapshot.folder)
            if not list(snapshot.entries()) or not list(snapshot.pages()):
                yield f"{snapshot.name}: nothing in it"
        yield from runlog.check(archive)
        latest = archive / "news" / "latest"
        if not latest.exists():
            yield "latest leads nowhere"
    except Exception as error:  # noqa: BLE001 - a reader must meet none
        yield f"{type(error).__name__}: {error}"


def clocks(folder: Path, rounds: int, chance: random.Random) -> Figures:
    """Let each run begin at another time than the one before, mostly earlier, also at the same: none is lost."""
    figures = Figures("clocks that are set")
    archive = folder / "clocks" / "archive"
    archive.mkdir(parents=True)
    numbers = [chance.randrange(-200, 200) for _ in range(rounds)]
    done: set[int] = set()
    for number in [*numbers, *numbers[:2]]:
        before = sound.State.of(archive)
        code = children.plain(archive, number)
        done.add(number)
        figures.points += 1
        problems = [f"exit code {code}"] * bool(code)
        for one in done:
            problems += sound.committed(archive, driver.captured(one))
        figures.add(driver.captured(number), [*problems, *before.problems()])
    figures.violations += sound.well(archive)
    names = [snapshot.name for snapshot in Archive(archive).collection("news").snapshots()]
    if names != sorted(names):
        figures.violations.append("the order is not that of capture times")
    return figures


def torture(rounds: int, seed: int) -> Iterator[Figures]:
    """Try the three."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    with scratch() as folder:
        yield at_once(folder, rounds, chance)
        yield readers(folder, rounds)
        yield clocks(folder, rounds, chance)


def main() -> int:
    """Run, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    return concluded(torture(args.rounds, args.seed))


if __name__ == "__main__":
    sys.exit(main())
