"""``python -m benchmarks.backfill``: what a backfill finds, asks and survives, against a past whose truth is known.

Prints, for the small web archive of the tests in both dialects: captures and entries found
against the truth, claims that are false, requests made against the least number, and whether
runs that are killed at random moments lose anything. ``--webarchive`` takes another one that
holds the same captures (``tests/webarchives/warcs.py`` writes them); ``--number 0`` kills none.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from psgcrawl.archive.history.telling import history
from psgcrawl.archive.store import Archive
from psgcrawl.archive.verify.findings import Finding, Findings
from psgcrawl.archive.verify.whole import verify
from psgcrawl.rebuild import derive
from tests.webarchives import judging, kills, running
from tests.webarchives.judging import ENDED, Found
from tests.webarchives.kills import Trial
from tests.webarchives.truth import COLLECTIONS, TRUTH


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where something is missing, invented or lost."""
    parser = argparse.ArgumentParser(description="figures of scrapy crawl wayback")
    kills.add_arguments(parser)
    given = parser.parse_args(arguments)
    good = True
    with ExitStack() as stack:
        for trial in kills.trials(given, stack):
            print(f"{trial.web.dialect if trial.web else trial.webarchive}:")
            good &= _judge(trial)
            if given.number:
                good &= kills.kill(trial, given.number, given.seed)
    return int(not good)


def _judge(trial: Trial) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive"
        began = time.monotonic()
        code = running.run(archive, trial.webarchive).code
        print(f"  a whole run: exit code {code}, {time.monotonic() - began:.1f} s")
        good = code == 0
        for line, fine in _found(archive):
            print(f"  {line}")
            good &= fine
        if trial.web is not None:
            index, mementos = len(trial.web.asked("index")), len(trial.web.asked("memento"))
            least = TRUTH.fetches()
            print(f"  requests: {index} to the index, {mementos} mementos; what shows a listing needs {least}")
            trial.web.forget()
        again = running.run(archive, trial.webarchive).code
        asked_again = len(trial.web.asked("memento")) if trial.web is not None else 0
        print(f"  the same run again: exit code {again}, {asked_again} mementos")
        return good and again == 0 and asked_again == 0


def _found(archive: Path) -> Iterator[tuple[str, bool]]:
    """Yield lines about what was found, and whether that is as it should be."""
    for name in COLLECTIONS:
        found = Found(archive, name)
        seen, truth = found.entries, TRUTH.entries(name)
        stamps, shown = {stamp for stamp, _ in found.captures}, {one.taken.stamp for one in TRUTH.of(name)}
        line = f"{name}: captures {len(shown & stamps)} of {len(shown)}, entries {len(seen & truth)} of {len(truth)}"
        yield f"{line}, invented {len(seen - truth)}", shown <= stamps and seen == truth
    claimed = judging.claims(archive)
    false = judging.false(claimed, TRUTH)
    yield f"claims between every two snapshots: {len(claimed)}, false: {len(false)}", not false
    ends, false_ends = sum(map(_ends, ("news", "articles"), [archive] * 2)), judging.false_ends(archive, TRUTH)
    yield f"claims of removal in the histories: {ends}, false: {len(false_ends)}", not false_ends
    told: list[Finding] = []
    verify(Archive(archive), [], Findings(archive, told.append), derive=derive, patience=0)
    damage = [one for one in told if one.damage]
    yield f"damage found by verify --deep: {len(damage)}", not damage


def _ends(name: str, archive: Path) -> int:
    lives = history(Archive(archive), Archive(archive).collection(name), print).lives
    return sum(life.state in ENDED and life.entry.kind == "entry" for life in lives)


if __name__ == "__main__":
    sys.exit(main())
