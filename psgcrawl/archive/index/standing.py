"""Whether what the index says of a collection still stands: nothing in it is read for that but lengths and times.

What the log has gained since is read; what it held before must be the same bytes.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from psgcrawl.archive import jsonl, names
from psgcrawl.archive.history.observed import Observed
from psgcrawl.archive.index.marks import Mark, Marks, are_still, mark
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES
from psgcrawl.archive.runlog import RUNS, LoggedRun
from psgcrawl.errors import DamagedData
from psgcrawl.records import Captured

FILES = (MANIFEST, ENTRIES, PAGES)
"""The files of a snapshot that histories rest on."""


class Log(msgspec.Struct, frozen=True, array_like=True):
    """The log as it was read."""

    mark: Mark | None
    """None where there was none."""
    bytes: int
    """Length of its whole lines."""
    sha256: str
    """That of these bytes."""


class Sight(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An :class:`~psgcrawl.archive.history.observed.Observed`."""

    name: str
    snapshot: str
    since: str
    until: str | None
    run: str | None
    whole: bool
    ordered: bool
    webarchive: str | None

    @classmethod
    def of(cls, one: Observed) -> "Sight":
        """Return what is kept of an observation."""
        time = one.captured.since, one.captured.until
        return cls(one.name, one.snapshot, *time, one.run, one.whole, one.ordered, one.webarchive)

    def observed(self) -> Observed:
        """Return the observation that was kept."""
        return Observed(
            name=self.name,
            snapshot=self.snapshot,
            captured=Captured(since=self.since, until=self.until),
            run=self.run,
            whole=self.whole,
            ordered=self.ordered,
            webarchive=self.webarchive,
        )


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """All that the index's answers about a collection rest on."""

    collection: str
    snapshots: list[tuple[str, Marks]]
    """Each by its name, with the marks of :data:`FILES`."""
    log: Log
    notes: list[str]
    """What there was to say about the log."""
    sights: list[Sight]
    """The observations in their order."""

    def holds(self, archive: Path) -> bool:
        """Tell whether the collection is as it was: no snapshot more, none less, none written to, no further run.

        :raises OSError: when something cannot be looked at
        """
        folder = f"{archive / self.collection}"
        listed = set(os.listdir(folder))  # noqa: PTH208 - names alone
        if _further(listed, [name for name, _ in self.snapshots]):
            return False
        for name, marks in self.snapshots:
            there = f"{folder}/{name}/"
            if not are_still((there + MANIFEST, there + ENTRIES, there + PAGES), marks):
                return False
        return self.log_holds(archive)

    def log_holds(self, archive: Path) -> bool:
        """Tell whether the log begins as it did, and has no line more that counts for the collection."""
        path = archive / RUNS
        if are_still([path], [self.log.mark]):
            return True
        if not path.is_file():
            return False
        data = path.read_bytes()
        if hashlib.sha256(data[: self.log.bytes]).hexdigest() != self.log.sha256:
            return False
        try:
            return not any(_counts(line, self.collection) for line in data[self.log.bytes :].split(b"\n")[:-1])
        except DamagedData:
            # Who reads all of it says what is wrong, and where.
            return False


def _further(there: set[str], known: Sequence[str]) -> bool:
    """Tell whether a folder holds a snapshot, or a later edition, that is not known."""
    others = [parsed for name in there.difference(known) if (parsed := names.parse(name))]
    if not others:
        return False
    editions = {parsed.snapshot: parsed.edition for name in known if (parsed := names.parse(name))}
    return any(other.edition > editions.get(other.snapshot, 0) for other in others)


def log_of(archive: Path) -> Log:
    """Return what the log of an archive is like; to be taken before it is read."""
    path = archive / RUNS
    found = mark(path)
    data = path.read_bytes() if found else b""
    whole = data.rfind(b"\n") + 1
    return Log(found, whole, hashlib.sha256(data[:whole]).hexdigest())


def _counts(line: bytes, collection: str) -> bool:
    run = jsonl.decode(line, LoggedRun, RUNS)
    return run.collection == collection and run.outcome == "unchanged"


def standing(
    collection: str, snapshots: Iterable[tuple[str, Marks]], log: Log, notes: Iterable[str], seen: Iterable[Observed]
) -> Standing:
    """Return what is to be kept of the state in which a collection was read.

    :param snapshots: in any order, each with the marks of :data:`FILES` from before they were read
    :param log: the same of the log
    """
    return Standing(collection, list(snapshots), log, list(notes), [Sight.of(one) for one in seen])
