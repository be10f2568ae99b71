"""Say what became of each entry of a collection, or of one, or of those in several collections.

Nothing is dated to the day of a change: an entry changed between two observations. Exit
code 0, or 2 for trouble.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Final

from msgspec import Meta, Struct

from psgcrawl.archive import jsonl
from psgcrawl.archive.aliases import ALIASES
from psgcrawl.archive.history import telling
from psgcrawl.archive.history.lives import STATES, Life, State
from psgcrawl.archive.history.observed import Observed, observed
from psgcrawl.archive.history.questions import Question, questions
from psgcrawl.archive.store import Archive
from psgcrawl.cli import everywhere, printing
from psgcrawl.cli.again import derived_again
from psgcrawl.cli.snapshots import when
from psgcrawl.cli.stories import story, times_of
from psgcrawl.errors import NotFound, UsageError
from psgcrawl.text import visible

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
    known = None if args.entry is None else telling.one(archive, collection, args.entry, printing.note)
    if known is not None:
        named = frozenset().union(*(life.observations for life in known.lives))
        # A text speaks of a few observations, a document of all.
        sights = (one.observed() for one in known.sights if args.json or one.name in named)
        return _printed(args, collection.name, list(sights), known.lives, [])
    with ExitStack() as stack:
        observations, everything = telling.all_lives(archive, collection, printing.note, partial(derived_again, stack))
    seen = list(observed(observations))
    if args.entry is not None:
        return _printed(args, collection.name, seen, _chosen(everything, args.entry, collection.name), [])
    return _printed(args, collection.name, seen, everything, questions(everything))


def _printed(
    args: argparse.Namespace, collection: str, seen: list[Observed], found: list[Life], asked: list[Question]
) -> int:
    if args.jsonl:
        for life in found:
            sys.stdout.write(jsonl.dumps(life).decode("ascii") + "\n")
        return 0
    counts = Counter(life.state for life in found)
    history = History(
        collection=collection,
        observations=seen,
        counts={state: counts[state] for state in STATES},
        entries=found,
        questions=asked,
    )
    if args.json:
        print(printing.document(history))
    else:
        printing.show(_table(history) if args.entry is None else _stories(seen, found))
    return 0


def _chosen(everything: Sequence[Life], wanted: str, collection: str) -> list[Life]:
    """Return the entries that ever had the id ``wanted``: a notice and an entry can share one."""
    found = [life for life in everything if any(one.id == wanted for one in life.ids)]
    if found:
        return found
    near = sorted({one.id for life in everything for one in life.ids if wanted and one.id.startswith(wanted)})
    more = f" and {len(near) - _SHOWN} more" if len(near) > _SHOWN else ""
    hint = f"; ids that begin so: {', '.join(near[:_SHOWN])}{more}" if near else ""
    raise NotFound(f"{collection}: no entry {wanted!r} in any snapshot{hint}")


# --- for people -----------------------------------------------------------------------


def _table(history: History) -> Iterator[str]:
    seen = history.observations
    entries, times = printing.number(len(history.entries), "entry"), printing.number(len(seen), "observation")
    yield f"{history.collection}: {entries} in {times}"
    yield from printing.table(_HEADER, [_row(life) for life in history.entries], right=_FIGURES)
    yield ""
    yield ", ".join(f"{count} {state}" for state, count in history.counts.items() if count) or "no entries"
    doubtful = [one for one in seen if not one.ordered]
    if doubtful:
        yield "captured at times that overlap, so that their order is unknown and nothing is claimed from it:"
        yield from (f"  {one.name}: {when(one.captured)}" for one in doubtful)
    if history.questions:
        yield "questions about the numbers of issues (no claims):"
        yield from (f"  {_asked(question)}" for question in history.questions)


def _row(life: Life) -> tuple[str, ...]:
    state = f"{life.state} (confirmed)" if life.confirmed else life.state
    entry = life.entry
    title = entry.title if entry.kind == "entry" else f"{entry.kind}: {entry.title}"
    return life.id, state, life.first_seen, life.last_seen, str(len(life.revisions)), entry.dateline or "", title


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
