"""The run while it crawls: what it brings is staged, and what goes wrong is noted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

from psgcrawl import SOFTWARE
from psgcrawl.archive import atwork
from psgcrawl.archive.pages import Pages
from psgcrawl.archive.recovery import log_dead
from psgcrawl.archive.warc.making import CONFORMS_TO
from psgcrawl.archive.warc.spool import Spool
from psgcrawl.archive.write import RunFacts
from psgcrawl.errors import DamagedData, PsgcrawlError
from psgcrawl.guards import Limits
from psgcrawl.records import Coverage, Page
from psgcrawl.run.closing import Carry, Claim, Closing
from psgcrawl.run.errands import Errands
from psgcrawl.run.evidence import Handing
from psgcrawl.run.outcome import Outcome
from psgcrawl.run.views import unread
from psgcrawl.visible import visible

NECESSARY: Final = frozenset({"store", "ledger", "start"})
"""Who must have reported in: a component that disabled itself would lose data in silence."""

_ATTRIBUTE: Final = "psgcrawl_run"

NEVER_CLOSED: Final = "the spider was never closed"
"""The finish reason of a crawl of which Scrapy gave none."""
NEVER_ENDED: Final = "the crawl ended before the listing did"


class Run:
    """One execution of a crawl."""

    def __init__(  # noqa: PLR0913 - who crawls, and by what rules
        self,
        archive: Path,
        *,
        spider: str,
        arguments: Mapping[str, str],
        started: str,
        facts: Mapping[str, str] = MappingProxyType({}),
        limits: Limits | None = None,
    ) -> None:
        """Open a run.

        :param started: RFC 3339 UTC
        :param facts: what the ``warcinfo`` record of its evidence says, besides who wrote it
        :param limits: of the guards; those by default, if none are given
        """
        self._limits = limits or Limits.usual()
        self.archive = archive
        self.outcome: Outcome | None = None
        """Decided by :meth:`finish`; None until then."""
        self._spider = spider
        self._arguments = arguments
        self.started = started
        """RFC 3339 UTC."""
        self._facts = facts
        self.name = atwork.new_name(started)
        """All lines of the run in the log have it."""
        self._mark: atwork.Mark | None = None
        self._spool: Spool | None = None
        self._pages: dict[str, Pages] = defaultdict(Pages)
        """By collection."""
        self._yielded = 0
        self._stored = 0
        self._reported: set[str] = set()
        self._bad: list[str] = []
        self._failures: list[str] = []
        self._spoilt: list[str] = []
        self.errands = Errands()
        """The requests of the crawl."""
        self._passed_over: list[str] = []
        self._wanted: dict[str, list[str]] = defaultdict(list)
        self._claims: dict[str, Claim | None] = {}
        self._told: dict[str, list[str]] = defaultdict(list)
        self._noted: dict[str, None] = {}
        self._known: dict[str, str] = {}
        self._planned: Sequence[str] | None = None
        self.patience = 0.0
        """Seconds to wait at the end for a collection that another run holds."""
        self.webarchive: str | None = None
        """The web archive from which its pages are brought, if they are."""

    def open(self, collections: Sequence[str] = ()) -> None:
        """Log the runs that died before, and say in the archive that this one began: should it die, the next logs it.

        Whatever keeps it from that is noted: of a disk that is full, or a damaged log, this run's outcome speaks.

        :param collections: what the run will come to, as far as that is known
        """
        begun = atwork.Begun(
            run=self.name,
            started=self.started,
            spider=self._spider,
            software=SOFTWARE,
            collections=[*collections],
        )
        try:
            self._mark = atwork.Mark.set(self.archive, begun)
            for told in log_dead(self.archive, self.started):
                self.note(told)
        except DamagedData as error:
            self.note(str(error))
        except OSError as error:
            self.fail(str(error))

    # --- while the crawl runs --------------------------------------------------------

    @property
    def evidence(self) -> Spool:
        """Where everything goes that the run fetches or reads; made with the first that is asked for."""
        if self._spool is None:
            who = {"software": SOFTWARE, "format": "WARC File Format 1.1", "conformsTo": CONFORMS_TO}
            self._spool = Spool(self.archive, self.started, {**who, "spider": self._spider, **self._facts})
        return self._spool

    def report(self, component: str) -> None:
        """Note that a component is at work (or, for ``start``, that the spider came to its end)."""
        self._reported.add(component)

    def yielded(self) -> None:
        """Count a page that the spider yielded."""
        self._yielded += 1

    def add(self, page: Page) -> None:
        """Stage a page for its snapshot; one that a step before should have changed and did not is a failure."""
        self._stored += 1
        # A pipeline that is switched off would lose dates, or all entries, in silence.
        if any(raw.dated is None for raw in page.raw):
            self.fail(f"{page.place}: its datelines were never read")
        if page.raw and not len(page.raw) == len(page.entries) == len(page.lists):
            self.fail(f"{page.place}: its entries were never normalised")
        # A middleware that is switched off would leave claims without anything to show for them.
        kept = page.record is not None and self._spool is not None and page.record in self._spool
        if page.source in {"live", "memento"} and not kept:
            self.fail(f"{page.place}: it was not kept as evidence")
        if page.collection not in self._pages:
            self._reach([page.collection])
        self._pages[page.collection].append(page)

    def _reach(self, collections: Sequence[str | None]) -> None:
        if self._mark is not None:
            try:
                self._mark.reach(collections)
            except OSError as error:
                self.fail(str(error))

    def bad(self, problem: str) -> None:
        """Note an input that could not be taken in (``place: problem``); the others are."""
        self._bad.append(visible(problem))

    def wanted(self, collection: str, reason: str) -> None:
        """Note what the crawl of a collection wanted and did not get (``place: problem``): it is kept apart."""
        self._wanted[collection].append(visible(reason))

    def known(self, collection: str, snapshot: str) -> None:
        """Note that there is nothing new of a collection: all of it is here, the newest in ``snapshot``."""
        self._known[collection] = snapshot

    def plan(self, lines: Sequence[str]) -> None:
        """Note what the run would do, and that it is only to say so: nothing of it is kept or logged."""
        self._planned = lines

    def begin(self, collection: str) -> None:
        """Note that the crawl of a collection is to end in a :meth:`claim`; without one it got less than it wanted."""
        self._claims.setdefault(collection, None)

    def claim(self, collection: str, coverage: Coverage, carry: Carry | None = None) -> None:
        """Note what the crawl of a collection proves, and how the rest of the listing is carried over, if it is."""
        self._claims[collection] = Claim(coverage, carry)

    def tell(self, collection: str, told: str) -> None:
        """Note what people should know of a collection's crawl, though nothing is wrong; the summary says so."""
        self._told[collection].append(visible(told))

    def note(self, problem: str) -> None:
        """Note what a person must be told once, though it changes no outcome (``place: problem``)."""
        self._noted[problem] = None

    def passed_over(self, told: str) -> None:
        """Note that an input holds more than was taken in, as it should be; the summary says so."""
        self._passed_over.append(visible(told))

    def fail(self, reason: str) -> None:
        """Note that something of ours went wrong: nothing of this run becomes visible."""
        # A failure can be noticed in two places: it is one.
        if visible(reason) not in self._failures:
            self._failures.append(visible(reason))

    def spoilt(self, problem: str) -> None:
        """Note that something beside the archive went wrong (a feed): exit code 1, and snapshots are committed."""
        if visible(problem) not in self._spoilt:
            self._spoilt.append(visible(problem))

    # --- at its end ------------------------------------------------------------------

    def finish(self, reason: str, now: str) -> Outcome:
        """Decide, commit or keep apart, log; once, last of all.

        :param reason: why the crawl ended, in Scrapy's word.
        :param now: RFC 3339 UTC.
        """
        failures = [*self._failures, *self._unaccounted(reason)]
        if reason == "finished":
            self._miss(self.errands.unended())
        # Each request ends in an answer or in a failure; if one did not, nobody could go on.
        for name in [name for name, claim in self._claims.items() if claim is None and reason == "finished"]:
            self.wanted(name, NEVER_ENDED)
        facts = RunFacts(
            spider=self._spider,
            arguments=self._arguments,
            source="live",
            started=self.started,
            finished=now,
            finish_reason=reason,
            webarchive=self.webarchive,
        )
        evidence = Handing(self._spool, (page for pages in self._pages.values() for page in pages.glances()))
        if self._planned is not None and not failures and reason == "finished":
            evidence.discard()
            self.outcome = Outcome(self.archive, (), list(self._noted), planned=self._planned)
            self._unmark(logged=True)
            return self.outcome
        claims = {name: claim for name, claim in self._claims.items() if claim is not None}
        early = [f"the crawl ended early: {reason}"] if reason != "finished" else []
        closing = Closing(
            self.archive,
            facts,
            failures,
            evidence,
            early=early,
            wanted=self._wanted,
            claims=claims,
            limits=self._limits,
            patience=self.patience,
            run=self.name,
        )
        self._reach(
            [*sorted(self._pages.keys() | self._wanted.keys() | self._known.keys()), *([None] if self._bad else [])]
        )
        results = [result for name in sorted(self._pages) for result in closing.collection(name, self._pages[name])]
        results += [closing.known(name, self._known[name]) for name in sorted(self._known)]
        # Of what a web archive has, what came is whole; what did not come has a line of its own.
        brought = {
            name for name, pages in self._pages.items() if any(one.source == "memento" for one in pages.glances())
        }
        results += [closing.nothing(name) for name in sorted(self._wanted.keys() - (self._pages.keys() - brought))]
        if self._bad or not results:
            results.append(closing.without_collection(self._bad))
        closing.problems.extend(evidence.close([result.line for result in results]))
        not_read = [problem for name in sorted(self._pages) for problem in unread(self._pages[name])]
        missed = [reason for name in sorted(self._wanted) for reason in self._wanted[name]]
        told = [*self._noted, *closing.problems, *not_read]
        problems = [*self._bad, *failures, *self._spoilt, *early, *missed, *map(visible, told)]
        self.outcome = Outcome(
            self.archive,
            results,
            problems,
            _notes(self._pages),
            self._passed_over,
            self._told,
            spoilt=bool(self._spoilt),
        )
        self._unmark(logged=closing.logged)
        return self.outcome

    def _unmark(self, *, logged: bool) -> None:
        """Take back that the run is at work; what the log did not take is the next run's to write."""
        if self._mark is None:
            return
        if not logged:
            self._mark.leave()
            return
        # A file that cannot be removed says of a run that its lines are in the log: the next run sees that.
        with suppress(OSError):
            self._mark.remove()

    def _miss(self, unended: Sequence[str]) -> None:
        """Note requests that never ended with the collections that are crawled, or with none."""
        for told in unended:
            for collection in self._claims:
                self.wanted(collection, told)
            if not self._claims:
                self.bad(told)

    def _unaccounted(self, reason: str) -> list[str]:
        """Return what the ledger cannot account for."""
        missing = sorted(NECESSARY - self._reported - ({"start"} if reason != "finished" else set()))
        found = [f"the component {component!r} never reported in" for component in missing]
        if self._yielded != self._stored:
            found.append(f"pages read: {self._yielded}, stored: {self._stored}")
        return found


def _notes(pages: Mapping[str, Pages]) -> list[str]:
    read = (page for name in sorted(pages) for page in pages[name].glances() if page.layout or page.source == "memento")
    return [visible(f"{page.place}: {problem}") for page in read for problem in page.problems]


def attach(crawler: object, run: Run) -> None:
    """Let the shells of ``crawler`` reach ``run``."""
    setattr(crawler, _ATTRIBUTE, run)


def run_of(crawler: object) -> Run:
    """Return the run of ``crawler``.

    :raises PsgcrawlError: where none was opened: the outcome extension is switched off.
    """
    run = getattr(crawler, _ATTRIBUTE, None)
    if not isinstance(run, Run):
        raise PsgcrawlError("no run was opened: OutcomeExtension must stand in EXTENSIONS")
    return run
