"""When what was seen: each snapshot, and each run that found one unchanged, in the order of capture times."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Collection as Collected
from itertools import pairwise
from typing import Final, NamedTuple

from msgspec import Struct

from psgcrawl.archive import names, rules, runlog
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.evidence import rows_of
from psgcrawl.archive.manifest import PAGES
from psgcrawl.archive.runlog import LoggedRun
from psgcrawl.archive.store import Archive, Collection
from psgcrawl.errors import DamagedData, UsageError
from psgcrawl.records import Captured, ConfirmedPage, PageRow, Provenance

Note = Callable[[str], object]

_NEVER: Final = "~"
"""Sorts behind every time."""


class Observation(Struct, frozen=True, eq=False, kw_only=True):
    """One sight of a collection's listing."""

    name: str
    """That of the snapshot; for a run that found it unchanged, ``SNAPSHOT@TIME``."""
    side: Side
    """The snapshot: what was seen."""
    captured: Captured
    run: str | None = None
    """When the run that found the snapshot unchanged started; None for the snapshot itself."""
    whole: bool = True
    """Whether everything that the snapshot proves was seen (again); otherwise it claims no absence."""
    only: frozenset[str] | None = None
    """The ids on the pages that were seen again; None for all."""

    @property
    def facts(self) -> Provenance:
        """What the snapshot's manifest says."""
        assert self.side.provenance is not None  # noqa: S101 - the side is a snapshot
        return self.side.provenance


def before(one: Captured, other: Captured) -> bool:
    """Tell whether ``one`` was certainly captured before ``other``: no moment can belong to both."""
    return one.until is not None and one.until < other.since


class Held(NamedTuple):
    """A page that a snapshot holds."""

    url: str | None
    captured: Captured
    payload_digest: str
    position: int | None


def held_in(side: Side) -> list[Held]:
    """Return which pages a snapshot holds, in crawl order.

    :raises DamagedData: ``file:line: problem``
    """
    rows = rows_of(side.entries.with_name(PAGES), PageRow)
    return [Held(row.url, row.captured, row.payload_digest, row.position) for row in rows]


def sides(collection: Collection) -> dict[str, Side]:
    """Return the snapshots of ``collection`` in order of capture time, by their names without edition."""
    return {snapshot.parsed.snapshot: Side.of(snapshot) for snapshot in collection.snapshots()}


def under_one_rule(snapshots: dict[str, Side], again: Callable[[Side], Side] | None) -> dict[str, Side]:
    """Return the snapshots, where not all were derived by the same rules, as those of today derive them.

    :param again: derives a snapshot again; without it they stay as they are
    :raises DamagedData: when that is impossible, and says why it would be needed
    """
    found = {rules.of(side.provenance) for side in snapshots.values() if side.provenance is not None}
    if again is None or len(found) < 2:
        return snapshots
    try:
        return {
            name: side if side.provenance is None or rules.of(side.provenance) == rules.today() else again(side)
            for name, side in snapshots.items()
        }
    except DamagedData as error:
        raise DamagedData(
            f"these snapshots were derived by unequal rules ({', '.join(sorted(map(str, found)))}); to have a history "
            f"in common they must be derived again: {error}"
        ) from error


def observe(
    archive: Archive,
    collection: Collection,
    note: Note,
    snapshots: dict[str, Side] | None = None,
    held: Callable[[Side], list[Held]] = held_in,
) -> list[Observation]:
    """Return the observations of ``collection``, by the lower bounds of their capture times, known before bounded.

    Where capture times overlap, the order of the list says nothing: see :func:`before`.

    :param note: is told what in the log confirms nothing
    :param snapshots: what :func:`sides` returns, where that is known
    :param held: what tells which pages a snapshot holds
    :raises UsageError: for snapshots that were derived by different rules
    :raises DamagedData: when the log or a manifest cannot be read
    """
    snapshots = sides(collection) if snapshots is None else snapshots
    found = [
        Observation(name=side.name, side=side, captured=side.provenance.captured, only=_not_carried(side))
        for side in snapshots.values()
        if side.provenance is not None
    ]
    _same_derivation(found)
    found += _confirmations(_logged(archive, collection.name, snapshots, note), note, held)
    return sorted(found, key=lambda one: (one.captured.since, one.captured.until or _NEVER, one.run or "", one.name))


def unordered(observations: Sequence[Observation]) -> set[str]:
    """Return the names of those whose order against some other one is not known.

    :param observations: as :func:`observe` returns them
    """
    found: set[str] = set()
    end = ""
    for number, one in enumerate(observations):
        until = one.captured.until or _NEVER
        following = observations[number + 1 :][:1]
        if end >= one.captured.since or any(until >= other.captured.since for other in following):
            found.add(one.name)
        end = max(end, until)
    return found


def _same_derivation(found: Sequence[Observation]) -> None:
    for one, other in pairwise(found):
        here, there = rules.of(one.facts), rules.of(other.facts)
        if here != there:
            raise UsageError(
                f"{one.name} was written under derivation {here}, {other.name} under {there}: what differs could be "
                "the rules and not the site; only snapshots of equal derivation have a history in common"
            )


def _logged(
    archive: Archive, collection: str, snapshots: dict[str, Side], note: Note
) -> Iterator[tuple[LoggedRun, Side]]:
    """Yield the runs that found a snapshot unchanged, each with that snapshot."""
    for line in runlog.read(archive.folder):
        if line.collection != collection or line.outcome != "unchanged" or line.snapshot is None:
            continue
        parsed = names.parse(line.snapshot)
        side = snapshots.get(parsed.snapshot) if parsed else None
        if side is None:
            note(f"{runlog.RUNS}: the run of {line.started} confirms {line.snapshot!r}, which is not there")
        else:
            yield line, side


def _confirmations(
    logged: Iterable[tuple[LoggedRun, Side]], note: Note, held: Callable[[Side], list[Held]]
) -> Iterator[Observation]:
    pages: dict[str, list[Held]] = {}
    seen: set[tuple[str, Captured, frozenset[str] | None]] = set()
    taken: set[str] = set()
    for line, side in logged:
        if side.name not in pages:
            pages[side.name] = held(side)
        there = {(row.url, row.payload_digest) for row in pages[side.name]}
        if strange := sum((page.url, page.payload_digest) not in there for page in line.pages):
            number = "1 page" if strange == 1 else f"{strange} pages"
            note(
                f"{runlog.RUNS}: the run of {line.started} confirms {number} that {line.snapshot!r} does not hold: "
                "passed over"
            )
        one = _confirmation(line, side, pages[side.name], taken)
        if one is not None and (side.name, one.captured, one.only) not in seen:
            seen.add((side.name, one.captured, one.only))
            taken.add(one.name)
            yield one


def _confirmation(line: LoggedRun, side: Side, rows: list[Held], taken: set[str]) -> Observation | None:
    """Return what the run saw again; None when that is no other capture than those of the snapshot."""
    held = {(row.url, row.captured, row.payload_digest) for row in rows}
    pages = {(row.url, row.payload_digest) for row in rows}
    again = {
        (page.url, page.payload_digest): page
        for page in line.pages
        if (page.url, page.captured, page.payload_digest) not in held and (page.url, page.payload_digest) in pages
    }
    if not again:
        return None
    captured = _span(again.values())
    everything = again.keys() == pages
    stem = f"{side.name}@{names.compact(captured.since)}"
    number = next(count for count in range(1, len(taken) + 2) if _numbered(stem, count) not in taken)
    return Observation(
        name=_numbered(stem, number),
        side=side,
        captured=captured,
        run=line.started,
        whole=everything and _in_order(rows, again),
        only=None if everything else _shown_on(side, again.keys()),
    )


def _not_carried(side: Side) -> frozenset[str] | None:
    """Return the ids on the pages that the snapshot's own crawl saw; None where it carried none over."""
    assert side.provenance is not None  # noqa: S101 - the side is a snapshot
    if side.provenance.coverage.end != "carried":
        return None
    rows = (row for row in rows_of(side.entries.with_name(PAGES), PageRow) if row.carried_from is None)
    return frozenset(identity for row in rows for view in row.lists for identity in view.entries)


def _shown_on(side: Side, pages: Collected[tuple[str | None, str]]) -> frozenset[str]:
    """Return the ids on those of the snapshot's pages that have these addresses and digests."""
    rows = (row for row in rows_of(side.entries.with_name(PAGES), PageRow) if (row.url, row.payload_digest) in pages)
    return frozenset(identity for row in rows for view in row.lists for identity in view.entries)


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def _span(pages: Iterable[ConfirmedPage]) -> Captured:
    times = [page.captured for page in pages]
    ends = [time.until for time in times if time.until is not None]
    return Captured(since=min(time.since for time in times), until=max(ends) if len(ends) == len(times) else None)


def _in_order(rows: list[Held], again: dict[tuple[str | None, str], ConfirmedPage]) -> bool:
    """Tell whether the pages were seen from the top: read from the bottom, an entry can slip past."""
    placed = sorted((row for row in rows if row.position is not None), key=lambda row: row.position or 0)
    times = [again[row.url, row.payload_digest].captured for row in placed]
    return all(time.known for time in times) and all(one.since <= other.since for one, other in pairwise(times))
