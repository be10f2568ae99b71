"""Standing blocks: what has a heading and running text outside the entries of an HTML page."""

from collections.abc import Iterator, Sequence
from typing import Final

from psgcrawl import site, urls
from psgcrawl.layouts import parts
from psgcrawl.layouts.html.blocks import Block
from psgcrawl.layouts.html.elements import Element, common
from psgcrawl.layouts.html.lines import Line

_RUNNING_TEXT: Final = 40
"""Characters from which a line is running text and not a label."""
_LONGEST_LABEL: Final = 120
"""Characters up to which a bold line can be a heading."""
_COUNTS: Final = " \n\t\r\u00a0()[]0123456789"
"""What may stand beside a link in a menu: how many pages it leads to."""


def find_boilerplate(lines: Sequence[Line], headings: Sequence[bool], free: Sequence[int]) -> Iterator[Block]:
    """Yield the standing blocks of a page, in page order.

    :param headings: which lines are headings above a list.
    :param free: numbers of the lines that belong to no entry and no menu.
    """
    return _Finder(lines, headings).blocks(free)


class _Finder:
    def __init__(self, lines: Sequence[Line], headings: Sequence[bool]) -> None:
        self._lines = lines
        self._headings = headings

    def blocks(self, free: Sequence[int]) -> Iterator[Block]:
        place = 0
        while place < len(free):
            body = self._body(free, place) if self._may_head(free[place]) else []
            if body and any(map(self._is_running, body)) and not _leads_home(self._lines[free[place]].href):
                yield Block([free[place], *body], anchor=None, title=free[place])
                place += len(body)
            place += 1

    def _may_head(self, number: int) -> bool:
        line = self._lines[number]
        return line.title_like and not self._headings[number]

    def _body(self, free: Sequence[int], place: int) -> list[int]:
        """Return the lines below a heading: next to it, up to the next heading or the end of its element."""
        head, lines = free[place], self._lines
        # Outside of its item there is nothing below a link in a list.
        item = lines[head].li if lines[head].linked else None
        body = [head]
        around: Element | None = None
        for beyond in range(place + 1, len(free)):
            near = free[beyond]
            line = lines[near]
            if line.alt is not None:
                if around is not None and around.holds(line.el):
                    body.append(near)
                continue
            if (item is not None and not item.holds(line.el)) or self._text_between(body[-1], near):
                break
            if self._headings[near] or line.heading or parts.is_footer(line.clean) or parts.is_pager(line.clean):
                break
            if around is None:
                around = common(lines[head].el, line.el)
            elif not around.holds(line.el):
                break
            if line.title_like and (self._is_like(near, head) or (not line.linked and self._heads_next(near))):
                break
            if line.linked and line.title_like and self._is_menu(near):
                break
            body.append(near)
        return body[1:]

    def _is_like(self, number: int, head: int) -> bool:
        """Tell whether a line is set as a heading is: it heads the next block."""
        line, other = self._lines[number], self._lines[head]
        mark, own = ((x.el.tag, x.el.names, x.heading, x.bold, x.linked, x.wrapped) for x in (line, other))
        return mark == own or line.el.tag == "dt"

    def _text_between(self, first: int, second: int) -> bool:
        return second - first > 1 and any(self._lines[n].alt is None for n in range(first + 1, second))

    def _heads_next(self, number: int) -> bool:
        """Tell whether a bold line opens a block of its own: it opens a paragraph and text follows it."""
        line = self._lines[number]
        label = len(line.clean) <= _LONGEST_LABEL and not line.clean.endswith(".")
        return line.new_paragraph and label and number + 1 < len(self._lines)

    def _is_menu(self, number: int) -> bool:
        """Tell whether a link stands among links: the line after it is one too, or text follows as below a title."""
        after = number + 1
        if after >= len(self._lines) or self._lines[after].alt is not None:
            return False
        near = self._lines[after]
        return near.linked or (near.el.parent is self._lines[number].el.parent and self._is_running(after))

    def _is_running(self, number: int) -> bool:
        line = self._lines[number]
        if line.alt is not None or (line.linked and not line.wrapped):
            return False
        beside = "".join(run.text for run in line.runs if run.link is None).strip(_COUNTS)
        if line.li is not None and line.href and not beside:
            return False  # "Mining (12)"
        return len(line.clean) >= _RUNNING_TEXT or line.li is not None or line.clean.endswith((".", "!", "?", "…"))


def _leads_home(href: str | None) -> bool:
    if href is None:
        return False
    return href.rstrip("/") in {"", "."} or urls.canonical(href, None) == site.current().address
