"""What a site answered, out of what a web archive answers today."""

import gzip
from base64 import b32encode
from hashlib import sha1

import pytest

from psgcrawl.archive.warc.mementos import captured_message
from psgcrawl.archive.warc.message import Message

PAGE = b"<html><body>Ca\xf1ete</body></html>"
PACKED = gzip.compress(PAGE, mtime=0)
LIMIT = 1 << 20

Fields = list[tuple[bytes, bytes]]


def digest(body: bytes) -> str:
    return b32encode(sha1(body, usedforsecurity=False).digest()).decode()


def captured(headers: Fields, body: bytes, said: str | None) -> Message:
    return captured_message(Message(b"HTTP/1.1 200 OK", tuple(headers), body), said, str.upper, LIMIT)


def test_the_sites_own_header_is_restored_and_that_of_the_archive_left_out() -> None:
    headers = [
        (b"Server", b"nginx"),
        (b"Memento-Datetime", b"Wed, 03 Mar 2010 12:00:00 GMT"),
        (b"X-Archive-Orig-Server", b"Apache/1.3.41"),
        (b"x-archive-orig-transfer-encoding", b"chunked"),
        (b"Content-Type", b"text/html; charset=ISO-8859-1"),
    ]
    assert captured(headers, PAGE, digest(PAGE)).headers == (
        (b"Server", b"Apache/1.3.41"),
        (b"Content-Type", b"text/html; charset=ISO-8859-1"),
    )


def test_an_original_header_stands_before_the_archives_copy_of_it() -> None:
    headers = [(b"Content-Type", b"text/html;charset=utf-8"), (b"X-Archive-Orig-Content-Type", b"text/html")]
    assert captured(headers, PAGE, None).headers == ((b"Content-Type", b"text/html"),)


@pytest.mark.parametrize(
    ("headers", "body", "said", "found", "packed"),
    [
        pytest.param([(b"Content-Encoding", b"gzip")], PACKED, PACKED, PACKED, True, id="packed by the site"),
        pytest.param([(b"Content-Encoding", b"gzip")], PACKED, PAGE, PAGE, False, id="packed on the way"),
        pytest.param([(b"Content-Encoding", b"gzip")], PACKED, None, PACKED, True, id="packed, nobody says by whom"),
        pytest.param(
            [(b"X-Archive-Orig-Content-Encoding", b"gzip"), (b"X-Archive-Orig-Content-Length", b"9")],
            PAGE,
            PACKED,
            PAGE,
            False,
            id="unpacked by the archive",
        ),
        pytest.param([(b"Content-Encoding", b"gzip")], PACKED[:20], PAGE, PACKED[:20], True, id="broken"),
    ],
)
def test_a_body_is_taken_as_the_site_sent_it(
    headers: Fields, body: bytes, said: bytes | None, found: bytes, *, packed: bool
) -> None:
    message = captured(headers, body, digest(said) if said is not None else None)
    assert message.body == found
    assert (message.get("Content-Encoding") is not None) == packed
    assert message.get("Content-Length") is None


def test_a_redirect_leads_where_the_site_led() -> None:
    assert captured([(b"Location", b"/web/x")], b"", None).get("Location") == "/WEB/X"
