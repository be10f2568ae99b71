"""What a guard looks at: a crawl before its commit, or the snapshot that it is held against."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from sys import intern

from msgspec import Struct

from psgcrawl import site
from psgcrawl.archive.coverage import is_beside
from psgcrawl.archive.filed import Filed
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.errors import DamagedData
from psgcrawl.guards.faces import Faces
from psgcrawl.records import Coverage, Entry, ListName, PageRow


class _List(Struct, frozen=True, gc=False):
    name: ListName
    entries: list[str]


class _Row(Struct, frozen=True):
    """The fields of a page's row that guards ask for."""

    layout: str | None
    fields: list[str]
    position: int | None
    lists: list[_List]
    problems: list[str]
    carried_from: str | None


class Shown(Struct, frozen=True):
    """What guards keep of a page."""

    layout: str | None
    dates: bool
    """Whether it could show datelines."""
    position: int | None
    beside: bool
    """Whether it is beside the listing."""
    carried: bool
    """Whether another crawl saw it."""
    lists: "dict[ListName, array[int]]"
    """The numbers of the entries in each of its lists, in page order."""


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
    def faces(self) -> Faces:
        """What guards ask of the entries, of all kinds."""
        return Faces(self.entries)

    @cached_property
    def shown(self) -> Sequence[Shown]:
        """What guards ask of the rows, in crawl order.

        :raises KeyError: where one shows an entry that is not there
        """
        return [self._shown(row) for row in (self.rows.as_kind(_Row) if isinstance(self.rows, Filed) else self.rows)]

    def _shown(self, row: _Row | PageRow) -> Shown:
        return Shown(
            layout=None if row.layout is None else intern(row.layout),
            dates="dateline" in row.fields,
            position=row.position,
            beside=is_beside(row),
            carried=row.carried_from is not None,
            lists={one.name: array("I", self.faces.numbers(one.entries)) for one in row.lists},
        )

    @cached_property
    def pages(self) -> Sequence[Shown]:
        """The pages of the listing that this crawl saw itself, from the top down; of two at one position the later."""
        seen = [row for row in self.shown if not row.carried and not row.beside]
        if any(row.position is None for row in seen):
            return seen
        placed = {row.position: row for row in seen}
        return [placed[position] for position in sorted(placed, key=lambda position: position or 0)]

    @cached_property
    def listed(self) -> Sequence[int]:
        """The numbers of the listing's own entries on those pages, list by list, each once."""
        return self._listed(self.pages)

    @cached_property
    def held(self) -> Sequence[int]:
        """The same with those of pages that were carried over."""
        return self._listed(self.shown)

    def _listed(self, rows: Sequence[Shown]) -> Sequence[int]:
        found = array("I")
        for name in self.lists:
            found.extend(self.of_list(name, rows))
        return found

    @property
    def lists(self) -> tuple[ListName, ...]:
        """The lists that are the listing's own; a home page shows those of others.

        Of lists of entries, the newest first: of notices and standing blocks a page shows all, in any order.
        """
        parts = site.current().lists
        return (self.coverage.listing,) if self.coverage.listing in parts else parts

    def of_list(self, name: ListName, rows: Iterable[Shown]) -> Sequence[int]:
        """Return the numbers of the entries of one list on some pages, in their order, each once."""
        met = bytearray(len(self.faces))
        found = array("I")
        for row in rows:
            for number in row.lists.get(name, ()):
                if not met[number] and self.faces.kinds[number] == "entry":
                    found.append(number)
                met[number] = True
        return found

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

    def top(self, name: ListName) -> int:
        """Return about when the newest page of a list begins: :func:`middle` of its first page."""
        return middle(self._ends(name)[:1], name, self)

    def bottom(self, name: ListName) -> int:
        """Return about how far back a list was seen: :func:`middle` of its last page."""
        return middle(self._ends(name)[-1:], name, self)

    def _ends(self, name: ListName) -> list[Shown]:
        return [row for row in self.pages if name in row.lists]


def middle(rows: Iterable[Shown], name: ListName, view: View) -> int:
    """Return the date in the middle of a list's entries on a page, of two the later; 0 without dates.

    Not the newest or oldest: a single misprinted date would stand for the whole page.
    """
    dates = sorted(filter(None, map(view.faces.days.__getitem__, view.of_list(name, rows))))
    return dates[len(dates) // 2] if dates else 0


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
    try:
        _ = view.shown
    except KeyError as error:
        raise DamagedData(f"{snapshot.folder}: entries that its pages show are missing: {error.args[0]!r}") from error
    return view
