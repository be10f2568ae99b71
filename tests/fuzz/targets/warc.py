"""WARC files, compressed and not -> records, their messages, and captures."""

import gzip
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.reading import KEPT, Found, read, read_at
from psgcrawl.archive.warc.record import Record, serialise
from psgcrawl.captures.capture import Capture
from psgcrawl.captures.stored import capture_of, is_sound
from psgcrawl.errors import BadCapture, DamagedData, UnreadablePage
from psgcrawl.layouts.reading import MAX_BYTES
from tests.fuzz.target import Target

_LITTLE: Final = 16
"""Bytes of a block that are kept, to see what becomes of larger ones."""


@dataclass
class _Read:
    found: list[Found] = field(default_factory=list)
    damage: str | None = None


def check(data: bytes) -> None:
    """Read a file whole, then its records one by one, then what they hold."""
    whole = _read(data)
    assert whole == _read(data)
    assert whole.damage is None or whole.damage.startswith("file: byte ")
    passed = _read(data, _LITTLE)
    assert passed.damage == whole.damage
    assert [one.record.fields for one in passed.found] == [one.record.fields for one in whole.found]
    end = 0
    for one in whole.found:
        assert one.kept
        assert one.offset >= (end if one.length else 0)
        assert one.offset + one.length <= len(data)
        end = one.offset + one.length
        if one.alone is not None:
            assert one.alone == data[one.offset : end]
            assert _alone(data, one) == one.record
        _writes_back(one)
        _holds_what_it_says(one)


def _read(data: bytes, kept: int = KEPT) -> _Read:
    said = _Read()
    try:
        for one in read(BytesIO(data), "file", kept):
            said.found.append(one)
    except DamagedData as error:
        said.damage = str(error)
    return said


def _alone(data: bytes, one: Found) -> object:
    with TemporaryDirectory() as folder:
        path = Path(folder, "pages.warc.gz")
        path.write_bytes(data)
        return read_at(path, one.offset, one.length).record


def _writes_back(one: Found) -> None:
    try:
        written = serialise(one.record)
    except ValueError:
        assert any("\r" in name + value for name, value in one.record.fields) or "\r" in one.record.version
        return
    again = _read(written)
    assert again.damage is None
    assert [found.record for found in again.found] == [one.record]


def _holds_what_it_says(one: Found) -> None:
    record = one.record
    with suppress(UnreadablePage):
        asked = message.parse(record.block)
        assert message.parse(message.serialise(asked)).body == asked.body
        assert asked.status is None or 0 <= asked.status <= 999
        assert len(asked.content(MAX_BYTES)) <= MAX_BYTES + 1
    capture = _capture(record)
    assert _capture(record) == capture
    if isinstance(capture, str):
        assert capture.startswith("record: ")
        return
    assert is_sound(capture.captured)
    assert len(capture.content) <= MAX_BYTES + 1


def _capture(record: Record) -> Capture | str:
    try:
        return capture_of(record, None, "record")
    except (BadCapture, UnreadablePage) as error:
        return str(error)


def _record(kind: str, block: bytes, *fields: str) -> bytes:
    lines = ["WARC/1.1", f"WARC-Type: {kind}", "WARC-Record-ID: <urn:uuid:0e1f3a0c-0000-4000-8000-000000000001>"]
    lines += ["WARC-Date: 2017-02-18T06:00:00Z", "WARC-Target-URI: http://perusupportgroup.org.uk/news.php", *fields]
    return "\r\n".join([*lines, f"Content-Length: {len(block)}", "", ""]).encode() + block + b"\r\n\r\n"


def seeds() -> Iterator[bytes]:
    """Yield files of one to three records, plain, one member a record, one member for all."""
    page = b"<p>3 May 2013</p>"
    http = "Content-Type: application/http; msgtype=response"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    records = [
        _record("warcinfo", b"software: x\r\n", "Content-Type: application/warc-fields"),
        _record("response", answer + b"Content-Length: 17\r\n\r\n" + page, http),
        _record("response", answer + b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + page + b"\r\n0\r\n\r\n", http),
        _record("response", answer + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(page, mtime=0), http),
        _record("resource", page, "Content-Type: text/html", "WARC-Truncated: length"),
        _record("revisit", answer + b"\r\n", http, "WARC-Refers-To: <urn:uuid:x>", "WARC-Profile: x"),
    ]
    yield from records
    yield b"".join(records[:3])
    yield from (gzip.compress(one, mtime=0) for one in records)
    yield b"".join(gzip.compress(one, mtime=0) for one in records[:2])
    yield gzip.compress(b"".join(records[:2]), mtime=0)


# What psgcrawl writes beside the fields of the standard is read back, too.
_FIELDS: Final = (
    "WARC-Type WARC-Date WARC-Record-ID WARC-Target-URI WARC-Truncated WARC-Payload-Digest WARC-Block-Digest "
    "Content-Length Content-Type Content-Encoding Transfer-Encoding PSGCRAWL-Captured PSGCRAWL-Captured-Basis"
)

TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(f"{name}: ".encode() for name in _FIELDS.split()),
        *(
            b"WARC/1.0",
            b"WARC/1.1\r\n",
            b"\r\n\r\n",
            b"\n\n",
            b"\r\n ",
            b"response",
            b"resource",
            b"revisit",
            b"metadata",
        ),
        *(b"application/http", b"HTTP/1.1 200 OK\r\n", b"chunked", b"gzip", b"deflate", b"br", b"zstd", b"ni:"),
        *(
            b"\x1f\x8b\x08",
            b"\x28\xb5\x2f\xfd",
            b"2016-02",
            b"0001-01-01",
            b"9999-12-31T23:59:59-14:00",
            b"ffffffff\r\n",
        ),
        *(b"999999999999999999", b"charset=", b"sha1:", b"sha256:", b"\xff", b"\x0b"),
    ],
)
