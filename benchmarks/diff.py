"""How long ``psgcrawl diff`` takes, and how much memory, beside others on the same two files in the same run.

::

    python benchmarks/diff.py [--entries 10000 100000 1000000] [--rounds 5] [--folder DIR] [--json FILE]

Two files of entries in canonical order are generated; one entry in a thousand is
removed, one added, one edited. Each round runs every rival once, so that what else the
machine does falls on all alike. Believe the ratios, not the seconds.

``sort`` and ``comm`` sort first, as for files of unknown order; ``comm`` alone takes the
sorted files as given. DuckDB takes part where it is installed. None of the rivals finds
out which entry became which, or what a page had seen.
"""

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
OURS = "psgcrawl diff --stat"
WORDS = (
    "Peru government mining conflict rights congress president women water protest law court "
    "river company indigenous campaign report region mine election the of and in to for with"
).split()

DUCKDB = """
import sys, duckdb
read = "read_csv('{}', columns={{'line': 'VARCHAR'}}, header=false, delim='\\x01', quote='', escape='', "
read += "auto_detect=false)"
old, new = (read.format(path) for path in sys.argv[1:3])
count = "SELECT count(*) FROM {} a ANTI JOIN {} b ON a.line = b.line"
found = [duckdb.sql(count.format(*pair)).fetchall()[0][0] for pair in ((old, new), (new, old))]
# An answer that is wrong would be no rival's.
sys.exit(found != [int(sys.argv[3])] * 2)
"""

DIFFERENT = frozenset({OURS, "diff", "git diff --stat"})
"""Rivals that say by exit code 1 that the files differ; from all others 1 is a failure."""


@dataclass(frozen=True)
class Figure:
    """What one rival needed, over all rounds."""

    rival: str
    seconds: list[float]
    peak_mb: float

    @property
    def middle(self) -> float:
        """The median of its times, in seconds."""
        return median(self.seconds)


# --- the two files ----------------------------------------------------------------------


def entry(number: int, day: date, edited: str = "") -> str:
    """Return the line of the entry ``number``, the same for the same number."""
    chance = random.Random(number)  # noqa: S311 - words, not secrets
    title = " ".join(chance.choices(WORDS, k=7))
    summary = " ".join(chance.choices(WORDS, k=40))
    values: dict[str, Any] = {
        "id": f"news-article-{number:07d}",
        "date_earliest": f"{day}",
        "date_latest": f"{day}",
        "date_edtf": f"{day}",
        "kind": "entry",
        "series": None,
        "issue": None,
        "title": f"{title.capitalize()}{edited}",
        "summary": f"{summary.capitalize()}.",
        "url": f"http://perusupportgroup.org.uk/news-article-{number:07d}.html",
        "caption": None,
        "categories": [],
        "modified": None,
        "dateline": f"{day:%d %B %Y}",
        "flags": [],
    }
    return json.dumps(values, separators=(",", ":")) + "\n"


def generate(folder: Path, entries: int) -> None:
    """Write ``old.jsonl`` and ``new.jsonl``, each of so many entries in canonical order."""
    newest = date(2019, 10, 20)
    with (folder / "old.jsonl").open("w") as old, (folder / "new.jsonl").open("w") as new:
        for place in range(entries):
            # Some entries share a day; ids rise within it, as the canonical order wants.
            day = newest - timedelta(days=place * 12_000 // entries)
            line = entry(place, day)
            which = place % 1000
            if which != 500:  # an entry that was added
                old.write(line)
            if which == 250:  # one that was edited
                new.write(entry(place, day, " (corrected)"))
            elif which != 750:  # one that was removed
                new.write(line)


def differing(entries: int) -> int:
    """Return how many lines of either file are not in the other: an edited one, and an added or removed one."""
    return sum(place % 1000 == 250 for place in range(entries)) + sum(place % 1000 == 500 for place in range(entries))


# --- the runs ---------------------------------------------------------------------------


def rivals(folder: Path, entries: int) -> Iterator[tuple[str, list[str]]]:
    """Yield name and command of each rival."""
    old, new = str(folder / "old.jsonl"), str(folder / "new.jsonl")
    yield OURS, [sys.executable, "-m", "psgcrawl", "--archive", str(folder), "diff", old, new, "--stat"]
    yield "cat of both", ["cat", old, new]
    yield "diff", ["diff", old, new]
    yield "comm, sorted before", ["comm", "-3", f"{old}.sorted", f"{new}.sorted"]
    script = 'sort "$1" > "$1.tmp" && sort "$2" > "$2.tmp" && comm -3 "$1.tmp" "$2.tmp"'
    yield "sort and comm", ["sh", "-c", script, "sh", old, new]
    # Beyond half a gigabyte git takes files for binary, and does not look for lines.
    yield "git diff --stat", ["git", "-c", "core.bigFileThreshold=16g", "diff", "--no-index", "--stat", old, new]
    if importlib.util.find_spec("duckdb"):
        yield "DuckDB anti-join", [sys.executable, "-c", DUCKDB, old, new, str(differing(entries))]


def measure(command: Sequence[str], expected: int) -> tuple[float, float]:
    """Run ``command`` and return its seconds and its peak memory in MB, that of its children included.

    :param expected: its exit code
    :raises RuntimeError: when it exits with another
    """
    environment = {**os.environ, "LC_ALL": "C", "PYTHONPATH": str(PROJECT), "GIT_PAGER": ""}
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        raise RuntimeError(f"{command[0]} exited with {process.returncode}")
    return seconds, usage.ru_maxrss / 1000


def compete(entries: int, rounds: int, folder: Path) -> list[Figure]:
    """Return the figures of all rivals at one size."""
    # In a process of its own: what this one has used would count as the peak of its children.
    subprocess.run([sys.executable, __file__, "--generate", str(entries), "--folder", str(folder)], check=True)
    for name in ("old", "new"):
        path = folder / f"{name}.jsonl"
        subprocess.run(["sort", "-o", f"{path}.sorted", path], check=True, env={**os.environ, "LC_ALL": "C"})  # noqa: S607
    commands = dict(rivals(folder, entries))
    times: dict[str, list[float]] = {name: [] for name in commands}
    peaks: dict[str, float] = dict.fromkeys(commands, 0.0)
    for _ in range(rounds):
        for name, command in commands.items():
            seconds, peak = measure(command, int(name in DIFFERENT))
            times[name].append(seconds)
            peaks[name] = max(peaks[name], peak)
    return [Figure(name, times[name], peaks[name]) for name in commands]


def table(entries: int, figures: Sequence[Figure]) -> list[str]:
    """Return the lines of a table of Markdown."""
    ours = next(figure for figure in figures if figure.rival == OURS)
    lines = [
        f"{entries:,} entries on each side",
        "",
        "| | seconds: median (min-max) | times psgcrawl's | peak MB | times psgcrawl's |",
        "|---|---|---|---|---|",
    ]
    for figure in sorted(figures, key=lambda figure: figure.middle):
        spread = f"{figure.middle:.2f} ({min(figure.seconds):.2f}-{max(figure.seconds):.2f})"
        ratios = f"{figure.middle / ours.middle:.2f}", f"{figure.peak_mb / ours.peak_mb:.1f}"
        lines.append(f"| {figure.rival} | {spread} | {ratios[0]} | {figure.peak_mb:.0f} | {ratios[1]} |")
    return [*lines, ""]


def main() -> None:
    """Run the benchmark, or only generate the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the files go; a temporary folder by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--generate", type=int, metavar="N", help="only write old.jsonl and new.jsonl into --folder")
    args = parser.parse_args()
    if args.generate:
        generate(args.folder, args.generate)
        return
    results: dict[int, list[dict[str, Any]]] = {}
    for entries in args.entries:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            figures = compete(entries, args.rounds, Path(folder))
        print("\n".join(table(entries, figures)), flush=True)
        results[entries] = [asdict(figure) for figure in figures]
    if args.json:
        args.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
