"""Many jobs on many processes: of this machine, or of a cluster that Dask runs.

A job is a function of a module and one argument, which can both be sent to another
process. It must bear to be done again, to be done twice at once, and to be killed
anywhere: what it changes is one atomic commit, or nothing.

===============  ============================================================================
module           subject
===============  ============================================================================
``queue``        which job is next: lanes, and how often a job that was killed is tried
``here``         an engine: one after the other, in this process
``processes``    an engine: processes of this machine, which may be killed
``cluster``      an engine: a Dask scheduler's workers, wherever they are
``worker``       where a worker starts
``crawls``       ``JOBS.toml``: the crawls that are to be done
``crawling``     one crawl, in a process of its own, on a lease
``sharing``      what a file system must guarantee that several machines share, and its proof
===============  ============================================================================

All engines do the same: :meth:`Engine.results` yields what becomes of each job, with its
number, as it becomes known.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Protocol, TypeVar

from msgspec import Struct

T = TypeVar("T")
R = TypeVar("R")

Lane = Callable[[T], str | None]
"""Says in which lane a job is: of one lane, one at a time is done. None: in none."""


class Lost(Struct, frozen=True):
    """A job that was given up: the processes that did it were killed, one after the other."""

    problem: str
    """In words, for a person."""


class Engine(Protocol):
    """What does jobs."""

    def results(
        self, function: Callable[[T], R], items: Sequence[T], lane: Lane[T] | None = None
    ) -> Iterator[tuple[int, R | Lost]]:
        """Yield the number of each job, and what ``function`` returns for it, as it is known.

        An exception of a job is raised here; jobs that have not begun are not begun then.
        After Control-C those at work are ended and yielded, then it is raised.

        :param function: of a module, so that another process finds it
        :param lane: jobs of one lane are done one after the other, in their order
        """
        ...


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(results: Iterator[tuple[int, R]]) -> Iterator[R]:
    """Yield what becomes of the jobs in the order of the jobs, each as soon as all before it are known.

    >>> list(in_order(pair for pair in [(2, "c"), (0, "a"), (1, "b")]))
    ['a', 'b', 'c']
    """
    early: dict[int, R] = {}
    due = 0
    with closing(results):  # type: ignore[type-var]  # every engine's is a generator
        for number, result in results:
            early[number] = result
            while due in early:
                yield early.pop(due)
                due += 1
