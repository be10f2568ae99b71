"""What a snapshot shows: its two files read once each, and what is alike kept once.

Entries and places that are equal are one object, whichever snapshots they stand in, and so
are pairs of the two: who asks whether an entry changed compares objects, and memory does
not grow with what is unchanged.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Final

from psgcrawl.archive import jsonl
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.evidence import Claims, Evidence, Place, ReadRow, ReadView, all_rows, broken_off, shown_by
from psgcrawl.archive.compare.lines import Key, key
from psgcrawl.archive.history.alike import Sheet
from psgcrawl.archive.ids import Ids
from psgcrawl.archive.manifest import PAGES
from psgcrawl.errors import DamagedData
from psgcrawl.records import WHOLE_LISTS, Entry, Kind

Pair = tuple[Entry, Place]
"""An entry and where it stands."""
Shown = Sequence[Pair]
"""In canonical order."""
Name = tuple[Kind, str]
"""The kind and the id of an entry: what it is found by again."""

MOST: Final = 20_000
"""Readings that are remembered besides those of the snapshot that was read last."""


class Reader:
    """Reads snapshots; best one after another as they were captured, for each is compared with the one read before."""

    def __init__(self) -> None:
        self._known: dict[bytes, Entry] = {}
        self._digests: dict[int, bytes] = {}
        """The keys of the same, by the numbers of the objects."""
        self._places: dict[Place, Place] = {}
        self._stands: dict[tuple[str | None, tuple[str, ...], str, int | None], Place] = {}
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._sheet: Sheet[Entry] = Sheet()
        self._stood: list[Place] = []
        self._showed: list[Pair] = []

    def entry(self, entry: Entry, digest: bytes | None = None) -> Entry:
        """Return the one object that stands for all entries equal to this one, while it is remembered.

        :param digest: SHA-256 of its line, where that is known
        """
        digest = digest or sha256(jsonl.dumps(entry)).digest()
        known = self._known.setdefault(digest, entry)
        self._digests[id(known)] = digest
        return known

    def digest(self, entry: Entry) -> bytes:
        """Return the SHA-256 of an entry's line, without the line end."""
        # While an entry is remembered, no other object has its number.
        return self._digests.get(id(entry)) or sha256(jsonl.dumps(entry)).digest()

    def place(self, place: Place) -> Place:
        """Return the one object that stands for all places equal to this one."""
        return self._places.setdefault(place, place)

    def pair(self, entry: Entry, place: Place) -> Pair:
        """Return the one pair of two objects that this reader gave."""
        return self._pairs.setdefault((id(entry), id(place)), (entry, place))

    def read(self, side: Side) -> tuple[Shown, list[ReadRow]]:
        """Return what a snapshot shows, and its pages in crawl order.

        :raises DamagedData: ``file:line: problem``, also for an id that occurs twice or that no page shows
        """
        assert side.provenance is not None  # noqa: S101 - the side is a snapshot
        pages = side.entries.with_name(PAGES)
        rows = all_rows(pages)
        coverage = side.provenance.coverage
        side.know(Evidence(pages, coverage, Claims.of(rows, coverage)))
        sheet = self._sheet.follow(_data(side.entries), lambda raw, number: self._line(raw, f"{side.entries}:{number}"))
        ids = [identity for _, identity in sheet.keys]
        _look_for_doubles(side.entries, ids)
        stand = self._places_of(ids, rows, pages)
        self._showed = self._paired(sheet, stand)
        self._sheet, self._stood = sheet, stand
        self._forget()
        return _in_order(self._showed, sheet.keys), rows

    def _places_of(self, ids: Sequence[str], rows: Iterable[ReadRow], path: Path) -> list[Place]:
        """Return where each entry stands.

        :raises DamagedData: for one that no page shows
        """
        stands = [one for row in rows for one in self.stands(row)]
        if len({id(place) for _, place in stands}) == 1:
            # Nearly always: a listing's pages are alike. Then it is a third of the time to look whether all are there.
            shown = set(chain.from_iterable(listed for listed, _ in stands))
            if shown.issuperset(ids):
                return [stands[0][1]] * len(ids)
        where = self.nowhere()
        for listed, place in stands:
            where.put(listed, place)
        try:
            return where.all(ids)
        except KeyError as error:
            raise DamagedData(f"{path}: no page shows the entry {error.args[0]!r}") from error

    def _forget(self) -> None:
        """Forget readings that were replaced: memory must not grow with every edit that was ever made."""
        if len(self._pairs) > MOST + 2 * len(self._showed):
            stay = {id(entry) for entry, _ in self._showed}
            self._known = {digest: entry for digest, entry in self._known.items() if id(entry) in stay}
            self._digests = {id(entry): digest for digest, entry in self._known.items()}
            self._pairs = {(id(pair[0]), id(pair[1])): pair for pair in self._showed}

    def _line(self, raw: bytes, place: str) -> tuple[Key, Entry]:
        if not raw.endswith(b"\n"):
            raise DamagedData(f"{place}: the last line has no line end: it was cut off")
        # A line that is written canonically, as all of ours are, need not be parsed where it was seen before.
        digest = sha256(raw[:-1]).digest()
        entry = self._known.get(digest)
        if entry is None:
            # Nor is it written again to know its digest.
            read = jsonl.canonical([raw], Entry)
            entry = self.entry(read[0], digest) if read else self.entry(jsonl.decode(raw[:-1], Entry, place))
        return key(entry), entry

    def _paired(self, sheet: Sheet[Entry], stand: Sequence[Place]) -> list[Pair]:
        """Return entries with their places, in the order of the file."""
        shown: list[Pair] = []
        for here, there, count in sheet.runs:
            # What stands between two runs is new.
            shown += map(self.pair, sheet.held[len(shown) : here], stand[len(shown) : here])
            if stand[here : here + count] == self._stood[there : there + count]:
                shown += self._showed[there : there + count]
            else:
                shown += map(self.pair, sheet.held[here : here + count], stand[here : here + count])
        shown += map(self.pair, sheet.held[len(shown) :], stand[len(shown) :])
        return shown

    def nowhere(self) -> Ids[Place]:
        """Return what :meth:`stand` fills: where each entry of a snapshot stands."""
        return Ids(lambda one, other: self.place(Place(one.lists | other.lists, one.fields | other.fields)))

    def stand(self, where: Ids[Place], row: ReadRow) -> None:
        """Take where the entries of a page stand."""
        for ids, place in self.stands(row):
            where.put(ids, place)

    def stands(self, row: ReadRow) -> Iterator[tuple[Sequence[str], Place]]:
        """Yield where entries stand, by what one page says."""
        broken = broken_off(row)
        for view in row.lists:
            position = _position(view, row.position)
            shown = self._stand(row.layout, tuple(row.fields), view.name, position)
            if not broken or broken.isdisjoint(view.entries):
                yield view.entries, shown
                continue
            here = self._stand(None, (), view.name, position)
            for identity in view.entries:
                yield (identity,), here if identity in broken else shown

    def _stand(self, layout: str | None, fields: tuple[str, ...], name: str, position: int | None) -> Place:
        """Return where a page of that layout shows what it lists under a name: of most pages it is the same."""
        key = layout, fields, name, position
        found = self._stands.get(key)
        if found is None:
            found = self._stands[key] = self.place(Place(frozenset({(name, position)}), shown_by(layout, fields)))
        return found


def canonical(shown: Iterable[Pair]) -> Shown:
    """Return ``shown`` in canonical order."""
    return sorted(shown, key=lambda pair: key(pair[0]))


def _in_order(shown: Shown, keys: Sequence[Key]) -> Shown:
    """Return ``shown``, which is in the order of ``keys``, in canonical order."""
    ordered = sorted(keys)
    if ordered == keys:
        return shown
    return [pair for _, pair in sorted(zip(keys, shown, strict=True), key=itemgetter(0))]


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DamagedData(f"{path}: the file is missing") from error


def _look_for_doubles(path: Path, ids: Sequence[str]) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: dict[str, int] = {}
    for number, identity in enumerate(ids, 1):
        if (first := seen.setdefault(identity, number)) != number:
            raise DamagedData(f"{path}:{number}: duplicate id {identity!r}, as in line {first}")


def _position(view: ReadView, position: int | None) -> int | None:
    """Return the page's position where claims ask for it: in whole lists.

    Elsewhere dates decide, and entries move on to other pages with every new one.
    """
    return position if view.name in WHOLE_LISTS else None
