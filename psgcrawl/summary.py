"""What a run did, for people."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from psgcrawl.archive.manifest import ENTRIES
from psgcrawl.records import KINDS, Counts
from psgcrawl.run import Outcome, Result

_MOST = 20
"""How many files are told from which records were passed over."""
_PLURALS = {"entry": "entries", "notice": "notices", "boilerplate": "boilerplate"}


def summary(outcome: Outcome, command: str = "psgcrawl") -> str:
    """Return a text of some lines: per collection what was made of it, then what to type next.

    :param command: how ``psgcrawl`` is typed here, with the archive where it is not the default.
    """
    if outcome.planned is not None:
        return "\n".join(outcome.planned).lstrip("\n")
    lines: list[str] = []
    collections: dict[str | None, list[Result]] = {}
    for result in outcome.results:
        collections.setdefault(result.line.collection, []).append(result)
    for name in sorted(collections, key=lambda name: (name is None, name)):
        lines += ["", *_collection(name, collections[name])]
        lines += [f"    {told}" for told in outcome.told.get(name or "", ())]
    made = sum(result.line.outcome == "committed" for result in outcome.results)
    if outcome.notes:
        lines += ["", f"problems of pages that were read: {len(outcome.notes)} (pages.jsonl has them)"]
    if outcome.passed_over:
        lines += ["", "passed over", *_shown(outcome.passed_over)]
    lines += ["", _closing(outcome, made), *_next(outcome, command)]
    return "\n".join(lines).lstrip("\n")


def _collection(name: str | None, results: Sequence[Result]) -> Iterator[str]:
    if name is None:
        yield "not taken in"
        for result in results:
            yield from (f"  {reason}" for reason in result.line.reasons)
        return
    yield name
    for result in results:
        line = result.line
        if line.outcome == "committed":
            yield f"  {line.snapshot}  new: {_counts(line.counts)}"
            yield from _doubts(result)
        elif line.outcome == "unchanged":
            yield f"  {line.snapshot}  unchanged: the archive held it already"
        elif line.snapshot is not None:
            yield f"  {line.snapshot}  {line.outcome}: kept apart: {_counts(line.counts)}"
        else:
            yield f"  {line.outcome}"
        yield from (f"    {reason}" for reason in line.reasons)


def _shown(told: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in told[:_MOST])
    if len(told) > _MOST:
        yield f"  and more in {len(told) - _MOST} other files"


def _counts(counts: Counts | None) -> str:
    if counts is None:
        return "nothing"
    parts = [f"{counts.pages} page{'s' if counts.pages != 1 else ''}"]
    for kind in KINDS:
        number = counts.entries.get(kind, 0)
        if number:
            parts.append(f"{number} {kind if number == 1 else _PLURALS[kind]}")
    return ", ".join(parts)


def _doubts(result: Result) -> Iterator[str]:
    if result.undated:
        yield f"    without a date: {result.undated}"
    if result.flags:
        yield "    flags: " + ", ".join(f"{flag} {number}" for flag, number in sorted(result.flags.items()))


def _closing(outcome: Outcome, made: int) -> str:
    counted = Counter(result.line.outcome for result in outcome.results if result.line.collection is not None)
    parts = [f"{made} new snapshot{'s' if made != 1 else ''}"] if made else ["Nothing new"]
    if counted["unchanged"]:
        parts.append(f"{counted['unchanged']} unchanged")
    apart = counted["incomplete"] + counted["failed"] + counted["refused"]
    if apart:
        parts.append(f"{apart} not committed")
    return f"{', '.join(parts)}. Archive: {outcome.archive}"


def _next(outcome: Outcome, command: str) -> Iterator[str]:
    """Say what to type; nothing where the archive got nothing to look at."""
    seen = [result.line for result in outcome.results if result.line.outcome in {"committed", "unchanged"}]
    if not seen:
        return
    line = seen[0]
    entries = outcome.archive / str(line.collection) / str(line.snapshot) / ENTRIES
    yield ""
    yield "Next:"
    yield f"  {command} snapshots"
    yield f"  less {shlex.quote(str(entries))}"
