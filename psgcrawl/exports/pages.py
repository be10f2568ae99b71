"""Which page of a snapshot shows an entry."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from psgcrawl.archive.history.observations import Observation
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


def shown_on(rows: Iterable[PageRow], told: Callable[[PageRow], T]) -> dict[str, T]:
    """Return what is told of the page on which each entry of a snapshot stands, by id.

    Of several pages that show it, the one captured last, as its reading is that of the
    latest capture; of those captured at one time, the last in crawl order.

    :param told: called once for each page
    """
    found: dict[str, tuple[str, T]] = {}
    for row in rows:
        end = row.captured.until or row.captured.since
        page = told(row)
        for view in row.lists:
            for identity in view.entries:
                there = found.get(identity)
                if there is None or end >= there[0]:
                    found[identity] = (end, page)
    return {identity: page for identity, (_, page) in found.items()}


def stands(rows: Iterable[PageRow]) -> dict[str, Stand]:
    """Return where each entry of a snapshot stands, by id: see :func:`shown_on`."""
    return shown_on(rows, lambda row: Stand(row.url, row.captured, row.payload_digest))


def stand(where: Mapping[str, Stand], identity: str, place: Path) -> Stand:
    """Return where an entry stands.

    :param place: the snapshot's folder, for the message
    :raises DamagedData: when no page shows it
    """
    if identity not in where:
        raise DamagedData(f"{place / PAGES}: no page shows the entry {identity!r}")
    return where[identity]


class Pages:
    """Looks up pages of many snapshots; best asked in the order of snapshots, as it remembers but a few."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: OrderedDict[str, dict[str, Stand]] = OrderedDict()

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
        where = self._known[name]
        found = where.get(identity) or stand(where, identity, side.entries.parent)
        return found if observation.run is None else found._replace(captured=observation.captured)
