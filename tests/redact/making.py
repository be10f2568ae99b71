"""Archives for tests of redaction: snapshots whose raw pages are HTTP responses, derived as a crawl derives them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc.making import NOT_MODIFIED, SAME_PAYLOAD, Maker
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record, member
from psgcrawl.archive.write import write_snapshot
from psgcrawl.captures.capture import derived
from psgcrawl.captures.stored import capture_of
from psgcrawl.cli import main
from psgcrawl.errors import DamagedData
from psgcrawl.records import Page, WarcPlace
from tests.archive.making import RUN, line

HOST = "http://perusupportgroup.org.uk"
WITHHELD = "Esmeralda Quispe"
WHEN = "2027-03-01T12:00:00Z"
REASON = "order 12/2027"
_HTML = Message(b"HTTP/1.1 200 OK", ((b"Content-Type", b"text/html; charset=utf-8"), (b"X-Author", b"Esmeralda")), b"")


def item(number: int, day: str, title: str = "", summary: str = "") -> str:
    """An entry of a listing page."""
    return (
        f'<li><h3><a href="news-article-{number}.html">{title or f"Title {number}"}</a></h3><p class="date">{day}</p>'
        f"<p>{summary or f'The summary of entry {number}, long enough to be running text.'}</p></li>"
    )


def ten(first: int, day: int) -> list[str]:
    """The entries of a full page: numbers from ``first`` downwards, two a day from ``day`` of March 2016 downwards."""
    return [item(first - number, f"{day - number // 2:02d} March 2016") for number in range(10)]


def listing(items: Sequence[str]) -> bytes:
    """A listing page."""
    return f"<html><body><ul>{''.join(items)}</ul></body></html>".encode()


class Run:
    """One crawl of the news: its records, and the pages that they show."""

    def __init__(self, date: str, collection: str = "news") -> None:
        self.date = date
        self.collection = collection
        self.make = Maker(f"{collection} {date}")
        self.records: list[Record] = [self.make.warcinfo(date, {"software": "a test"})]
        self.pages: list[Page] = []

    def fetch(self, path: str, body: bytes) -> Record:
        """A request and the response to it; the page is part of the snapshot."""
        request = self.make.request(HOST + path, self.date, Message(f"GET {path} HTTP/1.1".encode(), (), b""))
        message = Message(_HTML.start, _HTML.headers, body)
        response = self.make.response(HOST + path, self.date, message, request=request)
        self.records += [request, response]
        self._page(response, None)
        return response

    def again(self, path: str, original: Record) -> Record:
        """A response with the payload of one before."""
        return self._revisit(path, original, SAME_PAYLOAD, b"HTTP/1.1 200 OK")

    def unchanged(self, path: str, original: Record) -> Record:
        """A 304, with the record that it repeats, copied from an earlier snapshot."""
        self.records.append(original)
        return self._revisit(path, original, NOT_MODIFIED, b"HTTP/1.1 304 Not Modified")

    def _revisit(self, path: str, original: Record, profile: str, start: bytes) -> Record:
        message = Message(start, _HTML.headers, b"")
        revisit = self.make.revisit(HOST + path, self.date, message, original, profile=profile)
        self.records.append(revisit)
        self._page(revisit, original)
        return revisit

    def _page(self, record: Record, original: Record | None) -> None:
        self.pages.append(derived(capture_of(record, original, "a page"), RUN.started))

    def commit(self, archive: Path) -> Snapshot:
        """Write the snapshot and its line in the log."""
        with CollectionLock(archive, self.collection) as lock:
            written = write_snapshot(lock, self.pages, RUN, evidence=_writing(self.records))
            logged = {"snapshot": written.name, "manifest_sha256": written.manifest_sha256}
            counted = {"counts": written.counts, "coverage": written.coverage}
            runlog.append(archive, line(collection=self.collection, **logged, **counted))
        return Snapshot(written.folder)


def _writing(records: Sequence[Record]) -> Callable[[BinaryIO], Mapping[str, WarcPlace]]:
    def write(stream: BinaryIO) -> Mapping[str, WarcPlace]:
        places: dict[str, WarcPlace] = {}
        end = 0
        for record in records:
            data = member(record)
            stream.write(data)
            places[record.id] = WarcPlace(record=record.id, offset=end, length=len(data))
            end += len(data)
        return places

    return write


def three_pages(archive: Path, date: str = "2016-03-20T06:00:00Z") -> tuple[Snapshot, dict[int, Record]]:
    """A complete listing of 23 entries; the secret stands on the page at position 10."""
    run = Run(date)
    records = {
        0: run.fetch("/news.php", listing(ten(2000, 18))),
        10: run.fetch(
            "/news.php?position=10",
            listing([item(1990, "13 March 2016", f"{WITHHELD} speaks in Cusco"), *ten(1989, 13)[:9]]),
        ),
        20: run.fetch("/news.php?position=20", listing(ten(1980, 8)[:3])),
    }
    return run.commit(archive), records


def psgcrawl(archive: Path, *words: str) -> int:
    """Run the command, and return its exit code."""
    return main(["--archive", str(archive), *words])


def sound(archive: Path) -> bool:
    """Tell what ``psgcrawl verify --deep`` says of the archive."""
    return psgcrawl(archive, "verify", "--deep") == 0


def holders_of(words: str, archive: Path) -> list[str]:
    """Return the files in which the words stand, also inside records."""
    found = []
    for path in sorted(path for path in archive.rglob("*") if path.is_file() and not path.is_symlink()):
        data = path.read_bytes()
        if path.suffix == ".gz":
            # What a write that failed left behind ends somewhere.
            with path.open("rb") as file, suppress(DamagedData):
                for one in read(file, str(path)):
                    data += one.record.block
        if words.encode() in data:
            found.append(str(path.relative_to(archive)))
    return found


def members_of(path: Path) -> dict[str, bytes | None]:
    """Return the gzip members of a file by the ids of their records, in order."""
    with path.open("rb") as file:
        return {found.record.id: found.alone for found in read(file, str(path))}


def collection_names(archive: Path, collection: str = "news") -> list[str]:
    """Return the names of all editions of a collection."""
    return [one.name for one in Archive(archive).collection(collection).editions()]
