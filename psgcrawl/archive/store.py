"""The reading side: collections, their snapshots, and how people name them.

Hidden folders, the link ``latest`` and foreign names are passed over. Nothing here
writes.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from psgcrawl.archive import names
from psgcrawl.archive.jsonl import read_lines
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES, WARC, Manifest, read_manifest
from psgcrawl.archive.names import LOCK
from psgcrawl.errors import AmbiguousName, DamagedData, NotFound
from psgcrawl.records import Captured, Entry, PageRow, replace

_LATEST: Final = re.compile(r"latest(?:~(?P<back>[0-9]{1,9}))?")
_FIRST_EDITION: Final = ".e1"
_DASHED: Final = re.compile(
    r"(?P<bound>after-)?(?P<time>[0-9]{4}-[0-9]{2}(-[0-9]{2}(T[0-9]{2}(:[0-9]{2}(:[0-9]{2}Z?)?)?)?)?)"
)
_SHOWN: Final = 10
"""How many names a message lists."""


class Snapshot(Struct, frozen=True):
    """One snapshot, in one edition, as a folder on disk."""

    folder: Path

    @property
    def name(self) -> str:
        """Its name: that of the folder."""
        return self.folder.name

    @property
    def parsed(self) -> names.SnapshotName:
        """What its name says.

        :raises ValueError: when the folder was renamed to what is no snapshot's name
        """
        name = names.parse(self.name)
        if name is None:
            raise ValueError(f"{self.name!r} is no snapshot name")
        return name

    def manifest(self) -> Manifest:
        """Return what its manifest says.

        :raises DamagedData: when it cannot be read
        """
        return read_manifest(self.folder)

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in canonical order, one by one.

        :raises DamagedData: at the first line that is not as it was written
        """
        return read_lines(self.folder / ENTRIES, Entry)

    def pages(self) -> Iterator[PageRow]:
        """Yield the pages in crawl order.

        :raises DamagedData: at the first line that is not as it was written
        """
        return read_lines(self.folder / PAGES, PageRow)

    def evidence(self) -> Path | None:
        """Return the WARC file that it was derived from: its own, or that of the nearest edition before it.

        None for a snapshot of which no evidence was kept.
        """
        parsed = self.parsed
        for edition in range(parsed.edition, 0, -1):
            path = self.folder.parent / str(replace(parsed, edition=edition)) / WARC
            if path.is_file():
                return path
        return None

    def may_be_live(self) -> bool:
        """Whether a live crawl made it, or its manifest does not say what did."""
        try:
            return self.manifest().provenance.source == "live"
        except DamagedData:
            return True

    def is_redaction(self) -> bool:
        """Tell whether it stands in for all editions before it, of which only the manifests are to stay.

        :raises DamagedData: when its manifest cannot be read
        """
        manifest = self.manifest()
        return bool(manifest.provenance.redactions) and any(file.path == WARC for file in manifest.files)

    def size(self) -> int:
        """Return the length of all its files together, in bytes."""
        return sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())


class Collection(Struct, frozen=True):
    """All snapshots of one listing: a folder of the archive."""

    folder: Path

    @property
    def name(self) -> str:
        """Its name: that of the folder."""
        return self.folder.name

    def snapshots(self) -> list[Snapshot]:
        """Return the snapshots, each in its newest edition, in order of capture time, then of commit."""
        newest = {snapshot.parsed.snapshot: snapshot for snapshot in self.editions()}
        return sorted(newest.values(), key=lambda snapshot: snapshot.parsed.order)

    def latest_live(self) -> Snapshot | None:
        """Return the latest snapshot that a live crawl made, in its newest edition: what the next one goes on from.

        Files and captures of web archives are of other addresses and other times, and may be younger. A snapshot of
        which the manifest cannot be read may be a live one; who reads it says what is wrong with it. None where
        there is none.
        """
        return next((one for one in reversed(self.snapshots()) if one.may_be_live()), None)

    def editions(self) -> list[Snapshot]:
        """Return the snapshots in all their editions, in order of capture time, then of commit, then of edition."""
        found = [Snapshot(path) for path in self.folder.iterdir() if names.parse(path.name) and path.is_dir()]
        return sorted(found, key=lambda snapshot: snapshot.parsed.order)

    def kept_apart(self) -> list[Path]:
        """Return the folders ``.staging-*``, ``.incomplete-*`` and ``.refused-*``, by name."""
        return sorted(path for path in self.folder.iterdir() if names.kept_apart(path.name) and path.is_dir())

    def holdings(self) -> "Holdings":
        """Return an index of all pages of the collection, built in one pass over its ``pages.jsonl``.

        :raises DamagedData: when one of them cannot be read
        """
        holdings = Holdings()
        for snapshot in self.snapshots():
            for row in snapshot.pages():
                holdings.add(row.url, row.captured, row.payload_digest, snapshot.name)
        return holdings


class Holdings:
    """Which snapshot already holds a page: the same address, capture time and digest."""

    def __init__(self) -> None:
        self._names: dict[tuple[str | None, Captured, str], str] = {}

    def add(self, url: str | None, captured: Captured, payload_digest: str, name: str) -> None:
        """Note that snapshot ``name`` holds the page; the first that holds it stays."""
        self._names.setdefault((url, captured, payload_digest), name)

    def find(self, url: str | None, captured: Captured, payload_digest: str) -> str | None:
        """Return the name of the earliest snapshot that holds the page, or ``None``."""
        return self._names.get((url, captured, payload_digest))


class Archive(Struct, frozen=True):
    """The folder with all collections. It need not exist: then it is empty."""

    folder: Path

    def collections(self) -> list[Collection]:
        """Return the collections by name: folders that can be named so and hold what only this package makes."""
        if not self.folder.is_dir():
            return []
        found = (path for path in self.folder.iterdir() if names.is_collection(path.name) and path.is_dir())
        return sorted(map(Collection, filter(_looks_like_ours, found)), key=lambda collection: collection.name)

    def collection(self, name: str) -> Collection:
        """Return the collection ``name``.

        :raises NotFound: when there is none of that name; the message lists those that there are
        """
        found = self.collections()
        for collection in found:
            if collection.name == name:
                return collection
        there_is = _listed([collection.name for collection in found]) or "nothing"
        raise NotFound(f"{self.folder}: no collection {name!r}; there is {there_is}")

    def latest_live(self, name: str) -> Snapshot | None:
        """Return :meth:`Collection.latest_live` of the collection ``name``; None where there is no such collection."""
        try:
            return self.collection(name).latest_live()
        except NotFound:
            return None


def resolve(collection: Collection, reference: str, cwd: Path | None = None) -> Snapshot:
    """Return the snapshot that ``reference`` means: a time, a unique prefix, ``latest``, ``latest~N`` or a path.

    A time or prefix means the newest edition; with ``.eN`` exactly that one (``.e1`` is
    the first). Prefixes may be written as in RFC 3339 (``2017-02``), and without the
    ``after-`` of a bound. A whole name always means itself, though others begin with it.
    What holds a slash, or is a dot or two, is a path.

    :param cwd: what a relative path is relative to; without it, the process's own
    :raises AmbiguousName: when several snapshots fit; the message lists them
    :raises NotFound: when none does; the message lists what there is. Also for an edition whose bytes had to go:
        the message names the one that stands in for it
    """
    if "/" in reference or reference in {".", ".."}:
        return _standing(_at_path((cwd or Path()) / reference))
    snapshots = collection.snapshots()
    latest = _LATEST.fullmatch(reference)
    if latest:
        back = int(latest["back"] or 0)
        if back < len(snapshots):
            return snapshots[-1 - back]
        raise _not_found(collection, reference, snapshots)
    found = _fitting(collection, snapshots, _undashed(reference))
    if len(found) > 1:
        raise AmbiguousName(f"{collection.name}: {reference!r} fits several snapshots: {_listed(_names(found))}")
    if not found:
        raise _not_found(collection, reference, snapshots)
    return _standing(found[0])


def _fitting(collection: Collection, snapshots: list[Snapshot], wanted: str) -> list[Snapshot]:
    name = names.parse(wanted.removesuffix(_FIRST_EDITION))
    if name and (name.edition > 1 or wanted.endswith(_FIRST_EDITION)):
        return [snapshot for snapshot in collection.editions() if snapshot.name == str(name)]
    whole = [snapshot for snapshot in snapshots if snapshot.parsed.snapshot == wanted]
    if whole or not wanted:
        return whole
    return [
        snapshot
        for snapshot in snapshots
        if snapshot.name.startswith(wanted) or snapshot.name.removeprefix("after-").startswith(wanted)
    ]


def _undashed(reference: str) -> str:
    dashed = _DASHED.fullmatch(reference)
    return (dashed["bound"] or "") + names.compact(dashed["time"]) if dashed else reference


def _at_path(folder: Path) -> Snapshot:
    if not (folder / MANIFEST).is_file():
        raise NotFound(f"{folder}: no snapshot is there (it would hold {MANIFEST})")
    return Snapshot(folder.resolve())


def _standing(snapshot: Snapshot) -> Snapshot:
    """Return ``snapshot``, unless a later edition says that its bytes had to go."""
    own = names.parse(snapshot.name)
    for edition in reversed(Collection(snapshot.folder.parent).editions()) if own else ():
        later = edition.parsed
        if own and later.snapshot == own.snapshot and later.edition > own.edition and edition.is_redaction():
            raise NotFound(f"{snapshot.folder}: redacted: see {edition.name}")
    return snapshot


def _looks_like_ours(folder: Path) -> bool:
    # Of thousands of snapshots one will do; `Path.iterdir` would list all of them first.
    with os.scandir(folder) as found:
        return any(
            one.name == LOCK or ((names.parse(one.name) or names.kept_apart(one.name)) and one.is_dir())
            for one in found
        )


def _names(snapshots: list[Snapshot]) -> list[str]:
    return [snapshot.name for snapshot in snapshots]


def _not_found(collection: Collection, reference: str, snapshots: list[Snapshot]) -> NotFound:
    there_is = _listed(_names(snapshots)[::-1]) or "none at all"
    return NotFound(f"{collection.name}: no snapshot {reference!r}; there is {there_is}")


def _listed(candidates: list[str]) -> str:
    more = len(candidates) - _SHOWN
    return ", ".join(candidates[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
