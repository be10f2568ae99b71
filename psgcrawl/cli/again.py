"""Snapshots of unequal derivation: derived again in passing, and said so."""

from contextlib import ExitStack
from pathlib import Path

from psgcrawl.archive import rules
from psgcrawl.archive.compare.changes import Side
from psgcrawl.cli import printing


def derived_again(stack: ExitStack, side: Side) -> Side:
    """Return a side as the rules of today derive it, and say so; what is derived lasts as long as ``stack``.

    :raises DamagedData: as :func:`psgcrawl.rebuild.sides.derive_side`
    """
    # Loaded where something is derived: comparisons that need not do so answer sooner.
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - see above

    from psgcrawl.rebuild.sides import derive_side  # noqa: PLC0415 - see above

    facts = side.provenance
    printing.note(
        f"{side.name}: written under derivation {rules.of(facts) if facts else None}; derived again from its raw "
        f"pages by derivation {rules.today()}, for this answer alone, so that what differs is the site"
    )
    return derive_side(side, Path(stack.enter_context(TemporaryDirectory(prefix="psgcrawl-"))))
