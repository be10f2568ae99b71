"""``aliases.jsonl``: which entries of different collections are one, and which are not, whatever they look like.

``psgcrawl history --all`` adds a line for each link that it finds, and never changes or
removes one. A person may add, change or remove lines: what a person says of a pair goes
before what was found.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import Meta

from psgcrawl.archive import durable, jsonl
from psgcrawl.archive.compare.matching import Rule
from psgcrawl.errors import DamagedData
from psgcrawl.records import Instant

ALIASES: Final = "aliases.jsonl"
"""Its name in the folder of the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """An entry of a collection."""

    collection: Annotated[str, Meta(description="The collection.")]
    id: Annotated[str, Meta(description="Any id that the entry ever had there.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
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
    path = archive / ALIASES
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Table(b"", [])
    *raws, torn = data.split(b"\n")
    if torn:
        raise DamagedData(f"{path}:{len(raws) + 1}: the last line has no line end: it was cut off")
    return Table(data, [_line(raw, f"{path}:{number}") for number, raw in enumerate(raws, 1)])


def extend(archive: Path, table: Table, fresh: Iterable[Alias]) -> bool:
    """Add lines at the end of the table, durably and in one step; False if it is no longer as it was read.

    :raises OSError: where it cannot be written; then it is as it was
    """
    added = jsonl.dump_lines(fresh)
    if not added:
        return True
    path, new = archive / ALIASES, archive / f"{ALIASES}.new"
    with _locked(archive):
        if (path.read_bytes() if path.exists() else b"") != table.data:
            return False
        # What a run that died left there is nothing to keep.
        new.unlink(missing_ok=True)
        durable.write_new(new, table.data + added)
        new.replace(path)
        durable.sync_folder(archive)
    return True


def _line(raw: bytes, place: str) -> Line:
    alias = jsonl.decode(raw, Alias, place)
    if alias.one.collection == alias.other.collection:
        raise DamagedData(f"{place}: both entries are of {alias.one.collection!r}: only two collections have a link")
    return Line(place, alias)


@contextmanager
def _locked(archive: Path) -> Iterator[None]:
    """Hold the archive's folder, waiting for it: nobody holds it for longer than one file takes."""
    descriptor = os.open(archive, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
