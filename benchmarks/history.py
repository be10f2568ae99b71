"""How long ``psgcrawl history`` takes, and how much memory: first call, second call, after one more snapshot.

::

    python benchmarks/history.py [--snapshots 1000] [--entries 1000] [--rounds 3] [--folder DIR] [--json FILE]

A collection is generated: each snapshot shows the newest entries of a listing, ten to a
page; from one to the next one entry in a hundred is new, one is edited and the oldest
are out of view, so that 98 lines of 100 stay. Beside it stands the time that reading all
files takes, in blocks and line by line. Believe the ratios, not the seconds.

``without index`` is what a read-only archive costs. ``--jsonl`` writes every revision of
every entry, old and new, which is most of its time.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent))

import diff

from psgcrawl.archive.index.schema import NAME
from psgcrawl.archive.jsonl import dumps
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES, About, StoredFile, build_manifest
from psgcrawl.records import Captured, Counts, Coverage, ListView, PageRow, Provenance

PER_PAGE = 10
"""Entries on a page of the listing."""

READ = "import sys; [0 for path in sys.argv[1:] for block in iter(open(path, 'rb', 0).read, b'')]"
SPLIT = "import sys; [0 for path in sys.argv[1:] for line in open(path, 'rb')]"


@dataclass(frozen=True)
class Figure:
    """What one call needed, over all rounds."""

    call: str
    seconds: list[float]
    """Of the processor, in user and system: what else the machine does is not in it."""
    elapsed: list[float]
    """Seconds on the clock."""
    peak_mb: float


# --- the collection ---------------------------------------------------------------------


def snapshot(folder: Path, number: int, lines: Sequence[bytes], days: Sequence[date], ids: Sequence[str]) -> None:
    """Write the snapshot that shows these lines of entries, of these days and ids, newest first."""
    captured = (datetime(2010, 1, 1) + timedelta(days=3 * number)).strftime("%Y-%m-%dT06:00:00Z")  # noqa: DTZ001 - UTC
    time_ = Captured(since=captured, until=captured)
    there = folder / captured.replace("-", "").replace(":", "")
    there.mkdir(parents=True)
    rows = []
    for position in range(0, len(lines), PER_PAGE):
        shown = slice(position, position + PER_PAGE)
        data = b"".join(lines[shown])
        view = ListView(
            name="news",
            whole=False,
            newest=f"{days[shown][0]}",
            oldest=f"{days[shown][-1]}",
            entries=list(ids[shown]),
        )
        sha = hashlib.sha256(data).hexdigest()
        rows.append(page(position, time_, sha, view))
    files = {ENTRIES: b"".join(lines), PAGES: b"".join(dumps(row) + b"\n" for row in rows)}
    for name, data in files.items():
        (there / name).write_bytes(data)
    stored = [StoredFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()]
    coverage = Coverage(listing="news", complete=False, end=None, positions=[(0, len(lines) - PER_PAGE)], gaps=[])
    about = About(collection="news", name=there.name, created=captured)
    (there / MANIFEST).write_bytes(build_manifest(about, stored, provenance(time_, len(rows), len(lines), coverage)))


def page(position: int, captured: Captured, sha256: str, view: ListView) -> PageRow:
    """Return a page of the listing."""
    return PageRow(
        url=f"http://perusupportgroup.org.uk/news.php?position={position}",
        captured=captured,
        captured_basis="crawl",
        status=200,
        media_type="text/html",
        encoding="utf-8",
        encoding_basis="declared",
        sha256=sha256,
        payload_digest="sha1:" + sha256[:32].translate(str.maketrans("0189abcdef", "ABCDEFGHIJ")),
        layout="html",
        fields=["caption", "dateline", "summary", "title", "url"],
        position=position,
        lists=[view],
        problems=[],
        carried_from=None,
        warc=None,
    )


def provenance(captured: Captured, pages: int, entries: int, coverage: Coverage) -> Provenance:
    """Return where a generated snapshot comes from."""
    return Provenance(
        format=1,
        software="benchmark",
        derivation=1,
        derived_from=None,
        spider="news",
        arguments={},
        source="live",
        captured=captured,
        started=captured.since,
        finished=captured.since,
        finish_reason="finished",
        counts=Counts(pages=pages, entries={"entry": entries, "notice": 0, "boilerplate": 0}),
        coverage=coverage,
    )


def generate(folder: Path, snapshots: int, entries: int, share: int = 100) -> None:
    """Write so many snapshots of so many entries, and one more into the folder ``later``.

    :param share: of so many entries one is new in each snapshot, and one is edited
    """
    new = max(1, entries // share)
    last = entries + (snapshots + 1) * new
    first_day = date(1985, 1, 1)
    lines: dict[int, bytes] = {}
    days = {number: first_day + timedelta(days=number * 9_000 // last) for number in range(last)}
    for number in range(snapshots + 1):
        newest = entries + number * new
        for entry in range(newest - new if number else 0, newest):
            lines[entry] = diff.entry(entry, days[entry]).encode()
        for edited in range(new) if number else ():
            # Spread over the whole listing, each time others.
            entry = newest - new - 1 - (edited * entries // new + number * 7) % (entries - new)
            lines[entry] = diff.entry(entry, days[entry], f" ({number})").encode()
        shown = sorted(range(newest - entries, newest), key=lambda entry: (-days[entry].toordinal(), entry))
        names = [f"news-article-{entry:07d}" for entry in shown]
        target = folder / ("output" if number < snapshots else "later") / "news"
        snapshot(target, number, [lines[entry] for entry in shown], [days[entry] for entry in shown], names)


# --- the runs ---------------------------------------------------------------------------


def measure(command: Sequence[str]) -> tuple[float, float, float]:
    """Run ``command``; return its seconds of the processor and on the clock, and its peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(diff.PROJECT)})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1000


Call = tuple[str, Sequence[str], Callable[[], object]]


def calls(folder: Path) -> Iterator[Call]:
    """Yield the calls: name, command, what is done before."""
    archive = folder / "output"
    index = archive / NAME
    (later,) = (folder / "later" / "news").iterdir()
    files = [str(path) for path in sorted(archive.glob("news/*/*.jsonl"))]
    told = [sys.executable, "-m", "psgcrawl", "--archive", str(archive), "history", "news"]

    def nothing() -> None:
        pass

    def forget() -> None:
        index.unlink(missing_ok=True)

    def only_read() -> None:
        # A folder in its place cannot be replaced, even by root: no index is written.
        forget()
        index.mkdir()

    def writable() -> None:
        index.rmdir()
        forget()

    def more() -> None:
        later.rename(archive / "news" / later.name)

    def back() -> None:
        (archive / "news" / later.name).rename(later)

    yield "start and import", [*told[:-2], "--version"], nothing
    yield "reading all files, in blocks", [sys.executable, "-c", READ, *files], nothing
    yield "reading all files, by line", [sys.executable, "-c", SPLIT, *files], nothing
    yield "history, without index", told, only_read
    yield "history, first call", told, writable
    yield "history, second call", told, nothing
    yield "history --jsonl, second call", [*told, "--jsonl"], nothing
    yield "history, one more snapshot", told, more
    yield "history, the newest taken away", told, back
    (middle,) = [sorted((archive / "news").iterdir())[len(files) // 4]]
    aside = folder / "later" / "news" / middle.name
    yield "history, a middle one taken away", told, lambda: middle.rename(aside)
    yield "history, it comes back (backfill)", told, lambda: aside.rename(middle)


def table(figures: Sequence[Figure]) -> list[str]:
    """Return the lines of a table of Markdown."""
    lines = ["| | processor seconds: median (min-max) | on the clock | peak MB |", "|---|---|---|---|"]
    for figure in figures:
        spread = f"{median(figure.seconds):.2f} ({min(figure.seconds):.2f}-{max(figure.seconds):.2f})"
        lines.append(f"| {figure.call} | {spread} | {median(figure.elapsed):.2f} | {figure.peak_mb:.0f} |")
    return lines


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshots", type=int, default=1000, metavar="N")
    parser.add_argument("--entries", type=int, default=1000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the files go; a temporary folder by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--generate", action="store_true", help="only write the collection into --folder")
    args = parser.parse_args()
    if args.generate:
        generate(args.folder, args.snapshots, args.entries)
        return
    times: dict[str, list[float]] = {}
    clock: dict[str, list[float]] = {}
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        # In a process of its own: what this one has used would count as the peak of its children.
        size = ["--snapshots", str(args.snapshots), "--entries", str(args.entries)]
        subprocess.run(
            [sys.executable, __file__, "--generate", *size, "--folder", name],
            check=True,
            env={**os.environ, "PYTHONPATH": str(diff.PROJECT)},
        )
        for _ in range(args.rounds):
            for call, command, before in calls(Path(name)):
                before()
                seconds, elapsed, peak = measure(command)
                times.setdefault(call, []).append(seconds)
                clock.setdefault(call, []).append(elapsed)
                peaks[call] = max(peaks.get(call, 0.0), peak)
        size_mb = (Path(name) / "output" / NAME).stat().st_size / 1e6
    figures = [Figure(call, times[call], clock[call], peaks[call]) for call in times]
    print(f"{args.snapshots:,} snapshots of {args.entries:,} entries; index {size_mb:.0f} MB\n")
    print("\n".join(table(figures)))
    if args.json:
        args.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")


if __name__ == "__main__":
    main()
