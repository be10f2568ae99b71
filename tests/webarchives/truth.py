"""What can be known from the captures, and what may not be claimed: by what was put in, not by what is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final

from . import pages
from .life import LISTINGS, STORIES, Listing, Story, listed
from .past import PAST, Past, Visit
from .taken import Taken

COLLECTIONS: Final = ("news", "articles", "home", "posts")
_WITHIN: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Shown:
    """A capture of a page of a listing, and the entries of that listing which it shows, in page order."""

    listing: str
    position: int
    taken: Taken
    ids: tuple[str, ...]
    cut: bool
    """Whether it breaks off: then it shows some of them, from the first one on."""


@dataclass(frozen=True)
class Truth:
    """The truth about captures of a time."""

    past: Past
    since: str = "0"
    """First stamp that counts, or the beginning of one."""
    until: str = "9"
    """Last one, likewise."""

    def within(self, taken: Taken) -> bool:
        """Tell whether a capture is of that time."""
        return self.since <= taken.stamp and taken.stamp[: len(self.until)] <= self.until

    @cached_property
    def shown(self) -> tuple[Shown, ...]:
        """The captures that show a listing, in order of time."""
        found = [_shown(visit, taken) for visit, taken in self.past.visits if self.within(taken)]
        return tuple(sorted(found, key=lambda one: (one.taken.stamp, one.listing, one.position)))

    @cached_property
    def no_pages(self) -> tuple[Taken, ...]:
        """The captures with status 200 that show none, and are not empty."""
        return tuple(taken for taken in self.past.no_pages if self.within(taken))

    def of(self, listing: str) -> list[Shown]:
        """Return the captures of one listing, in order of time."""
        return [one for one in self.shown if one.listing == listing]

    def entries(self, listing: str) -> set[str]:
        """Return the ids of all entries that its captures show; of a page that breaks off, all of the whole page."""
        return {id_ for one in self.of(listing) for id_ in one.ids}

    def sure(self, listing: str) -> set[str]:
        """Return the ids of those that a whole page shows."""
        return {id_ for one in self.of(listing) if not one.cut for id_ in one.ids}

    def snapshots(self, listing: str) -> list[list[Shown]]:
        """Return the captures of each snapshot: each within 24 hours of the one before, and no position twice."""
        groups: list[list[Shown]] = []
        for one in self.of(listing):
            if not groups or not _continues(groups[-1], one):
                groups.append([])
            groups[-1].append(one)
        return groups

    def fetches(self, listings: Iterable[str] = COLLECTIONS) -> int:
        """Return the least number of mementos that have to be fetched: one for each digest, none for empty ones."""
        wanted = set(listings)
        bodies = {one.taken.digest for one in self.shown if one.listing in wanted}
        return len(bodies | {taken.digest for taken in self.no_pages if listing_of(taken) in wanted})

    def gone(self, id_: str) -> str | None:
        """Return when an entry was taken off its list (14 digits); None for one that never was."""
        return STORIES[id_].gone if id_ in STORIES else None


def listing_of(taken: Taken) -> str:
    """Return the listing whose address a capture has: news, articles or home."""
    key = taken.key().partition(")")[2]
    return {"/news.php": "news", "/articles.php": "articles"}.get(key.partition("?")[0], "home")


def _continues(group: Sequence[Shown], one: Shown) -> bool:
    if one.position in {other.position for other in group} or one.listing == "posts":
        return False
    return one.taken.moment - group[-1].taken.moment <= _WITHIN


def _shown(visit: Visit, taken: Taken) -> Shown:
    return Shown(visit.listing, visit.position, taken, tuple(_ids(visit)), visit.cut)


def _ids(visit: Visit) -> list[str]:
    if visit.listing == "posts":
        found = pages.published(visit.stamp)
        return [
            f"post-{post.number}" for post in found[(visit.position - 1) * pages.PAGE : visit.position * pages.PAGE]
        ]
    if visit.listing == "home":
        return [story.id for name in LISTINGS for story in listed(name, visit.stamp)[: pages.AT_HOME]]
    return [story.id for story in _page(visit)]


def _page(visit: Visit) -> list[Story]:
    name: Listing = "news" if visit.listing == "news" else "articles"
    return listed(name, visit.stamp)[visit.position : visit.position + pages.PAGE]


TRUTH: Final = Truth(PAST)
"""About all of them."""

SMALL: Final = Truth(PAST, until="2013")
"""About a part that is enough for most tests."""
