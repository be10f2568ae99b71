"""Backfills that are killed at random moments, and what the next run makes of it.

    python -m tests.webarchives.kills [NUMBER [SEED]]

starts as many backfills (20 by default) from the small web archive, each in a process of its
own and into an archive of its own, kills each with SIGKILL at another moment of its way,
starts it again, and holds what is there then against the truth. It prints a line for each,
and exits 1 if anything is missing, or if more was asked for again than was in flight.
"""

import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

from tests.miniarchive import MiniArchive

from . import judging, running
from .truth import COLLECTIONS, TRUTH, Truth

NUMBER: Final = 20
_IN_FLIGHT: Final = 1


@dataclass(frozen=True)
class Killed:
    """What became of a backfill that was killed."""

    code: int
    """How the first run ended: -9 where it was killed."""
    asked: int
    """Requests that it had made."""
    asked_again: int
    """Captures that both runs asked for."""
    problems: list[str]
    """What is missing, or claimed falsely, after the second run; that it did not end well."""


def killed(folder: Path, *, moment: float, random: Random, truth: Truth = TRUTH, **arguments: str) -> Killed:
    """Start a backfill, kill it, and let another one end it.

    :param folder: where the archive is made
    :param moment: how far the first one comes, as a share of its requests; from 1 on it is killed
        while it writes what it has
    :param truth: about what is brought by ``arguments`` of the spider, where that is not all
    """
    folder.mkdir(parents=True)
    archive = folder / "archive"
    with MiniArchive() as web:
        listings = [arguments["listing"]] if "listing" in arguments else COLLECTIONS
        last = truth.fetches(listings)
        reached, due = Event(), min(int(moment * last), last - 1)

        def count(kind: str, _target: str) -> None:
            if kind == "memento" and len(web.asked("memento")) >= due:
                reached.set()

        web.on_request = count
        with running.start(archive, web, **arguments) as process:
            assert reached.wait(60)
            time.sleep(random.uniform(0, 0.02) + max(0.0, moment - 1) * 2)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=20)
            code = process.returncode
        first = Counter(one.target for one in web.asked("memento") if one.status == 200)
        web.on_request = None
        web.forget()
        ran = running.run(archive, web.address, **arguments)
        again = first & Counter(one.target for one in web.asked("memento"))
    problems = [] if ran.code == 0 else [f"the second run exits {ran.code}: {ran.err}"]
    problems += judging.missing(archive, truth, listings) + judging.false(judging.claims(archive), TRUTH)
    assert code is not None
    return Killed(code, first.total(), again.total(), problems)


def main(arguments: Sequence[str]) -> int:
    """Kill as many as asked for; print what became of each."""
    number = int(arguments[0]) if arguments else NUMBER
    random = Random(int(arguments[1]) if len(arguments) > 1 else 1983)  # noqa: S311 - the same moments again
    found = []
    with TemporaryDirectory() as folder:
        for place in range(number):
            one = killed(Path(folder) / str(place), moment=random.uniform(0, 1.4), random=random)
            found.append(one)
            end = "killed" if one.code == -signal.SIGKILL else f"ended by itself ({one.code})"
            print(f"{place + 1:3}: {end} after {one.asked:3} captures, {one.asked_again} asked for again", flush=True)  # noqa: T201
            for problem in one.problems:
                print(f"     {problem}")  # noqa: T201
    right = [one for one in found if not one.problems and one.asked_again <= _IN_FLIGHT]
    were = sum(one.code == -signal.SIGKILL for one in found)
    print(f"{were} of {number} killed; {len(right)} of {number} complete, with at most {_IN_FLIGHT} asked for again")  # noqa: T201
    return 0 if len(right) == number else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
