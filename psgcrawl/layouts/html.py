"""HTML listing pages of the PHP site, whatever their markup.

The site was redesigned more than once and its markup is not known, so nothing here
goes by class names: an entry is a repeated block with a dateline, a title and running
text, most often with a link to its detail page.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

from lxml.html import HtmlElement

from psgcrawl import site, urls
from psgcrawl.layouts import parts
from psgcrawl.layouts.blocks import Block, EntryList, Finder
from psgcrawl.layouts.entries import read_block, repeated_links
from psgcrawl.layouts.lines import collect, in_chrome
from psgcrawl.layouts.reading import Reading
from psgcrawl.layouts.tree import parse
from psgcrawl.records import Kind, ListName, RawEntry

LAYOUT: Final = "html-dated-blocks"
FIELDS: Final = ("caption", "dateline", "summary", "title", "url")

_RUNNING_TEXT: Final = 40
"""Characters from which a line is running text and not a label."""
_LONGEST_LABEL: Final = 120
"""Characters up to which a bold line can be a heading."""
_LISTED_PROBLEMS: Final = 20
_COUNTS: Final = " \n\t\r\u00a0()[]0123456789"
"""What may stand beside a link in a menu: how many pages it leads to."""
_NEXT: Final = frozenset(
    {"next", "next page", "older", "older entries", "older posts", "siguiente", "página siguiente"}
)
_NEXT_SIGNS: Final = frozenset({">", ">>", "»", "›", "→"})


def recognises(page: str) -> bool:
    """Tell whether ``page`` is HTML at all."""
    return (
        re.search(
            r"<(?:!doctype\s+html|html|head|body|div|p|ul|table|td|li|br|dl|h[1-6])\b", page[:65_536], re.IGNORECASE
        )
        is not None
    )


def read(page: str) -> Reading:
    """Read an HTML page; entries in page order, boilerplate where it stands.

    A page on which no entry has a dateline is not recognised.
    """
    return _Page(parse(page)).reading()


class _Page:
    def __init__(self, root: HtmlElement) -> None:
        self._root = root
        self._problems: list[str] = []
        self._lines = collect(root)
        self._base = next((str(el.get("href")) for el in root.iter("base") if el.get("href")), None)
        self._headings = [parts.list_heading(line.clean) for line in self._lines]

    def reading(self) -> Reading:
        usable = self._usable()
        lists = (
            Finder(self._lines, usable, [heading is not None for heading in self._headings]).find()
            if any(usable)
            else []
        )
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
        self._report_unused(taken, usable)
        found += self._boilerplate(taken, usable)
        entries = tuple(entry for _, entry in sorted(found, key=lambda pair: pair[0]))
        return Reading(
            layout=LAYOUT, fields=FIELDS, entries=entries, problems=tuple(self._problems), next_href=self._next()
        )

    @staticmethod
    def _is_stray(entry: RawEntry, block: Block, sections: Mapping[int, ListName]) -> bool:
        """Tell whether a dateline apart from the lists dates nothing: today's date beside the site's name or menu."""
        detail = urls.link_identity(urls.canonical(entry.href, None), None)
        return not entry.summary and detail is None and block.numbers[0] not in sections

    # --- what may be read at all -----------------------------------------------------

    def _usable(self) -> list[bool]:
        """Menus, forms, page headers and footers are nothing, unless they hold datelines."""
        chrome = [in_chrome(line) for line in self._lines]
        holding = {el for el, line in zip(chrome, self._lines, strict=True) if el is not None and line.dated}
        return [el is None or el in holding for el in chrome]

    # --- which list an entry is of ---------------------------------------------------

    def _sections(self, lists: Sequence[EntryList]) -> dict[int, ListName]:
        """Return, by the number of each block's first line, the heading under which it stands.

        A heading reigns over the smallest element around it that holds an entry, up to
        the next heading there.
        """
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

    def _around(self, number: int) -> list[HtmlElement]:
        own = self._lines[number].el
        return [own, *own.iterancestors()]

    def _within(self, number: int, el: HtmlElement) -> bool:
        own = self._lines[number].el
        return el is own or el in own.iterancestors()

    def _entry(self, entry_list: EntryList, block: Block, sections: Mapping[int, ListName]) -> RawEntry | None:
        name = sections.get(block.numbers[0])
        kind: Kind = "notice" if name == "notices" else "entry"
        entry = self._based(read_block(self._lines, block, title_first=entry_list.title_first, kind=kind, name=name))
        if entry is None:
            self._unread(block.numbers, "no title")
        return entry

    def _based(self, entry: RawEntry | None) -> RawEntry | None:
        """Complete an entry's link where the page names another base for its links."""
        if entry is None or entry.href is None:
            return entry
        return replace(entry, href=self._joined(entry.href))

    def _joined(self, href: str) -> str:
        if self._base is None:
            return href
        try:
            return urljoin(self._base, href)
        except ValueError:
            return href

    # --- nothing is dropped in silence -----------------------------------------------

    def _unread(self, numbers: Sequence[int], why: str) -> None:
        shown = " ".join(self._lines[n].clean for n in numbers if self._lines[n].clean)
        self._problems.append(f"unread block: {why}: {parts.quote(shown)}")

    def _report_unused(self, taken: set[int], usable: Sequence[bool]) -> None:
        unused = [n for n, line in enumerate(self._lines) if line.dated and usable[n] and n not in taken]
        for number in unused[:_LISTED_PROBLEMS]:
            self._unread([number], "a dateline without an entry")
        if len(unused) > _LISTED_PROBLEMS:
            self._problems.append(f"unread block: {len(unused) - _LISTED_PROBLEMS} more datelines without an entry")

    # --- boilerplate -----------------------------------------------------------------

    def _boilerplate(self, taken: set[int], usable: Sequence[bool]) -> list[tuple[int, RawEntry]]:
        """Return what has a heading and running text outside the entries."""
        free = [n for n, line in enumerate(self._lines) if n not in taken and usable[n]]
        found: list[tuple[int, RawEntry]] = []
        place = 0
        while place < len(free):
            body = self._body(free, place) if self._may_head(free[place]) else []
            if any(self._is_running(n) for n in body):
                block = Block([free[place], *body], anchor=None, title=free[place])
                entry = self._based(
                    read_block(self._lines, block, title_first=True, kind="boilerplate", name="boilerplate")
                )
                if entry is not None:
                    found.append((free[place], entry))
                place += len(body)
            place += 1
        return found

    def _may_head(self, number: int) -> bool:
        line = self._lines[number]
        home = (line.href or "").rstrip("/") in {"", "."} or urls.canonical(line.href, None) == f"https://{site.HOST}/"
        site_name = line.href is not None and home
        return line.title_like and self._headings[number] is None and not line.dated and not site_name

    def _body(self, free: Sequence[int], place: int) -> list[int]:
        """Return the lines below a heading: next to it, up to the next heading or the end of its element."""
        head = free[place]
        body: list[int] = []
        around: HtmlElement | None = None
        for near in free[place + 1 :]:
            line = self._lines[near]
            if line.alt is not None:
                if around is not None and self._within(near, around):
                    body.append(near)
                continue
            if self._text_between(body[-1] if body else head, near) or self._leaves_menu(head, near):
                break
            if (
                self._headings[near] is not None
                or line.heading
                or parts.is_footer(line.clean)
                or parts.is_pager(line.clean)
            ):
                break
            if around is None:
                around = self._common(head, near)
            elif not self._within(near, around):
                break
            if line.title_like and (self._is_like(near, head) or (not line.linked and self._heads_next(near))):
                break
            if line.linked and line.title_like and self._is_menu(near):
                break
            body.append(near)
        return body

    def _is_like(self, number: int, head: int) -> bool:
        """Tell whether a line is set as a heading is: it heads the next block."""
        line, other = self._lines[number], self._lines[head]
        mark, own = ((x.el.tag, x.el.get("class"), x.heading, x.bold, x.linked, x.wrapped) for x in (line, other))
        return mark == own or line.el.tag == "dt"

    def _leaves_menu(self, head: int, near: int) -> bool:
        """Tell whether the head is a link in a list, and a line stands outside of that item."""
        item = self._lines[head].li
        return item is not None and self._lines[head].linked and not self._within(near, item)

    def _text_between(self, first: int, second: int) -> bool:
        return any(self._lines[n].alt is None for n in range(first + 1, second))

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
        return near.linked or (near.el.getparent() is self._lines[number].el.getparent() and self._is_running(after))

    def _common(self, first: int, second: int) -> HtmlElement:
        chain = {self._lines[first].el, *self._lines[first].el.iterancestors()}
        own = self._lines[second].el
        return next(el for el in (own, *own.iterancestors()) if el in chain)

    def _is_running(self, number: int) -> bool:
        line = self._lines[number]
        if line.alt is not None or (line.linked and not line.wrapped):
            return False
        beside = "".join(run.text for run in line.runs if run.link is None).strip(_COUNTS)
        if line.li is not None and line.href and not beside:
            return False  # "Mining (12)"
        return len(line.clean) >= _RUNNING_TEXT or line.li is not None or line.clean.endswith((".", "!", "?", "…"))

    # --- the next page ---------------------------------------------------------------

    def _next(self) -> str | None:
        """Return the link to the next page of the list: as it stands in the page, but for its ``<base>``."""
        for el in self._root.iter("a", "link"):
            if "next" in (el.get("rel") or "").lower().split() and el.get("href"):
                return self._joined(str(el.get("href")))
        for el in self._root.iter("a"):
            shown = "".join(el.itertext()).strip()
            if el.get("href") and (parts.words(shown) in _NEXT or shown in _NEXT_SIGNS):
                return self._joined(str(el.get("href")))
        return None
