"""One snapshot derived again, from the look at it to its edition: a job, of which there can be many at once.

Nothing is held while a snapshot is derived. Where an edition is due, the collection is
locked for as long as one takes to write, and looked at once more: another process may
have done the same job meanwhile, or have died between the commit and its line in the log.
So a job can be begun again, done twice at once, and killed anywhere: what is there in the
end is the same.
"""

from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from psgcrawl.archive.assemble import Assembled
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.recovery import log_unlogged
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.errors import DamagedData
from psgcrawl.jobs import processors
from psgcrawl.rebuild.editions import commit, examine
from psgcrawl.rebuild.outcomes import Examined, Failure
from psgcrawl.rebuild.seen import Seen

WORTHWHILE: Final = 1 << 20
"""Bytes of evidence for which another process is started: some 300 pages."""
PATIENCE: Final = 600.0
"""Seconds to wait for a collection: while others commit, not while they derive."""
_LAST: Final[ContextVar[Seen | None]] = ContextVar("_LAST", default=None)
"""What the snapshot that was derived last in this process shows."""


@dataclass(frozen=True, slots=True)
class Again:
    """A snapshot that is to be derived again."""

    archive: Path
    snapshot: Snapshot
    started: str
    """When the rebuild began, RFC 3339 UTC."""
    check: bool = False
    """Whether it is only looked at, and nothing is committed."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it."""

    found: Examined | Failure
    notes: list[str] = field(default_factory=list)
    """What a person should know."""


def rebuild(again: Again) -> Rebuilt:
    """Derive a snapshot again, and commit what comes out as its next edition, where that is due.

    :raises CollectionBusy: where another holds the collection for longer than ``PATIENCE``
    :raises DamagedData: where the log is damaged, or the disk gives back other bytes than were written
    :raises OSError: where the disk fails
    """
    snapshot, notes = again.snapshot, list[str]()
    while True:
        try:
            examined, content = examine(snapshot, _neighbours())
        except (DamagedData, OSError) as error:
            return Rebuilt(Failure(snapshot.name, str(error)), notes)
        if again.check or not examined.due:
            return Rebuilt(examined, notes)
        with CollectionLock(again.archive, snapshot.folder.parent.name, patience=PATIENCE) as lock:
            notes += left_behind(lock)
            newest = _newest(lock, snapshot)
            if newest.name == snapshot.name:
                return Rebuilt(commit(lock, examined, content, again.started, _now()), notes)
            if _is_edition_of(newest, snapshot, content):
                notes += _logged(lock)
                return Rebuilt(replace(examined, edition=newest.name), notes)
        # Something else was committed meanwhile, a redaction for one: what is due now is due of that.
        snapshot = newest


def _neighbours() -> Seen:
    """Return what knows the pages of the snapshot that this process derived last, and takes those of the next."""
    seen = Seen(_LAST.get())
    _LAST.set(seen)
    return seen


def left_behind(lock: CollectionLock) -> list[str]:
    """Return in words what runs that died had been writing, and what became of it."""
    return [
        f"{lock.collection}: a run died while it wrote a snapshot; what it left is kept as {name}"
        for name in lock.set_aside
    ]


def worthwhile(snapshots: Sequence[Snapshot]) -> int:
    """Return with how many processes to derive ``snapshots``: one a processor, but none that has next to nothing to do.

    To start one takes as long as to read some hundred pages.
    """
    work = sum(path.stat().st_size for path in (snapshot.evidence() for snapshot in snapshots) if path)
    return min(processors(), 1 + work // WORTHWHILE)


def _newest(lock: CollectionLock, snapshot: Snapshot) -> Snapshot:
    """Return the newest edition that there is of a snapshot."""
    wanted = snapshot.parsed.snapshot
    return max(
        (one for one in Collection(lock.folder).editions() if one.parsed.snapshot == wanted),
        key=lambda one: one.parsed.edition,
    )


def _is_edition_of(newest: Snapshot, snapshot: Snapshot, content: Assembled) -> bool:
    """Tell whether an edition is what deriving ``snapshot`` again has given here, too."""
    origin = newest.manifest().provenance.derived_from
    with suppress(FileNotFoundError):
        return (
            origin is not None
            and origin.name == snapshot.name
            and all(records.is_in(newest.folder / name) for name, records in content.files.items())
        )
    return False


def _logged(lock: CollectionLock) -> list[str]:
    """See to it that what was committed has its line: whoever committed it may have died before it wrote one."""
    recovery = log_unlogged(lock, _now())
    told = [f"{lock.collection}/{name}: had no line in the log yet; verified, and logged" for name in recovery.logged]
    return [*told, *recovery.damaged]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
