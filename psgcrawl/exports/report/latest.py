"""What changed lately, over all collections."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from psgcrawl.archive.compare.lines import key
from psgcrawl.exports.changes import Event
from psgcrawl.exports.feed import seen_at
from psgcrawl.exports.report.gathering import CHANGED, Gathered, statements
from psgcrawl.exports.source import Known

LATELY: Final = 30
"""Observations of which it is told what changed lately."""
MOST: Final = 50
"""Changes of one observation that are told of lately; the pages of the entries have them all."""


@dataclass(slots=True)
class Lately:
    """What an observation shows to have changed."""

    of: Gathered
    rank: int
    events: list[Event] = field(default_factory=list)
    """:data:`MOST` at most: what changed, first by what happened, then in canonical order."""
    new: list[Event] = field(default_factory=list)
    """:data:`MOST` at most: what was seen for the first time, in canonical order."""
    more: int = 0
    """How many are not told of."""

    def add(self, event: Event) -> None:
        """Take what the observation shows."""
        its = self.new if event.change == "added" else self.events
        its.append(event)
        if len(its) == 4 * MOST:
            self._cut(its)

    def settle(self) -> None:
        """Put all in order, and leave out what is too much."""
        self._cut(self.events)
        self._cut(self.new)

    def _cut(self, its: list[Event]) -> None:
        # Of what is equal the first stays before the others, however often this is done.
        its.sort(key=_order)
        self.more += max(0, len(its) - MOST)
        del its[MOST:]


class Latest:
    """The latest observations that showed a change.

    What the first observation of a collection shows is not new, as nobody looked before; nor
    is what an observation shows of which it is not known whether it came later.
    """

    def __init__(self, collections: Sequence[Gathered]) -> None:
        """Choose the observations."""
        found = [Lately(one, rank) for one in collections for rank in sorted({rank for rank, _ in one.changes})]
        found.sort(key=lambda one: (seen_at(one.of.past.observations[one.rank]), one.rank), reverse=True)
        self._chosen = found[:LATELY]
        self._ranks = {one.name: {its.rank: its for its in self._chosen if its.of is one} for one in collections}

    def add(self, gathered: Gathered, known: Known) -> None:
        """Take what happened to an entry, if one of the chosen observations shows it."""
        mine, ranks = self._ranks[gathered.name], gathered.past.ranks
        for event in statements(gathered.past, known) if mine else ():
            its = mine.get(ranks[event.after])
            if its is not None:
                its.add(event)

    def told(self) -> list[Lately]:
        """Return what changed lately, the latest observation first; when all entries were seen."""
        for one in self._chosen:
            one.settle()
        return self._chosen


def _order(event: Event) -> tuple[int, tuple[int, str], str]:
    entry = event.new or event.old
    assert entry is not None  # noqa: S101 - an event is about an entry
    return [*CHANGED, "added"].index(event.change), key(entry), event.known.key
