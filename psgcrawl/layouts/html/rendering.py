"""From an HTML tree to the lines of the rendered page.

A line ends where a block element begins or ends and at ``<br>``; two ``<br>`` in a row
end a paragraph.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from lxml import etree

from psgcrawl import text
from psgcrawl.errors import UnreadablePage
from psgcrawl.layouts.html.elements import OUTSIDE, PLACING, Element, chrome_of
from psgcrawl.layouts.html.lines import STYLING, UNSTYLED, Line, Run, Style, line_of_run, line_of_runs, picture

_PLAIN, _INLINE, _STYLING, _PLACING, _BREAK, _PICTURE, _SKIPPED = 0, 1, 2, 4, 8, 16, 32
_CONTENT: Final = _INLINE | _STYLING | _PLACING
_SKIPPED_TAGS: Final = (
    "head script style template noscript select option button textarea input iframe object embed svg map audio "
    "video".split()
)
"""Elements whose content is no text of the page."""
_INLINE_TAGS: Final = (
    "a abbr acronym b big cite code del dfn em font i ins kbd label mark q s samp small span strike strong sub sup "
    "time tt u var wbr bdi bdo data o:p".split()
)


def _kinds() -> dict[object, int]:
    """Return what each element is that is no plain block."""
    kinds: dict[object, int] = {
        tag: _INLINE * (tag in _INLINE_TAGS) | _STYLING * (tag in STYLING) | _PLACING * (tag in PLACING)
        for tag in {*_INLINE_TAGS, *STYLING, *PLACING}
    }
    skipped = (*_SKIPPED_TAGS, etree.Comment, etree.ProcessingInstruction, etree.Entity)
    return kinds | dict.fromkeys(skipped, _SKIPPED) | {"br": _BREAK, "img": _PICTURE}


_KINDS: Final = _kinds()
_MOST_NESTED: Final = 4_000_000
"""Lines times depth up to which a page is read: each line is judged by the elements around it."""
_SMALLEST_PICTURE: Final = 8
"""Pixels of the side of a picture up to which it is furniture."""
# Whether there are any is told in a third of the time that it takes to find them.
_HAS_ROLES: Final = etree.XPath("boolean(descendant-or-self::*/@role)")
_ROLES: Final = etree.XPath("descendant-or-self::*[@role]")


class Rendering(NamedTuple):
    """What a page shows, in document order."""

    lines: list[Line]
    links: list[tuple[etree._Element, str | None]]
    """All its ``a`` elements, shown or not, each with its text, where no element stands in it."""


def rendered(root: etree._Element) -> Rendering:
    """Return what is shown of all that is under ``root``.

    :raises UnreadablePage: where too many lines stand too deep: each is judged by all that is around it.
    """
    collector = _Collector()
    deepest = _walk(root, collector, {el: el.get("role") for el in _ROLES(root)} if _HAS_ROLES(root) else {})
    lines = collector.lines
    if deepest * len(lines) > _MOST_NESTED:
        raise UnreadablePage(f"{len(lines)} lines of text, up to {deepest} elements deep: over the limit")
    return Rendering(lines, collector.links)


class _Collector:
    """Collects lines while the tree is walked in document order."""

    __slots__ = ("breaks", "lines", "links", "pictures", "pieces")

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.links: list[tuple[etree._Element, str | None]] = []
        self.pieces: list[Run] = []
        """What the line that is being collected consists of."""
        self.pictures: list[Line] = []
        """Those in that line: they come after its text."""
        self.breaks = 2
        """Line breaks since the last text; two or more are a paragraph's end."""

    def flush(self, block: Element, style: Style) -> None:
        """End the line that is being collected in ``block``."""
        pieces = self.pieces
        if pieces:
            if len(pieces) == 1:
                shown = pieces[0].text
                if not shown.isspace():
                    self.lines.append(line_of_run(block, style, pieces[0], text.spaced(shown), self.breaks > 1))
                    self.breaks = 0
            else:
                shown = "".join([piece.text for piece in pieces])
                if not shown.isspace():
                    self.lines.append(line_of_runs(block, style, pieces.copy(), text.spaced(shown), self.breaks > 1))
                    self.breaks = 0
            pieces.clear()
        if self.pictures:
            self.lines += self.pictures
            self.pictures.clear()

    def picture(self, el: etree._Element, block: Element, style: Style) -> None:
        line = picture(block, style, text.spaced(el.get("alt") or ""), new_paragraph=self.breaks > 1)
        begun = any(not piece.text.isspace() for piece in self.pieces)
        (self.pictures if begun else self.lines).append(line)


def _walk(root: etree._Element, out: _Collector, roles: dict[etree._Element, str | None]) -> int:  # noqa: C901, PLR0912, PLR0915 - one loop: see below
    """Walk the tree once, in document order; returns how many elements are around its deepest text.

    Without recursion, because pages nest deeper than Python does. In one function and on
    local names, because all that is on a page passes here, and a call in
    Python for each element costs as much as what lxml does for it.
    """
    outermost = str(root.tag)
    # Of the innermost element that has not ended; what follows holds inside it.
    here, children, style = root, iter(root), UNSTYLED
    block = element = Element(outermost, None, 0, 0, chrome_of(outermost, roles.get(root), OUTSIDE, 0), root)
    around: list[tuple[etree._Element, Iterator[etree._Element], Element, Element, Style]] = []
    number = depth = deepest = 1
    kinds, lines, links = _KINDS, out.lines, out.links
    pieces, pictures, flush = out.pieces, out.pictures, out.flush
    if root.text:
        pieces.append(Run(root.text, style, None))
    while True:
        for el in children:
            tag: Any = el.tag
            kind = kinds.get(tag, 0)
            if kind <= _CONTENT:
                leaf = len(el) == 0
                inline = kind & _INLINE
                if not inline:
                    if pieces or pictures:
                        flush(block, style)
                    out.breaks += 2
                if depth >= deepest:
                    deepest = depth + 1
                content = el.text
                href = None
                if tag == "a":
                    href = el.get("href")
                    links.append((el, content or "" if leaf else None))
                if inline and leaf and href is None:
                    if content:
                        pieces.append(Run(content, style.entering(tag) if kind & _STYLING else style, el))
                else:
                    chrome = element.chrome
                    if kind & _PLACING or (roles and el in roles):
                        chrome = chrome_of(tag, roles.get(el), chrome, number)
                    inner = Element(tag, element, number, number, chrome, el, href)
                    number += 1
                    if href is not None:  # these two make most styles, which others get of ``entering``
                        inside = Style(inner, style.li, style.heading, style.bold, style.small)
                    elif tag == "li":
                        inside = Style(style.link, inner, style.heading, style.bold, style.small)
                    else:
                        inside = style.entering(tag) if kind & _STYLING else style
                    if leaf and not inline:  # as most blocks: a line, and nothing else
                        if content and not content.isspace():
                            clean = text.spaced(content)
                            lines.append(line_of_run(inner, inside, Run(content, inside, None), clean, out.breaks > 1))
                            out.breaks = 2
                        else:
                            out.breaks += 2
                        tail = el.tail
                        if tail:
                            pieces.append(Run(tail, style, None))
                        continue
                    if content:
                        pieces.append(Run(content, inside, el if leaf else None))
                    if not leaf:
                        around.append((here, children, element, block, style))
                        depth += 1
                        here, children, element, block, style = el, iter(el), inner, block if inline else inner, inside
                        break
            elif kind == _BREAK:
                if pieces or pictures:
                    flush(block, style)
                out.breaks += 1
            elif kind == _SKIPPED:
                if len(el):
                    links += [(link, None) for link in el.iter("a")]
            elif not _is_pixel(el):
                out.picture(el, block, style)
            tail = el.tail
            if tail:
                pieces.append(Run(tail, style, None))
        else:
            if block is element:
                if pieces or pictures:
                    flush(block, style)
                out.breaks += 2
            element.last = number - 1
            if not around:
                return deepest
            tail = here.tail
            here, children, element, block, style = around.pop()
            depth -= 1
            if tail:
                pieces.append(Run(tail, style, None))


def _is_pixel(el: etree._Element) -> bool:
    """Tell whether a picture is too small to show anything: a counter, a spacer, a line."""
    sides = [(el.get(side) or "").strip().removesuffix("px") for side in ("width", "height")]
    return any(side.isdecimal() and int(side[:6]) <= _SMALLEST_PICTURE for side in sides)
