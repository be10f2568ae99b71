"""Which lines of an HTML page are datelines, also where they share a line, a row or a link with others."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, compress, pairwise
from operator import attrgetter
from typing import Final

from psgcrawl import text
from psgcrawl.layouts import parts
from psgcrawl.layouts.html.elements import Element
from psgcrawl.layouts.html.lines import Line, Run, line_of
from psgcrawl.records import Dated

_SHORTEST_DATELINE: Final = 4
"""Characters of what can be a dateline at all: the name of a month has three, and a figure stands beside it."""
_CELLS: Final = frozenset({"td", "th"})
_SEPARATORS: Final = " \n\t\r\u00a0|:-–—·,"
# Columns of the lines: what is asked of each is asked in C, in a third of the time of a loop.
_is_dated: Final = attrgetter("dated")
_runs: Final = attrgetter("runs")
_links: Final = attrgetter("links")
_source: Final = attrgetter("source")
_has_digit: Final = parts.DIGIT.search


def read_datelines(lines: list[Line]) -> list[Line]:
    """Return the lines with their datelines read, each in a line of its own, before what it dates in its row."""
    for line in lines:
        line.dated = parts.read_dateline(line.clean)
    lines = _split_inline_datelines(lines)
    dated = list(filter(_is_dated, lines))
    if dated:
        texts = lines if all(map(_is_text, lines)) else list(filter(_is_text, lines))
        places = list(compress(range(len(texts)), map(_is_dated, texts)))
        _forget_titles(texts, places)
        _forget_menus(texts, dated)
        dated = list(filter(_is_dated, dated))
        for line in dated:
            line.settle()
    _mark_wrapped(lines, dated)
    return _beside(lines, dated)


def _is_text(line: Line) -> bool:
    return line.alt is None


def _split_inline_datelines(lines: list[Line]) -> list[Line]:
    """Give a dateline that shares its line with the title, or opens the text below it, a line of its own."""
    out: list[Line] = []
    done = parted = 0
    for number in [n for n, runs in enumerate(map(len, map(_runs, lines))) if runs > 1]:
        line = lines[number]
        if line.dated is not None or not _has_digit(line.clean):
            continue
        out += lines[done:number]
        done = number
        pieces = _split(line, below_title=_is_below_title(out, parted))
        if len(pieces) > 1:
            for piece in pieces:
                if piece.dated is None:
                    piece.dated = parts.read_dateline(piece.clean)
            out += pieces
            done, parted = number + 1, len(out)
    return [*out, *lines[done:]] if out else lines


def _is_below_title(before: Sequence[Line], parted: int) -> bool:
    """Tell whether a line stands right below a title, or below one and its caption.

    :param before: the lines before it
    :param parted: how many of them stand before the end of the last that was split: it has had its dateline
    """
    place = len(before)
    for _ in range(2):
        place -= 1
        while place >= 0 and before[place].alt is not None:
            place -= 1
        if place < 0:
            return False
        if before[place].title_like:
            return True
        # A caption may stand between a title and the text; once a dateline has, none is to come.
        if before[place].dated is not None or place == parted - 1:
            return False
    return False


def _split(line: Line, *, below_title: bool) -> list[Line]:
    shown = [run for run in line.runs if run.text.strip(_SEPARATORS)]
    if len(shown) < 2:
        return [line]
    for place, rest in ((0, shown[1:]), (-1, shown[:-1])):
        run = shown[place]
        if len(run.text) < _SHORTEST_DATELINE:  # a number in a pager
            continue
        dated = parts.read_dateline(text.spaced(run.text.strip(_SEPARATORS)))
        if dated is None:
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


def _forget_titles(texts: Sequence[Line], places: Sequence[int]) -> None:
    """Take no title that is a date for a dateline: it is a heading, and the dateline is next to it.

    :param places: those of the datelines
    """
    for place, after in pairwise(places):
        before, line = texts[place], texts[after]
        if after == place + 1 and before.dated is not None and (before.heading > 0) != (line.heading > 0):
            _forget(before if before.heading else line)


def _forget_menus(texts: Sequence[Line], dated: Sequence[Line]) -> None:
    """Take no link in a menu of dates (an archive by months) for a dateline.

    Such a link stands next to another to somewhere else, or is to a month and the only
    one on the page to where it leads. A dateline that is linked leads where its title does.
    """
    if not any(line.dated is not None and line.linked for line in dated):
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


def _beside(lines: list[Line], dated: Sequence[Line]) -> list[Line]:
    """Put a date that stands alone in the last cell of a row before what is beside it in that row."""
    if not any(line.el.tag in _CELLS for line in dated):
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


def _mark_wrapped(lines: Sequence[Line], dated: Sequence[Line]) -> None:
    """Find the links that are around more than a title: a dateline, or several elements."""
    # What holds no element is around one line; only a dateline makes that worth a look, as of hardly any.
    holding = any(map(len, map(_source, chain.from_iterable(map(_links, lines)))))
    links: dict[Element, list[Line]] = {}
    for line in filter(_links, lines if holding else dated):
        for link in line.links:
            if line.dated is not None or len(link.source):
                links.setdefault(link, []).append(line)
    for around in links.values():
        texts = [line for line in around if line.alt is None]
        if len({line.el for line in texts}) > 1 or any(line.dated for line in texts):
            for line in texts:
                line.wrapped = True
                line.settle()
