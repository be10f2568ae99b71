"""The listings that have several pages: the walk, and what is made of it."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from psgcrawl import derive, urls
from psgcrawl.archive.coverage import own_entries
from psgcrawl.errors import DamagedData, UnreadablePage, UsageError
from psgcrawl.paging import ASTRAY, ListingWalk
from psgcrawl.rebuild.before import Before, must_be_full
from psgcrawl.records import Entry, Page
from psgcrawl.run import run_of
from psgcrawl.spiders.base import check_day, check_mode, why
from psgcrawl.spiders.beside import FOLLOW, BesideSpider
from psgcrawl.spiders.php import BASE, LISTING, PhpSpider

_MISSING = frozenset({404, 410})


class PagedSpider(BesideSpider, PhpSpider):
    """A spider that walks through a listing (:mod:`psgcrawl.paging`), one page at a time."""

    paged = True
    arguments: ClassVar[Mapping[str, str]] = {
        "base": BASE,
        "mode": "`full` (the default), or `incremental`: end with the first page that is as the last snapshot has it",
        "since": "a day, `2019-06-30`: end with the page on which everything is older",
        "follow": FOLLOW,
    }

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for a wrong argument."""
        super().check_arguments(given)
        check_mode(given)
        if "since" in given:
            check_day("since", given["since"])
            if given.get("mode") == "incremental":
                raise UsageError("since: an incremental crawl carries over what is older, nothing is left out")

    def page_of_entry(self, entry: Entry) -> str | None:
        """Return where the page of an entry is found; None for one that links none."""
        detail = entry.url is not None and urls.link_identity(entry.url, self.site) is not None
        return self.here(str(entry.url)) if detail else None

    def is_listing(self, url: str) -> bool:
        """Tell whether an address is that of a listing's page."""
        return urls.listing_page(url, url) is not None

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the first page; each answer says what to ask for next."""
        run = run_of(self.crawler)
        run.begin(self.collection)
        self._before = Before(run.archive, self.collection)
        self._walk = self._begin()
        yield self._page(0)

    def _begin(self) -> ListingWalk:
        run = run_of(self.crawler)
        try:
            known: Sequence[str] = self._before.known
            _ = self._before.ids
        except DamagedData as error:
            run.note(f"{error}; it is crawled as if there were no snapshot")
            self._before, known = Before(run.archive, self.collection, none=True), ()
        latest: Sequence[Entry] = ()
        if self.given.get("mode") == "incremental":
            reason = self._why_full()
            if reason is None:
                latest = self._before.latest
            else:
                run.tell(self.collection, f"all pages were asked for, not only new ones: {reason}")
        most = self.settings.getint("PAGES_MAX")
        return ListingWalk(self.collection, known=known, latest=latest, since=self.given.get("since"), most=most)

    def _why_full(self) -> str | None:
        every = self.settings.getint("FULL_EVERY")
        if must_be_full(run_of(self.crawler).archive, self.collection, every):
            return f"every crawl of {every} is full (FULL_EVERY)"
        return self._before.why_not()

    def _address(self, position: int) -> str:
        return f"{self.site}{self.listing.target(position)}"

    def _is_at(self, url: str, position: int) -> bool:
        """Tell whether an answer is that of the page at a position, wherever redirects led."""
        asked = self._address(position)
        # Where pages are numbered, one can begin above the position that is asked for.
        return url == asked or urls.listing_page(url, url) == urls.listing_page(asked, self.site)

    def _page(self, position: int) -> Request:
        return Request(
            self._address(position),
            callback=self.parse,
            errback=self.missed,
            # The walk comes back to pages, on purpose.
            dont_filter=True,
            cb_kwargs={"position": position},
        )

    def parse(self, response: Response, position: int) -> Iterator[Page | Request]:
        """Yield the page, and what to ask for next."""
        if not self._is_at(response.url, position):
            yield from self._go_on(self._walk.fail(position, f"the server leads to {response.url}"))
            return
        try:
            page = self.page_of(response, position)
        except UnreadablePage as error:
            reason = str(error).removeprefix(f"{response.url}: ")
            yield from self._go_on(self._walk.fail(position, reason))
            return
        page = derive.read(page)
        onward = self._walk.next(page, link_of(page, self.collection))
        if not self._walk.beyond:
            self.show(own_entries(self.collection, page))
            yield page
        yield from self._go_on(onward)

    def missed(self, failure: Failure) -> Iterator[Page | Request]:
        """Go on without a page: the walk decides what that means."""
        request = failure.request  # type: ignore[attr-defined]  # set by Scrapy for errbacks
        missing = isinstance(failure.value, HttpError) and failure.value.response.status in _MISSING
        reason = why(failure).removeprefix(f"{request.url}: ")
        yield from self._go_on(self._walk.fail(request.cb_kwargs["position"], reason, missing=missing))

    def _go_on(self, position: int | None) -> Iterator[Page | Request]:
        if position is not None:
            yield self._page(position)
        else:
            yield from self._end()

    def _end(self) -> Iterator[Page | Request]:
        run, walk = run_of(self.crawler), self._walk
        carry = None if walk.agreed is None else partial(self._carry, walk.agreed)
        run.claim(self.collection, walk.coverage(), carry)
        if walk.trouble is not None:
            run.wanted(self.collection, walk.trouble)
            return
        self.tell(self._summary())
        yield from self.ask_gone(self._before.some(walk.gone()))
        yield from self.ask_shown(lambda: self._before.entries)

    def _carry(self, agreed: int) -> Sequence[Page]:
        return self._before.carry(agreed, run_of(self.crawler).evidence)

    def _summary(self) -> str:
        coverage, number = self._walk.coverage(), self._walk.entries
        seen = "1 entry seen" if number == 1 else f"{number} entries seen"
        if coverage.complete:
            return f"complete, from the first page to the last: {seen}"
        if coverage.end == "limit":
            return f"not complete: pages on which everything is older than {self.given['since']} were left out: {seen}"
        if coverage.end == "carried" and self._before.snapshot is not None:
            rest = len(self._before.latest) - (self._walk.agreed or 0)
            name = self._before.snapshot.name
            return f"not complete: {seen}; the {rest} behind them were not looked at, they stand as in {name}"
        return f"not complete: the last page comes again and again, and nothing shows that it is the last: {seen}"


class ListingSpider(PagedSpider):
    """A listing of several pages that the archive's ``site.toml`` declares, to its end.

    Source
        The listing's ``path``, along its ``parameter``, the newest first.
    Arguments
        ``listing``: its name. ``base``: the site's ``address`` by default. ``mode``: ``full`` or
        ``incremental``. ``since``: a day. ``follow``: ``entries``.
    Caveats
        Complete only with proof (``docs/listings.md``); an incremental crawl never is.
    """

    name = "listing"
    arguments: ClassVar[Mapping[str, str]] = {**LISTING, **PagedSpider.arguments}


def link_of(page: Page, listing: str) -> int | None:
    """Return the position to which the pager of a page leads, as :meth:`ListingWalk.next` wants it.

    A link to a place of the page itself (``#``) is what pagers print where there is no next page.
    """
    href = (page.next_href or "").strip()
    if not href or href.startswith("#"):
        return None
    url = urls.canonical(urls.joined(page.url or "", href), page.url)
    found = urls.listing_page(url, page.url)
    return found.position if found is not None and found.listing == listing else ASTRAY
