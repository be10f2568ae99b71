"""A snapshot -> its entries and rows, as the rules of today give them from its raw pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from psgcrawl import site
from psgcrawl.archive import durable
from psgcrawl.archive.assemble import Assembled, assemble
from psgcrawl.archive.coverage import coverage, is_beside, is_whole
from psgcrawl.archive.filed import Arranged, Filed
from psgcrawl.archive.manifest import PAGES, WARC, Manifest, StoredFile, read_manifest
from psgcrawl.archive.redact.row import is_redacted_row
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record
from psgcrawl.captures.capture import Capture, page_showing
from psgcrawl.captures.choosing import BODIES
from psgcrawl.captures.held import Shelf
from psgcrawl.captures.stored import capture_of
from psgcrawl.errors import BadCapture, DamagedData, UnreadablePage
from psgcrawl.rebuild.records import places_in, record_at, records_at
from psgcrawl.rebuild.seen import Seen, known_by
from psgcrawl.records import DERIVATION, Coverage, End, Page, PageRow, Provenance, WarcPlace, replace

_CRAWL_ONLY: Final[frozenset[End]] = frozenset({"total", "limit", "repeat", "carried"})
"""Ends of coverage of which only the crawl had the proof: pages do not show them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What the rules of today make of the raw pages of a snapshot."""

    assembled: Assembled
    coverage: Coverage
    evidence: str
    """Name of the edition whose WARC was read."""
    manifest: Manifest
    """That of the snapshot as it is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The pages of a snapshot, as the rules of today read them from its raw pages."""

    manifest: Manifest
    evidence: Path
    """The WARC that was read."""
    rows: Filed[PageRow]
    """As they are stored."""
    pages: Sequence[Page]
    """In the order of their rows, without those that were redacted, and those that show no listing."""
    numbers: Sequence[int]
    """The number of the row of each page, from 0."""


def derive_all(snapshot: Snapshot, seen: Seen | None = None) -> Derived:
    """Return what :func:`psgcrawl.rebuild.derive` does, with all else that an edition needs.

    :param seen: as of :func:`read_pages`
    :raises DamagedData: as there
    """
    stored = read_pages(snapshot, seen)
    assembled = assemble(stored.pages)
    return Derived(
        assembled=replace(assembled, rows=Filed(PageRow, _rows(stored, assembled.rows))),
        coverage=_coverage(stored.manifest.provenance, stored.pages, stored.rows),
        evidence=stored.evidence.parent.name,
        manifest=stored.manifest,
    )


def _rows(stored: Stored, derived: Iterable[PageRow]) -> Iterator[PageRow]:
    """Yield all rows in their order: those of the pages that were derived again, at the places where they were."""
    fresh = iter(derived)
    numbers = iter(stored.numbers)
    wanted = next(numbers, None)
    for number, row in enumerate(stored.rows):
        if number == wanted:
            yield replace(next(fresh), warc=row.warc)
            wanted = next(numbers, None)
        else:
            yield row


def read_pages(snapshot: Snapshot, seen: Seen | None = None) -> Stored:
    """Return the pages of ``snapshot``, each with the name of the snapshot from which it was carried, if it was.

    :param seen: takes the pages, and may know those of another snapshot
    :raises DamagedData: as :func:`psgcrawl.rebuild.derive`
    """
    manifest = snapshot.manifest()
    facts = manifest.provenance
    if facts.derivation > DERIVATION:
        raise DamagedData(
            f"{snapshot.folder}: derivation {facts.derivation}, and this version of psgcrawl derives by {DERIVATION}: "
            "use the later version"
        )
    evidence = snapshot.evidence()
    if evidence is None:
        raise DamagedData(f"{snapshot.folder}: no raw pages were kept, so entries cannot be derived again")
    check_file(snapshot.folder, manifest, PAGES)
    rows = Filed(PageRow, snapshot.pages())
    redacted = {redaction.record for redaction in facts.redactions}
    readable = {
        number: _place(snapshot, number, row).offset
        for number, row in enumerate(rows)
        if not (_is_redacted(row, redacted) or is_beside(row))
    }
    owner = manifest if evidence.parent == snapshot.folder else read_manifest(evidence.parent)
    pages = _Reader(evidence, stated(evidence.parent, owner, WARC), manifest, rows, seen or Seen()).pages(readable)
    return Stored(manifest=manifest, evidence=evidence, rows=rows, pages=pages, numbers=list(readable))


def check_file(folder: Path, manifest: Manifest, name: str) -> None:
    """Look whether a file is the one that the manifest of its folder describes.

    :raises DamagedData: when it is missing or another
    """
    expected = stated(folder, manifest, name)
    try:
        length, found = durable.digest(folder / name)
    except FileNotFoundError as error:
        raise DamagedData(f"{folder / name}: the file is missing") from error
    if (length, found) != (expected.bytes, expected.sha256):
        raise DamagedData(
            f"{folder / name}: {length} bytes, SHA-256 {found}; the manifest says {expected.bytes}, {expected.sha256}"
        )


def stated(folder: Path, manifest: Manifest, name: str) -> StoredFile:
    """Return what a manifest says of one file of its folder.

    :raises DamagedData: when it does not name the file
    """
    for file in manifest.files:
        if file.path == name:
            return file
    raise DamagedData(f"{folder / name}: not in the manifest")


def _is_redacted(row: PageRow, records: set[str]) -> bool:
    named = row.warc is not None and row.warc.record in records
    return named or is_redacted_row(row.problems)


def _place(snapshot: Snapshot, number: int, row: PageRow) -> WarcPlace:
    if row.warc is None:
        raise DamagedData(f"{snapshot.folder / PAGES}:{number + 1}: no raw page was kept of this one")
    return row.warc


def _coverage(facts: Provenance, pages: Sequence[Page], rows: Sequence[PageRow]) -> Coverage:
    """Return what the pages prove; what only the crawl could prove, or a page that is no longer there, stays.

    A crawl also knows pagers, and what it asked for again: its word stands for as long as
    its pages are read whole.
    """
    before = facts.coverage
    if facts.accepted is not None:
        # A person's word: what it claims was cut down to what the crawl could answer for.
        return before
    if before.end in _CRAWL_ONLY or len(pages) < len(rows) or any(row.carried_from for row in rows):
        return before
    if (
        facts.source == "live"
        and not site.current().is_single(before.listing)
        and all(is_whole(page) for page in pages)
    ):
        return before
    return coverage(before.listing, pages)


class _Reader:
    """Reads the pages of one snapshot out of its evidence."""

    def __init__(
        self, path: Path, expected: StoredFile, manifest: Manifest, rows: Sequence[PageRow], seen: Seen
    ) -> None:
        self._path = path
        self._seen = seen
        self._expected = expected
        self._facts = manifest.provenance
        self._rows = rows
        self._shelf: Shelf | None = None

    def pages(self, wanted: Mapping[int, int]) -> Sequence[Page]:
        """Return the page of each row that is wanted, in the order of ``wanted``.

        :param wanted: where the record of each row begins, by the row's number
        :raises DamagedData: for a record that is missing, damaged, or not what its row says
        """
        came = list[int]()
        revisits: list[list[int]] = []
        together: list[int] = []
        in_file = sorted(wanted, key=wanted.__getitem__)

        def places() -> Iterator[WarcPlace]:
            for place, numbers in groupby(in_file, key=self._place):
                # Those of the place that is handed out, until the next is asked for.
                together[:] = numbers
                yield place

        def take(record: Record, original: Record | None, numbers: Iterable[int]) -> None:
            for number in numbers:
                self._take(record, original, self._rows[number], self._place(number))
                came.append(number)

        for record in records_at(self._path, places(), self._expected):
            if record.type == "revisit":
                # What it repeats can stand behind it.
                revisits.append(list(together))
            else:
                take(record, None, together)
        with ExitStack() as stack:
            for numbers in revisits:
                record = record_at(self._path, self._place(numbers[0]))
                take(record, self._original(record, stack), numbers)
        if came == list(wanted):
            return self._seen.pages
        where = {number: at for at, number in enumerate(came)}
        return Arranged(self._seen.pages, [where[number] for number in wanted])

    def _place(self, number: int) -> WarcPlace:
        place = self._rows[number].warc
        assert place is not None  # noqa: S101 - only such rows are read
        return place

    @cached_property
    def _known(self) -> Mapping[str, WarcPlace]:
        """Where the records of pages are, by their ids."""
        return {row.warc.record: row.warc for row in self._rows if row.warc is not None}

    def _original(self, revisit: Record, stack: ExitStack) -> Record | None:
        """Return the record whose payload a revisit repeats, through revisits of revisits; None where there is none."""
        seen, record = {revisit.id}, revisit
        while record.type == "revisit":
            id_ = record.get("WARC-Refers-To") or ""
            place = self._known.get(id_) or self._others.get(id_)
            if id_ in seen or place is None:
                return self._elsewhere(revisit, stack)
            seen.add(id_)
            record = record_at(self._path, place)
        return record if _agree(revisit, record) else self._elsewhere(revisit, stack)

    def _elsewhere(self, revisit: Record, stack: ExitStack) -> Record | None:
        """Look for what a revisit repeats that does not name it, or names it wrongly, as when it was taken in."""
        if self._shelf is None:
            self._shelf = stack.enter_context(closing(Shelf(Path(gettempdir()))))
            self._fill(self._shelf)
        held = self._shelf.named(revisit.id)
        originals = self._shelf.originals(held) if held else []
        return self._shelf.record(originals[-1]) if originals else None

    def _fill(self, shelf: Shelf) -> None:
        with self._path.open("rb") as file:
            for found in read(file, str(self._path)):
                try:
                    shelf.put(found, f"{self._path}: byte {found.offset}")
                except BadCapture as error:
                    raise DamagedData(str(error)) from error

    @cached_property
    def _others(self) -> dict[str, WarcPlace]:
        # What no page points at, such as what a 304 stands for, is found by a pass of its own.
        return places_in(self._path)

    def _take(self, record: Record, original: Record | None, row: PageRow, place: WarcPlace) -> None:
        where = f"{self._path}: byte {place.offset}"
        try:
            capture = self._capture(capture_of(record, original, where), row)
        except (BadCapture, UnreadablePage) as error:
            raise DamagedData(str(error)) from error
        key = known_by(capture)
        try:
            page = self._seen.read(capture, key, self._facts.started)
        except UnreadablePage as error:
            page = _unread(capture, row, str(error).removeprefix(f"{where}: "))
        if (page.sha256, page.payload_digest) != (row.sha256, row.payload_digest):
            raise DamagedData(f"{where}: not the bytes of which pages.jsonl speaks: SHA-256 is not {row.sha256}")
        self._seen.put(key, replace(page, carried_from=row.carried_from))

    def _capture(self, capture: Capture, row: PageRow) -> Capture:
        """Return ``capture`` with what its row knows better: how it was asked for, and what its giver said of it."""
        return replace(
            capture,
            url=row.url,
            position=row.position,
            by_address=False,
            # A bound is raised by what the page shows: what was stored is raised already, perhaps by other rules.
            captured=capture.captured if _is_bound(capture, row) else row.captured,
            captured_basis=row.captured_basis,
            source=self._facts.source,
            status=row.status,
            memento=row.memento,
        )


def _agree(revisit: Record, original: Record) -> bool:
    digests = {record.get("WARC-Payload-Digest") for record in (revisit, original)} - {None}
    return original.type in BODIES and len(digests) <= 1


def _is_bound(capture: Capture, row: PageRow) -> bool:
    return row.captured_basis == capture.captured_basis == "bound"


def _unread(capture: Capture, row: PageRow, problem: str) -> Page:
    """Return a page that the rules of today refuse: it was observed, so it keeps its row."""
    return page_showing(
        capture,
        encoding=row.encoding,
        encoding_basis=row.encoding_basis,
        layout=None,
        fields=(),
        problems=(*capture.problems, f"unreadable: {problem}"),
    )
