"""``python -m tests.scale.rates``: what servers see of 1, 2 and 4 workers.

Four crawls of one site, and three backfills from one web archive, on as many workers. A row
for each: requests, the shortest pause between two crawls' requests to the site, the most
requests to the web archive in any second. The site must see one crawl at a time, the web
archive no more than its budget, however many workers there are.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from time import monotonic
from typing import Final

from psgcrawl.jobs import Engine
from psgcrawl.jobs.crawling import crawl
from psgcrawl.jobs.crawls import Crawl
from psgcrawl.jobs.processes import Processes
from psgcrawl.manners.addresses import origin_of
from tests.miniarchive import MiniArchive
from tests.minisite import MiniSite
from tests.torture.figures import tell

DELAY: Final = 0.25
BUDGET: Final = 5
LATE: Final = 1
"""A request that was on its way for longer than those behind it: they are counted where they arrive."""
_SETTINGS: Final = {"CONTACT": "ops@example.org", "RETRY_FIRST_PAUSE": "0"}


@dataclass(frozen=True)
class Seen:
    """What a server saw."""

    codes: tuple[int, ...]
    """Exit codes of the crawls."""
    times: tuple[float, ...]
    """When requests came, in their order."""

    @property
    def shortest(self) -> float:
        """The shortest time between two requests, in seconds."""
        return min(later - earlier for earlier, later in pairwise(self.times))

    @property
    def most(self) -> int:
        """The most requests in any second."""
        return max(sum(begin <= time < begin + 1 for time in self.times) for begin in self.times)

    @property
    def rate(self) -> float:
        """Requests a second, over all of it."""
        return (len(self.times) - 1) / (self.times[-1] - self.times[0])


def crawls_of_one_site(folder: Path, engine: Engine, listings: Sequence[str]) -> Seen:
    """Crawl one site, each listing into an archive of its own."""
    times: list[float] = []
    lock = Lock()

    def note(_: str) -> None:
        with lock:
            times.append(monotonic())

    with MiniSite() as site:
        site.on_request = note
        origin = origin_of(site.url(""))
        assert origin is not None
        settings = {**_SETTINGS, "DOWNLOAD_DELAY": str(DELAY)}
        jobs = [
            _job(
                folder,
                number,
                listing,
                arguments={"base": site.url("")},
                settings=settings,
                site=f"{origin[0]}:{origin[1]}",
            )
            for number, listing in enumerate(listings)
        ]
        return Seen(_codes(engine, jobs), tuple(times))


def backfills_of_one_web_archive(folder: Path, engine: Engine, listings: Sequence[str]) -> Seen:
    """Bring listings out of one web archive, all at once."""
    with MiniArchive() as web:
        settings = {
            **_SETTINGS,
            "WAYBACK_INDEX_PER_MINUTE": "10000",
            "WAYBACK_MEMENTOS_PER_SECOND": str(BUDGET),
            "WAYBACK_BUDGETS": str(folder / "budgets"),
        }
        jobs = [
            _job(
                folder,
                number,
                "wayback",
                arguments={"listing": name, "webarchive": web.address, "until": "2010-12-31"},
                settings=settings,
                site=None,
            )
            for number, name in enumerate(listings)
        ]
        codes = _codes(engine, jobs)
        return Seen(codes, tuple(sorted(one.at for one in web.asked("memento"))))


def _job(
    folder: Path,
    number: int,
    spider: str,
    *,
    arguments: Mapping[str, str],
    settings: Mapping[str, str],
    site: str | None,
) -> Crawl:
    return Crawl(
        name=f"{number}-{spider}",
        spider=spider,
        arguments=dict(arguments),
        settings=dict(settings),
        archive=folder / f"archive-{number}",
        site=site,
        leases=folder / "leases",
        patience=600,
        folder=folder,
    )


def _codes(engine: Engine, jobs: list[Crawl]) -> tuple[int, ...]:
    # Without lanes: what keeps the crawls apart is the lease alone, as between two who know nothing of each other.
    done = dict(engine.results(crawl, jobs))
    return tuple(getattr(done[number], "exit_code", -1) for number in range(len(jobs)))


def main() -> int:
    """Measure, and print a row for each number of workers."""
    bad = 0
    for workers in (1, 2, 4):
        with TemporaryDirectory() as folder:
            engine = Processes(workers)
            (Path(folder) / "web").mkdir()
            site = crawls_of_one_site(Path(folder), engine, ("news", "articles", "home", "news"))
            web = backfills_of_one_web_archive(Path(folder) / "web", engine, ("news", "articles", "home"))
        bad += site.shortest < 0.9 * DELAY or web.most > BUDGET + LATE or any(site.codes) or 1 in web.codes
        tell(
            f"{workers} workers: the site {len(site.times)} requests, {site.rate:.2f} a second, never less than "
            f"{site.shortest:.2f} s apart (delay {DELAY}); the web archive {len(web.times)} captures, "
            f"{web.rate:.2f} a second, at most {web.most} in any second (budget {BUDGET})"
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
