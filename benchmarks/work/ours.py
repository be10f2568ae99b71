"""What the program does, where no command does it alone."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from benchmarks.making import entries as lines_of
from benchmarks.making.pages import page
from psgcrawl import cli, datelines, layouts
from psgcrawl.archive import jsonl
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.write import RunFacts, write_snapshot
from psgcrawl.records import Captured, Entry, Page


def layout(pages: int) -> Callable[[], None]:
    """Read pages whose markup the layout does not know."""
    shown = [page(number, pages) for number in range(pages)]
    entries = layouts.read(shown[0], media_type="text/html").entries
    if sum(entry.kind == "entry" for entry in entries) != 10:
        raise SystemExit("the page is not read as ten entries: the figures would mean nothing")

    def work() -> None:
        for body in shown:
            layouts.read(body, media_type="text/html")

    return work


def dates(times: int) -> Callable[[], None]:
    """Read datelines, each of them for the first time."""
    lines = [f"Update {number}. 30 April 2004" for number in range(100, 100 + times)]

    def work() -> None:
        for line in lines:
            datelines.parse(line)

    return work


def writing(entries: int, times: int) -> Callable[[], None]:
    """Write entries as lines."""
    records = [Entry(**lines_of.fields(number, lines_of.day_of(number, entries))) for number in range(entries)]

    def work() -> None:
        for _ in range(times):
            jsonl.dump_lines(records)

    return work


def commit(folder: str, pages: int, times: int) -> Callable[[], Mapping[str, float]]:
    """Commit a snapshot of so many pages of ten entries, so many times, each into an archive of its own."""
    shown = [_page(number, pages) for number in range(pages)]
    run = RunFacts(spider="news", source="live", started=_TIME, finished=_TIME, finish_reason="finished")
    there = Path(folder)
    if there.exists():
        shutil.rmtree(there)
    there.mkdir()

    def work() -> Mapping[str, float]:
        for number in range(times):
            with CollectionLock(there / f"{number}", "news") as lock:
                write_snapshot(lock, shown, run)
        return {"bytes": sum(path.stat().st_size for path in (there / "0").rglob("*.json*"))}

    return work


_TIME = "2019-10-20T06:00:00Z"


def _page(number: int, pages: int) -> Page:
    first = number * 10
    entries = tuple(
        Entry(**lines_of.fields(place, lines_of.day_of(place, pages * 10))) for place in range(first, first + 10)
    )
    return Page(
        collection="news",
        url=f"http://perusupportgroup.org.uk/news.php?position={first}",
        place="",
        captured=Captured(since=_TIME, until=_TIME),
        captured_basis="crawl",
        source="live",
        status=200,
        media_type="text/html",
        encoding="utf-8",
        encoding_basis="declared",
        sha256=f"{number:064x}",
        payload_digest="sha1:" + "A" * 32,
        layout="html-dated-blocks",
        fields=("caption", "dateline", "summary", "title", "url"),
        position=first,
        problems=(),
        entries=entries,
        lists=("news",) * 10,
    )


def answer(words: list[str], times: int) -> Callable[[], None]:
    """Answer a question by a command, so many times: what starting up takes is not timed."""
    with redirect_stdout(StringIO()):
        if cli.main(words) != 0:
            raise SystemExit(f"psgcrawl {words} has failed: the figures would mean nothing")

    def work() -> None:
        for _ in range(times):
            with redirect_stdout(StringIO()):
                cli.main(words)

    return work
