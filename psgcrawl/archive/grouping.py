"""Which captures form one snapshot: the only place that decides it.

Captures of one listing belong together while each lies within 24 hours of the one
before and no position repeats. A capture of unknown time stands alone, and so does one
without position: nothing shows that it and another are parts of one view.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from psgcrawl.records import Captured

WITHIN: Final = timedelta(hours=24)


class Capture(Protocol):
    """What grouping looks at; :class:`psgcrawl.records.Page` has it."""

    @property
    def captured(self) -> Captured:
        """When, or what bounds it."""

    @property
    def position(self) -> int | None:
        """Place in the listing, counted in entries."""

    @property
    def url(self) -> str | None:
        """The address."""

    @property
    def sha256(self) -> str:
        """Digest of the bytes."""


C = TypeVar("C", bound=Capture)


def group(
    captures: Iterable[C], listing: Callable[[C], str], shows: Callable[[C], bool] = lambda _: True
) -> list[list[C]]:
    """Return the captures of each snapshot in order of time, and the snapshots in that order.

    The order of ``captures`` does not matter. At one time captures come in the order of
    listing, position, address and digest.

    :param listing: names the listing (or collection) of a capture; groups never mix them
    :param shows: tells whether a capture shows its listing; one that does not (an error, a redirect) takes no
        place in it, and stands beside those that it lies within 24 hours of
    """
    found = list(captures)
    groups = _group([one for one in found if shows(one)], listing)
    beside = sorted((one for one in found if not shows(one)), key=lambda one: order(one, listing(one)))
    for capture in beside:
        near = [
            (distance, number)
            for number, one in enumerate(groups)
            if listing(one[0]) == listing(capture) and (distance := _distance(one, capture)) is not None
        ]
        if near:
            groups[min(near)[1]].append(capture)
        else:
            groups.append([capture])
    return sorted(
        (sorted(one, key=lambda each: order(each, listing(each))) for one in groups),
        key=lambda one: order(one[0], listing(one[0])),
    )


def _group(captures: Iterable[C], listing: Callable[[C], str]) -> list[list[C]]:
    groups: list[list[C]] = []
    open_groups: dict[str, list[C]] = {}
    for capture in sorted(captures, key=lambda capture: order(capture, listing(capture))):
        current = open_groups.get(listing(capture))
        if current is not None and _continues(current, capture):
            current.append(capture)
            continue
        groups.append([capture])
        if _can_group(capture):
            open_groups[listing(capture)] = groups[-1]
    return groups


def order(capture: Capture, listing: str = "") -> tuple[str, bool, str, str, int, str, str]:
    """Return what captures are sorted by: time, known before bounded, then listing, position, address and digest."""
    captured = capture.captured
    position = -1 if capture.position is None else capture.position
    return (
        captured.since,
        not captured.known,
        captured.until or "",
        listing,
        position,
        capture.url or "",
        capture.sha256,
    )


def _distance(group_: list[C], capture: C) -> timedelta | None:
    """Return how far a capture is from the nearest one of a group; None for more than 24 hours, or unknown times."""
    if not capture.captured.known:
        return None
    when = datetime.fromisoformat(capture.captured.since)
    known = [datetime.fromisoformat(one.captured.since) for one in group_ if one.captured.known]
    nearest = min((abs(when - one) for one in known), default=WITHIN * 2)
    return nearest if nearest <= WITHIN else None


def _can_group(capture: Capture) -> bool:
    return capture.captured.known and capture.position is not None


def _continues(current: list[C], capture: C) -> bool:
    if not _can_group(capture) or any(other.position == capture.position for other in current):
        return False
    apart = datetime.fromisoformat(capture.captured.since) - datetime.fromisoformat(current[-1].captured.since)
    return apart <= WITHIN
