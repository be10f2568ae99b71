"""Which observations need not be asked about an entry: all those from some place on lie on one side of it.

Entries scroll off a list seen in part and stay out of view for ever. Asking each later
observation about each of them would take time that grows with the square of the past.
Nothing is decided here: what cannot be ruled out is asked.
"""

from collections.abc import Sequence
from itertools import accumulate

from psgcrawl.archive.compare.evidence import FIRST_DAY, LAST_DAY, Place
from psgcrawl.archive.history.observations import Observation
from psgcrawl.records import WHOLE_LISTS, Entry


class Reach:
    """Between which days the observations could claim that an entry is absent."""

    def __init__(self, observations: Sequence[Observation]) -> None:
        """Look at what the pages show.

        :raises DamagedData: ``file:line: problem``
        """
        days = [reach(one) for one in observations]
        self._oldest = [*accumulate((oldest for oldest, _ in reversed(days)), min, initial=LAST_DAY)][::-1]
        self._newest = [*accumulate((newest for _, newest in days), max, initial=FIRST_DAY)]

    def from_on(self, rank: int, entry: Entry, place: Place) -> bool:
        """Tell whether any observation of that rank or a later one could claim that ``entry`` is absent."""
        return self.stands_from_on(rank, entry.date_earliest, entry.date_latest, place)

    def stands_from_on(self, rank: int, earliest: str | None, latest: str | None, place: Place) -> bool:
        """Tell the same of an entry with these days."""
        if stands_elsewhere(earliest, latest, place):
            return True
        return earliest is not None and earliest > self._oldest[rank]

    def up_to(self, rank: int, entry: Entry, place: Place) -> bool:
        """Tell whether any observation before that rank could."""
        if is_elsewhere(entry, place):
            return True
        return entry.date_latest is not None and entry.date_latest < self._newest[rank]


def reach(observation: Observation) -> tuple[str, str]:
    """Return the oldest and the newest day of what the observation shows; nothing lies between where it claims nothing.

    :raises DamagedData: ``file:line: problem``
    """
    if not observation.whole or observation.side.evidence is None:
        return LAST_DAY, FIRST_DAY
    claims = observation.side.evidence.all_claims
    return claims.oldest, claims.newest


def is_elsewhere(entry: Entry, place: Place) -> bool:
    """Tell whether more than days decides about the entry: it has none, or stands in a whole list."""
    return stands_elsewhere(entry.date_earliest, entry.date_latest, place)


def stands_elsewhere(earliest: str | None, latest: str | None, place: Place) -> bool:
    """Tell the same of an entry with these days."""
    return earliest is None or latest is None or any(name in WHOLE_LISTS for name, _ in place.lists)
