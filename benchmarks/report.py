"""How long ``psgcrawl report`` takes, and how much memory: anew, with nothing new, after one more snapshot.

::

    python benchmarks/report.py [--snapshots 20] [--entries 1000] [--share 100] [--folder DIR] [--json FILE]

The archive is that of ``benchmarks/history.py``: each snapshot shows the newest entries of
a listing; from one to the next one entry in ``--share`` is new, and one in as many is
edited. Believe the ratios, not the seconds.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import history


@dataclass(frozen=True)
class Figure:
    """What one call needed."""

    call: str
    seconds: float
    """Of the processor, in user and system: what else the machine does is not in it."""
    elapsed: float
    """Seconds on the clock."""
    peak_mb: float
    files: int
    mb: float
    """Length of all files of the report."""


def figures(folder: Path) -> Iterator[Figure]:
    """Yield what each call needed."""
    archive, made = folder / "output", folder / "report"
    (later,) = (folder / "later" / "news").iterdir()
    command = [sys.executable, "-m", "psgcrawl", "--archive", str(archive)]
    for call in ("history, without index", "report, anew", "report, nothing new", "report, one more snapshot"):
        if call.endswith("one more snapshot"):
            later.rename(archive / "news" / later.name)
        what = ["report", "-o", str(made)] if call.startswith("report") else ["history", "news"]
        seconds, elapsed, peak = history.measure([*command, *what])
        sizes = [path.stat().st_size for path in made.rglob("*") if path.is_file()]
        yield Figure(call, seconds, elapsed, peak, len(sizes), sum(sizes) / 1e6)


def main() -> None:
    """Make the archive, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshots", type=int, default=20)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--share", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        history.generate(folder, args.snapshots, args.entries, args.share)
        found = []
        for one in figures(folder):
            found.append(one)
            print(
                f"{one.call:28} {one.seconds:7.1f} s of the processor, {one.elapsed:7.1f} s, {one.peak_mb:6.0f} MB; "
                f"{one.files} files, {one.mb:.1f} MB"
            )
    if args.json:
        args.json.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
