"""Which observations need not be asked about an entry: all those from some place on lie on one side of it.

Entries scroll off a list seen in part and stay out of view for ever. Asking each later
observation about each of them would take time that grows with the square of the past.
Nothing is decided here: what cannot be ruled out is asked.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec

from psgcrawl.archive.assemble import WHOLE_LISTS
from psgcrawl.archive.compare.evidence import Place
from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.manifest import PAGES
from psgcrawl.records import Entry

_FIRST: Final = ""
_LAST: Final = "~"
"""Sort before and behind every day."""


class _View(msgspec.Struct, frozen=True):
    name: str
    whole: bool
    newest: str | None
    oldest: str | None


class _Row(msgspec.Struct, frozen=True):
    lists: list[_View]


class Reach:
    """Between which days the observations could claim that an entry is absent."""

    def __init__(self, observations: Sequence[Observation]) -> None:
        """Read the pages.

        :raises DamagedData: ``file:line: problem``
        """
        by_name: dict[str, tuple[str, str]] = {}
        for one in observations:
            if one.side.name not in by_name:
                by_name[one.side.name] = _reach(one)
        nothing = (_LAST, _FIRST)
        days = [by_name[one.side.name] if one.whole else nothing for one in observations]
        self._oldest = [*accumulate((oldest for oldest, _ in reversed(days)), min, initial=_LAST)][::-1]
        self._newest = [*accumulate((newest for _, newest in days), max, initial=_FIRST)]

    def from_on(self, rank: int, entry: Entry, place: Place) -> bool:
        """Tell whether any observation of that rank or a later one could claim that ``entry`` is absent."""
        if _is_elsewhere(entry, place):
            return True
        return entry.date_earliest is not None and entry.date_earliest > self._oldest[rank]

    def up_to(self, rank: int, entry: Entry, place: Place) -> bool:
        """Tell whether any observation before that rank could."""
        if _is_elsewhere(entry, place):
            return True
        return entry.date_latest is not None and entry.date_latest < self._newest[rank]


def _is_elsewhere(entry: Entry, place: Place) -> bool:
    """Tell whether more than days decides about the entry: it has none, or stands in a whole list."""
    dated = entry.date_earliest is not None and entry.date_latest is not None
    return not dated or any(name in WHOLE_LISTS for name, _ in place.lists)


def _reach(observation: Observation) -> tuple[str, str]:
    """Return the oldest and the newest day that its pages show in lists seen in part."""
    # It is read first by what decides, which names what is damaged.
    assert observation.side.evidence is not None  # noqa: S101 - the side is a snapshot
    decoder = msgspec.json.Decoder(_Row)
    with observation.side.entries.with_name(PAGES).open("rb") as file:
        views = [view for line in file for view in decoder.decode(line).lists if view.name not in WHOLE_LISTS]
    if observation.facts.coverage.complete or any(view.whole for view in views):
        return _FIRST, _LAST
    oldest = min((view.oldest for view in views if view.oldest), default=_LAST)
    return oldest, max((view.newest for view in views if view.newest), default=_FIRST)
