"""An archive that was filled from a web archive, held against the truth."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from psgcrawl.archive.compare.changes import Change, Comparison, Side
from psgcrawl.archive.history.telling import history
from psgcrawl.archive.manifest import ENTRIES
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.records import PageRow

from .life import STORIES
from .truth import COLLECTIONS, Truth

ENDED: Final = frozenset({"removed", "aged-out"})
"""States of entries of which the history says that they are listed no more."""

Place = tuple[str, int]
"""Time (14 digits) and position of a capture."""


@dataclass(frozen=True)
class Found:
    """What is in an archive of one listing."""

    archive: Path
    listing: str

    @property
    def snapshots(self) -> list[Snapshot]:
        """The snapshots, in order of time."""
        archive = Archive(self.archive)
        if self.listing not in {one.name for one in archive.collections()}:
            return []
        return archive.collection(self.listing).snapshots()

    def rows(self) -> Iterator[tuple[str, PageRow]]:
        """Yield the pages with the names of their snapshots."""
        for snapshot in self.snapshots:
            for row in snapshot.pages():
                yield snapshot.name, row

    @property
    def captures(self) -> list[tuple[str, str]]:
        """Time and address of what was read as a listing, sorted."""
        return sorted((stamp(row), row.url or "") for _, row in self.rows() if row.layout is not None)

    @property
    def no_pages(self) -> list[tuple[str, str]]:
        """Time and address of what was kept and shows no listing, sorted."""
        return sorted((stamp(row), row.url or "") for _, row in self.rows() if row.layout is None)

    @property
    def entries(self) -> set[str]:
        """The ids of all entries."""
        return {entry.id for snapshot in self.snapshots for entry in snapshot.entries() if entry.kind == "entry"}

    @property
    def groups(self) -> list[list[Place]]:
        """Of each snapshot, in order of time, when and where the pages were that show a listing."""
        found: dict[str, list[Place]] = {}
        for name, row in self.rows():
            if row.layout is not None:
                found.setdefault(name, []).append((stamp(row), row.position or 0))
        return sorted(sorted(group) for group in found.values())

    def changes(self) -> Iterator[tuple[str, str, Change]]:
        """Yield what is claimed of every two snapshots in order, with the first and the last time of both."""
        seen = [(*times(snapshot), Side.of(snapshot)) for snapshot in self.snapshots]
        for (first, _, old), (_, last, new) in combinations(seen, 2):
            for change in Comparison(old, new).changes():
                yield first, last, change


def brought(archive: Path) -> dict[str, dict[str, bytes]]:
    """Return the entries of each snapshot, as they are on disk, by collection and name."""
    return {
        collection.name: {one.name: (one.folder / ENTRIES).read_bytes() for one in collection.snapshots()}
        for collection in Archive(archive).collections()
    }


def times(snapshot: Snapshot) -> tuple[str, str]:
    """Return the times of the first and of the last capture."""
    stamps = [stamp(row) for row in snapshot.pages()]
    return min(stamps), max(stamps)


def stamp(row: PageRow) -> str:
    """Return when a page was captured, 14 digits."""
    return "".join(character for character in row.captured.since if character.isdigit())


def missing(archive: Path, truth: Truth, listings: Iterable[str] = COLLECTIONS, *, grouped: bool = True) -> list[str]:
    """Return what is not as the truth has it: captures, entries, snapshots. Empty where all of it is right.

    :param grouped: whether the snapshots matter; captures that come late are in later ones
    """
    return [problem for name in listings for problem in _missing(Found(archive, name), truth, grouped=grouped)]


def _missing(found: Found, truth: Truth, *, grouped: bool) -> Iterator[str]:
    listing = found.listing
    wanted = sorted((one.taken.stamp, one.taken.url) for one in truth.of(listing))
    if found.captures != wanted:
        yield f"{listing}: captures: {_differences(found.captures, wanted)}"
    entries, sure, all_ = found.entries, truth.sure(listing), truth.entries(listing)
    if not sure <= entries <= all_:
        yield f"{listing}: entries: lacks {sorted(sure - entries)}, has besides {sorted(entries - all_)}"
    if grouped and listing != "posts":
        groups = [sorted((one.taken.stamp, one.position) for one in group) for group in truth.snapshots(listing)]
        if found.groups != sorted(groups):
            yield f"{listing}: snapshots: {_differences(found.groups, sorted(groups))}"


def _differences(found: list[Any], wanted: list[Any]) -> str:
    lacks, besides = [one for one in wanted if one not in found], [one for one in found if one not in wanted]
    return f"lacks {lacks}, has besides {besides}"


def claims(archive: Path) -> list[tuple[str, str, str, Change]]:
    """Return what is claimed of entries over every two snapshots of a list: listing, first and last time, change."""
    return [
        (listing, first, last, change)
        for listing in ("news", "articles")
        for first, last, change in Found(archive, listing).changes()
        if change.change not in {"out-of-view", "absent"} and _kind(change) == "entry"
    ]


def false_ends(archive: Path, truth: Truth) -> list[str]:
    """Return the entries of which the history says falsely that they were taken off their list."""
    return [
        f"{listing}: {life.id} {life.state}"
        for listing in ("news", "articles")
        if Found(archive, listing).snapshots
        for life in history(Archive(archive), Archive(archive).collection(listing), print).lives
        if life.state in ENDED and life.entry.kind == "entry" and truth.gone(life.id) is None
    ]


def false(claimed: list[tuple[str, str, str, Change]], truth: Truth) -> list[str]:
    """Return those of the claims that are not true."""
    return [
        f"{listing}: {first} to {last}: {change.change} {change.id} {change.fields}"
        for listing, first, last, change in claimed
        if not _is_true(change, first, last, truth)
    ]


def _kind(change: Change) -> str:
    entry = change.new or change.old
    assert entry is not None
    return entry.kind


def _is_true(change: Change, first: str, last: str, truth: Truth) -> bool:
    """Tell whether a claim about what happened between two times is true."""
    story = STORIES.get(change.id)
    if story is None:
        return False
    match change.change:
        case "removed":
            gone = truth.gone(story.id)
            return gone is not None and first < gone <= last
        case "added":
            return not story.listed(first) and story.listed(last)
        case "edited":
            return change.fields == ["title"] and any(first < since <= last for since, _ in story.titles)
    return False
