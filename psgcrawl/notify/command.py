"""One document to a command: no shell, a limit, and nothing of what it prints is believed."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from threading import Thread
from typing import Final

_KEPT: Final = 1000
"""Bytes of what it prints that are kept, to be quoted if it fails."""
_PIECE: Final = 1 << 16
_LAST_WORDS: Final = 1.0
"""Seconds to wait for what a command printed at its end; what it left running can hold the pipe for ever."""


def give(words: Sequence[str], data: bytes, limit: float, *, without: Sequence[str] = ()) -> str | None:
    """Run a command with ``data`` on its standard input; return what went wrong, None when it exited 0.

    :param words: program and arguments
    :param limit: seconds after which it is killed, with everything that it has started in its session
    :param without: variables of the environment that are not for it
    """
    environ = {name: value for name, value in os.environ.items() if name not in without}
    reading, writing = os.pipe()
    said = _Said(reading)
    try:
        # A file, not a pipe: a command that does not read must not hold anything up.
        with TemporaryFile() as given:
            given.write(data)
            given.seek(0)
            process = subprocess.Popen(  # noqa: S603 - the command of the person who runs the crawl
                words, stdin=given, stdout=writing, stderr=writing, env=environ, start_new_session=True
            )
    except (OSError, ValueError) as error:
        return f"{words[0]!r}: {error.strerror if isinstance(error, OSError) else error}"
    finally:
        os.close(writing)
        said.start()
    try:
        code = process.wait(limit)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"{words[0]!r}: killed after {limit:.0f} s"
    if code == 0:
        return None
    said.join(_LAST_WORDS)
    ended = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"{words[0]!r}: {ended}{said.quoted()}"


class _Said(Thread):
    """Reads what a command prints, whoever of its children prints it, and keeps the beginning."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(name="notify-command", daemon=True)
        self._descriptor = descriptor
        self._kept = b""

    def run(self) -> None:
        try:
            while piece := os.read(self._descriptor, _PIECE):
                self._kept += piece[: _KEPT - len(self._kept)]
        finally:
            os.close(self._descriptor)

    def quoted(self) -> str:
        """Return its first lines, in quotes, for a message."""
        text = self._kept.decode("utf-8", "replace").strip()
        return f": it said {text!r}" if text else ""
