"""Everything that the formats read of entries, from one snapshot or from all.

Nothing else in this package reads ``entries.jsonl``, the history or the table of
aliases: what is withheld on request is kept out here, and is then in no format.
What was redacted is in no newest edition, so it does not come up here at all.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from psgcrawl.archive import aliases
from psgcrawl.archive.aliases import Alias
from psgcrawl.archive.history import telling
from psgcrawl.archive.history.chains import Chain
from psgcrawl.archive.history.lives import Life
from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.exports import veil
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.veil import Veil
from psgcrawl.records import Entry, Kind

Note = Callable[[str], object]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An entry of a collection, and all that is known of it."""

    key: str
    """``COLLECTION/KIND/ID`` with its first id; ``~2`` and so on behind it for a later entry of the same: for keys and
    addresses that last as long as no older snapshot is added."""
    life: Life
    chain: Chain

    def reading(self, rank: int) -> Entry:
        """Return the entry as the observation of that rank shows it.

        :raises ValueError: when it does not show it
        """
        place = bisect_right(self.chain.stretches, rank, key=lambda one: one.first) - 1
        if place < 0 or self.chain.stretches[place].last < rank:
            raise ValueError(f"{self.key}: observation {rank} does not show it")
        return self.chain.stretches[place].reading


OPEN: Final = Veil()


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The history of a collection."""

    collection: str
    observations: list[Observation]
    ranks: dict[str, int]
    """Of the observations, by name."""
    entries: list[Known]
    """In the order in which they were first seen, those of one observation in canonical order."""
    veil: Veil = OPEN
    """What of it is not shown."""

    def observation(self, name: str) -> Observation:
        """Return the observation of that name."""
        return self.observations[self.ranks[name]]


def entries(chosen: Chosen, snapshot: Snapshot) -> Iterator[Entry]:
    """Yield the entries of a snapshot of ``chosen`` in canonical order, one by one; what is withheld in its place.

    :raises DamagedData: at the first line that is not as it was written
    """
    hidden = hides(chosen)
    return map(hidden.entry, snapshot.entries()) if hidden else snapshot.entries()


def hides(chosen: Chosen) -> Veil:
    """Return what of a collection is not to be shown.

    :raises UsageError: for snapshots that have no history in common: it says which entries are the same
    :raises DamagedData: when what is read is not as it was written
    """
    if not chosen.withheld.entries:
        return Veil(records=chosen.withheld.records)
    collection = chosen.archive.collection(chosen.collection)
    _, lives = telling.all_lives(chosen.archive, collection, _silent, chosen.again)
    return veil.drawn(chosen.withheld, lives)


def past(chosen: Chosen, note: Note) -> Past:
    """Return the history of a collection, over all its snapshots and the runs that found one unchanged.

    :param note: is told what in the log confirms nothing
    :raises UsageError: for snapshots that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    told = telling.history(chosen.archive, chosen.archive.collection(chosen.collection), note, chosen.again)
    ranks = {one.name: rank for rank, one in enumerate(told.observations)}
    hidden = veil.drawn(chosen.withheld, told.lives) if chosen.withheld else OPEN
    met: Counter[tuple[Kind, str]] = Counter()
    found: list[Known] = []
    for chain, life in told.chains:
        first = next(iter(chain.ids))
        met[chain.kind, first] += 1
        number = met[chain.kind, first]
        key = f"{chosen.collection}/{chain.kind}/{first}" + (f"~{number}" if number > 1 else "")
        if hidden.ids.isdisjoint(chain.ids):
            found.append(Known(key, life, chain))
        else:
            found.append(Known(key, veil.masked_life(life), veil.masked_chain(chain)))
    return Past(chosen.collection, told.observations, ranks, found, hidden)


def table(archive: Archive) -> list[Alias]:
    """Return the table of aliases, in its order.

    :raises DamagedData: ``file:line: problem``
    """
    return [line.alias for line in aliases.read(archive.folder).lines]


def _silent(_message: str) -> None:
    """Say nothing: who exports the history is told by :func:`past`."""
