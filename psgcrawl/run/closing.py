"""The end of a run: its pages come into the archive, collection by collection."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from psgcrawl import SOFTWARE
from psgcrawl.archive import runlog
from psgcrawl.archive.assemble import Assembled, assemble
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.coverage import coverage as coverage_of
from psgcrawl.archive.manifest import verify_files
from psgcrawl.archive.pages import glances
from psgcrawl.archive.recovery import log_unlogged
from psgcrawl.archive.store import Collection, Holdings, Snapshot
from psgcrawl.archive.write import Apart, Choices, RunFacts, Written, counts_of, write_snapshot
from psgcrawl.errors import CollectionBusy, DamagedData, PsgcrawlError
from psgcrawl.guards import Limits, View, judge, last_live
from psgcrawl.guards.itself import unread as no_layout_fits
from psgcrawl.guards.suspects import suspect
from psgcrawl.records import ConfirmedPage, Counts, Coverage, Kind, OutcomeName, Page, PageRow, RunLine, replace
from psgcrawl.run.evidence import Handing
from psgcrawl.run.outcome import BUSY, COMMITTED, EXIT_CODES, FAILED, INCOMPLETE, Result
from psgcrawl.run.views import together, unread
from psgcrawl.visible import visible

Carry = Callable[[], Sequence[Page]]
"""Copies records of an earlier snapshot into the evidence of the run, and returns their pages."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a crawl proves that its pages alone do not."""

    coverage: Coverage
    carry: Carry | None = None
    """What brings the rest of the listing, where a new snapshot is written."""


class Closing:
    """Brings the pages of a run into the archive, collection by collection."""

    def __init__(  # noqa: PLR0913 - what the run brought
        self,
        archive: Path,
        facts: RunFacts,
        failures: Sequence[str],
        evidence: Handing,
        *,
        early: Sequence[str],
        wanted: dict[str, list[str]],
        claims: Mapping[str, Claim],
        limits: Limits,
        patience: float,
        run: str,
    ) -> None:
        """Take what the run brought.

        :param early: why it ended before its time, if it did
        :param wanted: by collection, what the run wanted and did not get
        :param limits: of the guards
        :param patience: seconds to wait for a collection that another run holds
        :param run: its name, for its lines
        """
        self._archive = archive
        self._evidence = evidence
        self._facts = facts
        self._failures = list(failures)
        self._early = early
        self._wanted = wanted
        self._claims = claims
        self._limits = limits
        self._patience = patience
        self._run = run
        self.problems: list[str] = []
        self.logged = True
        """Whether the log took all lines."""

    def collection(self, name: str, pages: Sequence[Page]) -> list[Result]:
        """Commit or keep apart the pages of one collection; a result for each of its snapshots.

        Whatever goes wrong here stays here: the other collections are committed.
        """
        results: list[Result] = []
        try:
            with CollectionLock(self._archive, name, patience=self._patience) as lock:
                recovery = log_unlogged(lock, self._facts.finished)
                self.problems.extend(recovery.damaged)
                brought = any(page.source != "live" for page in glances(pages))
                holdings = Collection(lock.folder).holdings() if brought else Holdings()
                for one_view in together(pages):
                    results.extend(self._group(lock, one_view, holdings))
        except CollectionBusy as error:
            self.problems.append(str(error))
            results.append(self._log(self._line(name, "failed", [str(error)]), BUSY))
        except Exception as error:  # noqa: BLE001 - see above; named in the log and by the exit code
            reason = str(error) if isinstance(error, PsgcrawlError | OSError) else repr(error)
            self.problems.append(f"{name}: {reason}")
            results.append(self._log(self._line(name, "failed", [reason]), FAILED))
        return results

    def _group(self, lock: CollectionLock, pages: Sequence[Page], holdings: Holdings) -> Iterator[Result]:
        if pages[0].source == "live":
            yield self._live(lock, pages)
            return
        held: dict[str | None, list[Page]] = {}
        for page in pages:
            held.setdefault(holdings.find(page.url, page.captured, page.payload_digest), []).append(page)
        if None in held or self._failures or self._misses(lock.collection, pages):
            yield self._written(lock, pages)
            return
        # One view of a listing can be held in parts, if it was given in parts.
        for name in sorted(map(str, held)):
            yield self._unchanged(lock, held[name], name)

    def _misses(self, collection: str, pages: Sequence[Page]) -> list[str]:
        """Return why ``pages`` are not all that belongs together; captures of web archives come when they are."""
        return [] if pages[0].source == "memento" else self._short(collection)

    def _short(self, collection: str) -> list[str]:
        """Return why a collection's crawl got less than it wanted; nothing when it did not."""
        return [*self._early, *self._wanted.get(collection, [])]

    def _live(self, lock: CollectionLock, pages: Sequence[Page]) -> Result:
        """Confirm the last live snapshot, or write a new one: pages that differ make one, even with equal entries."""
        latest = None if self._failures or self._short(lock.collection) else self._confirmed(lock, pages)
        if latest is None:
            # What was carried over stands in front: rows are in order of time.
            carried = self._carried(lock.collection)
            return self._written(lock, [*carried, *pages] if carried else pages)
        # What this run saw can be less than what the snapshot holds.
        counts = counts_of(assemble(pages))
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
        """Return the name of the last live snapshot if it holds all of ``pages`` and claims no less than they prove.

        Not where somebody captured one of them later with other bytes: then it was changed, and changed back.
        """
        latest = Collection(lock.folder).latest_live()
        if latest is None:
            return None
        try:
            damaged = verify_files(latest.folder)
            if damaged:
                raise DamagedData("; ".join(damaged))  # noqa: TRY301 - unreadable and changed are one thing here
            held: dict[str | None, set[str]] = defaultdict(set)
            for row in latest.pages():
                held[row.url].add(row.payload_digest)
            for later in Collection(lock.folder).snapshots():
                if later.parsed.order > latest.parsed.order:
                    for row in later.pages():
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
        short = self._misses(lock.collection, pages)
        refusals: list[str] = []
        undated, flags = 0, Counter[str]()

        def judge(assembled: Assembled) -> Apart | None:
            nonlocal undated, flags
            refusals.extend(self._refusals(lock, pages, assembled))
            undated, flags = _qualities(assembled)
            return "incomplete" if self._failures else "refused" if refusals else "incomplete" if short else None

        claim = self._claims.get(lock.collection)
        choices = Choices(title=_title(pages), coverage=claim.coverage if claim else None)
        facts = replace(self._facts, source=pages[0].source)
        written = write_snapshot(lock, pages, facts, choices, evidence=self._evidence.of(pages), judge=judge)
        self._evidence.written()
        outcome: OutcomeName = (
            "failed" if self._failures else "refused" if refusals else "incomplete" if short else "committed"
        )
        not_read = unread(pages)
        if refusals:
            refusals += suspect(written.folder)
            self.problems.extend(f"{lock.collection}: {refusal}" for refusal in refusals)
        line = self._line(lock.collection, outcome, [*self._failures, *refusals, *short, *not_read], written)
        code = INCOMPLETE if not_read and outcome == "committed" else EXIT_CODES[outcome]
        return self._log(line, code, undated=undated, flags=flags)

    def _refusals(self, lock: CollectionLock, pages: Sequence[Page], made: Assembled) -> list[str]:
        """Return why the guards stop a live crawl; of one that is kept apart anyway they ask whether it was read."""
        if pages[0].source != "live" or self._failures or self._early:
            return []
        seen = self._seen(lock.collection, pages)
        # Under no name yet: guards speak of the past by its own.
        now = View("", self._facts.started[:10], made.entries, made.rows, seen)
        if self._short(lock.collection):
            return [*map(str, no_layout_fits(now, self._limits))]
        past = last_live(Collection(lock.folder), self.problems.append)
        return [*map(str, judge(now, past, self._limits))]

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
        damaged = verify_files(snapshot.folder)
        if damaged:
            raise DamagedData("; ".join(damaged))
        # Known already does not mean read: what no layout recognises is said each time.
        not_read = unread(pages)
        line = self._confirming(lock.collection, snapshot, pages, not_read)
        seen = replace(line, counts=counts or line.counts, coverage=coverage or line.coverage)
        return self._log(seen, INCOMPLETE if not_read else COMMITTED)

    def known(self, collection: str, name: str) -> Result:
        """Log that all that there is of a collection is here already, the newest of it in the snapshot ``name``."""
        try:
            with CollectionLock(self._archive, collection, patience=self._patience) as lock:
                self.problems.extend(log_unlogged(lock, self._facts.finished).damaged)
                snapshot = Snapshot(lock.folder / name)
                line = self._confirming(collection, snapshot, list(snapshot.pages()), [])
        except CollectionBusy as error:
            self.problems.append(str(error))
            return self._log(self._line(collection, "failed", [str(error)]), BUSY)
        except (DamagedData, OSError) as error:
            self.problems.append(f"{collection}: {error}")
            return self._log(self._line(collection, "failed", [str(error)]), FAILED)
        return self._log(line, COMMITTED)

    def _confirming(
        self, collection: str, snapshot: Snapshot, seen: Sequence[Page] | Sequence[PageRow], reasons: Sequence[str]
    ) -> RunLine:
        """Return the line of a run that found ``seen`` as the snapshot holds it.

        :raises DamagedData: when the manifest cannot be read
        """
        manifest = snapshot.manifest()
        return replace(
            self._line(collection, "unchanged", reasons),
            snapshot=snapshot.name,
            manifest_sha256=manifest.sha256,
            counts=manifest.provenance.counts,
            coverage=manifest.provenance.coverage,
            pages=[
                ConfirmedPage(
                    url=page.url, captured=page.captured, status=page.status, payload_digest=page.payload_digest
                )
                for page in seen
            ],
        )

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
            run=self._run,
        )

    def _log(self, line: RunLine, code: int, *, undated: int = 0, flags: Mapping[str, int] | None = None) -> Result:
        try:
            runlog.append(self._archive, line)
        except (DamagedData, OSError) as error:
            # The snapshot stands; the next run finds it without a line and logs it.
            self.problems.append(f"{runlog.RUNS}: {error}")
            self.logged = False
            code = FAILED
        return Result(line, code, undated, flags or {})


def _title(pages: Sequence[Page]) -> str | None:
    """Return the title that the giver of the captures gave them, if it is one."""
    titles = {page.title for page in glances(pages)}
    return titles.pop() if len(titles) == 1 else None


class _Quality(Struct):
    kind: Kind
    date_edtf: str | None
    flags: list[str]


def _qualities(assembled: Assembled) -> tuple[int, Counter[str]]:
    flags: Counter[str] = Counter()
    undated = 0
    for entry in assembled.entries.as_kind(_Quality):
        flags.update(entry.flags)
        undated += entry.kind != "boilerplate" and entry.date_edtf is None
    return undated, flags
