"""The elements around lines, each as one object that is made once.

The rules ask of an element what it is called and what it stands in, again and again.
"Stands in" is two comparisons here, because elements are numbered in document order. What
is asked of few elements only (a ``class``) is left to lxml, which takes 0.3 µs for it.
"""

from typing import Final

from lxml import etree
from msgspec import Struct

CHROME: Final = frozenset({"nav", "form", "footer", "header"})
"""Elements that are no part of an entry, as are those of certain roles."""
_CHROME_ROLES: Final = frozenset({"navigation", "search", "contentinfo", "banner"})
_ENDS: Final = frozenset({"header", "footer"})
ITEMS: Final = frozenset({"article", "li", "dd", "td"})
"""What may have a header and a footer of its own."""

# What is known of the chrome around an element where none is: none so far; none so far, but it stands in
# an item; none, and nothing within is chrome, because it is an item's own header or footer.
OUTSIDE: Final = -1
IN_ITEM: Final = -2
_OF_ITEM: Final = -3


class Element(Struct, eq=False, gc=False):
    """A block, a link, or an inline element with others inside.

    A struct that the garbage collector does not follow: it is made in a quarter of the time that a class in Python
    takes, some 150 times a page, and refers to nothing but what it stands in and its place in the tree.
    """

    tag: str
    parent: "Element | None"
    number: int
    """Its place in document order."""
    last: int
    """Number of the last element within it; its own where there is none."""
    chrome: int
    """Number of the outermost menu, form, page header or footer that it stands in or is; below 0 where there is none.

    An entry's own are none.
    """
    source: etree._Element
    href: str | None = None
    """Where it leads if it is a link."""

    @property
    def names(self) -> str | None:
        """Its classes, as they stand in the page."""
        return self.source.get("class")

    @property
    def around(self) -> tuple["Element", ...]:
        """The element itself and all that it stands in, from the inside out."""
        found = [self]
        up = self.parent
        while up is not None:
            found.append(up)
            up = up.parent
        return tuple(found)

    def holds(self, other: "Element") -> bool:
        """Tell whether ``other`` is this element or stands in it."""
        return self.number <= other.number <= self.last


def chrome_of(tag: str, role: str | None, outer: int, number: int) -> int:
    """Return the ``chrome`` of an element.

    :param outer: that of what it stands in; :data:`OUTSIDE` where it stands in nothing.
    :param number: its own number.
    """
    if outer not in {OUTSIDE, IN_ITEM}:
        return outer
    if tag in CHROME or role in _CHROME_ROLES:
        return _OF_ITEM if outer == IN_ITEM and tag in _ENDS else number
    return IN_ITEM if tag in ITEMS else outer


def common(first: Element, second: Element) -> Element:
    """Return the innermost element that holds both.

    :raises ValueError: for elements of two pages
    """
    found: Element | None = first
    while found is not None and not found.holds(second):
        found = found.parent
    if found is None:
        raise ValueError("elements of two pages")
    return found
