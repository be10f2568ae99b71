"""Jobs on the workers of a Dask scheduler, wherever they are.

Dask notices workers that die and gives their jobs to others; a job whose workers died
some times is given up. It may do a job twice, where it took a worker for dead: jobs bear that.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeVar

from psgcrawl.errors import PsgcrawlError, UsageError
from psgcrawl.jobs import Lane, Lost
from psgcrawl.jobs.queue import TRIES, Queue
from psgcrawl.jobs.worker import Start, perform

T = TypeVar("T")
R = TypeVar("R")

_AHEAD: Final = 2000
"""How many jobs a scheduler knows at a time: enough for it to see how many workers it wants, and no more."""


class Cluster:
    """An engine that sends jobs to a scheduler."""

    def __init__(self, address: str, start: Start) -> None:
        """Name the scheduler; it is asked when there are jobs.

        :param address: ``tcp://host:8786``, or a file that ``dask scheduler --scheduler-file`` wrote
        :param start: what workers are told before their first job
        :raises UsageError: without the extra ``dask``
        """
        self._distributed = _module()
        self._address = address
        self._start = start

    def results(
        self, function: Callable[[T], R], items: Sequence[T], lane: Lane[T] | None = None
    ) -> Iterator[tuple[int, R | Lost]]:
        """Do the jobs; see :class:`psgcrawl.jobs.Engine`.

        :raises PsgcrawlError: where there is no scheduler, or it is gone
        """
        queue = Queue(items, lane)
        numbers: dict[str, int] = {}
        interrupted = False
        with self._client() as client:
            running = self._distributed.as_completed()

            def hand_out() -> None:
                while len(numbers) < _AHEAD and (number := queue.take()) is not None:
                    # Not pure: what a job finds in the archive is not always the same.
                    future = client.submit(perform, self._start, function, items[number], pure=False)
                    numbers[future.key] = number
                    running.add(future)

            hand_out()
            while numbers:
                try:
                    future = next(running)
                except KeyboardInterrupt:
                    if interrupted:
                        raise
                    interrupted = True
                    queue.stop()
                    continue
                number = numbers.pop(future.key)
                queue.done(number)
                hand_out()
                yield number, self._result(future)
        if interrupted:
            raise KeyboardInterrupt

    def _client(self) -> Any:  # noqa: ANN401 - distributed has no types
        file = Path(self._address)
        where = {"scheduler_file": str(file)} if file.is_file() else {"address": self._address}
        try:
            return self._distributed.Client(**where)
        except (OSError, ValueError) as error:
            raise PsgcrawlError(f"--scheduler {self._address}: no scheduler answers there: {error}") from error

    def _result(self, future: Any) -> Any:  # noqa: ANN401 - as above
        try:
            # Waits again, where the worker that had the result died before it was fetched: Dask has the job done anew.
            return future.result()
        except self._distributed.scheduler.KilledWorker:
            return Lost(f"its worker was killed {TRIES} times or more: is there memory enough?")
        except CancelledError as error:
            raise PsgcrawlError(f"--scheduler {self._address}: it was restarted or is gone; call again") from error


def _module() -> ModuleType:
    try:
        return import_module("distributed")
    except ModuleNotFoundError as error:
        raise UsageError("--scheduler needs Dask, which is not installed: pip install 'psgcrawl[dask]'") from error
