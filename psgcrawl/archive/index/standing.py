"""Whether what the index says of a collection still stands: nothing in it is read for that but lengths and times.

What the log has gained since is read; what it held before must be the same bytes. An answer
about one entry rests on few of the snapshots: which ones there are is looked at once, and
the files of those alone. To look at a thousand manifests took as long as all the rest.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

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


_sight: Final = msgspec.json.Decoder(Sight)
_marks: Final = msgspec.json.Decoder(Marks)


class Sealed(NamedTuple):
    """What is kept of an observation for answers: what is told of it, and what its snapshot was like."""

    rank: int
    sight: str
    """A :class:`Sight` as JSON."""
    files: str
    """The marks of its snapshot's :data:`FILES` as JSON."""

    def told(self) -> Sight:
        """Return what is told of it."""
        return _sight.decode(self.sight)

    def is_still(self, folder: int) -> bool:
        """Tell whether the files of its snapshot are as they were.

        :param folder: descriptor of the collection's folder
        """
        snapshot = self.told().snapshot
        # By the folder: the system need not look up again, for each, where the archive is.
        return are_still([f"{snapshot}/{file}" for file in FILES], _marks.decode(self.files), folder)


Listed = list[tuple[str, int]]
"""Names in a collection's folder, each with its inode."""


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """What the index's answers about a collection rest on, besides the observations that they name."""

    collection: str
    observations: int
    """How many there are."""
    listed: str
    """SHA-256 of what the collection's folder held; empty where that was no longer what was read."""
    snapshots: str
    """SHA-256 of the snapshots that were read (:data:`Listed`)."""
    log: Log
    notes: list[str]
    """What there was to say about the log."""

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


class Stands(NamedTuple):
    """All that is kept of a collection for answers."""

    standing: Standing
    snapshots: Listed
    """The snapshots that were read."""
    observations: list[Sealed]
    """In their order."""


def listed_in(folder: int) -> Listed:
    """Return what a folder holds, as the system lists it: names and inodes, without a look at any of it.

    :param folder: its descriptor
    """
    with os.scandir(folder) as found:
        return [(one.name, one.inode()) for one in found]


def digest_of(listed: Listed) -> str:
    """Return the SHA-256 by which a folder's names and inodes are known again, where they come in the same order."""
    return hashlib.sha256(jsonl.dumps(listed)).hexdigest()


def is_all(listed: Listed, known: Listed) -> bool:
    """Tell whether a folder holds the snapshots that are known, and none, nor a later edition, that is not."""
    if not set(known).issubset(listed):
        return False
    others = [parsed for name, _ in set(listed).difference(known) if (parsed := names.parse(name))]
    if not others:
        # Nearly always it is a lock, a link, or what is kept apart.
        return True
    editions = {parsed.snapshot: parsed.edition for name, _ in known if (parsed := names.parse(name))}
    return all(one.edition <= editions.get(one.snapshot, 0) for one in others)


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


class Before(NamedTuple):
    """What there was before anything was read."""

    log: Log
    listed: Listed
    """In the collection's folder."""

    @classmethod
    def of(cls, archive: Path, collection: str) -> "Before":
        """Look what there is.

        :raises OSError: when it cannot be looked at
        """
        folder = os.open(archive / collection, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return cls(log_of(archive), listed_in(folder))
        finally:
            os.close(folder)


def stands(
    collection: str, before: Before, snapshots: Mapping[str, Marks], notes: Iterable[str], seen: Iterable[Observed]
) -> Stands:
    """Return what is to be kept of the state in which a collection was read.

    :param snapshots: by name, with the marks of :data:`FILES` from before they were read
    """
    there = [(name, inode) for name, inode in before.listed if name in snapshots]
    # What came or went meanwhile, the next one who asks must notice.
    digest = digest_of(before.listed) if len(there) == len(snapshots) and is_all(before.listed, there) else ""
    kept = [
        Sealed(rank, jsonl.text(Sight.of(one)), jsonl.text(snapshots[one.snapshot])) for rank, one in enumerate(seen)
    ]
    return Stands(Standing(collection, len(kept), digest, digest_of(there), before.log, list(notes)), there, kept)
