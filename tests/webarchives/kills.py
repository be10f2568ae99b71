"""Backfills that are killed at random moments, and what the next run makes of it.

    python -m tests.webarchives.kills [--number N] [--seed N] [--dialect NAME] [--webarchive ADDRESS]

starts as many backfills (20 by default) from the small web archive, each in a process of its
own and into an archive of its own, kills each with SIGKILL at another moment of its way,
starts it again, and holds what is there then against the truth and against a backfill that
nothing disturbed. It prints a line for each, and exits 1 if anything is missing, or if more
was asked for again than was in flight. ``--webarchive`` takes another one that holds the same
captures (:mod:`tests.webarchives.warcs` writes them); what that was asked nobody counts.
"""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final, get_args

from tests.miniarchive import Dialect, MiniArchive

from . import judging, running
from .truth import COLLECTIONS, TRUTH, Truth

NUMBER: Final = 20
SEED: Final = 1983
_IN_FLIGHT: Final = 1
_LOOK: Final = 0.003
_PATIENCE: Final = 300
_SPARE: Final = 3
"""Captures that a run may be given behind the moment in which it is to be killed."""


@dataclass(frozen=True)
class Killed:
    """What became of a backfill that was killed."""

    code: int
    """How the first run ended: -9 where it was killed."""
    asked: int
    """Captures that it had been given."""
    asked_again: int
    """Those that the second run asked for once more."""
    problems: list[str]
    """What is missing, claimed falsely or otherwise after the second run; that it did not end well."""

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost, and no more asked for again than was in flight."""
        return not self.problems and self.asked_again <= _IN_FLIGHT


@dataclass(frozen=True)
class Trial:
    """A backfill that is to be killed."""

    webarchive: str
    web: MiniArchive | None = None
    """The small web archive, where it is that."""
    truth: Truth = TRUTH
    """About what ``arguments`` bring."""
    arguments: dict[str, str] = field(default_factory=dict)
    """Of the spider."""

    @property
    def listings(self) -> Iterable[str]:
        """What is brought."""
        return [self.arguments["listing"]] if "listing" in self.arguments else COLLECTIONS

    def whole(self, archive: Path) -> list[str]:
        """Backfill undisturbed, for others to be compared with; return what is wrong with it."""
        return self._ended(archive, None)

    def killed(self, folder: Path, whole: Path, *, moment: float, random: Random) -> Killed:
        """Start a backfill, kill it, and let another one end it.

        :param folder: where its archive is made
        :param whole: the archive that an undisturbed one made
        :param moment: how far the first one comes, as a share of its way; from 1 on it is killed
            while it writes what it has
        """
        folder.mkdir(parents=True)
        archive = folder / "archive"
        over = Event()
        if self.web is not None:
            self.web.forget()
            # It comes no further than that before it is killed, however long that takes here.
            if moment < 1:
                self.web.on_request = self._holding(self.web, moment, over)
        due = self._due(archive, whole, min(moment, 1.0))
        with running.start(archive, self.webarchive, **self.arguments) as process:
            end = time.monotonic() + _PATIENCE
            while not due() and process.poll() is None and time.monotonic() < end:
                time.sleep(_LOOK)
            time.sleep(random.uniform(0, 0.02) + max(0.0, moment - 1) * 2)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=_PATIENCE)
            code = process.returncode
        over.set()
        if self.web is not None:
            self.web.on_request = None
        assert code is not None
        first = self._given()
        problems = self._ended(archive, whole)
        again = first & self._given()
        return Killed(code, first.total(), again.total(), problems)

    def _holding(self, web: MiniArchive, share: float, over: Event) -> Callable[[str, str], None]:
        """Return what lets captures wait that are asked for a good while after a run has come so far."""
        most = share * self.truth.fetches(self.listings) + _SPARE

        def hold(kind: str, _: str) -> None:
            if kind == "memento" and len(web.asked("memento")) >= most:
                over.wait(_PATIENCE)

        return hold

    def _due(self, archive: Path, whole: Path, share: float) -> Callable[[], bool]:
        """Return what tells whether a run has come so far: by its requests, or by what it has on disk."""
        web = self.web
        if web is not None:
            last = self.truth.fetches(self.listings)
            return lambda: len(web.asked("memento")) >= min(int(share * last), last - 1)
        size = share * _size(whole.glob("*/2*/pages.warc.gz"))
        return lambda: _size(archive.glob(".staging-*/pages.warc.gz")) > size

    def _given(self) -> Counter[str]:
        """Return the captures that were given since this was asked last."""
        if self.web is None:
            return Counter()
        given = Counter(one.target for one in self.web.asked("memento") if one.status == 200)
        self.web.forget()
        return given

    def _ended(self, archive: Path, whole: Path | None) -> list[str]:
        ran = running.run(archive, self.webarchive, **self.arguments)
        problems = [] if ran.code == 0 else [f"it exits with {ran.code}: {ran.err}"]
        problems += judging.missing(archive, self.truth, self.listings)
        problems += judging.false(judging.claims(archive), TRUTH) + judging.false_ends(archive, TRUTH)
        if whole is not None and judging.brought(archive) != judging.brought(whole):
            problems.append("the entries are not those of a backfill that nothing disturbed")
        return problems


def _size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def kill(trial: Trial, number: int, seed: int) -> bool:
    """Kill as many; print what became of each, and return whether all was right."""
    random = Random(seed)  # noqa: S311 - the same moments again
    with TemporaryDirectory() as name:
        folder = Path(name)
        problems = trial.whole(folder / "whole")
        for problem in problems:
            _say(f"  undisturbed: {problem}")
        found = []
        for place in range(number):
            one = trial.killed(folder / str(place), folder / "whole", moment=random.uniform(0, 1.4), random=random)
            found.append(one)
            end = "killed" if one.code == -signal.SIGKILL else f"ended by itself ({one.code})"
            told = f"after {one.asked:3} captures, {one.asked_again} asked for again" if trial.web else ""
            _say(f"  {place + 1:3}: {end} {told}".rstrip())
            for problem in one.problems:
                _say(f"       {problem}")
    were = sum(one.code == -signal.SIGKILL for one in found)
    right = sum(one.is_right for one in found)
    _say(f"  {were} of {number} killed; {right} of {number} complete, with at most {_IN_FLIGHT} asked for again")
    return right == number and not problems


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this command and the benchmark of backfills are told alike."""
    parser.add_argument("--number", type=int, default=NUMBER, help="how many are killed")
    parser.add_argument("--seed", type=int, default=SEED, help="of the moments")
    parser.add_argument("--dialect", choices=get_args(Dialect), help="only this one of the small web archive")
    parser.add_argument("--webarchive", help="the address of another web archive with the same captures")


def trials(given: argparse.Namespace, stack: ExitStack) -> list[Trial]:
    """Return a trial for each web archive that is asked for; the small ones stay until the stack is closed."""
    if given.webarchive:
        return [Trial(given.webarchive)]
    dialects: Sequence[Dialect] = [given.dialect] if given.dialect else get_args(Dialect)
    webs = [stack.enter_context(MiniArchive(dialect=dialect)) for dialect in dialects]
    return [Trial(web.address, web) for web in webs]


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill as many as asked for; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.webarchives.kills", description=(__doc__ or "").split("\n")[0]
    )
    add_arguments(parser)
    given = parser.parse_args(arguments)
    good = True
    with ExitStack() as stack:
        for trial in trials(given, stack):
            _say(f"{trial.web.dialect if trial.web else trial.webarchive}:")
            good &= kill(trial, given.number, given.seed)
    return int(not good)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
