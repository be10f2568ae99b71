"""What a deep check looks at in one snapshot."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from psgcrawl.archive import jsonl
from psgcrawl.archive.manifest import MANIFEST, PAGES, WARC, About, Manifest, build_manifest
from psgcrawl.archive.sourceless import without_sources
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.verify import content, evidence
from psgcrawl.archive.verify.derivation import Derive, check_derivation
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.archive.verify.folders import Checked
from psgcrawl.archive.verify.log import Page
from psgcrawl.errors import DamagedData, PsgcrawlError
from psgcrawl.records import PageRow


def check_snapshot(checked: Checked, manifest: Manifest, derive: Derive, findings: Findings) -> None:
    """Look into every line and record of a snapshot in one edition, of which all files are there."""
    folder = checked.folder
    snapshot = Snapshot(folder)
    entries = content.read_entries(folder, findings)
    rows = content.read_pages(folder, findings)
    _check_manifest(manifest, (row.url for _, row in rows), folder, findings)
    content.check_lists(entries, rows, folder, findings)
    content.check_provenance(manifest.provenance, entries, rows, folder, findings)
    path = snapshot.evidence()
    if path is None:
        _without_evidence(folder, rows, findings)
        return
    before = findings.problems
    records = _records(path, manifest, folder, findings)
    if records is None:
        return
    for place, row in rows:
        evidence.check_row(place, row, records, findings)
    if findings.problems == before:
        # With damaged evidence, what it gives says nothing of the entries.
        check_derivation(snapshot, manifest, derive, findings)


def check_confirmed(folder: Path, pages: dict[Page, str], findings: Findings) -> None:
    """Tell which ``pages`` unchanged runs say that they saw again, and the snapshot in ``folder`` does not hold."""
    try:
        held = {(row.url, row.payload_digest) for row in Snapshot(folder).pages()}
    except (PsgcrawlError, OSError):
        # Told, when its lines were read.
        return
    for (url, digest), place in pages.items():
        if (url, digest) not in held:
            findings.damaged(place, f"confirms {url or digest} of {folder.name}, which does not hold it")


def _records(path: Path, manifest: Manifest, folder: Path, findings: Findings) -> evidence.Records | None:
    """Return the records of the evidence, checked if it is this edition's own: else it was, with that edition."""
    if path.parent == folder:
        stated = next((file.records for file in manifest.files if file.path == WARC), None)
        redactions = {redaction.record for redaction in manifest.provenance.redactions}
        return evidence.check_records(path, stated, redactions, findings)
    silent = Findings(findings.archive, lambda _: None)
    records = evidence.check_records(path, None, None, silent)
    if records is None or silent.problems:
        findings.damaged(folder, f"its evidence is damaged: {path.parent.name}/{path.name}")
        return None
    return records


def _check_manifest(manifest: Manifest, urls: Iterable[str | None], folder: Path, findings: Findings) -> None:
    """Tell where the manifest is not written as it must be, or names another snapshot or other sources.

    Not held against what this version would write: titles, rights and the descriptions of
    fields are words that another version may have put otherwise.
    """
    path = folder / MANIFEST
    about = About(collection=folder.parent.name, name=folder.name, created="", urls=list(dict.fromkeys(urls)))
    expected = jsonl.decode(build_manifest(about, manifest.files, manifest.provenance), _Named, "", unique=False)
    try:
        data = path.read_bytes()
        stated = jsonl.decode(data, _Named, str(path), unique=False)
    except (OSError, DamagedData) as error:
        findings.raised(path, error)
        return
    if not jsonl.is_as_manifests_are(without_sources(data)):
        findings.damaged(path, "not written as it must be: other spaces or escapes than this program's")
    for member in ("name", "sources"):
        if msgspec.json.format(getattr(stated, member)) != msgspec.json.format(getattr(expected, member)):
            findings.damaged(path, f"{member!r} is not that of this snapshot and its pages")


class _Named(msgspec.Struct):
    """What of a manifest is held against the pages. Not taken apart: a source is named for each of them."""

    name: msgspec.Raw = msgspec.Raw(b"null")
    sources: msgspec.Raw = msgspec.Raw(b"null")


def _without_evidence(folder: Path, rows: Iterable[tuple[str, PageRow]], findings: Findings) -> None:
    if any(row.warc for _, row in rows):
        findings.damaged(folder / PAGES, f"points at records, and no edition has {WARC}")
    else:
        findings.noted(folder, "no evidence was kept: it cannot be derived again")
