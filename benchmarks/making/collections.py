"""Collections of snapshots, written as a crawl leaves them but for the disk's time: nothing is forced to it.

Each snapshot shows the newest entries of a listing, ten to a page; from one to the next
some are new, as many are edited, and the oldest are out of view.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch

from benchmarks.making import entries as lines_of
from psgcrawl.archive import durable, runlog
from psgcrawl.archive.jsonl import dumps
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES, About, StoredFile, build_manifest
from psgcrawl.records import (
    DERIVATION,
    FORMAT,
    Captured,
    Counts,
    Coverage,
    ListView,
    PageRow,
    Provenance,
    RunLine,
)

PER_PAGE: Final = 10
_SOFTWARE: Final = "benchmark"


def collection(folder: str, snapshots: int, entries: int, share: int = 100, *, later: bool = False) -> None:
    """Write so many snapshots of so many entries as the collection ``news`` of the archive ``folder``/output.

    :param share: of so many entries one is new in each snapshot, and one is edited
    :param later: write one more, without its line in the log, into ``folder``/later/news
    """
    there = Path(folder)
    new = max(1, entries // share)
    last = entries + (snapshots + 1) * new
    days = [date(1985, 1, 1) + timedelta(days=number * 9_000 // last) for number in range(last)]
    edits: dict[int, int] = {}
    log: list[RunLine] = []
    for number in range(snapshots + later):
        newest = entries + number * new
        for edited in range(new) if number else ():
            # Spread over the whole listing, each time others.
            edits[newest - new - 1 - (edited * entries // new + number * 7) % (entries - new)] = number
        shown = sorted(range(newest - entries, newest), key=lambda entry: (-days[entry].toordinal(), entry))
        target = there / ("output" if number < snapshots else "later") / "news"
        line = snapshot(target, number, shown, days, edits)
        if number < snapshots:
            log.append(line)
    with patch.object(durable, "sync_folder"), patch("os.fsync"):
        for line in log:
            runlog.append(there / "output", line)


def snapshot(target: Path, number: int, shown: Sequence[int], days: Sequence[date], edits: dict[int, int]) -> RunLine:
    """Write a snapshot of these entries, in canonical order; return its line for the log."""
    captured = (datetime(2010, 1, 1) + timedelta(days=3 * number)).strftime("%Y-%m-%dT06:00:00Z")  # noqa: DTZ001 - UTC
    time = Captured(since=captured, until=captured)
    there = target / captured.replace("-", "").replace(":", "")
    there.mkdir(parents=True)

    def lines() -> Iterator[bytes]:
        for entry in shown:
            yield lines_of.line(entry, days[entry], f" ({edits[entry]})" if entry in edits else "")

    def rows() -> Iterator[bytes]:
        for position in range(0, len(shown), PER_PAGE):
            yield dumps(_row(position, time, shown[position : position + PER_PAGE], days)) + b"\n"

    stored = [_written(there / ENTRIES, lines()), _written(there / PAGES, rows())]
    pages = (len(shown) + PER_PAGE - 1) // PER_PAGE
    coverage = Coverage(listing="news", complete=False, end=None, positions=[(0, (pages - 1) * PER_PAGE)], gaps=[])
    counts = Counts(pages=pages, entries={"entry": len(shown), "notice": 0, "boilerplate": 0})
    facts = Provenance(
        format=FORMAT,
        software=_SOFTWARE,
        derivation=DERIVATION,
        derived_from=None,
        spider="news",
        arguments={},
        source="live",
        captured=time,
        started=captured,
        finished=captured,
        finish_reason="finished",
        counts=counts,
        coverage=coverage,
    )
    urls = [_address(position) for position in range(0, len(shown), PER_PAGE)]
    manifest = build_manifest(About(collection="news", name=there.name, created=captured, urls=urls), stored, facts)
    (there / MANIFEST).write_bytes(manifest)
    return RunLine(
        started=captured,
        finished=captured,
        collection="news",
        spider="news",
        outcome="committed",
        reasons=[],
        snapshot=there.name,
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        counts=counts,
        coverage=coverage,
        software=_SOFTWARE,
        pages=[],
    )


def _address(position: int) -> str:
    return f"http://perusupportgroup.org.uk/news.php?position={position}"


def _row(position: int, captured: Captured, shown: Sequence[int], days: Sequence[date]) -> PageRow:
    sha = hashlib.sha256(f"{captured.since} {position}".encode()).hexdigest()
    view = ListView(
        name="news",
        whole=False,
        newest=f"{days[shown[0]]}",
        oldest=f"{days[shown[-1]]}",
        entries=[f"news-article-{entry:07d}" for entry in shown],
    )
    return PageRow(
        url=_address(position),
        captured=captured,
        captured_basis="crawl",
        status=200,
        media_type="text/html",
        encoding="utf-8",
        encoding_basis="declared",
        sha256=sha,
        payload_digest="sha1:" + sha[:32].translate(str.maketrans("0189abcdef", "ABCDEFGHIJ")),
        layout="html",
        fields=["caption", "dateline", "summary", "title", "url"],
        position=position,
        lists=[view],
        problems=[],
        carried_from=None,
        warc=None,
    )


def _written(path: Path, lines: Iterator[bytes]) -> StoredFile:
    sha256, length = hashlib.sha256(), 0
    with path.open("wb") as file:
        for line in lines:
            file.write(line)
            sha256.update(line)
            length += len(line)
    return StoredFile(path.name, length, sha256.hexdigest())


def repository(folder: str, archive: str) -> None:
    """Put the entries of each snapshot of ``news`` into a git repository, one commit each, packed as git packs."""
    git = shutil.which("git")
    assert git is not None  # noqa: S101 - the side that needs it was asked
    there = Path(folder)
    subprocess.run([git, "init", "-q", "-b", "main", there], check=True)
    with subprocess.Popen([git, "-C", there, "fast-import", "--quiet"], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        for number, path in enumerate(sorted(Path(archive).glob("news/2*/entries.jsonl"))):
            data = path.read_bytes()
            head = f"commit refs/heads/main\ncommitter a <a@example.org> {1_262_325_600 + 259_200 * number} +0000\n"
            process.stdin.write(f"{head}data 1\nx\nM 100644 inline entries.jsonl\ndata {len(data)}\n".encode())
            process.stdin.write(data + b"\n")
    if process.returncode != 0:
        raise RuntimeError("git fast-import failed")
    subprocess.run([git, "-C", there, "gc", "-q"], check=True)
