"""Whether what the index says of a collection still stands: nothing in it is read for that but lengths and times.

What the log has gained since is read; what it held before must be the same bytes.
"""

import hashlib
import os
from collections.abc import Collection as Collected
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from psgcrawl.archive import jsonl, names
from psgcrawl.archive.history.observed import Observed
from psgcrawl.archive.index.marks import Mark, Marks, are_still, is_still, mark
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


class Looked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A snapshot as its files were."""

    name: str
    manifest: Mark | None
    others: msgspec.Raw
    """The marks of the other :data:`FILES`, as JSON: of most snapshots nobody asks for them."""

    @classmethod
    def of(cls, name: str, marks: Marks) -> "Looked":
        """Return what is kept of a snapshot.

        :param marks: those of :data:`FILES`
        """
        return cls(name, marks[0], msgspec.Raw(jsonl.dumps(marks[1:])))

    def others_are_still(self, folder: int) -> bool:
        """Tell whether the files besides the manifest are as they were.

        :param folder: descriptor of the collection's folder
        """
        marks = msgspec.json.decode(self.others, type=Marks)
        return are_still([f"{self.name}/{file}" for file in FILES[1:]], marks, folder)


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """All that the index's answers about a collection rest on."""

    collection: str
    snapshots: list[Looked]
    log: Log
    notes: list[str]
    """What there was to say about the log."""
    sights: list[Sight]
    """The observations in their order."""

    def holds(self, archive: Path, named: Collected[str]) -> bool:
        """Tell whether the collection is as it was: no snapshot more, none less, none written to, no further run.

        Of each snapshot the manifest is looked at, which is written last and once; the other files only of those on
        which an answer rests. With a thousand snapshots, to look at all takes three times as long as all the rest.

        :param named: the observations of which the answer speaks
        :raises OSError: when something cannot be looked at
        """
        rests_on = {sight.snapshot for sight in self.sights if sight.name in named}
        folder = os.open(archive / self.collection, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            listed = set(os.listdir(folder))  # noqa: PTH208 - of an open folder
            if _further(listed, [one.name for one in self.snapshots]):
                return False
            for one in self.snapshots:
                # By the folder: the system need not look up again, for each, where the archive is.
                if not is_still(f"{one.name}/{MANIFEST}", one.manifest, folder):
                    return False
                if one.name in rests_on and not one.others_are_still(folder):
                    return False
        finally:
            os.close(folder)
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
    return Standing(
        collection, [Looked.of(*one) for one in snapshots], log, list(notes), [Sight.of(one) for one in seen]
    )
