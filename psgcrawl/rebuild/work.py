"""Many snapshots derived again, one snapshot a unit, on as many processes as are wanted.

Workers only read. The process that was started writes, one edition after the other and
in the order of the snapshots, so that at most one is being written when it dies. Whoever
begins anew finds what was committed, and goes on with the rest.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Final

from psgcrawl import site
from psgcrawl.archive.store import Snapshot
from psgcrawl.errors import DamagedData, PsgcrawlError
from psgcrawl.rebuild.editions import examine
from psgcrawl.rebuild.outcomes import Failure, Found

WORTHWHILE: Final = 1 << 20
"""Bytes of evidence for which another process is started: some 300 pages."""


def examine_all(snapshots: Sequence[Snapshot], *, jobs: int, contents: bool) -> Iterator[Found | Failure]:
    """Yield what deriving each snapshot again comes to, in their order, each as soon as it is known.

    :param jobs: how many processes work; with 1, or for one snapshot, all is done in this one
    :param contents: whether what is derived is wanted where an edition is due
    :raises PsgcrawlError: when a process was killed
    """
    jobs = min(jobs, len(snapshots))
    if jobs <= 1:
        for snapshot in snapshots:
            yield _examined(snapshot, contents)
        return
    # Forked workers would hold the collection's lock on when this process is killed, and could inherit locked locks.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(site.current(),)
    ) as pool:
        with _uninterrupted():
            futures = [pool.submit(_examined, snapshot, contents) for snapshot in snapshots]
        try:
            while futures:
                yield futures.pop(0).result()
        except BrokenProcessPool as error:
            raise PsgcrawlError(
                "a process that derived entries was killed: is there memory enough for --jobs?"
            ) from error
        finally:
            for future in futures:
                future.cancel()


def worthwhile(snapshots: Sequence[Snapshot]) -> int:
    """Return with how many processes to derive ``snapshots``: one a processor, but none that has next to nothing to do.

    To start one takes as long as to read some hundred pages.
    """
    work = sum(path.stat().st_size for path in (snapshot.evidence() for snapshot in snapshots) if path)
    return min(processors(), 1 + work // WORTHWHILE)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _examined(snapshot: Snapshot, contents: bool) -> Found | Failure:  # noqa: FBT001 - passed on to a process
    try:
        examined, content = examine(snapshot)
    except (DamagedData, OSError) as error:
        return Failure(snapshot.name, str(error))
    return Found(examined, content if contents and examined.due else None)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes inside, and Control-C, which reaches all processes of a terminal, is for this one alone."""
    # What is blocked here is blocked for good in a process that begins here; for this one it is only put off.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(profile: site.Site) -> None:
    """Let a worker read by the site's profile, and end with its parent, whatever ends that."""
    site.use(profile)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A worker waits for work on a pipe that it holds open itself: it would not notice that nobody sends any more.
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
