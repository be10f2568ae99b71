"""``python -m benchmarks.backfill``: what a backfill finds, asks and survives, against a past whose truth is known.

Prints, for the small web archive of the tests in both dialects: captures and entries found
against the truth, claims of removal that are false, requests made against the least number,
and whether runs that are killed at random moments lose anything. ``--webarchive`` takes
another one that holds the same captures (``tests/webarchives/warcs.py`` writes them).
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from psgcrawl.archive.history.telling import history
from psgcrawl.archive.store import Archive
from psgcrawl.archive.verify.findings import Finding, Findings
from psgcrawl.archive.verify.whole import verify
from psgcrawl.rebuild import derive
from tests.backfills import brought, captures, entries
from tests.miniarchive import Dialect, MiniArchive, slow
from tests.webarchives.truth import COLLECTIONS, TRUTH

_SETTINGS = {
    "CONTACT": "ops@example.org",
    "WAYBACK_INDEX_PER_MINUTE": "10000",
    "WAYBACK_MEMENTOS_PER_SECOND": "10000",
    "WAYBACK_PAUSE": "1",
}
_LATE = 0.03
"""Seconds that the small web archive takes for an answer, so that there is time to kill."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where something is missing, invented or lost."""
    parser = argparse.ArgumentParser(description="figures of scrapy crawl wayback")
    parser.add_argument("--kills", type=int, default=20, help="how many moments a run is killed at")
    parser.add_argument("--seed", type=int, default=7, help="of the moments")
    parser.add_argument("--webarchive", help="the address of another web archive with the same captures")
    parser.add_argument("--dialect", choices=("internet-archive", "pywb"), help="only this one of the small one")
    given = parser.parse_args(arguments)
    if given.webarchive:
        return int(not _judge(given.webarchive, None, given.kills, given.seed))
    dialects: tuple[Dialect, ...] = ("internet-archive", "pywb")
    good = True
    for dialect in [given.dialect] if given.dialect else dialects:
        with MiniArchive(dialect=dialect) as site:
            print(f"{dialect}:")
            good &= _judge(site.address, site, given.kills, given.seed)
    return int(not good)


def _judge(webarchive: str, site: MiniArchive | None, kills: int, seed: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "whole"
        began = time.monotonic()
        code = _start(archive, webarchive).wait()
        took = time.monotonic() - began
        good = code == 0
        print(f"  a whole run: exit code {code}, {took:.1f} s")
        for line, fine in _found(archive):
            print(f"  {line}")
            good &= fine
        if site is not None:
            index, mementos = len(site.asked("index")), len(site.asked("memento"))
            print(
                f"  requests: {index} to the index, {mementos} mementos; what shows a listing needs {TRUTH.fetches()}"
            )
            site.forget()
            site.fault = slow(_LATE)
        again = _start(archive, webarchive).wait()
        asked_again = len(site.asked("memento")) if site is not None else 0
        print(f"  the same run again: exit code {again}, {asked_again} mementos")
        good &= again == 0 and asked_again == 0
        moments = random.Random(seed)  # noqa: S311 - no secret
        waits = [moments.uniform(0.2, 1.2) * took for _ in range(kills)]
        return _survives(Path(folder), webarchive, site, waits) and good


def _found(archive: Path) -> Iterator[tuple[str, bool]]:
    """Yield lines about what was found, and whether that is as it should be."""
    for name in COLLECTIONS:
        seen, truth = entries(archive, name), TRUTH.entries(name)
        stamps = {"".join(filter(str.isdigit, when)) for _, when in captures(archive, name)}
        shown = {one.taken.stamp for one in TRUTH.of(name)}
        line = f"{name}: captures {len(shown & stamps)} of {len(shown)}, entries {len(seen & truth)} of {len(truth)}"
        yield f"{line}, invented {len(seen - truth)}", shown <= stamps and seen == truth
    false = []
    claimed: Counter[str] = Counter()
    for name in ("news", "articles"):
        for life in history(Archive(archive), Archive(archive).collection(name), print).lives:
            if life.state in {"removed", "aged-out"} and life.entry.kind == "entry":
                claimed[name] += 1
                false += [life.id] if TRUTH.gone(life.id) is None else []
    yield f"claims of removal: {claimed.total()}, false: {len(false)}", not false
    told: list[Finding] = []
    verify(Archive(archive), [], Findings(archive, told.append), derive=derive, patience=0)
    damage = [one for one in told if one.damage]
    yield f"damage found by verify --deep: {len(damage)}", not damage


def _survives(folder: Path, webarchive: str, site: MiniArchive | None, waits: Sequence[float]) -> bool:
    """Kill a run after each of these waits, let the next one end, and compare with the whole run."""
    whole = brought(folder / "whole")
    same = twice = 0
    for number, wait in enumerate(waits):
        archive = folder / f"killed-{number}"
        if site is not None:
            site.forget()
        process = _start(archive, webarchive)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        code = _start(archive, webarchive).wait()
        equal = code == 0 and brought(archive) == whole
        same += equal
        if site is not None:
            counted = Counter(one.target for one in site.asked("memento"))
            twice += sum(count - 1 for count in counted.values())
        if not equal:
            print(f"  killed {number}: exit code {code}: {_differing(brought(archive), whole)}")
    print(f"  killed at {len(waits)} random moments and run once more: {same} as the whole run")
    print(f"  captures asked for twice by that: {twice}")
    return same == len(waits) and twice <= len(waits)


def _differing(one: dict[str, dict[str, bytes]], other: dict[str, dict[str, bytes]]) -> str:
    return "; ".join(f"{name}: {sorted(one.get(name, {}))} for {sorted(other[name])}" for name in sorted(other))


def _start(archive: Path, webarchive: str) -> "subprocess.Popen[bytes]":
    settings = {**_SETTINGS, "ARCHIVE_DIR": str(archive), "WAYBACK_BUDGETS": str(archive.parent / "budgets")}
    words = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "wayback", "-a", f"webarchive={webarchive}", *words],
        stdout=quiet,
        stderr=quiet,
        env=os.environ,
    )


if __name__ == "__main__":
    sys.exit(main())
