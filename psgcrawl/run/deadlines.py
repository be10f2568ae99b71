"""Deadlines that also end what cannot be asked to end: a pattern, a parser, a system call that never comes back.

A signal's handler, and every other thread of Python, waits for code in C that holds the
interpreter. The timer of :mod:`faulthandler` does not: it prints on standard error where
each thread is, and ends the process with exit code 1. Nothing that is being written then
becomes visible, and the next run writes the line of the one that was ended.
"""

import faulthandler
import math
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from psgcrawl.errors import UsageError

_STANDARD_ERROR: Final = 2
_BEATS: Final = 4
"""How often in its time a crawl must say that it goes on."""
_LONGEST: Final = 5.0
"""Seconds between two beats, at most."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds; 0 is without limit."""

    callback: float
    """Between two moments at which the crawl can do something else."""
    run: float
    """From the start of the crawl until it is asked to end."""
    ending: float
    """From then until it must have ended."""

    @classmethod
    def of(cls, settings: Mapping[str, Any], *, files: bool) -> "Limits":
        """Read them from the settings.

        :param files: whether the crawl reads files, of which one may be large: then no callback has a limit
        :raises UsageError: for what is no number of seconds
        """
        callback, run = (_seconds(settings, name) for name in ("CALLBACK_DEADLINE", "RUN_DEADLINE"))
        waits = sum(_seconds(settings, name) for name in ("RETRY_AFTER_MAX", "DOWNLOAD_TIMEOUT"))
        return cls(0 if files else callback, run, waits + callback)


class Watch:
    """The timer of one crawl. There is one in a process, so crawls that share one are ended together."""

    def __init__(self, limits: Limits) -> None:
        """Begin to count the time of the run."""
        self._limits = limits
        self._end = monotonic() + limits.run + limits.ending if limits.run else math.inf

    @property
    def interval(self) -> float:
        """Seconds until the next :meth:`beat`; 0 where there is nothing to watch."""
        within = [limit for limit in (self._limits.callback, self._limits.run + self._limits.ending) if limit]
        return min(_LONGEST, *(limit / _BEATS for limit in within)) if self._limits.callback or self._limits.run else 0

    def beat(self) -> None:
        """Say that the crawl goes on: the callback's time begins anew, the run's does not."""
        self._set(min(self._limits.callback or math.inf, self._end - monotonic()))

    def closing(self) -> None:
        """Say that only the commit is left, which may take as long as the run has left."""
        self._set(self._end - monotonic())

    @staticmethod
    def _set(seconds: float) -> None:
        if seconds == math.inf:
            faulthandler.cancel_dump_traceback_later()
        else:
            faulthandler.dump_traceback_later(max(0.001, seconds), exit=True, file=_STANDARD_ERROR)

    @staticmethod
    def over() -> None:
        """Say that the run has ended."""
        faulthandler.cancel_dump_traceback_later()


def _seconds(settings: Mapping[str, Any], name: str) -> float:
    value = settings.get(name)
    try:
        seconds = float(value or 0)
    except (TypeError, ValueError):
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise UsageError(f"{name}: {value!r} is no number of seconds")
    return seconds
