"""The lines of an HTML page among each other: what is next to a line, and what is around it."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import Final

from psgcrawl.layouts.html.elements import Element
from psgcrawl.layouts.html.lines import Line

_number: Final = attrgetter("el.number")
_alt: Final = attrgetter("alt")
LONGEST_CAPTION: Final = 100
"""Characters up to which a line next to a picture can be its caption."""


class Neighbours:
    """The lines of one page, by their numbers."""

    def __init__(self, lines: Sequence[Line], usable: Sequence[bool], headings: Sequence[bool]) -> None:
        """Take the lines of a page.

        :param usable: which lines may belong to an entry at all (no menus, forms, footers).
        :param headings: which lines are headings above a list ("Featured Notices").
        """
        self.lines = lines
        self.numbers: list[int] = list(map(_number, lines))
        """By line, the number of the element around it: :meth:`within` in two comparisons, for those who ask often."""
        self.usable = usable
        self.headings = headings
        self._captioned = False
        self._near: dict[tuple[int, int], list[int]] = {}
        """What was asked for of :meth:`near`: each dateline's is asked for several times."""
        alts = list(map(_alt, lines))
        self.pictured = alts.count(None) < len(alts)
        """Whether there are pictures at all."""
        self._pictures = list(accumulate([alt is not None for alt in alts], initial=0)) if self.pictured else None
        """By line, how many pictures stand before it."""
        numbers = range(len(alts))
        self.before: Sequence[int | None]
        """By line, the next usable line of text before it, pictures passed over."""
        self.after: Sequence[int | None]
        """The same behind it."""
        if numbers and not self.pictured and all(usable) and not any(headings):
            self.before, self.after = [None, *numbers[:-1]], [*numbers[1:], None]
        else:
            texts = [alt is None and use and not head for alt, use, head in zip(alts, usable, headings, strict=True)]
            self.before, self.after = _nearest(numbers, texts), _nearest(reversed(numbers), texts)

    @property
    def captioned(self) -> bool:
        """Whether captions without pictures stand between titles and datelines here."""
        return self._captioned

    @captioned.setter
    def captioned(self, captioned: bool) -> None:
        if captioned != self._captioned:
            self._captioned = captioned
            self._near.clear()

    def chain(self, number: int) -> tuple[Element, ...]:
        """Return the elements around a line, from the innermost out."""
        return self.lines[number].el.around

    def within(self, number: int, el: Element) -> bool:
        """Tell whether a line stands in ``el``."""
        return el.number <= self.numbers[number] <= el.last

    def text(self, number: int, step: int) -> int | None:
        """Return the next usable line of text before (-1) or after (1) a line, pictures passed over."""
        return (self.before if step < 0 else self.after)[number]

    def near(self, number: int, step: int, *, unpictured: bool = False) -> list[int]:
        """Return the line of text next to ``number``, and the one behind it where the first can be a caption.

        :param unpictured: also where there is no picture, and the page is not known to have such captions.
        """
        found = None if unpictured else self._near.get((number, step))
        if found is None:
            found = self._next_to(number, step, unpictured=unpictured)
            if not unpictured:
                self._near[number, step] = found
        return found

    def titled(self, number: int, step: int, *, unpictured: bool = False) -> bool:
        """Tell whether one of the lines that :meth:`near` returns looks like a title."""
        for near in self.near(number, step, unpictured=unpictured):  # noqa: SIM110 - a generator takes twice as long
            if self.lines[near].title_like:
                return True
        return False

    def _next_to(self, number: int, step: int, *, unpictured: bool) -> list[int]:
        nearest = self.before if step < 0 else self.after
        first = nearest[number]
        if first is None:
            return []
        second = nearest[first]
        line = self.lines[first]
        if second is None or len(line.clean) > LONGEST_CAPTION or line.dated:
            return [first]
        if self._pictures is not None and self._pictures[number] != self._pictures[second]:
            return [first, second]
        # Without a picture a caption is a label before the dateline, never running text.
        label = step < 0 and not line.title_like and not line.clean.endswith((".", "!", "?", "…"))
        return [first, second] if label and (self._captioned or unpictured) else [first]


def _nearest(order: Iterable[int], wanted: Sequence[bool]) -> list[int | None]:
    """Return by place the wanted one that comes last before it in ``order``; None where none does."""
    nearest: list[int | None] = [None] * len(wanted)
    last: int | None = None
    for number in order:
        nearest[number] = last
        if wanted[number]:
            last = number
    return nearest
