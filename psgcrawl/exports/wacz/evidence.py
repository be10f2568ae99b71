"""The WARC files that a WACZ holds, read once: checked against their manifests, indexed, their pages found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple

from psgcrawl.archive import jsonl
from psgcrawl.archive.manifest import WARC, read_manifest
from psgcrawl.archive.redact.record import is_redacted
from psgcrawl.archive.sorting import Sorter
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.archive.warc.reading import Found, read
from psgcrawl.errors import DamagedData, NotFound, UsageError
from psgcrawl.exports import source
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.sums import PIECE, Summed, Sums, again, pieces
from psgcrawl.exports.veil import Veil
from psgcrawl.exports.wacz import cdxj, unmodified
from psgcrawl.exports.wacz.unmodified import Unmodified
from psgcrawl.records import Captured, PageRow, replace

_DAYS: Final = ("T00:00:00Z", "T23:59:59Z")


@dataclass(slots=True)
class Evidence:
    """One WARC file, and what snapshots say of it."""

    path: Path
    name: str
    """Its name in the WACZ, without folder."""
    collection: str
    veil: Veil
    """What of the collection is not to be shown."""
    snapshots: list[Snapshot] = field(default_factory=list)
    """Those that were derived from it."""

    def redacted(self) -> frozenset[str]:
        """Return the names of the records whose bytes had to go."""
        facts = (snapshot.manifest().provenance for snapshot in self.snapshots)
        return frozenset(redaction.record for fact in facts for redaction in fact.redactions)


@dataclass(frozen=True, slots=True)
class Taken:
    """What goes into the WACZ of one WARC file: all of it, or all that is not withheld."""

    evidence: Evidence
    sums: Sums
    pieces: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known once every WARC file was read."""

    files: list[Taken]
    withheld: int
    """Pages whose record was redacted, or is withheld on request."""
    without: list[str]
    """Snapshots of which no evidence was kept: ``collection/name``."""


def find(chosen: Iterable[Chosen]) -> tuple[list[Evidence], list[str]]:
    """Return the WARC files of the snapshots, each once, and the snapshots that have none.

    :raises DamagedData: for a WARC file that a manifest names and that is missing
    :raises NotFound: when a snapshot that was named has none, or not one of all
    :raises UsageError: for two different files that would get one name
    """
    found: dict[Path, Evidence] = {}
    without: list[str] = []
    for group in chosen:
        veil = source.hides(group)
        for snapshot in group.snapshots:
            path = snapshot.evidence()
            if path is None:
                _refuse_lost(snapshot)
                without.append(f"{group.collection}/{snapshot.name}")
                if group.named:
                    raise NotFound(f"{without[-1]}: no raw pages were kept of this snapshot, so it cannot be replayed")
                continue
            name = f"{group.collection}-{path.parent.name}.warc.gz"
            evidence = found.setdefault(path.resolve(), Evidence(path, name, group.collection, veil))
            evidence.snapshots.append(snapshot)
    if not found:
        raise NotFound(f"{', '.join(without)}: no raw pages were kept, so there is nothing to replay")
    taken: dict[str, Path] = {}
    for evidence in found.values():
        if taken.setdefault(evidence.name, evidence.path) != evidence.path:
            raise UsageError(
                f"{evidence.path} and {taken[evidence.name]}: both would be {evidence.name!r}: export them apart"
            )
    return sorted(found.values(), key=lambda evidence: evidence.name), without


@dataclass(frozen=True, slots=True)
class Takers:
    """Who is given what the WARC files hold."""

    index: Sorter
    pages: Sorter
    unmodified: Unmodified
    note: Callable[[str], None]
    temporary: Callable[[], IO[bytes]]
    """Makes a file for what is left of a WARC file of which something is withheld."""


def gather(files: Iterable[Evidence], without: list[str], takers: Takers) -> Gathered:
    """Read every file to its end, and give its lines to the index and its pages to the list of pages.

    :raises DamagedData: for a file that is not as its manifest says, cannot be read, or
        does not hold the record of a page
    """
    done: list[Taken] = []
    withheld = 0
    for evidence in files:
        rows = _Rows(evidence, takers.note)
        done.append(_read(evidence, rows, takers))
        withheld += rows.withheld
    return Gathered(done, withheld, without)


class _Shown(NamedTuple):
    """What is needed of a page row: there can be many, and they are held until their record comes."""

    record: str
    length: int
    url: str | None
    title: str


class _Rows:
    """The pages of one file by the place of their record; those found are taken away."""

    def __init__(self, evidence: Evidence, note: Callable[[str], None]) -> None:
        self.redacted = evidence.redacted()
        self.withheld = 0
        self.hidden = _Hidden(evidence.veil)
        self._path = evidence.path
        self._rows: dict[int, _Shown] = {}
        apart = 0
        for snapshot in evidence.snapshots:
            for row in snapshot.pages():
                self.hidden.see(row)
                if row.warc is None:
                    apart += 1
                else:
                    title = _title(evidence.collection, row)
                    self._rows[row.warc.offset] = _Shown(row.warc.record, row.warc.length, row.url, title)
        if apart:
            note(f"{evidence.path}: {apart} pages have no record: they are not in the list of pages")

    def line(self, found: Found) -> bytes | None:
        """Return the line of the page that a record observed, its time in front for sorting.

        None for a record that no page is of, and for a page without address. ``ts`` is the
        record's: by it the page is found.

        :raises DamagedData: when it is not the record that the page row names
        """
        row = self._rows.pop(found.offset, None)
        if row is None:
            return None
        id_ = found.record.id
        if (id_, found.length) != (row.record, row.length):
            raise DamagedData(f"{self._path}: byte {found.offset}: the record is {id_}, not {row.record}")
        if is_redacted(found.record) or self.hidden.holds(found):
            self.withheld += 1
            return None
        moment = cdxj.moment_of(found.record.date)
        if row.url is None or moment is None:
            return None
        name = id_.strip("<>").removeprefix("urn:uuid:")
        page = {"id": name, "url": row.url, "ts": moment, "title": row.title}
        return moment.encode("ascii") + b" " + jsonl.dumps(page)

    def complete(self) -> None:
        """Return if the record of every page came.

        :raises DamagedData: if not
        """
        for offset, row in self._rows.items():
            raise DamagedData(f"{self._path}: byte {offset}: no record {row.record} begins there")


class _Hidden:
    """Which records of one file are withheld on request: nothing of what they show may be in the WACZ."""

    def __init__(self, veil: Veil) -> None:
        self._veil = veil
        self._digests: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._veil)

    def see(self, row: PageRow) -> None:
        """Take a page: where it shows what is withheld, its bytes are, wherever the file repeats them."""
        shown = (identity for view in row.lists for identity in view.entries)
        named = row.warc is not None and row.warc.record in self._veil.records
        if named or not self._veil.ids.isdisjoint(shown):
            self._digests.add(row.payload_digest)

    def holds(self, found: Found) -> bool:
        """Tell whether a record is withheld: itself, by what it repeats, by its bytes, or by its address."""
        record = found.record
        names = {record.id, record.get("WARC-Refers-To")}
        return (
            not self._veil.records.isdisjoint(names)
            or record.get("WARC-Payload-Digest") in self._digests
            or self._veil.hides(record.uri)
        )


class _Remains:
    """What is left of a WARC file without what is withheld: its gzip members as they stand, one behind the other."""

    def __init__(self, file: IO[bytes], whole: BinaryIO) -> None:
        self.sums = Sums()
        self.dropped = False
        self.file = file
        self._whole = whole

    def take(self, found: Found) -> Found:
        """Copy a record, and return it with its new place."""
        moved = replace(found, offset=self.sums.size)
        self._whole.seek(found.offset)
        left = found.length
        while left:
            data = self._whole.read(min(left, PIECE))
            if not data:
                raise DamagedData(f"byte {found.offset}: the file ends before the record does")
            self.file.write(data)
            self.sums.update(data)
            left -= len(data)
        return moved


def _read(evidence: Evidence, rows: _Rows, takers: Takers) -> Taken:
    stated = next((file for file in read_manifest(evidence.path.parent).files if file.path == WARC), None)
    if stated is None:
        raise DamagedData(f"{evidence.path}: not in the manifest")
    with evidence.path.open("rb") as file, evidence.path.open("rb") as whole:
        remains = _Remains(takers.temporary(), whole) if rows.hidden else None
        stream = Summed(file)
        for found in read(stream, str(evidence.path)):
            if found.length == 0:
                raise DamagedData(f"{evidence.path}: byte {found.offset}: several records in one gzip member")
            page = rows.line(found)
            if page is not None:
                takers.pages.add(page)
            if remains is not None and rows.hidden.holds(found):
                remains.dropped = True
                continue
            placed = found if remains is None else remains.take(found)
            line = None if _withheld(found, rows.redacted) else _line(placed, evidence.name, takers.unmodified)
            if line is not None:
                takers.index.add(line)
        while stream.read(PIECE):
            pass
    rows.complete()
    if (stream.sums.size, stream.sums.sha256) != (stated.bytes, stated.sha256):
        raise DamagedData(f"{evidence.path}: not as the manifest says: {stream.sums.size} bytes, {stream.sums.sha256}")
    if remains is not None and remains.dropped:
        return Taken(evidence, remains.sums, partial(again, remains.file))
    return Taken(evidence, stream.sums, partial(pieces, evidence.path))


def _line(found: Found, name: str, made: Unmodified) -> bytes | None:
    instead = made.stand_in(found)
    return cdxj.line(found, name) if instead is None else cdxj.line(instead, unmodified.NAME)


def _withheld(found: Found, redacted: frozenset[str]) -> bool:
    """Tell whether there is nothing to replay: the record's body had to go, or that of the one it repeats."""
    record = found.record
    return is_redacted(record) or (record.type == "revisit" and (record.get("WARC-Refers-To") or "") in redacted)


def _title(collection: str, row: PageRow) -> str:
    """Return what a page is called, with what is known of its time where that is less than its record says."""
    position = f", position {row.position}" if row.position else ""
    known = "" if row.captured.known else f", captured {bounds(row.captured)}"
    return f"{collection}{position}{known}"


def bounds(captured: Captured) -> str:
    """Return for people between which times a page was captured.

    >>> bounds(Captured(since="2014-12-08T00:00:00Z", until=None))
    'not before 2014-12-08'
    """
    since = captured.since.removesuffix(_DAYS[0])
    if captured.until is None:
        return f"not before {since}"
    return f"from {since} to {captured.until.removesuffix(_DAYS[1])}"


def _refuse_lost(snapshot: Snapshot) -> None:
    for edition in _editions(snapshot):
        if any(file.path == WARC for file in edition.manifest().files):
            raise DamagedData(f"{edition.folder / WARC}: the file is missing")


def _editions(snapshot: Snapshot) -> list[Snapshot]:
    """Return all editions of a snapshot that lie beside it."""
    beside = Collection(snapshot.folder.parent).editions()
    return [other for other in beside if other.parsed.snapshot == snapshot.parsed.snapshot]
