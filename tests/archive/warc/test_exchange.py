"""Exchanges as records: what was asked and answered, put together again from what the engine hands over."""

import io
import os
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive.manifest import WARC
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.exchange import Exchange, Exchanges, request_message, response_message
from psgcrawl.archive.warc.holding import Held
from psgcrawl.archive.warc.making import NOT_MODIFIED, SAME_PAYLOAD, Maker
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record, member
from psgcrawl.archive.warc.spool import Spool

URL = "http://example.org/news.php?position=10"
DATE = "2017-02-18T06:00:00Z"
HTML = (b"Content-Type", b"text/html")


@dataclass(frozen=True)
class Made:
    spool: Spool
    exchanges: Exchanges

    def answered(
        self, body: bytes, *headers: tuple[bytes, bytes], status: int = 200, url: str = URL, **more: Any
    ) -> str:
        exchange = Exchange(url=url, date=DATE, asked=request_message("GET", url, []))
        answer = response_message("HTTP/1.1", status, [(name, [value]) for name, value in headers], body)
        return self.exchanges.answered(exchange, answer, **more)

    def records(self, *wanted: str) -> list[Record]:
        """Return the records that a page would take along, without warcinfo; without a name, all."""
        path = self.spool.folder / "copy"
        with path.open("wb", buffering=0) as stream:
            self.spool.copy(wanted or self.spool.rest([]), stream)
        data = path.read_bytes()
        path.unlink()
        return [found.record for found in read(io.BytesIO(data), "copy")][1:]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    spool = Spool(tmp_path, DATE, {})
    yield Made(spool, Exchanges(lambda: spool))
    spool.discard()


@pytest.mark.parametrize(
    ("url", "line", "host"),
    [
        ("http://example.org", b"GET / HTTP/1.1", b"example.org"),
        ("http://example.org?a=1", b"GET /?a=1 HTTP/1.1", b"example.org"),
        ("http://me:secret@example.org:8080/a/b?", b"GET /a/b? HTTP/1.1", b"example.org:8080"),
        ("https://[::1]:1/a?b=c/d?e#f", b"GET /a?b=c/d?e HTTP/1.1", b"[::1]:1"),
        ("http://example.org/%7Ea?b=%C3%B1&&c", b"GET /%7Ea?b=%C3%B1&&c HTTP/1.1", b"example.org"),
    ],
    ids=["bare", "query-alone", "port", "ipv6", "escapes"],
)
def test_a_request_has_its_full_path_and_query_and_its_host(url: str, line: bytes, host: bytes) -> None:
    asked = request_message("GET", url, [(b"Accept", [b"a", b"b"])])
    assert (asked.start, asked.headers) == (line, ((b"Host", host), (b"Accept", b"a"), (b"Accept", b"b")))


def test_a_request_keeps_the_host_it_names_and_the_length_of_its_body() -> None:
    asked = request_message("POST", URL, [(b"host", [b"other"])], b"body")
    assert (asked.headers, asked.body) == (((b"host", b"other"), (b"Content-Length", b"4")), b"body")


def test_what_is_no_address_of_a_server_is_no_request() -> None:
    with pytest.raises(ValueError, match="'mailto:a' is no address"):
        request_message("GET", "mailto:a", [])


@pytest.mark.parametrize(
    ("protocol", "status", "line"),
    [
        ("HTTP/1.0", 404, b"HTTP/1.0 404 Not Found"),
        (None, 200, b"HTTP/1.1 200 OK"),
        ("HTTP/1.1", 599, b"HTTP/1.1 599 "),
    ],
)
def test_a_status_line_has_the_protocol_and_the_standard_phrase(protocol: str | None, status: int, line: bytes) -> None:
    answer = response_message(protocol, status, [], b"")
    assert (answer.start, answer.status) == (line, status)


def test_chunks_that_were_joined_are_not_announced() -> None:
    headers = [(b"Transfer-Encoding", [b"gzip", b"chunked"]), (b"Set-Cookie", [b"a=1", b"b=2"])]
    answer = response_message("HTTP/1.1", 200, headers, b"body")
    assert answer.headers == ((b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2"))


def test_a_request_and_its_response_stand_one_behind_the_other(made: Made) -> None:
    id_ = made.answered(b"a page", HTML, address="127.0.0.1")
    request, response = made.records()
    assert (request.type, response.type, response.id) == ("request", "response", id_)
    assert response.get("WARC-Concurrent-To") == request.id
    assert response.get("WARC-IP-Address") == "127.0.0.1"
    assert message.parse(response.block).body == b"a page"


def test_a_body_met_before_is_a_revisit_that_takes_along_what_it_repeats(made: Made) -> None:
    first = made.answered(b"a page", HTML)
    made.answered(b"another page", HTML)
    again = made.answered(b"a page", HTML, (b"Date", b"now"), url=URL + "0")
    types = [(record.type, record.uri) for record in made.records(again)]
    assert types == [("request", URL), ("response", URL), ("request", URL + "0"), ("revisit", URL + "0")]
    revisit = made.records(again)[-1]
    assert (revisit.get("WARC-Refers-To"), revisit.get("WARC-Profile")) == (first, SAME_PAYLOAD)
    assert message.parse(revisit.block).get("Date") == "now"


@pytest.mark.parametrize(
    ("body", "headers", "more"),
    [
        (b"", [HTML], {}),
        (b"a page", [(b"Content-Type", b"text/html; charset=x")], {}),
        (b"a page", [HTML, (b"Content-Encoding", b"gzip")], {}),
        (b"a page", [HTML], {"truncated": "disconnect"}),
        (b"a pagf", [HTML], {}),
    ],
    ids=["nothing", "read-otherwise", "encoded", "truncated", "other-bytes"],
)
def test_what_could_not_stand_for_the_other_is_kept_whole(
    made: Made, body: bytes, headers: list[tuple[bytes, bytes]], more: dict[str, Any]
) -> None:
    made.answered(b"a page", HTML)
    made.answered(b"", HTML)
    found = made.records(made.answered(body, *headers, **more))
    assert [record.type for record in found] == ["request", "response"]
    assert (message.parse(found[1].block).body, found[1].get("WARC-Truncated")) == (body, more.get("truncated"))


def test_no_body_is_taken_for_one_that_was_cut_off(made: Made) -> None:
    made.answered(b"a page", HTML, truncated="disconnect")
    assert [record.type for record in made.records(made.answered(b"a page", HTML))] == ["request", "response"]


def test_a_failure_is_a_record_beside_its_request(made: Made) -> None:
    exchange = Exchange(url=URL, date=DATE, asked=request_message("GET", URL, []))
    made.exchanges.failed(exchange, "DownloadTimeoutError: 30 s")
    request, failure = made.records()
    assert (failure.type, failure.block) == ("metadata", b"failure: DownloadTimeoutError: 30 s\r\n")
    assert (failure.get("WARC-Concurrent-To"), failure.uri) == (request.id, URL)


@pytest.fixture
def held() -> Held:
    original = Maker("an earlier run").response(URL, "2016-01-01T00:00:00Z", response_message(None, 200, [], b"old"))
    return Held(
        snapshot="20160101T000000Z",
        original=original,
        member=member(original),
        answer=Message(b"HTTP/1.1 200 OK", (), b"old"),
        etag='"a"',
        modified=None,
    )


def test_a_304_is_a_revisit_and_what_it_repeats_is_copied_beside_it_once(made: Made, held: Held) -> None:
    ids = [made.answered(b"", (b"Etag", b'"a"'), status=304, held=held) for _ in range(2)]
    types = [record.type for record in made.records()]
    assert types == ["response", "request", "revisit", "request", "revisit"]
    original, _, revisit = made.records(ids[1])
    assert original == held.original
    assert (revisit.get("WARC-Refers-To"), revisit.get("WARC-Profile")) == (original.id, NOT_MODIFIED)
    assert revisit.get("WARC-Payload-Digest") == original.get("WARC-Payload-Digest")
    assert revisit.get("WARC-Refers-To-Date") == "2016-01-01T00:00:00Z"


def test_a_page_that_came_after_all_is_kept_though_the_archive_held_an_earlier_one(made: Made, held: Held) -> None:
    assert [record.type for record in made.records(made.answered(b"new", held=held))] == ["request", "response"]


def test_a_304_without_anything_to_stand_for_is_an_ordinary_response(made: Made) -> None:
    assert [record.type for record in made.records(made.answered(b"", status=304))] == ["request", "response"]


@pytest.mark.thorough
def test_memory_does_not_hold_the_bodies(made: Made) -> None:
    def growth(work: Callable[[], None]) -> int:
        tracemalloc.start()
        work()
        used = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return used

    def crawl() -> None:
        for number in range(200):
            made.answered(b"%d" % number + b"x" * 15_000, HTML, url=f"{URL}{number}")

    # Names, digests and places: a tenth of what the bodies would take.
    assert growth(crawl) < 200 * 1_500


def test_a_body_that_the_disk_does_not_give_back_is_kept_once_more(made: Made) -> None:
    first = made.answered(b"again", HTML)
    assert [record.type for record in made.records(made.answered(b"again", HTML))][-1] == "revisit"
    os.truncate(made.spool.folder / WARC, 10)
    again = made.answered(b"again", HTML)
    assert made.spool.record(again).type == "response"
    assert again != first
