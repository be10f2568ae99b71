"""How a listing is walked through, page by page, and what the walk proves. Pure: the spider asks and tells.

From the first page along ``position``, by the page's own pager, else by the step, until
the end is *proved*:

==============  ==============================================================================
``short-page``  a page with fewer entries than fill one, and no link to a next page; or, after
                a full page whose pager ends, nothing more at the next position
``repeat``      a server that answers beyond the end with the last page: twice the same, and not
                the first page
``limit``       everything that was asked for (``since``) has been seen: no proof of the end
``carried``     a whole page is as the last snapshot has it: no proof of the end
==============  ==============================================================================

Anything else that ends a walk is trouble, and the walk is not complete: a page that no
layout recognises or that was cut off, an empty page, pages that only repeat, a listing
without end.

A pager is followed one page at a time: where it leads back, out of the listing or past
entries that no page has shown, the step is taken instead. On a site without any pager a
short page could be a full one of a smaller size: there the walk looks behind it.

Entries move while a walk goes on. New ones push all others down: then a page begins with
what the page before it ended with, nothing is missed there, and at the end the walk goes
through the top again until a page shows something that it knows. An entry taken away
pulls others up, and one can slip from a page not yet read to one already read: so where
an entry of the last snapshot seems to be gone, the page on which it would stand now is
read again, once.
"""

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from psgcrawl import site
from psgcrawl.archive.coverage import is_cut, is_whole, own_entries, own_ids, runs_of
from psgcrawl.archive.hashed import Numbers
from psgcrawl.records import Coverage, End, Entry, Page

MOST_PAGES: Final = 500
"""Of one walk: a listing that goes on has no end. The longest known has 86."""

ASTRAY: Final = -1
"""Where a pager leads that has a next page, but none of the listing."""

_TRIES: Final = 2
"""How many pages are read again for a place where an entry seems to be gone: the second if the first moved on."""

_ENDS_OF_CRAWL: Final[frozenset[End | None]] = frozenset({"limit", "carried"})
"""Ends that are not the listing's."""

Phase = Literal["down", "behind", "top", "gone"]


@dataclass(frozen=True, slots=True)
class _Read:
    position: int
    ids: tuple[str, ...]
    link: int | None


class _Trail:
    """The pages that a walk has read: of each its position, and of what it showed eight bytes twice an entry.

    A listing can be long: all of it is there when the walk ends, and nobody asks for its ids by their letters.
    """

    def __init__(self) -> None:
        self.last: _Read | None = None
        self.has_links = False
        """Whether the pager of one of them led on."""
        self.positions = array("q")
        """In the order in which they were read."""
        self._ends = array("Q")
        self._ids = array("q")
        self._shown = Numbers()

    def add(self, read: _Read) -> None:
        """Take a page."""
        numbers = [*map(hash, read.ids)]
        self.last = read
        self.has_links = self.has_links or read.link is not None
        self.positions.append(read.position)
        self._ids.extend(numbers)
        self._ends.append(len(self._ids))
        self._shown.update(numbers)

    def __len__(self) -> int:
        """Return how many pages there are."""
        return len(self.positions)

    @property
    def entries(self) -> int:
        """How many entries they show, each counted once."""
        return len(self._shown)

    def shows(self, id_: str) -> bool:
        """Tell whether one of them shows an entry."""
        return hash(id_) in self._shown

    def where(self, ids: Iterable[str]) -> dict[str, int]:
        """Return, of each of ``ids`` that was shown, the position of the last page that showed it."""
        wanted = {hash(id_): id_ for id_ in ids}
        return {
            wanted[number]: self.positions[bisect_right(self._ends, place)]
            for place, number in enumerate(self._ids if wanted else ())
            if number in wanted
        }


@dataclass(frozen=True, slots=True)
class _Search:
    """A place at which an entry of the last snapshot would stand now."""

    position: int
    beneath: str | None
    """The entry above it; None at the top of the listing."""
    tries: int = _TRIES


class ListingWalk:
    """One walk through one listing.

    ``position = 0``; then, for each page that was asked for, ``position = walk.next(page,
    link)`` (or ``walk.fail(…)``), until that is None. Then :meth:`coverage` and
    :attr:`trouble` say what came of it.
    """

    def __init__(
        self,
        listing: str,
        *,
        known: Sequence[str] = (),
        latest: Sequence[Entry] = (),
        since: str | None = None,
        most: int = MOST_PAGES,
    ) -> None:
        """Begin at the top.

        :param known: ids of the last snapshot, in the order of the listing
        :param latest: its entries in the same order, where the walk may end with the first page that agrees with them
        :param since: a day; the walk ends with the page on which every dated entry is older
        :param most: how many pages are asked for, at most
        """
        self.trouble: str | None = None
        """Why the walk could not come to its end, in words."""
        self.agreed: int | None = None
        """Of how many of the last snapshot's entries the end of the page that agreed is the end."""
        self.over = False
        """Whether the walk has come to an end, whichever."""
        self.beyond = False
        """Whether the last page that it was told of lies behind the end: it is none of the listing."""
        self._listing = listing
        self._known = known
        self._latest = latest
        self._since = since
        self._most = most
        self._phase: Phase = "down"
        self._end: End | None = None
        self._trail = _Trail()
        self._missing: list[int] = []
        here = site.current().listing(listing)
        self._full = self._step = site.current().step(listing)
        self._by_page = here is not None and here.first_page is not None
        self._pushed = False
        self._repeats = False
        self._searches: deque[_Search] = deque()

    def next(self, page: Page, link: int | None) -> int | None:
        """Take the page that was asked for, and return the position to ask for next; None at the end.

        :param page: with its entries; its ``position`` is the one asked for
        :param link: the position to which its pager leads; None where it leads no further, or there is none;
            :data:`ASTRAY` where it leads to no page of the listing
        """
        read = _Read(page.position or 0, tuple(own_ids(self._listing, page)), link)
        step = self._take(page, read)
        if not self.beyond:
            self._trail.add(read)
        if step is not None and len(self._trail) >= self._most:
            return self._give_up(f"{self._most} pages, and no end in sight")
        return step

    def fail(self, position: int, reason: str, *, missing: bool = False) -> int | None:
        """Note that the page at ``position`` could not be had; return as :meth:`next` does.

        :param missing: whether the server says that there is no such page
        """
        if missing and self._is_behind_end():
            return self._ended("short-page")
        self._missing.append(position)
        return self._give_up(f"position {position}: {reason}")

    def coverage(self) -> Coverage:
        """Return what the walk proves.

        ``repeat`` proves the end where pagers led to the page that is repeated, and its own
        leads no further: a server without pagers can be stuck.
        """
        proved = self._end == "short-page" or (self._end == "repeat" and self._has_pagers())
        return Coverage(
            listing=self._listing,
            complete=self.over and proved and self.trouble is None,
            end=self._end,
            positions=runs_of(sorted(set(self._trail.positions)), self._full),
            gaps=runs_of(sorted(set(self._missing)), self._full),
        )

    def gone(self) -> list[str]:
        """Return the ids of the last snapshot that the walk should have shown and did not, in their order.

        Those above the last one that it did show; all, where it is complete. None for a walk in trouble.
        """
        if self.trouble is not None or not self.over:
            return []
        return [id_ for id_ in self._expected(self._trail.shows) if not self._trail.shows(id_)]

    @property
    def entries(self) -> int:
        """How many of the listing's own entries the walk has seen, each counted once."""
        return self._trail.entries

    # --- down the listing --------------------------------------------------------------

    def _take(self, page: Page, read: _Read) -> int | None:
        self.beyond = not read.ids and read.link is None and not is_cut(page) and self._is_behind_end()
        if self.beyond:
            return self._ended("short-page")
        if not is_whole(page):
            why = page.problems[0] if page.problems else "no layout recognises the page"
            return self._give_up(f"position {read.position}: {why}")
        if self._phase == "behind":
            return self._behind(page, read)
        if self._phase == "down":
            return self._down(page, read)
        if not read.ids:
            return self._give_up(f"position {read.position}: an empty page, where entries stood before")
        if self._phase == "gone":
            return self._search_on(read)
        if not any(map(self._trail.shows, read.ids)):
            # All of it is new: it joins what is known further down.
            return read.position + self._step
        return self._look_for_gone(read)

    def _down(self, page: Page, read: _Read) -> int | None:
        before = self._trail.last
        if not read.ids:
            return self._give_up(f"position {read.position}: an empty page, which proves no end")
        if read.link is not None and 0 < read.link - read.position <= max(len(read.ids), self._full):
            self._step = read.link - read.position
        if before is not None and read.ids == before.ids:
            return self._repeated(read, before)
        known = [*map(self._trail.shows, read.ids)]
        if all(known) and not (before and before.ids[-len(read.ids) :] == read.ids):
            return self._give_up(f"position {read.position}: only entries that other pages have shown")
        if self._repeats or any(known):
            # Pushed down by new ones: this page shows some entries again, or the one before it showed them all.
            self._pushed, self._repeats = True, False
        if self._since is not None and _older(page, self._since):
            return self._ended("limit", read)
        if len(read.ids) < self._step and read.link is None:
            return self._short(read)
        self.agreed = self._agrees(page)
        if self.agreed is not None:
            return self._ended("carried", read)
        return read.position + self._step

    def _short(self, read: _Read) -> int | None:
        if self._has_pagers():
            return self._ended("short-page", read)
        self._phase = "behind"
        return read.position + (self._full if self._by_page else len(read.ids))

    def _behind(self, page: Page, read: _Read) -> int | None:
        """Take the page behind a short one of a site without pagers."""
        if all(map(self._trail.shows, read.ids)):
            self.beyond = True
            return self._ended("short-page")
        self._phase = "down"
        self._step = max(1, read.position - self._trail.positions[-1])
        return self._down(page, read)

    def _repeated(self, read: _Read, before: _Read) -> int | None:
        """Take a page that is the one before: beyond the end, or pushed down by just as many new entries."""
        if before.position == 0:
            return self._give_up(f"position {read.position}: the first page again: the server ignores the position")
        if not self._repeats:
            self._repeats = True
            return read.position + self._step
        if read.link is None and before.link is None:
            return self._ended("repeat", read)
        return self._give_up(f"position {read.position}: the same page for the third time, though its pager leads on")

    def _agrees(self, page: Page) -> int | None:
        """Return behind which of the last snapshot's entries the page ends, where it shows them just as they were."""
        shown = own_entries(self._listing, page)
        if len(shown) < self._step:
            return None
        for first, entry in enumerate(self._latest):
            if entry == shown[0] and self._latest[first : first + len(shown)] == shown:
                return first + len(shown)
        return None

    def _is_behind_end(self) -> bool:
        """Tell whether there is nothing more to expect: pagers led to the page before, and its own leads no further.

        Elsewhere a page without entries is no end, for errors look like that.
        """
        if self._phase == "behind":
            return True
        before = self._trail.last
        return self._phase == "down" and before is not None and before.link is None and self._has_pagers()

    def _has_pagers(self) -> bool:
        return self._trail.has_links

    # --- once the end is seen ----------------------------------------------------------

    def _ended(self, end: End, read: _Read | None = None) -> int | None:
        self._end = end
        if self._pushed:
            self._phase = "top"
            return 0
        return self._look_for_gone(read)

    def _look_for_gone(self, read: _Read | None) -> int | None:
        self._phase = "gone"
        now = dict.fromkeys(read.ids, read.position) if read else {}
        found: dict[int, _Search] = {}
        beneath = self._gone_beneath(lambda id_: id_ in now or self._trail.shows(id_))
        here = {**self._trail.where(id_ for id_ in beneath if id_ is not None), **now}
        for above in beneath:
            position = here[above] if above is not None else 0
            # Of two on one page the lower one: what stands above it stands above the other, too.
            found[position] = _Search(position, above)
        self._searches = deque(found[position] for position in sorted(found))
        return self._next_search()

    def _gone_beneath(self, seen: Callable[[str], bool]) -> list[str | None]:
        """Return beneath which entries others seem to be gone, in the order of the last snapshot; None for the top."""
        found: dict[str | None, None] = {}
        above: str | None = None
        for id_ in self._expected(seen):
            if seen(id_):
                above = id_
            else:
                found[above] = None
        return list(found)

    def _search_on(self, read: _Read) -> int | None:
        """Take a page that was read again; where the place has moved on to the next one, go after it."""
        search = self._searches.popleft()
        moved = search.beneath is not None and (search.beneath not in read.ids or search.beneath == read.ids[-1])
        if moved and search.tries > 1 and len(read.ids) >= self._step:
            self._searches.appendleft(_Search(search.position + self._step, search.beneath, search.tries - 1))
        return self._next_search()

    def _next_search(self) -> int | None:
        if self._searches:
            return self._searches[0].position
        self.over = True
        return None

    def _expected(self, seen: Callable[[str], bool]) -> Sequence[str]:
        """Return the ids of the last snapshot that the walk came past; all, where it came to the end."""
        if self._end not in _ENDS_OF_CRAWL:
            return self._known
        last = max((place for place, id_ in enumerate(self._known) if seen(id_)), default=-1)
        return self._known[: last + 1]

    def _give_up(self, reason: str) -> int | None:
        self.trouble = reason
        self.over = True
        return None


def _older(page: Page, since: str) -> bool:
    days = [entry.date_latest for entry in page.entries if entry.kind == "entry" and entry.date_latest]
    return bool(days) and all(day < since for day in days)
