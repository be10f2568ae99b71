"""Which record a person means, and which snapshots of the collection hold it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psgcrawl import urls
from psgcrawl.archive.manifest import PAGES
from psgcrawl.archive.redact.copying import Listed, listed, together
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.errors import DamagedData, NotFound, UsageError
from psgcrawl.records import PageRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A snapshot that holds the record."""

    snapshot: Snapshot
    """In its newest edition."""
    evidence: Path
    """The WARC from which that was derived."""
    records: list[Listed]
    """All that are in it, in its order."""
    concerned: list[Listed]
    """The record and the revisits that repeat it."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to redact."""
        return all(one.redacted for one in self.concerned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What :func:`find` found."""

    record: Listed
    """As the first snapshot has it that still holds its bytes; else as the first has it."""
    holdings: list[Holding]
    """In the order of the snapshots."""
    problems: list[str]
    """Snapshots that could not be looked into: ``place: problem``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A record whose page shows an entry or has an address."""

    record: str
    url: str | None
    snapshots: list[str]
    """All editions in which it is."""


def find(collection: Collection, name: str) -> Found:
    """Return the record ``name`` and the snapshots that hold it.

    :param name: a ``WARC-Record-ID``, with or without ``<urn:uuid:…>``
    :raises UsageError: for a revisit, which holds no payload; the message names the record that does
    :raises NotFound: when no snapshot that can be read holds it
    """
    holdings: list[Holding] = []
    problems: list[str] = []
    for snapshot in collection.snapshots():
        try:
            holdings.extend(_holding(snapshot, bare(name)))
        except (DamagedData, OSError) as error:
            problems.append(str(error))
    if not holdings:
        raise NotFound("; ".join([f"{collection.name}: no snapshot holds a record {name!r}", *problems]))
    chosen = next((one for one in holdings if not one.done), holdings[0])
    record = next(one for one in chosen.concerned if bare(one.id) == bare(name))
    if record.type == "revisit":
        raise UsageError(
            f"{record.id} is a revisit: what it shows is in the record that it repeats; redact {record.repeats}"
        )
    return Found(record=record, holdings=holdings, problems=problems)


def carriers(collection: Collection, text: str) -> list[Carrier]:
    """Return the records whose pages have the address ``text`` or show the entry of that id, in any edition.

    In the order in which the collection first has them.

    :raises DamagedData: when a ``pages.jsonl`` cannot be read
    """
    address = urls.canonical(text, text)
    found: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
    for edition in collection.editions():
        if not (edition.folder / PAGES).exists():
            continue
        for row in edition.pages():
            if row.warc is not None and _carries(row, text, address):
                found[row.warc.record, row.url].append(edition.name)
    return [Carrier(record=record, url=url, snapshots=names) for (record, url), names in found.items()]


def bare(name: str) -> str:
    """Return the name of a record as it is compared: without brackets, lower case, an UUID by itself.

    >>> bare("<urn:uuid:A1>"), bare("urn:uuid:a1"), bare(" a1 ")
    ('a1', 'a1', 'a1')
    """
    return name.strip().removeprefix("<").removesuffix(">").lower().removeprefix("urn:uuid:")


def _holding(snapshot: Snapshot, wanted: str) -> Iterator[Holding]:
    evidence = snapshot.evidence()
    if evidence is None:
        return
    records = list(listed(evidence))
    named = next((one.id for one in records if bare(one.id) == wanted), None)
    if named is not None:
        concerned = together(records, named)
        yield Holding(snapshot=snapshot, evidence=evidence, records=records, concerned=concerned)


def _carries(row: PageRow, text: str, address: str | None) -> bool:
    if any(text in view.entries for view in row.lists):
        return True
    if row.url is None:
        return False
    return row.url == text or (address is not None and urls.canonical(row.url, row.url) == address)
