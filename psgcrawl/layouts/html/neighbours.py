"""The lines of an HTML page among each other: what is next to a line, and what is around it."""

from collections.abc import Sequence
from typing import Final

from lxml.html import HtmlElement

from psgcrawl.layouts.html.lines import Line

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
        self.captioned = False
        """Whether captions without pictures stand between titles and datelines here."""
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

    def near(self, number: int, step: int, *, unpictured: bool = False) -> list[int]:
        """Return the line of text next to ``number``, and the one behind it where the first can be a caption.

        :param unpictured: also where there is no picture, and the page is not known to have such captions.
        """
        first = self.text(number, step)
        if first is None:
            return []
        second = self.text(first, step)
        line = self.lines[first]
        if second is None or len(line.clean) > LONGEST_CAPTION or line.dated:
            return [first]
        between = range(min(number, second), max(number, second))
        if any(self.lines[n].alt is not None for n in between):
            return [first, second]
        # Without a picture a caption is a label before the dateline, never running text.
        label = step < 0 and not line.title_like and not line.clean.endswith((".", "!", "?", "…"))
        return [first, second] if label and (self.captioned or unpictured) else [first]
