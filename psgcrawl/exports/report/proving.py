"""Which page proves that an entry was seen: looked up snapshot by snapshot, asked for entry by entry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby, repeat
from operator import itemgetter

from psgcrawl.archive.filed import Filed
from psgcrawl.archive.jsonl import read_lines
from psgcrawl.archive.manifest import PAGES
from psgcrawl.exports.ordered import Order
from psgcrawl.exports.pages import shown_on
from psgcrawl.exports.source import Past
from psgcrawl.exports.veil import TITLE, Veil
from psgcrawl.records import Captured, PageRow, WarcPlace


@dataclass(frozen=True, slots=True)
class Proof:
    """The page that shows an entry, and the record that holds its bytes."""

    address: str | None
    captured: Captured
    payload_digest: str
    warc: WarcPlace | None

    @classmethod
    def of(cls, row: PageRow, veil: Veil) -> "Proof":
        """Return what a row of ``pages.jsonl`` says, as far as it is to be shown."""
        address = TITLE if veil.hides(row.url) else row.url
        return cls(address, row.captured, row.payload_digest, row.warc)


class Wanted:
    """What is to be proved."""

    def __init__(self, past: Past) -> None:
        """Start without anything.

        :param past: the collection
        """
        self._past = past
        self._sides = past.sides
        self._places = {side.name: place for place, side in enumerate(self._sides)}
        self._sights: Order[tuple[int, int, int, str]] = Order()

    def add(self, entry: int, rank: int, identity: str) -> None:
        """Ask for the page on which an observation shows an entry.

        :param entry: counts the entries in their order, from 0
        """
        side = self._places[self._past.observations[rank].side.name]
        self._sights.add((side, entry, rank), (side, entry, rank, identity))

    def proofs(self) -> "Proofs":
        """Look all of it up.

        :raises DamagedData: ``file:line: problem``
        """
        found: Order[tuple[int, int, int]] = Order()
        kept = Filed(Proof)
        for side, its in groupby(self._sights, itemgetter(0)):
            rows = read_lines(self._sides[side].entries.with_name(PAGES), PageRow)
            shown = shown_on(rows, partial(_kept, kept, self._past.veil))
            for _, entry, rank, identity in its:
                page = shown.get(identity)
                if page is not None:
                    found.add((entry, rank), (entry, rank, page[1]))
        return Proofs(found, kept)


def _kept(kept: Filed[Proof], veil: Veil, row: PageRow) -> int:
    kept.append(Proof.of(row, veil))
    return len(kept) - 1


class Proofs:
    """What proves the sights of entries."""

    def __init__(self, found: Order[tuple[int, int, int]], kept: Filed[Proof]) -> None:
        """Take entry, rank and number of the proof, in this order, and the proofs."""
        self._found = found
        self._kept = kept

    def each(self) -> Iterator[Mapping[int, Proof]]:
        """Yield the proofs of each entry in the order of the entries, by the ranks of the observations; without end."""
        following = 0
        for entry, its in groupby(self._found, itemgetter(0)):
            yield from repeat({}, entry - following)
            yield {rank: self._kept[number] for _, rank, number in its}
            following = entry + 1
        yield from repeat({})
