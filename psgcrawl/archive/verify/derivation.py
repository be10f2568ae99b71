"""Entries and pages against what the evidence gives today."""

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from psgcrawl.archive import jsonl, rules
from psgcrawl.archive.assemble import Assembled
from psgcrawl.archive.filed import Filed
from psgcrawl.archive.manifest import Manifest
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.errors import PsgcrawlError
from psgcrawl.records import Entry, PageRow

Derive = Callable[[Snapshot], Assembled]
"""Derives a snapshot again from its evidence. It lies above the archive, and is passed in."""


def check_derivation(snapshot: Snapshot, manifest: Manifest, derive: Derive, findings: Findings) -> None:
    """Tell where ``entries.jsonl`` and ``pages.jsonl`` are not what the evidence gives, at the first such line of each.

    What other rules derived cannot be compared; that is told, too.
    """
    made, today = rules.of(manifest.provenance), rules.today()
    if made != today:
        findings.noted(snapshot.folder, f"not derived again: made by rules {made}, this version has {today}")
        return
    try:
        again = derive(snapshot)
    except (PsgcrawlError, OSError) as error:
        findings.raised(snapshot.folder, error)
        return
    except Exception as error:  # noqa: BLE001 - bytes that no layout should have been given must not end the check
        findings.damaged(snapshot.folder, f"cannot be derived again: {type(error).__name__}: {error}")
        return
    findings.tally.compared += 1
    for name, records in again.files.items():
        _compare(snapshot.folder / name, records, findings)


def _compare(path: Path, again: Filed[Entry] | Filed[PageRow], findings: Findings) -> None:
    try:
        if again.is_in(path):
            return
        with path.open("rb") as file:
            for number, (stored, record) in enumerate(zip_longest(file, again), 1):
                if record is None or stored != jsonl.dumps(record) + b"\n":
                    findings.damaged(f"{path}:{number}", "not what the evidence gives")
                    return
    except OSError as error:
        findings.raised(path, error)
