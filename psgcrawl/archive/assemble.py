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
from functools import lru_cache
from hashlib import sha256
from itertools import compress
from operator import attrgetter
from typing import Final, Protocol

from msgspec import Struct

from psgcrawl.archive.filed import Filed, Part
from psgcrawl.archive.hashed import HashedIds
from psgcrawl.archive.jsonl import decoder, dump_lines, dumps
from psgcrawl.archive.manifest import ENTRIES, PAGES
from psgcrawl.archive.sorting import Sorter
from psgcrawl.records import WHOLE_LISTS, Captured, Entry, ListName, ListView, Page, PageRow, WarcPlace, replace

HASHED: Final = "x-"
"""How ids begin that were made from title and date, for want of a link."""

# Written in C: half of the time of functions of one line, and all entries of a crawl go through them.
_ID: Final = attrgetter("id")
_EARLIEST: Final = attrgetter("date_earliest")
_LATEST: Final = attrgetter("date_latest")


@dataclass(frozen=True, slots=True)
class Assembled:
    """What goes into ``entries.jsonl`` and ``pages.jsonl``."""

    entries: Filed[Entry]
    """In canonical order: see :func:`canonical`."""
    rows: Filed[PageRow]
    """In the order of the pages."""

    @property
    def files(self) -> "Mapping[str, Filed[Entry] | Filed[PageRow]]":
        """The records of each file, by its name."""
        return {ENTRIES: self.entries, PAGES: self.rows}


class Placed(Protocol):
    """What is asked of an entry to put it in its place; entries have it."""

    @property
    def id(self) -> str:
        """Its identity."""

    @property
    def date_earliest(self) -> str | None:
        """The first day that its date allows."""

    @property
    def date_latest(self) -> str | None:
        """The last day that it allows."""


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
    with Sorter() as sorter:
        rows = Filed(PageRow, (_put(page, final, places, sorter) for page in pages))
        entries = Filed(Entry)
        entries.take(line[line.index(_BEHIND) + 1 :] + b"\n" for line in sorter)
    return Assembled(entries=entries, rows=rows)


def _put(page: Page, final: "_Final", places: Mapping[str, WarcPlace] | None, sorter: Sorter) -> PageRow:
    """Put the lines of what stands for a page's entries in order, and return its row."""
    printed, lines = _with_lines(page.entries)
    stand, theirs = final.of(printed, lines)
    problems = _other_readings(lines, theirs) if theirs is not lines else []
    sorter.extend([place(entry) + line[:-1] for entry, line in zip(stand, theirs, strict=True)])
    return _row(page, printed, stand, problems, places)


def _with_lines(entries: Sequence[Entry]) -> tuple[Sequence[Placed], list[bytes]]:
    """Return what is asked of each entry, and its line with its end."""
    if isinstance(entries, Part):
        lines = entries.lines()
        return decoder(_Placed).decode_lines(b"".join(lines)), lines
    return entries, dump_lines(entries).splitlines(keepends=True)


_BEHIND_ID: Final = "\t"
_BEHIND: Final = _BEHIND_ID.encode()
"""Stands between an entry's place and its line. No id holds one (:func:`psgcrawl.urls.link_identity`)."""
_DAYS: Final = str.maketrans("0123456789", "9876543210")


def place(entry: Placed) -> bytes:
    """Return what stands in the order of its bytes where ``entry`` stands in canonical order (:func:`canonical`)."""
    # Code points sort like the bytes of their UTF-8.
    return f"{_backwards(entry.date_earliest)} {entry.id}{_BEHIND_ID}".encode()


@lru_cache(4096)
def _backwards(day: str | None) -> str:
    """Return what stands in front of what later days give, and none behind all."""
    return "~" if day is None else day.translate(_DAYS)


def identify(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of one page under their final ids, each once, in page order.

    Previews use it. In a snapshot of several pages an ``x-…`` id can get another number,
    because entries of other pages share it.
    """
    lines = dump_lines(entries).splitlines(keepends=True)
    _, stand = _Final([entries], lambda: [""]).of(entries, lines)
    return [decoder(Entry).decode(line) for line in dict.fromkeys(stand)]


def canonical(entries: Sequence[Entry]) -> list[Entry]:
    """Return ``entries`` by ``date_earliest`` descending, those without last, then by the bytes of ``id``."""
    # Code points sort like the bytes of their UTF-8.
    by_id = sorted(entries, key=_ID)
    return sorted(by_id, key=lambda entry: entry.date_earliest or "", reverse=True)


def span(pages: Sequence[Page] | Sequence[PageRow]) -> Captured:
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
    return [_view(name, [one == name for one in page.lists], printed, final) for name in dict.fromkeys(page.lists)]


def _view(name: ListName, of_it: list[bool], shown: Sequence[Placed], final: Sequence[Placed]) -> ListView:
    """Return one list; ``of_it`` says of each entry of the page whether it is in it."""
    printed = list(compress(shown, of_it))
    return ListView(
        name=name,
        whole=name in WHOLE_LISTS,
        newest=max(filter(None, map(_EARLIEST, printed)), default=None),
        oldest=min(filter(None, map(_LATEST, printed)), default=None),
        entries=list(map(_ID, compress(final, of_it))),
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
