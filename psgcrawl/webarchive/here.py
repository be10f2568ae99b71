"""What the archive on this disk has of the captures of a web archive, so that none of it is asked for again.

All of it is read from the evidence itself: records that were brought from a web archive
name the memento (``WARC-Source-URI``), and what a web archive refused is kept as an
exchange with the memento's address. Beside them count the pages of files that others brought.

Captures that a run brought and came to no snapshot (it was stopped, or killed, before it
had all that belong together) lie in folders ``.incomplete-…``; they are taken up from there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Final

from psgcrawl.archive import names
from psgcrawl.archive.manifest import WARC
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.making import INDEXED, SOURCE
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record
from psgcrawl.errors import DamagedData, UnreadablePage
from psgcrawl.webarchive.addresses import Access, memento_datetime, stamp_of
from psgcrawl.webarchive.answers import DATETIME, HEADERS, Refused, own_word
from psgcrawl.webarchive.captures import Wanted, variantless

_LABEL: Final = "sha1:"

Key = tuple[str, str]
"""An address without what tells its variants apart, and the time: 14 digits."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record in a WARC of the archive."""

    path: Path
    id: str


@dataclass(slots=True)
class Here:
    """What is here already."""

    snapshots: dict[Key, str] = field(default_factory=dict)
    """The snapshot that holds a capture, ``COLLECTION/NAME``."""
    digests: dict[Key, set[str]] = field(default_factory=dict)
    """The digests under which it is held: base 32."""
    loose: dict[Key, Stored] = field(default_factory=dict)
    """Captures in no snapshot, that can be taken up."""
    refused: set[Key] = field(default_factory=set)
    """What the web archive would not give when it was asked."""
    bodies: dict[str, Stored] = field(default_factory=dict)
    """Whole pages with status 200 that captures of the same digest repeat, by digest."""

    def holds(self, one: Wanted) -> bool:
        """Tell whether a capture is in a snapshot: its address, its time, and what the index says of its bytes."""
        known = self.digests.get(key(one.row.url, one.row.stamp))
        return known is not None and (one.row.digest is None or not known or one.row.digest in known)


def key(url: str, stamp: str) -> Key:
    """Return by what a capture is found, whatever variant of its address it was captured by."""
    return variantless(url), stamp


def look(archive: Path, access: Iterable[Access], now: str, again_after: int, problems: list[str]) -> Here:
    """Return what is here of the captures of a web archive.

    :param access: the ways to it, by which its own addresses are told
    :param now: RFC 3339 UTC
    :param again_after: days after which what was refused is asked for again
    :param problems: gets what is damaged (``place: problem``); that is as if it were not here
    """
    here = Here()
    finding = _Finding(here, list(access), _before(now, again_after))
    for snapshot in chain.from_iterable(one.snapshots() for one in Archive(archive).collections()):
        try:
            _add_rows(snapshot, here)
        except (DamagedData, OSError) as error:
            problems.append(f"{error}; what it holds is asked for again")
    rows = set(here.digests)
    for path, kept_apart in _evidence(archive):
        try:
            with path.open("rb") as file:
                for found in read(file, str(path)):
                    finding.add(found.record, path, loose=kept_apart)
        except (DamagedData, OSError) as error:
            problems.append(f"{error}; what stands behind is asked for again")
    for known in rows & here.loose.keys():
        del here.loose[known]
    here.refused -= here.digests.keys() | here.loose.keys()
    return here


def is_taken_up(folder: Path, archive: Path) -> bool:
    """Tell whether all captures of web archives in a folder kept apart are in snapshots by now, as the same records.

    False for a folder without such captures, and where something cannot be read.
    """
    try:
        with (folder / WARC).open("rb") as file:
            brought = {one.record.id for one in read(file, str(folder)) if one.record.get(SOURCE) is not None}
        rows = chain.from_iterable(
            snapshot.pages() for one in Archive(archive).collections() for snapshot in one.snapshots()
        )
        missing = brought.difference(row.warc.record for row in rows if row.warc is not None)
    except (DamagedData, OSError):
        return False
    return bool(brought) and not missing


def _add_rows(snapshot: Snapshot, here: Here) -> None:
    if snapshot.manifest().provenance.source == "live":
        return
    for row in snapshot.pages():
        if row.url is None or not row.captured.known:
            continue
        known = key(row.url, stamp_of(row.captured.since))
        here.digests.setdefault(known, set()).add(row.payload_digest.removeprefix(_LABEL))
        here.snapshots.setdefault(known, f"{snapshot.folder.parent.name}/{snapshot.name}")


def _evidence(archive: Path) -> Iterator[tuple[Path, bool]]:
    """Yield the WARCs in which there can be mementos, and whether what is in them came to no snapshot."""
    if not archive.is_dir():
        return
    for folder in sorted(archive.iterdir()):
        if _is_apart(folder) and (folder / WARC).is_file():
            yield folder / WARC, True
    for collection in Archive(archive).collections():
        for folder in collection.kept_apart():
            if _is_apart(folder) and (folder / WARC).is_file():
                yield folder / WARC, True
        for snapshot in collection.editions():
            path = snapshot.folder / WARC
            if path.is_file() and snapshot.manifest().provenance.source == "memento":
                yield path, False


def _is_apart(folder: Path) -> bool:
    apart = names.kept_apart(folder.name)
    return apart is not None and apart[0] == "incomplete"


@dataclass(frozen=True, slots=True)
class _Finding:
    """What records say of what is here."""

    here: Here
    ways: list[Access]
    since: str
    """What was refused before that is asked for again."""

    def add(self, record: Record, path: Path, *, loose: bool) -> None:
        """Note a record.

        :param loose: whether it stands in no snapshot
        """
        if record.uri is None or record.type not in {"response", "revisit"}:
            return
        source = record.get(SOURCE)
        if source is None:
            if record.type == "response" and record.date >= self.since:
                self._refused(record)
            return
        if not any(way.parse(source) for way in self.ways):
            return
        known = key(record.uri, stamp_of(record.date))
        digest = (record.get(INDEXED) or record.get("WARC-Payload-Digest") or "").removeprefix(_LABEL)
        if loose:
            self.here.loose.setdefault(known, Stored(path, record.id))
        else:
            self.here.digests.setdefault(known, set()).add(digest)
        if record.type == "response" and _status(record) == 200:
            self.here.bodies.setdefault(digest, Stored(path, record.id))

    def _refused(self, record: Record) -> None:
        """Note a memento that was asked for, and of which the web archive itself said that it does not give it."""
        asked = next((found for way in self.ways if (found := way.parse(record.uri or ""))), None)
        if asked is None:
            return
        try:
            said = message.parse(record.block)
        except UnreadablePage:
            return
        headers = {name: said.get(name) or "" for name in HEADERS}
        status = said.status or 0
        own = memento_datetime(headers[DATETIME]) is None
        # Only of this capture: that a site is excluded, or an archive busy, says nothing of what comes next.
        if own and 300 <= status < 500 and isinstance(own_word(status, headers), Refused):
            self.here.refused.add(key(asked.url, asked.stamp))


def _status(record: Record) -> int | None:
    try:
        return message.parse(record.block).status
    except UnreadablePage:
        return None


def _before(now: str, days: int) -> str:
    moment = datetime.fromisoformat(now) - timedelta(days=days)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
