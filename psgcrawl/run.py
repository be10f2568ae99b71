"""One run: what a crawl brings is staged, and at its end one place decides what becomes of it.

Pure of Scrapy: the shells reach the run through their crawler (:func:`attach`,
:func:`run_of`), times and paths are arguments. Outcomes and exit codes are those of
``docs/commands.md``.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from psgcrawl import SOFTWARE, urls
from psgcrawl.archive import runlog
from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.coverage import coverage as coverage_of
from psgcrawl.archive.grouping import group
from psgcrawl.archive.manifest import verify_files
from psgcrawl.archive.recovery import log_unlogged
from psgcrawl.archive.store import Collection, Holdings, Snapshot
from psgcrawl.archive.warc.making import CONFORMS_TO
from psgcrawl.archive.warc.spool import Spool
from psgcrawl.archive.write import Choices, Evidence, RunFacts, Written, write_snapshot
from psgcrawl.errors import CollectionBusy, DamagedData, PsgcrawlError
from psgcrawl.guards import Limits, View, judge, last_live
from psgcrawl.guards.itself import unread as no_layout_fits
from psgcrawl.guards.suspects import suspect
from psgcrawl.records import KINDS, ConfirmedPage, Counts, Coverage, OutcomeName, Page, RunLine
from psgcrawl.text import visible

COMMITTED: Final = 0
FAILED: Final = 1
INCOMPLETE: Final = 3
REFUSED: Final = 4
BUSY: Final = 5

_PRECEDENCE: Final = (FAILED, REFUSED, BUSY, INCOMPLETE, COMMITTED)
"""A run over several collections exits with the first of these that occurred."""

_EXIT_CODES: Final[Mapping[OutcomeName, int]] = {
    "committed": COMMITTED,
    "unchanged": COMMITTED,
    "incomplete": INCOMPLETE,
    "refused": REFUSED,
    "failed": FAILED,
}

NECESSARY: Final = frozenset({"store", "ledger", "start"})
"""Who must have reported in: a component that disabled itself would lose data in silence."""

_ATTRIBUTE: Final = "psgcrawl_run"


Carry = Callable[[], Sequence[Page]]
"""Copies records of an earlier snapshot into the evidence of the run, and returns their pages."""

NEVER_ENDED: Final = "the crawl ended before the listing did"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a crawl proves that its pages alone do not."""

    coverage: Coverage
    carry: Carry | None = None
    """What brings the rest of the listing, where a new snapshot is written."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one group of pages: its line in the log, and what the summary says."""

    line: RunLine
    exit_code: int
    undated: int = 0
    flags: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run."""

    archive: Path
    results: Sequence[Result]
    problems: Sequence[str]
    """What a person must be told on standard error: ``place: problem``."""
    notes: Sequence[str] = ()
    """Problems of pages that were read nevertheless; they stand in ``pages.jsonl``, too."""
    passed_over: Sequence[str] = ()
    """What was no capture and therefore not taken in: a line a file."""
    told: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What else people should know of a collection's crawl; it is in order."""

    @property
    def exit_code(self) -> int:
        """The exit code of ``scrapy crawl``: a run that brought nothing and did nothing has failed."""
        codes = {result.exit_code for result in self.results}
        return next((code for code in _PRECEDENCE if code in codes), FAILED)


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
        self._spool: Spool | None = None
        self._pages: dict[str, list[Page]] = defaultdict(list)
        self._yielded = 0
        self._stored = 0
        self._reported: set[str] = set()
        self._bad: list[str] = []
        self._failures: list[str] = []
        self._passed_over: list[str] = []
        self._wanted: dict[str, list[str]] = defaultdict(list)
        self._claims: dict[str, Claim | None] = {}
        self._told: dict[str, list[str]] = defaultdict(list)
        self._noted: dict[str, None] = {}

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
        if page.source == "live" and not kept:
            self.fail(f"{page.place}: it was not kept as evidence")
        # What the layout read is in the entries now.
        self._pages[page.collection].append(replace(page, raw=()))

    def bad(self, problem: str) -> None:
        """Note an input that could not be taken in (``place: problem``); the others are."""
        self._bad.append(visible(problem))

    def wanted(self, collection: str, reason: str) -> None:
        """Note what the crawl of a collection wanted and did not get (``place: problem``): it is kept apart."""
        self._wanted[collection].append(visible(reason))

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
        self._failures.append(visible(reason))

    # --- at its end ------------------------------------------------------------------

    def finish(self, reason: str, now: str) -> Outcome:
        """Decide, commit or keep apart, log; once, last of all.

        :param reason: why the crawl ended, in Scrapy's word.
        :param now: RFC 3339 UTC.
        """
        failures = [*self._failures, *self._unaccounted(reason)]
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
        )
        evidence = _Evidence(self._spool, [page for name in self._pages for page in self._pages[name]])
        claims = {name: claim for name, claim in self._claims.items() if claim is not None}
        early = [f"the crawl ended early: {reason}"] if reason != "finished" else []
        closing = _Closing(self.archive, facts, failures, evidence, early=early, wanted=self._wanted, claims=claims)
        closing.limits = self._limits
        results = [result for name in sorted(self._pages) for result in closing.collection(name, self._pages[name])]
        results += [closing.nothing(name) for name in sorted(self._wanted.keys() - self._pages.keys())]
        if self._bad or not results:
            results.append(closing.without_collection(self._bad))
        closing.problems.extend(evidence.close([result.line for result in results]))
        unread = [problem for name in sorted(self._pages) for problem in _unread(self._pages[name])]
        missed = [reason for name in sorted(self._wanted) for reason in self._wanted[name]]
        told = [*self._noted, *closing.problems, *unread]
        problems = [*self._bad, *failures, *missed, *map(visible, told)]
        self.outcome = Outcome(self.archive, results, problems, _notes(self._pages), self._passed_over, self._told)
        return self.outcome

    def _unaccounted(self, reason: str) -> list[str]:
        """Return what the ledger cannot account for."""
        missing = sorted(NECESSARY - self._reported - ({"start"} if reason != "finished" else set()))
        found = [f"the component {component!r} never reported in" for component in missing]
        if self._yielded != self._stored:
            found.append(f"pages read: {self._yielded}, stored: {self._stored}")
        return found


def _notes(pages: Mapping[str, Iterable[Page]]) -> list[str]:
    read = [page for name in sorted(pages) for page in pages[name] if page.layout is not None]
    return [visible(f"{page.place}: {problem}") for page in read for problem in page.problems]


class _Evidence:
    """The records of a run, handed out to its snapshots."""

    def __init__(self, spool: Spool | None, pages: Sequence[Page]) -> None:
        self._spool = spool
        self._rest = spool.rest([page.record for page in pages if page.record]) if spool else []

    def of(self, pages: Sequence[Page]) -> Evidence | None:
        """Return what writes the records of ``pages``; with what belongs to no page, until that is :meth:`written`."""
        wanted = [page.record for page in pages if page.record is not None]
        return partial(self._spool.copy, [*wanted, *self._rest]) if self._spool else None

    def written(self) -> None:
        """Note that what belongs to no page (robots.txt, redirects, failures) is in a snapshot now."""
        self._rest = []

    def close(self, lines: Sequence[RunLine]) -> list[str]:
        """Remove the spool, or keep it where something of it came into no snapshot; return what to tell people."""
        if self._spool is None:
            return []
        lost = any(line.snapshot is None and line.collection is not None for line in lines)
        unchanged = any(line.outcome == "unchanged" for line in lines)
        told = [f"{name}: left by a run that died; it can be read as captures" for name in self._spool.set_aside]
        try:
            if lost or (self._rest and not unchanged):
                folder = self._spool.keep()
                told.append(f"{folder.name}: what was fetched and came into no snapshot is kept here")
            else:
                self._spool.discard()
        except OSError as error:
            told.append(str(error))
        return told


class _Closing:
    """Brings the pages of a run into the archive, collection by collection."""

    def __init__(  # noqa: PLR0913 - what the run brought
        self,
        archive: Path,
        facts: RunFacts,
        failures: Sequence[str],
        evidence: "_Evidence",
        *,
        early: Sequence[str],
        wanted: dict[str, list[str]],
        claims: Mapping[str, Claim],
    ) -> None:
        self._archive = archive
        self._evidence = evidence
        self._facts = facts
        self._failures = list(failures)
        self._early = early
        self._wanted = wanted
        self._claims = claims
        self.limits = Limits.usual()
        self.problems: list[str] = []

    def collection(self, name: str, pages: Sequence[Page]) -> list[Result]:
        """Commit or keep apart the pages of one collection; a result for each of its snapshots.

        Whatever goes wrong here stays here: the other collections are committed.
        """
        results: list[Result] = []
        try:
            with CollectionLock(self._archive, name) as lock:
                recovery = log_unlogged(lock, self._facts.finished)
                self.problems.extend(recovery.damaged)
                held = [page for page in pages if page.source != "live"]
                holdings = Collection(lock.folder).holdings() if held else Holdings()
                for together in _together(pages):
                    results.extend(self._group(lock, together, holdings))
        except CollectionBusy as error:
            self.problems.append(str(error))
            results.append(self._log(self._line(name, "failed", [str(error)]), BUSY))
        except Exception as error:  # noqa: BLE001 - see above; named in the log and by the exit code
            reason = str(error) if isinstance(error, PsgcrawlError | OSError) else repr(error)
            self.problems.append(f"{name}: {reason}")
            results.append(self._log(self._line(name, "failed", [reason]), FAILED))
        return results

    def _group(self, lock: CollectionLock, pages: list[Page], holdings: Holdings) -> Iterator[Result]:
        if pages[0].source == "live":
            yield self._live(lock, pages)
            return
        held: dict[str | None, list[Page]] = {}
        for page in pages:
            held.setdefault(holdings.find(page.url, page.captured, page.payload_digest), []).append(page)
        if None in held or self._failures or self._short(lock.collection):
            yield self._written(lock, pages)
            return
        # One view of a listing can be held in parts, if it was given in parts.
        for name in sorted(map(str, held)):
            yield self._unchanged(lock, held[name], name)

    def _short(self, collection: str) -> list[str]:
        """Return why a collection's crawl got less than it wanted; nothing when it did not."""
        return [*self._early, *self._wanted.get(collection, [])]

    def _live(self, lock: CollectionLock, pages: Sequence[Page]) -> Result:
        """Confirm the latest snapshot, or write a new one: pages that differ make one, even with equal entries."""
        latest = None if self._failures or self._short(lock.collection) else self._confirmed(lock, pages)
        if latest is None:
            # What was carried over stands in front: rows are in order of time.
            return self._written(lock, [*self._carried(lock.collection), *pages])
        entries = assemble([replace(page, record=None) for page in pages]).entries
        kinds = Counter(entry.kind for entry in entries)
        counts = Counts(pages=len(pages), entries={kind: kinds[kind] for kind in KINDS})
        # What this run saw can be less than what the snapshot holds.
        return self._unchanged(lock, pages, latest, counts=counts, coverage=self._seen(lock.collection, pages))

    def _seen(self, collection: str, pages: Sequence[Page]) -> Coverage:
        claim = self._claims.get(collection)
        return claim.coverage if claim else coverage_of(collection, pages)

    def _carried(self, collection: str) -> Sequence[Page]:
        """Return what is carried over from an earlier snapshot; its records are in the evidence then."""
        claim = self._claims.get(collection)
        if claim is None or claim.carry is None or self._failures or self._short(collection):
            return []
        try:
            return claim.carry()
        except DamagedData as error:
            self._wanted.setdefault(collection, []).append(f"the rest of the listing cannot be carried over: {error}")
            return []

    def _confirmed(self, lock: CollectionLock, pages: Sequence[Page]) -> str | None:
        """Return the name of the latest snapshot if it holds all of ``pages`` and claims no less than they prove."""
        snapshots = Collection(lock.folder).snapshots()
        if not snapshots:
            return None
        latest = snapshots[-1]
        try:
            damaged = verify_files(latest.folder)
            if damaged:
                raise DamagedData("; ".join(damaged))  # noqa: TRY301 - unreadable and changed are one thing here
            held: dict[str | None, set[str]] = defaultdict(set)
            for row in latest.pages():
                held[row.url].add(row.payload_digest)
            claimed = latest.manifest().provenance.coverage
        except DamagedData as error:
            # What was just fetched is worth more than what is damaged: it becomes a snapshot.
            self.problems.append(str(error))
            return None
        # A page that changed while it was crawled, or was carried over too, is no one state that could be confirmed.
        if any(held.get(page.url) != {page.payload_digest} for page in pages):
            return None
        seen = self._seen(lock.collection, pages)
        more = (seen.complete and not claimed.complete) or (seen.end is not None and claimed.end is None)
        shorter = seen.complete and seen.positions != claimed.positions
        return None if more or shorter else latest.name

    def _written(self, lock: CollectionLock, pages: Sequence[Page]) -> Result:
        short = self._short(lock.collection)
        refusals = self._refusals(lock, pages)
        outcome: OutcomeName = (
            "failed" if self._failures else "refused" if refusals else "incomplete" if short else "committed"
        )
        claim = self._claims.get(lock.collection)
        choices = Choices(
            apart=None if outcome == "committed" else "refused" if outcome == "refused" else "incomplete",
            title=_title(pages),
            coverage=claim.coverage if claim else None,
        )
        facts = replace(self._facts, source=pages[0].source)
        written = write_snapshot(lock, pages, facts, choices, evidence=self._evidence.of(pages))
        self._evidence.written()
        unread = _unread(pages)
        if refusals:
            refusals += suspect(written.folder)
            self.problems.extend(f"{lock.collection}: {refusal}" for refusal in refusals)
        line = self._line(lock.collection, outcome, [*self._failures, *refusals, *short, *unread], written)
        code = INCOMPLETE if unread and outcome == "committed" else _EXIT_CODES[outcome]
        undated, flags = _qualities(written)
        return self._log(line, code, undated=undated, flags=flags)

    def _refusals(self, lock: CollectionLock, pages: Sequence[Page]) -> list[str]:
        """Return why the guards stop a live crawl; of one that is kept apart anyway they ask whether it was read."""
        if pages[0].source != "live" or self._failures or self._early:
            return []
        made = assemble([replace(page, record=None) for page in pages])
        seen = self._seen(lock.collection, pages)
        # Under no name yet: guards speak of the past by its own.
        now = View("", self._facts.started[:10], made.entries, made.rows, seen)
        if self._short(lock.collection):
            return [*map(str, no_layout_fits(now, self.limits))]
        past = last_live(Collection(lock.folder), self.problems.append)
        return [*map(str, judge(now, past, self.limits))]

    def _unchanged(
        self,
        lock: CollectionLock,
        pages: Sequence[Page],
        name: str,
        *,
        counts: Counts | None = None,
        coverage: Coverage | None = None,
    ) -> Result:
        snapshot = Snapshot(lock.folder / name)
        manifest = snapshot.manifest()
        damaged = verify_files(snapshot.folder)
        if damaged:
            raise DamagedData("; ".join(damaged))
        # Known already does not mean read: what no layout recognises is said each time.
        unread = _unread(pages)
        line = replace(
            self._line(lock.collection, "unchanged", unread),
            snapshot=name,
            manifest_sha256=manifest.sha256,
            counts=counts or manifest.provenance.counts,
            coverage=coverage or manifest.provenance.coverage,
            pages=[
                ConfirmedPage(
                    url=page.url, captured=page.captured, status=page.status, payload_digest=page.payload_digest
                )
                for page in pages
            ],
        )
        return self._log(line, INCOMPLETE if unread else COMMITTED)

    def nothing(self, collection: str) -> Result:
        """Log a collection of which the crawl got no page."""
        if self._failures:
            return self._log(self._line(collection, "failed", self._failures), FAILED)
        return self._log(self._line(collection, "incomplete", self._short(collection)), INCOMPLETE)

    def without_collection(self, bad: Sequence[str]) -> Result:
        """Log what came to no collection: inputs that could not be taken in, or nothing at all."""
        if self._failures:
            return self._log(self._line(None, "failed", [*self._failures, *bad]), FAILED)
        reasons = [*self._early, *bad] or ["the crawl brought no page"]
        return self._log(self._line(None, "incomplete", reasons), INCOMPLETE)

    def _line(
        self, collection: str | None, outcome: OutcomeName, reasons: Sequence[str], written: Written | None = None
    ) -> RunLine:
        return RunLine(
            started=self._facts.started,
            finished=self._facts.finished,
            collection=collection,
            spider=self._facts.spider,
            outcome=outcome,
            reasons=[visible(reason) for reason in reasons],
            snapshot=written.name if written else None,
            manifest_sha256=written.manifest_sha256 if written else None,
            counts=written.counts if written else None,
            coverage=written.coverage if written else None,
            software=SOFTWARE,
            pages=[],
        )

    def _log(self, line: RunLine, code: int, *, undated: int = 0, flags: Mapping[str, int] | None = None) -> Result:
        try:
            runlog.append(self._archive, line)
        except (DamagedData, OSError) as error:
            # The snapshot stands; the next run finds it without a line and logs it.
            self.problems.append(f"{runlog.RUNS}: {error}")
            code = FAILED
        return Result(line, code, undated, flags or {})


def _unique(pages: Sequence[Page]) -> list[Page]:
    """Drop a capture that was given twice: the same address, time and bytes."""
    return list({(page.url, page.captured, page.payload_digest): page for page in reversed(pages)}.values())[::-1]


def _together(pages: Sequence[Page]) -> list[list[Page]]:
    """Return the pages of each snapshot: what one crawl fetched is one view; of captures, their times decide."""
    unique = _unique(pages)
    live = [page for page in unique if page.source == "live"]
    return [live] * bool(live) + group([page for page in unique if page.source != "live"], listing=_listing)


def _listing(page: Page) -> str:
    """Name the listing of a page: a collection that a sidecar names can hold pages of several."""
    here = urls.listing_page(page.url, page.url)
    return f"{page.collection} {here.listing}" if here else page.collection


def _unread(pages: Sequence[Page]) -> list[str]:
    return [f"{page.place}: {problem}" for page in pages for problem in page.problems if page.layout is None]


def _title(pages: Sequence[Page]) -> str | None:
    """Return the title that the giver of the captures gave them, if it is one."""
    titles = {page.title for page in pages}
    return titles.pop() if len(titles) == 1 else None


def _qualities(written: Written) -> tuple[int, Counter[str]]:
    flags: Counter[str] = Counter()
    undated = 0
    for entry in Snapshot(written.folder).entries():
        flags.update(entry.flags)
        undated += entry.kind != "boilerplate" and entry.date_edtf is None
    return undated, flags


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
