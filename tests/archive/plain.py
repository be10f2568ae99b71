"""What the archive does in pieces and in bounded memory, said plainly."""

from collections.abc import Sequence

from psgcrawl.records import Entry


def canonical(entries: Sequence[Entry]) -> list[Entry]:
    """Return ``entries`` by ``date_earliest`` descending, those without last, then by the bytes of ``id``."""
    by_id = sorted(entries, key=lambda entry: entry.id.encode("utf-8"))
    return sorted(by_id, key=lambda entry: entry.date_earliest or "", reverse=True)
