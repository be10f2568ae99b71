"""What a snapshot shows: its two files read once each, and what is alike kept once.

Entries and places that are equal are one object, whichever snapshots they stand in: who
asks whether an entry changed compares objects, and memory does not grow with what is
unchanged.
"""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path

from psgcrawl.archive import jsonl
from psgcrawl.archive.assemble import WHOLE_LISTS
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.evidence import Claims, Evidence, Place, broken_off, rows_of, shown_by
from psgcrawl.archive.compare.lines import Key, key
from psgcrawl.archive.manifest import PAGES
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry, ListView, PageRow

Shown = list[tuple[Entry, Place]]
"""Entries and where they stand, in canonical order."""


class Reader:
    """Reads snapshots."""

    def __init__(self) -> None:
        self._known: dict[bytes, Entry] = {}
        self._keys: dict[int, Key] = {}
        self._places: dict[Place, Place] = {}

    def entry(self, entry: Entry) -> Entry:
        """Return the one object that stands for all entries equal to this one."""
        found = self._known.setdefault(jsonl.dumps(entry) + b"\n", entry)
        # By the number of the object, which stays: looking up is quicker than making keys again.
        self._keys[id(found)] = key(found)
        return found

    def place(self, place: Place) -> Place:
        """Return the one object that stands for all places equal to this one."""
        return self._places.setdefault(place, place)

    def read(self, side: Side) -> tuple[Shown, list[PageRow]]:
        """Return what a snapshot shows, and its pages in crawl order.

        :raises DamagedData: ``file:line: problem``, also for an id that occurs twice or that no page shows
        """
        assert side.provenance is not None  # noqa: S101 - the side is a snapshot
        pages = side.entries.with_name(PAGES)
        rows = list(rows_of(pages, PageRow))
        coverage = side.provenance.coverage
        side.know(Evidence(pages, coverage, Claims.of(rows, coverage)))
        where = self._where(rows)
        shown: Shown = []
        for entry in self._entries(side.entries):
            if entry.id not in where:
                raise DamagedData(f"{pages}: no page shows the entry {entry.id!r}")
            shown.append((entry, where[entry.id]))
        return self.canonical(shown), rows

    def canonical(self, shown: Shown) -> Shown:
        """Return ``shown``, all entries from :meth:`entry`, in canonical order, whatever the order of the file was."""
        keyed = [(self._keys[id(pair[0])], pair) for pair in shown]
        keyed.sort(key=itemgetter(0))
        return [pair for _, pair in keyed]

    def _entries(self, path: Path) -> Iterator[Entry]:
        seen: dict[str, int] = {}
        for number, raw in enumerate(_lines(path), 1):
            entry = self._known.get(raw) or self._parsed(raw, f"{path}:{number}")
            if (first := seen.setdefault(entry.id, number)) != number:
                raise DamagedData(f"{path}:{number}: duplicate id {entry.id!r}, as in line {first}")
            yield entry

    def _parsed(self, raw: bytes, place: str) -> Entry:
        if not raw.endswith(b"\n"):
            raise DamagedData(f"{place}: the last line has no line end: it was cut off")
        entry = self.entry(jsonl.decode(raw[:-1], Entry, place))
        # A line that is not written canonically is known by its own bytes, too.
        return self._known.setdefault(raw, entry)

    def _where(self, rows: Iterable[PageRow]) -> dict[str, Place]:
        """Return where each entry of a snapshot stands."""
        where: dict[str, Place] = {}
        for row in rows:
            fields = shown_by(row.layout, row.fields)
            broken = broken_off(row)
            for view in row.lists:
                lists = frozenset({(view.name, _position(view, row.position))})
                shown = self.place(Place(lists, fields))
                for identity in view.entries:
                    here = self.place(Place(lists, frozenset())) if identity in broken else shown
                    there = where.get(identity)
                    if there is None or there is here:
                        where[identity] = here
                    else:
                        where[identity] = self.place(Place(there.lists | here.lists, there.fields | here.fields))
        return where


def _position(view: ListView, position: int | None) -> int | None:
    """Return the page's position where claims ask for it: in whole lists.

    Elsewhere dates decide, and entries move on to other pages with every new one.
    """
    return position if view.name in WHOLE_LISTS else None


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError as error:
        raise DamagedData(f"{path}: the file is missing") from error
