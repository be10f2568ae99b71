"""Which page of a snapshot shows an entry."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from sys import intern
from typing import Final, NamedTuple, TypeVar

from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.ids import Ids
from psgcrawl.archive.jsonl import read_lines
from psgcrawl.archive.manifest import PAGES
from psgcrawl.errors import DamagedData
from psgcrawl.records import Captured, PageRow

T = TypeVar("T")

_KEPT: Final = 4
"""Snapshots whose pages are remembered: what is asked about next is mostly one of the last."""


class Stand(NamedTuple):
    """Where an entry stands."""

    page: str | None
    """The page's address; None for a file without one."""
    captured: Captured
    payload_digest: str


def shown_on(rows: Iterable[PageRow], told: Callable[[PageRow], T]) -> Ids[tuple[str, T]]:
    """Return what is told of the page on which each entry of a snapshot stands, by id, with the end of its capture.

    Of several pages that show it, the one captured last, as its reading is that of the
    latest capture; of those captured at one time, the last in crawl order.

    :param told: called once for each page
    """
    found: Ids[tuple[str, T]] = Ids(lambda one, other: other if other[0] >= one[0] else one)
    for row in rows:
        page = intern(row.captured.until or row.captured.since), told(row)
        for view in row.lists:
            found.put(view.entries, page)
    return found


Stands = Ids[tuple[str, Stand]]
"""Where each entry of a snapshot stands."""


def stands(rows: Iterable[PageRow]) -> Stands:
    """Return where each entry of a snapshot stands, by id: see :func:`shown_on`."""
    times: dict[Captured, Captured] = {}

    def told(row: PageRow) -> Stand:
        # Many pages were captured within the same second, and all of them are held.
        return Stand(row.url, times.setdefault(row.captured, row.captured), row.payload_digest)

    return shown_on(rows, told)


def stand(where: Stands, identity: str, place: Path) -> Stand:
    """Return where an entry stands.

    :param place: the snapshot's folder, for the message
    :raises DamagedData: when no page shows it
    """
    found = where.get(identity)
    if found is None:
        raise DamagedData(f"{place / PAGES}: no page shows the entry {identity!r}")
    return found[1]


class Pages:
    """Looks up pages of many snapshots; best asked in the order of snapshots, as it remembers but a few."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: OrderedDict[str, Stands] = OrderedDict()

    def of(self, observation: Observation, identity: str) -> Stand:
        """Return where an observation shows an entry; for a run that found the snapshot unchanged, at its own time.

        :raises DamagedData: ``file:line: problem``, also when no page shows it
        """
        side = observation.side
        # Text: to compare paths takes longer than to look up what stands there.
        name = str(side.entries)
        if name not in self._known:
            self._known[name] = stands(read_lines(side.entries.with_name(PAGES), PageRow))
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(name)
        found = stand(self._known[name], identity, side.entries.parent)
        return found if observation.run is None else found._replace(captured=observation.captured)
