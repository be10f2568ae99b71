"""Say what became of each entry of a collection, or of one, or of those in several collections.

Nothing is dated to the day of a change: an entry changed between two observations. Exit
code 0, or 2 for trouble.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Final

from msgspec import Meta, Struct

from psgcrawl.archive import jsonl
from psgcrawl.archive.aliases import ALIASES
from psgcrawl.archive.history import telling
from psgcrawl.archive.history.lives import STATES, Life, State
from psgcrawl.archive.history.observed import Observed, observed
from psgcrawl.archive.history.questions import Issues, Question
from psgcrawl.archive.history.telling import Told
from psgcrawl.archive.store import Archive
from psgcrawl.cli import everywhere, printing
from psgcrawl.cli.again import derived_again
from psgcrawl.cli.snapshots import when
from psgcrawl.cli.stories import story, times_of
from psgcrawl.errors import NotFound, UsageError
from psgcrawl.visible import visible

_HEADER: Final = ("ENTRY", "STATE", "FIRST SEEN", "LAST SEEN", "REVISIONS", "DATELINE", "TITLE")
_FIGURES: Final = frozenset({4})
_SHOWN: Final = 10
"""How many ids a message lists."""


class History(Struct, frozen=True, kw_only=True):
    """What ``psgcrawl history --json`` prints."""

    collection: Annotated[str, Meta(description="The collection.")]
    observations: Annotated[
        list[Observed], Meta(description="By the lower bounds of their capture times, known before bounded.")
    ]
    counts: Annotated[dict[State, int], Meta(description="Entries by state; each state is there.")]
    entries: Annotated[list[Life], Meta(description="What became of each, newest first; with ENTRY, of that alone.")]
    questions: Annotated[
        list[Question], Meta(description="About the numbers of issues, no claims; with ENTRY, none are asked.")
    ]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("collection", nargs="?", metavar="COLLECTION", help="the collection")
    parser.add_argument("entry", nargs="?", metavar="ENTRY", help="only this entry: any id that it ever had")
    parser.add_argument(
        "--all", action="store_true", help=f"link the entries of all collections, and keep the links in {ALIASES}"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON document")
    output.add_argument("--jsonl", action="store_true", help="print one entry a line")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Print the history; 0, for there is nothing to decide.

    :raises NotFound: where there is no such collection or entry
    :raises UsageError: for snapshots that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    if args.all == (args.collection is not None):
        raise UsageError("history: name a COLLECTION, or ask for --all of them")
    archive = locate()
    if args.all:
        return everywhere.run(args, archive)
    collection = archive.collection(args.collection)
    if args.entry is not None:
        # A text speaks of a few observations, a document of all.
        known = telling.one(archive, collection, args.entry, printing.note, every=args.json)
        if known is not None:
            return _printed(args, collection.name, [one.observed() for one in known.sights], known.lives)
    with ExitStack() as stack:
        told = telling.history(archive, collection, printing.note, partial(derived_again, stack))
    seen = list(observed(told.observations))
    if args.entry is not None:
        return _printed(args, collection.name, seen, _chosen(told, args.entry, collection.name))
    return _all_printed(args, collection.name, seen, told)


def _printed(args: argparse.Namespace, collection: str, seen: list[Observed], found: list[Life]) -> int:
    """Print some entries."""
    if args.jsonl:
        _print_lines(found)
    elif args.json:
        counts = Counter(life.state for life in found)
        _print_document(collection, seen, counts, iter(found), list)
    else:
        printing.show(_stories(seen, found))
    return 0


def _all_printed(args: argparse.Namespace, collection: str, seen: list[Observed], told: Told) -> int:
    """Print all entries, each as it is read: there may be many."""
    issues = Issues()
    if args.jsonl:
        _print_lines(told.lives)
    elif args.json:
        _print_document(collection, seen, told.counts, issues.noted(told.lives), issues.questions)
    else:
        printing.show(_table(collection, seen, told, issues))
    return 0


def _print_lines(found: Iterable[Life]) -> None:
    for piece in jsonl.pieces(found):
        sys.stdout.write(piece.decode("ascii"))


def _print_document(
    collection: str,
    seen: list[Observed],
    counts: Mapping[State, int],
    found: Iterator[Life],
    asked: Callable[[], list[Question]],
) -> None:
    """Print what :class:`History` describes."""
    members = {
        "collection": collection,
        "observations": iter(seen),
        "counts": {state: counts.get(state, 0) for state in STATES},
        "entries": found,
        "questions": asked,
    }
    for piece in printing.document_of(members):
        sys.stdout.write(piece)
    sys.stdout.write("\n")


def _chosen(told: Told, wanted: str, collection: str) -> list[Life]:
    """Return the entries that ever had the id ``wanted``: a notice and an entry can share one."""
    if found := told.about(wanted):
        return found
    near = told.beginning(wanted) if wanted else []
    more = f" and {len(near) - _SHOWN} more" if len(near) > _SHOWN else ""
    hint = f"; ids that begin so: {', '.join(near[:_SHOWN])}{more}" if near else ""
    raise NotFound(f"{collection}: no entry {wanted!r} in any snapshot{hint}")


# --- for people -----------------------------------------------------------------------


def _table(collection: str, seen: Sequence[Observed], told: Told, issues: Issues) -> Iterator[str]:
    counts = told.counts
    entries, times = printing.number(sum(counts.values()), "entry"), printing.number(len(seen), "observation")
    yield f"{collection}: {entries} in {times}"
    yield from printing.long_table(_HEADER, _rows(told, issues), right=_FIGURES)
    yield ""
    yield ", ".join(f"{counts[state]} {state}" for state in STATES if counts.get(state)) or "no entries"
    doubtful = [one for one in seen if not one.ordered]
    if doubtful:
        yield "captured at times that overlap, so that their order is unknown and nothing is claimed from it:"
        yield from (f"  {one.name}: {when(one.captured)}" for one in doubtful)
    if asked := issues.questions():
        yield "questions about the numbers of issues (no claims):"
        yield from (f"  {_asked(question)}" for question in asked)


def _rows(told: Told, issues: Issues) -> Iterator[tuple[str, ...]]:
    for line in told.lines:
        issues.add(line.id, line.series, line.issue)
        state = f"{line.state} (confirmed)" if line.confirmed else line.state
        title = line.title if line.kind == "entry" else f"{line.kind}: {line.title}"
        yield line.id, state, line.first_seen, line.last_seen, str(line.revisions), line.dateline or "", title


def _asked(question: Question) -> str:
    ids = visible(", ".join(question.entries))
    if question.question == "twice":
        return f"{question.series} {question.first} is there more than once: {ids}. Is it one issue?"
    if question.first == question.last:
        return f"{question.series} {question.first} was not seen (beside it: {ids}). Is there one?"
    return f"{question.series} {question.first} to {question.last} were not seen (beside them: {ids}). Are there any?"


def _stories(seen: Sequence[Observed], found: Sequence[Life]) -> Iterator[str]:
    times = times_of(seen)
    for place, life in enumerate(found):
        if place:
            yield ""
        yield from story(life, times)
