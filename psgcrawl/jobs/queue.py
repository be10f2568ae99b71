"""Which job is next."""

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from psgcrawl.jobs import Lane

T = TypeVar("T")

TRIES: Final = 3
"""How often a job is begun whose process is killed, before it is given up: as often as Dask does."""


class Queue(Generic[T]):
    """Jobs by their numbers: in their order, and of one lane one at a time."""

    def __init__(self, items: Sequence[T], lane: Lane[T] | None = None) -> None:
        """Let all jobs wait."""
        self._lanes = [lane(item) for item in items] if lane else [None] * len(items)
        self._ready: deque[int] = deque()
        self._behind: dict[str, deque[int]] = {}
        self._begun: defaultdict[int, int] = defaultdict(int)
        for number, name in enumerate(self._lanes):
            if name is not None and name in self._behind:
                self._behind[name].append(number)
                continue
            if name is not None:
                self._behind[name] = deque()
            self._ready.append(number)

    def take(self) -> int | None:
        """Return the number of a job that can be begun now; None where there is none."""
        if not self._ready:
            return None
        number = self._ready.popleft()
        self._begun[number] += 1
        return number

    def done(self, number: int) -> None:
        """Note that a job came to its end: the next of its lane can be begun."""
        name = self._lanes[number]
        self._begun.pop(number, None)
        if name is not None and self._behind[name]:
            self._ready.append(self._behind[name].popleft())

    def again(self, number: int) -> bool:
        """Let a job wait again whose process was killed; return False where it was tried often enough: it is done."""
        if self._begun[number] >= TRIES:
            self.done(number)
            return False
        self._ready.appendleft(number)
        return True

    def stop(self) -> None:
        """Let no further job be begun."""
        self._ready.clear()
        self._behind = {name: deque() for name in self._behind}
