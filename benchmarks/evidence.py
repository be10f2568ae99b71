"""Live crawls of a site on this machine, with and without evidence: ``python benchmarks/evidence.py``.

First what a full and an unchanged crawl of the small site of the tests leave behind.
Then crawls of synthetic pages of about 13 KB, in turn with the evidence and without: a
process each, its processor time and the most memory it had, medians of the rounds. The
server runs in this process and is not counted.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.reading import read
from tests.crawls import PROJECT
from tests.minisite import Answer, MiniSite

_TEXT = "An invented sentence about an invented river, of a length that summaries have. " * 6
_WITHOUT = """
from dataclasses import replace
import psgcrawl.middlewares.evidence as evidence
from psgcrawl.run import Run

class Nothing:
    def answered(self, *given, **more):
        return None

    def failed(self, *given):
        pass

evidence.Exchanges = lambda spool: Nothing()
add = Run.add
Run.add = lambda self, page: add(self, replace(page, source="memento"))
"""
"""The same crawl, but no record is made and none is asked for."""

_START = "import sys; from scrapy.cmdline import execute; execute(sys.argv[1:])"


def page(number: int) -> bytes:
    """Return a listing page of about 13 KB, with ten entries of its own."""
    items = "".join(
        f'<li><h3><a href="news-article-{number * 10 + place}.html">Synthetic title {number * 10 + place}</a></h3>'
        f'<p class="date">{place % 28 + 1:02d} September 2018</p><p>{_TEXT}</p><p>{_TEXT}</p><p>{_TEXT[:200]}</p></li>'
        for place in range(10)
    )
    return f'<html><head><meta charset="utf-8"><title>t</title></head><body><ul>{items}</ul></body></html>'.encode()


def crawl(archive: Path, base: str, targets: list[str], before: str = "") -> tuple[float, float]:
    """Crawl in a process of its own; return its processor time in seconds and its greatest memory in MB."""
    words = ["crawl", "listing", "-s", f"ARCHIVE_DIR={archive}", "-s", "DOWNLOAD_DELAY=0", "-a", f"base={base}"]
    words += ["-a", "targets=" + " ".join(targets), "-s", "MEMUSAGE_ENABLED=0", "-s", "ROBOTSTXT_OBEY=0"]
    environ = {**os.environ, "PYTHONPATH": str(PROJECT), "SCRAPY_SETTINGS_MODULE": "psgcrawl.settings"}
    call = [
        sys.executable,
        "-c",
        before + _START,
        "scrapy",
        *words,
        "-s",
        "SPIDER_MODULES=tests.listings",
        "-s",
        "CONTACT=ops@example.org",
    ]
    process = os.posix_spawn(sys.executable, call, environ, file_actions=_quiet())
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"the crawl exited with {os.waitstatus_to_exitcode(status)}: the figures would mean nothing")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _quiet() -> list[Any]:
    return [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]


def left_behind(archive: Path, site: MiniSite, targets: list[str]) -> dict[str, object]:
    """Return records and bytes of a full crawl, and what an unchanged one adds."""

    def total() -> tuple[int, int]:
        """Return the bytes of the run log, and all others."""
        found = [path for path in archive.rglob("*") if path.is_file() and "latest" not in path.parts]
        log = sum(path.stat().st_size for path in found if path.name.lstrip(".").startswith("runs"))
        return log, sum(path.stat().st_size for path in found) - log

    crawl(archive, site.url(""), targets)
    [snapshot] = Archive(archive).collection("news").snapshots()
    warc = snapshot.folder / "pages.warc.gz"
    with warc.open("rb") as file:
        records = sum(1 for _ in read(file, warc.name))
    before = total()
    crawl(archive, site.url(""), targets)
    after = total()
    return {
        "pages": len(targets),
        "records": records,
        "bytes of pages.warc.gz": warc.stat().st_size,
        "bytes of the snapshot": before[1],
        "bytes that an unchanged crawl adds to the log": after[0] - before[0],
        "bytes that it adds elsewhere": after[1] - before[1],
    }


def side_by_side(site: MiniSite, pages: int, rounds: int) -> dict[str, object]:
    """Crawl in turn with and without evidence; return medians, and ratios as median, least and most."""
    targets = [f"/news.php?position={number * 10}" for number in range(pages)]
    for number, target in enumerate(targets):
        site.instead[target] = Answer(page(number))
    pairs: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            with_, without = (
                crawl(Path(one), site.url(""), targets),
                crawl(Path(other), site.url(""), targets, _WITHOUT),
            )
            pairs.append((with_, without))
    ratios = [with_[0] / without[0] for with_, without in pairs]
    return {
        "pages": pages,
        "bytes a page": len(page(0)),
        "seconds with": round(statistics.median(with_[0] for with_, _ in pairs), 2),
        "seconds without": round(statistics.median(without[0] for _, without in pairs), 2),
        "ratio": [round(value, 2) for value in (statistics.median(ratios), min(ratios), max(ratios))],
        "MB with": round(statistics.median(with_[1] for with_, _ in pairs), 1),
        "MB without": round(statistics.median(without[1] for _, without in pairs), 1),
    }


def main() -> None:
    """Measure and print, as text or with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, nargs="*", default=[100, 1000])
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with MiniSite() as site, tempfile.TemporaryDirectory() as folder:
        site.validators = True
        targets = [f"/news.php?position={position}" for position in (0, 10, 20, 30)]
        found: dict[str, object] = {"mini site": left_behind(Path(folder), site, targets)}
        site.validators = False
        found["synthetic pages"] = [side_by_side(site, pages, args.rounds) for pages in args.pages]
    found = {"machine": platform.platform(), "python": platform.python_version(), **found}
    print(json.dumps(found, indent=None if args.json else 2))


if __name__ == "__main__":
    main()
