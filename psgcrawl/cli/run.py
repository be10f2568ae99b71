"""Do the crawls that a file names, several at a time, of one site one at a time.

Each is a "scrapy crawl" in a process of its own. Exit code: that of the crawl for which a
person is needed first, 1, 2, 4, 5, 3; 0 where all are committed or unchanged.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing, spreading
from psgcrawl.errors import UsageError
from psgcrawl.jobs import Lost, processors
from psgcrawl.jobs.crawling import Crawled, crawl
from psgcrawl.jobs.crawls import Crawl, read
from psgcrawl.run.outcome import BUSY, COMMITTED, FAILED, INCOMPLETE, REFUSED
from psgcrawl.visible import visible

MISUSED: Final = 2
_ORDER: Final = (FAILED, MISUSED, REFUSED, BUSY, INCOMPLETE, COMMITTED)
_WORDS: Final[Mapping[int, str]] = {
    COMMITTED: "committed or unchanged",
    FAILED: "failed",
    MISUSED: "wrong usage or settings",
    INCOMPLETE: "incomplete",
    REFUSED: "refused by a guard",
    BUSY: "another run holds its collection, or its site",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawls:
    """What ``psgcrawl run --json`` prints."""

    exit_code: Annotated[int, Meta(description="That of the command.")]
    crawls: Annotated[list[Crawled], Meta(description="What became of each crawl, in the order of the file.")]
    not_begun: Annotated[list[str], Meta(description="Jobs that were not begun: it was interrupted before.")]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="JOBS.toml", help="the file that names the crawls")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this job of the file")
    spreading.arguments(parser, "one a processor")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Do the crawls, say of each as it ends what became of it, and return the exit code.

    :raises UsageError: for a file that cannot be meant; nothing was begun
    """
    usual = None
    with suppress(UsageError):
        usual = locate().folder
    jobs = _chosen(read(Path(args.file), usual), args.only)
    if args.scheduler is not None:
        jobs = [_with_shared_budgets(job) for job in jobs]
    done: dict[int, Crawled] = {}
    interrupted = False
    try:
        for number, crawled in _crawled(args, jobs):
            done[number] = crawled
            if not args.json:
                _tell(crawled)
    except KeyboardInterrupt:
        interrupted = True
        printing.note("interrupted: crawls that were at work were asked to end; no further one was begun")
    left = [job.name for number, job in enumerate(jobs) if number not in done]
    code = exit_code([one.exit_code for one in done.values()] + [FAILED] * (interrupted and bool(left)))
    if args.json:
        print(printing.document(Crawls(exit_code=code, crawls=[done[n] for n in sorted(done)], not_begun=left)))
    else:
        printing.show([_summary(done.values(), left)])
    return code


def exit_code(codes: Sequence[int]) -> int:
    """Return the first of 1, 2, 4, 5, 3, 0 that occurred; what is no code of a crawl counts as 1.

    >>> exit_code([0, 3, 5]), exit_code([2, 4]), exit_code([]), exit_code([77])
    (5, 2, 0, 1)
    """
    found = {code if code in _ORDER else FAILED for code in codes}
    return next((code for code in _ORDER if code in found), COMMITTED)


def _chosen(jobs: list[Crawl], only: Sequence[str]) -> list[Crawl]:
    names = {job.name for job in jobs}
    for name in only:
        if name not in names:
            raise UsageError(f"--only {name!r}: no such job; there are {', '.join(sorted(names))}")
    return [job for job in jobs if job.name in only] if only else jobs


def _with_shared_budgets(job: Crawl) -> Crawl:
    """Let crawls on several machines tell each other when they asked a web archive."""
    return replace(job, settings={"WAYBACK_BUDGETS": str(job.leases / "budgets"), **job.settings})


def _crawled(args: argparse.Namespace, jobs: list[Crawl]) -> Iterator[tuple[int, Crawled]]:
    archives = list(dict.fromkeys(job.archive for job in jobs))
    leases = list(dict.fromkeys(job.leases for job in jobs if job.leases.parent not in archives))
    # In processes in any case: so Control-C, which crawls get too, ends them and not who waits for them.
    with spreading.engine(args, [*archives, *leases], usual=processors(), writes=True, apart=True) as engine:
        for number, result in engine.results(crawl, jobs, lambda job: job.site):
            yield number, _lost(jobs[number], result) if isinstance(result, Lost) else result


def _lost(job: Crawl, lost: Lost) -> Crawled:
    return Crawled(
        name=job.name,
        spider=job.spider,
        archive=str(job.archive),
        site=job.site,
        exit_code=FAILED,
        started="",
        seconds=0.0,
        tries=0,
        host="",
        summary=[],
        messages=[lost.problem],
    )


def _tell(crawled: Crawled) -> None:
    again = f", begun {crawled.tries} times" if crawled.tries > 1 else ""
    said = _WORDS.get(crawled.exit_code, _WORDS[FAILED])
    took = f"{crawled.seconds:.0f} s on {crawled.host}" if crawled.host else "its workers were killed"
    printing.show([visible(f"{crawled.name}: {said} (exit code {crawled.exit_code}), {took}{again}")])
    if crawled.exit_code != COMMITTED:
        for line in crawled.messages:
            printing.note(f"{crawled.name}: {line}")


def _summary(done: Iterable[Crawled], left: Sequence[str]) -> str:
    counts = Counter(_WORDS.get(one.exit_code, _WORDS[FAILED]) for one in done)
    parts = [f"{counts[words]} {words}" for words in _WORDS.values() if counts[words]]
    if left:
        parts.append(f"{len(left)} not begun")
    total = sum(counts.values()) + len(left)
    return f"{total} {'crawl' if total == 1 else 'crawls'}: {', '.join(parts)}"
