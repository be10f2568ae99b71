"""Which ids there are, of more than fit into memory as text: by their hashes."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

_SHELVES: Final = 256
"""Each is a list in which a number finds its place: of a hundred thousand it moves 200 on the average."""

_PARTS: Final = 16
"""Each is sorted by itself: what sorting needs besides is the memory of one of them."""


class HashedIds:
    """Ids by their numbers, eight bytes of each.

    Two ids have one number once in 18 million million million pairs.
    """

    def __init__(self, ids: Iterable[str] = ()) -> None:
        """Take ``ids``."""
        self._parts = [array("q") for _ in range(_PARTS)]
        self._sorted = False
        parts = self._parts
        for number in map(hash, ids):
            parts[number % _PARTS].append(number)

    def add(self, id_: str) -> None:
        """Take one more."""
        number = hash(id_)
        self._parts[number % _PARTS].append(number)
        self._sorted = False

    def __contains__(self, id_: str) -> bool:
        """Tell whether an id was taken."""
        self._sort()
        number = hash(id_)
        part = self._parts[number % _PARTS]
        at = bisect_left(part, number)
        return at < len(part) and part[at] == number

    def twice(self) -> set[int]:
        """Return the numbers (``hash``) of ids that were taken more than once."""
        # A set of a part that is not in order tells in a fifth of the time that there is none, as there mostly is.
        parts = [sorted(part) for part in self._parts if len(set(part)) < len(part)]
        return {one for part in parts for one, other in pairwise(part) if one == other}

    def _sort(self) -> None:
        if not self._sorted:
            self._parts = [array("q", sorted(part)) for part in self._parts]
            self._sorted = True


class Numbers:
    """Numbers of 64 bits that come one by one, and are asked for in between: eight bytes of each.

    A set takes nine times as much memory (77 bytes), and a seventh of the time: here it is 0.8 µs to take one or
    to ask for it, which is done for the ten entries of a page that takes 6,000 µs.
    """

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        """Take ``numbers``."""
        self._shelves = [array("q") for _ in range(_SHELVES)]
        self._length = 0
        self.update(numbers)

    def update(self, numbers: Iterable[int]) -> None:
        """Take more; one that is there already is not taken twice."""
        for number in numbers:
            shelf = self._shelves[number % _SHELVES]
            at = bisect_left(shelf, number)
            if at == len(shelf) or shelf[at] != number:
                shelf.insert(at, number)
                self._length += 1

    def __contains__(self, number: int) -> bool:
        """Tell whether a number was taken."""
        shelf = self._shelves[number % _SHELVES]
        at = bisect_left(shelf, number)
        return at < len(shelf) and shelf[at] == number

    def __len__(self) -> int:
        """Return how many there are, each counted once."""
        return self._length
