"""Snapshots with evidence as a crawl of the live site leaves it: requests, responses, revisits, and all else."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.warc.digests import labelled
from psgcrawl.archive.warc.making import NOT_MODIFIED, SAME_PAYLOAD
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.spool import Member, Spool
from psgcrawl.archive.write import AS_THEY_COME, Choices, Written, write_snapshot
from psgcrawl.records import Page, WarcPlace
from tests.archive.making import RUN, at, entry, page

NEWS: Final = "http://www.perusupportgroup.org.uk/news.php"
FIRST: Final = "2017-02-18T06:00:00Z"
SECOND: Final = "2017-02-25T06:00:00Z"
THIRD: Final = "2017-03-04T06:00:00Z"
TYPE: Final = (b"Content-Type", b"text/html; charset=utf-8")


def html(title: str) -> bytes:
    """Return a page with a title that a test can look for."""
    return f"<!doctype html><title>News</title><h1>{title}</h1><p>Perú, one & all.</p>".encode()


def message(body: bytes, *headers: tuple[bytes, bytes], start: bytes = b"HTTP/1.1 200 OK") -> Message:
    """Return a response with the length of its body."""
    return Message(start, (*headers, (b"Content-Length", str(len(body)).encode())), body)


def packed(title: str) -> Message:
    """Return a response with a page as gzip, as servers send it."""
    return message(gzip.compress(html(title), mtime=0), TYPE, (b"Content-Encoding", b"gzip"))


@dataclass
class Crawl:
    """What one crawl brings: records, and the pages that they show."""

    archive: Path
    date: str
    pages: list[Page] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    spool: Spool = field(init=False)

    def __post_init__(self) -> None:
        self.spool = Spool(self.archive, self.date, {"software": "a test"})

    def request(self, url: str) -> Record:
        host = (b"Host", b"www.perusupportgroup.org.uk")
        return self.spool.make.request(url, self.date, Message(b"GET / HTTP/1.1", (host,), b""))

    def keep(self, *records: Record) -> None:
        self.spool.add([Member.of(record) for record in records])
        self.records += [record.id for record in records]

    def fetched(self, url: str, answer: Message, position: int | None = None) -> Record:
        """Keep a request and its response; with a position, it is a page of the listing."""
        asked = self.request(url)
        record = self.spool.make.response(url, self.date, answer, request=asked, address="192.0.2.1")
        self.keep(asked, record)
        if position is not None:
            self.show(record, answer.body, position)
        return record

    def repeated(self, url: str, answer: Message, original: Record, position: int) -> Record:
        """Keep a response of which the body, or all, is that of a record that came before (in any run)."""
        profile = NOT_MODIFIED if answer.status == 304 else SAME_PAYLOAD
        if original.id not in self.spool:
            self.keep(original)
        asked = self.request(url)
        record = self.spool.make.revisit(url, self.date, answer, original, profile=profile, request=asked)
        self.keep(asked, record)
        self.show(record, original.block.partition(b"\r\n\r\n")[2], position)
        return record

    def file(self, uri: str, body: bytes, media_type: str = "text/html", url: str | None = None) -> Record:
        """Keep a file that was read from disk."""
        record = self.spool.make.resource(uri, self.date, media_type, body, captured=at(self.date), basis="given")
        self.keep(record)
        self.pages.append(page(entry(), url=url, captured=at(self.date), position=0, record=record.id))
        return record

    def show(self, record: Record, payload: bytes, position: int) -> None:
        self.pages.append(
            page(
                entry(f"news-article-{position}"),
                url=record.uri,
                captured=at(self.date),
                captured_basis="crawl",
                source="live",
                status=200,
                position=position,
                payload_digest=labelled(payload),
                record=record.id,
            )
        )

    def commit(self, collection: str = "news", choices: Choices = AS_THEY_COME) -> Written:
        """Make a snapshot of it all."""

        def evidence(stream: BinaryIO) -> Mapping[str, WarcPlace]:
            return self.spool.copy(self.records, stream)

        with CollectionLock(self.archive, collection) as lock:
            written = write_snapshot(lock, self.pages, RUN, choices, evidence=evidence)
        self.spool.discard()
        return written


def live(archive: Path) -> Iterator[Written]:
    """Make three weekly snapshots of a listing of two pages: gzip bodies, one page that never changes.

    In the second week the server says of it "304 Not Modified", in the third it sends the same bytes again. Beside
    the pages there are robots.txt, a redirect and a page that is gone.
    """
    other = NEWS + "?position=10"
    first = Crawl(archive, FIRST)
    first.fetched(
        "http://www.perusupportgroup.org.uk/robots.txt", message(b"User-agent: *\n", (b"Content-Type", b"text/plain"))
    )
    first.fetched(NEWS.replace("www.", ""), message(b"", (b"Location", NEWS.encode()), start=b"HTTP/1.1 301 Moved"))
    first.fetched("http://www.perusupportgroup.org.uk/gone", message(b"gone", TYPE, start=b"HTTP/1.1 410 Gone"))
    first.fetched(NEWS, packed("The first week"), 0)
    stays = first.fetched(other, packed("What stays"), 10)
    yield first.commit()
    second = Crawl(archive, SECOND)
    second.fetched(NEWS, packed("The second week"), 0)
    unchanged = Message(
        b"HTTP/1.1 304 Not Modified", ((b"ETag", b'"a"'), (b"Date", b"Sat, 25 Feb 2017 06:00:00 GMT")), b""
    )
    second.repeated(other, unchanged, stays, 10)
    yield second.commit()
    third = Crawl(archive, THIRD)
    third.fetched(NEWS, packed("The third week"), 0)
    third.repeated(other, packed("What stays"), stays, 10)
    yield third.commit()


def live_archive(folder: Path) -> Sequence[Written]:
    """Make the archive of :func:`live`."""
    return list(live(folder))
