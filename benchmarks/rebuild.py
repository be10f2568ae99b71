"""Deriving a snapshot again, beside what it cannot be faster than: ``python benchmarks/rebuild.py``.

Two snapshots of 1,000 synthetic pages of about 15 KB with ten entries each, in an archive
in a temporary folder. In each round everything is measured once, in turn; wall-clock
seconds, medians of the rounds. ``--jobs 2`` reads two snapshots, for a snapshot is the unit.
"""

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import lxml.html
from reading import page

from psgcrawl import layouts
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.spool import Member
from psgcrawl.captures.capture import derived
from psgcrawl.captures.stored import capture_of
from psgcrawl.jobs import Lost
from psgcrawl.jobs.here import Here
from psgcrawl.jobs.processes import Processes
from psgcrawl.rebuild import derive
from psgcrawl.rebuild.outcomes import Failure
from psgcrawl.rebuild.work import Again, rebuild
from psgcrawl.run import Run

STARTED: Final = "2019-01-01T00:00:00Z"
HEADERS: Final = ((b"Content-Type", b"text/html; charset=utf-8"),)


def bodies(pages: int) -> list[bytes]:
    """Return pages with entries of their own."""
    return [page().replace(b"news-article-", b"news-article-%d0" % number) for number in range(1, pages + 1)]


def snapshot(archive: Path, shown: list[bytes], day: int) -> Snapshot:
    """Write a snapshot of these pages, as a crawl does."""
    run = Run(archive, spider="benchmark", arguments={}, started=STARTED)
    for component in ("store", "ledger", "start"):
        run.report(component)
    for number, body in enumerate(shown):
        address = f"http://perusupportgroup.org.uk/news.php?position={10 * number}"
        date = f"2018-09-{day:02d}T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
        record = run.evidence.make.response(address, date, Message(b"HTTP/1.1 200 OK", HEADERS, body))
        run.evidence.add([Member.of(record)])
        run.yielded()
        run.add(derived(capture_of(record, None, address), STARTED))
    run.finish("finished", STARTED)
    return Archive(archive).collection("news").snapshots()[-1]


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def examined(snapshots: list[Snapshot], jobs: int) -> None:
    """Do what ``psgcrawl rebuild --check`` does."""
    looks = [Again(one.folder.parents[1], one, STARTED, check=True) for one in snapshots]
    for _, done in (Processes(jobs) if jobs > 1 else Here()).results(rebuild, looks):
        if isinstance(done, Lost) or isinstance(done.found, Failure) or done.found.differs:
            raise SystemExit(f"not the same bytes: the figures would mean nothing: {done}")


def measured(archive: Path, pages: int, rounds: int) -> list[dict[str, object]]:
    """Return a row for each thing that is measured."""
    shown = bodies(pages)
    two = [snapshot(archive, shown, day) for day in (1, 15)]
    evidence, zcat = two[0].evidence(), shutil.which("zcat")
    if evidence is None or zcat is None:
        raise SystemExit("no evidence, or no zcat: nothing to measure by")

    def records() -> None:
        with evidence.open("rb") as file:
            for _ in read(file, str(evidence)):
                pass

    works: dict[str, tuple[int, Callable[[], object]]] = {
        "zcat of the evidence": (1, lambda: subprocess.run([zcat, evidence], stdout=subprocess.DEVNULL, check=True)),
        "its records read": (1, records),
        "lxml.html.fromstring alone": (1, lambda: [lxml.html.fromstring(body) for body in shown]),
        "layouts alone": (1, lambda: [layouts.read(body, media_type="text/html", charset="utf-8") for body in shown]),
        "derived again": (1, lambda: derive(two[0])),
        "rebuild --check --jobs 1": (2, lambda: examined(two, 1)),
        "rebuild --check --jobs 2": (2, lambda: examined(two, 2)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (snapshots, work) in works.items():
            seconds[name].append(timed(work) / snapshots)
    floor = seconds["lxml.html.fromstring alone"]
    return [
        {
            "what": name,
            "pages_per_second": round(pages / statistics.median(taken)),
            "seconds_per_1000": round(statistics.median(taken) * 1000 / pages, 2),
            "times_lxml": round(statistics.median(one / other for one, other in zip(taken, floor, strict=True)), 2),
        }
        for name, taken in seconds.items()
    ]


def main() -> None:
    """Measure and print, as a table or with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        rows = measured(Path(folder), args.pages, args.rounds)
    if args.json:
        print(json.dumps({"machine": platform.platform(), "python": platform.python_version(), "rows": rows}, indent=2))
        return
    print(f"{platform.platform()}, Python {platform.python_version()}; {len(page())} bytes a page")
    for row in rows:
        print(
            f"{row['pages_per_second']:>8} pages/s  {row['seconds_per_1000']:>6} s for 1,000  "
            f"{row['times_lxml']:>6} times lxml  {row['what']}"
        )


if __name__ == "__main__":
    main()
