"""What there is to tell of a run. What was before, the run log knows: nothing else is remembered.

A trouble ends with the first good run of its collection; of a run that came to no
collection at all, with the first good run of its spider. What a person accepted is no
trouble any more.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from psgcrawl import SOFTWARE
from psgcrawl.archive import jsonl, recovery, runlog
from psgcrawl.archive.compare.changes import CHANGES, ChangeName, Comparison, Side
from psgcrawl.archive.runlog import LoggedRun
from psgcrawl.archive.store import Collection
from psgcrawl.errors import DamagedData, UsageError
from psgcrawl.notify.document import EVENTS, VERSION, Event, Notification
from psgcrawl.records import RunLine, replace
from psgcrawl.run import Outcome, Result
from psgcrawl.visible import visible

UNDECIDED: Final = "the crawl ended without deciding what became of it: nothing was committed"

_GOOD: Final = frozenset({"committed", "unchanged"})
_NO_CRAWL: Final = frozenset({"rebuild", "redact"})
"""Commands that log a line, and say nothing of how crawls go."""
_DIED: Final = (recovery.KILLED, recovery.REASON)
"""How the first reason begins in a line that a later run wrote for one that died."""


def notifications(outcome: Outcome) -> list[Notification]:
    """Return what there is to tell of a run that has been decided: first trouble, then recovery, then change."""
    told = _Told(outcome)
    found = [*told.dead(), *(one for result in outcome.results for one in told.of(result))]
    return sorted([*found, *told.rest(found)], key=lambda one: EVENTS.index(one.event))


def undecided(archive: str, spider: str, started: str, now: str) -> Notification:
    """Return what there is to tell of a run that never came to an outcome.

    :param started: RFC 3339 UTC, as ``now``
    """
    return Notification(
        version=VERSION,
        event="trouble",
        collection=None,
        spider=spider,
        outcome="failed",
        reasons=[UNDECIDED],
        problems=[],
        snapshot=None,
        previous=None,
        changes=None,
        counts=None,
        exit_code=1,
        archive=jsonl.printable(archive),
        started=started,
        finished=now,
        line=None,
        software=SOFTWARE,
    )


@dataclass
class _Past:
    """What the log says of a run and of the runs before it."""

    own: dict[tuple[str | None, str, str | None], LoggedRun] = field(default_factory=dict)
    dead: list[LoggedRun] = field(default_factory=list)
    last: dict[str | None, LoggedRun] = field(default_factory=dict)
    """The last crawl before, by collection; those that came to none are under their spider's name in ``astray``."""
    astray: dict[str, LoggedRun] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    """Where a line stands in the log, by its hash."""


class _Told:
    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._problems = list(outcome.problems)
        first = outcome.results[0].line
        try:
            self._past = _past(runlog.read(outcome.archive), first)
        except (DamagedData, OSError) as error:
            self._past = _Past()
            self._problems.append(visible(str(error)))
        self._ended: set[str] = set()

    def dead(self) -> Iterator[Notification]:
        """Yield the troubles of runs that died, and whose line this run wrote."""
        for line in self._past.dead:
            yield replace(self._made("trouble", line, line), exit_code=None, problems=self._problems)

    def of(self, result: Result) -> Iterator[Notification]:
        """Yield what there is to tell of one snapshot, or of what became none."""
        line = result.line
        logged = self._past.own.get(_key(line))
        if result.exit_code:
            yield replace(self._made("trouble", line, logged), problems=self._problems)
        elif self._ends_trouble(line):
            yield self._made("recovery", line, logged)
        if line.outcome == "committed" and line.collection is not None:
            yield from self._change(self._made("change", line, logged))

    def rest(self, found: Sequence[Notification]) -> Iterator[Notification]:
        """Yield a trouble for problems of a run whose snapshots are all well."""
        if self._problems and not any(one.event == "trouble" and one.problems for one in found):
            results = self._outcome.results
            made = self._made("trouble", results[0].line, self._past.own.get(_key(results[0].line)))
            collection = made.collection if len(results) == 1 else None
            yield replace(made, problems=self._problems, collection=collection)

    def _ends_trouble(self, line: RunLine) -> bool:
        # What went astray before is over only where nothing does so now.
        astray = self._past.astray.get(line.spider) if self._outcome.exit_code == 0 else None
        known = [self._past.last.get(line.collection), astray]
        before = max((one for one in known if one), key=lambda one: self._past.order[one.sha256], default=None)
        if before is None or not _is_trouble(before) or before.sha256 in self._ended:
            return False
        # One that came to no collection ends once, in however many collections the run was good.
        self._ended.add(before.sha256)
        return True

    def _change(self, made: Notification) -> Iterator[Notification]:
        collection = Collection(self._outcome.archive / str(made.collection))
        snapshots = collection.snapshots()
        place = [one.name for one in snapshots].index(str(made.snapshot))
        if place == 0:
            yield made
            return
        old, new = Side.of(snapshots[place - 1]), Side.of(snapshots[place])
        counts = _counted(old, new)
        if counts is None or sum(counts.values()) > counts["out-of-view"]:
            yield replace(made, previous=old.name, changes=counts)

    def _made(self, event: Event, line: RunLine, logged: LoggedRun | None) -> Notification:
        return Notification(
            version=VERSION,
            event=event,
            collection=line.collection,
            spider=line.spider,
            outcome=line.outcome,
            reasons=[jsonl.printable(reason) for reason in line.reasons],
            problems=[],
            snapshot=line.snapshot,
            previous=None,
            changes=None,
            counts=line.counts,
            exit_code=self._outcome.exit_code,
            archive=jsonl.printable(str(self._outcome.archive)),
            started=line.started,
            finished=line.finished,
            line=logged.sha256 if logged else None,
            software=SOFTWARE,
        )


def _past(lines: Iterator[LoggedRun], now: RunLine) -> _Past:
    """Return what the log says; ``now`` is any line of the run itself."""
    past = _Past()
    for number, line in enumerate(lines):
        past.order[line.sha256] = number
        if (line.run, line.started, line.spider) == (now.run, now.started, now.spider):
            past.own[_key(line)] = line
            continue
        if now.started <= line.finished <= now.finished and line.reasons and line.reasons[0].startswith(_DIED):
            past.dead.append(line)
        elif past.own:
            # Another run's, which came later.
            continue
        if line.collection is None:
            past.astray[line.spider] = line
        elif line.spider not in _NO_CRAWL:
            past.last[line.collection] = line
            # A good run of the spider ends what went astray before it.
            if not _is_trouble(line):
                past.astray.pop(line.spider, None)
    return past


def _key(line: RunLine) -> tuple[str | None, str, str | None]:
    return line.collection, line.outcome, line.snapshot


def _is_trouble(line: RunLine) -> bool:
    """Tell whether a line was told as trouble; what a person accepted has a reason, and is none."""
    return line.outcome not in _GOOD or bool(line.reasons and line.spider != "accept")


def _counted(old: Side, new: Side) -> dict[ChangeName, int] | None:
    """Count the changes between two snapshots; None where they cannot be compared as they stand."""
    try:
        counts = Counter(change.change for change in Comparison(old, new).changes())
    except (UsageError, DamagedData, OSError):
        return None
    return {name: counts[name] for name in CHANGES}
