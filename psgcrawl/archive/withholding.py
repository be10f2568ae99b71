"""``withheld.jsonl``: what is kept, and not to be shown, because somebody asked for that.

``psgcrawl withhold`` adds a line for each decision, also for one that is lifted, and
never changes or removes one: who asked, when and why stays known. The archive itself is
not changed: what is left out is left out of what is published of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta

from psgcrawl.archive import tables
from psgcrawl.errors import DamagedData, NameTaken
from psgcrawl.records import Instant

WITHHELD: Final = "withheld.jsonl"
"""Its name in the folder of the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided of an entry or of a record: a line of ``withheld.jsonl``. The last one of each counts."""

    action: Annotated[
        Literal["withhold", "lift"],
        Meta(description="`withhold`: it is not shown from now on; `lift`: it is shown again."),
    ]
    entry: Annotated[
        str | None, Meta(description="An id that the entry ever had, in whichever collections; null for a record.")
    ]
    record: Annotated[str | None, Meta(description="The `WARC-Record-ID` of raw bytes; null for an entry.")]
    reason: Annotated[str, Meta(description="Why, in words that may be shown.")]
    request: Annotated[str, Meta(description="On whose request: what finds the letter or the file, not the letter.")]
    when: Annotated[Instant, Meta(description="When it was decided.")]

    @property
    def subject(self) -> str:
        """What was decided about."""
        return self.entry or self.record or ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is withheld now."""

    entries: frozenset[str] = frozenset()
    """Ids, each of which means all of its entry's readings, under whatever ids."""
    records: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.entries or self.records)


def read(archive: Path) -> list[Decision]:
    """Return all decisions in their order; none where there is no such file.

    :raises DamagedData: ``file:line: problem``; then nothing may be shown, for nobody knows what is withheld
    """
    return _decisions(tables.read(archive / WITHHELD, Decision))


def now(decisions: Iterable[Decision]) -> Withheld:
    """Return what is withheld after these decisions."""
    last = {(one.entry, one.record): one for one in decisions}
    held = [one for one in last.values() if one.action == "withhold"]
    return Withheld(
        frozenset(one.entry for one in held if one.entry is not None),
        frozenset(one.record for one in held if one.record is not None),
    )


def add(archive: Path, decision: Decision) -> None:
    """Add a decision, durably and in one step.

    :raises DamagedData: as :func:`read` does; then nothing is added
    :raises NameTaken: when somebody else added one in the same moment
    :raises OSError: where it cannot be written; then the file is as it was
    """
    table = tables.read(archive / WITHHELD, Decision)
    _decisions(table)
    if not tables.extend(archive / WITHHELD, table.data, [decision]):
        raise NameTaken(f"{archive / WITHHELD}: changed in this moment: nothing was added; try again")


def _decisions(table: tables.Table[Decision]) -> list[Decision]:
    for place, one in table.rows:
        if (one.entry is None) == (one.record is None):
            raise DamagedData(f"{place}: one of 'entry' and 'record' must be null, the other not")
    return [one for _, one in table.rows]
