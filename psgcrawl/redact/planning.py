"""What a redaction would take out of each snapshot, and what would stay."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psgcrawl.archive import jsonl, names
from psgcrawl.archive.assemble import Assembled
from psgcrawl.archive.filed import Filed
from psgcrawl.archive.manifest import Manifest
from psgcrawl.archive.redact.copying import Listed
from psgcrawl.archive.redact.row import Mark, redacted_row
from psgcrawl.archive.store import Snapshot
from psgcrawl.errors import DamagedData
from psgcrawl.rebuild.deriving import derive_all
from psgcrawl.records import Coverage, Entry, PageRow, Redaction, replace
from psgcrawl.redact.finding import Holding


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What becomes of one snapshot."""

    holding: Holding
    edition: str
    """Name of the edition to come."""
    redactions: list[Redaction]
    """What it declares besides those before it: the record, and the revisits that repeat it."""
    content: Assembled
    """Its entries and rows; the rows point into the evidence as it is now."""
    coverage: Coverage
    pages: list[PageRow]
    """The rows that are redacted, as they are now."""
    withheld: list[Entry]
    """Entries that nothing else shows, in canonical order."""
    otherwise: list[tuple[Entry, Entry]]
    """Entries of which another page showed another reading, which stands now: before and then."""
    staying: list[tuple[Entry, list[PageRow]]]
    """Entries of the redacted pages that stay, with the pages that show them, too."""

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot, in its newest edition."""
        return self.holding.snapshot

    @property
    def targets(self) -> list[Listed]:
        """The records that lose their bytes."""
        return [one for one in self.holding.concerned if not one.redacted]


class _AsRedacted(Snapshot, frozen=True):
    """A snapshot read as if its manifest declared some more redactions: their pages are not derived."""

    redactions: tuple[Redaction, ...] = ()

    def manifest(self) -> Manifest:
        """Return its manifest with the redactions in it."""
        manifest = Snapshot.manifest(self)
        facts = manifest.provenance
        return replace(manifest, provenance=replace(facts, redactions=[*facts.redactions, *self.redactions]))


def plan(holding: Holding, mark: Mark) -> Treatment:
    """Return what becomes of the snapshot of ``holding``; nothing is written.

    What remains is derived again by the rules of today, as a rebuild does.

    :raises DamagedData: where the snapshot is not as it was written
    """
    snapshot = holding.snapshot
    redactions = [
        Redaction(record=one.id, url=_address(one), reason=mark.reason, when=mark.when)
        for one in holding.concerned
        if not one.redacted
    ]
    gone = {redaction.record for redaction in redactions}
    derived = derive_all(_AsRedacted(snapshot.folder, tuple(redactions)))
    stored = list(snapshot.pages())
    concerned = [number for number, row in enumerate(stored) if row.warc is not None and row.warc.record in gone]
    rows = list(derived.assembled.rows)
    for number in concerned:
        rows[number] = redacted_row(stored[number], mark)
    pages = [stored[number] for number in concerned]
    entries = list(snapshot.entries())
    content = replace(derived.assembled, rows=Filed(PageRow, rows))
    withheld, otherwise = _lost(entries, list(content.entries))
    return Treatment(
        holding=holding,
        edition=names.next_edition(snapshot.folder.parent, snapshot.name),
        redactions=redactions,
        content=content,
        coverage=_coverage(derived.coverage, rows, pages),
        pages=pages,
        withheld=withheld,
        otherwise=otherwise,
        staying=_staying(entries, pages, content),
    )


def planned(holdings: Iterable[Holding], mark: Mark, problems: list[str]) -> Iterator[Treatment]:
    """Yield what becomes of each snapshot in which something is left to redact, one by one.

    :param problems: is told which could not be read: ``place: problem``
    """
    for holding in holdings:
        if holding.done:
            continue
        try:
            treatment = plan(holding, mark)
        except DamagedData as error:
            problems.append(str(error))
        else:
            yield treatment


def _address(one: Listed) -> str | None:
    """Return the address that a record is about: the name of a file without one is no address."""
    return None if one.uri is None or one.uri.startswith("ni:") else one.uri


def _coverage(before: Coverage, rows: list[PageRow], redacted: list[PageRow]) -> Coverage:
    """Return what is still proven: nothing that rests on a redacted page."""
    if not redacted:
        return before
    last = max((row.position for row in rows if row.position is not None), default=None)
    rests = before.end == "single-page" or (
        before.end == "short-page" and any(row.position == last for row in redacted)
    )
    return replace(before, complete=False, end=None if rests else before.end)


def _lost(before: list[Entry], after: list[Entry]) -> tuple[list[Entry], list[tuple[Entry, Entry]]]:
    """Return the entries that are gone, and those that stand otherwise, with how they do.

    An entry that only got another number (``x-…-2``) is neither.
    """
    old, new = {_content(entry) for entry in before}, {_content(entry) for entry in after}
    now = {entry.id: entry for entry in after}
    lost = [entry for entry in before if _content(entry) not in new]
    otherwise = [(entry, now[entry.id]) for entry in lost if entry.id in now and _content(now[entry.id]) not in old]
    stand = {entry.id for entry, _ in otherwise}
    return [entry for entry in lost if entry.id not in stand], otherwise


def _staying(before: list[Entry], pages: list[PageRow], after: Assembled) -> list[tuple[Entry, list[PageRow]]]:
    shown = {identity for row in pages for view in row.lists for identity in view.entries}
    ids = {_content(entry): entry.id for entry in after.entries}
    where: defaultdict[str, list[PageRow]] = defaultdict(list)
    for row in after.rows:
        for identity in {identity for view in row.lists for identity in view.entries}:
            where[identity].append(row)
    return [(entry, where[ids[_content(entry)]]) for entry in before if entry.id in shown and _content(entry) in ids]


def _content(entry: Entry) -> bytes:
    return jsonl.dumps(replace(entry, id=""))
