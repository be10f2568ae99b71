"""Jobs one after the other, in this process."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from psgcrawl.jobs import Lane, Lost

T = TypeVar("T")
R = TypeVar("R")


class Here:
    """An engine that starts nothing."""

    def results(
        self,
        function: Callable[[T], R],
        items: Sequence[T],
        lane: Lane[T] | None = None,  # noqa: ARG002 - one at a time is done in any case
    ) -> Iterator[tuple[int, R | Lost]]:
        """Do the jobs; see :class:`psgcrawl.jobs.Engine`."""
        yield from enumerate(map(function, items))
