"""Archives with evidence, for tests: what a crawl would have fetched, and stored ones that an older parser has read."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psgcrawl.archive import jsonl
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.spool import Member, Spool
from psgcrawl.captures.capture import derived
from psgcrawl.captures.stored import capture_of
from psgcrawl.records import Entry, Page, PageRow, replace
from psgcrawl.run import Run

STARTED = "2019-01-01T00:00:00Z"
DAY = "2018-09-29T06:00:00Z"
NEWS = "http://perusupportgroup.org.uk/news.php?position={}"


def html(first: int = 10, shown: int = 10, *, word: str = "invented") -> bytes:
    """A listing page with entries of the days before the 28th, each with a page of its own."""
    items = "".join(
        f'<li><h3><a href="news-article-{number}.html">Synthetic title {number}</a></h3>'
        f"<p>{number % 28 + 1:02d} September 2018</p><p>A sentence about an {word} river.</p></li>"
        for number in range(first + shown, first, -1)
    )
    return f"<html><head><title>t</title></head><body><ul>{items}</ul></body></html>".encode()


def response(body: bytes, *headers: tuple[bytes, bytes], status: bytes = b"200 OK") -> Message:
    return Message(b"HTTP/1.1 " + status, ((b"Content-Type", b"text/html; charset=utf-8"), *headers), body)


def zipped(body: bytes) -> Message:
    return response(gzip.compress(body, mtime=0), (b"Content-Encoding", b"gzip"))


@dataclass
class Crawl:
    """A run that writes its evidence as a crawl would, into a collection ``news``."""

    archive: Path
    spider: str = "captures"
    run: Run = field(init=False)

    def __post_init__(self) -> None:
        self.run = Run(self.archive, spider=self.spider, arguments={"path": "x"}, started=STARTED)
        for component in ("store", "ledger", "start"):
            self.run.report(component)

    @property
    def spool(self) -> Spool:
        return self.run.evidence

    def add(self, record: Record, original: Record | None = None, *, needs: Sequence[str] = (), **facts: Any) -> Page:
        """Keep a record, and take the page in that it shows."""
        self.spool.add([Member.of(record)], needs)
        page = derived(replace(capture_of(record, original, "a record"), **facts), STARTED)
        self.run.yielded()
        self.run.add(page)
        return page

    def respond(self, message: Message, position: int = 0, date: str = DAY, **facts: Any) -> Record:
        record = self.spool.make.response(NEWS.format(position), date, message)
        self.add(record, **facts)
        return record

    def end(self) -> Snapshot:
        """Commit, and return the newest snapshot."""
        outcome = self.run.finish("finished", "2019-01-01T00:00:09Z")
        assert outcome.exit_code == 0, outcome.problems
        return Archive(self.archive).collection("news").snapshots()[-1]


def one(archive: Path, body: bytes = html(), date: str = DAY) -> Snapshot:
    """A snapshot of one page."""
    crawl = Crawl(archive)
    crawl.respond(response(body), date=date)
    return crawl.end()


def several(archive: Path, number: int) -> list[Snapshot]:
    """So many snapshots of one page each, days apart."""
    return [one(archive, html(10 * day), f"2018-09-{2 * day + 1:02d}T06:00:00Z") for day in range(number)]


def rewritten(
    snapshot: Snapshot,
    entries: Callable[[list[Entry]], Iterable[Entry]] = list,
    rows: Callable[[list[PageRow]], Iterable[PageRow]] = list,
    **provenance: Any,
) -> Snapshot:
    """Store other entries and rows, as another parser would have, with a manifest that describes them."""
    manifest = json.loads((snapshot.folder / MANIFEST).read_bytes())
    contents = {
        ENTRIES: jsonl.dump_lines(entries(list(snapshot.entries()))),
        PAGES: jsonl.dump_lines(rows(list(snapshot.pages()))),
    }
    for name, data in contents.items():
        (snapshot.folder / name).write_bytes(data)
        resource = next(one for one in manifest["resources"] if one["path"] == name)
        resource |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    manifest["psgcrawl"] |= provenance
    (snapshot.folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="ascii")
    return snapshot


def retitled(entries: list[Entry]) -> list[Entry]:
    """As a parser that reads titles in capitals."""
    return [replace(entry, title=entry.title.upper()) for entry in entries]


def files(archive: Path) -> dict[str, bytes]:
    """Every file of an archive but locks, by its path."""
    found = sorted(path for path in archive.rglob("*") if path.is_file() and not path.name.endswith("lock"))
    return {str(path.relative_to(archive)): path.read_bytes() for path in found if not path.parent.is_symlink()}


def editions(archive: Path) -> list[str]:
    return [snapshot.name for snapshot in Archive(archive).collection("news").editions()]
