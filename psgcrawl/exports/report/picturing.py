"""Pictures as inline SVG: which part of a listing is known from when, entries by month, changes over time.

Lengths across are per cent, so that a picture is as wide as its place, and its letters
stay as large as the text around it. Colours are those of the style sheet. Each picture
has a title and a description, and stands beside a table with the same figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from psgcrawl.exports.harmless import flowing

LEFT: Final = 1.0
RIGHT: Final = 99.0
AXIS: Final = 22
"""Height of an axis with its labels, in pixels."""
_STEPS: Final = (1, 2, 5, 10, 20, 50, 100)
_ROOM: Final = 24
"""Per cent of the width that a day takes as a label, on a telephone."""
_LABELS: Final = 7
"""Years that have room on a telephone."""


class Span(NamedTuple):
    """From one day to another: years with their fractions, as :func:`fraction` gives them."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Row:
    """What one or several snapshots of a collection show."""

    spans: list[Span]
    """Between which dates they show everything."""
    seen: float
    """When they were captured, or not before."""
    known: bool
    """Whether that is known; if not, it is a lower bound."""
    whole: bool
    """Whether the whole listing is proven to have been seen."""
    says: str


@dataclass(frozen=True, slots=True)
class Column:
    """Figures of a month, or of an observation."""

    at: float
    """Where it stands, as :func:`fraction` gives it; of columns in a row, their number."""
    up: Sequence[int]
    """Stacked upwards."""
    down: Sequence[int]
    """Stacked downwards."""
    says: str


def fraction(day: str) -> float:
    """Return a day, or the day of a time, as years.

    >>> fraction("2017-01-01"), fraction("2017-07-01T06:00:00Z")
    (2017.0, 2017.5)
    """
    return int(day[:4]) + (int(day[5:7]) - 1 + (int(day[8:10] or 1) - 1) / 31) / 12


def coverage(rows: Sequence[Row], axis: Span, title: str, says: str) -> Markup:
    """Return one line for each row, the earliest capture on top: bars are dates of entries, the dot is the capture."""
    step = 10 if len(rows) <= 12 else 5
    height = step * len(rows) + 6
    parts: list[Markup] = []
    for number, row in enumerate(rows):
        y = 3 + step * number
        marks = [
            _element(
                "rect",
                x=_cent(axis, span.first),
                y=y,
                width=f"{max(0.35, _share(axis, span.last) - _share(axis, span.first)):.2f}%",
                height=step - 2,
                class_="whole" if row.whole else "part",
            )
            for span in row.spans
        ]
        dot = {"cx": _cent(axis, row.seen), "cy": f"{y + step / 2 - 1:g}", "r": "2.5" if step < 10 else "3.5"}
        marks.append(_element("circle", class_="seen" if row.known else "bound", **dot))
        parts.append(_element("g", _element("title", row.says), *marks))
    return _picture(title, says, height + AXIS, "coverage", _axis(axis, height), *parts)


def months(columns: Sequence[Column], axis: Span, title: str, says: str) -> Markup:
    """Return a bar for each month."""
    most = max((sum(column.up) for column in columns), default=1)
    height = 84
    width = max(0.3, (RIGHT - LEFT) / max(12.0, (axis.last - axis.first) * 12) - 0.05)
    bars = [
        _element(
            "rect",
            _element("title", column.says),
            x=_cent(axis, column.at),
            y=f"{height - 64 * sum(column.up) / most:.1f}",
            width=f"{width:.2f}%",
            height=f"{64 * sum(column.up) / most:.1f}",
            class_="bar",
        )
        for column in columns
    ]
    return _picture(title, says, height + AXIS, "months", _most(most), _axis(axis, height), *bars)


_UP: Final = ("edited", "relisted")
_DOWN: Final = ("removed", "aged-out")


def changes(columns: Sequence[Column], labels: Sequence[str], title: str, says: str) -> Markup:
    """Return a column for each observation or period, in a row: edits and returns upwards, ends downwards.

    :param labels: what stands below the columns; shown below a few of them
    """
    up = max((sum(column.up) for column in columns), default=0)
    down = max((sum(column.down) for column in columns), default=0)
    unit = 70 / max(1, up + down)
    base = 14 + up * unit
    axis = Span(0, max(len(columns), 12))
    width = min(3.0, 0.8 * (RIGHT - LEFT) / axis.last)
    parts: list[Markup] = []
    for column in columns:
        left = f"{_share(axis, column.at) + 0.1 * width:.2f}%"
        bars, y = [], base
        for name, number in zip(_UP, column.up, strict=True):
            y -= number * unit
            bars.append(_bar(left, y, width, number * unit, name))
        y = base
        for name, number in zip(_DOWN, column.down, strict=True):
            bars.append(_bar(left, y, width, number * unit, name))
            y += number * unit
        parts.append(_element("g", _element("title", column.says), *(bar for bar in bars if bar)))
    line = _element("line", x1=f"{LEFT}%", x2=f"{RIGHT}%", y1=f"{base:.1f}", y2=f"{base:.1f}", class_="axis")
    height = int(14 + (up + down) * unit) + 4
    each = max(1, int(-(-_ROOM * axis.last // 100)))
    marks = [
        _element("text", label, x=_cent(axis, number), y=height + AXIS - 6, class_="label")
        for number, label in enumerate(labels)
        if number % each == 0
    ]
    return _picture(title, says, height + AXIS, "changes", _most(max(up, down)), *parts, line, *marks)


def _bar(left: str, y: float, width: float, height: float, name: str) -> Markup:
    if height <= 0:
        return Markup()
    return _element("rect", x=left, y=f"{y:.1f}", width=f"{width:.2f}%", height=f"{height:.1f}", class_=name)


def _most(number: int) -> Markup:
    return _element("text", f"most: {number:,}", x=f"{LEFT}%", y=10, class_="label")


def years(axis: Span) -> list[int]:
    """Return the years that an axis names.

    >>> years(Span(2004.2, 2026.3))
    [2005, 2010, 2015, 2020, 2025]
    """
    first, last = int(axis.first), int(axis.last)
    step = next((one for one in _STEPS if (last - first) / one < _LABELS), _STEPS[-1])
    return [year for year in range(first, last + 1) if year % step == 0 and year >= axis.first]


def _axis(axis: Span, height: float) -> Markup:
    line = _element("line", x1=f"{LEFT}%", x2=f"{RIGHT}%", y1=height, y2=height, class_="axis")
    parts = [line]
    for year in years(axis):
        at = _cent(axis, year)
        parts.append(_element("line", x1=at, x2=at, y1=0, y2=height + 4, class_="grid"))
        share = _share(axis, year)
        anchor = "start" if share < 6 else "end" if share > 94 else "middle"
        parts.append(_element("text", str(year), x=at, y=height + 17, text_anchor=anchor, class_="label"))
    return Markup().join(parts)


def _share(axis: Span, value: float) -> float:
    return LEFT + (RIGHT - LEFT) * (value - axis.first) / ((axis.last - axis.first) or 1)


def _cent(axis: Span, value: float) -> str:
    return f"{_share(axis, value):.2f}%"


def _picture(title: str, says: str, height: float, name: str, *parts: Markup) -> Markup:
    told = (_element("title", title), _element("desc", says))
    attributes = {"class_": f"picture {name}", "width": "100%", "height": f"{height:g}", "role": "img"}
    return _element("svg", *told, *parts, aria_label=f"{title}. {says}", **attributes)


def _element(name: str, *content: str | Markup, **attributes: object) -> Markup:
    """Return an element; ``class_`` is ``class``, ``text_anchor`` is ``text-anchor``."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(flowing(str(value)))}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{given}>{_joined(content)}</{name}>")  # noqa: S704 - each part is escaped


def _joined(content: Iterable[str | Markup]) -> str:
    return "".join(str(one) if isinstance(one, Markup) else str(escape(flowing(one))) for one in content)
