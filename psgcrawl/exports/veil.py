"""What stands in an export in place of what is withheld on request.

An entry keeps its id and its kind, so that programs which hold it know which one to
delete, and so that who has it can show that it is this one: the hash is that of its line
in ``entries.jsonl``. All else that it says is left out, its date, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from psgcrawl import urls
from psgcrawl.archive import jsonl
from psgcrawl.archive.history.chains import Chain, Stretch
from psgcrawl.archive.history.lives import Life
from psgcrawl.archive.withholding import Withheld
from psgcrawl.records import Entry, replace

TITLE: Final = "withheld on request"


@dataclass(frozen=True, slots=True)
class Veil:
    """What of one collection is not to be shown."""

    ids: frozenset[str] = frozenset()
    """Every id that a withheld entry ever had there."""
    addresses: frozenset[str] = frozenset()
    """Those of the withheld entries' own pages, canonical: an address can be a title."""
    records: frozenset[str] = frozenset()
    """Raw bytes that are withheld for themselves."""

    def __bool__(self) -> bool:
        """Whether anything is hidden."""
        return bool(self.ids or self.records)

    def entry(self, entry: Entry) -> Entry:
        """Return what stands for an entry: itself, where nobody asked to withhold it."""
        return masked(entry) if entry.id in self.ids else entry

    def hides(self, address: str | None) -> bool:
        """Tell whether an address, however it is written, is that of a withheld entry's own page."""
        return bool(self.addresses) and urls.canonical(address, None) in self.addresses


def drawn(withheld: Withheld, lives: Iterable[Life]) -> Veil:
    """Return the veil over a collection.

    :param lives: of all its entries: an entry is withheld under every id that it ever had
    """
    ids = set(withheld.entries)
    addresses: set[str] = set()
    for life in lives:
        its = {one.id for one in life.ids}
        if not withheld.entries.isdisjoint(its):
            ids |= its
            addresses.update(reading.url for reading in life.readings if reading.url is not None)
    return Veil(frozenset(ids), frozenset(addresses), withheld.records)


def masked(entry: Entry) -> Entry:
    """Return what stands for a withheld entry.

    The hash is SHA-256 over the UTF-8 of the entry's line, without its line end.
    """
    digest = sha256(jsonl.dumps(entry)).hexdigest()
    return Entry(
        id=entry.id,
        date_earliest=None,
        date_latest=None,
        date_edtf=None,
        kind=entry.kind,
        series=None,
        issue=None,
        title=TITLE,
        summary=f"sha256:{digest}",
        url=None,
        caption=None,
        categories=[],
        modified=None,
        dateline=None,
        flags=[],
    )


def masked_life(life: Life) -> Life:
    """Return the life of a withheld entry: when it was listed, and when it changed, is no secret."""
    revisions = [replace(one, old=masked(one.old), new=masked(one.new)) for one in life.revisions]
    return replace(life, entry=masked(life.entry), revisions=revisions)


def masked_chain(chain: Chain) -> Chain:
    """Return the readings of a withheld entry; what was one reading is one still."""
    made = Chain(chain.kind, chain.number)
    known: dict[int, Entry] = {}
    for one in chain.stretches:
        reading = known.setdefault(id(one.reading), masked(one.reading))
        made.stretches.append(Stretch(one.first, one.last, reading, one.place))
    made.ids = chain.ids
    made.over = chain.over
    return made
