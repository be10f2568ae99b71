"""What guards ask of entries, in columns: some 60 bytes of each, so that a listing of any length can be looked at."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from typing import Final

from msgspec import Struct

from psgcrawl.archive.filed import Filed
from psgcrawl.archive.hashed import Numbers
from psgcrawl.records import Entry, Flag, Kind

TEXTS: Final = ("title", "summary", "url")
"""The texts that guards hold against each other."""

_GARBLED: Final[frozenset[Flag]] = frozenset({"mojibake", "control-characters"})


_PARTS: Final = 16
"""Each is counted by itself: what that needs besides is the memory of one of them."""


class Asked(Struct, frozen=True):
    """The fields of an entry that guards ask for."""

    id: str
    date_earliest: str | None
    date_edtf: str | None
    kind: Kind
    title: str
    summary: str
    url: str | None
    flags: list[Flag]


class Faces:
    """The entries of a crawl by their numbers, in the order in which they came.

    In place of texts there are their hashes: by 64 bits two texts are told apart.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Look at ``entries``, each of another id."""
        self.kinds: list[Kind] = []
        """One object for all that are of a kind."""
        self.texts = {name: array("q") for name in TEXTS}
        """By field the hash of each one's text; 0 of an empty one, or none."""
        self.dated = bytearray()
        """Whether each has a date."""
        self.garbled = bytearray()
        """Whether letters of each are garbled."""
        self.replaced = bytearray()
        """Whether U+FFFD stands in title or summary of each."""
        self.days = array("I")
        """The first day that each date allows, as a number that is in the order of days; 0 of none."""
        self._ids = array("q")
        self._known_by = array("q")
        """The hash of title and date together: by it an entry is known again whose id is another."""
        for entry in entries.as_kind(Asked) if isinstance(entries, Filed) else entries:
            self._look_at(entry)
        # What is wanted of an id is found in a sorted column; a dictionary would take three times as much memory.
        self._order = array("I", sorted(range(len(self)), key=self._ids.__getitem__))
        self._sorted = array("q", map(self._ids.__getitem__, self._order))

    @cached_property
    def _titles(self) -> Numbers:
        # Asked for only where there is a past.
        return Numbers(self._known_by)

    def _look_at(self, entry: Entry | Asked) -> None:
        self.kinds.append(entry.kind)
        for name, column in self.texts.items():
            column.append(number_of(getattr(entry, name)))
        self.dated.append(bool(entry.date_edtf))
        self.garbled.append(not _GARBLED.isdisjoint(entry.flags))
        self.replaced.append("\ufffd" in entry.title or "\ufffd" in entry.summary)
        self.days.append(0 if entry.date_earliest is None else int(entry.date_earliest.replace("-", "")))
        self._ids.append(hash(entry.id))
        self._known_by.append(hash((entry.title.casefold(), entry.date_edtf)))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ids)

    def numbers(self, ids: Iterable[str]) -> Iterable[int]:
        """Yield the numbers of the entries of ``ids``.

        :raises KeyError: for an id that there is not
        """
        for id_ in ids:
            at = self._at(hash(id_))
            if at is None:
                raise KeyError(id_)
            yield self._order[at]

    def knows(self, other: "Faces", number: int) -> bool:
        """Tell whether an entry of another crawl is one of these: by its id, or by title and date together."""
        return self._at(other._ids[number]) is not None or other._known_by[number] in self._titles  # noqa: SLF001

    def _at(self, id_: int) -> int | None:
        at = bisect_left(self._sorted, id_)
        return at if at < len(self._sorted) and self._sorted[at] == id_ else None


def number_of(text: str | None) -> int:
    """Return the hash of a text, 0 for an empty one or none."""
    return (hash(text) or 1) if text else 0


def commonest(numbers: Iterable[int]) -> int:
    """Return how often the number stands there that is there most often; 0s are not counted."""
    parts = [array("q") for _ in range(_PARTS)]
    for number in filter(None, numbers):
        parts[number % _PARTS].append(number)
    return max(map(_commonest, parts))


def _commonest(part: Sequence[int]) -> int:
    # Nearly always each is there once, and that is seen in a fifth of the time.
    if len(set(part)) == len(part):
        return min(1, len(part))
    return max(len(list(same)) for _, same in groupby(sorted(part)))
