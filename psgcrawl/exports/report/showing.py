"""What the pages say, ready for the templates: plain values, in words for people.

Nothing here is decided about an entry: states, edits and their evidence are those of
``psgcrawl history``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from psgcrawl.archive.compare import words
from psgcrawl.archive.compare.matching import SAID
from psgcrawl.archive.history.lives import Life, Revision
from psgcrawl.archive.history.observations import Observation, unordered
from psgcrawl.exports.changes import Event
from psgcrawl.exports.harmless import address, flowing
from psgcrawl.exports.report import english, places
from psgcrawl.exports.report.gathering import Gathered, Run, Seen, runs, shown_days
from psgcrawl.exports.report.latest import Lately
from psgcrawl.exports.report.proving import Proof
from psgcrawl.exports.source import Known
from psgcrawl.records import Coverage, Entry, Flag

_CONTEXT: Final = 10
"""Words that are shown on either side of changed ones, where only the change is of interest."""
_ITEM: Final = "- "
_PLANES: Final = range(1, 18)
_LAST_TWO: Final = "".join(f"{chr(0x10000 * plane - 2)}{chr(0x10000 * plane - 1)}" for plane in _PLANES)
_NO_CHARACTERS: Final = re.compile(f"[\x85\ufdd0-\ufdef{_LAST_TWO}]")
"""What HTML forbids beside: NEL, which other formats may carry, and what Unicode promises never to be a character."""


def harmless(value: object) -> object:
    """Return what a template is about to print as HTML can carry it; what is marked up already stays."""
    # What is printable holds nothing of that, and that is told ten times faster.
    if isinstance(value, str) and not isinstance(value, Markup) and not value.isprintable():
        return _NO_CHARACTERS.sub("\ufffd", flowing(value))
    return value


# --- text -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list."""

    lines: list[str]
    listed: bool


def blocks(text: str) -> list[Block]:
    """Return the paragraphs and lists of a summary."""
    found: list[Block] = []
    for paragraph in text.split("\n\n"):
        fresh = True
        for line in filter(None, paragraph.split("\n")):
            listed = line.startswith(_ITEM)
            if fresh or found[-1].listed != listed:
                found.append(Block([], listed))
            found[-1].lines.append(line.removeprefix(_ITEM))
            fresh = False
    return found


_TAGS: Final = {"same": ("", ""), "old": ("<del>", "</del>"), "new": ("<ins>", "</ins>")}


def side(old: str, new: str, which: words.Mark) -> Markup:
    """Return one of two texts, ``old`` or ``new``, with the words marked that the other has not."""
    parts: list[str] = []
    for mark, run in words.changed(old, new):
        if mark in {"same", which}:
            opened, closed = _TAGS[mark]
            parts.append(f"{opened}{_joined(run)}{closed}")
    return Markup(" ".join(parts))  # noqa: S704 - each run is escaped


def marked(old: str, new: str) -> Markup:
    """Return both texts as one line, with what changed marked, and ``…`` for words far from any change."""
    found = list(words.changed(old, new))
    parts: list[str] = []
    for number, (mark, run) in enumerate(found):
        opened, closed = _TAGS[mark]
        kept = run
        if mark == "same" and len(run) > 2 * _CONTEXT + 1:
            before = [] if number == 0 else run[:_CONTEXT]
            behind = [] if number == len(found) - 1 else run[-_CONTEXT:]
            kept = [*before, "…", *behind]
        parts.append(f"{opened}{_joined(kept, end=' ¶ ')}{closed}")
    return Markup(" ".join(parts))  # noqa: S704 - each run is escaped


def _joined(run: Sequence[str], end: str = "<br>") -> str:
    return " ".join(end if word.isspace() else str(escape(harmless(word))) for word in run)


def value(entry: Entry, name: str) -> str:
    """Return a field as text."""
    found = getattr(entry, name)
    if isinstance(found, list):
        return ", ".join(found)
    return english.moment(found) if name == "modified" and found else found or ""


# --- an entry ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """A line of the table of observations that show an entry."""

    seen: Seen | None
    """None for those that are not told of one by one."""
    reading: int
    proof: Proof | None
    link: str | None
    """The address of the page that showed it, where that may be a link."""
    warc: str | None
    between: str
    """What is said of those that are not told of one by one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A revision, side by side."""

    heading: str
    between: tuple[Seen, Seen]
    ordered: bool
    matched_by: str | None
    fields: list[tuple[str, Markup, Markup]]
    """Name, the old text, the new one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of an entry: a statement, and the observations on which it rests."""

    name: str
    said: str
    evidence: list[tuple[str, Seen]]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page of an entry says."""

    path: str
    known: Known
    entry: Entry
    title: str
    date: str
    kind: str
    withheld: bool
    """Whether it is withheld on request: then the title says so, the text is a hash, and nothing else is told of it."""
    link: str | None
    text: list[Block]
    flags: list[tuple[Flag, str]]
    standing: Standing
    came: list[tuple[str, Seen]]
    edits: list[Edit]
    gaps: list[tuple[Seen, Seen, Seen]]
    sights: list[Sight]
    unordered: list[Seen]
    names: list[tuple[str, str | None]]
    same: list[tuple[str, str]]
    first: Sight | None
    """Where the reading that is shown was seen first: what to cite."""
    verify: str


def title(entry: Entry) -> str:
    """Return what an entry is called."""
    return entry.title or english.NO_TITLE


def shown(gathered: Gathered, known: Known, proofs: Mapping[int, Proof]) -> Shown:
    """Return what the page of an entry says.

    :param proofs: the pages that prove its sights, by the ranks of the observations
    """
    life, entry = known.life, known.life.entry
    rows = runs(known)
    last = gathered.past.ranks[life.last_seen]
    sights = [sight for run in rows for sight in _sights(gathered, run, proofs)]
    number = next(run.reading.number for run in rows if run.first <= last <= run.last)
    withheld = gathered.withholds(known)
    cited = next((one for one in sights if one.reading == number and one.seen and not withheld), None)
    return Shown(
        path=places.entry(known.key),
        known=known,
        entry=entry,
        title=title(entry),
        date=gathered.date(known, entry),
        kind=english.KINDS[entry.kind],
        withheld=withheld,
        link=address(entry.url),
        text=blocks(entry.summary),
        flags=[(flag, english.FLAGS[flag]) for flag in entry.flags],
        standing=_standing(gathered, life, rows[-1]),
        came=_came(gathered, life),
        edits=[_edit(gathered, one, number, withheld=withheld) for number, one in enumerate(life.revisions, 1)],
        gaps=[(gathered.seen(g.last_seen), gathered.seen(g.absent), gathered.seen(g.seen_again)) for g in life.gaps],
        sights=sights,
        unordered=[gathered.seen(name) for name in life.unordered],
        names=[(one.id, SAID[one.matched_by] if one.matched_by else None) for one in life.ids],
        same=[(places.entry(key), key.partition("/")[0]) for key in gathered.twins.of(known.key)],
        first=cited,
        verify=f"psgcrawl verify {gathered.name} --deep",
    )


def _sights(gathered: Gathered, run: Run, proofs: Mapping[int, Proof]) -> Iterator[Sight]:
    told = run.told(gathered.latest)
    number = run.reading.number
    for place, rank in enumerate(told):
        if place and rank != told[place - 1] + 1:
            hidden = rank - told[place - 1] - 1
            yield Sight(None, number, None, None, None, f"and each of the {english.number(hidden)} between")
        proof = proofs.get(rank)
        one = gathered.seen(gathered.past.observations[rank].name)
        yield Sight(one, number, proof, address(proof.address) if proof else None, gathered.warcs[rank], "")
    if told[-1] != run.last:
        yield Sight(None, number, None, None, None, "and each observation since then")


def _standing(gathered: Gathered, life: Life, last: Run) -> Standing:
    name = english.STATES[life.state]
    evidence = [gathered.seen(one) for one in life.evidence]
    if life.state in {"removed", "aged-out"}:
        said = (
            "Its place was seen without it. That does not mean that it was deleted, or why."
            if life.state == "removed"
            else "The list keeps only recent entries, and this one is gone from its old end."
        )
        labels = ("Last seen", "Not there", "Not there either")
        return Standing(name + (", confirmed" if life.confirmed else ""), said, _labelled(labels, evidence))
    if life.state == "out-of-view":
        said = "Later observations did not see its place, or the order is not known: nothing is claimed."
        return Standing(name, said, _labelled(("Last seen", "Not seen"), evidence))
    if last.last == gathered.latest:
        # The latest observation has another name each time: the page is to stay as it is.
        return Standing(name, "The latest observation of its collection shows it.", [])
    seen_last = [("Last seen", gathered.seen(life.last_seen))]
    return Standing(name, "No observation that is certainly later lacks it.", seen_last)


def _came(gathered: Gathered, life: Life) -> list[tuple[str, Seen]]:
    first = ("First seen", gathered.seen(life.first_seen))
    if life.absent_before is None:
        return [first]
    return [("Not there", gathered.seen(life.absent_before)), first]


def _labelled(labels: Sequence[str], evidence: Sequence[Seen]) -> list[tuple[str, Seen]]:
    return list(zip(labels, evidence, strict=False))


def _edit(gathered: Gathered, one: Revision, number: int, *, withheld: bool) -> Edit:
    said = [
        (
            english.FIELDS[name],
            side(value(one.old, name), value(one.new, name), "old"),
            side(value(one.old, name), value(one.new, name), "new"),
        )
        for name in (() if withheld else one.fields)
    ]
    return Edit(
        heading=f"Revision {number}",
        between=(gathered.seen(one.between[0]), gathered.seen(one.between[1])),
        ordered=one.ordered,
        matched_by=None if one.matched_by == "identity" else SAID[one.matched_by],
        fields=said,
    )


# --- changes ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A change, as the page of what changed lately tells it."""

    change: str
    word: str
    path: str
    title: str
    date: str
    fields: list[tuple[str, Markup]]
    said: str
    evidence: list[Seen]


@dataclass(frozen=True, slots=True)
class ToldGroup:
    """What one observation shows to have changed."""

    collection: str
    seen: Seen
    changes: list[Told]
    new: list[Told]
    more: int


def told_lately(groups: Sequence[Lately]) -> list[ToldGroup]:
    """Return what changed lately, in words."""
    return [
        ToldGroup(
            one.of.name,
            one.of.seen(one.of.past.observations[one.rank].name),
            [_told(one.of, event) for event in one.events],
            [_told(one.of, event) for event in one.new],
            one.more,
        )
        for one in groups
    ]


def _told(gathered: Gathered, event: Event) -> Told:
    entry = event.new or event.old
    assert entry is not None  # noqa: S101 - an event is about an entry
    fields = []
    told = not gathered.withholds(event.known)
    if told and event.change == "edited" and event.old is not None and event.new is not None:
        fields = [(english.FIELDS[f], marked(value(event.old, f), value(event.new, f))) for f in event.fields]
    return Told(
        change=event.change,
        word=english.CHANGES[event.change],
        path=places.entry(event.known.key),
        title=title(entry),
        date=gathered.date(event.known, entry),
        fields=fields,
        said=_said(event),
        evidence=[gathered.seen(name) for name in event.evidence],
    )


def _said(event: Event) -> str:
    if event.change == "added":
        return "it came between" if len(event.evidence) > 1 else "first seen then; it may have been listed before"
    if event.change == "edited":
        return "Changed between" if event.ordered else "These differ; which was first is not known:"
    if event.change == "relisted":
        return "Listed, gone, and listed again in"
    return "Last seen in the first of these, and missing in what followed:"


# --- collections ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """An observation, as a row of its collection's table."""

    anchor: str
    name: str
    time: str
    snapshot: str
    source: str
    again: bool
    pages: str
    entries: str
    dated: str
    """Between which days its pages show what is listed."""
    coverage: str
    ordered: bool
    manifest: str


def observation_rows(gathered: Gathered) -> list[ObservationRow]:
    """Return the observations of a collection, the latest first."""
    doubtful = unordered(gathered.past.observations)
    return [_row(one, ordered=one.name not in doubtful) for one in reversed(gathered.past.observations)]


def _row(one: Observation, *, ordered: bool) -> ObservationRow:
    facts, manifest = one.facts, one.side.manifest
    return ObservationRow(
        anchor=places.anchor(one.name),
        name=one.name,
        time=english.captured(one.captured),
        snapshot=one.side.name,
        source=english.SOURCES[facts.source],
        again=one.run is not None,
        pages=english.number(facts.counts.pages),
        entries=english.number(facts.counts.entries.get("entry", 0)),
        dated="; ".join(english.months(*span) for span in shown_days(one.side)) or english.NO_DATE,
        coverage=how_far(facts.coverage),
        ordered=ordered,
        manifest=manifest.sha256 if manifest else "",
    )


def how_far(coverage: Coverage) -> str:
    """Return which part of its listing a snapshot saw."""
    if coverage.complete:
        return "complete, with proof"
    seen_parts = ", ".join(str(one) if one == other else f"{one} to {other}" for one, other in coverage.positions)
    end = ", to the end" if coverage.end not in {None, "single-page", "limit", "carried"} else ""
    return f"in part: position {seen_parts}{end}" if seen_parts else f"in part{end}"
