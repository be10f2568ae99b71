"""Which lines of an HTML page are datelines, also where they share a line, a row or a link with others."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Final

from psgcrawl import text
from psgcrawl.layouts import parts
from psgcrawl.layouts.html.elements import Element
from psgcrawl.layouts.html.lines import Line, Run, line_of
from psgcrawl.records import Dated

_FAR: Final = 9
_SHORTEST_DATELINE: Final = 4
"""Characters of what can be a dateline at all: the name of a month has three, and a figure stands beside it."""
_CELLS: Final = frozenset({"td", "th"})
_SEPARATORS: Final = " \n\t\r\u00a0|:-–—·,"
_is_dated: Final = attrgetter("dated")


def read_datelines(lines: list[Line]) -> list[Line]:
    """Return the lines with their datelines read, each in a line of its own, before what it dates in its row."""
    lines = _split_inline_datelines(lines)
    texts = [line for line in lines if line.alt is None]
    if any(map(_is_dated, texts)):
        _forget_titles(texts)
        _forget_menus(texts)
    _mark_wrapped(lines)
    for line in lines:
        if line.dated is not None or line.wrapped:
            line.settle()
    return _beside(lines)


def _split_inline_datelines(lines: list[Line]) -> list[Line]:
    """Give a dateline that shares its line with the title, or opens the text below it, a line of its own."""
    out: list[Line] = []
    since_title, read_dateline = _FAR, parts.read_dateline
    for line in lines:
        if line.alt is not None:
            out.append(line)
            continue
        if len(line.runs) == 1:  # as nearly all are
            line.dated = dated = read_dateline(line.clean)
            out.append(line)
            since_title = 0 if line.title_like else since_title + 1 if dated is None else _FAR
            continue
        pieces = _split(line, below_title=since_title <= 1)
        titled = pieces[-1].title_like
        for piece in pieces:
            if piece.dated is None:
                piece.dated = parts.read_dateline(piece.clean)
        out += pieces
        # A caption may stand between a title and the text; once a dateline has, none is to come.
        parted = pieces[-1].dated is not None or len(pieces) > 1
        since_title = 0 if titled else _FAR if parted else since_title + 1
    return out


def _split(line: Line, *, below_title: bool) -> list[Line]:
    if not parts.DIGIT.search(line.clean):
        return [line]
    shown = [run for run in line.runs if run.text.strip(_SEPARATORS)]
    if len(shown) < 2:
        return [line]
    for place, rest in ((0, shown[1:]), (-1, shown[:-1])):
        run = shown[place]
        if len(run.text) < _SHORTEST_DATELINE:  # a number in a pager
            continue
        dated = parts.read_dateline(text.spaced(run.text.strip(_SEPARATORS)))
        if dated is None or parts.read_dateline(line.clean) is not None:
            continue
        if place == 0 and _is_in_pieces(shown):
            return _three(line, shown, dated)
        titled = (
            line.heading > 0 or all(other.link is not None for other in rest) or all(other.style.bold for other in rest)
        )
        opens = place == 0 and run.inline is not None and below_title
        if not titled and not opens:
            continue
        date = _date(line, run, dated)
        other = _piece(line, rest, _joined(rest).strip(_SEPARATORS))
        first, second = (date, other) if place == 0 else (other, date)
        first.new_paragraph, second.new_paragraph = line.new_paragraph, opens
        return [first, second]
    return [line]


def _is_in_pieces(shown: list[Run]) -> bool:
    """Tell whether a date, a title and a text stand in one line, each an element of its own."""
    whole = len(shown) == 3 and all(run.inline is not None for run in shown)
    return (
        whole
        and (shown[1].link is not None or shown[1].style.bold)
        and shown[2].link is None
        and not shown[2].style.bold
    )


def _three(line: Line, shown: list[Run], dated: Dated) -> list[Line]:
    date = _date(line, shown[0], dated)
    title, rest = (_piece(line, [run], _joined([run])) for run in shown[1:])
    date.new_paragraph, rest.new_paragraph = line.new_paragraph, True
    return [date, title, rest]


def _date(line: Line, run: Run, dated: Dated) -> Line:
    date = _piece(line, [run], text.spaced(run.text.strip(_SEPARATORS)))
    date.dated = dated
    date.settle()
    return date


def _piece(line: Line, runs: Sequence[Run], clean: str) -> Line:
    return line_of(line.el, line.style, runs, clean)


def _joined(runs: Sequence[Run]) -> str:
    return text.spaced("".join(run.text for run in runs))


def _forget_titles(texts: list[Line]) -> None:
    """Take no title that is a date for a dateline: it is a heading, and the dateline is next to it."""
    for before, line in pairwise(texts):
        if before.dated is not None and line.dated is not None and (before.heading > 0) != (line.heading > 0):
            _forget(before if before.heading else line)


def _forget_menus(texts: list[Line]) -> None:
    """Take no link in a menu of dates (an archive by months) for a dateline.

    Such a link stands next to another to somewhere else, or is to a month and the only
    one on the page to where it leads. A dateline that is linked leads where its title does.
    """
    if not any(line.dated is not None and line.linked for line in texts):
        return
    held = Counter(link for line in texts for link in line.links)
    links = [_date_link(line, held) for line in texts]
    if not any(links):
        return
    leading = Counter(line.href for line in texts if line.href)
    for place, (line, href) in enumerate(zip(texts, links, strict=True)):
        if href is None or line.dated is None:
            continue
        near = {links[n] for n in (place - 1, place + 1) if 0 <= n < len(links)} - {None, href}
        if near or (leading[href] == 1 and (line.dated.edtf or "").count("-") == 1):
            _forget(line)


def _forget(line: Line) -> None:
    line.dated = None
    line.settle()


def _date_link(line: Line, held: Counter[Element]) -> str | None:
    """Return to where a dateline leads that is a link of its own, not within one around a whole entry."""
    if line.dated is None or not line.linked:
        return None
    return line.href if all(held[link] == 1 for link in line.links) else None


def _beside(lines: list[Line]) -> list[Line]:
    """Put a date that stands alone in the last cell of a row before what is beside it in that row."""
    if not any(line.el.tag in _CELLS for line in filter(_is_dated, lines)):
        return lines
    out: list[Line] = []
    for place, line in enumerate(lines):
        start = _row_start(lines, place, out) if line.dated is not None and line.el.tag in _CELLS else None
        if start is None:
            out.append(line)
        else:
            line.new_paragraph = True
            out.insert(start, line)
    return out


def _row_start(lines: list[Line], place: int, out: list[Line]) -> int | None:
    """Return where the row begins in ``out``; None where the date is next to a title or to other dates."""
    cell = lines[place].el
    row = cell.parent
    after = lines[place + 1].el if place + 1 < len(lines) else None
    if row is None or (after is not None and row.holds(after)):
        return None
    start, texts = len(out), 0
    while start > 0 and out[start - 1].el is not row and row.holds(out[start - 1].el):
        before = out[start - 1]
        if before.dated is not None or before.el is cell:
            return None
        texts += before.alt is None
        start -= 1
    return start if texts > 1 else None


def _mark_wrapped(lines: list[Line]) -> None:
    """Find the links that are around more than a title: a dateline, or several elements."""
    links: dict[Element, list[Line]] = {}
    for line in [line for line in lines if line.links]:
        for link in line.links:
            # What holds no element is around one line; only a dateline makes that worth a look, as of hardly any.
            if line.dated is not None or len(link.source):
                links.setdefault(link, []).append(line)
    for around in links.values():
        texts = [line for line in around if line.alt is None]
        if len({line.el for line in texts}) > 1 or any(line.dated for line in texts):
            for line in texts:
                line.wrapped = True
