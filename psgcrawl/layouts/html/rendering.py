"""From an HTML tree to the lines of the rendered page.

A line ends where a block element begins or ends and at ``<br>``; two ``<br>`` in a row
end a paragraph.
"""

from collections.abc import Iterator
from typing import Final

from lxml.html import HtmlElement

from psgcrawl import text
from psgcrawl.errors import UnreadablePage
from psgcrawl.layouts.html.lines import Line, Run, Style

_SKIPPED: Final = frozenset(
    "head script style template noscript select option button textarea input iframe object embed svg map audio "
    "video".split()
)
_INLINE: Final = frozenset(
    "a abbr acronym b big cite code del dfn em font i ins kbd label mark q s samp small span strike strong sub sup "
    "time tt u var wbr bdi bdo data o:p".split()
)
_MOST_NESTED: Final = 4_000_000
"""Lines times depth up to which a page is read: each line is judged by the elements around it."""
_SMALLEST_PICTURE: Final = 8
"""Pixels of the side of a picture up to which it is furniture."""


def rendered(root: HtmlElement) -> list[Line]:
    """Return the lines under ``root`` in document order.

    :raises UnreadablePage: where too many lines stand too deep: each is judged by all that is around it.
    """
    collector = _Collector()
    _walk(root, root, Style(None), collector)
    if collector.deepest * len(collector.lines) > _MOST_NESTED:
        deepest = collector.deepest
        raise UnreadablePage(f"{len(collector.lines)} lines of text, up to {deepest} elements deep: over the limit")
    return collector.lines


class _Collector:
    """Collects lines while the tree is walked in document order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.runs: list[Run] = []
        self.pictures: list[Line] = []
        """Those in the line that is being collected: they come after its text."""
        self.deepest = 0
        """Elements around the most deeply nested text."""
        self.breaks = 2
        """Line breaks since the last text; two or more are a paragraph's end."""

    def text(self, content: str | None, state: Style, inline: HtmlElement | None = None) -> None:
        if content:
            self.runs.append(Run(content, state, inline))

    def flush(self, block: HtmlElement, state: Style, *, breaks: int) -> None:
        """End the line that is being collected in ``block``."""
        runs, self.runs = self.runs, []
        if any(run.text and not run.text.isspace() for run in runs):
            line = Line(block, runs, new_paragraph=self.breaks > 1)
            line.heading = state.heading
            line.li = state.li
            self.lines.append(line)
            self.breaks = 0
        self.lines += self.pictures
        self.pictures = []
        self.breaks += breaks

    def picture(self, el: HtmlElement, block: HtmlElement, state: Style) -> None:
        line = Line(block, [], new_paragraph=self.breaks > 1)
        line.alt = text.spaced(el.get("alt") or "")
        line.runs = [Run("", state, None)]
        begun = any(not run.text.isspace() for run in self.runs)
        (self.pictures if begun else self.lines).append(line)


def _walk(root: HtmlElement, block: HtmlElement, state: Style, out: _Collector) -> None:
    """Walk the tree with a stack of our own: pages nest deeper than Python recurses."""
    stack: list[tuple[HtmlElement, HtmlElement, Style, Iterator[HtmlElement]]] = []
    out.text(root.text, state)
    stack.append((root, block, state, iter(root)))
    while stack:
        out.deepest = max(out.deepest, len(stack))
        el, block, state, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if not stack:
                out.flush(block, state, breaks=2)
                return
            if block is el:
                out.flush(block, state, breaks=2)
            out.text(el.tail, stack[-1][2])
            continue
        tag = child.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            out.text(child.tail, state)
        elif tag == "br":
            out.flush(block, state, breaks=1)
            out.text(child.tail, state)
        elif tag == "img":
            if not _is_pixel(child):
                out.picture(child, block, state)
            out.text(child.tail, state)
        elif tag in _INLINE:
            inner = state.entering(child)
            out.text(child.text, inner, child if len(child) == 0 else None)
            stack.append((child, block, inner, iter(child)))
        else:
            out.flush(block, state, breaks=2)
            inner = state.entering(child)
            out.text(child.text, inner)
            stack.append((child, child, inner, iter(child)))


def _is_pixel(el: HtmlElement) -> bool:
    """Tell whether a picture is too small to show anything: a counter, a spacer, a line."""
    sides = [(el.get(side) or "").strip().removesuffix("px") for side in ("width", "height")]
    return any(side.isdecimal() and int(side[:6]) <= _SMALLEST_PICTURE for side in sides)
