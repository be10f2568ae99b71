"""Which words of a text changed, for people to read."""

import re
from collections.abc import Iterator
from typing import Final, Literal

Mark = Literal["same", "old", "new"]

MOST_PAIRS: Final = 250_000
"""How many pairs of words are looked at, beyond what both texts begin and end with. Where there are more, the middle
counts as replaced whole: to align it would take too long."""

_WORD: Final = re.compile(r"\n+|\S+")


def changed(old: str, new: str) -> Iterator[tuple[Mark, list[str]]]:
    r"""Yield the words of both texts in order, as runs that are in both, or in one alone.

    A line end is a word.

    >>> list(changed("the imaginary mine opens", "the imaginary quarry opens"))
    [('same', ['the', 'imaginary']), ('old', ['mine']), ('new', ['quarry']), ('same', ['opens'])]
    """
    one, other = _WORD.findall(old), _WORD.findall(new)
    first = _common(one, other)
    last = _common(one[first:][::-1], other[first:][::-1])
    runs: list[tuple[Mark, list[str]]] = [("same", one[:first])]
    runs += _middle(one[first : len(one) - last], other[first : len(other) - last])
    runs.append(("same", one[len(one) - last :]))
    return (run for run in runs if run[1])


def _common(one: list[str], other: list[str]) -> int:
    """Return how many words the beginnings have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _middle(one: list[str], other: list[str]) -> Iterator[tuple[Mark, list[str]]]:
    if len(one) * len(other) > MOST_PAIRS:
        yield from (("old", one), ("new", other))
        return
    # Loaded where words are compared: what prints no edits answers sooner.
    from difflib import SequenceMatcher  # noqa: PLC0415 - see above

    for tag, first, last, start, end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", one[first:last]
        else:
            yield "old", one[first:last]
            yield "new", other[start:end]
