"""Say what became of each entry of a collection, or of one, over all that was ever seen of it.

Nothing is dated to the day of a change: an entry changed between two observations. Exit
code 0, or 2 for trouble.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta

from psgcrawl.archive import jsonl
from psgcrawl.archive.compare import words
from psgcrawl.archive.compare.changes import Field
from psgcrawl.archive.compare.matching import Rule
from psgcrawl.archive.history.lives import STATES, Gap, Life, Revision, State, lives
from psgcrawl.archive.history.observations import Observation, observe, unordered
from psgcrawl.archive.history.questions import Question, questions
from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing
from psgcrawl.cli.snapshots import when
from psgcrawl.errors import NotFound
from psgcrawl.records import Captured, Entry
from psgcrawl.text import visible

HELP = "say what became of each entry, or of one, over all snapshots"

_HEADER: Final = ("ENTRY", "STATE", "FIRST SEEN", "LAST SEEN", "REVISIONS", "DATELINE", "TITLE")
_FIGURES: Final = frozenset({4})
_RULES: Final[dict[Rule, str]] = {
    "identity": "the same id",
    "address": "the same address",
    "title": "the same date and nearly the same title",
    "summary": "the same title and nearly the same summary",
}
_CONTEXT: Final = 6
"""Words that are shown on either side of changed ones."""
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
    parser.add_argument("collection", metavar="COLLECTION", help="the collection")
    parser.add_argument("entry", nargs="?", metavar="ENTRY", help="only this entry: any id that it ever had")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON document")
    output.add_argument("--jsonl", action="store_true", help="print one entry a line")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Print the history; 0, for there is nothing to decide.

    :raises NotFound: where there is no such collection or entry
    :raises UsageError: for snapshots that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    archive = locate()
    collection = archive.collection(args.collection)
    observations = observe(archive, collection, printing.note)
    everything = lives(observations)
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
        printing.show(_table(history) if args.entry is None else _stories(history))
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
        )


# --- for people -----------------------------------------------------------------------


def _table(history: History) -> Iterator[str]:
    seen = history.observations
    yield f"{history.collection}: {_number(len(history.entries), 'entry')} in {_number(len(seen), 'observation')}"
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


def _number(count: int, thing: str) -> str:
    plural = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count} {thing if count == 1 else plural}"


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


def _stories(history: History) -> Iterator[str]:
    times = {one.name: f"{one.name} ({when(one.captured)})" for one in history.observations}
    for number, life in enumerate(history.entries):
        if number:
            yield ""
        yield from _story(life, times)


def _story(life: Life, times: Mapping[str, str]) -> Iterator[str]:
    entry = life.entry
    yield visible(f"{entry.dateline or '(no dateline)'} | {entry.title}")
    yield f"  {entry.kind} {visible(life.id)}"
    for one in life.ids:
        if one.matched_by is not None:
            yield f"  also {visible(one.id)}, first seen in {times[one.first_seen]}: {_RULES[one.matched_by]}"
    for line in _standing(life, times):
        yield f"  {line}"
    if life.absent_before is not None:
        yield f"  not there in {times[life.absent_before]}, which saw its place"
    yield f"  first seen in {times[life.first_seen]}"
    for event in _events(life, list(times)):
        yield from _gap(event, times) if isinstance(event, Gap) else _edit(event, times)
    yield f"  last seen in {times[life.last_seen]}; {_number(life.sightings, 'observation')} in all"
    for name in life.unordered:
        yield f"  also seen in {times[name]}, whose order against the others is unknown"


def _standing(life: Life, times: Mapping[str, str]) -> Iterator[str]:
    """Yield the state, and in words what it rests on."""
    yield f"state: {life.state}{', confirmed' if life.confirmed else ''}"
    last, *others = life.evidence
    if life.state in {"removed", "aged-out"}:
        said = "no longer listed" if life.state == "removed" else "gone from the old end of the list"
        yield f"{said} between {times[last]} and {times[others[0]]}"
        yield from (f"not there in {times[name]} either" for name in others[1:])
    elif life.state == "out-of-view":
        yield f"not seen in {times[others[0]]}, which supports no claim: its place or the order is unknown"


def _events(life: Life, order: Sequence[str]) -> list[Gap | Revision]:
    """Return what happened, by the observations that show its end; what came back, before what it came back as."""

    def seen(event: Gap | Revision) -> int:
        return order.index(event.seen_again if isinstance(event, Gap) else event.between[1])

    return sorted([*life.gaps, *life.revisions], key=seen)


def _gap(gap: Gap, times: Mapping[str, str]) -> Iterator[str]:
    yield f"  gone between {times[gap.last_seen]} and {times[gap.seen_again]}: not there in {times[gap.absent]}"


def _edit(revision: Revision, times: Mapping[str, str]) -> Iterator[str]:
    one, other = (times[name] for name in revision.between)
    if revision.ordered:
        yield f"  changed between {one} and {other}"
    else:
        yield f"  differs between {one} and {other}, whose order is unknown"
    if revision.matched_by != "identity":
        yield f"      one entry by {_RULES[revision.matched_by]}"
    for field in revision.fields:
        yield f"      {field}: {_words(_value(revision.old, field), _value(revision.new, field))}"


def _value(entry: Entry, field: Field) -> str:
    value = getattr(entry, field)
    return ", ".join(value) if isinstance(value, list) else value or ""


def _words(old: str, new: str) -> str:
    """Return both texts as one line, ``[-old-]`` and ``{+new+}`` words marked, ``…`` for those far from any."""
    runs = list(words.changed(old, new))
    parts = []
    for number, (mark, run) in enumerate(runs):
        text = visible(" ".join("¶" if word.isspace() else word for word in run))
        if mark != "same":
            parts.append(f"[-{text}-]" if mark == "old" else f"{{+{text}+}}")
        elif len(run) <= 2 * _CONTEXT + 1:
            parts.append(text)
        else:
            parts.append(_shortened(run, first=number == 0, last=number == len(runs) - 1))
    return " ".join(parts)


def _shortened(run: Sequence[str], *, first: bool, last: bool) -> str:
    kept = [*([] if first else run[:_CONTEXT]), "…", *([] if last else run[-_CONTEXT:])]
    return visible(" ".join("¶" if word.isspace() else word for word in kept))
