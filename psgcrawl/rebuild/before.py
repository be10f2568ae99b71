"""The last live snapshot of a collection, as the next crawl needs it: what was listed, and what can be carried over."""

from collections.abc import Collection as Some
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from psgcrawl import site
from psgcrawl.archive import rules, runlog
from psgcrawl.archive.assemble import HASHED
from psgcrawl.archive.coverage import is_beside, own_entries
from psgcrawl.archive.manifest import Manifest, verify_files
from psgcrawl.archive.redact.row import is_redacted_row
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc.copying import copy_records
from psgcrawl.archive.warc.spool import Spool
from psgcrawl.errors import DamagedData
from psgcrawl.rebuild.deriving import Stored, read_pages
from psgcrawl.records import Entry, Page, PageRow, replace

P = TypeVar("P", Page, PageRow)

_HASHED: Final = len(HASHED) + 16
"""Length of an id that was made from title and date, without the number behind it."""

_WHOLE: Final = frozenset({"short-page", "repeat", "total", "carried"})
"""Ends of coverage of snapshots that hold a listing to its end, seen or carried over."""

_NOW: Final = "~"
"""Sorts behind the names of all snapshots."""


def must_be_full(archive: Path, collection: str, every: int) -> bool:
    """Tell whether an incremental crawl has to go through all pages: the ``every - 1`` live ones before did not.

    :param every: how often, at least; 0 for never
    :raises DamagedData: when the log cannot be read
    """
    if every <= 0:
        return False
    ends = [
        line.coverage.end
        for line in runlog.read(archive)
        if line.collection == collection
        and line.spider not in runlog.BRINGING
        and line.outcome in {"committed", "unchanged"}
        and line.coverage is not None
    ]
    last = ends[len(ends) - (every - 1) :]
    return len(last) == every - 1 and all(end == "carried" for end in last)


class Before:
    """The last live snapshot of a collection, in its newest edition; nothing of it is read until it is asked for."""

    def __init__(self, archive: Path, collection: str, *, none: bool = False) -> None:
        """Name the collection, which need not exist.

        :param none: there is no snapshot, whatever the archive holds
        """
        self._archive = archive
        self._collection = collection
        self._none = none

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The snapshot, if there is one."""
        return None if self._none else Archive(self._archive).latest_live(self._collection)

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Its entries by their ids. All of them: many, in a large collection.

        :raises DamagedData: when they cannot be read
        """
        return {entry.id: entry for entry in self._entries()}

    @cached_property
    def ids(self) -> Sequence[str]:
        """The ids of its entries, in canonical order.

        :raises DamagedData: when they cannot be read
        """
        return [entry.id for entry in self._entries()]

    def some(self, ids: Iterable[str]) -> list[Entry]:
        """Return its entries of those ids, in the order of ``ids``; an id that it does not have is passed over.

        :raises DamagedData: when they cannot be read
        """
        wanted = dict.fromkeys(ids)
        found = {entry.id: entry for entry in self._entries() if entry.id in wanted} if wanted else {}
        return [found[id_] for id_ in wanted if id_ in found]

    def _entries(self) -> Iterator[Entry]:
        return self.snapshot.entries() if self.snapshot else iter(())

    @cached_property
    def known(self) -> Sequence[str]:
        """The ids of the listing's own entries in its order, without the numbers that tell equal ones apart.

        :raises DamagedData: when they cannot be read
        """
        rows = [*self.snapshot.pages()] if self.snapshot else []
        shown = (view.entries for row in _in_order(rows) for view in row.lists if view.name == self._collection)
        return list(dict.fromkeys(_without_number(id_) for ids in shown for id_ in ids))

    def why_not(self) -> str | None:
        """Return why nothing can be carried over from the snapshot, in words; None where it can."""
        if self.snapshot is None:
            return "there is no snapshot of a live crawl yet"
        name = self.snapshot.name
        try:
            damaged = verify_files(self.snapshot.folder)
            return damaged[0] if damaged else self._unfit(name, self.snapshot.manifest())
        except DamagedData as error:
            return str(error)

    def _unfit(self, name: str, manifest: Manifest) -> str | None:
        facts = manifest.provenance
        if rules.of(facts) != rules.today():
            return f"{name} was derived by other rules"
        if facts.coverage.end not in _WHOLE:
            return f"{name} does not hold the listing to its end"
        if any(is_redacted_row(row.problems) for row in self._stored.rows):
            return f"a page of {name} is redacted"
        step = site.current().step(self._collection)
        if self._collection in site.current().paged and any(
            len(own_entries(self._collection, page)) > step for page in self._stored.pages
        ):
            return f"pages of {name} show more than {step} entries"
        return None

    @cached_property
    def _stored(self) -> Stored:
        if self.snapshot is None:
            raise DamagedData(f"{self._archive / self._collection}: no snapshot to carry anything over from")
        return read_pages(self.snapshot)

    @cached_property
    def _pages(self) -> Sequence[Page]:
        return _in_order([page for page in self._stored.pages if not is_beside(page)])

    @cached_property
    def latest(self) -> Sequence[Entry]:
        """The listing's own entries in its order, as the rules of today read them, under the ids of each alone.

        :raises DamagedData: when they cannot be read
        """
        found: dict[tuple[str, str], Entry] = {}
        for page in self._pages:
            for entry in own_entries(self._collection, page):
                # Of an id that comes from a link there is one; others can be several entries.
                found.setdefault((entry.id, entry.summary if entry.id.startswith(HASHED) else ""), entry)
        return list(found.values())

    def carry(self, agreed: int, spool: Spool) -> list[Page]:
        """Copy the records of the pages that show what stands behind the first ``agreed`` entries; return the pages.

        In the order of their captures. A page that was carried before keeps the name of the
        snapshot that saw it.

        :raises DamagedData: when the evidence is not what it was
        :raises OSError: when the disk does not take it
        """
        below = {entry.id for entry in self.latest[agreed:]}
        shown = below.intersection
        return self._copied(
            [page for page in self._pages if shown(entry.id for entry in own_entries(self._collection, page))], spool
        )

    def carry_rest(self, shown: Some[str], spool: Spool) -> list[Page]:
        """Do as :meth:`carry` for what is not among the entries ``shown``; of several pages with an entry, the latest.

        :raises DamagedData: when the evidence is not what it was
        :raises OSError: when the disk does not take it
        """
        covered = set(shown)
        pages: list[Page] = []
        for page in sorted(self._stored.pages, key=lambda page: page.captured.since, reverse=True):
            ids = {entry.id for entry in own_entries(self._collection, page)}
            if not covered.issuperset(ids):
                covered |= ids
                pages.append(page)
        return self._copied(pages, spool)

    def _copied(self, pages: Iterable[Page], spool: Spool) -> list[Page]:
        assert self.snapshot is not None  # noqa: S101 - the pages are of it
        name = self.snapshot.parsed.snapshot
        found = [replace(page, carried_from=page.carried_from or name) for page in pages]
        copy_records(self._stored.evidence, [page.record for page in found if page.record is not None], spool)
        return sorted(found, key=lambda page: page.captured.since)


def _in_order(pages: Iterable[P]) -> list[P]:
    """Return the pages from the top of the listing down: what was seen last above what was carried over from before.

    Of two at one position the later one stands first: it says what is there now.
    """
    # Rows are in order of time.
    found = [page for page in pages if page.position is not None][::-1]
    found.sort(key=lambda page: page.position or 0)
    return sorted(found, key=lambda page: page.carried_from or _NOW, reverse=True)


def _without_number(id_: str) -> str:
    return id_[:_HASHED] if id_.startswith(HASHED) else id_
