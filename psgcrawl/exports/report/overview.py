"""What the overview says of a collection: its figures, and what its pictures show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from markupsafe import Markup

from psgcrawl.archive.compare.changes import Side
from psgcrawl.exports.report import english, picturing, places
from psgcrawl.exports.report.gathering import CHANGED, Gathered, shown_days
from psgcrawl.exports.report.picturing import Column, Row, Span, fraction
from psgcrawl.records import Captured

ROWS: Final = 36
"""Lines of the picture of a collection's coverage; where there are more snapshots, several in a row share one."""
COLUMNS: Final = 48
"""Columns of the picture of its changes; where there are more observations, those of a month or year share one."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a collection."""

    name: str
    page: str
    observations: int
    snapshots: int
    entries: int
    """Of the kind ``entry``: neither notices nor standing blocks."""
    others: int
    revisions: int
    gone: int
    first: str
    last: str
    dates: str
    """Between which dates its entries are, by what they print."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a collection, each with its figures in words or as a table."""

    name: str
    page: str
    coverage: Markup | None
    months: Markup | None
    years: list[tuple[str, int, str]]
    """Year, entries, and where their list lies; years of which no list is made are not there."""
    undated: int
    """Entries of which no month is known."""
    changes: Markup | None
    changed: list[tuple[str, list[int]]]
    """Observation or period, with how many edits, returns, removals, and ends by age; only where there were any."""


def figures(gathered: Gathered) -> Figures:
    """Return the figures of a collection."""
    past, counted = gathered.past, gathered.counted
    kinds = counted.kinds
    return Figures(
        name=gathered.name,
        page=places.collection(gathered.name),
        observations=len(past.observations),
        snapshots=len(gathered.sides),
        entries=kinds["entry"],
        others=counted.entries - kinds["entry"],
        revisions=gathered.total("edited"),
        gone=counted.gone,
        first=english.captured(past.observations[0].captured),
        last=english.captured(past.observations[-1].captured),
        dates=" to ".join(day[:4] for day in counted.days) if counted.days else "none printed",
    )


# --- pictures ---------------------------------------------------------------------------


def pictures(collections: Sequence[Gathered]) -> list[Pictures]:
    """Return the pictures of the collections; all along one axis, so that they can be held against each other."""
    rows = {one.name: _coverage(one) for one in collections}
    lines = [row for its in rows.values() for row in its]
    axis = _axis([*(row.seen for row in lines), *(point for row in lines for span in row.spans for point in span)])
    months = _axis(fraction(f"{month}-01") for one in collections for month in one.counted.by_month)
    return [_pictures(one, rows[one.name], axis, months) for one in collections]


def _pictures(gathered: Gathered, rows: list[Row], axis: Span, months: Span) -> Pictures:
    name, counted = gathered.name, gathered.counted
    by_month, by_year = counted.by_month, counted.by_year
    years = [(year, by_year[year], places.listing(name, year)) for year in sorted(by_year) if year != places.UNDATED]
    said = f"{english.count(counted.told, 'entry')}, {english.number(by_month.total())} with a month."
    columns, labels, changed = _changes(gathered)
    return Pictures(
        name=name,
        page=places.collection(name),
        coverage=_covered(name, rows, axis),
        months=picturing.months(
            [Column(fraction(f"{month}-01"), [count], [], f"{english.month(month)}: {english.count(count, 'entry')}")
             for month, count in sorted(by_month.items())],
            months,
            f"Entries of {name} by the month that they print",
            said,
        ) if by_month else None,
        years=years,
        undated=counted.told - by_month.total(),
        changes=picturing.changes(
            columns,
            labels,
            f"Changes seen in {name}",
            ", ".join(f"{gathered.total(one)} {word}" for one, word in zip(CHANGED, WORDS, strict=True)) + ".",
        ) if changed else None,
        changed=changed,
    )  # fmt: skip


def _covered(name: str, rows: list[Row], axis: Span) -> Markup | None:
    if not rows:
        return None
    shown = [span for row in rows for span in row.spans]
    ends = f"{int(min(s.first for s in shown))} to {int(max(s.last for s in shown))}" if shown else "no dates"
    says = f"{english.count(len(rows), 'line')}, each a snapshot or several in a row; entries of {ends}."
    return picturing.coverage(rows, axis, f"What is known of {name}, and from when", says)


def _axis(points: Iterable[float]) -> Span:
    found = list(points)
    return Span(min(found) - 0.15, max(found) + 0.15) if found else Span(2000, 2001)


def _coverage(gathered: Gathered) -> list[Row]:
    sides = gathered.sides
    each = -(-len(sides) // ROWS) or 1
    return [_row(sides[first : first + each]) for first in range(0, len(sides), each)]


def _row(sides: Sequence[Side]) -> Row:
    days = sorted(span for side in sides for span in shown_days(side))
    joined: list[tuple[str, str]] = []
    for first, last in days:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    captured = [_captured(side) for side in sides]
    dates = ", ".join(english.months(*span) for span in joined) or "no dated entries"
    name = sides[0].name if len(sides) == 1 else f"{len(sides)} snapshots, {sides[0].name} to {sides[-1].name}"
    return Row(
        spans=[Span(fraction(first), fraction(last)) for first, last in joined],
        seen=fraction(captured[-1].since),
        known=all(one.until is not None for one in captured),
        whole=all(side.provenance is not None and side.provenance.coverage.complete for side in sides),
        says=f"{name}, captured {english.captured(captured[-1])}: entries of {dates}",
    )


def _captured(side: Side) -> Captured:
    assert side.provenance is not None  # noqa: S101 - the side is a snapshot
    return side.provenance.captured


def _changes(gathered: Gathered) -> tuple[list[Column], list[str], list[tuple[str, list[int]]]]:
    """Return the columns, what stands below them, and the figures of those that have any."""
    observations = gathered.past.observations
    length = next(n for n in (20, 7, 4) if n == 4 or len({o.captured.since[:n] for o in observations}) <= COLUMNS)
    columns: list[Column] = []
    labels: list[str] = []
    changed: list[tuple[str, list[int]]] = []
    ranks = range(len(observations))
    for number, (period, members) in enumerate(groupby(ranks, lambda rank: observations[rank].captured.since[:length])):
        its = list(members)
        counts = [sum(gathered.changes[rank, change] for rank in its) for change in CHANGED]
        name = english.captured(observations[its[0]].captured) if length > 7 else _period(period)
        said = ", ".join(f"{count} {word}" for count, word in zip(counts, WORDS, strict=True) if count)
        columns.append(Column(number, counts[:2], counts[2:], f"{name}: {said or 'no changes'}"))
        labels.append(english.day(period) if length > 7 else _period(period))
        if any(counts):
            changed.append((name, counts))
    return columns, labels, changed


WORDS: Final = ("edited", "listed again", "no longer listed", "gone from the end")


def _period(period: str) -> str:
    return english.month(period) if len(period) > 4 else period
