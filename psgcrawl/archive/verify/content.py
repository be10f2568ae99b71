"""Entries and pages of a snapshot against each other, and against what its manifest says of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from psgcrawl import site
from psgcrawl.archive.coverage import runs_of
from psgcrawl.archive.grouping import order
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.archive.verify.lines import sound_lines
from psgcrawl.records import KINDS, Captured, Counts, Entry, Kind, PageRow, Provenance


def read_entries(folder: Path, findings: Findings) -> dict[str, Kind]:
    """Check ``entries.jsonl``, and return the kind of each entry by its id, in the order of the file."""
    found: dict[str, Kind] = {}
    before: Entry | None = None
    for place, entry in sound_lines(folder / ENTRIES, Entry, findings):
        if entry.id in found:
            findings.damaged(place, f"the id {entry.id!r} is there twice")
        elif before and not _follows(before, entry):
            findings.damaged(place, f"{entry.id!r} does not stand after {before.id!r} in canonical order")
        _check_entry(place, entry, findings)
        found[entry.id] = entry.kind
        before = entry
    return found


def read_pages(folder: Path, findings: Findings) -> list[tuple[str, PageRow]]:
    """Check ``pages.jsonl``, and return its rows with their places, in the order of the file."""
    rows = list(sound_lines(folder / PAGES, PageRow, findings))
    for (_, before), (place, row) in pairwise(rows):
        # Within one second a crawl can come back to a page.
        if order(before)[:3] > order(row)[:3]:
            findings.damaged(place, "captured before the page in front of it")
        elif order(before) == order(row):
            findings.damaged(place, "the same page as the one in front of it")
    for place, row in rows:
        if row.fields != sorted(set(row.fields)):
            findings.damaged(place, "'fields' is not sorted")
    return rows


def check_lists(
    entries: Mapping[str, Kind], rows: Sequence[tuple[str, PageRow]], folder: Path, findings: Findings
) -> None:
    """Tell of entries that pages show and that are not there, and of those that no page shows."""
    shown: set[str] = set()
    for place, row in rows:
        ids = {id_ for view in row.lists for id_ in view.entries}
        for id_ in sorted(ids - entries.keys()):
            findings.damaged(place, f"shows the entry {id_!r}, which is not in {ENTRIES}")
        shown |= ids
    for id_ in entries:
        if id_ not in shown:
            findings.damaged(folder / ENTRIES, f"the entry {id_!r} is on no page")


def check_provenance(
    stated: Provenance,
    entries: Mapping[str, Kind],
    rows: Sequence[PageRow],
    folder: Path,
    findings: Findings,
) -> None:
    """Tell where counts, capture times and positions of the manifest are not those of the lines."""
    place = folder / MANIFEST
    kinds = Counter(entries.values())
    counts = Counts(pages=len(rows), entries={kind: kinds[kind] for kind in KINDS})
    if stated.counts != counts:
        findings.damaged(place, f"counts are {stated.counts}, those of the lines {counts}")
    if rows and stated.captured != _span(rows):
        findings.damaged(place, f"captured is {stated.captured}, that of the pages {_span(rows)}")
    _check_coverage(place, stated, rows, findings)


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
