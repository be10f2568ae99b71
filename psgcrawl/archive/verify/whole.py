"""The whole check: collections, the run log, and both against each other.

Runs may go on meanwhile. Snapshots become visible whole and never change, so no lock is
held while they are read. What a run does in between must not look like damage:

- the log is read after the snapshots: what was committed later is looked at then;
- a snapshot without its line is given time, as long as a run holds its collection;
- a folder kept apart that is gone when something about it is to be told was renamed.
"""

import fcntl
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from psgcrawl.archive import names
from psgcrawl.archive.manifest import MANIFEST
from psgcrawl.archive.names import LOCK
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.verify import apart, editions
from psgcrawl.archive.verify.findings import Finding, Findings, Found
from psgcrawl.archive.verify.folders import Checked, check_folder
from psgcrawl.archive.verify.log import Logged, Name, read_log
from psgcrawl.errors import NotFound

if TYPE_CHECKING:
    from psgcrawl.archive.verify.derivation import Derive

PATIENCE: Final = 60.0
"""Seconds that a run may take from a snapshot's commit to its line in the log: far more than a disk needs."""
_PAUSE: Final = 0.1


class Look(Struct, frozen=True):
    """The check of one snapshot in one edition, on its own: a job."""

    archive: Path
    folder: Path
    derive: "Derive | None"


Spread = Callable[[Callable[[Look], tuple[Checked, Found]], Sequence[Look]], Iterable[tuple[Checked, Found]]]
"""Does the checks, in this process or in others, and returns what they return, in their order: ``map`` is one."""


def verify(  # noqa: PLR0913 - what is checked, how deep, for how long, and on what
    archive: Archive,
    wanted: Sequence[str],
    findings: Findings,
    *,
    derive: "Derive | None" = None,
    patience: float = PATIENCE,
    spread: Spread = map,
) -> None:
    """Check the collections ``wanted`` (all, if none is named) and the run log, and tell what is found.

    :param derive: derives a snapshot again from its evidence; given, the check is a deep one
    :param spread: does the checks of the snapshots
    :raises NotFound: where there is no archive, or no such collection, on disk or in the log
    """
    if not archive.folder.is_dir():
        raise NotFound(f"{archive.folder}: no archive is here")
    folders = [archive.folder / name for name in wanted] or _folders(archive.folder, findings)
    checks = {folder.name: _Collection(folder, findings, derive) for folder in folders if _is_collection(folder)}
    _refuse_unknown(archive, [name for name in wanted if name not in checks])
    logged, unlogged = _settled(archive.folder, list(checks.values()), spread, patience, pages=derive is not None)
    for problem in logged.problems:
        findings.said(problem)
    for note in logged.notes:
        findings.said(note, damage=False)
    findings.tally.lines = logged.lines
    for name in logged.collections - checks.keys():
        if not wanted or name in wanted:
            checks[name] = _Collection(archive.folder / name, findings, derive)
    for name in sorted(checks):
        checks[name].judge(logged, unlogged, spread)
    if not wanted:
        apart.check_kept_apart(archive.folder, logged, findings)


def _refuse_unknown(archive: Archive, absent: Sequence[str]) -> None:
    """Refuse names of collections that never were; one that the log knows and that is gone is damage."""
    known = read_log(archive.folder).collections if absent else set()
    for name in absent:
        if name not in known:
            archive.collection(name)


def _folders(archive: Path, findings: Findings) -> list[Path]:
    try:
        return sorted(archive.iterdir())
    except OSError as error:
        findings.raised(archive, error)
        return []


def _is_collection(folder: Path) -> bool:
    """Tell whether ``folder`` holds what only this package makes, under a fit name; one that cannot be read may."""
    if not names.is_collection(folder.name) or not folder.is_dir():
        return False
    try:
        present = [path.name for path in folder.iterdir()]
    except OSError:
        return True
    return any(name == LOCK or names.parse(name) or names.kept_apart(name) for name in present)


def _settled(
    archive: Path, checks: Sequence["_Collection"], spread: Spread, patience: float, *, pages: bool
) -> tuple[Logged, dict[Name, str]]:
    """Check the snapshots, then read the log; return it, and the snapshots without a line, with what to say of them."""
    deadline = time.monotonic() + patience
    suspects: dict[Name, str] | None = None
    while True:
        _look(checks, spread)
        logged = read_log(archive, pages=pages)
        missing = {name for check in checks for name in check.names() if name not in logged.committed}
        if suspects is not None or not missing:
            # A snapshot that came only now is the next run's, and is being logged.
            return logged, {name: said for name, said in (suspects or {}).items() if name in missing}
        held = {name for name, _ in missing if _is_held(archive / name)}
        if held and time.monotonic() < deadline:
            time.sleep(_PAUSE)
            continue
        # No run is at work on them, or for too long: what has no line when the log is read again has none.
        suspects = {name: "a run holds the collection" if name[0] in held else "" for name in missing}


def _look(checks: Iterable["_Collection"], spread: Spread) -> None:
    """Check the snapshots that were not there before, all collections' together: none waits for another's end."""
    looks = [(check, look) for check in checks for look in check.unseen()]
    done: Iterator[tuple[Checked, Found]] = iter(spread(check_snapshot, [look for _, look in looks]))
    for (check, _), (checked, found) in zip(looks, done, strict=True):
        check.saw(checked, found)


def check_snapshot(look: Look) -> tuple[Checked, Found]:
    """Check one snapshot in one edition, by itself."""
    told: list[Finding] = []
    findings = Findings(look.archive, told.append)
    folder = look.folder
    if folder.is_dir():
        checked = check_folder(folder, findings)
    else:
        findings.damaged(folder, "no folder")
        checked = Checked(folder)
    findings.tally.snapshots += 1
    if look.derive and checked.manifest and checked.whole:
        # Loaded for a deep check: it brings all that reads records, a seventh of the start of any other.
        from psgcrawl.archive.verify import deep  # noqa: PLC0415 - see above

        deep.check_snapshot(checked, checked.manifest, look.derive, findings)
    return checked, Found(told, findings.tally, findings.problems)


def _is_held(collection: Path) -> bool:
    """Tell whether a run holds the collection.

    Looking takes the lock, with other readers, for an instant. A run that wanted it in that
    instant would find it taken: so this is asked only of a collection with a snapshot that
    has no line.
    """
    try:
        descriptor = os.open(collection / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


class _Collection:
    """One collection, and what was seen of it."""

    def __init__(self, folder: Path, findings: Findings, derive: "Derive | None") -> None:
        self._folder = folder
        self._findings = findings
        self._derive = derive
        self._checked: dict[str, Checked] = {}
        self._listed = False

    def names(self) -> list[Name]:
        """Return the snapshots that were checked."""
        return [(self._folder.name, name) for name in self._checked]

    def unseen(self) -> list[Look]:
        """Return the checks of the snapshots that were not there before, in order of their names."""
        try:
            present = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            # The log decides whether it should be there.
            return []
        except OSError as error:
            if not self._listed:
                self._findings.raised(self._folder, error)
            self._listed = True
            return []
        if not self._listed:
            self._listed = True
            self._findings.tally.collections += 1
        found = [name for text in present if text not in self._checked and (name := names.parse(text))]
        found.sort(key=lambda name: name.order)
        return [Look(self._findings.archive, self._folder / str(name), self._derive) for name in found]

    def saw(self, checked: Checked, found: Found) -> None:
        """Take what the check of a snapshot has found."""
        self._checked[checked.name] = checked
        self._findings.take(found)

    def judge(self, logged: Logged, unlogged: dict[Name, str], spread: Spread) -> None:
        """Hold what was seen against the log, the editions against each other, and check what is kept apart."""
        _look([self], spread)
        self._against(logged, unlogged)
        together: defaultdict[str, list[Checked]] = defaultdict(list)
        for checked in self._checked.values():
            if parsed := names.parse(checked.name):
                together[parsed.snapshot].append(checked)
        for snapshot in together.values():
            snapshot.sort(key=lambda checked: Snapshot(checked.folder).parsed.order)
            editions.check_editions(snapshot, self._findings)
            if self._derive:
                self._confirmed_pages(snapshot, logged)
        apart.check_kept_apart(self._folder, logged, self._findings)

    def _against(self, logged: Logged, unlogged: dict[Name, str]) -> None:
        for (collection, name), said in unlogged.items():
            if collection == self._folder.name:
                self._unlogged(self._folder / name, said)
        for lines, what in ((logged.committed, "committed"), (logged.confirmed, "confirmed")):
            for (collection, name), stated in lines.items():
                if collection == self._folder.name:
                    for sha256, place in stated.items():
                        self._compare(name, sha256, place, what)

    def _unlogged(self, folder: Path, said: str) -> None:
        if said:
            self._findings.noted(folder, f"no line in the run log yet: {said}; look again later")
        else:
            self._findings.damaged(
                folder, "no line in the run log: a run died before it wrote one (the next run does), or lines were lost"
            )

    def _compare(self, name: str, sha256: str | None, place: str, what: str) -> None:
        checked = self._checked.get(name)
        if checked is None:
            self._findings.damaged(self._folder / name, f"missing: {place} says that it was {what}")
        elif checked.manifest and checked.manifest.sha256 != sha256:
            self._findings.damaged(
                checked.folder / MANIFEST,
                f"SHA-256 is {checked.manifest.sha256}, {place}, by which it was {what}, has {sha256}",
            )

    def _confirmed_pages(self, snapshot: Sequence[Checked], logged: Logged) -> None:
        for checked in snapshot:
            pages = logged.pages.get((self._folder.name, checked.name))
            # Of an edition whose bytes had to go no page is left to confirm.
            if pages and checked.whole:
                from psgcrawl.archive.verify import deep  # noqa: PLC0415 - as above

                deep.check_confirmed(checked.folder, pages, self._findings)
