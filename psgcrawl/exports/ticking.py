"""A line on a terminal that shows that something goes on, for what takes long."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import BinaryIO, Final, TextIO

FIRST: Final = 2.0
"""Seconds until it shows."""
EVERY: Final = 0.5
"""Seconds between two changes."""
_CLEAR: Final = "\r\x1b[K"


class Counted:
    """A stream to write to, which knows how much went into it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Start with none."""
        self._stream = stream
        self.written = 0

    def write(self, data: bytes, /) -> int:
        """Write as the stream does."""
        count = self._stream.write(data)
        self.written += count
        return count

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


class Ticker:
    """The line."""

    def __init__(self, terminal: TextIO, text: Callable[[float], str], first: float, every: float) -> None:
        """Name the terminal, and what gives the text by the seconds since the start; nothing shows yet."""
        self._terminal = terminal
        self._text = text
        self._waits = (first, every)
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._shown = False
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def clear(self) -> None:
        """Take the line away until it is due again: something else is to be printed."""
        with self._lock:
            if self._shown:
                self._terminal.write(_CLEAR)
                self._terminal.flush()
                self._shown = False

    def end(self) -> None:
        """Take the line away for good."""
        self._over.set()
        self._thread.join()
        self.clear()

    def _tick(self) -> None:
        started = monotonic()
        first, every = self._waits
        wait = first
        while not self._over.wait(wait):
            wait = every
            with self._lock:
                self._terminal.write(_CLEAR + self._text(monotonic() - started))
                self._terminal.flush()
                self._shown = True


@contextmanager
def ticking(text: Callable[[float], str], first: float = FIRST, every: float = EVERY) -> Iterator[Callable[[], None]]:
    """Show a line on standard error while the block goes on, if that is a terminal; give what takes it away for once.

    :param text: gives the line by the seconds since the start
    """
    terminal = sys.stderr
    if not terminal.isatty():
        yield lambda: None
        return
    ticker = Ticker(terminal, text, first, every)
    try:
        yield ticker.clear
    finally:
        ticker.end()
