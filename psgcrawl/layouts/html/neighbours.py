"""The lines of an HTML page among each other: what is next to a line, and what is around it."""

from collections.abc import Sequence
from typing import Final

from lxml.html import HtmlElement

from psgcrawl.layouts.lines import Line

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
        self.usable = usable
        self.headings = headings
        self._chains: dict[int, list[HtmlElement]] = {}

    def chain(self, number: int) -> list[HtmlElement]:
        """Return the elements around a line, from the innermost out."""
        chain = self._chains.get(number)
        if chain is None:
            el = self.lines[number].el
            chain = self._chains[number] = [el, *el.iterancestors()]
        return chain

    def text(self, number: int, step: int) -> int | None:
        """Return the next usable line of text before (-1) or after (1) a line, pictures passed over."""
        number += step
        while 0 <= number < len(self.lines):
            if self.lines[number].alt is None and self.usable[number] and not self.headings[number]:
                return number
            number += step
        return None

    def near(self, number: int, step: int) -> list[int]:
        """Return the line of text next to ``number``, and the one behind it where that can be a picture's caption."""
        first = self.text(number, step)
        if first is None:
            return []
        second = self.text(first, step)
        if second is None or len(self.lines[first].clean) > LONGEST_CAPTION or self.lines[first].dated:
            return [first]
        between = range(min(number, second), max(number, second))
        return [first, second] if any(self.lines[n].alt is not None for n in between) else [first]
