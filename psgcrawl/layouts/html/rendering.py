"""From an HTML tree to the lines of the rendered page.

A line ends where a block element begins or ends and at ``<br>``; two ``<br>`` in a row
end a paragraph.
"""

from itertools import chain
from typing import Final

from lxml import etree

from psgcrawl import text
from psgcrawl.errors import UnreadablePage
from psgcrawl.layouts.html.elements import Element
from psgcrawl.layouts.html.lines import STYLING, Line, Run, Style

_SKIPPED, _BREAK, _PICTURE, _INLINE, _BLOCK = range(5)
_SKIPPED_TAGS: Final = (
    "head script style template noscript select option button textarea input iframe object embed svg map audio "
    "video".split()
)
"""Elements whose content is no text of the page."""
_INLINE_TAGS: Final = (
    "a abbr acronym b big cite code del dfn em font i ins kbd label mark q s samp small span strike strong sub sup "
    "time tt u var wbr bdi bdo data o:p".split()
)
_KINDS: Final = {
    **dict.fromkeys(_SKIPPED_TAGS, _SKIPPED),
    **dict.fromkeys(_INLINE_TAGS, _INLINE),
    "br": _BREAK,
    "img": _PICTURE,
}
"""What each element is; all others are blocks."""
_NONE: Final[dict[str, str]] = {}
_UNSTYLED: Final = Style()
_MOST_NESTED: Final = 4_000_000
"""Lines times depth up to which a page is read: each line is judged by the elements around it."""
_SMALLEST_PICTURE: Final = 8
"""Pixels of the side of a picture up to which it is furniture."""


def rendered(root: etree._Element) -> list[Line]:
    """Return the lines under ``root`` in document order.

    :raises UnreadablePage: where too many lines stand too deep: each is judged by all that is around it.
    """
    collector = _Collector()
    deepest = _walk(root, collector)
    lines = collector.lines
    if deepest * len(lines) > _MOST_NESTED:
        raise UnreadablePage(f"{len(lines)} lines of text, up to {deepest} elements deep: over the limit")
    return lines


class _Collector:
    """Collects lines while the tree is walked in document order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.pieces: list[tuple[str, Style, str | None]] = []
        """What the line that is being collected consists of, as :class:`Run` takes it."""
        self.pictures: list[Line] = []
        """Those in that line: they come after its text."""
        self.breaks = 2
        """Line breaks since the last text; two or more are a paragraph's end."""

    def flush(self, block: Element, style: Style, *, breaks: int) -> None:
        """End the line that is being collected in ``block``."""
        pieces = self.pieces
        if pieces:
            shown = pieces[0][0] if len(pieces) == 1 else "".join([piece[0] for piece in pieces])
            if not shown.isspace():
                runs = [Run(*pieces[0])] if len(pieces) == 1 else [Run(*piece) for piece in pieces]
                line = Line(block, style, runs, text.spaced(shown))
                line.new_paragraph = self.breaks > 1
                self.lines.append(line)
                self.breaks = 0
            pieces.clear()
        if self.pictures:
            self.lines += self.pictures
            self.pictures.clear()
        self.breaks += breaks

    def picture(self, el: etree._Element, block: Element, style: Style) -> None:
        alt = text.spaced(el.get("alt") or "")
        line = Line(block, _UNSTYLED, [Run("", style, None)], "", alt)
        line.new_paragraph = self.breaks > 1
        begun = any(not piece[0].isspace() for piece in self.pieces)
        (self.pictures if begun else self.lines).append(line)


def _walk(root: etree._Element, out: _Collector) -> int:  # noqa: C901, PLR0912, PLR0915 - one loop: see below
    """Walk the tree once, in document order; returns how many elements are around its deepest text.

    Without recursion, because pages nest deeper than Python does. In one function and on
    local names, because all that is on a page passes here, and a call in
    Python for each element costs as much as what lxml does for it.
    """
    here: etree._Element | None = root
    """The innermost element that has not ended; what follows holds inside it."""
    element = Element(str(root.tag), None, 0, dict(root.items()))
    block: Element | None = element
    """None where nothing is shown."""
    style = _UNSTYLED
    around: list[tuple[etree._Element | None, Element, Element | None, Style]] = [(None, element, None, style)]
    number = deepest = 1
    pieces = out.pieces
    if root.text:
        pieces.append((root.text, style, None))
    walk = root.iter()
    next(walk)
    for el in chain(walk, (None,)):
        parent = None if el is None else el.getparent()
        while here is not None and here is not parent:
            if block is not None:
                if block is element:
                    out.flush(block, style, breaks=2)
                element.last = number - 1
            tail = here.tail
            here, element, block, style = around.pop()
            if tail and block is not None:
                pieces.append((tail, style, None))
        if el is None:
            break
        tag = el.tag
        kind = _KINDS.get(tag, _BLOCK) if isinstance(tag, str) else _SKIPPED
        if block is None or kind is _SKIPPED:
            if len(el):
                around.append((here, element, block, style))
                here, block = el, None
                continue
        elif kind is _BREAK:
            out.flush(block, style, breaks=1)
        elif kind is _PICTURE:
            if not _is_pixel(el):
                out.picture(el, block, style)
        else:
            inline = kind is _INLINE
            leaf = inline and len(el) == 0
            if not inline:
                out.flush(block, style, breaks=2)
            # Most elements have no attributes: asked for all at once, they say so in a fifth of the time.
            attributes = dict(given) if (given := el.items()) else _NONE
            inner: Element | None = None
            if not leaf or (tag == "a" and "href" in attributes):
                inner = Element(str(tag), element, number, attributes)
                number += 1
            inside = style.entering(tag, inner) if tag in STYLING else style
            content = el.text
            if content:
                pieces.append((content, inside, attributes.get("class", "") if leaf else None))
            if len(around) >= deepest:
                deepest = len(around) + 1
            if inner is not None and not leaf:
                around.append((here, element, block, style))
                here, element, block, style = el, inner, block if inline else inner, inside
                continue
        tail = el.tail
        if tail and block is not None:
            pieces.append((tail, style, None))
    return deepest


def _is_pixel(el: etree._Element) -> bool:
    """Tell whether a picture is too small to show anything: a counter, a spacer, a line."""
    sides = [(el.get(side) or "").strip().removesuffix("px") for side in ("width", "height")]
    return any(side.isdecimal() and int(side[:6]) <= _SMALLEST_PICTURE for side in sides)
