"""Which datelines date an entry, and under which elements the entries are listed.

Datelines are the anchors of an HTML page. Their lists are found by repetition: the
element under which most of them stand in children of their own.
"""

from collections import Counter
from itertools import chain, pairwise

from psgcrawl.layouts.html.elements import Element, common
from psgcrawl.layouts.html.neighbours import LONGEST_CAPTION, Neighbours

Children = dict[int, Element | None]
"""The anchors of one list, each with the child of the list that is its own; None for a line among others."""


def find_lists(page: Neighbours) -> dict[Element, Children]:
    """Return the elements that are lists of entries, each with its anchors."""
    return _Finder(page).lists()


class _Finder:
    def __init__(self, page: Neighbours) -> None:
        self._page = page
        self._lines = page.lines
        self._chains: dict[int, tuple[Element, ...]] = {}
        """By dateline, the elements around it, from the innermost out."""

    def lists(self) -> dict[Element, Children]:
        found = self._anchors()
        self._chains = {anchor: self._page.chain(anchor) for anchor in found}
        inside = self._count(found)
        anchors = self._without_events(found, inside)
        if len(anchors) < len(found):
            inside = self._count(anchors)
        choices = {a: self._choices(a, inside) for a in anchors}
        votes: Counter[Element] = Counter(parent for options in choices.values() for _, parent in options)
        by_parent: dict[Element, Children] = {}
        for anchor, options in choices.items():
            child, parent = options[0] if len(options) == 1 else max(reversed(options), key=lambda one: votes[one[1]])
            by_parent.setdefault(parent, {})[anchor] = child
        return by_parent

    def _count(self, anchors: list[int]) -> Counter[Element]:
        """Return how many of these lines each element holds."""
        return Counter(chain.from_iterable([self._chains[anchor] for anchor in anchors]))

    # --- which datelines are anchors -------------------------------------------------

    def _anchors(self) -> list[int]:
        """Return the datelines that date an entry, not an event within its text.

        Such a one is next to something that looks like a title. On a page where nothing
        does, each that opens a paragraph or is second in it counts.
        """
        candidates = [n for n, line in enumerate(self._lines) if line.dated and self._page.usable[n] and self._opens(n)]
        # A caption may stand between title and dateline; without a picture it is believed
        # only where no dateline is right next to a title, or where it is set as those are.
        strong = [n for n in candidates if self._title_next_to(n)]
        if len(strong) == len(candidates) > 0:  # as on nearly every page
            self._page.captioned = False
            return strong
        sure = set(strong)
        loose = [n for n in candidates if n not in sure and self._title_next_to(n, unpictured=True)]
        if not strong:
            # One alone may have the heading of the whole list two lines above it.
            self._page.captioned = len(loose) > 1 and len(loose) * 2 > len(candidates)
            return loose if self._page.captioned else candidates
        marks = {self._mark(n) for n in strong}
        captioned = [n for n in loose if self._mark(n) in marks]
        self._page.captioned = bool(captioned)
        strong = sorted([*strong, *captioned])
        # Among lists a dateline whose neighbours are plain still counts where it is set
        # in the very element (tag and class) in which the others are.
        sure.update(captioned)
        plain = [n for n in candidates if n not in sure and self._mark(n) in marks and self._lines[n].el.names]
        return sorted([*strong, *plain])

    def _without_events(self, anchors: list[int], inside: Counter[Element]) -> list[int]:
        """Drop datelines that stand below the one of their own entry: the day of an event.

        Such a one is in the same element as the one before it, has no title of its own
        there, and an element like that beside it holds one dateline only.
        """
        # How many elements of one tag under one parent hold one dateline.
        single = Counter[tuple[Element | None, object]](
            (el.parent, el.tag) for el, count in inside.items() if count == 1
        )
        kept: list[int] = []
        for anchor in anchors:
            both = common(self._lines[kept[-1]].el, self._lines[anchor].el) if kept else None
            if both is None or not self._is_event(anchor, both, single):
                kept.append(anchor)
        return kept

    def _is_event(self, anchor: int, both: Element, single: Counter[tuple[Element | None, object]]) -> bool:
        # ``both`` itself holds two.
        parent = both.parent
        if parent is None or not single[parent, both.tag]:
            return False
        around = self._chains[anchor]
        own = around[around.index(both) - 1] if around[0] is not both else None
        return own is None or not any(
            self._page.within(n, own) and self._lines[n].title_like
            for step in (-1, 1)
            for n in self._page.near(anchor, step)
        )

    def _mark(self, number: int) -> tuple[str, str | None, str | None]:
        el = self._lines[number].el
        return el.tag, el.names, None if el.parent is None else el.parent.tag

    def _opens(self, number: int) -> bool:
        """Tell whether a line is the first or the second of its paragraph."""
        place = 0
        while place <= 1 and number > 0 and not self._lines[number].new_paragraph:
            number -= 1
            if self._page.headings[number]:
                break
            place += self._lines[number].alt is None
        return place <= 1

    def _title_next_to(self, number: int, *, unpictured: bool = False) -> bool:
        titled = self._page.titled
        return titled(number, -1, unpictured=unpictured) or titled(number, 1, unpictured=unpictured)

    # --- which element is the list ---------------------------------------------------

    def _choices(self, anchor: int, inside: Counter[Element]) -> list[tuple[Element | None, Element]]:
        """Return what can be an anchor's own element, with its parent, from the inside out.

        Its own is what holds no other anchor, and at most one other line before it (a
        dateline is in the first or second paragraph of its entry). None stands for the
        line alone, among others in one element.
        """
        around = self._chains[anchor]
        if inside[around[0]] > 1:
            return [(None, around[0])]
        options: list[tuple[Element | None, Element]] = []
        for child, parent in pairwise(around):
            if inside[child] > 1 or (options and self._lines_before(anchor, child) > 1):
                break
            options.append((child, parent))
            if child.tag == "body":
                break
        return options or [(None, around[0])]

    def _lines_before(self, anchor: int, el: Element) -> int:
        page, numbers = self._page, self._page.numbers
        count, number = 0, page.before[anchor]
        if page.pictured and self._has_picture_before(anchor, el):
            count -= 1  # its caption
        while number is not None and el.number <= numbers[number] <= el.last:
            # Of the headings above it only the last can be its title.
            after = page.after[number]
            both = self._lines[number].heading and after is not None and self._lines[after].heading
            count += not both and not self._is_label_above(number, after)
            number = page.before[number]
            if count > 1:
                break
        return count

    def _is_label_above(self, number: int, after: int | None) -> bool:
        """Tell whether a line can be a caption above the title that follows it."""
        line = self._lines[number]
        short = not line.title_like and len(line.clean) <= LONGEST_CAPTION and not line.dated
        return short and not line.clean.endswith(".") and after is not None and self._lines[after].title_like

    def _has_picture_before(self, anchor: int, el: Element) -> bool:
        number = anchor - 1
        while number >= 0 and self._page.within(number, el):
            if self._lines[number].alt is not None:
                return True
            number -= 1
        return False
