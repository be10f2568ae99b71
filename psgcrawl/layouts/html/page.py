"""HTML listing pages of the PHP site, whatever their markup.

The site was redesigned more than once and its markup is not known, so nothing here
goes by class names: an entry is a repeated block with a dateline, a title and running
text, most often with a link to its detail page.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter, methodcaller
from typing import Final

from lxml import etree

from psgcrawl import site, urls
from psgcrawl.layouts import parts
from psgcrawl.layouts.html.blocks import Block, EntryList, find_entries
from psgcrawl.layouts.html.boilerplate import find_boilerplate
from psgcrawl.layouts.html.elements import Element
from psgcrawl.layouts.html.entries import read_block, repeated_links
from psgcrawl.layouts.html.linedates import read_datelines
from psgcrawl.layouts.html.neighbours import Neighbours
from psgcrawl.layouts.html.rendering import rendered
from psgcrawl.layouts.html.tree import is_cut
from psgcrawl.layouts.reading import Reading
from psgcrawl.records import Kind, ListName, RawEntry, replace

LAYOUT: Final = "html-dated-blocks"
FIELDS: Final = ("caption", "dateline", "summary", "title", "url")

_LISTED_PROBLEMS: Final = 20
_rel: Final = methodcaller("get", "rel")
_text: Final = attrgetter("text")
_clean: Final = attrgetter("clean")
_chrome: Final = attrgetter("el.chrome")


def recognises(page: str) -> bool:
    """Tell whether ``page`` is HTML at all."""
    return (
        re.search(
            r"<(?:!doctype\s+html|html|head|body|div|p|ul|table|td|li|br|dl|h[1-6])\b", page[:65_536], re.IGNORECASE
        )
        is not None
    )


def read(page: str, root: etree._Element) -> Reading:
    """Read an HTML page; entries in page order, boilerplate where it stands.

    A page on which no entry has a dateline is not recognised.

    :param root: its tree, as :func:`~psgcrawl.layouts.html.tree.parse_plain` returns it
    """
    reading = _Page(root).reading()
    if not is_cut(page):
        return reading
    return replace(reading, problems=(*reading.problems, "truncation: the page never ends: it may have been cut"))


class _Page:
    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._problems: list[str] = []
        self._lines = read_datelines(rendered(root))
        self._base = next((str(el.get("href")) for el in root.iter("base") if el.get("href")), None)
        self._headings = parts.list_headings(map(_clean, self._lines))
        self._headed = [heading is not None for heading in self._headings]
        """Which lines are headings above a list."""

    def reading(self) -> Reading:
        usable = self._usable()
        lists = find_entries(Neighbours(self._lines, usable, self._headed))
        taken: set[int] = set()
        found: list[tuple[int, RawEntry]] = []
        sections = self._sections(lists)
        several = any(len(entry_list.blocks) > 1 for entry_list in lists)
        for entry_list in lists:
            repeated = repeated_links(self._lines, entry_list.blocks)
            for block in entry_list.blocks:
                block.repeated = repeated
                entry = self._entry(entry_list, block, sections)
                alone = several and len(entry_list.blocks) == 1
                if alone and entry is not None and self._is_stray(entry, block, sections):
                    continue  # the date is reported as one without an entry
                taken.update(block.numbers)
                if entry is not None:
                    found.append((block.numbers[0], entry))
        if not any(entry.dateline is not None for _, entry in found):
            self._problems.append("no layout recognises the page: nothing on it reads as a dated entry")
            return Reading(layout=None, problems=tuple(self._problems), next_href=self._next())
        free = [n for n, use in enumerate(usable) if use and n not in taken]
        self._report_unused(free, min(taken), max(taken))
        self._report_links(free)
        found += self._boilerplate(free)
        entries = tuple(entry for _, entry in sorted(found, key=lambda pair: pair[0]))
        return Reading(
            layout=LAYOUT, fields=FIELDS, entries=entries, problems=tuple(self._problems), next_href=self._next()
        )

    @staticmethod
    def _is_stray(entry: RawEntry, block: Block, sections: Mapping[int, ListName]) -> bool:
        """Tell whether a dateline apart from the lists dates nothing: today's date beside the site's name or menu."""
        if urls.is_detail_link(entry.href) or block.numbers[0] in sections:
            return False
        return not entry.summary or entry.title.casefold() == site.current().name.casefold()

    # --- what may be read at all -----------------------------------------------------

    def _usable(self) -> list[bool]:
        """Menus, forms, page headers and footers are nothing, unless they hold datelines."""
        chrome = list(map(_chrome, self._lines))
        if max(chrome, default=-1) < 0:
            return [True] * len(chrome)
        holding = {el for el, line in zip(chrome, self._lines, strict=True) if el >= 0 and line.dated}
        return [el < 0 or el in holding for el in chrome]

    # --- which list an entry is of ---------------------------------------------------

    def _sections(self, lists: Sequence[EntryList]) -> dict[int, ListName]:
        """Return, by the number of each block's first line, the heading under which it stands.

        A heading reigns over the smallest element around it that holds an entry, up to
        the next heading there.
        """
        if not any(self._headed):
            return {}
        starts = sorted(block.numbers[0] for entry_list in lists for block in entry_list.blocks)
        last = {el: start for start in starts for el in self._around(start)}
        sections: dict[int, ListName] = {}
        beyond = list(range(len(starts) + 1))
        """By place in ``starts``, where to look for the next one that no heading has."""
        # From the last heading on: those before it reign over what is left.
        for number, heading in reversed(list(enumerate(self._headings))):
            if heading is None:
                continue
            end = next((last[el] for el in self._around(number) if last.get(el, -1) > number), number)
            place = bisect_right(starts, number)
            while place < len(starts) and starts[place] <= end:
                if beyond[place] == place:
                    sections[starts[place]] = heading
                    beyond[place] = place + 1
                else:
                    beyond[place] = beyond[beyond[place]]
                place = beyond[place]
        return sections

    def _around(self, number: int) -> tuple[Element, ...]:
        return self._lines[number].el.around

    def _entry(self, entry_list: EntryList, block: Block, sections: Mapping[int, ListName]) -> RawEntry | None:
        name = sections.get(block.numbers[0])
        kind: Kind = "notice" if name == "notices" else "entry"
        entry = self._based(read_block(self._lines, block, title_first=entry_list.title_first, kind=kind, name=name))
        if entry is None:
            self._unread(block.numbers, "no title")
        return entry

    def _based(self, entry: RawEntry | None) -> RawEntry | None:
        """Complete an entry's link where the page names another base for its links."""
        if self._base is None or entry is None or entry.href is None:
            return entry
        return replace(entry, href=self._joined(entry.href))

    def _joined(self, href: str) -> str:
        return href if self._base is None else urls.joined(self._base, href)

    # --- nothing is dropped in silence -----------------------------------------------

    def _unread(self, numbers: Sequence[int], why: str) -> None:
        shown = " ".join(self._lines[n].clean for n in numbers if self._lines[n].clean)
        self._problems.append(f"unread block: {why}: {parts.quote(shown)}")

    def _report_unused(self, free: Sequence[int], first: int, last: int) -> None:
        unused = [n for n in free if self._lines[n].dated]
        amid = [n for n in unused if first < n < last]
        for number in amid[:_LISTED_PROBLEMS]:
            self._unread([number], "a dateline without an entry")
        if len(amid) > _LISTED_PROBLEMS:
            self._problems.append(f"unread block: {len(amid) - _LISTED_PROBLEMS} more datelines without an entry")
        apart = [self._lines[n].clean for n in unused if not first < n < last]
        if apart:
            # Today's date above the page, "last updated" below it.
            self._problems.append(f"stray date: {len(apart)} apart from the entries, the first {parts.quote(apart[0])}")

    def _report_links(self, free: Sequence[int]) -> None:
        lines = [self._lines[n] for n in free]
        left = [line.clean for line in lines if line.title_like and line.href and urls.is_detail_link(line.href)]
        if left:
            self._problems.append(
                f"stray link: {len(left)} to detail pages apart from the entries, the first {parts.quote(left[0])}"
            )

    def _boilerplate(self, free: Sequence[int]) -> Iterator[tuple[int, RawEntry]]:
        for block in find_boilerplate(self._lines, self._headed, free):
            entry = read_block(self._lines, block, title_first=True, kind="boilerplate", name="boilerplate")
            based = self._based(entry)
            if based is not None:
                yield block.numbers[0], based

    # --- the next page ---------------------------------------------------------------

    def _next(self) -> str | None:
        """Return the link to the next page of the list: as it stands in the page, but for its ``<base>``."""
        links = list(self._root.iter("a"))
        if any(map(_rel, chain(links, self._root.iter("link")))):
            for el in self._root.iter("a", "link"):
                if "next" in (el.get("rel") or "").lower().split() and el.get("href"):
                    return self._joined(str(el.get("href")))
        for el, begins in zip(links, map(_text, links), strict=True):
            # As of nearly all links, whatever else stands in them.
            if begins and begins[0] in parts.NEVER_NEXT:
                continue
            shown = "".join([str(piece) for piece in el.itertext()])
            if parts.leads_to_next(shown) and el.get("href"):
                return self._joined(str(el.get("href")))
        return None
