"""The elements around lines, each as one object that is made once.

The rules ask of an element what it is called and what it stands in, again and again.
A proxy of lxml is made anew whenever it is asked for, and answers by searching its
tree (0.2 µs for a ``class`` that is not there). "Stands in" is two comparisons here,
because elements are numbered in document order.
"""

from collections.abc import Mapping
from typing import Final

_CHROME: Final = frozenset({"nav", "form", "footer", "header"})
_CHROME_ROLES: Final = frozenset({"navigation", "search", "contentinfo", "banner"})
_ENDS: Final = frozenset({"header", "footer"})
_ITEMS: Final = frozenset({"article", "li", "dd", "td"})
"""What may have a header and a footer of its own."""

# Whether the outermost chrome around a place is known: not yet, not yet but within an item, as the
# element itself, as what is around it (or nothing).
_OUTSIDE, _IN_ITEM, _IS_CHROME, _DECIDED = range(4)


class Element:
    """A block, a link, or an inline element with others inside."""

    __slots__ = ("_above", "_chrome", "href", "last", "names", "number", "parent", "place", "tag")

    def __init__(self, tag: str, parent: "Element | None", number: int, attributes: Mapping[str, str]) -> None:
        """Take an element as it begins.

        :param number: its place in document order.
        """
        self.tag = tag
        self.parent = parent
        self.number = number
        self.last = number
        """Number of the last element within it; its own where there is none."""
        self.names = attributes.get("class")
        """Its classes, as they stand in the page."""
        self.href = attributes.get("href") if tag == "a" else None
        """Where it leads if it is a link."""
        # Nothing here refers to the element itself: what does is freed late, and by a search.
        self._above: tuple[Element, ...] | None = None
        self._chrome: Element | None = None
        self.place: int = _OUTSIDE if parent is None else parent.place
        """What is known of the chrome around it."""
        if parent is not None and self.place >= _IS_CHROME:
            self._chrome = parent.chrome
            self.place = _DECIDED
        elif tag in _CHROME or attributes.get("role") in _CHROME_ROLES:
            self.place = _DECIDED if self.place == _IN_ITEM and tag in _ENDS else _IS_CHROME
        elif tag in _ITEMS:
            self.place = _IN_ITEM

    @property
    def chrome(self) -> "Element | None":
        """The outermost menu, form, page header or footer that it stands in or is; an entry's own are none."""
        return self if self.place == _IS_CHROME else self._chrome

    def holds(self, other: "Element") -> bool:
        """Tell whether ``other`` is this element or stands in it."""
        return self.number <= other.number <= self.last

    @property
    def around(self) -> tuple["Element", ...]:
        """The element itself and all that it stands in, from the inside out."""
        if self._above is None:
            above: list[Element] = []
            up = self.parent
            while up is not None:
                above.append(up)
                up = up.parent
            self._above = tuple(above)
        return (self, *self._above)


def common(first: Element, second: Element) -> Element:
    """Return the innermost element that holds both."""
    return next(el for el in first.around if el.holds(second))
