"""One run: what a crawl brings is staged, and at its end one place decides what becomes of it.

Pure of Scrapy: the shells reach the run through their crawler (:func:`attach`,
:func:`run_of`), times and paths are arguments. Outcomes and exit codes are those of
``docs/commands.md``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from psgcrawl import SOFTWARE, urls
from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.grouping import group
from psgcrawl.archive.manifest import verify_files
from psgcrawl.archive.recovery import log_unlogged
from psgcrawl.archive.store import Collection, Holdings, Snapshot
from psgcrawl.archive.write import Choices, Written, write_snapshot
from psgcrawl.archive.write import Run as RunFacts
from psgcrawl.errors import CollectionBusy, DamagedData, PsgcrawlError
from psgcrawl.records import ConfirmedPage, OutcomeName, Page, RunLine
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

    @property
    def exit_code(self) -> int:
        """The exit code of ``scrapy crawl``: a run that brought nothing and did nothing has failed."""
        codes = {result.exit_code for result in self.results}
        return next((code for code in _PRECEDENCE if code in codes), FAILED)


class Run:
    """One execution of a crawl."""

    def __init__(self, archive: Path, *, spider: str, arguments: Mapping[str, str], started: str) -> None:
        self.archive = archive
        self.outcome: Outcome | None = None
        """Decided by :meth:`finish`; None until then."""
        self._spider = spider
        self._arguments = arguments
        self.started = started
        """RFC 3339 UTC."""
        self._pages: dict[str, list[Page]] = defaultdict(list)
        self._yielded = 0
        self._stored = 0
        self._reported: set[str] = set()
        self._bad: list[str] = []
        self._failures: list[str] = []

    # --- while the crawl runs --------------------------------------------------------

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
        self._pages[page.collection].append(page)

    def bad(self, problem: str) -> None:
        """Note an input that could not be taken in (``place: problem``); the others are."""
        self._bad.append(visible(problem))

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
        facts = RunFacts(
            spider=self._spider,
            arguments=self._arguments,
            source="file",
            started=self.started,
            finished=now,
            finish_reason=reason,
        )
        closing = _Closing(self.archive, facts, failures, incomplete=reason != "finished")
        results = [result for name in sorted(self._pages) for result in closing.collection(name, self._pages[name])]
        if self._bad or not results:
            results.append(closing.without_collection(self._bad))
        unread = [problem for name in sorted(self._pages) for problem in _unread(self._pages[name])]
        problems = [*self._bad, *failures, *map(visible, [*closing.problems, *unread])]
        self.outcome = Outcome(self.archive, results, problems, _notes(self._pages))
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


class _Closing:
    """Brings the pages of a run into the archive, collection by collection."""

    def __init__(self, archive: Path, facts: RunFacts, failures: Sequence[str], *, incomplete: bool) -> None:
        self._archive = archive
        self._facts = facts
        self._failures = list(failures)
        self._early = [f"the crawl ended early: {facts.finish_reason}"] if incomplete else []
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
                holdings = Collection(lock.folder).holdings()
                for together in group(_unique(pages), listing=_listing):
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
        held: dict[str | None, list[Page]] = {}
        for page in pages:
            held.setdefault(holdings.find(page.url, page.captured, page.payload_digest), []).append(page)
        if None in held or self._failures or self._early:
            yield self._written(lock, pages)
            return
        # One view of a listing can be held in parts, if it was given in parts.
        for name in sorted(map(str, held)):
            yield self._unchanged(lock, held[name], name)

    def _written(self, lock: CollectionLock, pages: Sequence[Page]) -> Result:
        outcome: OutcomeName = "failed" if self._failures else "incomplete" if self._early else "committed"
        choices = Choices(apart=None if outcome == "committed" else "incomplete", title=_title(pages))
        written = write_snapshot(lock, pages, self._facts, choices)
        unread = _unread(pages)
        line = self._line(lock.collection, outcome, [*self._failures, *self._early, *unread], written)
        code = INCOMPLETE if unread and outcome == "committed" else _EXIT_CODES[outcome]
        undated, flags = _qualities(written)
        return self._log(line, code, undated=undated, flags=flags)

    def _unchanged(self, lock: CollectionLock, pages: Sequence[Page], name: str) -> Result:
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
            counts=manifest.provenance.counts,
            coverage=manifest.provenance.coverage,
            pages=[
                ConfirmedPage(
                    url=page.url, captured=page.captured, status=page.status, payload_digest=page.payload_digest
                )
                for page in pages
            ],
        )
        return self._log(line, INCOMPLETE if unread else COMMITTED)

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
