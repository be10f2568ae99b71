"""Jobs for the tests of the engines: functions of a module, so that other processes find them."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from psgcrawl import site
from psgcrawl.errors import DamagedData


@dataclass(frozen=True)
class Marked:
    """A job that says in a folder that it began."""

    folder: Path
    name: str
    deaths: int = 0
    """How often its process dies before it comes to its end."""
    seconds: float = 0.0
    until: Path | None = None
    """What it waits for."""


def mark(job: Marked) -> str:
    """Say that it began, and die, or return the name."""
    begun = len(list(job.folder.glob(f"{job.name}.*")))
    (job.folder / f"{job.name}.{begun}").write_text(f"{os.getpid()} {time.monotonic()}", encoding="ascii")
    if begun < job.deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(job.seconds)
    while job.until is not None and not job.until.exists():
        time.sleep(0.005)
    return job.name


def double(number: int) -> int:
    return 2 * number


def process(folder: Path) -> int:
    """Say which process it is in, and go on when there are two."""
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < 2:
        time.sleep(0.005)
    return os.getpid()


def called(_: int) -> str:
    return site.current().called


def damaged(number: int) -> int:
    if number == 1:
        raise DamagedData("news: number 1 is damaged")
    return number


class _Odd(Exception):
    def __init__(self, one: object, other: object) -> None:
        super().__init__("odd", one, other)
        self.open = Path("/dev/null").open("rb")  # noqa: SIM115 - so that it cannot be sent


def odd(_: int) -> int:
    raise _Odd(1, 2)
