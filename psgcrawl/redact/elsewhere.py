"""Where else in the archive the same can be read: records, payloads, entries, words.

Everything below the archive's folder is looked at, also what is kept apart. It is told,
never changed: another record is another decision. What lies elsewhere (copies, backups,
exports, feeds) nobody here can know: ``docs/responsible-use.md``.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psgcrawl.archive import jsonl
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES
from psgcrawl.archive.redact.copying import listed
from psgcrawl.archive.redact.erasing import GOING
from psgcrawl.archive.runlog import RUNS
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry, PageRow
from psgcrawl.redact.planning import Treatment

ALIASES: Final = "aliases.jsonl"
"""The table of links between entries, which a person can correct."""

_WARC: Final = (".warc", ".warc.gz")
_TELLING: Final = 8
"""Shorter titles (``Lima``) say nothing about where they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One place where the same, or a part of it, can still be read."""

    place: str
    """A file or folder, relative to the archive."""
    record: str | None
    """The record that would have to be redacted there; None where there is none."""
    what: str
    """In words."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for."""

    records: set[str] = field(default_factory=set)
    """Names of the redacted records."""
    digests: set[str] = field(default_factory=set)
    """Digests of their payloads, as they are written."""
    ids: set[str] = field(default_factory=set)
    """Of withheld entries."""
    texts: set[tuple[str, str]] = field(default_factory=set)
    """Titles and summaries of withheld entries."""
    addresses: set[str] = field(default_factory=set)
    """Those of the redacted records."""

    def add(self, treatment: Treatment) -> None:
        """Look for what one snapshot loses, too."""
        self.records.update(redaction.record for redaction in treatment.redactions)
        self.addresses.update(redaction.url for redaction in treatment.redactions if redaction.url is not None)
        self.digests.update(one.payload_digest for one in treatment.targets if one.payload_digest is not None)
        self.digests.update(row.payload_digest for row in treatment.pages)
        for entry in (*treatment.withheld, *(before for before, _ in treatment.otherwise)):
            self.ids.add(entry.id)
            self.texts.add((entry.title, entry.summary))

    def shows(self, entry: Entry) -> bool:
        """Tell whether ``entry`` has the identity of a withheld one, or says the same."""
        return entry.id in self.ids or (entry.title, entry.summary) in self.texts

    @property
    def titles(self) -> list[bytes]:
        """Titles that are long enough to tell something, as JSON has them, without quotes."""
        titles = sorted({title for title, _ in self.texts if len(title) >= _TELLING})
        return [jsonl.dumps(title)[1:-1] for title in titles]


def elsewhere(archive: Path, sought: Sought, going: Collection[Path] = ()) -> Iterator[Trace]:
    """Yield where what is ``sought`` can be read, by folders and files in the order of their names.

    What cannot be read is told as well: nobody knows what it holds.

    :param going: folders that are passed over: snapshots that are to be redacted themselves
    """
    yield from _top(archive, sought)
    for folder, names in _walk(archive, set(going)):
        place = str(folder.relative_to(archive))
        for name in names:
            if name.endswith(_WARC):
                yield from _records(folder / name, f"{place}/{name}", sought)
        if ENTRIES in names:
            yield from _entries(folder, place, sought)
        if PAGES in names:
            yield from _pages(folder, place, sought)
        if MANIFEST in names:
            yield from _words(folder / MANIFEST, f"{place}/{MANIFEST}", sought)


def what_stays(archive: Path, folders: Iterable[Path], sought: Sought) -> Iterator[Trace]:
    """Yield what of the editions in ``folders`` stays when their files are deleted.

    That is a manifest which quotes what is withheld, and files that have another name on the
    same disk (a backup by hard links): to delete one name leaves the bytes under the other.
    """
    for folder in folders:
        place = str(folder.relative_to(archive))
        yield from _words(folder / MANIFEST, f"{place}/{MANIFEST}", sought)
        for name in GOING:
            links = (folder / name).stat().st_nlink if (folder / name).exists() else 1
            if links > 1:
                what = f"stays under other names on this disk (hard links): {links - 1}"
                yield Trace(place=f"{place}/{name}", record=None, what=what)


def _walk(archive: Path, going: set[Path]) -> Iterator[tuple[Path, list[str]]]:
    for folder, inner, names in os.walk(archive):
        inner.sort()
        if Path(folder) not in going:
            yield Path(folder), sorted(names)


def _top(archive: Path, sought: Sought) -> Iterator[Trace]:
    """Yield what the run log and the table of aliases say."""
    for name, needles, said in (
        (RUNS, [jsonl.dumps(address)[1:-1] for address in sorted(sought.addresses)], "name an address"),
        (RUNS, sought.titles, "quote a withheld title"),
        (ALIASES, [jsonl.dumps(id_) for id_ in sorted(sought.ids)], "name the id of a withheld entry"),
        (ALIASES, sought.titles, "quote a withheld title"),
    ):
        path = archive / name
        if not needles or not path.is_file():
            continue
        with path.open("rb") as file:
            number = sum(any(needle in line for needle in needles) for line in file)
        if number:
            yield Trace(place=name, record=None, what=f"{said}: {number} {'line' if number == 1 else 'lines'}")


def _records(path: Path, place: str, sought: Sought) -> Iterator[Trace]:
    try:
        for one in listed(path):
            if one.redacted or one.type == "revisit":
                continue
            if one.id in sought.records:
                yield Trace(place=place, record=one.id, what="the record itself")
            elif one.payload_digest in sought.digests:
                yield Trace(place=place, record=one.id, what="a record of the same payload")
    except (DamagedData, OSError) as error:
        yield Trace(place=place, record=None, what=f"cannot be looked into: {error}")


def _entries(folder: Path, place: str, sought: Sought) -> Iterator[Trace]:
    """Yield the records whose pages show what is withheld, with the entries by their ids."""
    try:
        needles = [b'"id":' + jsonl.dumps(id_) for id_ in sought.ids]
        needles += [b'"title":' + jsonl.dumps(title) for title, _ in sought.texts]
        data = (folder / ENTRIES).read_bytes()
        if not any(needle in data for needle in needles):
            return
        found = {entry.id for entry in jsonl.read_lines(folder / ENTRIES, Entry) if sought.shows(entry)}
        shown: defaultdict[str | None, set[str]] = defaultdict(set)
        for row in _rows(folder) if found else ():
            for id_ in found.intersection(id_ for view in row.lists for id_ in view.entries):
                shown[row.warc.record if row.warc else None].add(id_)
    except (DamagedData, OSError) as error:
        yield Trace(place=f"{place}/{ENTRIES}", record=None, what=f"cannot be looked into: {error}")
        return
    for record, ids in shown.items():
        yield Trace(place=place, record=record, what=f"shows {', '.join(sorted(ids))}")


def _pages(folder: Path, place: str, sought: Sought) -> Iterator[Trace]:
    """Yield pages of the same payload of which no record was kept."""
    try:
        for row in _rows(folder):
            if row.warc is None and row.payload_digest in sought.digests:
                yield Trace(place=place, record=None, what="a page of the same payload, of which no record was kept")
    except (DamagedData, OSError) as error:
        yield Trace(place=f"{place}/{PAGES}", record=None, what=f"cannot be looked into: {error}")


def _rows(folder: Path) -> Iterator[PageRow]:
    return jsonl.read_lines(folder / PAGES, PageRow)


def _words(path: Path, place: str, sought: Sought) -> Iterator[Trace]:
    try:
        data = path.read_bytes()
    except OSError as error:
        yield Trace(place=place, record=None, what=f"cannot be looked into: {error}")
        return
    number = sum(title in data for title in sought.titles)
    if number:
        yield Trace(place=place, record=None, what=f"quotes {number} withheld {'title' if number == 1 else 'titles'}")
