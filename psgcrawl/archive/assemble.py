"""Pages of one snapshot -> its entries, each once, and one row for each page.

Pages come with entries under base ids. Entries with one id are one if they are equal.
If they are not, the id decides: one that comes from a link is the same entry read
twice, so that the later capture wins and the other reading becomes a problem of its
page; one made from title and date (``x-…``) proves nothing, so all stay, told apart as
``id``, ``id-2``, ``id-3`` by their summaries.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from psgcrawl.archive.jsonl import dumps
from psgcrawl.records import Captured, Entry, ListName, ListView, Page, PageRow, WarcPlace, replace

HASHED: Final = "x-"
"""How ids begin that were made from title and date, for want of a link."""

# Written in C: half of the time of functions of one line, and all entries of a crawl go through them.
_ID: Final = attrgetter("id")
_EARLIEST: Final = attrgetter("date_earliest")
_LATEST: Final = attrgetter("date_latest")

WHOLE_LISTS: Final = frozenset({"notices", "boilerplate"})
"""Lists of which a page shows all; of the others it shows a part."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """What goes into ``entries.jsonl`` and ``pages.jsonl``."""

    entries: list[Entry]
    """In canonical order: see :func:`canonical`."""
    rows: list[PageRow]
    """In the order of the pages."""


def assemble(pages: Sequence[Page], places: Mapping[str, WarcPlace] = MappingProxyType({})) -> Assembled:
    """Return entries and rows of the snapshot that ``pages`` (in crawl order) form.

    Each id of a row's lists is that of one of the entries. What a page shows twice is
    twice in its list. ``newest`` and ``oldest`` say what the page itself printed.

    :param places: where in the snapshot's WARC the records are, by their ids
    """
    readings = [entry for page in pages for entry in page.entries]
    final = _final_entries(readings, lambda: _ranks(pages))
    rows: list[PageRow] = []
    first = 0
    for page in pages:
        rows.append(_row(page, final[first : first + len(page.entries)], places))
        first += len(page.entries)
    return Assembled(entries=canonical(_once(final)), rows=rows)


def identify(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of one page under their final ids, each once, in page order.

    Previews use it. In a snapshot of several pages an ``x-…`` id can get another number,
    because entries of other pages share it.
    """
    return _once(_final_entries(entries, lambda: [("", 0, index) for index in range(len(entries))]))


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


Rank = tuple[str, int, int]
"""When a reading was captured, on which page, and where on it: the highest of several is the latest."""


def _ranks(pages: Sequence[Page]) -> list[Rank]:
    return [
        (page.captured.until or page.captured.since, number, place)
        for number, page in enumerate(pages)
        for place in range(len(page.entries))
    ]


def _final_entries(readings: Sequence[Entry], rank: Callable[[], Sequence[Rank]]) -> list[Entry]:
    """Return for each reading the entry that stands for it in the end.

    :param rank: returns the rank of each; not called where every id is there once, as it mostly is
    """
    final = list(readings)
    if len({entry.id for entry in readings}) == len(readings):
        return final
    ranks = rank()
    by_id: defaultdict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(readings):
        by_id[entry.id].append(index)
    for identity, indices in by_id.items():
        if len(indices) == 1:
            continue
        if identity.startswith(HASHED):
            numbered = _number([readings[index] for index in indices])
            for index in indices:
                final[index] = numbered[dumps(readings[index])]
        else:
            latest = readings[max(indices, key=ranks.__getitem__)]
            for index in indices:
                final[index] = latest
    return final


def _number(entries: list[Entry]) -> dict[bytes, Entry]:
    """Return the entries of one id, by their bytes, with their own ids; equal ones are one."""
    distinct = {dumps(entry): entry for entry in entries}
    ordered = sorted(distinct.items(), key=lambda item: (item[1].summary.encode("utf-8"), item[0]))
    return {
        data: entry if number == 1 else replace(entry, id=f"{entry.id}-{number}")
        for number, (data, entry) in enumerate(ordered, 1)
    }


def _once(entries: Sequence[Entry]) -> list[Entry]:
    return list({entry.id: entry for entry in entries}.values())


def _row(page: Page, final: Sequence[Entry], places: Mapping[str, WarcPlace]) -> PageRow:
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
        lists=_views(page, final),
        problems=[*page.problems, *_other_readings(page, final)],
        carried_from=page.carried_from,
        warc=places[page.record] if page.record is not None else None,
        memento=page.memento,
    )


def _views(page: Page, final: Sequence[Entry]) -> list[ListView]:
    """Return the lists in the order in which the page begins them."""
    return [_view(page, name, [one == name for one in page.lists], final) for name in dict.fromkeys(page.lists)]


def _view(page: Page, name: ListName, of_it: list[bool], final: Sequence[Entry]) -> ListView:
    """Return one list; ``of_it`` says of each entry of the page whether it is in it."""
    printed = list(compress(page.entries, of_it))
    return ListView(
        name=name,
        whole=name in WHOLE_LISTS,
        newest=max(filter(None, map(_EARLIEST, printed)), default=None),
        oldest=min(filter(None, map(_LATEST, printed)), default=None),
        entries=list(map(_ID, compress(final, of_it))),
    )


def _other_readings(page: Page, final: Sequence[Entry]) -> list[str]:
    """Say in words which entries of the page lost to a later reading, with both values of what differs."""
    problems = [
        _difference(printed, kept)
        for printed, kept in zip(page.entries, final, strict=True)
        # Mostly it is the same object: to compare all its fields took an eighth of a commit.
        if printed is not kept and not printed.id.startswith(HASHED) and printed != kept
    ]
    return list(dict.fromkeys(problems))


def _difference(printed: Entry, kept: Entry) -> str:
    values = [(name, getattr(printed, name), getattr(kept, name)) for name in Entry.__struct_fields__]
    differ = [f"{name} {_quote(here)}, kept {_quote(there)}" for name, here, there in values if here != there]
    return f"another reading of {printed.id}: {'; '.join(differ)}"


def _quote(value: object) -> str:
    # Not ``repr``: which characters it escapes depends on the version of Python.
    return json.dumps(value, ensure_ascii=False)
