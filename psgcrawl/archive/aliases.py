"""``aliases.jsonl``: which entries of different collections are one, and which are not, whatever they look like.

``psgcrawl history --all`` adds a line for each link that it finds, and never changes or
removes one. A person may add, change or remove lines: what a person says of a pair goes
before what was found.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import Meta, Struct, field

from psgcrawl.archive import tables
from psgcrawl.archive.compare.matching import Rule
from psgcrawl.errors import DamagedData
from psgcrawl.records import Instant

ALIASES: Final = "aliases.jsonl"
"""Its name in the folder of the archive."""


class Ref(Struct, frozen=True, kw_only=True):
    """An entry of a collection."""

    collection: Annotated[str, Meta(description="The collection.")]
    id: Annotated[str, Meta(description="Any id that the entry ever had there.")]


class Alias(Struct, frozen=True, kw_only=True):
    """What is held of two entries of different collections: a line of ``aliases.jsonl``."""

    one: Annotated[Ref, Meta(description="One of the two; of lines that were found, that of the lesser collection.")]
    other: Annotated[Ref, Meta(description="The other.")]
    verdict: Annotated[
        Literal["linked", "forbidden"],
        Meta(description="`linked`: they are one entry; `forbidden`: a person says that they are not."),
    ]
    rule: Annotated[Rule | None, Meta(description="By which rule the link was found; null for a person's line.")] = None
    evidence: Annotated[
        list[str],
        Meta(description="The observations that show what the rule compared, `COLLECTION/NAME`, of `one` and `other`."),
    ] = field(default_factory=list)
    when: Annotated[Instant | None, Meta(description="When the line was added.")] = None
    by: Annotated[str | None, Meta(description="The person who says so; null for a link that was found.")] = None
    reason: Annotated[str | None, Meta(description="Why, in that person's words.")] = None

    @property
    def of_a_person(self) -> bool:
        """Whether a person says so: nobody else signs, and nobody else forbids."""
        return self.by is not None or self.verdict == "forbidden"


class Line(NamedTuple):
    """A line of the table, with its place for messages (``…/aliases.jsonl:3``)."""

    place: str
    alias: Alias


class Table(NamedTuple):
    """The table as it was read."""

    data: bytes
    lines: list[Line]


def read(archive: Path) -> Table:
    """Return the table of the folder ``archive``, lines in their order; where there is none, an empty one.

    :raises DamagedData: ``file:line: problem``
    """
    table = tables.read(archive / ALIASES, Alias)
    return Table(table.data, [_line(*row) for row in table.rows])


def extend(archive: Path, table: Table, fresh: Iterable[Alias]) -> bool:
    """Add lines at the end of the table, durably and in one step; False if it is no longer as it was read.

    :raises OSError: where it cannot be written; then it is as it was
    """
    return tables.extend(archive / ALIASES, table.data, fresh)


def _line(place: str, alias: Alias) -> Line:
    if alias.one.collection == alias.other.collection:
        raise DamagedData(f"{place}: both entries are of {alias.one.collection!r}: only two collections have a link")
    return Line(place, alias)
