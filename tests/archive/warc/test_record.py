import gzip
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record, compress, member, serialise


def names_and_values() -> st.SearchStrategy[tuple[str, str]]:
    """Any bytes that a header's line can hold, UTF-8 or not, as records keep them."""
    values = st.binary(max_size=20).map(lambda data: data.replace(b"\r", b"").replace(b"\n", b"").strip())
    names = values.map(lambda data: data.replace(b":", b"").strip()).filter(
        lambda data: data.lower() != b"content-length"
    )
    return st.tuples(names, values).map(
        lambda pair: (pair[0].decode("utf-8", "surrogateescape"), pair[1].decode("utf-8", "surrogateescape"))
    )


@st.composite
def records(draw: st.DrawFn) -> Record:
    block = draw(st.binary(max_size=200))
    fields = draw(st.lists(names_and_values(), max_size=5))
    fields.insert(draw(st.integers(0, len(fields))), ("Content-Length", str(len(block))))
    return Record(tuple(fields), block, draw(st.sampled_from(["WARC/1.0", "WARC/1.1"])))


@given(st.lists(records(), max_size=4))
def test_what_is_written_is_read_again(written: list[Record]) -> None:
    for data in (b"".join(map(serialise, written)), b"".join(map(member, written))):
        found = list(read(BytesIO(data), "file"))
        assert [one.record for one in found] == written
        assert [data[one.offset :][: one.length] for one in found] == (
            [one.alone for one in found] if data[:2] == b"\x1f\x8b" else list(map(serialise, written))
        )
        assert [one.raw + b"\r\n\r\n" for one in found] == list(map(serialise, written))


def test_a_record_is_its_version_its_fields_and_its_block() -> None:
    record = Record((("WARC-Type", "resource"), ("X", "é\udcff"), ("Content-Length", "3")), b"a\nb")
    assert serialise(record) == (
        b"WARC/1.1\r\nWARC-Type: resource\r\nX: \xc3\xa9\xff\r\nContent-Length: 3\r\n\r\na\nb\r\n\r\n"
    )


@pytest.mark.parametrize("value", ["a\nWARC-Type: revisit", "a\r\nb", "a\rb"])
def test_a_line_end_in_a_field_is_refused(value: str) -> None:
    for field in (("X", value), (value, "x")):
        with pytest.raises(ValueError, match="a line end in a field of the record '<urn:1>'"):
            serialise(Record((("WARC-Record-ID", "<urn:1>"), field), b""))


def test_a_member_is_gzip_without_a_time_and_the_same_each_time() -> None:
    record = Record((("Content-Length", "3"),), b"abc")
    data = member(record)
    assert gzip.decompress(data) == serialise(record)
    assert data == member(record) == compress(serialise(record))
    assert data[4:8] == bytes(4), "RFC 1952: no modification time"
    machine = zlib.decompressobj(31)
    machine.decompress(data)
    assert (machine.eof, machine.unused_data) == (True, b"")


def test_fields_are_found_in_any_case_the_first_first() -> None:
    record = Record((("WARC-Concurrent-To", "a"), ("warc-concurrent-to", "b"), ("Other", "c")), b"")
    assert record.get("Warc-Concurrent-To") == "a"
    assert list(record.all("WARC-CONCURRENT-TO")) == ["a", "b"]
    assert record.get("Missing") is None


@pytest.mark.parametrize(
    ("written", "uri"),
    [
        ("http://example.org/<a>", "http://example.org/<a>"),
        ("<http://example.org/>", "http://example.org/"),
        ("<http://example.org/", "<http://example.org/"),
        ("", ""),
    ],
)
def test_an_address_stands_without_the_angle_brackets_of_warc_1_0(written: str, uri: str) -> None:
    assert Record((("WARC-Target-URI", written),), b"").uri == uri


def test_what_records_say_of_themselves() -> None:
    record = Record(
        (
            ("WARC-Type", "Response"),
            ("WARC-Record-ID", "<urn:uuid:1>"),
            ("WARC-Date", "2017-02-18T06:00:00Z"),
            ("Content-Type", "Application/HTTP; msgtype=response"),
        ),
        b"",
    )
    assert (record.type, record.id, record.date) == ("response", "<urn:uuid:1>", "2017-02-18T06:00:00Z")
    assert (record.media_type, record.is_http) == ("application/http", True)


def test_what_records_do_not_say_is_empty() -> None:
    record = Record((), b"")
    assert (record.type, record.id, record.date, record.media_type) == ("", "", "", "")
    assert record.uri is None
    assert not record.is_http
