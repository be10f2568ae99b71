"""Captures of web archives."""

import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar, Final, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DownloadConnectionRefusedError
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import BaseSettings

from psgcrawl import site
from psgcrawl.captures.bringing import Bringing
from psgcrawl.errors import BadCapture, CrawlEnds, UsageError
from psgcrawl.manners.addresses import origins
from psgcrawl.records import Page, Source
from psgcrawl.run import run_of
from psgcrawl.spiders.base import LiveSpider, check_day
from psgcrawl.webarchive import answers, plan, queries, rows
from psgcrawl.webarchive.addresses import INTERNET_ARCHIVE, Access, stamp_of, ways
from psgcrawl.webarchive.answers import Archived, Busy, Excluded, Failing, Onward
from psgcrawl.webarchive.asked import ASKED, BROUGHT, KIND, Asked, Kind
from psgcrawl.webarchive.budgets import limits_of
from psgcrawl.webarchive.captures import wanted
from psgcrawl.webarchive.here import Here, key, look
from psgcrawl.webarchive.plan import Plan, Step
from psgcrawl.webarchive.progress import Progress
from psgcrawl.webarchive.queries import Query, Window
from psgcrawl.webarchive.rows import NoIndex, Row

_ALL: Final = "all"
_ONWARD: Final = 3
"""How often a web archive may lead from one capture to another."""
_FAILURES: Final = 5
"""So many captures in a row that the web archive failed to give end the crawl: it is in trouble."""
_MIDDLEWARES: Final = {
    "psgcrawl.middlewares.archives.ArchivesMiddleware": 940,
    "psgcrawl.middlewares.pacing.PacingMiddleware": None,
}
_ROBOTS: Final = {"psgcrawl.middlewares.robots.RobotsMiddleware": None}


class _Stopped(Exception):
    """Nothing more is to be asked in this run; the message says why."""


class _NotGiven(Exception):
    """One capture was not given; the message says why."""

    def __init__(self, reason: str, *, lasting: bool, missed: bool = True) -> None:
        super().__init__(reason)
        self.lasting = lasting
        """Whether it will not be given tomorrow either."""
        self.missed = missed
        """Whether anything is missing without it."""


class WaybackSpider(LiveSpider):
    """Captures of the site's listings in a web archive, from the first on.

    Source
        The index (CDX) and the mementos (``id_``: unchanged bytes) of the Internet Archive, of
        a collection of pywb, or of any web archive that has both.
    Arguments
        ``listing``, ``since``, ``until``, ``webarchive``, ``plan``.
    Caveats
        A web archive has what somebody captured: hardly ever all pages of a listing at one
        time. Nothing is claimed of what it has not. ``docs/backfill.md`` has the rules.
    """

    name = "wayback"
    source: ClassVar[Source] = "memento"
    arguments: ClassVar[Mapping[str, str]] = {
        "listing": "a listing of the site, such as `news`, or `all` (the default)",
        "since": "a day, `2008-05-12`: only captures of that day and later ones",
        "until": "a day: only captures of that day and earlier ones",
        "webarchive": f"the address of a web archive, or of a collection of pywb; `{INTERNET_ARCHIVE}` by default",
        "plan": "`yes`: ask the index, say what would be fetched, and fetch nothing",
    }

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for a wrong argument."""
        super().check_arguments(given)
        for name, allowed in (("listing", (*site.current().names, _ALL)), ("plan", ("yes", "no"))):
            if given.get(name, allowed[-1]) not in allowed:
                raise UsageError(f"{name}: {given[name]!r} is not known; it can be {', '.join(allowed)}")
        for name in ("since", "until"):
            if name in given:
                check_day(name, given[name])
        if given.get("since", "") > given.get("until", "~"):
            raise UsageError(f"since: {given['since']!r} is after until: {given['until']!r}")
        origins(given.get("webarchive", INTERNET_ARCHIVE), "webarchive")

    @classmethod
    def check_settings(cls, settings: BaseSettings) -> None:
        """Raise :class:`UsageError` where nobody answers for the crawl, and for budgets that are none."""
        super().check_settings(settings)
        for name in ("WAYBACK_INDEX_PER_MINUTE", "WAYBACK_MEMENTOS_PER_SECOND"):
            try:
                limits_of(settings.getfloat(name), 1)
            except ValueError as error:
                raise UsageError(f"{name}: {error}") from error
        if settings.getint("WAYBACK_ROWS") < 1:
            raise UsageError(f"WAYBACK_ROWS: {settings['WAYBACK_ROWS']!r} is not above 0")

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Pace by the budgets of web archives; ``robots.txt`` is not asked for (``docs/backfill.md`` says why)."""
        super().update_settings(settings)
        settings.set("DOWNLOAD_DELAY", 0, priority="spider")
        settings.set("ROBOTSTXT_OBEY", value=False, priority="spider")
        robots = {} if settings.getbool("ROBOTSTXT_OBEY") else _ROBOTS
        middlewares = {**settings.getdict("DOWNLOADER_MIDDLEWARES"), **_MIDDLEWARES, **robots}
        settings.set("DOWNLOADER_MIDDLEWARES", middlewares, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy has it
        """Build the spider, for one web archive.

        :raises UsageError: as :meth:`LiveSpider.from_crawler`
        """
        spider = super().from_crawler(crawler, *args, **kwargs)
        given = spider.given
        spider.webarchive = str(given.get("webarchive", INTERNET_ARCHIVE)).rstrip("/")
        spider.origins = origins(spider.webarchive, "webarchive")
        listing = given.get("listing", _ALL)
        spider.listings = site.current().names if listing == _ALL else (listing,)
        spider.window = queries.window(given.get("since"), given.get("until"))
        return spider

    webarchive: str
    listings: tuple[str, ...]
    window: Window

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Scrapy has it
        """Begin with nothing done: a crawl can end before it starts, and its end asks what was done."""
        super().__init__(*args, **kwargs)
        self._unread: set[str] = set()
        """Listings whose index was not read yet."""
        self._open: dict[str, int] = {}
        """Captures of a listing that are still to come."""
        self._reason = ""
        """Why the crawl was stopped, if it was."""

    # --- the crawl ----------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Any]:
        """Ask the index, make the plan, and bring what is missing, in order of time."""
        run = run_of(self.crawler)
        run.webarchive = self.webarchive
        # First of all: what runs that died have left can be taken up once it is set aside.
        self._bringing = Bringing(run.evidence, run.started)
        self._unread = set(self.listings)
        self._failed = 0
        try:
            plans = await self._plans()
            if self.given.get("plan") == "yes":
                run.plan(list(plan.lines(plans, self.webarchive)))
                self._open.clear()
                return
            async for page in self._all(plans):
                yield page
        except _Stopped as stop:
            self._reason = str(stop)
            raise CloseSpider("the web archive cannot be asked") from stop

    async def _all(self, plans: list[Plan]) -> AsyncIterator[Page]:
        self._progress = Progress(sys.stderr, sum(one.due for one in plans))
        self._planned = {key(step.wanted.row.url, step.wanted.row.stamp) for one in plans for step in one.steps}
        try:
            for one in plans:
                pages: list[Page] = []
                for batch in one.batches():
                    # What belongs together comes together: a batch that is broken off waits for the next run.
                    found = [page for step in batch if (page := await self._settled(step)) is not None]
                    self._open[one.listing] -= sum(step.is_due for step in batch)
                    pages += found
                    for page in found:
                        yield page
                self._tell(one, pages)
        finally:
            self._progress.end()

    # --- the index ----------------------------------------------------------------------

    async def _plans(self) -> list[Plan]:
        """Return what is to be done for each listing.

        :raises _Stopped: where the index cannot be had
        """
        run = run_of(self.crawler)
        self._access: Access | None = None
        problems: list[str] = []
        again = self.settings.getint("WAYBACK_AGAIN_AFTER")
        self._here = look(run.archive, ways(self.webarchive), run.started, again, problems)
        for problem in problems:
            run.note(problem)
        found: dict[str, list[Row]] = {listing: [] for listing in self.listings}
        for query in queries.queries(self.listings, self.window):
            found[query.listing] += await self._rows(query)
        plans: list[Plan] = []
        coming: set[str] = set()
        for listing, its in found.items():
            window = queries.within(listing, self.window)
            plans.append(plan.plan(listing, wanted(listing, its, window), self._here, coming))
            self._open[listing] = plans[-1].due
        self._unread.clear()
        return plans

    async def _rows(self, query: Query) -> list[Row]:
        """Return all rows that answer a query, however many answers that takes."""
        most = self.settings.getint("WAYBACK_ROWS")
        found: list[Row] = []
        resume: str | None = None
        keys: set[str] = set()
        while True:
            answer = await self._answer(query, most, resume)
            found += answer.rows
            for problem in answer.bad[:3]:
                run_of(self.crawler).note(f"{query.url}: {problem}")
            if answer.resume is None:
                break
            if answer.resume in keys:
                run_of(self.crawler).wanted(
                    query.listing, f"{query.url}: the index goes in a circle: {answer.resume!a}"
                )
                return found
            keys.add(answer.resume)
            resume = answer.resume
        if answer.dialect in {"objects", "cdxj"} and answer.count >= most:
            # pywb cuts the answer, and has no key for the rest.
            halves = query.halves(run_of(self.crawler).started)
            if not halves:
                run_of(self.crawler).wanted(query.listing, f"{query.url}: more than {most} captures of one second")
                return found
            return [row for half in halves for row in await self._rows(half)]
        return found

    async def _answer(self, query: Query, most: int, resume: str | None) -> rows.Answer:
        """Return an answer of the index; the first one tells where the archive has it."""
        reasons = []
        for access in [self._access] if self._access else ways(self.webarchive):
            address = query.address(access, most, resume)
            response = await self._ask(address, "index")
            try:
                answer = self._index_answer(address, response)
            except NoIndex as error:
                reasons.append(f"{address}: {error}")
                continue
            self._access = access
            return answer
        raise _Stopped("; ".join(reasons))

    def _index_answer(self, address: str, response: Response) -> rows.Answer:
        if response.status == 200:
            return rows.parse(response.body)
        meant = answers.own_word(response.status, _said(response))
        if isinstance(meant, Excluded | Busy | Failing):
            raise _Stopped(f"{address}: {meant.reason}")
        raise NoIndex(meant.reason)

    # --- captures -----------------------------------------------------------------------

    async def _settled(self, step: Step) -> Page | None:
        """Return the page of a capture; None where it is held already, or is not given.

        :raises _Stopped: where nothing more is to be asked
        """
        if not step.is_due:
            return None
        page = None
        try:
            page = await self._brought(step)
        except _NotGiven as error:
            run, listing = run_of(self.crawler), step.wanted.listing
            (run.wanted if error.missed else run.tell)(listing, str(error))
            self._bringing.spool.must_stay |= error.lasting
        except BadCapture as error:
            run_of(self.crawler).wanted(step.wanted.listing, str(error))
        self._progress.step(refused=page is None)
        return page

    async def _brought(self, step: Step) -> Page:
        one, here = step.wanted, self._here
        loose = here.loose.get(key(one.row.url, one.row.stamp))
        page = self._bringing.taken_up(one, loose) if loose else None
        if page is None and one.is_plain:
            assert self._access is not None  # noqa: S101 - the index was asked
            source = self._access.memento(one.row.stamp, one.row.url)
            page = self._bringing.repeated(one, source, here.bodies.get(one.row.digest or ""))
        return page or await self._fetched(step)

    async def _fetched(self, step: Step) -> Page:
        """Ask for a capture.

        :raises _NotGiven: where the web archive does not give it
        :raises _Stopped: where it is to be left alone
        """
        access, row = self._access, step.wanted.row
        assert access is not None  # noqa: S101 - the index was asked
        address = access.memento(row.stamp, row.url)
        asked = Asked(access=access, url=row.url, digest=row.digest)
        for _ in range(_ONWARD):
            response = await self._ask(address, "memento", asked)
            meant = answers.meaning(response.status, _said(response), response.url, access, self.window)
            if isinstance(meant, Archived):
                self._failed = 0
                return self._page(step, response, meant.captured)
            if isinstance(meant, Onward):
                other = key(meant.memento.url, meant.memento.stamp)
                if other in self._planned or other in self._here.digests:
                    # pywb passes over redirects to another spelling of the same address.
                    missed = row.status not in answers.REDIRECTS
                    instead = f"{address}: the web archive leads to another capture: {other[1]}"
                    raise _NotGiven(instead, lasting=True, missed=missed)
                address = meant.address
                asked = Asked(access=access, url=meant.memento.url, digest=None)
                continue
            self._ended(address, meant)
        raise _NotGiven(f"{address}: the web archive leads on and on", lasting=True)

    def _ended(self, address: str, meant: answers.Refused | Excluded | Busy | Failing) -> None:
        if isinstance(meant, Busy | Excluded):
            raise _Stopped(f"{address}: {meant.reason}")
        lasting = not isinstance(meant, Failing)
        self._failed = 0 if lasting else self._failed + 1
        if self._failed >= _FAILURES:
            raise _Stopped(f"{address}: {meant.reason}, {self._failed} times in a row")
        raise _NotGiven(f"{address}: {meant.reason}", lasting=lasting)

    def _page(self, step: Step, response: Response, captured: str) -> Page:
        one = step.wanted
        record = response.meta[BROUGHT]
        other = key(one.row.url, stamp_of(captured))
        moved = captured != one.when
        if moved and (other in self._planned or other in self._here.digests or not self.window.holds(other[1])):
            self._bringing.spool.let_go(record)
            raise _NotGiven(
                f"{response.url}: the web archive gives the capture of {captured} in its place", lasting=True
            )
        return self._bringing.page(one, record)

    async def _ask(self, address: str, kind: Kind, asked: Asked | None = None) -> Response:
        """Return the answer to a request, whatever its status.

        :raises _Stopped: where the web archive refuses connections, or wants to be left alone for too long
        :raises _NotGiven: where a memento does not come for another reason
        """
        meta: dict[str, Any] = {KIND: kind, "handle_httpstatus_all": True}
        if asked is not None:
            meta |= {ASKED: asked, "dont_redirect": True}
        request = Request(address, callback=NO_CALLBACK, dont_filter=True, meta=meta)
        engine = self.crawler.engine
        assert engine is not None  # noqa: S101 - it runs the spider
        try:
            return await engine.download_async(request)
        except DownloadConnectionRefusedError as error:
            raise _Stopped(f"{address}: the web archive refuses connections: {error}") from error
        except Exception as error:
            problem = f"{address}: {str(error) or type(error).__name__}"
            self._failed += 1
            if kind == "index" or self._failed >= _FAILURES or isinstance(error, CrawlEnds):
                raise _Stopped(problem) from error
            raise _NotGiven(problem, lasting=False) from error

    # --- the end ------------------------------------------------------------------------

    def _tell(self, one: Plan, pages: list[Page]) -> None:
        """Say what became of a listing."""
        run = run_of(self.crawler)
        counts = one.counts
        if not one.steps:
            run.note(f"{one.listing}: {self.webarchive} lists no capture of it in that time")
            return
        if not pages and counts["held"] and not one.due:
            newest = self._newest(one, self._here)
            if newest is not None:
                run.known(one.listing, newest)
        told = [f"{counts[deed]} {words}" for deed, words in plan.DEEDS.items() if deed != "fetch" and counts[deed]]
        if told:
            run.tell(one.listing, "; ".join(told))
        no_listing = sum(page.layout is None for page in pages)
        if no_listing:
            run.tell(one.listing, f"{no_listing} of {len(pages)} captures show no listing: they are kept as evidence")

    def _newest(self, one: Plan, here: Here) -> str | None:
        held = [key(step.wanted.row.url, step.wanted.row.stamp) for step in one.steps if step.deed == "held"]
        for found in reversed(held):
            collection, _, name = here.snapshots.get(found, "").partition("/")
            if collection == one.listing:
                return name
        return None

    def closed(self, reason: str) -> None:
        """Say what is still to come, and what the crawl cost the web archive."""
        run = run_of(self.crawler)
        why = self._reason or f"the crawl ended: {reason}"
        for listing in sorted(self._unread):
            run.wanted(listing, f"{self.webarchive}: the index was not read: {why}")
        for listing, count in self._open.items():
            if count:
                run.wanted(listing, f"{count} captures are still to come, the next run goes on: {why}")
        super().closed(reason)

    def tell(self, told: str) -> None:
        """Tell people something of the crawl, beside the first of its listings."""
        run_of(self.crawler).tell(self.listings[0], told)


def _said(response: Response) -> dict[str, str]:
    """Return what a web archive says in the headers that it speaks for itself in."""
    return {name: (response.headers.get(name) or b"").decode("latin-1") for name in answers.HEADERS}
