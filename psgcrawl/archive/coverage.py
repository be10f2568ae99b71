"""Which part of a listing a snapshot saw, and how that is known. Claims nothing without proof."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

from psgcrawl import site
from psgcrawl.records import Captured, Coverage, Entry, Page

TRUNCATED: Final = "truncation:"
"""How problems begin that say that a page breaks off."""

UNREAD: Final = (TRUNCATED, "unread block:")
"""How problems begin that leave open what else a page showed."""


def coverage(listing: str, pages: Sequence[Page]) -> Coverage:
    """Return what ``pages`` prove about ``listing``.

    ``complete`` needs all of: every page has a position, was recognised and read whole
    (nothing on it was cut off or left unread); the positions start at 0 and leave no gap;
    the page of the highest position is short, and no other is; and all were captured at
    known times, none earlier than one before it in the listing. The last because new
    entries push all others down while a crawl runs: read from the top, an entry is at
    worst seen twice; read from the bottom, it can slip past from a page not yet read to
    one already read.

    ``end`` is known for a listing of one page (``single-page``), and where the page of the highest
    position shows some of the listing's entries, but fewer than fill a page
    (``short-page``). An empty page proves no end: errors look like that.

    Pages without position give no positions and no gaps.
    """
    if site.current().is_single(listing):
        read = bool(pages) and all(page.layout is not None for page in pages)
        return Coverage(listing=listing, complete=False, end="single-page" if read else None, positions=[], gaps=[])
    pages_of_it = [_Placed.of(listing, page) for page in pages]
    placed = sorted((page for page in pages_of_it if page.position is not None), key=lambda page: page.position or 0)
    step = site.current().step(listing)
    runs = runs_of([page.position for page in placed if page.position is not None], step)
    gaps = gaps_of(runs, step)
    last = [page for page in placed if page.position == placed[-1].position]
    before = placed[: len(placed) - len(last)]
    ends = bool(last) and all(0 < page.shown < step and page.whole for page in last)
    complete = (
        ends
        and not gaps
        and len(placed) == len(pages_of_it)
        and all(page.whole for page in placed)
        and all(page.shown >= step for page in before)
        and _in_time_order([page.captured for page in placed])
    )
    return Coverage(listing=listing, complete=complete, end="short-page" if ends else None, positions=runs, gaps=gaps)


class _Placed(NamedTuple):
    """What is asked of a page; the page itself, of which there are many, is not held."""

    position: int | None
    shown: int
    """How many of the listing's own entries it shows."""
    whole: bool
    captured: Captured

    @classmethod
    def of(cls, listing: str, page: Page) -> "_Placed":
        return cls(page.position, len(own_ids(listing, page)), is_whole(page), page.captured)


def is_whole(page: Page) -> bool:
    """Tell whether a page was recognised, and nothing on it was cut off or left unread."""
    return page.layout is not None and not is_cut(page)


def is_cut(page: "Seen") -> bool:
    """Tell whether something on a page was cut off or left unread, so that it could show more than was seen."""
    return any(problem.startswith(UNREAD) for problem in page.problems)


class Seen(Protocol):
    """What tells a page of a listing from one beside it; pages and their rows have it."""

    @property
    def layout(self) -> str | None:
        """The layout that read it."""

    @property
    def position(self) -> int | None:
        """Its place in the listing."""

    @property
    def problems(self) -> Sequence[str]:
        """What could not be read."""


def is_beside(page: Seen) -> bool:
    """Tell whether a page is beside the listing: an entry's own page, a document. It shows no list, and claims nothing.

    A page that should have been a page of the listing, and could not be read, has problems.
    """
    return page.layout is None and page.position is None and not page.problems


def own_ids(listing: str, page: Page) -> list[str]:
    """Return the ids of the listing's own entries on the page: no notices, no standing blocks, no other list."""
    return [entry.id for entry in own_entries(listing, page)]


def own_entries(listing: str, page: Page) -> list[Entry]:
    """Return the listing's own entries on the page, in page order."""
    mixed = listing not in site.current().paged
    return [
        entry
        for entry, name in zip(page.entries, page.lists, strict=True)
        if entry.kind == "entry" and (mixed or name == listing)
    ]


def runs_of(positions: list[int], step: int) -> list[tuple[int, int]]:
    """Return first and last of each run of ``positions`` (ascending) that are at most one ``step`` apart."""
    runs: list[tuple[int, int]] = []
    for position in positions:
        if runs and position - runs[-1][1] <= step:
            runs[-1] = (runs[-1][0], position)
        else:
            runs.append((position, position))
    return runs


def gaps_of(runs: list[tuple[int, int]], step: int) -> list[tuple[int, int]]:
    """Return first and last of each run of positions missing from 0 to the last that was seen."""
    # As if a page had ended where the listing begins.
    ends = [(-step, -step), *runs]
    return [
        # At a position off the grid the pages overlap, and the gap still has one page.
        (last + step, max(last + step, first - step))
        for (_, last), (first, _) in pairwise(ends)
        if first - last > step
    ]


def _in_time_order(times: Sequence[Captured]) -> bool:
    return all(time.known for time in times) and all(one.since <= next_.since for one, next_ in pairwise(times))
