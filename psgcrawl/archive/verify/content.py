"""Entries and pages of a snapshot against each other, and against what its manifest says of them."""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from msgspec import Struct

from psgcrawl import site
from psgcrawl.archive import jsonl
from psgcrawl.archive.coverage import runs_of
from psgcrawl.archive.filed import Filed
from psgcrawl.archive.grouping import order
from psgcrawl.archive.hashed import HashedIds
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.archive.verify.lines import sound_lines
from psgcrawl.errors import DamagedData
from psgcrawl.records import KINDS, Captured, Counts, Entry, Kind, PageRow, Provenance


@dataclass(slots=True)
class Entries:
    """What is kept of the entries of a snapshot that were looked at."""

    path: Path
    ids: HashedIds = field(default_factory=HashedIds)
    kinds: Counter[Kind] = field(default_factory=Counter)

    def all(self) -> Iterator[str]:
        """Yield the ids of all lines of which they can be read, in their order."""
        with suppress(DamagedData, OSError):
            for place, line in jsonl.whole_lines(self.path):
                with suppress(DamagedData):
                    yield jsonl.decode(line, _OfId, place, unique=False).id


class _OfId(Struct):
    id: str


@dataclass(slots=True)
class Rows:
    """The pages of a snapshot that were looked at, in the order of the file; in memory is of each the line's number."""

    path: Path
    rows: Filed[PageRow] = field(default_factory=lambda: Filed(PageRow))
    lines: "array[int]" = field(default_factory=lambda: array("Q"))

    def __iter__(self) -> Iterator[tuple[str, PageRow]]:
        """Yield each row with its place."""
        return ((f"{self.path}:{line}", row) for line, row in zip(self.lines, self.rows, strict=True))


def read_entries(folder: Path, findings: Findings) -> Entries:
    """Check ``entries.jsonl``, and return what else is asked of them."""
    found = Entries(folder / ENTRIES)
    twice = HashedIds(found.all()).twice()
    seen: set[str] = set()
    before: Entry | None = None
    for place, entry in sound_lines(found.path, Entry, findings):
        if entry.id in seen:
            findings.damaged(place, f"the id {entry.id!r} is there twice")
        elif before and not _follows(before, entry):
            findings.damaged(place, f"{entry.id!r} does not stand after {before.id!r} in canonical order")
        _check_entry(place, entry, findings)
        if hash(entry.id) in twice:
            seen.add(entry.id)
        found.ids.add(entry.id)
        found.kinds[entry.kind] += 1
        before = entry
    return found


def read_pages(folder: Path, findings: Findings) -> Rows:
    """Check ``pages.jsonl``, and return its rows."""
    found = Rows(folder / PAGES)
    before: PageRow | None = None
    for place, row in sound_lines(found.path, PageRow, findings):
        # Within one second a crawl can come back to a page.
        if before and order(before)[:3] > order(row)[:3]:
            findings.damaged(place, "captured before the page in front of it")
        elif before and order(before) == order(row):
            findings.damaged(place, "the same page as the one in front of it")
        if row.fields != sorted(set(row.fields)):
            findings.damaged(place, "'fields' is not sorted")
        found.rows.append(row)
        found.lines.append(int(place.rpartition(":")[2]))
        before = row
    return found


def check_lists(entries: Entries, rows: Rows, folder: Path, findings: Findings) -> None:
    """Tell of entries that pages show and that are not there, and of those that no page shows."""
    shown = HashedIds()
    for place, row in rows:
        ids = {id_ for view in row.lists for id_ in view.entries}
        for id_ in sorted(id_ for id_ in ids if id_ not in entries.ids):
            findings.damaged(place, f"shows the entry {id_!r}, which is not in {ENTRIES}")
        for id_ in ids:
            shown.add(id_)
    for id_ in (id_ for id_ in entries.all() if id_ in entries.ids and id_ not in shown):
        findings.damaged(folder / ENTRIES, f"the entry {id_!r} is on no page")


def check_provenance(stated: Provenance, entries: Entries, rows: Rows, folder: Path, findings: Findings) -> None:
    """Tell where counts, capture times and positions of the manifest are not those of the lines."""
    place = folder / MANIFEST
    counts = Counts(pages=len(rows.rows), entries={kind: entries.kinds[kind] for kind in KINDS})
    if stated.counts != counts:
        findings.damaged(place, f"counts are {stated.counts}, those of the lines {counts}")
    if rows.rows and stated.captured != (span := _span(rows.rows)):
        findings.damaged(place, f"captured is {stated.captured}, that of the pages {span}")
    _check_coverage(place, stated, rows.rows, findings)


def _check_coverage(place: Path, facts: Provenance, rows: Sequence[PageRow], findings: Findings) -> None:
    positions = sorted({row.position for row in rows if row.position is not None and row.carried_from is None})
    stated, profile = facts.coverage, site.current()
    runs = [] if profile.is_single(stated.listing) else runs_of(positions, profile.step(stated.listing))
    # Another profile can say otherwise which positions follow on one another.
    if facts.site == profile.sha256 and stated.positions != runs:
        findings.damaged(place, f"coverage has the positions {stated.positions}, the pages {runs}")
    if stated.complete and (stated.gaps or stated.end is None):
        findings.damaged(place, "coverage is complete, and has gaps or no end")


def _span(rows: Sequence[PageRow]) -> Captured:
    # What was carried over was captured by another crawl.
    times = [row.captured for row in rows if row.carried_from is None] or [row.captured for row in rows]
    known = [time.until for time in times if time.until is not None]
    return Captured(since=min(time.since for time in times), until=max(known) if len(known) == len(times) else None)


def _follows(before: Entry, entry: Entry) -> bool:
    earlier, later = entry.date_earliest or "", before.date_earliest or ""
    return earlier < later or (earlier == later and before.id < entry.id)


def _check_entry(place: str, entry: Entry, findings: Findings) -> None:
    for name in ("date_earliest", "date_latest"):
        day = getattr(entry, name)
        if day is not None and not _is_day(day):
            findings.damaged(place, f"{name} is {day!r}, no day")
    for name in ("flags", "categories"):
        values = getattr(entry, name)
        if values != sorted(values):
            findings.damaged(place, f"{name!r} is not sorted")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
