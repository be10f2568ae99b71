"""How an archive is: what its run log and its folders say, put together for ``psgcrawl status``."""

import os
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from psgcrawl.archive import atwork, names, runlog
from psgcrawl.archive.manifest import MANIFEST
from psgcrawl.archive.store import Archive, Collection
from psgcrawl.cli.expected import Expected, spoken
from psgcrawl.errors import DamagedData
from psgcrawl.records import Captured, Instant, OutcomeName, RunLine

_GOOD: Final = frozenset({"committed", "unchanged"})
_NO_CRAWL: Final = frozenset({"rebuild", "redact"})
"""Commands that log a line, and say nothing of how crawls go."""
_NOT_LIVE: Final = frozenset({"accept", *runlog.BRINGING, *_NO_CRAWL})
_SHOWN: Final = 5
_CLOCKS_DIFFER: Final = 86_400
"""Seconds by which a run may lie in the future before it is told."""


class Ended(Struct, frozen=True, kw_only=True):
    """How one run ended."""

    finished: Annotated[Instant, Meta(description="When its outcome was decided.")]
    spider: Annotated[str, Meta(description="The spider, or the command.")]
    outcome: Annotated[OutcomeName, Meta(description="What became of it.")]
    snapshot: Annotated[str | None, Meta(description="The snapshot, or the folder kept apart.")]
    reasons: Annotated[list[str], Meta(description="Why, in words.")]


class Kept(Struct, frozen=True, kw_only=True):
    """A folder that was kept apart."""

    name: Annotated[str, Meta(description="Its name.")]
    bytes: Annotated[int, Meta(description="Length of its files together.")]
    acceptable: Annotated[bool, Meta(description="Whether it was finished, so that `psgcrawl accept` can commit it.")]
    taken_up: Annotated[
        bool, Meta(description="Whether all captures of web archives that it holds are in snapshots by now.")
    ]


class CollectionHealth(Struct, frozen=True, kw_only=True):
    """How a collection is."""

    name: Annotated[str, Meta(description="The collection.")]
    troubles: Annotated[list[str], Meta(description="What needs attention, in words; empty when all is well.")]
    last_good: Annotated[
        Instant | None,
        Meta(
            description="When a run was last committed, or found nothing new; "
            "of a collection that is crawled live, a run that crawled it."
        ),
    ]
    age: Annotated[int | None, Meta(description="Seconds since then.")]
    expected: Annotated[int | None, Meta(description="Seconds after which a run is overdue; null: none is expected.")]
    snapshot: Annotated[str | None, Meta(description="The latest snapshot.")]
    captured: Annotated[Captured | None, Meta(description="When it was captured; null where it cannot be read.")]
    outcomes: Annotated[list[Ended], Meta(description="The last runs, the newest first, five at most.")]
    full_in: Annotated[
        int | None, Meta(description="After so many runs a crawl is full; null where crawls are full anyway.")
    ]
    kept_apart: Annotated[list[Kept], Meta(description="Its folders kept apart, by name.")]
    bytes: Annotated[int, Meta(description="Length of all its files together.")]


class Status(Struct, frozen=True, kw_only=True):
    """What ``psgcrawl status --json`` prints."""

    archive: Annotated[str, Meta(description="Folder of the archive.")]
    now: Annotated[Instant, Meta(description="When this was looked at.")]
    good: Annotated[bool, Meta(description="Whether nothing needs attention.")]
    troubles: Annotated[list[str], Meta(description="What needs attention and is of no collection, in words.")]
    collections: Annotated[list[CollectionHealth], Meta(description="The collections, by name.")]
    kept_apart: Annotated[list[Kept], Meta(description="What runs fetched and could not put into any collection.")]
    bytes: Annotated[int, Meta(description="Length of all files of the archive together.")]
    free: Annotated[int, Meta(description="Bytes that are free on its disk.")]


def health(archive: Archive, expected: Expected, full_every: int, now: str) -> Status:
    """Return how ``archive`` is.

    :param full_every: the setting ``FULL_EVERY``
    :param now: RFC 3339 UTC
    :raises DamagedData: when the run log cannot be read
    """
    lines: defaultdict[str | None, list[RunLine]] = defaultdict(list)
    for line in runlog.read(archive.folder):
        lines[line.collection].append(line)
    there = {collection.name: collection for collection in archive.collections()}
    known = {*there, *(name for name in lines if name is not None), *expected.named}
    found = [
        _collection(there.get(name) or Collection(archive.folder / name), lines[name], expected, full_every, now)
        for name in sorted(known)
    ]
    troubles = [*_astray(lines), *_dead(archive.folder)]
    return Status(
        archive=str(archive.folder),
        now=now,
        good=not troubles and not any(one.troubles for one in found),
        troubles=troubles,
        collections=found,
        kept_apart=_kept(archive.folder, archive.folder),
        bytes=_size(archive.folder),
        free=_free(archive.folder),
    )


def _free(folder: Path) -> int:
    """Return how many bytes can still be written, as ``shutil.disk_usage`` has it, which takes longer to load."""
    there = os.statvfs(folder)
    return there.f_bavail * there.f_frsize


def _collection(
    collection: Collection, lines: Sequence[RunLine], expected: Expected, full_every: int, now: str
) -> CollectionHealth:
    exists = collection.folder.is_dir()
    crawls = [line for line in lines if line.spider not in _NO_CRAWL]
    live = any(line.spider not in _NOT_LIVE for line in crawls)
    # A backfill says nothing of how the site is crawled: beside it the schedule could stand still unseen.
    watched = [line for line in crawls if not live or line.spider not in runlog.BRINGING]
    good = [line for line in watched if line.outcome in _GOOD]
    interval = expected.of(collection.name, live=live)
    age = _seconds(good[-1].finished, now) if good else None
    snapshots = collection.snapshots() if exists else []
    captured, troubles = None, []
    if snapshots:
        try:
            captured = snapshots[-1].manifest().provenance.captured
        except DamagedData as error:
            troubles.append(f"{error}: verify the archive")
    return CollectionHealth(
        name=collection.name,
        # The last crawl of the site, and whatever came after it.
        troubles=[
            *_bad(watched),
            *(_bad(crawls) if crawls[-1:] != watched[-1:] else []),
            *_late(age, interval),
            *troubles,
        ],
        last_good=good[-1].finished if good else None,
        age=age,
        expected=interval,
        snapshot=snapshots[-1].name if snapshots else None,
        captured=captured,
        outcomes=[_ended(line) for line in reversed(lines[-_SHOWN:])],
        full_in=_full_in(good, full_every),
        kept_apart=_kept(collection.folder) if exists else [],
        bytes=_size(collection.folder) if exists else 0,
    )


def _bad(crawls: Sequence[RunLine]) -> list[str]:
    if not crawls or crawls[-1].outcome in _GOOD:
        return []
    last = crawls[-1]
    why = f": {last.reasons[0]}" if last.reasons else ""
    return [f"the last run ({last.finished}) was {last.outcome}{why}"]


def _late(age: int | None, interval: int | None) -> list[str]:
    if age is not None and age < -_CLOCKS_DIFFER:
        return ["the last good run lies in the future: a clock is or was wrong"]
    if interval is None or (age is not None and age <= interval):
        return []
    since = "never a good run" if age is None else f"the last good run is {spoken(age)} old"
    return [f"overdue: {since}, one is expected every {spoken(interval)}"]


def _astray(lines: dict[str | None, list[RunLine]]) -> list[str]:
    """Say which spiders' last runs came to no collection at all."""
    last: dict[str, RunLine] = {}
    for line in sorted((line for found in lines.values() for line in found), key=lambda line: line.finished):
        if line.collection is None or line.outcome in _GOOD:
            last[line.spider] = line
    return [f"{name}: {trouble}" for name, line in sorted(last.items()) for trouble in _bad([line])]


def _dead(archive: Path) -> list[str]:
    return [
        f"{begun.spider}: the run that began {begun.started} was killed; the next run logs it"
        for begun in atwork.dead(archive)
    ]


def _full_in(good: Sequence[RunLine], every: int) -> int | None:
    """Return how many runs may still carry the rest of the listing over, where the last one did."""
    carried = 0
    for line in reversed(good):
        if line.coverage is None or line.coverage.end != "carried":
            break
        carried += 1
    return max(0, every - 1 - carried) if carried and every > 0 else None


def _ended(line: RunLine) -> Ended:
    return Ended(
        finished=line.finished,
        spider=line.spider,
        outcome=line.outcome,
        snapshot=line.snapshot,
        reasons=line.reasons,
    )


def _kept(folder: Path, archive: Path | None = None) -> list[Kept]:
    """Return what is kept apart in a folder.

    :param archive: where that is the archive itself: there the captures are that came to no collection
    """
    found = sorted(path for path in folder.iterdir() if names.kept_apart(path.name) and path.is_dir())
    return [
        Kept(
            name=path.name,
            bytes=_size(path),
            acceptable=_is_acceptable(path),
            taken_up=archive is not None and path.name.startswith(".incomplete-") and _is_taken_up(path, archive),
        )
        for path in found
    ]


def _is_taken_up(folder: Path, archive: Path) -> bool:
    # Loaded where a backfill was stopped: it brings all that is asked of web archives, half of what a status loads.
    from psgcrawl.webarchive.here import is_taken_up  # noqa: PLC0415 - see above

    return is_taken_up(folder, archive)


def _is_acceptable(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and not folder.name.startswith(".staging-")


def _size(folder: Path | str) -> int:
    """Return the length of all files below a folder; what goes meanwhile is not counted."""
    total = 0
    # What nobody may look into is not counted either.
    with suppress(FileNotFoundError, PermissionError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                total += _size(entry.path)
            elif entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):
                    total += entry.stat(follow_symlinks=False).st_size
    return total


def _seconds(since: str, now: str) -> int:
    return int((_moment(now) - _moment(since)).total_seconds())


def _moment(instant: str) -> datetime:
    return datetime.strptime(instant, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
