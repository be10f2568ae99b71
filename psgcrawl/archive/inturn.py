"""Sequences whose members are made when they are asked for, one by one."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")
K = TypeVar("K")


class Several(Sequence[T]):
    """Sequences that are equal to others of the same members, and say so as lists do."""

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence has the same members."""
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as lists: what they hold can grow

    def __repr__(self) -> str:
        """Return what a list of them says."""
        return repr(list(self))


class InTurn(Several[T], Generic[K, T]):
    """A member for each of some keys; what is held are the keys."""

    def __init__(self, keys: Sequence[K], made: Callable[[K], T]) -> None:
        """Name the keys, in their order, and what makes a member of each."""
        self._keys = keys
        self._made = made

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._keys)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        """Return a member, or a list of some."""
        if isinstance(index, slice):
            return [self._made(key) for key in self._keys[index]]
        return self._made(self._keys[index])
