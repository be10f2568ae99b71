"""A contest: sides that are measured in turn, and what is asked of the first of them, which is ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.sides import Side, Usage, measure

RATIO: Final = "ratio"
"""The unit of what is compared; all others are of ours alone."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What is measured of our side, and what it is to be."""

    against: str | None = None
    """The rival's name; None for a figure of ours alone."""
    most: float | None = None
    """The largest median that reaches the goal; None where there is no goal, only a figure."""
    by: str = "processor"
    """What is measured: ``processor``, ``clock``, ``memory``, or a count of ours."""
    unit: str = RATIO
    less: str | None = None
    """A side whose figure is taken off ours first: what starting up takes."""
    factor: float = 1
    """What a figure of ours alone is multiplied with, to be in its unit."""
    ours: str | None = None
    """Another side than the first."""


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Sides that do the same work."""

    path: str
    """What of the program is measured: a word or two."""
    size: str
    sides: Sequence[Side]
    """Ours first."""
    goals: Sequence[Goal]


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came out, of one goal."""

    path: str
    size: str
    ours: str
    against: str | None
    by: str
    unit: str
    most: float | None
    values: list[float]
    """One a round."""
    seconds: list[float]
    """Medians of our figure and the rival's, by themselves; they are of this machine and this hour."""
    less: bool
    """Whether what starting up takes was taken off ours."""
    missing: list[str]
    """What the rival needs and this machine has not: then there are no values."""

    @property
    def key(self) -> str:
        """What names the row in one run, at one size."""
        return f"{self.path}: {self.ours} / {self.against or self.unit} ({self.by})"

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without a goal, or without a figure."""
        return None if self.most is None or not self.values else self.median <= self.most


def compete(contest: Contest, rounds: int) -> list[Row]:
    """Return the row of each goal; every side runs once in each round, in turn.

    :raises RuntimeError: when a side fails
    """
    taking_part = [side for side in contest.sides if not side.missing]
    used: dict[str, list[Usage]] = {side.name: [] for side in taking_part}
    for number in range(rounds):
        # The order turns, so that nobody is always the one behind the same other.
        turn = number % max(1, len(taking_part))
        for side in [*taking_part[turn:], *taking_part[:turn]]:
            if number == 0 or not side.once:
                used[side.name].append(measure(side))
    missing = {side.name: side.missing for side in contest.sides}
    return [_row(contest, goal, used, missing) for goal in contest.goals]


def _row(contest: Contest, goal: Goal, used: dict[str, list[Usage]], missing: dict[str, list[str]]) -> Row:
    name = goal.ours or contest.sides[0].name
    lacking = [*missing[name], *(missing[goal.against] if goal.against else ())]
    mine = [] if lacking else [usage.of(goal.by) for usage in used[name]]
    if goal.less and not lacking:
        mine = [value - start.of(goal.by) for value, start in zip(mine, used[goal.less], strict=True)]
    other = [] if lacking or goal.against is None else [usage.of(goal.by) for usage in used[goal.against]]
    values = [one / two for one, two in zip(mine, other, strict=False)] if other else [v * goal.factor for v in mine]
    return Row(
        path=contest.path,
        size=contest.size,
        ours=name,
        against=goal.against,
        by=goal.by,
        unit=goal.unit,
        most=goal.most,
        values=values,
        seconds=[median(figures) for figures in (mine, other) if figures],
        less=goal.less is not None,
        missing=lacking,
    )
