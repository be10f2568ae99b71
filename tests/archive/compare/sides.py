"""Sides to compare: snapshots made from pages, files made from entries."""

import random
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from psgcrawl.archive import assemble, durable, jsonl, names, write
from psgcrawl.archive.compare.changes import ALL, Change, Comparison, Side, Wanted
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES, About, StoredFile, build_manifest
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.write import Choices
from psgcrawl.records import DERIVATION, Captured, Entry, Page, PageRow, replace
from tests.archive.making import RUN, at, entry, page
from tests.archive.plain import canonical

BEFORE = at("2017-02-01T06:00:00Z")
AFTER = at("2017-03-01T06:00:00Z")


def dated(number: int, day: str | None, /, **given: Any) -> Entry:
    """The entry of a detail page, with a day (or several: ``2017-01``) or without one."""
    if day is None:
        values: dict[str, Any] = {"date_earliest": None, "date_latest": None, "date_edtf": None, "dateline": None}
    elif len(day) == len("2017-01"):
        values = {"date_earliest": f"{day}-01", "date_latest": f"{day}-28", "date_edtf": day, "dateline": day}
    else:
        printed = f"{date.fromisoformat(day):%d %B %Y}"
        values = {"date_earliest": day, "date_latest": day, "date_edtf": day, "dateline": printed}
    url = f"http://perusupportgroup.org.uk/news-article-{number}.html"
    return entry(f"news-article-{number}", **({"url": url, **values} | given))


def snapshot(folder: Path, captured: Captured, *pages: Page, **given: Any) -> Side:
    """The snapshot of these pages, all captured then, in a folder of its own; not made durable, which takes long."""
    choices = Choices(**given)
    moved = [replace(one, captured=captured) for one in pages]
    assembled = assemble.assemble(moved)
    there = folder / f"{len(list(folder.iterdir()))}" / names.stem(captured)
    there.mkdir(parents=True)
    (there / ENTRIES).write_bytes(jsonl.dump_lines(assembled.entries))
    (there / PAGES).write_bytes(jsonl.dump_lines(assembled.rows))
    files = [StoredFile(name, *durable.digest(there / name)) for name in (ENTRIES, PAGES)]
    about = About(collection="news", name=there.name, created=RUN.finished)
    provenance = write._provenance("news", moved, RUN, choices, write.counts_of(assembled))
    (there / MANIFEST).write_bytes(build_manifest(about, files, provenance))
    return Side.of(Snapshot(there))


def rewritten(side: Side, change: Callable[[PageRow], PageRow]) -> Side:
    """The same snapshot with other rows of pages."""
    assert side.snapshot is not None
    rows = [change(row) for row in side.snapshot.pages()]
    (side.snapshot.folder / PAGES).write_bytes(jsonl.dump_lines(rows))
    return Side.of(side.snapshot)


def with_derivation(side: Side, number: int) -> Side:
    """The same snapshot, as if written under other rules."""
    assert side.snapshot is not None
    manifest = side.snapshot.folder / MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(b'"derivation": %d' % DERIVATION, b'"derivation": %d' % number))
    return Side.of(side.snapshot)


def file(path: Path, entries: Iterable[Entry], *, shuffled: int | None = None) -> Side:
    """A file of entries in canonical order, or shuffled."""
    ordered = canonical(list(entries))
    if shuffled is not None:
        random.Random(shuffled).shuffle(ordered)  # noqa: S311 - nothing secret
    path.write_bytes(jsonl.dump_lines(ordered))
    return Side(str(path), path)


def full(*entries: Entry, position: int = 0, fill: str = "2017-01-15") -> Page:
    """A page of ten entries: those given, and others of day ``fill`` that are the same for the same position."""
    fillers = [dated(9_000_000 + position * 100 + number, fill) for number in range(10 - len(entries))]
    return page(*canonical([*entries, *fillers]), position=position)


def changes(old: Side, new: Side, wanted: Wanted = ALL) -> list[Change]:
    return list(Comparison(old, new, wanted).changes())


def said(old: Side, new: Side, wanted: Wanted = ALL) -> dict[str, str]:
    """What became of each entry that changed; no entry can be in two changes."""
    found = changes(old, new, wanted)
    for side in ("old", "new"):
        identities = [getattr(change, side).id for change in found if getattr(change, side)]
        assert len(identities) == len(set(identities))
    return {change.id: change.change for change in found}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
