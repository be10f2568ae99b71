"""Processes that :mod:`tests.forkserver` forks: to the tests, what :class:`subprocess.Popen` would give."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock, RLock
from types import TracebackType
from typing import Final, Self

from tests.forkserver import NUMBER

PROJECT = Path(__file__).resolve().parent.parent

FORKED: Final = {"scrapy": "crawls", "tests.crowd": "crawls", "tests.script": "crawls", "psgcrawl": "commands"}
"""Modules of which imports are most of the time, and what the process has imported that forks them.

``psgcrawl`` does without Scrapy; so it does in tests.
"""

_AT_START: Final = ("PYTHON", "LANG", "LC_", "LD_", "MALLOC_")
"""How variables begin that an interpreter reads when it starts, never again. PYTHONPATH alone is read for it."""


class Forked:
    """A process with pipes for its output. Standard input is that of the tests."""

    def __init__(self, server: "_Server", status: socket.socket, out: int, err: int) -> None:
        """Follow the process of which ``status`` tells; ``out`` and ``err`` are where its output can be read."""
        self._server = server
        self._status = status
        self.stdout = open(out, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115 - closed by the block's end
        self.stderr = open(err, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
        self.pid = self._told(None)
        self.returncode: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stdout.close()
        self.stderr.close()
        self.wait()

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Return what it wrote, when it has ended.

        :param timeout: seconds
        :raises subprocess.TimeoutExpired: when it has not ended by then; it goes on
        """
        with ThreadPoolExecutor(2) as readers:
            read = [readers.submit(stream.read) for stream in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        self.stdout.close()
        self.stderr.close()
        return read[0].result(), read[1].result()

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code, when it has ended: negative is the signal that ended it.

        :param timeout: seconds
        :raises subprocess.TimeoutExpired: when it has not ended by then; it goes on
        """
        if self.returncode is None:
            self.returncode = self._told(timeout)
            self._status.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        try:
            self.wait(0)
        except subprocess.TimeoutExpired:
            # It may have ended, and the server not have told yet.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _told(self, timeout: float | None) -> int:
        self._status.settimeout(timeout)
        try:
            told = self._status.recv(NUMBER.size)
        except (TimeoutError, BlockingIOError) as error:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0) from error
        if not told:
            raise RuntimeError(f"the fork server ended: {self._server.last_words()}")
        return int(NUMBER.unpack(told)[0])


def can(words: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Tell whether ``python WORDS`` in ``environ`` would be the same process forked."""
    measured = any(name.startswith("COVERAGE_") for name in environ)
    if measured or words[0] != "-m" or words[1] not in FORKED:
        return False
    return _at_start(environ) == _server(FORKED[words[1]]).started_in


def fork(words: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Forked:
    """Start ``python WORDS``, for which :func:`can` is true."""
    return _server(FORKED[words[1]]).fork({"words": [*words[1:]], "cwd": str(cwd), "environ": dict(environ)})


class _Server:
    """The server of this process and its children."""

    def __init__(self, kind: str) -> None:
        self._control, theirs = socket.socketpair()
        self._lock = Lock()
        environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
        self.started_in = _at_start(environ)
        command = [sys.executable, "-m", "tests.forkserver", kind, str(theirs.fileno())]
        # Pipes: its streams are made for pipes then, as those of its children must be.
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, cwd=PROJECT, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, pass_fds=[theirs.fileno()]
        )
        theirs.close()
        atexit.register(self._end)

    def fork(self, request: dict[str, object]) -> Forked:
        body = json.dumps(request).encode()
        ours, theirs = socket.socketpair()
        (out, write_out), (err, write_err) = os.pipe(), os.pipe()
        try:
            with self._lock:
                given = [0, write_out, write_err, theirs.fileno()]
                socket.send_fds(self._control, [NUMBER.pack(len(body))], given)
                self._control.sendall(body)
        except BrokenPipeError as error:
            raise RuntimeError(f"the fork server ended: {self.last_words()}") from error
        finally:
            theirs.close()
            os.close(write_out)
            os.close(write_err)
        return Forked(self, ours, out, err)

    def last_words(self) -> str:
        """Return what it said when it ended."""
        return self._process.communicate()[1].decode(errors="replace")

    def _end(self) -> None:
        self._control.close()
        with self._process:
            pass


_STARTING: Final = RLock()


def _server(kind: str) -> _Server:
    # Several threads may ask for the first process of a kind at once.
    with _STARTING:
        return _started(kind)


@cache
def _started(kind: str) -> _Server:
    return _Server(kind)


def _at_start(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith(_AT_START) and name != "PYTHONPATH"}
