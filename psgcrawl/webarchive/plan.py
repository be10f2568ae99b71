"""What is to be done for the captures that a web archive has: known before the first is fetched."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from psgcrawl.archive.grouping import WITHIN
from psgcrawl.webarchive.captures import Wanted
from psgcrawl.webarchive.here import Here, key

Deed = Literal["fetch", "repeat", "take up", "held", "refused"]
DEEDS: Final[dict[Deed, str]] = {
    "held": "held already",
    "take up": "brought before, not yet in a snapshot",
    "repeat": "the same bytes as another one: not fetched",
    "refused": "refused when they were asked for: not asked again",
    "fetch": "to be fetched",
}
"""What is done for a capture, and what people are told of it."""

_SHOWN: Final = 200
"""How many captures a plan lists for one listing."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done for one capture."""

    wanted: Wanted
    deed: Deed

    @property
    def is_due(self) -> bool:
        """Whether it is to be brought: it is in no snapshot yet, and was not refused."""
        return self.deed not in {"held", "refused"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done for a listing, in order of time."""

    listing: str
    steps: Sequence[Step]

    @property
    def counts(self) -> Counter[Deed]:
        """How many captures there are of each kind."""
        return Counter(step.deed for step in self.steps)

    @property
    def due(self) -> int:
        """How many captures are to be brought."""
        return sum(step.is_due for step in self.steps)

    def batches(self) -> Iterator[list[Step]]:
        """Yield the steps in runs between which more than 24 hours lie: no snapshot holds captures of two of them.

        So what is complete of a batch can be committed, whatever becomes of the next one.
        """
        batch: list[Step] = []
        for step in self.steps:
            if batch and _apart(batch[-1].wanted, step.wanted):
                yield batch
                batch = []
            batch.append(step)
        if batch:
            yield batch


def plan(listing: str, found: Sequence[Wanted], here: Here, coming: set[str] | None = None) -> Plan:
    """Return what is to be done for the captures ``found``, which are in order of time.

    :param coming: the digests of whole pages that this run brings before; gets those of this listing
    """
    known = set() if coming is None else coming
    return Plan(listing, [Step(one, _deed(one, here, known)) for one in found])


def _deed(one: Wanted, here: Here, coming: set[str]) -> Deed:
    if here.holds(one):
        return "held"
    where = key(one.row.url, one.row.stamp)
    if where in here.loose:
        return "take up"
    if where in here.refused:
        return "refused"
    digest = one.row.digest
    if one.is_plain and digest is not None:
        if digest in coming or digest in here.bodies:
            return "repeat"
        coming.add(digest)
    return "fetch"


def lines(plans: Sequence[Plan], webarchive: str) -> Iterator[str]:
    """Yield the plan as text for people: counts, then what is to be fetched, then what need not be."""
    for one in plans:
        counts = one.counts
        yield ""
        yield f"{one.listing}: {_number(len(one.steps))} in {webarchive}"
        yield from (f"  {counts[deed]:>6}  {words}" for deed, words in DEEDS.items() if counts[deed])
        todo = [step for step in one.steps if step.deed != "held"]
        for step in todo[:_SHOWN]:
            row = step.wanted.row
            status = "-" if row.status is None else str(row.status)
            yield f"    {step.wanted.when}  {status:>3}  {row.digest or '-':32}  {step.deed:7}  {row.url}"
        if len(todo) > _SHOWN:
            yield f"    and {len(todo) - _SHOWN} more"


def _number(count: int) -> str:
    return "1 capture" if count == 1 else f"{count} captures"


def _apart(one: Wanted, other: Wanted) -> bool:
    return datetime.fromisoformat(other.when) - datetime.fromisoformat(one.when) > WITHIN
