"""From a block's lines to its parts: title, dateline, caption, link, summary."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from psgcrawl import urls
from psgcrawl.layouts import parts
from psgcrawl.layouts.html.blocks import Block
from psgcrawl.layouts.html.elements import Element, common
from psgcrawl.layouts.html.lines import Line
from psgcrawl.records import Dated, Kind, ListName, RawEntry

_LONGEST_CAPTION: Final = 160
_UNDATED: Final = Dated()
_OFTEN: Final = 3
"""Entries from which on a link of the same words in each of them is furniture."""


def read_block(
    lines: Sequence[Line], block: Block, *, title_first: bool, kind: Kind, name: ListName | None
) -> RawEntry | None:
    """Return the entry in ``block``, or None where it has no title."""
    return _Reader(lines, block, title_first=title_first).entry(kind, name)


def repeated_links(lines: Sequence[Line], blocks: Iterable[Block]) -> frozenset[str]:
    """Return the words of the links that stand alone in a line of at least three blocks."""
    counts: dict[str, int] = {}
    for block in blocks:
        links = [n for n in block.numbers if lines[n].linked and n != block.title and _is_bare_link(lines[n])]
        for words in {parts.words(lines[n].clean) for n in links}:
            counts[words] = counts.get(words, 0) + 1
    return frozenset([words for words, count in counts.items() if count >= _OFTEN])


def _is_bare_link(line: Line) -> bool:
    return line.linked and line.alt is None and line.dated is None and not line.wrapped and not line.heading


class _Reader:
    def __init__(self, lines: Sequence[Line], block: Block, *, title_first: bool) -> None:
        self._all = lines
        anchor = block.anchor
        # Both in page order.
        self._texts = [n for n in block.numbers if lines[n].alt is None and n != anchor]
        # Icons that lead on ("Read more") illustrate nothing.
        others = len(block.numbers) - len(self._texts)
        pictured = others > 1 or (others == 1 and anchor not in block.numbers)
        self._pictures = [n for n in block.numbers if lines[n].illustrates] if pictured else []
        self._block = block
        self._around: Counter[Element] | None = None
        """How many lines of text of the block each element holds; counted when it is asked for."""
        self._title_first = title_first
        self._alts = {lines[n].alt for n in self._pictures} if self._pictures else set()

    def entry(self, kind: Kind, name: ListName | None) -> RawEntry | None:
        lines, titles = self._all, self._titles()
        # Spaces alone: control characters are no white space, and are flagged.
        title = " ".join([lines[n].clean for n in titles]).strip(" ")
        if not title:
            return None
        rest = [n for n in self._texts if n not in titles]
        captions = self._captions(titles, rest)
        href = self._href(titles)
        set_apart, first = set(captions), titles[0]
        # A heading above the entry is of the list, not of the entry.
        body = [
            n
            for n in rest
            if n not in set_apart
            and not (n < first and lines[n].heading)
            and not (lines[n].linked and self._leads_back(n, href))
        ]
        anchor = self._block.anchor
        dateline = None if anchor is None else lines[anchor]
        caption = " ".join([lines[n].clean for n in captions]) if captions else self._alternative_text()
        return RawEntry(
            kind=kind,
            list=name,
            title=title,
            # The list item in which the entry itself stands, if it stands in one, is none of its own.
            summary=compose(lines, body, lines[first].li, title),
            dateline=None if dateline is None else dateline.clean,
            href=href,
            caption=caption or None,
            dated=(None if dateline is None else dateline.dated) or _UNDATED,
        )

    # --- the title -------------------------------------------------------------------

    def _titles(self) -> list[int]:
        first = self._block.title if self._block.title is not None else self._title()
        if first is None:
            return []
        # One heading or one link over two lines is one title.
        owner = self._owner(first)
        found = [first]
        if owner is None:
            return found
        texts = set(self._texts)
        for step in (-1, 1):
            near = first + step
            while near in texts and self._owner(near) is owner:
                found.append(near)
                near += step
        return sorted(found)

    def _owner(self, number: int) -> Element | None:
        line = self._all[number]
        if line.heading:
            return line.el
        return line.links[0] if len(line.links) == 1 and line.linked and not line.wrapped else None

    def _title(self) -> int | None:
        anchor = self._block.anchor
        if anchor is None:
            return next((n for n in self._texts if self._all[n].title_like), None)
        place = bisect_left(self._texts, anchor)
        before, after = self._texts[:place][::-1], self._texts[place:]
        first, second = (before, after) if self._title_first else (after, before)
        for near in (first[:2], second[:1]):
            liked = [n for n in near if self._all[n].title_like]
            if liked:
                return self._best(liked)
        # Text on the other side is the summary of an entry that has no title.
        return next((n for n in first if not self._may_be_caption(n)), first[0] if first else None)

    def _best(self, numbers: list[int]) -> int:
        """Of two lines that look like titles a heading is the title, else the nearer one."""
        return next((n for n in numbers if self._all[n].heading), numbers[0])

    def _leads_back(self, number: int, href: str | None) -> bool:
        """Tell whether a line is nothing but a link that many entries have, or one to the entry's own page."""
        line = self._all[number]
        if not _is_bare_link(line):
            return False
        if parts.words(line.clean) in self._block.repeated:
            return True
        hrefs = {(link.href or "").partition("#")[0] for link in line.links}
        return href is not None and hrefs == {href.partition("#")[0]}

    # --- caption and link ------------------------------------------------------------

    def _captions(self, titles: list[int], rest: list[int]) -> list[int]:
        anchor = self._block.anchor
        short = [n for n in rest if len(self._all[n].clean) <= _LONGEST_CAPTION and not self._all[n].furniture]
        if not short:
            return []
        begin = max(titles[-1], anchor if anchor is not None else -1)
        said = {n for n in short if self._is_said_caption(n)}
        above = {n for n in short if n < begin and not self._all[n].heading and not self._is_link(n)}
        set_by = {n for n in short if n > begin and any(self._belongs_to(n, p) for p in self._next_to(n))}
        # An entry does not consist of a caption: where nothing else is left, it is the text.
        if all(n < begin or n in said or n in set_by or self._all[n].furniture for n in rest):
            set_by = set()
        return sorted(said | above | set_by)

    def _is_link(self, number: int) -> bool:
        return self._all[number].linked and not self._all[number].wrapped

    def _may_be_caption(self, number: int) -> bool:
        near = any(self._belongs_to(number, picture) for picture in self._next_to(number))
        return len(self._texts) > 1 and (near or self._is_said_caption(number))

    def _next_to(self, number: int) -> list[int]:
        """Return the pictures that stand nearest before and after a line."""
        place = bisect_left(self._pictures, number)
        return self._pictures[max(0, place - 1) : place + 1]

    def _is_said_caption(self, number: int) -> bool:
        """Tell whether the page says that a line is a caption: by its element, its class or the picture's words."""
        line = self._all[number]
        if line.el.tag in {"figcaption", "caption"} or _is_called_caption(line):
            return True
        return line.clean in self._alts

    def _belongs_to(self, number: int, picture: int) -> bool:
        """Tell whether a line is the caption of a picture: small print below it, or alone with it."""
        line = self._all[number]
        if self._all[picture].alt:  # it has its words already
            return False
        # Lines are numbered through the page: what is between them is few or too far.
        low, high = sorted((number, picture))
        if any(self._all[n].alt is None for n in range(low + 1, high)):
            return False
        if number > picture and line.small:
            return True
        return self._alone_together(number, picture)

    def _alone_together(self, number: int, picture: int) -> bool:
        """Tell whether some element within the entry holds the picture, the line and no other text."""
        own = self._texts if self._block.anchor is None else [*self._texts, self._block.anchor]
        if self._around is None:
            self._around = Counter(el for n in own for el in self._all[n].el.around)
        el = common(self._all[picture].el, self._all[number].el)
        return len(own) > 1 and self._around[el] == 1

    def _alternative_text(self) -> str:
        return next((alt for n in self._pictures if (alt := self._all[n].alt)), "") if self._pictures else ""

    def _href(self, titles: list[int]) -> str | None:
        """Return the entry's own link: the title's, else "Read more", else any link to a detail page."""
        for n in titles:
            if urls.names_page(self._all[n].href):
                return self._all[n].href
        more = (
            line.href
            for n in self._block.numbers
            if (line := self._all[n]).linked and parts.leads_on(line.alt or line.clean)
        )
        inline = (
            run.link.href
            for n in self._texts
            for run in self._all[n].runs
            if run.link is not None and parts.leads_on(run.text)
        )
        links = [href for n in self._block.numbers if (href := self._all[n].href)]
        details = (href for href in links if urls.link_identity(urls.canonical(href, None), None))
        said = chain(more, inline, details)
        return next((href for href in said if urls.names_page(href)), None)


def _is_called_caption(line: Line) -> bool:
    names = [line.el.names, *(run.inline.get("class") for run in line.runs if run.inline is not None)]
    return any("caption" in name.lower() for name in names if name)


def compose(lines: Sequence[Line], numbers: Sequence[int], frame: Element | None, title: str = "") -> str:
    r"""Return running text: paragraphs by blank lines, lines by ``\n``, list items after ``- ``.

    :param frame: the list item that is the entry itself; lines in other items are of lists in its text.
    :param title: the entry's; "Continue reading" may repeat it.
    """
    out: list[str] = []
    item: Element | None = None
    for number in numbers:
        line = lines[number]
        shown = _without_more(line, title) if line.links else line.clean
        if not shown:
            continue
        li = line.li if line.li is not frame else None
        if li is not None and li is not item:
            out.append(("\n" if item is not None and li.parent is item.parent else "\n\n") + "- " + shown)
        elif line.new_paragraph and not (li is not None and li is item):
            out.append("\n\n" + shown)
        else:
            out.append("\n" + shown)
        item = li
    return "".join(out).strip("\n")


def _without_more(line: Line, title: str) -> str:
    """Return the text of a line with links, without "Read more" at its end; nothing for such a link alone."""
    runs = [run for run in line.runs if run.text.strip()]
    link = runs[-1].link if runs else None
    if link is None:
        return line.clean
    label = "".join(run.text for run in runs if run.link is link)
    unsaid = parts.words(label).removesuffix(parts.words(title)) if title else label
    if not (parts.says_more(runs[-1].text) or (unsaid and parts.says_more(unsaid))):
        return line.clean
    if line.furniture:
        return ""
    tail = "".join(run.text for run in line.runs).rstrip()
    said = runs[-1].text if parts.says_more(runs[-1].text) and not parts.says_more(unsaid) else label
    cut = tail[: len(tail) - len(said.rstrip())]
    return cut.rstrip(" \n\t\r\u00a0[(|>»")
