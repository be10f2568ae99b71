"""Jobs on processes of this machine, which may be killed at any time.

The standard library's pool breaks when one of its processes is killed: all its jobs are
lost. Here the job is tried again in a new process, some times.
"""

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from typing import Any, Final, TypeVar

from psgcrawl.errors import PsgcrawlError
from psgcrawl.jobs import Lane, Lost
from psgcrawl.jobs.queue import TRIES, Queue
from psgcrawl.jobs.worker import Start, perform

T = TypeVar("T")
R = TypeVar("R")

GRACE: Final = 10.0
"""Seconds that jobs at work get to end where nobody waits for their results any more."""

# Forked workers would hold on locks of this process when it is killed, and could inherit locked locks.
_CONTEXT: Final = get_context("spawn")


class Processes:
    """An engine that starts up to so many processes, each when there is a job for it."""

    def __init__(self, number: int, start: Start | None = None) -> None:
        """Start nothing yet.

        :param number: of processes, at least 1
        """
        self._number = number
        self._start = start or Start()

    def results(
        self, function: Callable[[T], R], items: Sequence[T], lane: Lane[T] | None = None
    ) -> Iterator[tuple[int, R | Lost]]:
        """Do the jobs; see :class:`psgcrawl.jobs.Engine`."""
        queue = Queue(items, lane)
        idle: list[_Worker] = []
        busy: dict[Connection[Any, Any], _Worker] = {}
        interrupted = False
        try:
            while True:
                try:
                    self._hand_out(queue, function, items, idle, busy)
                    if not busy:
                        break
                    found = [_ended(busy.pop(ready), queue, idle) for ready in _ready(busy)]
                    self._hand_out(queue, function, items, idle, busy)
                except KeyboardInterrupt:
                    if interrupted:
                        raise
                    interrupted = True
                    queue.stop()
                    continue
                for one in found:
                    if one is not None:
                        number, succeeded, result = one
                        if not succeeded:
                            raise result
                        yield number, result
        finally:
            _dismiss(idle, busy)
        if interrupted:
            raise KeyboardInterrupt

    def _hand_out(
        self,
        queue: Queue[T],
        function: Callable[[T], R],
        items: Sequence[T],
        idle: list["_Worker"],
        busy: dict["Connection[Any, Any]", "_Worker"],
    ) -> None:
        while len(busy) < self._number and (number := queue.take()) is not None:
            worker = idle.pop() if idle else _Worker()
            busy[worker.connection] = worker
            worker.give(number, (self._start, function, items[number]))


class _Worker:
    """A process, seen from the one that started it."""

    def __init__(self) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self.process: SpawnProcess = _CONTEXT.Process(target=_serve, args=(theirs,), daemon=True)
        self.number = -1
        with _uninterrupted():
            self.process.start()
        # Held open here, its end would never be seen.
        theirs.close()

    def give(self, number: int, job: object) -> None:
        """Give it a job; that it is dead is seen when its result is asked for."""
        self.number = number
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(job)

    def result(self) -> tuple[bool, Any] | None:
        """Return whether its job succeeded, and what it returned or raised; None where the process was killed."""
        try:
            data = self.connection.recv_bytes()
        except (EOFError, OSError):
            return None
        succeeded, result = pickle.loads(data)  # noqa: S301 - of a process of our own
        return succeeded, result

    def end(self) -> str:
        """End it, however it is, and return how it ended."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        code = self.process.exitcode
        self.process.close()
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _ready(busy: dict["Connection[Any, Any]", _Worker]) -> list["Connection[Any, Any]"]:
    """Wait until workers have a result or are dead, and return their connections."""
    return [one for one in wait(list(busy)) if isinstance(one, Connection)]


def _ended(worker: _Worker, queue: Queue[Any], idle: list[_Worker]) -> tuple[int, bool, Any] | None:
    """Return what became of a worker's job: its number, whether it succeeded, its result; None where it goes again."""
    number = worker.number
    found = worker.result()
    if found is not None:
        idle.append(worker)
        queue.done(number)
        return number, *found
    how = worker.end()
    if queue.again(number):
        return None
    return number, True, Lost(f"its process was killed {TRIES} times, at last by {how}: is there memory enough?")


def _dismiss(idle: Sequence[_Worker], busy: dict["Connection[Any, Any]", _Worker]) -> None:
    """End all workers; those at work get some time to end what they do."""
    deadline = time.monotonic() + GRACE
    for worker in idle:
        worker.end()
    try:
        while busy and (ready := wait(list(busy), max(0.0, deadline - time.monotonic()))):
            for one in ready:
                busy.pop(one).end()  # type: ignore[call-overload]  # what was given
    finally:
        for worker in busy.values():
            worker.end()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start a process inside, and Control-C, which reaches all of a terminal, does not end it at its start."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the worker ----------------------------------------------------------------------


def _serve(connection: "Connection[Any, Any]") -> None:
    """Do jobs until nobody sends any more."""
    # A handler, not to ignore it: crawls that are started here must get it, and what is ignored would be there, too.
    signal.signal(signal.SIGINT, _pass_over)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    Thread(target=_end_with_parent, daemon=True).start()
    with connection, suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            start, function, item = connection.recv()
            connection.send_bytes(_performed(start, function, item))


def _performed(start: Start, function: Callable[[Any], Any], item: object) -> bytes:
    try:
        result, succeeded = perform(start, function, item), True
    except Exception as error:  # noqa: BLE001 - raised by whoever started the jobs
        result, succeeded = error, False
    try:
        return pickle.dumps((succeeded, result))
    except Exception:  # noqa: BLE001 - an exception may hold anything
        return pickle.dumps((False, PsgcrawlError(repr(result))))


def _pass_over(*_: object) -> None:
    """Do nothing: who started the jobs decides."""


def _end_with_parent() -> None:
    """Let this process end with the one that started it, whatever ends that."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
