"""One side of a comparison, derived again: what snapshots of unequal derivation are compared by."""

from pathlib import Path

from psgcrawl import site
from psgcrawl.archive.assemble import span
from psgcrawl.archive.compare.changes import Side
from psgcrawl.errors import DamagedData
from psgcrawl.records import DERIVATION, replace


def derive_side(side: Side, folder: Path) -> Side:
    """Return the side as the rules of today derive it from its raw pages; the archive stays as it is.

    :param folder: an empty one, for what is derived; it must last as long as the side is in use
    :raises DamagedData: as :func:`psgcrawl.rebuild.derive`, and for a file, of which no raw pages are known
    """
    from psgcrawl.rebuild.deriving import derive_all  # noqa: PLC0415 - as in ``derive``: it takes long to load

    if side.snapshot is None:
        raise DamagedData(f"{side.name}: a file of entries, of which no raw pages are known")
    found = derive_all(side.snapshot)
    for name, records in found.assembled.files.items():
        with (folder / name).open("wb") as file:
            file.writelines(records.pieces())
    facts = found.manifest.provenance
    return side.derived(
        folder,
        replace(
            facts,
            derivation=DERIVATION,
            site=site.current().sha256,
            coverage=found.coverage,
            captured=span(found.assembled.rows),
        ),
    )
