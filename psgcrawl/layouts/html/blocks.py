"""From the lines of an HTML page to its blocks: which lines make one entry.

Nothing is known of the markup, so an entry is recognised by what it is. Either each
child of a list holds a whole entry (``li``, ``div``, ``article``, a table row), or the
entries are a flat run of siblings (``h3 p p h3 p p``, ``dt dd dd``, three rows each,
loose text with ``br``), which is cut before each title.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from psgcrawl.layouts import parts
from psgcrawl.layouts.html.anchors import Children, find_lists
from psgcrawl.layouts.html.elements import Element
from psgcrawl.layouts.html.neighbours import LONGEST_CAPTION, Neighbours

_SHORTEST_TEXT: Final = 30
"""Characters from which a line before a title is text, where no picture is near."""
_CONTINUING: Final = frozenset({"p", "dd", "blockquote", "ul", "ol", "pre"})
"""Siblings that go on with an entry which has begun before them."""


@dataclass(slots=True)
class Block:
    """The lines of one entry, by their numbers on the page."""

    numbers: list[int]
    anchor: int | None
    """The dateline's number; None for an entry without one."""
    title: int | None = None
    """The title's number where the cut has already found it."""
    repeated: frozenset[str] = frozenset()
    """Words of the links that stand alone in several entries of its list: they are no text."""


@dataclass(slots=True)
class EntryList:
    """A run of entries under one element."""

    parent: Element
    blocks: list[Block] = field(default_factory=list)
    title_first: bool = True
    """Whether titles stand before datelines in it."""


def find_entries(page: Neighbours) -> list[EntryList]:
    """Return the lists of entries in page order; each with at least one dated block."""
    lists = find_lists(page)
    cutter = _Cutter(page, set(lists))
    found = [cutter.cut(parent, children) for parent, children in lists.items()]
    return sorted(found, key=lambda entries: min(n for block in entries.blocks for n in block.numbers))


class _Cutter:
    def __init__(self, page: Neighbours, parents: set[Element]) -> None:
        self._page = page
        self._lines = page.lines
        self._parents = parents
        self._numbers: dict[Element, list[int]] | None = None
        """By list, the lines under it."""

    def cut(self, parent: Element, children: Children) -> EntryList:
        found = EntryList(parent)
        found.title_first = self._title_first(children)
        whole = sum(child is not None and self._is_whole(anchor, child) for anchor, child in children.items())
        if whole * 2 >= len(children):
            found.blocks = self._cut_children(parent, children)
        else:
            found.blocks = self._cut_flat(parent, list(children), title_first=found.title_first)
        return found

    def _title_first(self, anchors: Children) -> bool:
        score, titled = 0, self._page.titled
        for anchor in anchors:
            score += titled(anchor, -1) - titled(anchor, 1)
        if score:
            return score > 0
        # Nothing looks like a title: then titles are the shorter lines, and where that is
        # not clear, the line that shares the dateline's element is one.
        before, after = (self._length_beside(anchors, step) for step in (-1, 1))
        if before * 2 < after or after * 2 < before:
            return before < after
        return any(child is None or self._holds_before(anchor, child) for anchor, child in anchors.items())

    def _length_beside(self, anchors: Iterable[int], step: int) -> int:
        """Return the median length of the lines before (-1) or after (1) the datelines."""
        lengths = [0 if n is None else len(self._lines[n].clean) for n in (self._page.text(a, step) for a in anchors)]
        return int(median(lengths))

    def _holds_before(self, anchor: int, child: Element) -> bool:
        before = self._page.text(anchor, -1)
        return before is not None and self._page.within(before, child)

    def _is_whole(self, anchor: int, child: Element) -> bool:
        """Tell whether ``child`` holds more of an entry than its dateline: the title next to it."""
        near = [*self._page.near(anchor, -1), *self._page.near(anchor, 1)]
        titles = [n for n in near if self._lines[n].title_like] or near
        inside = [n for n in titles if self._page.within(n, child)]
        return bool(inside) and not self._ends_another(anchor, child)

    def _ends_another(self, anchor: int, child: Element) -> bool:
        """Tell whether ``child`` begins with the text of the entry before, and this one's comes after it.

        That is how the parser sees ``title <br> date <p> text <br> title <br> date <p>``.
        """
        after = self._page.text(anchor, 1)
        if after is not None and (self._page.within(after, child) or self._lines[after].title_like):
            return False
        first, number = None, self._page.text(anchor, -1)
        while number is not None and self._page.within(number, child):
            first, number = number, self._page.text(number, -1)
        return first is not None and self._is_text(first) and len(self._lines[first].clean) > _SHORTEST_TEXT

    def _under(self, parent: Element) -> list[int]:
        """Return the lines under ``parent`` that are not under another list within it."""
        usable = self._page.usable
        if len(self._parents) == 1:  # as on most pages: told without a look at what is around each line
            first, last = parent.number, parent.last
            return [n for n, number in enumerate(self._page.numbers) if first <= number <= last and usable[n]]
        if self._numbers is None:
            self._numbers = {}
            for n in range(len(self._lines)):
                el = self._list_of(n) if usable[n] else None
                if el is not None:
                    self._numbers.setdefault(el, []).append(n)
        return self._numbers.get(parent, [])

    def _list_of(self, number: int) -> Element | None:
        el: Element | None = self._lines[number].el
        while el is not None and el not in self._parents:
            el = el.parent
        return el

    def _child(self, number: int, parent: Element) -> Element | None:
        """Return the child of ``parent`` in which a line stands; None for loose text of the parent."""
        child: Element | None = None
        el: Element | None = self._lines[number].el
        while el is not None and el is not parent:
            child, el = el, el.parent
        return child

    def _cut_children(self, parent: Element, children: Children) -> list[Block]:
        anchor_of = {child: anchor for anchor, child in children.items() if child is not None}
        last = max(children)
        tags = {child.tag for child in anchor_of}
        blocks: list[Block] = []
        current: Element | None = None
        continuing: set[str | None] = set()
        ahead: list[int] = []
        """Pictures, with their captions, that stand before an entry and not in it."""
        lines, headings, places = self._lines, self._page.headings, self._page.numbers
        for number in self._under(parent):
            if current is not None and current.number <= places[number] <= current.last:  # as nearly all
                blocks[-1].numbers.append(number)
                continue
            child = self._child(number, parent)
            if child is not None and child in anchor_of:
                blocks.append(Block([*ahead, number], anchor_of[child]))
                current, ahead = child, []
            elif (
                number < last
                and (ahead or lines[number].alt is not None)
                and self._stands_ahead(number, ahead, child, blocks)
            ):
                current = None
                ahead.append(number)
            elif headings[number]:
                current = None
            elif child is not None and child.tag in tags and number < last and self._begins(number, child, blocks):
                blocks.append(Block([*ahead, number], self._first_dateline(number, child)))
                current, ahead = child, []
            elif blocks and self._goes_on(number, child, last, continuing):
                blocks[-1].numbers.append(number)
                current = child
                if number < last:
                    continuing.add(None if child is None else child.tag)
            elif number > last:
                break
        return blocks

    def _first_dateline(self, number: int, child: Element) -> int | None:
        """Return the dateline in the first two lines of ``child``, which begins at a line."""
        second = self._page.text(number, 1)
        two = [number, *([second] if second is not None and self._page.within(second, child) else [])]
        return next((n for n in two if self._lines[n].dated), None)

    def _stands_ahead(self, number: int, ahead: list[int], child: Element | None, blocks: list[Block]) -> bool:
        """Tell whether a picture, or the caption below it, stands beside the entries: it belongs to the next."""
        line = self._lines[number]
        if line.alt is not None:
            # Below a title that has no text yet it is that entry's.
            told = not blocks or bool(ahead) or any(self._is_text(n) for n in blocks[-1].numbers)
            after = self._page.text(number, 1)
            alone = child is None or after is None or not self._page.within(after, child)
            return line.illustrates and told and (alone or self._is_all(child, after, number))
        return bool(ahead) and number == ahead[-1] + 1 and self._is_caption_before(number, ahead[-1])

    def _is_text(self, number: int) -> bool:
        line = self._lines[number]
        return line.alt is None and not line.dated and not line.title_like and not line.furniture

    def _is_all(self, child: Element | None, caption: int | None, picture: int) -> bool:
        """Tell whether a picture and its caption are all that ``child`` holds."""
        if child is None or caption is None or not self._is_caption_before(caption, picture):
            return False
        after = self._page.text(caption, 1)
        return after is None or not self._page.within(after, child)

    def _begins(self, number: int, child: Element, blocks: list[Block]) -> bool:
        """Tell whether a sibling of the entries is one, too: it has a dateline of its own, or a title, then text."""
        if not blocks:
            return False
        if self._first_dateline(number, child) is not None:
            return True
        if not self._lines[number].title_like:
            return False
        after = self._page.text(number, 1)
        return after is not None and self._page.within(after, child)

    def _goes_on(self, number: int, child: Element | None, last: int, continuing: set[str | None]) -> bool:
        """Tell whether a line that stands beside the entries goes on with the one before it."""
        line = self._lines[number]
        if number < last:
            return True
        if line.alt is None and (line.title_like or parts.is_pager(line.clean) or parts.is_footer(line.clean)):
            return False
        tag = None if child is None else child.tag
        return tag in continuing or tag in _CONTINUING

    def _cut_flat(self, parent: Element, anchors: list[int], *, title_first: bool) -> list[Block]:
        under = [n for n in self._under(parent) if not self._page.headings[n]]
        inside = set(under)
        titles = {a: self._flat_title(a, inside, title_first=title_first) for a in anchors}
        known = {t for t in titles.values() if t is not None}
        marks = {self._title_mark(t) for t in known if self._lines[t].title_like}
        starts: dict[int, tuple[int | None, int | None]] = {}
        for anchor, title in titles.items():
            begin = min(anchor, title if title is not None else anchor)
            starts[self._with_pictures(begin, under)] = (anchor, title)
        last = max(anchors)
        for number in under:
            if number < last and number not in known and self._is_undated_title(number, marks, under, titles, known):
                starts[self._with_pictures(number, under)] = (None, number)
        blocks: list[Block] = []
        tail_tags: set[str | None] = set()
        for number in under:
            if number in starts:
                blocks.append(Block([number], *starts[number]))
            elif blocks:
                tag = self._child_tag(number, parent)
                past = number > max(last, blocks[-1].title or 0)
                if past and not self._goes_on_flat(number, tag, tail_tags, marks):
                    break
                if not past:
                    tail_tags.add(tag)
                blocks[-1].numbers.append(number)
        return blocks

    def _child_tag(self, number: int, parent: Element) -> str | None:
        child = self._child(number, parent)
        return None if child is None else child.tag

    def _goes_on_flat(
        self, number: int, tag: str | None, tail_tags: set[str | None], marks: set[tuple[object, ...]]
    ) -> bool:
        line = self._lines[number]
        if line.alt is not None:
            return True
        if parts.is_pager(line.clean) or parts.is_footer(line.clean) or self._title_mark(number) in marks:
            return False
        if line.title_like and not self._ends_summary(number):
            return False
        return tag in tail_tags or tag in _CONTINUING

    def _ends_summary(self, number: int) -> bool:
        """Tell whether a title-like line past the last dateline is a link at the end of the text."""
        line = self._lines[number]
        return not line.heading and not line.bold and not line.new_paragraph

    def _flat_title(self, anchor: int, inside: set[int], *, title_first: bool) -> int | None:
        step = -1 if title_first else 1
        near = [n for side in (step, -step) for n in self._page.near(anchor, side) if n in inside]
        titles = [n for n in near if self._lines[n].title_like]
        plain = [n for n in self._page.near(anchor, step)[:1] if n in inside and not self._lines[n].dated]
        return next(iter([*titles, *plain]), None)

    def _title_mark(self, number: int) -> tuple[object, ...]:
        line = self._lines[number]
        return line.heading, line.bold, line.linked, line.el.tag, line.el.names

    def _is_undated_title(
        self,
        number: int,
        marks: set[tuple[object, ...]],
        under: list[int],
        titles: dict[int, int | None],
        known: set[int],
    ) -> bool:
        line = self._lines[number]
        if not line.title_like or self._title_mark(number) not in marks or number < under[0]:
            return False
        after = self._page.text(number, 1)
        # Two title lines in a row are one title in two lines; a caption may be marked like a title.
        return after is not None and after not in titles and after not in known and not self._lines[after].title_like

    def _with_pictures(self, number: int, under: list[int]) -> int:
        """Return the first of the pictures (and their captions) that stand right before a title."""
        place = bisect_left(under, number)
        while place > 0 and self._lines[under[place - 1]].illustrates and under[place - 1] == under[place] - 1:
            place -= 1
        if (
            place > 1
            and under[place - 2] == under[place] - 2
            and self._is_caption_before(under[place - 1], under[place - 2])
        ):
            place -= 2
        return under[place]

    def _is_caption_before(self, caption: int, picture: int) -> bool:
        """Tell whether a line between a picture and a title belongs to the picture."""
        line, image = self._lines[caption], self._lines[picture]
        if (
            not image.illustrates
            or line.alt is not None
            or line.furniture
            or line.dated is not None
            or len(line.clean) > LONGEST_CAPTION
        ):
            return False
        return line.el is image.el or line.el.tag == "figcaption" or line.clean == image.alt or line.small
