"""Through the pages of one way, from the first to a proved end, once more where it did not add up.

==============  =====================================================================
``total``       REST: each page counts as many posts as came, and all pages count the same
``short-page``  feed: behind a page shorter than the first there is none (404), or the feed
                itself answers, 404 and without a post; theme: the pager leads to a last page
``carried``     a whole page is as the last snapshot has it: no proof of the end
==============  =====================================================================

Whatever else ends a walk is trouble: a page that was not read whole, an empty page, a
page that only repeats. Where nothing is wrong, but nothing is proved either (a server
that does not count, a full last page, a front page without pager), the end is None.

Posts are deleted and published while a walk goes on: one that moves to a page already
read is seen on none. A count that changes shows it; so does a post of the last snapshot
that seems to be gone, and a first page that is another one at the end. Then the walk is
made once more, from the start.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from psgcrawl import site
from psgcrawl.archive.coverage import is_whole, own_entries, own_ids, runs_of
from psgcrawl.posting.poll import COLLECTION
from psgcrawl.records import Coverage, End, Entry, Page

MOST_PAGES: Final = 500
MOST_PASSES: Final = 2


class Walk:
    """What the walks share. Pages are numbered from 1; ``position`` counts the entries of the pages before."""

    def __init__(self, *, known: Sequence[str] = (), most: int = MOST_PAGES) -> None:
        """Begin at the first page.

        :param known: ids of the last snapshot; for :class:`ChainWalk` in the order of its pages
        :param most: how many pages one pass may have
        """
        self.trouble: str | None = None
        """Why the walk could not come to its end, in words."""
        self.over = False
        self.passes = 1
        """How often it was gone through."""
        self.seen: set[str] = set()
        """Ids of all posts, of every pass."""
        self._known = known
        self._most = most
        self._end: End | None = None
        self._positions: set[int] = set()
        self._here: set[str] = set()
        self._sizes: list[int] = []
        self._top = False
        """Whether the first page was asked for again, to see whether it still is the same."""

    @property
    def position(self) -> int:
        """Place of the next page: how many entries the pages before it showed, in this pass."""
        return 0 if self._top else sum(self._sizes)

    @property
    def complete(self) -> bool:
        """Whether all posts were seen, from the first page to a proved end."""
        return self.over and self.trouble is None and self._end in {"total", "short-page"}

    def coverage(self) -> Coverage:
        """Return what the walk proves."""
        positions = runs_of(sorted(self._positions), site.current().step(COLLECTION))
        return Coverage(listing=COLLECTION, complete=self.complete, end=self._end, positions=positions, gaps=[])

    def gone(self) -> list[str]:
        """Return the ids of the last snapshot that the walk should have shown and did not, in their order.

        All, where it is complete; where it ended with what the last snapshot has, those above. None for one in trouble.
        """
        return [id_ for id_ in self._expected() if id_ not in self.seen]

    def _expected(self) -> Sequence[str]:
        """Return the ids of the last snapshot that the walk came past."""
        return self._known if self.complete else ()

    def give_up(self, number: int, reason: str) -> None:
        """End in trouble on a page."""
        self.trouble = f"page {number}: {reason}"
        self._end = None
        self.over = True

    def _readable(self, page: Page, number: int) -> bool:
        """Note the page; end where it was not read whole, or shows nothing."""
        if page.position is not None:
            self._positions.add(page.position)
        if not is_whole(page):
            self.give_up(number, page.problems[0] if page.problems else "no layout recognises the page")
        elif not page.entries:
            self.give_up(number, "a page without any post, which proves nothing")
        return not self.over

    def _onward(self, number: int) -> int | None:
        if number < self._most:
            return number + 1
        self.give_up(number, "no end in sight (PAGES_MAX)")
        return None

    def _take(self, page: Page) -> bool:
        """Add the posts of a page; tell whether one of them is new in this pass."""
        ids = own_ids(COLLECTION, page)
        new = not self._here.issuperset(ids)
        self._sizes.append(len(ids))
        self._here.update(ids)
        self.seen.update(ids)
        return new

    def _missing(self) -> bool:
        """Tell whether a post of the last snapshot has been seen in no pass."""
        return not self.seen.issuperset(self._known)

    def _once_more(self) -> None:
        self.passes += 1
        self._here, self._sizes = set(), []


class RestWalk(Walk):
    """Through the REST API, ordered by number, so that what is published meanwhile comes at the end."""

    def __init__(self, *, known: Sequence[str] = (), most: int = MOST_PAGES) -> None:
        super().__init__(known=known, most=most)
        self._totals: list[int | None] = []

    def next(self, page: Page, total: int | None, pages: int | None) -> int | None:
        """Take the page that was asked for, and return the number of the next; None at the end.

        :param total: ``X-WP-Total``
        :param pages: ``X-WP-TotalPages``
        """
        number = len(self._sizes) + 1
        if not self._readable(page, number):
            return None
        new = self._take(page)
        self._totals.append(total)
        last = number >= pages if pages is not None else self._sizes[-1] < self._sizes[0]
        return self._passed() if last or not new else self._onward(number)

    def beyond(self) -> int | None:
        """Take the answer that there is no such page: an end that proves nothing; return as :meth:`next` does.

        Not for the first page: :meth:`give_up` there.
        """
        return self._passed()

    def _passed(self) -> int | None:
        counted, came = set(self._totals), len(self._here)
        sound = counted == {came}
        if None in counted:
            # Who does not count in one pass does not in the next.
            self.over = True
        elif self.passes < MOST_PASSES and (not sound or self._missing()):
            self._totals = []
            self._once_more()
            return 1
        elif sound:
            self._end, self.over = "total", True
        else:
            told = " and ".join(str(total) for total in sorted(map(int, filter(None, counted))))
            self.give_up(len(self._sizes), f"the server counts {told} posts, and {came} came, also at the second try")
        return None


class ChainWalk(Walk):
    """Through the feed, or the themed pages, the newest first."""

    def __init__(
        self, *, known: Sequence[str] = (), latest: Mapping[str, Entry] | None = None, most: int = MOST_PAGES
    ) -> None:
        """Begin at the first page.

        :param latest: the posts of the last snapshot, where the walk may end with the first page that agrees with them
        """
        super().__init__(known=known, most=most)
        self.agreed = 0
        """Of how many of the last snapshot's posts the end of the page that agreed is the end."""
        self._latest = latest or {}
        self._first: list[str] = []
        self._pager = False
        self._proved = False

    def next(self, page: Page, *, more: bool | None) -> int | None:
        """Take the page that was asked for, and return the number of the next; None at the end.

        :param more: whether its pager leads on; None where there are no pagers (the feed)
        """
        number = 1 if self._top else len(self._sizes) + 1
        if not self._readable(page, number):
            return None
        if self._top:
            return self._at_top(page, more=more)
        if number == 1:
            self._first = own_ids(COLLECTION, page)
        self._pager |= bool(more)
        if not self._take(page) and (more or self._sizes[-1] >= self._sizes[0]):
            self.give_up(number, "only posts that other pages have shown")
            return None
        if self._agrees(page):
            self._end, self.over = "carried", True
            return None
        return self._passed(proved=self._pager) if more is False else self._onward(number)

    def beyond(self, *, empty: bool) -> int | None:
        """Take the answer 404 for the page behind the last; return as :meth:`next` does.

        Not for the first page, nor where a pager led: :meth:`give_up` there.

        :param empty: whether the answer is a feed nevertheless, without a post
        """
        return self._passed(proved=empty or self._sizes[-1] < self._sizes[0])

    def _expected(self) -> Sequence[str]:
        return self._known[: self.agreed] if self._end == "carried" else super()._expected()

    def _passed(self, *, proved: bool) -> int | None:
        self._proved = proved
        if len(self._sizes) == 1:
            self._ended()
            return None
        self._top = True
        return 1

    def _at_top(self, page: Page, *, more: bool | None) -> int | None:
        """Take the first page again: where it is another one, it is the first of the second pass."""
        self._top = False
        same = own_ids(COLLECTION, page) == self._first
        if same and not (self._proved and self._missing() and self.passes < MOST_PASSES):
            self._ended()
            return None
        if self.passes >= MOST_PASSES:
            self.give_up(1, "it is another one at the end of the crawl than at its beginning, also at the second try")
            return None
        self._once_more()
        return self.next(page, more=more)

    def _ended(self) -> None:
        self._end = "short-page" if self._proved else None
        self.over = True

    def _agrees(self, page: Page) -> bool:
        """Tell whether a page is as the last snapshot has it: the same posts in the same order, and none between."""
        shown = own_entries(COLLECTION, page)
        if any(self._latest.get(entry.id) != entry for entry in shown):
            return False
        ids = [entry.id for entry in shown]
        first = self._known.index(ids[0]) if ids[0] in self._known else 0
        self.agreed = first + len(ids)
        return list(self._known[first : self.agreed]) == ids
