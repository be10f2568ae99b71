"""Say what became of each entry of a collection, or of one, or of those in several collections.

Nothing is dated to the day of a change: an entry changed between two observations. Exit
code 0, or 2 for trouble.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

from msgspec import Meta

from psgcrawl.archive import jsonl
from psgcrawl.archive.aliases import ALIASES
from psgcrawl.archive.history import telling
from psgcrawl.archive.history.lives import STATES, Life, State
from psgcrawl.archive.history.observations import Observation, unordered
from psgcrawl.archive.history.questions import Question, questions
from psgcrawl.archive.store import Archive
from psgcrawl.cli import everywhere, printing
from psgcrawl.cli.again import derived_again
from psgcrawl.cli.snapshots import when
from psgcrawl.cli.stories import story, times_of
from psgcrawl.errors import NotFound, UsageError
from psgcrawl.records import Captured
from psgcrawl.text import visible

_HEADER: Final = ("ENTRY", "STATE", "FIRST SEEN", "LAST SEEN", "REVISIONS", "DATELINE", "TITLE")
_FIGURES: Final = frozenset({4})
_SHOWN: Final = 10
"""How many ids a message lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """An observation as ``psgcrawl history --json`` lists it."""

    name: Annotated[
        str, Meta(description="That of the snapshot; `SNAPSHOT@TIME` for a later run that found it unchanged.")
    ]
    snapshot: Annotated[str, Meta(description="The snapshot that holds what was seen.")]
    captured: Annotated[Captured, Meta(description="First and last capture; `to` null when unknown.")]
    run: Annotated[
        str | None, Meta(description="When the run that found the snapshot unchanged started; null for the snapshot.")
    ]
    whole: Annotated[
        bool, Meta(description="Whether all of the snapshot was seen again; if not, no absence is claimed by it.")
    ]
    ordered: Annotated[bool, Meta(description="Whether its order against every other observation is known.")]
    webarchive: Annotated[
        str | None, Meta(description="The web archive in which it was seen; null for what was crawled or given.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
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
    with ExitStack() as stack:
        again = partial(derived_again, stack)
        observations, everything, _ = telling.history(archive, collection, printing.note, again)
    found = everything if args.entry is None else _chosen(everything, args.entry, collection.name)
    if args.jsonl:
        for life in found:
            sys.stdout.write(jsonl.dumps(life).decode("ascii") + "\n")
        return 0
    counts = Counter(life.state for life in found)
    history = History(
        collection=collection.name,
        observations=list(_observed(observations)),
        counts={state: counts[state] for state in STATES},
        entries=found,
        questions=questions(everything) if args.entry is None else [],
    )
    if args.json:
        print(printing.document(history))
    else:
        printing.show(_table(history) if args.entry is None else _stories(observations, found))
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


def _observed(observations: Sequence[Observation]) -> Iterator[Observed]:
    doubtful = unordered(observations)
    for one in observations:
        yield Observed(
            name=one.name,
            snapshot=one.side.name,
            captured=one.captured,
            run=one.run,
            whole=one.whole,
            ordered=one.name not in doubtful,
            webarchive=one.facts.webarchive,
        )


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


def _stories(observations: Sequence[Observation], found: Sequence[Life]) -> Iterator[str]:
    times = times_of(observations)
    for place, life in enumerate(found):
        if place:
            yield ""
        yield from story(life, times)
