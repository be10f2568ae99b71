"""Which snapshots a person wants exported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from psgcrawl.archive import names, withholding
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.store import Archive, Collection, Snapshot, resolve
from psgcrawl.archive.withholding import Withheld
from psgcrawl.errors import NotFound, UsageError

Again = Callable[[Side], Side]
"""Derives a snapshot again by the rules of today, for a history of snapshots of unequal rules."""


NOTHING: Final = Withheld()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Snapshots of one collection, in order of capture time."""

    collection: str
    snapshots: tuple[Snapshot, ...]
    named: bool
    """Whether they were named one by one; otherwise they are all that the collection has."""
    archive: Archive
    """The archive that holds the collection."""
    again: Again | None = None
    withheld: Withheld = NOTHING
    """What is not to be shown of it."""


def choose(
    archive: Archive,
    words: Sequence[str],
    references: Sequence[str] = (),
    again: Again | None = None,
    *,
    include_withheld: bool = False,
) -> list[Chosen]:
    """Return what ``words`` mean, by name of the collection.

    The first is a collection, and each other one is a collection if there is one of that
    name, else a snapshot of the only collection: ``news articles`` or ``news latest 2017``.

    :param references: snapshots (``--snapshot``), also such as have the name of a collection
    :param again: goes into each of what is returned
    :param include_withheld: whether to show also what somebody asked to withhold
    :raises DamagedData: when what is withheld cannot be read
    :raises UsageError: for snapshots where there are several collections, or that cannot be meant
    :raises NotFound: for what does not exist, and for a collection without snapshots
    """
    first, *others = words
    found = {first: archive.collection(first)}
    known = {collection.name: collection for collection in archive.collections()}
    found |= {word: known[word] for word in others if word in known}
    wanted = [*(word for word in others if word not in known), *references]
    if wanted and len(found) > 1:
        raise UsageError(
            f"{wanted[0]!r}: no collection of that name, and snapshots can only be named of a single collection"
        )
    held = NOTHING if include_withheld else withholding.now(withholding.read(archive.folder))
    return [replace(_chosen(archive, found[name], wanted, again), withheld=held) for name in sorted(found)]


def whole(chosen: Sequence[Chosen], what: str) -> None:
    """Refuse snapshots that were named, where a format tells the history over all of them.

    :param what: what is exported, for the message
    :raises UsageError: when any were named
    """
    for one in chosen:
        if one.named:
            raise UsageError(f"{what}: told of all snapshots of {one.collection!r}; none can be picked out")


def latest(chosen: Sequence[Chosen]) -> list[tuple[Chosen, Snapshot]]:
    """Return the snapshots that were named, or the latest of each collection."""
    return [(one, snapshot) for one in chosen for snapshot in (one.snapshots if one.named else one.snapshots[-1:])]


def _chosen(archive: Archive, collection: Collection, wanted: Sequence[str], again: Again | None) -> Chosen:
    snapshots = [resolve(collection, reference) for reference in wanted] if wanted else collection.snapshots()
    if not snapshots:
        raise NotFound(f"{collection.name}: no snapshots yet")
    for snapshot in snapshots:
        # Only a path can lead to a folder that somebody renamed.
        if names.parse(snapshot.name) is None:
            raise UsageError(f"{snapshot.folder}: {snapshot.name!r} is no snapshot's name")
    distinct = {snapshot.folder: snapshot for snapshot in snapshots}
    ordered = sorted(distinct.values(), key=lambda snapshot: (snapshot.parsed.order, str(snapshot.folder)))
    return Chosen(collection.name, tuple(ordered), named=bool(wanted), archive=archive, again=again)
