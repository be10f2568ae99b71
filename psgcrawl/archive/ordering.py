"""Canonical order: by ``date_earliest`` descending, those without last, then by the bytes of ``id``.

Entries come page by page, and a snapshot can be larger than memory. What fits into it is
put in order where it is; what does not is written with its place in front, sorted by its
bytes and merged (:mod:`psgcrawl.archive.sorting`).
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final, Protocol

from psgcrawl.archive.sorting import RUN, Sorter
from psgcrawl.archive.temporary import Temporary


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


# Written in C: half of the time of functions of one line, and all entries of a crawl go through them.
ID: Final = attrgetter("id")
EARLIEST: Final = attrgetter("date_earliest")
LATEST: Final = attrgetter("date_latest")

_BEHIND_ID: Final = "\t"
_BEHIND: Final = _BEHIND_ID.encode()
"""Stands between an entry's place and its line. No id holds one (:func:`psgcrawl.urls.link_identity`)."""
_DAYS: Final = str.maketrans("0123456789", "9876543210")
_OVERHEAD: Final = 200
"""What Python needs for an entry beside the bytes of its line: its day and its id are texts of their own."""


def place(entry: Placed) -> bytes:
    """Return what stands in the order of its bytes where ``entry`` stands in canonical order."""
    return _place(entry.date_earliest, entry.id)


def _place(day: str | None, id_: str) -> bytes:
    # Code points sort like the bytes of their UTF-8.
    return f"{_backwards(day)} {id_}{_BEHIND_ID}".encode()


@lru_cache(4096)
def _backwards(day: str | None) -> str:
    """Return what stands in front of what later days give, and none behind all."""
    return "~" if day is None else day.translate(_DAYS)


class Ordering(Temporary):
    """Takes lines of entries in any order, and yields them in canonical order, each once. To be closed, as a sorter."""

    def __init__(self, run: int = RUN) -> None:
        """Start without lines.

        :param run: bytes of memory that lines, days and ids may take
        """
        super().__init__()
        self._run = run
        self._held = 0
        self._days: list[str | None] = []
        self._ids: list[str] = []
        self._lines: list[bytes] = []
        self._sorter: Sorter | None = None
        """Has the lines before, where there were more."""

    def extend(self, entries: Sequence[Placed], lines: Sequence[bytes]) -> None:
        """Take entries, by their lines with line ends: as many as may be in memory besides."""
        self._days += map(EARLIEST, entries)
        self._ids += map(ID, entries)
        self._lines += lines
        self._held += sum(map(len, lines)) + _OVERHEAD * len(lines)
        if self._held >= self._run:
            self._spill()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines, with line ends."""
        if self._sorter is None:
            yield from self._in_memory()
        else:
            self._spill()
            for line in self._sorter:
                yield line[line.index(_BEHIND) + 1 :] + b"\n"

    def _in_memory(self) -> list[bytes]:
        """Return the lines in order: in a third of the time in which places are made, sorted and taken off again."""
        lines = self._lines
        numbers: Iterable[int] = range(len(lines))
        if len(set(self._ids)) < len(lines):
            # What several pages show is there several times.
            numbers = sorted({line: number for number, line in enumerate(lines)}.values(), key=lines.__getitem__)
        days = [day or "" for day in self._days]
        by_id = sorted(numbers, key=self._ids.__getitem__)
        return [lines[number] for number in sorted(by_id, key=days.__getitem__, reverse=True)]

    def _spill(self) -> None:
        if self._sorter is None:
            # What was held here is not held there: each time one run of its own.
            self._sorter = self._open.enter_context(Sorter(run=0))
        places = map(_place, self._days, self._ids)
        self._sorter.extend([place + line[:-1] for place, line in zip(places, self._lines, strict=True)])
        self._days, self._ids, self._lines, self._held = [], [], [], 0
