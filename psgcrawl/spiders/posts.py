"""The posts of the WordPress site."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from psgcrawl import derive, site, urls
from psgcrawl.archive.compare.evidence import field_of, shown_by
from psgcrawl.archive.coverage import is_beside, own_entries
from psgcrawl.captures.live import WHOLE
from psgcrawl.errors import DamagedData, UnreadablePage, UsageError
from psgcrawl.layouts.wordpress import feed
from psgcrawl.posting import poll, ways
from psgcrawl.posting.walks import ChainWalk, RestWalk
from psgcrawl.posting.ways import Search, Step, Way
from psgcrawl.rebuild.before import Before, must_be_full
from psgcrawl.records import Coverage, Entry, Page, replace
from psgcrawl.run import run_of
from psgcrawl.spiders.base import check_mode, why
from psgcrawl.spiders.beside import FOLLOW, BesideSpider

_PASSING = frozenset({408, 425, 429})
"""Statuses of 4xx that may be otherwise a little later."""
_REFUSED = ("robots.txt disallows", "redirected ")
"""How the messages of the middlewares begin that say of an address that it leads nowhere, today and tomorrow."""


class _Closed(Exception):
    """What came is no page of the way that was tried; the message says what it is."""


class PostsSpider(BesideSpider):
    """The posts of the WordPress site, all of them.

    Source
        The REST API (``/wp-json/wp/v2/posts``), ordered by number; where it is closed the feed
        (``/feed/``), and where both are the themed pages from the home page on.
    Arguments
        ``base``: the site, ``https://perusupportgroup.org.uk/`` by default, or the folder that a
        blog is in. ``mode``: ``full`` or ``incremental``. ``follow``: ``entries``.
    Caveats
        Only the REST API counts the posts. What a crawl by each way proves, and what an
        incremental one can miss, stands in ``docs/wordpress.md``.
    """

    name = "posts"
    collection = "posts"
    arguments: ClassVar[Mapping[str, str]] = {
        "base": "the address of the site, or of the folder that its blog is in",
        "mode": "`full` (the default), or `incremental`: only what was changed since the last snapshot",
        "follow": FOLLOW,
    }

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for a wrong argument."""
        super().check_arguments(given)
        check_mode(given)
        if "base" not in given and cls.usual_base() is None:
            raise UsageError(f"-a base= is missing: the profile of {site.current().called} names no WordPress")
        base = given.get("base", cls.usual_base())
        if urlsplit(base).query or urlsplit(base).fragment:
            raise UsageError(f"base: {base!r} is more than the address of a site, or of the folder that its blog is in")

    @classmethod
    def usual_base(cls) -> str | None:
        """Return the address of the site's WordPress."""
        return site.current().wordpress

    def page_of_entry(self, entry: Entry) -> str | None:
        """Return where the page of a post is found, by whatever address; None for one that is on another site."""
        return None if entry.url is None or self.is_listing(entry.url) else self.here(entry.url)

    def is_listing(self, url: str) -> bool:
        """Tell whether an address is one of a list of posts, to which some sites lead from what is gone."""
        return ways.is_listing(url, self.base)

    async def start(self) -> AsyncIterator[Any]:
        """Try the first way; each answer says what to ask for next."""
        run = run_of(self.crawler)
        run.begin(self.collection)
        self._home: Response | None = None
        self._link: str | None = None
        self._walk: RestWalk | ChainWalk | None = None
        self._ways: set[frozenset[str]] = set()
        self._before = Before(run.archive, self.collection)
        self._known, first = self._last_time()
        self._latest = self._compared()
        self._ids: set[str] = set()
        if first is not None and first.way != "rest" and not self._latest:
            # A crawl of everything looks whether there is a better way by now.
            first = None
        self._search = Search(self.base, first)
        for request in self._try_next():
            yield request

    def _last_time(self) -> tuple[Sequence[str], Step | None]:
        """Return the ids of the last snapshot, as far as its pages have an order in that, and its way."""
        try:
            known = list(dict.fromkeys([*self._before.known, *self._before.ids]))
            rows = self._before.snapshot.pages() if self._before.snapshot else ()
            return known, ways.remembered(self.base, ((row.url, row.layout) for row in rows))
        except DamagedData as error:
            run = run_of(self.crawler)
            run.note(f"{error}; it is crawled as if there were no snapshot")
            self._before = Before(run.archive, self.collection, none=True)
            return [], None

    def _compared(self) -> Mapping[str, Entry]:
        """Return the posts of the last snapshot where an incremental crawl compares with them; else nothing."""
        if self.given.get("mode") != "incremental":
            return {}
        every = self.settings.getint("FULL_EVERY")
        try:
            due = must_be_full(run_of(self.crawler).archive, self.collection, every)
            reason = f"every crawl of {every} is full (FULL_EVERY)" if due else self._before.why_not()
        except DamagedData as error:
            reason = str(error)
        if reason is None:
            return self._before.entries
        self._tell_full(reason)
        return {}

    # --- which way ---------------------------------------------------------------------

    def _try_next(self) -> Iterator[Any]:
        step = self._search.next()
        if step is None:
            self._give_up(f"{self.base}: no way to posts of WordPress is open: {'; '.join(self._search.reasons)}")
        elif step.way == "home":
            yield self._request(step, step.url, self.parse_home)
        elif step.way == "rest":
            yield self._request(step, ways.rest_poll(step.url), self.parse_poll)
        else:
            self._walk = ChainWalk(known=self._known, latest=self._latest, most=self.settings.getint("PAGES_MAX"))
            if step.way == "theme" and self._home is not None:
                yield from self.parse_page(self._home, step, 1)
            else:
                yield self._page(step, 1)

    def parse_home(self, response: Response, **_: Any) -> Iterator[Any]:  # noqa: ANN401 - what is told to all
        """Look where the home page leads; it is the first of the themed pages, too."""
        self._home = response
        self._search.read(ways.read_home(self.fetched(response).content.decode("utf-8", "replace"), response.url))
        yield from self._try_next()

    def parse_poll(self, response: Response, step: Step) -> Iterator[Any]:
        """Look at what was changed last; where that tells all, nothing else is asked for."""
        try:
            # Its order is another one: it has no place in the listing.
            page = derive.read(replace(self._read(response, step, 0), position=None))
        except (_Closed, UnreadablePage) as error:
            yield from self._not_read(step, 1, error)
            return
        yield self._seen(page)
        self._walk = RestWalk(known=self._known, most=self.settings.getint("PAGES_MAX"))
        here = Step("rest", ways.root_of(response.url, "rest"))
        reason = poll.differs(page, _number(response, "X-WP-Total"), self._latest) if self._latest else None
        if self._latest and reason is None:
            if all(self._latest.get(entry.id) == entry for entry in own_entries(self.collection, page)):
                yield from self._end_with_poll()
            else:
                # There will be a snapshot: it should be able to say what was not there yet.
                yield self._request(here, ways.rest_newest(here.url), self.parse_newest)
            return
        if reason is not None:
            self._tell_full(reason)
        yield self._page(here, 1)

    def parse_newest(self, response: Response, step: Step) -> Iterator[Any]:
        """Look at the newest posts; where they are what the poll made known, nothing else is asked for."""
        try:
            page = derive.read(replace(self._read(response, step, 0), position=None))
        except (_Closed, UnreadablePage) as error:
            yield from self._stop(1, str(error))
            return
        yield self._seen(page)
        reason = poll.moved(page, _number(response, "X-WP-Total"), {*self._latest, *self._ids})
        if reason is None:
            yield from self._end_with_poll()
        else:
            self._tell_full(reason)
            yield self._page(step, 1)

    def _end_with_poll(self) -> Iterator[Request]:
        carried = Coverage(listing=self.collection, complete=False, end="carried", positions=[], gaps=[])
        self._carry(carried, self._ids)
        yield from self._ask_beside(())

    # --- along the way -----------------------------------------------------------------

    def _page(self, step: Step, number: int) -> Request:
        if step.way == "rest":
            url = ways.rest_page(step.url, number)
        elif step.way == "feed":
            url = ways.feed_page(step.url, number)
        else:
            url = step.url if number == 1 or self._link is None else self._link
        return self._request(step, url, self.parse_page, number=number)

    def _request(self, step: Step, url: str, callback: Any, **told: int) -> Request:  # noqa: ANN401 - a method
        # A feed is dated by its last change: where a post was taken away the server says 304, and that is not true.
        conditional = step.way == "feed" and told["number"] == 1 and bool(self._latest)
        return Request(
            url,
            callback=callback,
            errback=self.missed,
            # The walks come back to pages, on purpose.
            dont_filter=True,
            cb_kwargs={"step": step, **told},
            meta={_ASKED: url} if conditional else {_ASKED: url, WHOLE: True},
        )

    def parse_page(self, response: Response, step: Step, number: int) -> Iterator[Any]:
        """Yield the page, and what to ask for next."""
        walk = self._walk
        assert walk is not None  # noqa: S101 - there is one where a page is asked for
        try:
            page = derive.read(self._read(response, step, walk.position))
        except (_Closed, UnreadablePage) as error:
            yield from self._not_read(step, number, error)
            return
        self._home = None
        yield self._seen(page)
        if isinstance(walk, RestWalk):
            onward = walk.next(page, _number(response, "X-WP-Total"), _number(response, "X-WP-TotalPages"))
        else:
            self._link = None if page.next_href is None else urls.joined(response.url, page.next_href)
            onward = walk.next(page, more=self._link is not None if step.way == "theme" else None)
            if onward not in {None, 1} and self._link is not None and urls.canonical(self._link, None) is None:
                yield from self._stop(number + 1, f"{page.place}: its next page is at {self._link!r}: no address")
                return
        # Where a redirect led, so that not every page goes through it.
        way = _way(step)
        here = step if way == "theme" else Step(way, ways.root_of(response.url, way))
        yield from self._go_on(here, onward)

    def _go_on(self, step: Step, onward: int | None) -> Iterator[Any]:
        if onward is not None:
            yield self._page(step, onward)
        else:
            yield from self._end()

    def _seen(self, page: Page) -> Page:
        self._ways.add(shown_by(page.layout, page.fields))
        shown = own_entries(self.collection, page)
        self._ids.update(entry.id for entry in shown)
        self.show(shown)
        return page

    def _read(self, response: Response, step: Step, position: int) -> Page:
        """Return the page of a response.

        :raises _Closed: for what is no page of the way
        :raises UnreadablePage: for what was one and is broken
        """
        way = _way(step)
        asked = response.meta[_ASKED]
        if way != "theme" and not ways.is_answer_to(asked, response.url):
            raise _Closed(f"{asked}: the server leads to {response.url}")
        page = self.page_of(response, position)
        if page.layout == ways.LAYOUTS[way]:
            return replace(page, note=ways.TOLD[way])
        problem = f"{page.place}: {page.problems[0] if page.problems else 'no listing of WordPress'}"
        if ways.is_cut(way, self.fetched(response).content):
            raise UnreadablePage(f"{problem}; it begins as a page of the {ways.CALLED[way]}, and breaks off")
        raise _Closed(problem)

    # --- what was not had --------------------------------------------------------------

    def _not_read(self, step: Step, number: int, error: Exception) -> Iterator[Any]:
        if isinstance(error, _Closed) and not self._is_open:
            self._search.closed(step, str(error))
            yield from self._try_next()
        else:
            yield from self._stop(number, str(error))

    def missed(self, failure: Failure) -> Iterator[Any]:
        """Go on without a page: a way that was never open is closed, one that was is in trouble."""
        told = failure.request.cb_kwargs  # type: ignore[attr-defined]  # set by Scrapy for errbacks
        step, number = told["step"], told.get("number", 1)
        walk, response = self._walk, _response(failure)
        if self._is_open:
            if number > 1 and isinstance(walk, RestWalk) and response is not None and response.status == 400:
                yield from self._go_on(step, walk.beyond())
            elif number > 1 and isinstance(walk, ChainWalk) and self._is_behind_feed(step, response):
                yield from self._go_on(step, walk.beyond(empty=self._is_empty_feed(response)))
            else:
                yield from self._stop(number, why(failure))
        elif _is_lasting(failure):
            self._search.closed(step, self._said(failure))
            yield from self._try_next()
        else:
            yield from self._stop(number, why(failure))

    @property
    def _is_open(self) -> bool:
        """Whether a page of the way has been had."""
        return isinstance(self._walk, RestWalk) or (self._walk is not None and bool(self._walk.seen))

    def _is_behind_feed(self, step: Step, response: Response | None) -> bool:
        return step.way == "feed" and response is not None and response.status in {404, 410}

    def _is_empty_feed(self, response: Response | None) -> bool:
        """Tell whether it is WordPress that says that there is no such page: a feed, and no post in it."""
        if response is None:
            return False
        try:
            page = self.page_of(response, 0)
        except UnreadablePage:
            return False
        return page.layout == feed.LAYOUT and not page.raw

    def _said(self, failure: Failure) -> str:
        """Return why a way is closed, with what the REST API says of it."""
        response = _response(failure)
        if response is None:
            return why(failure)
        try:
            problems = self.page_of(response, 0).problems
        except UnreadablePage:
            problems = ()
        said = next((problem for problem in problems if ways.closed_for_good(problem)), None)
        return why(failure) if said is None else f"{why(failure)}: {said}"

    # --- the end -----------------------------------------------------------------------

    def _stop(self, number: int, reason: str) -> Iterator[Request]:
        """End in trouble."""
        if self._walk is None:
            self._give_up(reason)
            return
        self._walk.give_up(number, reason)
        yield from self._end()

    def _give_up(self, reason: str) -> None:
        run = run_of(self.crawler)
        nothing = Coverage(listing=self.collection, complete=False, end=None, positions=[], gaps=[])
        run.claim(self.collection, nothing)
        run.wanted(self.collection, reason)

    def _end(self) -> Iterator[Request]:
        run, walk = run_of(self.crawler), self._walk
        assert walk is not None  # noqa: S101 - it is its end
        coverage = walk.coverage()
        if coverage.end == "carried" and isinstance(walk, ChainWalk):
            self._carry(coverage, [*walk.seen, *self._known[: walk.agreed]])
            yield from self._ask_beside(walk.gone())
            return
        run.claim(self.collection, coverage)
        if walk.trouble is not None:
            run.wanted(self.collection, walk.trouble)
            return
        again = ", in two passes" if walk.passes > 1 else ""
        proof = "complete" if coverage.complete else "not complete: nothing shows that these are all"
        run.tell(self.collection, f"{proof}: {len(walk.seen)} posts seen{again}")
        yield from self._ask_beside(walk.gone())

    def _ask_beside(self, gone: Iterable[str]) -> Iterator[Request]:
        """Ask for the pages of posts that are listed no more, and where they are wanted, of new and edited ones."""
        # Only a number names a post for ever: of others it cannot be said which one is gone.
        yield from self.ask_gone(self._before.some(id_ for id_ in gone if id_.startswith(site.POST_IDENTITY)))
        yield from self.ask_shown(lambda: self._before.entries, newest=True, fields=self._in_common)

    def _in_common(self) -> frozenset[str]:
        """Return the fields that all pages show in the same way, those of this crawl and those of the last snapshot."""
        rows = self._before.snapshot.pages() if self._before.snapshot else ()
        there = [shown_by(row.layout, row.fields) for row in rows if not is_beside(row)]
        return frozenset(map(field_of, frozenset.intersection(*self._ways, *there)))

    def _carry(self, coverage: Coverage, shown: Iterable[str]) -> None:
        run, name = run_of(self.crawler), self._before.snapshot.name if self._before.snapshot else ""
        run.claim(self.collection, coverage, partial(self._before.carry_rest, set(shown), run.evidence))
        run.tell(self.collection, f"not complete: what was not looked at stands as in {name}")

    def _tell_full(self, reason: str) -> None:
        run_of(self.crawler).tell(self.collection, f"all pages were asked for, not only new ones: {reason}")


_ASKED = "psgcrawl_asked"
"""In a request's ``meta``: its address before any redirect."""


def _way(step: Step) -> Way:
    return "theme" if step.way == "home" else step.way


def _number(response: Response, name: str) -> int | None:
    """Return what a header counts; None where it does not."""
    value = (response.headers.get(name) or b"").strip()
    return int(value) if value.isdigit() and len(value) < 10 else None


def _response(failure: Failure) -> Response | None:
    return failure.value.response if isinstance(failure.value, HttpError) else None


def _is_lasting(failure: Failure) -> bool:
    """Tell whether a way is closed: the server refuses it, robots.txt does, or it leads to another site."""
    response = _response(failure)
    if response is not None:
        return 400 <= response.status < 500 and response.status not in _PASSING
    return isinstance(failure.value, IgnoreRequest) and str(failure.value).startswith(_REFUSED)
