"""Snapshots that became visible in a run that died before it could log them.

They are whole, because they were verified before they became visible. The next run
checks that once more and writes their line, so that the log names every snapshot.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psgcrawl.archive import durable, names, runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import MANIFEST, Manifest, read_manifest, verify_files
from psgcrawl.archive.write import Written
from psgcrawl.errors import DamagedData
from psgcrawl.records import Provenance

REASON: Final = "this snapshot had no line of its commit in the log: verified, and logged by a later run"


@dataclass(frozen=True, slots=True)
class Recovery:
    """What :func:`log_unlogged` found."""

    logged: list[str]
    """Names of the snapshots that now have their line."""
    damaged: list[str]
    """Problems of those that are not as their manifest says: ``place: problem``. They have no line."""


def unlogged(archive: Path, collection: str) -> list[str]:
    """Return the names of the visible snapshots of ``collection`` without a line of their commit, in order of time.

    :raises DamagedData: when the log cannot be read
    """
    folder = archive / collection
    if not folder.is_dir():
        return []
    logged = {
        line.snapshot for line in runlog.read(archive) if line.collection == collection and line.outcome == "committed"
    }
    found = [name for name in map(names.parse, (path.name for path in folder.iterdir() if path.is_dir())) if name]
    return [str(name) for name in sorted(found, key=lambda name: name.order) if str(name) not in logged]


def log_unlogged(lock: CollectionLock, now: str) -> Recovery:
    """Verify, make durable and log the snapshots of the locked collection that have no line yet.

    :param now: when this is decided, RFC 3339 UTC
    :raises DamagedData: when the log itself is damaged
    """
    lock.require()
    recovery = Recovery([], [])
    for name in unlogged(lock.archive, lock.collection):
        folder = lock.folder / name
        try:
            manifest = read_manifest(folder)
            problems = verify_files(folder)
        except DamagedData as error:
            recovery.damaged.append(str(error))
            continue
        if problems:
            recovery.damaged.extend(problems)
            continue
        _force_to_disk(folder, manifest)
        # Editions have the spider of their crawl in the manifest; what committed them was another command.
        facts = manifest.provenance
        line = Written.of(folder, manifest).line(
            lock.collection, spider=_committed_by(facts), started=facts.started, finished=now, reasons=[REASON]
        )
        runlog.append(lock.archive, line)
        recovery.logged.append(name)
    return recovery


def _committed_by(provenance: Provenance) -> str:
    if provenance.redactions:
        return "redact"
    if provenance.derived_from:
        return "rebuild"
    return provenance.spider if provenance.accepted is None else "accept"


def _force_to_disk(folder: Path, manifest: Manifest) -> None:
    for name in (*(file.path for file in manifest.files), MANIFEST):
        durable.sync_file(folder / name)
    durable.sync_folder(folder)
    durable.sync_folder(folder.parent)
