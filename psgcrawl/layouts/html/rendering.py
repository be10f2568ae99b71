"""From an HTML tree to the lines of the rendered page.

A line ends where a block element begins or ends and at ``<br>``; two ``<br>`` in a row
end a paragraph.
"""

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from psgcrawl.errors import UnreadablePage
from psgcrawl.layouts.html.elements import CHROME, IN_ITEM, ITEMS, OUTSIDE, Element, chrome_of
from psgcrawl.layouts.html.lines import STYLING, UNSTYLED, Line, Printed, Run, Style, lines_of

_PLAIN, _STYLING, _PLACING, _ITEM, _INLINE, _BREAK, _PICTURE, _SKIPPED = 0, 1, 2, 4, 8, 16, 32, 64
_BLOCK: Final = _STYLING | _PLACING | _ITEM
_CONTENT: Final = _BLOCK | _INLINE
_SKIPPED_TAGS: Final = (
    "head script style template noscript select option button textarea input iframe object embed svg map audio "
    "video".split()
)
"""Elements whose content is no text of the page."""
_INLINE_TAGS: Final = (
    "a abbr acronym b big cite code del dfn em font i ins kbd label mark q s samp small span strike strong sub sup "
    "time tt u var wbr bdi bdo data o:p".split()
)


class _Kinds(dict[object, int]):
    """By tag, what an element is. All that is not named is a plain block: an index takes less than ``get`` does."""

    def __missing__(self, tag: object) -> int:
        return _PLAIN


def _kinds() -> _Kinds:
    """Return what each element is that is no plain block."""
    kinds: dict[object, int] = {
        tag: _INLINE * (tag in _INLINE_TAGS)
        | _STYLING * (tag in STYLING)
        | _PLACING * (tag in CHROME)
        | _ITEM * (tag in ITEMS)
        for tag in {*_INLINE_TAGS, *STYLING, *CHROME, *ITEMS}
    }
    skipped = (*_SKIPPED_TAGS, etree.Comment, etree.ProcessingInstruction, etree.Entity)
    return _Kinds(kinds | dict.fromkeys(skipped, _SKIPPED) | {"br": _BREAK, "img": _PICTURE})


_KINDS: Final = _kinds()
_MOST_NESTED: Final = 4_000_000
"""Lines times depth up to which a page is read: each line is judged by the elements around it."""
_SMALLEST_PICTURE: Final = 8
"""Pixels of the side of a picture up to which it is furniture."""
# Whether there are any is told in a third of the time that it takes to find them.
_HAS_ROLES: Final = etree.XPath("boolean(descendant-or-self::*/@role)")
_ROLES: Final = etree.XPath("descendant-or-self::*[@role]")


def rendered(root: etree._Element) -> list[Line]:
    """Return the lines of what is shown of all that is under ``root``, in document order.

    :raises UnreadablePage: where too many lines stand too deep: each is judged by all that is around it.
    """
    walk = _Walk()
    elements = walk.through(root, {el: el.get("role") for el in _ROLES(root)} if _HAS_ROLES(root) else {})
    found = len(walk.printed)
    # Around no text are more elements than there are: of nearly all pages nothing else has to be counted.
    if elements * found > _MOST_NESTED and (deepest := _depth(root)) * found > _MOST_NESTED:
        raise UnreadablePage(f"{found} lines of text, up to {deepest} elements deep: over the limit")
    return lines_of(walk.printed)


def _depth(root: etree._Element) -> int:
    """Return how many elements are around the deepest text."""
    deepest, inside = 1, [(root, 1)]
    while inside:
        outer, depth = inside.pop()
        inner = [(el, depth + 1) for el in outer if _KINDS[el.tag] <= _CONTENT]
        if inner:
            deepest = max(deepest, depth + 1)
            inside += inner
    return deepest


class _Walk:
    """Collects lines while the tree is walked in document order."""

    __slots__ = ("pictures", "pieces", "printed")

    def __init__(self) -> None:
        self.printed: list[Printed] = []
        self.pieces: list[Run] = []
        """What the line that is being collected consists of."""
        self.pictures: list[Printed] = []
        """Those in that line: they come after its text."""

    def through(self, root: etree._Element, roles: dict[etree._Element, str | None]) -> int:  # noqa: C901, PLR0912, PLR0915 - one loop: see below
        """Walk the tree once; returns a number of elements that is over the number around any of its texts.

        Without recursion, because pages nest deeper than Python does. In one function and on
        local names, because all that is on a page passes here, and a call in
        Python for each element costs as much as what lxml does for it.
        """
        outermost = str(root.tag)
        # Of the innermost element that has not ended; what follows holds inside it.
        block = element = Element(outermost, None, 0, 0, chrome_of(outermost, roles.get(root), OUTSIDE, 0), root)
        children, style = iter(root), UNSTYLED
        around: list[tuple[Iterator[etree._Element], Element, Style]] = []
        """Of those that it stands in, from the outside in, where each goes on."""
        number = 1
        breaks = 2
        """Line breaks since the last text; two or more are a paragraph's end."""
        kinds, printed, pieces, end_line = _KINDS, self.printed, self.pieces, self._end_line
        if root.text:
            pieces.append(Run(root.text, style, None))
        while True:
            for el in children:
                tag: Any = el.tag
                kind = kinds[tag]
                if kind <= _BLOCK:
                    if pieces:
                        breaks = end_line(block, style, breaks)
                    chrome = element.chrome
                    inside = style
                    inner = Element(tag, element, number, number, chrome, el)
                    if kind or roles:
                        if kind & _ITEM and not roles:  # as nearly all that are no plain blocks
                            if chrome == OUTSIDE:
                                inner.chrome = IN_ITEM
                        elif kind & _PLACING or roles:
                            inner.chrome = chrome_of(tag, roles.get(el), chrome, number)
                        if tag == "li":
                            inside = Style(style.link, inner, style.heading, style.bold, style.small)
                        elif kind & _STYLING:
                            inside = style.entering(tag)
                    number += 1
                    content = el.text
                    if len(el):
                        breaks += 2
                        if content:
                            pieces.append(Run(content, inside, None))
                        around.append((children, block, style))
                        children, element, block, style = iter(el), inner, inner, inside
                        break
                    if content and not content.isspace():  # as most blocks: a line, and nothing else
                        printed.append((inner, inside, (Run(content, inside, None),), content, True))
                        breaks = 2
                    else:
                        breaks += 4
                elif kind <= _CONTENT:
                    content = el.text
                    href = el.get("href") if tag == "a" else None
                    leaf = len(el) == 0
                    if leaf and href is None:
                        if content:
                            pieces.append(Run(content, style.entering(tag) if kind & _STYLING else style, el))
                    else:
                        chrome = element.chrome
                        if roles:
                            chrome = chrome_of(tag, roles.get(el), chrome, number)
                        inner = Element(tag, element, number, number, chrome, el, href)
                        number += 1
                        if href is not None:
                            inside = Style(inner, style.li, style.heading, style.bold, style.small)
                        else:
                            inside = style.entering(tag) if kind & _STYLING else style
                        if content:
                            pieces.append(Run(content, inside, el if leaf else None))
                        if not leaf:
                            around.append((children, block, style))
                            children, element, style = iter(el), inner, inside
                            break
                elif kind == _BREAK:
                    if pieces:
                        breaks = end_line(block, style, breaks)
                    breaks += 1
                elif kind == _PICTURE and not _is_pixel(el):
                    self._picture(el, block, style, breaks)
                if tail := el.tail:
                    pieces.append(Run(tail, style, None))
            else:
                if block is element:
                    if pieces:
                        breaks = end_line(block, style, breaks)
                    breaks += 2
                element.last = number - 1
                if not around:
                    return number + 1  # of the innermost, if it is inline, nothing was made
                tail = element.source.tail
                element = element.parent  # type: ignore[assignment]  # it is around, so there is one
                children, block, style = around.pop()
                if tail:
                    pieces.append(Run(tail, style, None))

    def _end_line(self, block: Element, style: Style, breaks: int) -> int:
        """End the line that is being collected in ``block``; returns the breaks since the last text."""
        pieces = self.pieces
        shown = pieces[0].text if len(pieces) == 1 else "".join([piece.text for piece in pieces])
        if not shown.isspace():
            self.printed.append((block, style, tuple(pieces), shown, breaks > 1))
            breaks = 0
        pieces.clear()
        if self.pictures:
            self.printed += self.pictures
            self.pictures.clear()
        return breaks

    def _picture(self, el: etree._Element, block: Element, style: Style, breaks: int) -> None:
        begun = any(not piece.text.isspace() for piece in self.pieces)
        (self.pictures if begun else self.printed).append((block, style, (), el.get("alt") or "", breaks > 1))


def _is_pixel(el: etree._Element) -> bool:
    """Tell whether a picture is too small to show anything: a counter, a spacer, a line."""
    sides = [(el.get(side) or "").strip().removesuffix("px") for side in ("width", "height")]
    return any(side.isdecimal() and int(side[:6]) <= _SMALLEST_PICTURE for side in sides)
