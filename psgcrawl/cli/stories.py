"""Lives of entries as text for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from psgcrawl.archive.compare import words
from psgcrawl.archive.compare.changes import Field
from psgcrawl.archive.compare.matching import SAID
from psgcrawl.archive.history.lives import Gap, Life, Revision
from psgcrawl.archive.history.observed import Observed
from psgcrawl.cli import printing
from psgcrawl.cli.snapshots import when
from psgcrawl.records import Entry
from psgcrawl.visible import visible

_CONTEXT: Final = 6
"""Words that are shown on either side of changed ones."""


def times_of(seen: Iterable[Observed]) -> dict[str, str]:
    """Return for the name of each observation what it is called, with its time."""
    return {one.name: f"{one.name} ({when(one.captured)}{_seen_in(one)})" for one in seen}


def _seen_in(one: Observed) -> str:
    """Say in which web archive it was seen; nothing for what this project fetched itself, or was given."""
    webarchive = one.webarchive
    return "" if webarchive is None else f", seen in {visible(webarchive.partition('://')[2] or webarchive)}"


def story(life: Life, times: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that tell what became of an entry.

    :param times: by the name of each observation in order, what it is called with its time
    """
    entry = life.entry
    yield visible(f"{entry.dateline or '(no dateline)'} | {entry.title}")
    yield f"  {entry.kind} {visible(life.id)}"
    for one in life.ids:
        if one.matched_by is not None:
            yield f"  also {visible(one.id)}, first seen in {times[one.first_seen]}: {SAID[one.matched_by]}"
    for line in _standing(life, times):
        yield f"  {line}"
    if life.absent_before is not None:
        yield f"  not there in {times[life.absent_before]}, which saw its place"
    yield f"  first seen in {times[life.first_seen]}"
    for event in _events(life, list(times)):
        yield from _gap(event, times) if isinstance(event, Gap) else _edit(event, times)
    yield f"  last seen in {times[life.last_seen]}; {printing.number(life.sightings, 'observation')} in all"
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
        yield f"      one entry by {SAID[revision.matched_by]}"
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
