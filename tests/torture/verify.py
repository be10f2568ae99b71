"""``python -m tests.torture.verify``: damage a small archive at every byte, and count what ``verify`` finds.

Every file of its snapshot, the run log and its head: at each position a flipped bit, a
deleted and a doubled byte; cut off at each length; each line or record dropped, doubled
and swapped with those behind it. First as it is, for a plain check; then, of the snapshot's
files, with all hashes above them made right again, for a deep one.

``--step N`` tries every Nth position, ``--deep-step N`` does so for the deep check. Exit
code 1 where a plain check missed anything.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from psgcrawl.archive import runlog
from tests.archive.verify.damaging import all_of
from tests.archive.verify.making import FILES, NAME, check, patch_log, patch_up, small
from tests.torture.figures import tell

SHOWN = 20
"""How many of what was missed in a file are printed."""


def trials(archive: Path, path: Path, step: int, *, patched: bool, whole: bool = True) -> Iterator[tuple[str, bool]]:
    """Yield what was done to ``path``, and whether it was found; at the end all is as it was."""
    manifest = archive / "news" / NAME / "datapackage.json"
    kept = {one: one.read_bytes() for one in (path, manifest, archive / runlog.RUNS, archive / runlog.HEAD)}
    for what, damaged in all_of(path, step, whole=whole):
        path.write_bytes(damaged)
        if patched and path == manifest:
            patch_log(archive)
        elif patched:
            patch_up(archive)
        yield what, bool(check(archive, deep=patched).problems)
        for one, data in kept.items():
            one.write_bytes(data)


def torture(archive: Path, step: int, *, patched: bool) -> int:
    """Damage each file, print the figures, and return how often nothing was found."""
    files = [archive / "news" / NAME / name for name in FILES]
    if not patched:
        files += [archive / runlog.RUNS, archive / runlog.HEAD]
    missed_in_all = 0
    for path in files:
        outcomes = dict(trials(archive, path, step, patched=patched))
        missed = [what for what, found in outcomes.items() if not found]
        how = "deep, hashes patched" if patched else "plain"
        tell(f"{how}: {path.name}: {len(outcomes)} tried, {len(outcomes) - len(missed)} found")
        for what in missed[:SHOWN]:
            tell(f"    missed: {what}")
        missed_in_all += len(missed)
    return missed_in_all


def main() -> int:
    """Run what is asked for, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--step", type=int, default=1, help="try every Nth position")
    parser.add_argument("--deep-step", type=int, help="the same for the deep check, which takes ten times as long")
    parser.add_argument("--only", choices=["plain", "deep"], help="run one of the two")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    try:
        archive = small(folder / "archive")
        problems = check(archive, deep=True).problems
        if problems:
            tell("\n".join(["not sound to begin with:", *problems]))
            return 1
        missed = 0 if args.only == "deep" else torture(archive, args.step, patched=False)
        if args.only != "plain":
            torture(archive, args.deep_step or args.step, patched=True)
    finally:
        shutil.rmtree(folder)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
