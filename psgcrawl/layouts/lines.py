"""From an HTML tree to the lines that a reader of the rendered page would see.

A line ends where a block element begins or ends and at ``<br>``; two ``<br>`` in a row
end a paragraph. Each line keeps what tells titles from text (heading, bold, link) and
the elements around it, by which entries are told apart. Pictures are lines of their
own, without text.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from lxml.html import HtmlElement

from psgcrawl import text
from psgcrawl.errors import UnreadablePage
from psgcrawl.layouts import parts
from psgcrawl.records import Dated

_SKIPPED: Final = frozenset(
    "head script style template noscript select option button textarea input iframe object embed svg map audio "
    "video".split()
)
_INLINE: Final = frozenset(
    "a abbr acronym b big cite code del dfn em font i ins kbd label mark q s samp small span strike strong sub sup "
    "time tt u var wbr bdi bdo data o:p".split()
)
_HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "legend": 4}
_BOLD: Final = frozenset({"b", "strong", "th"})
_BETWEEN_LINKS: Final = " \n\t\r\u00a0.:>»-–|/[]()"
_MOST_NESTED: Final = 4_000_000
"""Lines times depth up to which a page is read: each line is judged by the elements around it."""
_SMALL: Final = frozenset({"small", "em", "i", "font"})
_CHROME: Final = frozenset({"nav", "form", "footer", "header"})
_SMALLEST_PICTURE: Final = 8
"""Pixels of the side of a picture up to which it is furniture."""
_CHROME_ROLES: Final = frozenset({"navigation", "search", "contentinfo", "banner"})


class Run:
    """A piece of text in one style."""

    __slots__ = ("bold", "inline", "link", "small", "text")

    def __init__(self, content: str, state: "_State", inline: HtmlElement | None) -> None:
        self.text = content
        self.link = state.link
        self.bold = state.bold
        self.small = state.small
        self.inline = inline
        """The inline element whose whole text this is; None for loose text."""


class Line:
    """One line, or one picture (``alt`` is not None)."""

    def __init__(self, el: HtmlElement, runs: list[Run], *, new_paragraph: bool) -> None:
        self.el = el
        """The innermost block element around it."""
        self.runs = runs
        self.new_paragraph = new_paragraph
        self.clean = text.spaced("".join(run.text for run in runs))
        self.alt: str | None = None
        self.heading = 0
        """Level of the heading that it stands in; 0 where in none."""
        self.li: HtmlElement | None = None
        """The innermost list item around it."""
        self.dated: Dated | None = None
        """What it says if it is a dateline."""
        self.wrapped = False
        """Whether its link is around a whole entry, which makes no title of its every line."""

    @property
    def href(self) -> str | None:
        """The first link in the line."""
        return next((run.link.get("href") for run in self.runs if run.link is not None), None)

    # What follows from the runs is asked for many times, and they do not change.
    @cached_property
    def linked(self) -> bool:
        """Whether all of the line is link."""
        return all(run.link is not None for run in self.runs if run.text.strip(_BETWEEN_LINKS))

    @cached_property
    def bold(self) -> bool:
        """Whether all of the line is bold."""
        return all(run.bold for run in self.runs if run.text.strip())

    @property
    def small(self) -> bool:
        """Whether all of the line is set apart (small, italic, another font)."""
        return all(run.small for run in self.runs if run.text.strip())

    @cached_property
    def illustrates(self) -> bool:
        """Whether it is a picture, and not an icon that leads on."""
        return self.alt is not None and not (self.alt and parts.says_more(self.alt))

    @cached_property
    def furniture(self) -> bool:
        """Whether it only says that there is more to read, or to print."""
        shown = [run for run in self.runs if run.text.strip(_BETWEEN_LINKS)]
        return self.alt is None and all(run.link is not None and parts.says_more(run.text) for run in shown)

    @property
    def title_like(self) -> bool:
        """Whether it looks like the title of something."""
        if self.alt is not None or self.dated is not None:
            return False
        marked = self.heading or self.el.tag in {"dt", "caption"} or self.bold or (self.linked and not self.wrapped)
        return bool(marked) and not self.furniture and not self._leads_elsewhere

    @cached_property
    def _leads_elsewhere(self) -> bool:
        return parts.says_more(self.clean) or parts.is_pager(self.clean)


class _State:
    """The style of the text at one place of the tree."""

    __slots__ = ("bold", "heading", "li", "link", "small")

    def __init__(self, parent: "_State | None") -> None:
        self.link: HtmlElement | None = parent.link if parent else None
        self.bold: bool = parent.bold if parent else False
        self.small: bool = parent.small if parent else False
        self.heading: int = parent.heading if parent else 0
        self.li: HtmlElement | None = parent.li if parent else None

    def entering(self, el: HtmlElement) -> "_State":
        tag = el.tag
        state = _State(self)
        if tag == "a" and el.get("href") is not None:
            state.link = el
        elif tag in _BOLD:
            state.bold = True
        elif tag in _SMALL:
            state.small = True
        elif tag in _HEADINGS:
            state.heading = _HEADINGS[tag]
        elif tag == "li":
            state.li = el
        return state


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

    def text(self, content: str | None, state: _State, inline: HtmlElement | None = None) -> None:
        if content:
            self.runs.append(Run(content, state, inline))

    def flush(self, block: HtmlElement, state: _State, *, breaks: int) -> None:
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

    def picture(self, el: HtmlElement, block: HtmlElement, state: _State) -> None:
        line = Line(block, [], new_paragraph=self.breaks > 1)
        line.alt = text.spaced(el.get("alt") or "")
        line.runs = [Run("", state, None)]
        begun = any(not run.text.isspace() for run in self.runs)
        (self.pictures if begun else self.lines).append(line)


def collect(root: HtmlElement) -> list[Line]:
    """Return the lines under ``root`` in document order."""
    collector = _Collector()
    _walk(root, root, _State(None), collector)
    if collector.deepest * len(collector.lines) > _MOST_NESTED:
        deepest = collector.deepest
        raise UnreadablePage(f"{len(collector.lines)} lines of text, up to {deepest} elements deep: over the limit")
    lines = list(_split_inline_datelines(collector.lines))
    for line in lines:
        if line.alt is None and line.dated is None:
            line.dated = parts.read_dateline(line.clean)
    _forget_menus(lines)
    _mark_wrapped(lines)
    return _beside(lines)


def _forget_menus(lines: list[Line]) -> None:
    """Take no link in a menu of dates (an archive by months) for a dateline.

    Such a link stands next to another to somewhere else, or is to a month and the only
    one on the page to where it leads. A dateline that is linked leads where its title does.
    """
    texts = [line for line in lines if line.alt is None]
    held = Counter(link for line in texts for link in {run.link for run in line.runs if run.link is not None})
    links = [_date_link(line, held) for line in texts]
    leading = Counter(line.href for line in texts if line.href)
    for place, (line, href) in enumerate(zip(texts, links, strict=True)):
        if href is None or line.dated is None:
            continue
        near = {links[n] for n in (place - 1, place + 1) if 0 <= n < len(links)} - {None, href}
        if near or (leading[href] == 1 and (line.dated.edtf or "").count("-") == 1):
            line.dated = None


def _date_link(line: Line, held: Counter[HtmlElement]) -> str | None:
    """Return to where a dateline leads that is a link of its own, not within one around a whole entry."""
    alone = all(held[run.link] == 1 for run in line.runs if run.link is not None)
    return line.href if line.dated is not None and line.linked and alone else None


def _beside(lines: list[Line]) -> list[Line]:
    """Put a date that stands alone in the last cell of a row before what is beside it in that row."""
    out: list[Line] = []
    for place, line in enumerate(lines):
        start = _row_start(lines, place, out) if line.dated is not None and line.el.tag in {"td", "th"} else None
        if start is None:
            out.append(line)
        else:
            line.new_paragraph = True
            out.insert(start, line)
    return out


def _row_start(lines: list[Line], place: int, out: list[Line]) -> int | None:
    """Return where the row begins in ``out``; None where the date is next to a title or to other dates."""
    cell = lines[place].el
    row = cell.getparent()
    after = lines[place + 1].el if place + 1 < len(lines) else None
    if row is None or (after is not None and (after is row or row in after.iterancestors())):
        return None
    start, texts = len(out), 0
    while start > 0 and row in out[start - 1].el.iterancestors():
        before = out[start - 1]
        if before.dated is not None or before.el is cell:
            return None
        texts += before.alt is None
        start -= 1
    return start if texts > 1 else None


def _mark_wrapped(lines: list[Line]) -> None:
    """Find the links that are around more than a title: a dateline, or several elements."""
    links: dict[HtmlElement, list[Line]] = {}
    for line in lines:
        for link in {run.link for run in line.runs if run.link is not None}:
            links.setdefault(link, []).append(line)
    for around in links.values():
        texts = [line for line in around if line.alt is None]
        if len({line.el for line in texts}) > 1 or any(line.dated for line in texts):
            for line in texts:
                line.wrapped = True


def _walk(root: HtmlElement, block: HtmlElement, state: _State, out: _Collector) -> None:
    """Walk the tree with a stack of our own: pages nest deeper than Python recurses."""
    stack: list[tuple[HtmlElement, HtmlElement, _State, Iterator[HtmlElement]]] = []
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


def _split_inline_datelines(lines: list[Line]) -> Iterator[Line]:
    """Give a dateline that shares its line with the title, or opens the text below it, a line of its own."""
    since_title = _FAR
    for line in lines:
        pieces = _split(line, below_title=since_title <= 1) if len(line.runs) > 1 else [line]
        yield from pieces
        if line.alt is None:
            # A caption may stand between a title and the text; once a dateline has, none is to come.
            last = pieces[-1]
            dated = last.dated is not None or parts.read_dateline(last.clean) is not None
            since_title = 0 if last.title_like else _FAR if dated or len(pieces) > 1 else since_title + 1


_FAR: Final = 9
_SEPARATORS: Final = " \n\t\r\u00a0|:-–—·,"


def _split(line: Line, *, below_title: bool) -> list[Line]:
    shown = [run for run in line.runs if run.text.strip(_SEPARATORS)]
    if len(shown) < 2:
        return [line]
    for place, rest in ((0, shown[1:]), (-1, shown[:-1])):
        run = shown[place]
        dated = parts.read_dateline(text.spaced(run.text.strip(_SEPARATORS)))
        if dated is None or parts.read_dateline(line.clean) is not None:
            continue
        if place == 0 and _is_in_pieces(shown):
            return _three(line, shown, dated)
        titled = line.heading > 0 or all(other.link is not None for other in rest) or all(other.bold for other in rest)
        opens = place == 0 and run.inline is not None and below_title
        if not titled and not opens:
            continue
        date = _piece(line, [run])
        date.clean, date.dated = text.spaced(run.text.strip(_SEPARATORS)), dated
        other = _piece(line, rest)
        other.clean = other.clean.strip(_SEPARATORS)
        first, second = (date, other) if place == 0 else (other, date)
        first.new_paragraph, second.new_paragraph = line.new_paragraph, opens
        return [first, second]
    return [line]


def _is_in_pieces(shown: list[Run]) -> bool:
    """Tell whether a date, a title and a text stand in one line, each an element of its own."""
    whole = len(shown) == 3 and all(run.inline is not None for run in shown)
    return whole and (shown[1].link is not None or shown[1].bold) and shown[2].link is None and not shown[2].bold


def _three(line: Line, shown: list[Run], dated: Dated) -> list[Line]:
    date, title, rest = (_piece(line, [run]) for run in shown)
    date.clean, date.dated = text.spaced(shown[0].text.strip(_SEPARATORS)), dated
    date.new_paragraph, rest.new_paragraph = line.new_paragraph, True
    return [date, title, rest]


def _piece(line: Line, runs: list[Run]) -> Line:
    piece = Line(line.el, runs, new_paragraph=False)
    piece.heading, piece.li = line.heading, line.li
    return piece


def in_chrome(line: Line) -> HtmlElement | None:
    """Return the outermost menu, form, page header or footer around ``line``, None where there is none."""
    found: HtmlElement | None = None
    el: HtmlElement | None = line.el
    while el is not None:
        if el.tag in {"article", "li", "dd", "td"} and found is not None and found.tag in {"header", "footer"}:
            found = None  # an entry's own
        if el.tag in _CHROME or el.get("role") in _CHROME_ROLES:
            found = el
        el = el.getparent()
    return found
