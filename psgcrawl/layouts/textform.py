"""The text form: a page as it is rendered to plain text, in which the oldest captures are kept.

A list item starts with ``•``, its further paragraphs are indented below it, nested
lists are indented deeper, headings between lists stand at the margin. Paragraphs are
separated by blank lines; two blank lines in a row are no boundary. There are no links
and no pictures: ``url`` and ``caption`` cannot be shown.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from psgcrawl import text
from psgcrawl.layouts import parts
from psgcrawl.layouts.reading import Reading
from psgcrawl.records import Kind, ListName, RawEntry

LAYOUT: Final = "text-list"
FIELDS: Final = ("dateline", "summary", "title")

_BULLET: Final = re.compile(r"( *)•(.*)\Z", re.DOTALL)
_NESTING: Final = 4
"""Indentation from which a bullet is of a list inside an entry; entries' own stand at 0 to 2."""


@dataclass(slots=True)
class _Block:
    """The lines of one list item: paragraphs of lines."""

    name: ListName | None
    """The list that the heading above it names."""
    paragraphs: list[list[str]] = field(default_factory=lambda: [[]])

    def add(self, line: str) -> None:
        if line:
            self.paragraphs[-1].append(line)
        elif self.paragraphs[-1]:
            self.paragraphs.append([])


def read(page: str) -> Reading:
    """Read a page in the text form; entries in page order.

    A block without dateline is boilerplate after the last dated block, and an entry
    before it. Where no block has a dateline the page is not recognised.
    """
    problems: list[str] = []
    blocks = [block for block in _blocks(page, problems) if any(block.paragraphs)]
    datelines = [_dateline_at(block.paragraphs) for block in blocks]
    dated = [number for number, place in enumerate(datelines) if place is not None]
    if not dated:
        return Reading(layout=None, problems=("no layout recognises the page: no block has a dateline",))
    title_first = _title_first([datelines[number] for number in dated])
    entries: list[RawEntry] = []
    for number, block in enumerate(blocks):
        place = _choose(block.paragraphs, title_first=title_first) if datelines[number] is not None else None
        entry = _entry(block, place, trailing=number > dated[-1])
        if entry is None:
            problems.append(f"unread block: a dateline without a title: {parts.quote(block.paragraphs[0][0])}")
        else:
            entries.append(entry)
    return Reading(layout=LAYOUT, fields=FIELDS, entries=tuple(entries), problems=tuple(problems))


def _blocks(page: str, problems: list[str]) -> list[_Block]:
    blocks: list[_Block] = []
    name: ListName | None = None
    within = False
    """Whether the lines are those of a list item."""
    for raw_line in re.split(r"\r\n|\r|\n", page):
        printed = raw_line.replace("\u00a0", " ").expandtabs(4)
        clean = text.spaced(printed)
        bullet = _BULLET.match(printed)
        if bullet and len(bullet[1]) < _NESTING:
            within = True
            blocks.append(_Block(name))
            blocks[-1].add(text.spaced(bullet[2]))
        elif within and (not clean or printed.startswith(" ")):
            blocks[-1].add("- " + text.spaced(bullet[2]) if bullet else clean)
        elif clean:
            heading = parts.list_heading(clean)
            if heading is None:
                problems.append(f"unread block: text outside the lists: {parts.quote(printed)}")
            if heading is not None or not printed.startswith(" "):
                within, name = False, heading
    return blocks


def _dateline_at(paragraphs: list[list[str]]) -> tuple[int, int] | None:
    """Return paragraph and line of the first dateline of a block, None where it has none.

    Only the first two lines of the first paragraph and the first of the second count:
    further down dates belong to the text (the day of an event).
    """
    return next(iter(_datelines_of(paragraphs)), None)


def _datelines_of(paragraphs: list[list[str]]) -> list[tuple[int, int]]:
    places = [(0, 0), (0, 1), (1, 0)]
    return [(p, n) for p, n in places if len(paragraphs) > p and len(paragraphs[p]) > n and _dated(paragraphs[p][n])]


def _dated(line: str) -> bool:
    return parts.read_dateline(line) is not None


def _title_first(places: list[tuple[int, int] | None]) -> bool:
    """Tell whether titles stand before datelines on most of the page (ties: before)."""
    return sum(1 if place != (0, 0) else -1 for place in places) >= 0


def _choose(paragraphs: list[list[str]], *, title_first: bool) -> tuple[int, int] | None:
    """Return the dateline of a block; of two (a title can be a date) the one where the page has its datelines."""
    places = _datelines_of(paragraphs)
    return (places[-1] if title_first else places[0]) if places else None


def _entry(block: _Block, place: tuple[int, int] | None, *, trailing: bool) -> RawEntry | None:
    paragraphs = [list(lines) for lines in block.paragraphs]
    dateline = paragraphs[place[0]].pop(place[1]) if place else None
    paragraphs = [lines for lines in paragraphs if lines]
    if not paragraphs:
        return None
    # A title is one line of a rendered page; where the dateline stood below it in one
    # paragraph, what else that paragraph holds is running text.
    first = paragraphs.pop(0)
    title, rest = (first[0], first[1:]) if place and place[0] == 0 and len(first) > 1 else (" ".join(first), [])
    kind: Kind = "boilerplate" if trailing and not place else "notice" if block.name == "notices" else "entry"
    return RawEntry(
        kind=kind,
        list=block.name,
        title=title,
        summary="\n\n".join("\n".join(lines) for lines in ([rest] if rest else []) + paragraphs),
        dateline=dateline,
    )
