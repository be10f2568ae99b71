"""Pages of one snapshot -> its entries, each once, and one row for each page.

Pages come with entries under base ids. Entries with one id are one if they are equal.
If they are not, the id decides: one that comes from a link is the same entry read
twice, so that the later capture wins and the other reading becomes a problem of its
page; one made from title and date (``x-…``) proves nothing, so all stay, told apart as
``id``, ``id-2``, ``id-3`` by their summaries.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress
from typing import Final

from msgspec import Struct

from psgcrawl.archive.filed import Filed, Part
from psgcrawl.archive.hashed import HashedIds
from psgcrawl.archive.jsonl import decoder, dump_lines, dumps, split
from psgcrawl.archive.manifest import ENTRIES, PAGES
from psgcrawl.archive.ordering import EARLIEST, ID, LATEST, Ordering, Placed
from psgcrawl.archive.pages import Glance
from psgcrawl.records import WHOLE_LISTS, Captured, Entry, ListName, ListView, Page, PageRow, WarcPlace, replace

HASHED: Final = "x-"
"""How ids begin that were made from title and date, for want of a link."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """What goes into ``entries.jsonl`` and ``pages.jsonl``."""

    entries: Filed[Entry]
    """In canonical order: see :mod:`psgcrawl.archive.ordering`."""
    rows: Filed[PageRow]
    """In the order of the pages."""

    @property
    def files(self) -> "Mapping[str, Filed[Entry] | Filed[PageRow]]":
        """The records of each file, by its name."""
        return {ENTRIES: self.entries, PAGES: self.rows}


class _Placed(Struct, frozen=True, gc=False):
    """That alone: of an entry that stands on disk it is read in a third of the time."""

    id: str
    date_earliest: str | None
    date_latest: str | None


def assemble(pages: Sequence[Page], places: Mapping[str, WarcPlace] | None = None) -> Assembled:
    """Return entries and rows of the snapshot that ``pages`` (in crawl order) form.

    Each id of a row's lists is that of one of the entries. What a page shows twice is
    twice in its list. ``newest`` and ``oldest`` say what the page itself printed.

    The pages are gone through two or three times, and never all in memory: of each entry that is a number. What is
    found under one id with several contents is held besides, and that is little.

    :param places: where in the snapshot's WARC the records are, by their ids; without them the rows name no record
    """
    final = _Final([page.entries for page in pages], lambda: [_time(page) for page in pages])
    with Ordering() as ordering:
        rows = Filed(PageRow, (_put(page, final, places, ordering) for page in pages))
        entries = Filed(Entry)
        entries.take(ordering)
    return Assembled(entries=entries, rows=rows)


def _put(page: Page, final: "_Final", places: Mapping[str, WarcPlace] | None, ordering: Ordering) -> PageRow:
    """Put the lines of what stands for a page's entries in order, and return its row."""
    printed, lines = _with_lines(page.entries)
    stand, theirs = final.of(printed, lines)
    problems = _other_readings(lines, theirs) if theirs is not lines else []
    ordering.extend(stand, theirs)
    return _row(page, printed, stand, problems, places)


def _with_lines(entries: Sequence[Entry]) -> tuple[Sequence[Placed], list[bytes]]:
    """Return what is asked of each entry, and its line with its end."""
    if isinstance(entries, Part):
        lines = entries.lines()
        return decoder(_Placed).decode_lines(b"".join(lines)), lines
    return entries, split(dump_lines(entries))


def identify(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of one page under their final ids, each once, in page order.

    Previews use it. In a snapshot of several pages an ``x-…`` id can get another number,
    because entries of other pages share it.
    """
    lines = split(dump_lines(entries))
    _, stand = _Final([entries], lambda: [""]).of(entries, lines)
    return [decoder(Entry).decode(line) for line in dict.fromkeys(stand)]


def span(pages: Iterable[Page | Glance] | Iterable[PageRow]) -> Captured:
    """Return the time from the first capture of ``pages`` to the last; ``to`` is null when one has no end.

    What was carried over was captured by another crawl, and does not count.

    :raises ValueError: for no pages
    """
    times = [page.captured for page in pages if page.carried_from is None]
    if not times:
        raise ValueError("a snapshot needs at least one page")
    ends = [time.until for time in times if time.until is not None]
    return Captured(since=min(time.since for time in times), until=max(ends) if len(ends) == len(times) else None)


def _time(page: Page) -> str:
    return page.captured.until or page.captured.since


Standing = tuple[Placed, bytes]
"""An entry and its line."""


class _Final:
    """Which entry stands for a reading in the end."""

    def __init__(self, pages: Sequence[Sequence[Entry]], times: Callable[[], Sequence[str]]) -> None:
        """Look through the readings of all pages, in their order.

        :param times: returns when each page was captured; not called where no id has several contents
        """
        self._numbered: dict[str, Mapping[bytes, Standing]] = {}
        """By ids made from title and date: what stands for each of the contents."""
        self._latest: dict[str, Standing] = {}
        """By ids that come from links."""
        several = _with_several_contents(pages)
        if not several:
            return
        contents: defaultdict[str, set[bytes]] = defaultdict(set)
        ranks: dict[str, str] = {}
        for time, page in zip(times(), pages, strict=True):
            for entry, line in zip(*_with_lines(page), strict=True):
                if entry.id not in several:
                    continue
                if entry.id.startswith(HASHED):
                    contents[entry.id].add(line)
                elif time >= ranks.get(entry.id, ""):
                    # Of several at one time, the last.
                    self._latest[entry.id], ranks[entry.id] = (entry, line), time
        self._numbered.update((id_, _number(found)) for id_, found in contents.items())

    def of(self, readings: Sequence[Placed], lines: list[bytes]) -> tuple[Sequence[Placed], list[bytes]]:
        """Return for each reading the entry that stands for it, and its line.

        :param lines: those of the readings; the same list is returned where they stand for themselves
        """
        if not (self._numbered or self._latest):
            return readings, lines
        stand = [self._one(reading, line) for reading, line in zip(readings, lines, strict=True)]
        return [entry for entry, _ in stand], [line for _, line in stand]

    def _one(self, reading: Placed, line: bytes) -> Standing:
        if reading.id in self._numbered:
            return self._numbered[reading.id][line]
        return self._latest.get(reading.id, (reading, line))


def _with_several_contents(pages: Sequence[Sequence[Entry]]) -> set[str]:
    """Return the ids under which there are readings that are not equal."""
    # Of each reading a number, of what is there twice a digest: a listing of a million entries fits into memory.
    twice = HashedIds(entry.id for page in pages for entry in _placed(page)).twice()
    first: dict[str, bytes] = {}
    several: set[str] = set()
    for page in pages if twice else ():
        for entry, line in zip(*_with_lines(page), strict=True):
            if hash(entry.id) in twice and entry.id not in several:
                content = sha256(line).digest()
                if first.setdefault(entry.id, content) != content:
                    several.add(entry.id)
    return several


def _placed(entries: Sequence[Entry]) -> Iterable[Placed]:
    return decoder(_Placed).decode_lines(b"".join(entries.lines())) if isinstance(entries, Part) else entries


def _number(distinct: Iterable[bytes]) -> dict[bytes, Standing]:
    """Return the entries of one id, by their lines, with their own ids."""
    found = {line: decoder(Entry).decode(line) for line in distinct}
    ordered = sorted(found.items(), key=lambda item: (item[1].summary.encode("utf-8"), item[0]))
    numbered = {
        line: entry if number == 1 else replace(entry, id=f"{entry.id}-{number}")
        for number, (line, entry) in enumerate(ordered, 1)
    }
    return {line: (entry, dumps(entry) + b"\n") for line, entry in numbered.items()}


def _row(
    page: Page,
    printed: Sequence[Placed],
    final: Sequence[Placed],
    problems: list[str],
    places: Mapping[str, WarcPlace] | None,
) -> PageRow:
    return PageRow(
        url=page.url,
        captured=page.captured,
        captured_basis=page.captured_basis,
        status=page.status,
        media_type=page.media_type,
        encoding=page.encoding,
        encoding_basis=page.encoding_basis,
        sha256=page.sha256,
        payload_digest=page.payload_digest,
        layout=page.layout,
        fields=list(page.fields),
        position=page.position,
        lists=_views(page, printed, final),
        problems=[*page.problems, *problems],
        carried_from=page.carried_from,
        warc=places[page.record] if places is not None and page.record is not None else None,
        memento=page.memento,
    )


def _views(page: Page, printed: Sequence[Placed], final: Sequence[Placed]) -> list[ListView]:
    """Return the lists in the order in which the page begins them."""
    names = dict.fromkeys(page.lists)
    if len(names) == 1:
        # As on most pages.
        return [_view(name, printed, final) for name in names]
    of_it = {name: [one == name for one in page.lists] for name in names}
    return [_view(name, list(compress(printed, these)), compress(final, these)) for name, these in of_it.items()]


def _view(name: ListName, printed: Sequence[Placed], final: Iterable[Placed]) -> ListView:
    """Return one list, of which the page printed that; ``final`` is what stands for it."""
    return ListView(
        name=name,
        whole=name in WHOLE_LISTS,
        newest=max(filter(None, map(EARLIEST, printed)), default=None),
        oldest=min(filter(None, map(LATEST, printed)), default=None),
        entries=list(map(ID, final)),
    )


def _other_readings(printed: Sequence[bytes], final: Sequence[bytes]) -> list[str]:
    """Say in words which entries of the page lost to a later reading, with both values of what differs.

    :param printed: the lines of its entries
    :param final: those of what stands for them
    """
    entry = decoder(Entry).decode
    lost = [(entry(one), entry(kept)) for one, kept in zip(printed, final, strict=True) if one != kept]
    return list(dict.fromkeys(_difference(one, kept) for one, kept in lost if not one.id.startswith(HASHED)))


def _difference(printed: Entry, kept: Entry) -> str:
    values = [(name, getattr(printed, name), getattr(kept, name)) for name in Entry.__struct_fields__]
    differ = [f"{name} {_quote(here)}, kept {_quote(there)}" for name, here, there in values if here != there]
    return f"another reading of {printed.id}: {'; '.join(differ)}"


def _quote(value: object) -> str:
    # Not ``repr``: which characters it escapes depends on the version of Python.
    return json.dumps(value, ensure_ascii=False)
