"""Say what changed between two snapshots of a collection, or between two files of entries.

Without OLD and NEW, the snapshot before the latest against the latest; with OLD alone,
that against the latest. Exit code 0: no difference, or only what one side did not see;
1: different; 2: trouble.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from psgcrawl.archive import jsonl, rules
from psgcrawl.archive.compare.changes import (
    CHANGES,
    FIELDS,
    Change,
    ChangeName,
    Comparison,
    Field,
    Side,
    Wanted,
    are_editions,
    canonical,
    under_one_rule,
)
from psgcrawl.archive.compare.matching import SAID
from psgcrawl.archive.store import Archive, Collection, resolve
from psgcrawl.cli import printing
from psgcrawl.cli.again import derived_again
from psgcrawl.cli.marking import Style, edit, heading, marked
from psgcrawl.errors import NotFound, UsageError
from psgcrawl.records import KINDS, Entry
from psgcrawl.visible import visible

SAME, DIFFERENT = 0, 1
"""Exit codes."""

SideName = Literal["old", "new"]

_FILE: Final = ".jsonl"
_LATEST, _BEFORE = "latest", "latest~1"
_SIGNS: Final[dict[ChangeName, str]] = {
    "added": "+",
    "edited": "~",
    "removed": "-",
    "aged-out": "-",
    "out-of-view": "?",
    "absent": "?",
}
_SAID: Final[dict[ChangeName, str]] = {
    "added": "added",
    "edited": "edited",
    "removed": "removed: no longer listed",
    "aged-out": "aged out: gone together from the old end of the list",
    "out-of-view": "out of view: one side did not cover their place, no claim",
    "absent": "absent on one side, no claim",
}


class Diff(Struct, frozen=True, kw_only=True):
    """What ``psgcrawl diff --json`` prints."""

    collection: Annotated[str | None, Meta(description="The collection; null for two files.")]
    old: Annotated[str, Meta(description="Name of the older side's snapshot, or path of a file.")]
    new: Annotated[str, Meta(description="Name of the newer side's snapshot, or path of a file.")]
    ordered: Annotated[
        bool, Meta(description="Whether it is known which was captured first: capture times do not overlap.")
    ]
    editions: Annotated[
        bool,
        Meta(
            description="Whether both are editions of one snapshot: what differs is how it was derived, or what was "
            "redacted, not the site."
        ),
    ]
    derived_again: Annotated[
        list[SideName],
        Meta(description="Sides that were derived again, in passing, because the two were derived by unequal rules."),
    ]
    counts: Annotated[dict[ChangeName, int], Meta(description="Changes by name; each name is there.")]
    changes: Annotated[list[Change], Meta(description="In the order of the names, then newest first, then by id.")]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("collection", metavar="COLLECTION", help="the collection; or left out before two files")
    named = "a time or a unique prefix of it, latest, latest~1, a path, or a file of entries (….jsonl)"
    parser.add_argument("old", nargs="?", metavar="OLD", help=f"{named}; {_BEFORE} by default")
    parser.add_argument("new", nargs="?", metavar="NEW", help=f"the same; {_LATEST} by default")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON document")
    output.add_argument("--jsonl", action="store_true", help="print one change a line, as soon as it is decided")
    output.add_argument("--stat", action="store_true", help="print only how many changes there are")
    parser.add_argument("--all", action="store_true", help="list what is out of view, too")
    parser.add_argument(
        "--ignore", action="append", default=[], choices=FIELDS, metavar="FIELD", help="pass over edits of this field"
    )
    parser.add_argument(
        "--kind", action="append", default=[], choices=KINDS, metavar="KIND", help="compare only this kind of entry"
    )


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Print what changed; 0 without a difference that can be claimed, else 1.

    :raises UsageError: for names that cannot be meant, and for snapshots that cannot be compared
    :raises DamagedData: when what is compared is not as it was written
    """
    collection, first, second = _sides(args, locate)
    with ExitStack() as stack:
        old, new = under_one_rule(first, second, rules.today(), partial(derived_again, stack))
        pairs: tuple[tuple[SideName, Side, Side], ...] = (("old", first, old), ("new", second, new))
        again = [name for name, stored, side in pairs if side is not stored]
        return _compared(args, collection, old, new, again)


def _compared(args: argparse.Namespace, collection: str | None, old: Side, new: Side, again: list[SideName]) -> int:
    wanted = Wanted(ignore=frozenset(args.ignore), kinds=frozenset(args.kind or KINDS))
    comparison = Comparison(old, new, wanted, printing.note)
    editions = are_editions(old, new)
    if editions:
        printing.note(
            f"{old.name} and {new.name} are editions of one snapshot: what differs is how it was derived, "
            "or what was redacted, not the site"
        )
    counts: Counter[ChangeName] = Counter()
    if args.jsonl:
        for change in comparison.changes():
            counts[change.change] += 1
            sys.stdout.write(jsonl.text(change) + "\n")
    else:
        changes = canonical(comparison.changes())
        counts.update(change.change for change in changes)
        found = Diff(
            collection=collection,
            old=jsonl.printable(old.name),
            new=jsonl.printable(new.name),
            ordered=comparison.ordered,
            editions=editions,
            derived_again=again,
            counts={name: counts[name] for name in CHANGES},
            changes=changes,
        )
        if args.json:
            print(printing.document(found))
        else:
            printing.show(_text(found, marked(), stat=args.stat, everything=args.all))
    return DIFFERENT if counts.total() > counts["out-of-view"] else SAME


def _sides(args: argparse.Namespace, locate: Callable[[], Archive]) -> tuple[str | None, Side, Side]:
    """Return the collection's name (None for two files) and what is compared."""
    given = [args.collection, args.old, args.new]
    if _is_file(args.collection):
        given = [None, *given]
        if args.new is not None or args.old is None:
            raise UsageError("diff: two files are compared: psgcrawl diff A.jsonl B.jsonl")
    name, first, second = given[:3]
    if _is_file(first) and _is_file(second):
        return None, _file(first), _file(second)
    if name is None:
        raise UsageError(f"diff: {second!r} is no file of entries: a snapshot needs its collection in front")
    collection = locate().collection(name)
    if first is None and len(collection.snapshots()) < 2:
        raise NotFound(f"{name}: fewer than two snapshots, so there is nothing to compare yet")
    return name, _side(collection, first or _BEFORE), _side(collection, second or _LATEST)


def _is_file(name: str | None) -> bool:
    return name is not None and name.endswith(_FILE)


def _file(name: str) -> Side:
    path = Path(name)
    if not path.is_file():
        raise NotFound(f"{name}: no such file")
    return Side(name, path)


def _side(collection: Collection, name: str) -> Side:
    return _file(name) if _is_file(name) else Side.of(resolve(collection, name))


# --- for people -----------------------------------------------------------------------


def _text(found: Diff, style: Style, *, stat: bool, everything: bool) -> Iterator[str]:
    between = f"{visible(found.old)} -> {visible(found.new)}"
    yield style("head", between if found.collection is None else f"{visible(found.collection)}: {between}")
    yield _counted(found.counts)
    if not found.ordered and found.counts["absent"]:
        yield "order or coverage unknown: what is on one side only may have come, gone, or not have been seen"
    if stat:
        yield from _by_field(found.changes)
        return
    for name in CHANGES:
        group = [change for change in found.changes if change.change == name]
        if group and (name != "out-of-view" or everything):
            yield ""
            yield style("head", _SAID[name])
            for change in group:
                yield from (f"  {line}" for line in _one(change, style))


def _counted(counts: dict[ChangeName, int]) -> str:
    said = [f"{number} {name}" for name, number in counts.items() if number and name != "out-of-view"]
    unseen = counts["out-of-view"]
    if unseen:
        said.append(f"out of view: {unseen} {'entry' if unseen == 1 else 'entries'}, no claim")
    return ", ".join(said) or "no difference"


def _by_field(changes: Sequence[Change]) -> Iterator[str]:
    edits = Counter(field for change in changes for field in change.fields)
    if edits:
        yield "edited: " + ", ".join(f"{field} {edits[field]}" for field in FIELDS if edits[field])


def _one(change: Change, style: Style) -> Iterator[str]:
    entry = change.new or change.old
    if entry is None:
        return
    sign = _SIGNS[change.change]
    if change.change in {"absent", "out-of-view"}:
        sign = "only in NEW:" if change.old is None else "only in OLD:"
    yield f"{sign} {heading(entry)}"
    if change.matched_by in {None, "identity"} or change.old is None or change.new is None:
        was = []
    else:
        renamed = f", was {visible(change.old.id)}" if change.old.id != change.new.id else ""
        was = [f"    matched by {SAID[change.matched_by]}{renamed}"]
    yield from was
    for field in change.fields:
        yield f"    {field}: {edit(_value(change.old, field), _value(change.new, field), style)}"


def _value(entry: Entry | None, field: Field) -> str | None:
    value = getattr(entry, field)
    return ", ".join(value) if isinstance(value, list) else value
