"""The lists of the entries of a collection, by year: in temporary files until all entries are known."""

from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

from psgcrawl.archive.compare.lines import key
from psgcrawl.archive.history.lives import State
from psgcrawl.exports.ordered import Order
from psgcrawl.exports.report import english, places, showing
from psgcrawl.exports.report.gathering import Gathered
from psgcrawl.exports.source import Known

LIST_LENGTH: Final = 500
"""Entries on a page of a list."""
_LISTS: Final = {
    places.UNDATED: "no year printed",
    places.STANDING: "standing blocks",
    places.WITHHELD: "withheld on request",
}

_Item = tuple[str, str, str, str, str, State, int]
"""Of an entry its list and key, title, date, kind in words, state, and whether it was revised."""


def list_name(which: str) -> str:
    """Return what a list is called."""
    return _LISTS.get(which, which)


class Lists:
    """The lists of a collection."""

    def __init__(self, gathered: Gathered) -> None:
        """Start without entries."""
        self._gathered = gathered
        self._items: Order[_Item] = Order()

    def add(self, known: Known) -> None:
        """Take an entry."""
        entry = known.life.entry
        which = self._gathered.year(known)
        kind = "" if entry.kind == "entry" else english.KINDS[entry.kind]
        shown = showing.title(entry), self._gathered.date(known, entry), kind
        item = which, known.key, *shown, known.life.state, bool(known.life.revisions)
        self._items.add((which, *key(entry), known.key), item)

    def pages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield place and content of each page of each list, the newest entries first."""
        name, counted = self._gathered.name, self._gathered.counted.lists
        for which, its in groupby(self._items, itemgetter(0)):
            parts = -(-counted[which] // LIST_LENGTH)
            every = [places.listing(name, which, number) for number in range(1, parts + 1)]
            for part, path in enumerate(every, 1):
                yield (
                    path,
                    {
                        "collection": name,
                        "year": list_name(which),
                        "count": counted[which],
                        "part": part,
                        "places_of_parts": every,
                        "items": [_shown(item) for item in islice(its, LIST_LENGTH)],
                    },
                )

    def years(self) -> list[tuple[str, int, str]]:
        """Return name, length and place of each list."""
        name, counted = self._gathered.name, self._gathered.counted.lists
        return [(list_name(which), counted[which], places.listing(name, which)) for which in sorted(counted)]


def _shown(item: _Item) -> dict[str, Any]:
    _, key_, title, date, kind, state, revised = item
    return {
        "path": places.entry(key_),
        "title": title,
        "date": date,
        "kind": kind,
        "state": state,
        "revised": bool(revised),
    }
