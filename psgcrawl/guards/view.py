"""What a guard looks at: a crawl before its commit, or the snapshot that it is held against."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from msgspec import Struct

from psgcrawl import site
from psgcrawl.archive.coverage import is_beside
from psgcrawl.archive.filed import Filed
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.errors import DamagedData
from psgcrawl.records import Coverage, Entry, Flag, Kind, ListName, ListView, PageRow

Key = str | int


class Face(Struct, frozen=True, gc=False):
    """What guards ask of an entry. Of a listing of thousands there are two in memory, that crawl's and the last one's.

    In place of its texts are their hashes: by 60 bits two texts are told apart.
    """

    id: str
    kind: Kind
    title: int | None
    """None of an empty one; so of the others."""
    summary: int | None
    url: int | None
    date_edtf: int | None
    date_earliest: str | None
    known_by: int
    """The hash of title and date together: by it an entry is known again whose id is another."""
    garbled: bool
    replaced: bool
    """Whether U+FFFD stands in its title or its summary."""

    @classmethod
    def of(cls, entry: Entry) -> "Face":
        """Return what guards ask of ``entry``."""
        return cls(
            id=entry.id,
            kind=entry.kind,
            title=number_of(entry.title),
            summary=number_of(entry.summary),
            url=number_of(entry.url),
            date_edtf=number_of(entry.date_edtf),
            # A day stands for many entries.
            date_earliest=None if entry.date_earliest is None else sys.intern(entry.date_earliest),
            known_by=_short(hash((entry.title.casefold(), entry.date_edtf))),
            garbled=not _GARBLED.isdisjoint(entry.flags),
            replaced="\ufffd" in entry.title or "\ufffd" in entry.summary,
        )

    @property
    def keys(self) -> tuple[Key, Key]:
        """By what it is known again."""
        return self.id, self.known_by


_GARBLED: Final[frozenset[Flag]] = frozenset({"mojibake", "control-characters"})


def number_of(text: str | None) -> int | None:
    """Return the hash of a text, None for an empty one or none."""
    return _short(hash(text)) if text else None


def _short(number: int) -> int:
    # With four bits more it would take half as much memory again.
    return number >> 4


class Shown(Struct, frozen=True):
    """What guards ask of a page, as its row has it."""

    layout: str | None
    fields: list[str]
    position: int | None
    lists: list[ListView]
    problems: list[str]
    carried_from: str | None


@dataclass(frozen=True)
class View:
    """Entries and pages as one crawl saw them."""

    name: str
    """The snapshot's name, for words."""
    day: str
    """Day of the first capture, UTC."""
    entries: Sequence[Entry]
    rows: Sequence[PageRow]
    """In crawl order."""
    coverage: Coverage

    @cached_property
    def shown(self) -> "Sequence[Shown | PageRow]":
        """What guards ask of the rows, in crawl order."""
        return [*self.rows.as_kind(Shown)] if isinstance(self.rows, Filed) else self.rows

    @cached_property
    def pages(self) -> "Sequence[Shown | PageRow]":
        """The pages of the listing that this crawl saw itself, from the top down; of two at one position the later."""
        seen = [row for row in self.shown if row.carried_from is None and not is_beside(row)]
        if any(row.position is None for row in seen):
            return seen
        placed = {row.position: row for row in seen}
        return [placed[position] for position in sorted(placed, key=lambda position: position or 0)]

    @cached_property
    def listed(self) -> list[Face]:
        """The listing's own entries on those pages, list by list, each once."""
        return [entry for name in self.lists for entry in self.of_list(name, self.pages)]

    @cached_property
    def held(self) -> list[Face]:
        """The same with those of pages that were carried over."""
        return [entry for name in self.lists for entry in self.of_list(name, self.shown)]

    @property
    def lists(self) -> tuple[ListName, ...]:
        """The lists that are the listing's own; a home page shows those of others.

        Of lists of entries, the newest first: of notices and standing blocks a page shows all, in any order.
        """
        parts = site.current().lists
        return (self.coverage.listing,) if self.coverage.listing in parts else parts

    def of_list(self, name: ListName, rows: "Iterable[Shown | PageRow]") -> list[Face]:
        """Return the entries of one list on some pages, in their order."""
        shown = (id_ for row in rows for view in row.lists if view.name == name for id_ in view.entries)
        return [self._by_id[id_] for id_ in dict.fromkeys(shown) if self._by_id[id_].kind == "entry"]

    @cached_property
    def keys(self) -> frozenset[Key]:
        """By which its entries are known again: ids, and titles with dates; notices and standing blocks too."""
        return frozenset(key for face in self.faces for key in face.keys)

    @property
    def faces(self) -> Iterable[Face]:
        """What guards ask of the entries, of all kinds."""
        return self._by_id.values()

    @property
    def to_the_end(self) -> bool:
        """Whether it holds the listing from the first page to the last, as far as the crawl could tell."""
        return self.coverage.end in {"short-page", "repeat", "total", "carried"} and not self.coverage.gaps

    @property
    def from_the_top(self) -> bool:
        """Whether it begins at the top of the listing and leaves nothing out on its way down, however far that goes.

        A crawl that asked only for what was changed shows entries of any place.
        """
        if self.coverage.complete or self.coverage.end == "single-page":
            return True
        return [first for first, _ in self.coverage.positions] == [0] and not self.coverage.gaps

    def top(self, name: ListName) -> str | None:
        """Return about when the newest page of a list begins: :func:`middle` of its first page."""
        return middle(self._ends(name)[:1], name, self)

    def bottom(self, name: ListName) -> str | None:
        """Return about how far back a list was seen: :func:`middle` of its last page."""
        return middle(self._ends(name)[-1:], name, self)

    def _ends(self, name: ListName) -> "list[Shown | PageRow]":
        return [row for row in self.pages if any(view.name == name for view in row.lists)]

    @cached_property
    def _by_id(self) -> dict[str, Face]:
        return {entry.id: Face.of(entry) for entry in self.entries}


def middle(rows: "Sequence[Shown | PageRow]", name: ListName, view: View) -> str | None:
    """Return the date in the middle of a list's entries on a page, of two the later; None without dates.

    Not the newest or oldest: a single misprinted date would stand for the whole page.
    """
    dates = sorted(entry.date_earliest for entry in view.of_list(name, rows) if entry.date_earliest is not None)
    return dates[len(dates) // 2] if dates else None


def last_live(collection: Collection, note: Callable[[str], None]) -> View | None:
    """Return the latest snapshot of a live crawl, in its newest edition; None where there is none.

    Of others only manifests are read. One that is damaged is passed over, after a note.

    :param note: told what cannot be read, ``place: problem``
    """
    for snapshot in reversed(collection.snapshots()):
        try:
            if snapshot.manifest().provenance.source == "live":
                return _view(snapshot)
        except (DamagedData, KeyError) as error:
            note(f"{error}; the crawl is not held against {snapshot.name}")
    return None


def _view(snapshot: Snapshot) -> View:
    facts = snapshot.manifest().provenance
    rows = Filed(PageRow, snapshot.pages())
    entries = Filed(Entry, snapshot.entries())
    view = View(snapshot.name, facts.captured.since[:10], entries, rows, facts.coverage)
    missing = set(_shown(view.shown)) - {face.id for face in view.faces}
    if missing:
        raise DamagedData(f"{snapshot.folder}: entries that its pages show are missing: {min(missing)!r}")
    return view


def _shown(rows: "Iterable[Shown | PageRow]") -> Iterator[str]:
    return (id_ for row in rows for view in row.lists for id_ in view.entries)
