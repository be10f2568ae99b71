from io import BytesIO

import pytest

from psgcrawl.archive.redact.record import is_redacted, redacted
from psgcrawl.archive.redact.row import Mark, is_redacted_row
from psgcrawl.archive.warc.digests import labelled
from psgcrawl.archive.warc.making import SAME_PAYLOAD, Maker
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record, member
from psgcrawl.records import Captured

MARK = Mark("2027-03-01T12:00:00Z", "order 12/2027, Ñ")
DATE, URL = "2016-03-20T06:00:00Z", "http://perusupportgroup.org.uk/news.php"
BODY = b"a body that has to go"
MAKER = Maker("a test")
WARCINFO = MAKER.warcinfo(DATE, {"operator": "someone@example.org"})
ANSWER = Message(b"HTTP/1.1 404 Nobody of that name", ((b"Set-Cookie", b"who=me"),), BODY)
REQUEST = MAKER.request(URL, DATE, Message(b"GET /news.php HTTP/1.1", ((b"Cookie", b"who=me"),), b""))
RESPONSE = MAKER.response(URL, DATE, ANSWER, request=REQUEST, address="192.0.2.1", truncated="length")
BOUND = Captured(since=DATE, until=None)
RECORDS = {
    "warcinfo": (WARCINFO, b""),
    "request": (REQUEST, b"GET /news.php HTTP/1.1\r\n\r\n"),
    "response": (RESPONSE, b"HTTP/1.1 404 \r\n\r\n"),
    "revisit": (MAKER.revisit(URL, DATE, ANSWER, RESPONSE, profile=SAME_PAYLOAD), b"HTTP/1.1 404 \r\n\r\n"),
    "resource": (MAKER.resource(URL, DATE, "text/html", BODY, captured=BOUND, basis="bound", collection="news"), b""),
    "metadata": (MAKER.metadata(URL, DATE, {"reason": "who=me"}), b""),
}
GONE = (b"body", b"who=me", b"Cookie", b"Nobody", b"someone")


@pytest.mark.parametrize(("record", "left"), RECORDS.values(), ids=RECORDS)
def test_of_each_type_so_much_is_left(record: Record, left: bytes) -> None:
    after = redacted(record, MARK)
    assert after.block == left
    assert (after.type, after.id, after.date, after.uri) == (record.type, record.id, record.date, record.uri)
    assert after.media_type == record.media_type
    assert [*after.all("WARC-Truncated")] == ["unspecified"]
    assert (after.get("PSGCRAWL-Redacted"), after.get("PSGCRAWL-Redacted-Reason")) == (MARK.when, MARK.reason)
    assert after.get("PSGCRAWL-Redacted-Block-Digest") == labelled(record.block)
    assert [*after.all("WARC-Block-Digest")] == [labelled(left)]
    assert [*after.all("Content-Length")] == [str(len(left))]
    assert (is_redacted(record), is_redacted(after)) == (False, True)


@pytest.mark.parametrize(("record", "left"), RECORDS.values(), ids=RECORDS)
def test_what_is_left_is_a_record_and_holds_nothing_else(record: Record, left: bytes) -> None:
    [found] = read(BytesIO(member(redacted(record, MARK))), "a file")
    assert found.record == redacted(record, MARK)
    assert found.record.block == left
    assert not [word for word in GONE if word in found.raw]


@pytest.mark.parametrize("kind", ["response", "resource"])
def test_the_digest_of_the_payload_is_kept_apart_from_the_one_that_is_checked(kind: str) -> None:
    after = redacted(RECORDS[kind][0], MARK)
    assert after.get("PSGCRAWL-Redacted-Payload-Digest") == labelled(BODY)
    assert after.get("WARC-Payload-Digest") is None


def test_a_revisit_keeps_the_digest_of_a_payload_that_it_never_held() -> None:
    after = redacted(RECORDS["revisit"][0], MARK)
    assert after.get("WARC-Payload-Digest") == labelled(BODY)
    assert after.get("PSGCRAWL-Redacted-Payload-Digest") is None
    for name in ("WARC-Profile", "WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"):
        assert after.get(name) == RECORDS["revisit"][0].get(name) is not None


@pytest.mark.parametrize(
    ("block", "digest"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", labelled(b"abc")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", None),
        (b"no message at all", None),
    ],
    ids=["chunks are no payload", "damaged chunks", "no message"],
)
def test_digests_that_another_writer_left_out_are_made(block: bytes, digest: str | None) -> None:
    fields = (("WARC-Type", "response"), ("Content-Type", "application/http"), ("Content-Length", str(len(block))))
    after = redacted(Record(fields, block, "WARC/1.0"), MARK)
    assert after.version == "WARC/1.0"
    assert after.get("PSGCRAWL-Redacted-Block-Digest") == labelled(block)
    assert after.get("PSGCRAWL-Redacted-Payload-Digest") == digest
    assert b"abc" not in after.block
    assert b"no message" not in after.block


def test_digests_of_another_writer_are_kept_as_they_stand_and_fields_of_their_own_go() -> None:
    fields = (
        ("warc-type", "response"),
        ("WARC-Record-ID", "<urn:uuid:1>"),
        ("WARC-Block-Digest", "sha256:abc"),
        ("WARC-Payload-Digest", "md5:def"),
        ("WARC-JSON-Metadata", '{"title":"who=me"}'),
        ("Content-Length", "0"),
    )
    after = redacted(Record(fields, b""), MARK)
    assert after.get("PSGCRAWL-Redacted-Block-Digest") == "sha256:abc"
    assert after.get("PSGCRAWL-Redacted-Payload-Digest") == "md5:def"
    assert (after.type, after.id) == ("response", "<urn:uuid:1>")
    assert after.get("WARC-JSON-Metadata") is None


def test_a_row_is_known_by_its_problem() -> None:
    assert is_redacted_row(["redacted: order 12/2027"])
    assert not is_redacted_row(["future date: redacted: of 2027", "truncation: x"])
    assert not is_redacted_row([])
