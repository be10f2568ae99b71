"""Entries derived again from the raw pages that a snapshot keeps.

The rules are those of ``docs/rebuilding.md``. Evidence is only read here; what comes out
of it is compared with what is stored, or committed as a later edition of the snapshot.

===============  ============================================================================
module           subject
===============  ============================================================================
``records``      the records of a snapshot's pages, out of its WARC, in one pass over the file
``seen``         pages that were read already, in the snapshot before
``deriving``     a snapshot -> its entries and rows as the rules of today give them
``differences``  what is stored against what is derived now, field by field
``outcomes``     what comes of it for a snapshot
``editions``     a later edition, committed
``work``         all of that for one snapshot: a job, of which there can be many at once
``sides``        a side of a comparison, derived again in passing
===============  ============================================================================
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psgcrawl.archive.assemble import Assembled
    from psgcrawl.archive.store import Snapshot


def derive(snapshot: "Snapshot") -> "Assembled":
    """Return entries and rows of ``snapshot``, derived again from its evidence by the rules of today.

    Entries in canonical order, rows in the order in which they are stored. What a record
    does not know of its page is taken from the stored row: address, position, how its
    time is known, from where it was carried. A redacted row stays as it is.

    :raises DamagedData: where evidence is missing, or other than the manifest describes; where a stored row is
        damaged; where a later version of psgcrawl derived the snapshot
    """
    # Loaded with the first snapshot: commands that derive nothing answer twice as fast without the layouts.
    from psgcrawl.rebuild.deriving import derive_all  # noqa: PLC0415 - see above

    return derive_all(snapshot).assembled
