"""A side of a contest: a command, or a function of :mod:`benchmarks.work`, in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).resolve().parent.parent
PERSONAL: Final = (
    *("PSGCRAWL_ARCHIVE", "SCRAPY_PROJECT", "SCRAPY_SETTINGS_MODULE"),
    *("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONWARNINGS"),
)
"""Of the environment: what would make a run another one on another person's machine."""


def nothing() -> None:
    """Do nothing, before or after a round."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """What is measured."""

    name: str
    words: Sequence[str]
    """The command."""
    needs: Sequence[str] = ()
    """Modules, and programs written ``program:NAME``, without which it cannot take part."""
    codes: Sequence[int] = (0,)
    """Exit codes of a run that did what was asked."""
    before: Callable[[], object] = nothing
    """Called before each run, and not measured."""
    after: Callable[[], object] = nothing
    """Called after each run, and not measured; raises where the run did not do what it should."""
    reports: bool = False
    """Whether it measures itself: its last line says so, as :mod:`benchmarks.child` writes it."""
    output: Path | None = None
    """Where its standard output goes; nowhere by default."""
    environ: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    """Whether it is measured in the first round only: its figure is a count, or far from its goal."""

    @property
    def missing(self) -> list[str]:
        """What it needs and this machine has not."""
        return [name for name in self.needs if not _is_there(name)]


@dataclass(frozen=True)
class Usage:
    """What one run needed."""

    processor: float
    """Seconds of the processor, in user and system, of the process and its children."""
    clock: float
    """Seconds on the clock."""
    memory: float
    """The most memory that a process of it had, in MB: mapped files count, so that it is no less than the anonymous."""
    counts: Mapping[str, float] = field(default_factory=dict)
    """What a function counted besides."""

    def of(self, measure: str) -> float:
        """Return a figure by its name: ``processor``, ``clock``, ``memory``, or a count's."""
        return float(getattr(self, measure)) if measure in {"processor", "clock", "memory"} else self.counts[measure]


def psgcrawl(name: str, archive: Path, *words: str, **more: Any) -> Side:  # noqa: ANN401 - fields of Side
    """Return ``psgcrawl --archive ARCHIVE WORDS`` as a side."""
    return Side(name=name, words=[sys.executable, "-m", "psgcrawl", "--archive", str(archive), *words], **more)


def function(
    name: str,
    place: str,
    *,
    needs: Sequence[str] = (),
    once: bool = False,
    **arguments: Any,  # noqa: ANN401 - any JSON
) -> Side:
    """Return ``MODULE:FUNCTION`` of :mod:`benchmarks.work` as a side that times itself.

    The function is called with the arguments and prepares what it returns, which is timed.
    """
    words = [sys.executable, "-m", "benchmarks.child", f"benchmarks.work.{place}", json.dumps(arguments)]
    return Side(name=name, words=words, needs=needs, reports=True, once=once)


def make(place: str, **arguments: Any) -> None:  # noqa: ANN401 - any JSON
    """Call ``MODULE:FUNCTION`` of :mod:`benchmarks.making`, in a process of its own.

    :raises RuntimeError: where it fails
    """
    measure(
        Side(
            name=place,
            words=[sys.executable, "-m", "benchmarks.child", f"benchmarks.making.{place}", json.dumps(arguments)],
            reports=True,
        )
    )


def compiled() -> None:
    """Let Python compile the program, as an installation does: else the first that is measured would."""
    folders = [str(PROJECT / name) for name in ("benchmarks", "psgcrawl", "tests")]
    measure(Side(name="compile", words=[sys.executable, "-m", "compileall", "-q", *folders]))


def measure(side: Side) -> Usage:
    """Run a side once.

    :raises RuntimeError: when it exits with another code than it should: its figures would mean nothing
    """
    side.before()
    inherited = {name: value for name, value in os.environ.items() if name not in PERSONAL}
    environ = {**inherited, "LC_ALL": "C", "PYTHONPATH": str(PROJECT), "GIT_PAGER": "", **side.environ}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        stdout = out if side.reports else side.output.open("wb") if side.output else subprocess.DEVNULL
        begun = time.perf_counter()
        process = subprocess.Popen(side.words, stdout=stdout, stderr=errors, env=environ, cwd=PROJECT)
        _, status, used = os.wait4(process.pid, 0)
        clock = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in side.codes:
            errors.seek(0)
            said = errors.read()[-2000:].decode("utf-8", "replace")
            raise RuntimeError(f"{side.name}: exited with {process.returncode}\n{' '.join(side.words)}\n{said}")
        side.after()
        usage = Usage(used.ru_utime + used.ru_stime, clock, used.ru_maxrss * _UNIT / 1e6)
        if not side.reports:
            return usage
        out.seek(0)
        told = json.loads(out.read().splitlines()[-1])
    return Usage(told.pop("processor"), told.pop("clock"), usage.memory, told)


# macOS counts bytes, Linux kibibytes.
_UNIT: Final = 1 if sys.platform == "darwin" else 1024


def _is_there(name: str) -> bool:
    kind, _, rest = name.partition(":")
    return shutil.which(rest) is not None if kind == "program" else find_spec(name) is not None
