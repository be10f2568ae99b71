import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.warc.message import LONGEST_HEADER, Message, decode, encodings, parse, serialise
from psgcrawl.errors import UnreadablePage

PAGE = b"<html>" + bytes(range(256)) * 40 + b"</html>"
LIMIT = 1 << 20


def answer(*headers: str, body: bytes = b"") -> Message:
    """A response with those headers."""
    return parse("\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode("latin-1") + body)


def chunked(body: bytes, encoding: str = "chunked") -> Message:
    return answer(f"Transfer-Encoding: {encoding}", body=body)


# --- header -----------------------------------------------------------------------------


def lines(forbidden: bytes = b"\r\n") -> st.SearchStrategy[bytes]:
    return st.binary(max_size=20).map(lambda data: bytes(byte for byte in data if byte not in forbidden).strip())


@given(
    st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.0 404", b"GET /?a=b HTTP/1.1", b"HTTP/2 200 "]),
    st.lists(st.tuples(lines(b"\r\n:"), lines())),
    st.binary(max_size=100),
)
def test_what_is_written_is_read_again(start: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    message = Message(start, tuple(headers), body)
    assert parse(serialise(message)) == message


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda data: b"HTTP/1.1 200\r\n" + data))
def test_any_bytes_are_a_message_or_unreadable(block: bytes) -> None:
    try:
        message = parse(block)
        content = message.content(LIMIT)
    except UnreadablePage:
        return
    assert b"HTTP/" in message.start
    assert content == b"" or content in block
    assert message.charset is None or message.charset.strip()


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\nbody", id="as it should be"),
        pytest.param(b"HTTP/1.1 200 OK\nA: 1\nB: 2\n\nbody", id="bare line feeds"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: 1\nB: 2\r\n\nbody", id="both"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA:1\r\nB :\t2  \r\n\r\nbody", id="other white space"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: 1\r\nB:\r\n \t2\r\n\r\nbody", id="folded"),
    ],
)
def test_a_header_is_read_however_its_lines_end(block: bytes) -> None:
    assert parse(block) == Message(b"HTTP/1.1 200 OK", ((b"A", b"1"), (b"B", b"2")), b"body")


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n", b"\r\n\r\n", b"\n\n"])
def test_a_message_may_end_with_its_header(end: bytes) -> None:
    assert parse(b"HTTP/1.1 304 Not Modified\r\nETag: a" + end) == Message(
        b"HTTP/1.1 304 Not Modified", ((b"ETag", b"a"),), b""
    )


def test_a_body_may_begin_with_line_ends() -> None:
    assert answer("A: 1", body=b"\r\n\r\nx").body == b"\r\n\r\nx"


def test_repeated_headers_stay_in_their_order() -> None:
    message = answer("Set-Cookie: a=1", "X: y", "set-cookie: b=2")
    assert list(message.all("Set-Cookie")) == ["a=1", "b=2"]
    assert message.get("SET-COOKIE") == "a=1"
    assert message.get("Missing") is None


def test_bytes_beyond_ascii_are_kept() -> None:
    message = parse(b"HTTP/1.1 200 Bi\xe9n\r\nX-\xff: caf\xe9 \xe2\x82\xac\r\n\r\n")
    assert message.headers == ((b"X-\xff", b"caf\xe9 \xe2\x82\xac"),)
    assert answer("A: café").get("a") == "café"
    assert parse(serialise(message)) == message


def test_a_line_without_colon_is_a_name_without_value() -> None:
    assert answer("nonsense", "A: b:c").headers == ((b"nonsense", b""), (b"A", b"b:c"))


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("HTTP/1.1 200 OK", 200),
        ("HTTP/1.0 404", 404),
        ("HTTP/2 304 ", 304),
        ("HTTP/1.1 2000 OK", None),
        ("HTTP/1.1 OK", None),
        ("GET / HTTP/1.1", None),
    ],
)
def test_the_status_is_that_of_a_status_line(start: str, status: int | None) -> None:
    assert parse(start.encode()).status == status


@pytest.mark.parametrize("block", [b"", b"\r\n\r\n", b"<html>HTTP\r\n\r\n", PAGE, b"\r\nHTTP/1.1 200 OK\r\n\r\n"])
def test_what_is_no_http_message_is_unreadable(block: bytes) -> None:
    with pytest.raises(UnreadablePage, match="not an HTTP message"):
        parse(block)


@pytest.mark.parametrize("line", [b"a: b\r\n", b" \n", b"\tfolded\r\n"])
@pytest.mark.thorough
def test_a_hundred_thousand_header_lines_are_read(line: bytes) -> None:
    message = parse(b"HTTP/1.1 200 OK\r\nx: y\r\n" + line * 100_000 + b"\r\nbody")
    assert message.body == b"body"
    assert (len(message.headers), message.status) == (100_001 if b":" in line else 1, 200)


def test_a_header_without_end_is_unreadable() -> None:
    block = b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * (LONGEST_HEADER // 6)
    with pytest.raises(UnreadablePage, match="no end of an HTTP header within 1048576 bytes"):
        parse(block + b"\r\nbody")


# --- media type -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "media_type", "charset"),
    [
        ("text/html", "text/html", None),
        ("text/html; charset=utf-8", "text/html", "utf-8"),
        ("Text/HTML;CHARSET=ISO-8859-1", "text/html", "ISO-8859-1"),
        ('text/html; charset="utf-8"', "text/html", "utf-8"),
        ("text/html; charset='utf-8'", "text/html", "utf-8"),
        ('text/html; charset = " utf-8 " ; x=y', "text/html", "utf-8"),
        ("text/html; level=1; charset=utf-8; charset=latin-1", "text/html", "utf-8"),
        ('text/html; title="; charset=latin-1; \\"x"; charset=utf-8', "text/html", "utf-8"),
        ('text/html; charset="utf-8', "text/html", "utf-8"),
        ("text/html; charset=", "text/html", None),
        ('text/html; charset=""', "text/html", None),
        ("text/html; charset", "text/html", None),
        ("text/html; ; =; charset=utf-8;", "text/html", "utf-8"),
        ("text/html; xcharset=utf-8", "text/html", None),
        ("text/html charset=utf-8", "text/html charset=utf-8", None),
        ("; charset=utf-8", None, "utf-8"),
        ("text/html; charset=é", "text/html", "é"),
        ("", None, None),
    ],
)
def test_media_type_and_charset_are_what_the_header_declares(
    value: str, media_type: str | None, charset: str | None
) -> None:
    message = answer(f"Content-Type: {value}")
    assert (message.media_type, message.charset) == (media_type, charset)


def test_without_a_header_there_is_neither() -> None:
    assert (answer().media_type, answer().charset) == (None, None)


def test_a_folded_media_type_is_read() -> None:
    assert answer("Content-Type: text/html;", "  charset=utf-8").charset == "utf-8"


@pytest.mark.parametrize("part", [';a="', '"', "; ", ';a="\\"', ";=", ";a=\\"])
@pytest.mark.thorough
def test_a_long_media_type_takes_no_long_time(part: str) -> None:
    message = answer("Content-Type: text/html" + part * 50_000 + '"; charset=utf-8')
    assert message.charset in {None, "utf-8"}


# --- chunks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"3\r\nabc\r\n0d\r\nd\r\nefghijklmn\r\n0\r\n\r\n", id="two chunks"),
        pytest.param(b"3;name=value\r\nabc\r\nd;x\r\nd\r\nefghijklmn\r\n0;y\r\n\r\n", id="extensions"),
        pytest.param(b"3\r\nabc\r\nD\r\nd\r\nefghijklmn\r\n0\r\n\r\n", id="upper case"),
        pytest.param(b"3  \r\nabc\r\nd\t\r\nd\r\nefghijklmn\r\n0 \r\n\r\n", id="padded sizes"),
        pytest.param(b"3\nabc\nd\nd\r\nefghijklmn\n0\n\n", id="bare line feeds"),
        pytest.param(b"0003\r\nabc\r\n00000d\r\nd\r\nefghijklmn\r\n0000\r\n\r\n", id="leading zeros"),
        pytest.param(b"3\r\nabc\r\nd\r\nd\r\nefghijklmn\r\n0\r\nExpires: never\r\nX: y\r\n\r\n", id="trailers"),
        pytest.param(b"3\r\nabc\r\nd\r\nd\r\nefghijklmn\r\n0\r\n", id="without the last line end"),
        pytest.param(b"3\r\nabc\r\nd\r\nd\r\nefghijklmn\r\n0\r\n\r\nHTTP/1.1 200 OK", id="what follows"),
    ],
)
def test_chunks_are_put_together(body: bytes) -> None:
    message = chunked(body)
    assert message.payload() == message.content(LIMIT) == b"abcd\r\nefghijklmn"
    assert message.body == body


@given(st.lists(st.binary(min_size=1)))
def test_the_payload_of_any_chunks_is_what_they_hold(pieces: list[bytes]) -> None:
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    assert chunked(body, "Chunked").payload() == b"".join(pieces)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\r\n3\r\nabc", b"3 abc\r\n", b"-3\r\nabc\r\n", b"0x3\r\nabc\r\n"])
def test_a_body_that_says_chunked_and_is_not_stands_as_it_is(body: bytes) -> None:
    assert chunked(body).payload() == body


def test_a_body_that_does_not_say_chunked_stands_as_it_is() -> None:
    body = b"3\r\nabc\r\n0\r\n\r\n"
    assert answer(body=body).payload() == chunked(body, "identity").payload() == body


def test_cut_chunks_are_unreadable_wherever_they_are_cut() -> None:
    body = b"3;x\r\nabc\r\nd\r\nd\r\nefghijklmn\r\n0\r\n"
    for end in range(body.index(b"\r\n") + 2, len(body) - 1):
        with pytest.raises(UnreadablePage, match=r"Transfer-Encoding: the chunk(s end early, at| at) byte \d+"):
            chunked(body[:end]).payload()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"2\r\nabc\r\n0\r\n\r\n", "the chunk at byte 0 has not the length that it says"),
        (b"3\r\nabc\r\nfffffffffffffff\r\nabc", "the chunk at byte 8 has not the length that it says"),
        (b"3\r\nabc\r\nffffffffffffffff\r\nabc", "the chunks end early, at byte 8"),
        (b"3\r\nabc\r\nxyz\r\n", "the chunks end early, at byte 8"),
    ],
)
def test_chunks_of_another_length_are_unreadable(body: bytes, problem: str) -> None:
    with pytest.raises(UnreadablePage, match=f"^Transfer-Encoding: {problem}$"):
        chunked(body).payload()


# --- content encodings ------------------------------------------------------------------


def raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-15)
    return machine.compress(data) + machine.flush()


def brotli(data: bytes) -> bytes:
    compressed: bytes = pytest.importorskip("brotli").compress(data, quality=1)
    return compressed


def zstd(data: bytes) -> bytes:
    package: Any = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    compressed: bytes = package.compress(data)
    return compressed


Compress = Callable[[bytes], bytes]
ENCODINGS = [
    pytest.param("gzip", gzip.compress, id="gzip"),
    pytest.param("deflate", zlib.compress, id="deflate"),
    pytest.param("deflate", raw_deflate, id="raw deflate"),
    pytest.param("br", brotli, id="br"),
    pytest.param("zstd", zstd, id="zstd"),
]
each_encoding = pytest.mark.parametrize(("name", "compress"), ENCODINGS)


@each_encoding
def test_compressed_content_is_read(name: str, compress: Compress) -> None:
    for data in (PAGE, b"a", b"", PAGE * 20):
        assert answer(f"Content-Encoding: {name}", body=compress(data)).content(LIMIT) == data


@each_encoding
def test_compressed_content_inside_chunks_is_read(name: str, compress: Compress) -> None:
    packed = compress(PAGE)
    body = b"%X\r\n%b\r\n1\r\n%b\r\n0\r\n\r\n" % (len(packed) - 1, packed[:-1], packed[-1:])
    message = answer("Transfer-Encoding: chunked", f"Content-Encoding: {name.upper()}", body=body)
    assert message.payload() == packed
    assert message.content(LIMIT) == PAGE


@each_encoding
def test_cut_content_is_unreadable_wherever_it_is_cut(name: str, compress: Compress) -> None:
    packed = compress(PAGE[:300])
    for end in range(1, len(packed)):
        with pytest.raises(UnreadablePage, match=r"Content-Encoding: the data (end early|are damaged)"):
            decode(packed[:end], [name], LIMIT)


@each_encoding
def test_damaged_content_is_other_content_or_unreadable(name: str, compress: Compress) -> None:
    packed = compress(PAGE[:300])
    unreadable = 0
    for place in range(len(packed)):
        damaged = bytearray(packed)
        damaged[place] ^= 0x41
        try:
            assert isinstance(decode(bytes(damaged), [name], LIMIT), bytes)
        except UnreadablePage:
            unreadable += 1
    assert unreadable


@each_encoding
def test_what_goes_on_after_its_end_is_unreadable(name: str, compress: Compress) -> None:
    for after in (b"x", b"\0", b"\x03\0", b"<html>" * 2000):
        with pytest.raises(UnreadablePage, match=r"Content-Encoding: the data (are damaged|end early|go on after)"):
            decode(compress(PAGE) + after, [name], LIMIT)


@each_encoding
@pytest.mark.thorough
def test_a_bomb_is_read_up_to_the_limit_and_no_further(name: str, compress: Compress) -> None:
    bomb = compress(bytes(64 * LIMIT))
    tracemalloc.start()
    content = decode(bomb, [name], LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert content == bytes(LIMIT + 1)
    assert peak < 6 * LIMIT


@each_encoding
def test_content_of_just_the_limit_is_read_whole(name: str, compress: Compress) -> None:
    for length in (LIMIT - 1, LIMIT, LIMIT + 1):
        assert decode(compress(bytes(length)), [name], LIMIT) == bytes(length)


def test_a_wrong_checksum_is_unreadable() -> None:
    packed = bytearray(gzip.compress(PAGE))
    packed[-8] ^= 1
    with pytest.raises(UnreadablePage, match=r"Content-Encoding: the data are damaged: .*incorrect data check"):
        decode(bytes(packed), ["gzip"], LIMIT)


@pytest.mark.parametrize(("name", "compress"), [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("zstd", zstd)])
def test_several_members_are_one_content(name: str, compress: Compress) -> None:
    assert decode(compress(PAGE) + compress(b"") + compress(b"end"), [name], LIMIT) == PAGE + b"end"


@pytest.mark.thorough
def test_very_many_members_take_no_long_time() -> None:
    assert decode(gzip.compress(b"a") * 100_000, ["gzip"], LIMIT) == b"a" * 100_000


@pytest.mark.parametrize("content", [PAGE, b"<", b"\x1e\x8b"])
def test_what_says_gzip_and_is_not_stands_as_it_is(content: bytes) -> None:
    assert answer("Content-Encoding: gzip", body=content).content(LIMIT) == content


def test_content_without_encoding_is_read_up_to_the_limit() -> None:
    assert answer(body=b"abcdef").content(6) == b"abcdef"
    assert answer(body=b"abcdef").content(3) == b"abcd"
    assert answer("Content-Encoding: gzip", body=b"abcdef").content(3) == b"abcd"


def test_encodings_are_undone_in_reverse() -> None:
    twice = zlib.compress(gzip.compress(PAGE))
    assert answer("Content-Encoding: gzip, deflate", body=twice).content(LIMIT) == PAGE
    assert answer("Content-Encoding: gzip", "Content-Encoding: deflate", body=twice).content(LIMIT) == PAGE
    with pytest.raises(UnreadablePage):
        answer("Content-Encoding: deflate, gzip", body=gzip.compress(gzip.compress(PAGE))).content(LIMIT)


def test_the_encodings_are_those_that_were_applied() -> None:
    assert encodings(iter(["GZIP , identity,", "", " br"])) == ["gzip", "br"]


def test_encodings_without_number_are_unreadable() -> None:
    with pytest.raises(UnreadablePage, match=r"^Content-Encoding: 6 encodings, one on top of the other$"):
        decode(PAGE, ["gzip"] * 6, LIMIT)


def test_an_unknown_encoding_is_unreadable_and_named() -> None:
    with pytest.raises(UnreadablePage, match=r"^Content-Encoding: 'rot13' is not known here$"):
        answer("Content-Encoding: Rot13", body=PAGE).content(LIMIT)


def test_nothing_is_nothing_in_any_encoding() -> None:
    for name in ("gzip", "deflate", "br", "zstd", "rot13"):
        assert answer(f"Content-Encoding: {name}").content(LIMIT) == b""


@pytest.mark.parametrize(("name", "compress", "package"), [("br", brotli, "brotli"), ("zstd", zstd, "backports.zstd")])
def test_a_missing_package_is_named(
    name: str, compress: Compress, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = compress(PAGE)
    for module in (package, "compression.zstd"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadablePage, match=f"^Content-Encoding: {name!r} needs the Python package '{package}'$"):
        decode(packed, [name], LIMIT)
