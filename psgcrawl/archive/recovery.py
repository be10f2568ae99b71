"""What a run that died could not log: the next run does it.

Snapshots that became visible are whole, because they were verified before. The next run
checks that once more and writes their line, so that the log names every snapshot. And
whatever else a run was at when it was killed, it gets a line, so that the log names every
run: a silence of the log is a silence of the schedule.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psgcrawl.archive import atwork, durable, names, runlog
from psgcrawl.archive.atwork import Begun
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import MANIFEST, Manifest, read_manifest, verify_files
from psgcrawl.archive.warc.spool import set_aside_dead
from psgcrawl.archive.write import Written
from psgcrawl.errors import CollectionBusy, DamagedData
from psgcrawl.records import Provenance, RunLine

KILLED: Final = "killed: the process ended before it was decided what becomes of the run"
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


def log_dead(archive: Path, now: str) -> list[str]:
    """Write the lines of the runs that died, each once, and set aside what they had fetched; return what to tell.

    For each collection that such a run came to and that has no line of it: ``failed``, or
    ``committed`` if its snapshot had become visible. Where another run holds one of them,
    that run's end or a later one does it.

    :param now: when this is decided, RFC 3339 UTC
    :raises DamagedData: when the log itself is damaged
    :raises OSError: when the disk does not take it
    """
    told: list[str] = []
    aside: list[str] | None = None
    with closing(atwork.claims(archive)) as claims:
        for claim in claims:
            if aside is None:
                aside = set_aside_dead(archive)
                told += [f"{name}: left by a run that died; it can be read as captures" for name in aside]
            try:
                told += _log_one(archive, claim.begun, aside, now)
            except CollectionBusy as error:
                told.append(f"a run that died is not logged yet: {error}")
            else:
                claim.remove()
    return told


def _log_one(archive: Path, begun: Begun, aside: Iterable[str], now: str) -> list[str]:
    told: list[str] = []
    for collection in begun.collections or [None]:
        kept = [name for name in aside if names.compact(begun.started) in name]
        if collection is not None and (archive / collection).is_dir():
            with CollectionLock(archive, collection) as lock:
                told += log_unlogged(lock, now).damaged
                kept += lock.set_aside
        if not _has_line(archive, begun, collection):
            reasons = [KILLED, *([f"kept apart: {', '.join(kept)}"] if kept else [])]
            runlog.append(archive, _killed(begun, collection, reasons, now))
            told.append(f"the run of {begun.spider} that began {begun.started} was killed; it is logged now")
    return told


def _has_line(archive: Path, begun: Begun, collection: str | None) -> bool:
    """Tell whether a run, or who found its snapshot, logged the collection: of those lines the names have the start."""
    return any(
        line.collection == collection
        and (
            line.run == begun.run or (line.run is None and (line.started, line.spider) == (begun.started, begun.spider))
        )
        for line in runlog.read(archive)
    )


def _killed(begun: Begun, collection: str | None, reasons: list[str], now: str) -> RunLine:
    return RunLine(
        started=begun.started,
        finished=now,
        collection=collection,
        spider=begun.spider,
        outcome="failed",
        reasons=reasons,
        snapshot=None,
        manifest_sha256=None,
        counts=None,
        coverage=None,
        software=begun.software,
        pages=[],
        run=begun.run,
    )


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
