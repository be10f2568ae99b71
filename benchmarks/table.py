"""Results as text and Markdown."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from benchmarks.contest import RATIO, Row
from benchmarks.growth import Grown

_BY = {"processor": "", "clock": ", on the clock", "memory": ", memory"}


def markdown(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the table of goals: one row a goal, a path's rows together."""
    yield "| path | measured | against | goal | median (least to most) | |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        less = " less start-up" if row.less else ""
        what = f"{row.path}: {row.ours}{less}" if row.ours != row.path else row.path + less
        against = (row.against or row.unit) + _BY.get(row.by, "" if row.against is None else f", {row.by}")
        if row.against is None and row.by in {"memory", "processor"}:
            against = f"{row.unit}, memory" if row.by == "memory" else row.unit
        yield f"| {what} | {row.size} | {against} | {_goal(row)} | {_figures(row)} | {_verdict(row)} |"


def text(row: Row) -> str:
    """Return a row as a line for a terminal."""
    goal = f"; goal {_goal(row)}: {_verdict(row)}" if row.most is not None else ""
    return f"{row.path} ({row.size}): {row.ours} / {row.against or row.unit} by {row.by}: {_figures(row)}{goal}"


def growth(found: Iterable[Grown]) -> Iterator[str]:
    """Yield the lines of the table of growth."""
    yield "| command | with more | sizes | seconds of the processor | MB |"
    yield "|---|---|---|---|---|"
    for one in found:
        sizes = ", ".join(f"{size:,}" for size in one.sizes)
        seconds = ", ".join(number(value) for value in one.processor)
        memory = ", ".join(f"{value:.0f}" for value in one.memory)
        yield f"| {one.what} | {one.by} | {sizes} | {seconds} | {memory} |"


def machine(told: Mapping[str, Any]) -> str:
    """Return a sentence on the machine."""
    packages = ", ".join(f"{name} {version}" for name, version in told["packages"].items() if version)
    programs = ", ".join(filter(None, told["programs"].values()))
    return (
        f"{told['processor']}, {told['processors']} processors, {told['memory_gb']} GB, {told['system']}; "
        f"Python {told['python']}, SQLite {told['sqlite']}, {packages}; {programs}."
    )


def number(value: float) -> str:
    """Return a figure to three digits, as far as they are before the point or right behind it.

    >>> [number(value) for value in (0.00123, 0.123, 12.345, 1234.5, 0, 3)]
    ['0.0012', '0.12', '12.3', '1,234', '0', '3']
    """
    if value == int(value):
        return f"{int(value):,}"
    size = abs(value)
    return (
        f"{value:,.0f}"
        if size >= 100
        else f"{value:.1f}"
        if size >= 10
        else f"{value:.2f}"
        if size >= 0.1
        else f"{value:.4f}"
    )


def _goal(row: Row) -> str:
    return "" if row.most is None else f"at most {number(row.most)}"


def _figures(row: Row) -> str:
    if not row.values:
        return f"not measured: {', '.join(row.missing)} is missing"
    unit = "" if row.unit == RATIO else f" {row.unit.split(',')[0]}"
    if len(row.values) == 1:
        return f"{number(row.median)}{unit}"
    return f"{number(row.median)}{unit} ({number(min(row.values))} to {number(max(row.values))})"


def _verdict(row: Row) -> str:
    return {None: "", True: "reached", False: "**missed**"}[row.reached]
