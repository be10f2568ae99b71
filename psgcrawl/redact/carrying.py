"""A redaction carried out: editions committed and logged, then the old bytes deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from psgcrawl.archive import durable, rules, runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.index.schema import NAME as INDEX
from psgcrawl.archive.recovery import log_unlogged
from psgcrawl.archive.redact.copying import copy
from psgcrawl.archive.redact.erasing import erase
from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.archive.write import Written, write_edition
from psgcrawl.rebuild import derive
from psgcrawl.redact.finding import find
from psgcrawl.redact.planning import Treatment, planned

SPIDER: Final = "redact"
"""Who stands in the run log for a redaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done."""

    editions: list[str]
    """Names of the new editions, in the order of their snapshots."""
    erased: list[Path]
    """Files that were deleted."""
    notes: list[str]
    """What a person should know of what was found on the way."""
    problems: list[str]
    """Snapshots that could not be treated, and why: ``place: problem``. Their bytes are still there."""


def carry_out(
    archive: Path, collection: str, record: str, mark: Mark, see: Callable[[Treatment], object] = lambda _: None
) -> Done:
    """Redact a record in all snapshots of the collection; what a call before left undone is finished.

    Nothing is deleted before every snapshot that can be treated has its new edition.

    :param record: as :func:`psgcrawl.redact.finding.find` takes it
    :param see: is shown what becomes of each snapshot, while everything is still there
    :raises CollectionBusy: when another run holds the collection
    :raises UsageError: as :func:`~psgcrawl.redact.finding.find`
    :raises DamagedData: when an edition or the log is not as it was written; then nothing is deleted
    """
    with CollectionLock(archive, collection) as lock:
        recovery = log_unlogged(lock, mark.when)
        notes = [f"{collection}: a run died while it wrote; what it left is kept as {name}" for name in lock.set_aside]
        notes += [f"{collection}/{name}: had no line in the log yet; verified, and logged" for name in recovery.logged]
        found = find(Collection(lock.folder), record)
        problems = [*recovery.damaged, *found.problems]
        editions: list[str] = []
        for treatment in planned(found.holdings, mark, problems):
            see(treatment)
            written = _commit(lock, treatment, mark)
            _log(lock, treatment, written, mark)
            editions.append(written.name)
        remove_index(archive)
        return Done(editions=editions, erased=erase(lock, _stands_alone), notes=notes, problems=problems)


def remove_index(archive: Path) -> None:
    """Delete the index of histories, in which entries stand too: the next history makes it again."""
    found = sorted(archive.glob(f"{INDEX}*"))
    for path in found:
        path.unlink(missing_ok=True)
    if found:
        durable.sync_folder(archive)


def _commit(lock: CollectionLock, treatment: Treatment, mark: Mark) -> Written:
    holding = treatment.holding
    targets = {one.id for one in treatment.targets}
    return write_edition(
        lock,
        treatment.snapshot.folder,
        treatment.content,
        treatment.coverage,
        mark.when,
        evidence=partial(copy, holding.evidence, holding.records, targets, mark),
        redactions=treatment.redactions,
    )


def _stands_alone(edition: Snapshot) -> list[str]:
    """Return what is wrong with an edition on the strength of which others go: it must follow from its own evidence."""
    again = derive(edition)
    if rules.of(edition.manifest().provenance) != rules.today():
        return []
    return [
        f"{edition.folder / name}: not what its own evidence gives"
        for name, records in again.files.items()
        if not records.is_in(edition.folder / name)
    ]


def _log(lock: CollectionLock, treatment: Treatment, written: Written, mark: Mark) -> None:
    reasons = [
        f"redacted {one.record}, in place of {treatment.snapshot.name}: {one.reason}" for one in treatment.redactions
    ]
    line = written.line(lock.collection, spider=SPIDER, started=mark.when, finished=mark.when, reasons=reasons)
    runlog.append(lock.archive, line)
