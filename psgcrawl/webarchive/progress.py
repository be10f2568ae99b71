"""How far a run has come, for people: a bar on a terminal, else a line a minute."""

from collections.abc import Callable
from time import monotonic
from typing import Final, TextIO

_WIDTH: Final = 30
_EVERY: Final = 60.0
"""Seconds between two lines where nobody looks on."""
_REDRAWN: Final = 0.2


class Progress:
    """Tells of captures that were brought, are to come, and were refused."""

    def __init__(self, stream: TextIO, total: int, clock: Callable[[], float] = monotonic) -> None:
        """Begin.

        :param total: how many captures are to be brought
        """
        self._stream = stream
        self._total = total
        self._clock = clock
        self._bar = stream.isatty()
        self._began = self._told = clock()
        self.done = 0
        self.refused = 0

    def step(self, *, refused: bool = False) -> None:
        """Note that a capture is settled, and tell of it where it is time to."""
        self.done += 1
        self.refused += refused
        now = self._clock()
        if now - self._told >= (_REDRAWN if self._bar else _EVERY) or (self._bar and self.done == self._total):
            self._told = now
            self._write(self.line(now))

    def line(self, now: float | None = None) -> str:
        """Return how far it is, in words."""
        moment = self._clock() if now is None else now
        left = (moment - self._began) / self.done * (self._total - self.done) if self.done else 0.0
        told = f"captures: {self.done} of {self._total}, {self.refused} refused, about {_time(left)} left"
        if not self._bar:
            return told
        full = _WIDTH * self.done // max(1, self._total)
        return f"[{'#' * full}{'.' * (_WIDTH - full)}] {told}"

    def end(self) -> None:
        """Leave the line to others."""
        if self._bar and self.done:
            self._stream.write("\n")
            self._stream.flush()

    def _write(self, line: str) -> None:
        # The line is drawn over the one before; what stood behind it is erased.
        self._stream.write(f"\r{line}\x1b[K" if self._bar else f"{line}\n")
        self._stream.flush()


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"
