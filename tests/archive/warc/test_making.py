"""Records as this program writes them: what stands in them, and that the same run writes the same bytes."""

from typing import Any

import pytest

from psgcrawl.archive.warc import digests, message
from psgcrawl.archive.warc.making import NOT_MODIFIED, SAME_PAYLOAD, Maker
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.record import Record, serialise
from psgcrawl.records import Captured

URL = "http://example.org/news.php?position=10"
DATE = "2017-02-18T06:00:00Z"
ASKED = Message(b"GET /news.php?position=10 HTTP/1.1", ((b"Host", b"example.org"),), b"")
ANSWER = Message(b"HTTP/1.1 200 OK", ((b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")), b"a page")
EMPTY = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


def records(seed: str = "a run") -> dict[str, Record]:
    """Return one record of each kind, as a run makes them in this order."""
    make = Maker(seed)
    made = {"warcinfo": make.warcinfo(DATE, {"software": "psgcrawl 0", "operator": "a\r\nb"})}
    made["request"] = make.request(URL, DATE, ASKED)
    made["response"] = make.response(URL, DATE, ANSWER, request=made["request"], address="127.0.0.1")
    made["revisit"] = make.revisit(
        URL + "0", DATE, ANSWER, made["response"], profile=SAME_PAYLOAD, request=made["request"], address="::1"
    )
    made["metadata"] = make.metadata(URL, DATE, {"failure": "Timeout: 30 s"}, request=made["request"])
    made["resource"] = make.resource(
        URL, DATE, "text/html", b"a file", captured=Captured(since=DATE, until=None), basis="bound", collection="news"
    )
    return made


@pytest.mark.parametrize("kind", records())
def test_every_record_says_what_it_is_and_how_long_its_block_is(kind: str) -> None:
    record = records()[kind]
    assert (record.type, record.date, record.version) == (kind, DATE, "WARC/1.1")
    assert record.get("Content-Length") == str(len(record.block))
    assert digests.agrees(record.get("WARC-Block-Digest") or "", record.block) is True
    assert record.id.startswith("<urn:uuid:")
    assert len({name for name, _ in record.fields}) == len(record.fields)


def test_every_record_but_the_first_names_the_warcinfo_of_its_run() -> None:
    made = records()
    assert made["warcinfo"].get("WARC-Warcinfo-ID") is None
    others = {record.get("WARC-Warcinfo-ID") for kind, record in made.items() if kind != "warcinfo"}
    assert others == {made["warcinfo"].id}


def test_the_same_run_makes_the_same_bytes_and_another_run_other_names() -> None:
    once, again, other = records(), records(), records("another run")
    assert [serialise(record) for record in once.values()] == [serialise(record) for record in again.values()]
    assert not {record.id for record in once.values()} & {record.id for record in other.values()}


def test_what_is_made_twice_in_a_run_has_two_names() -> None:
    make = Maker("a run")
    assert make.request(URL, DATE, ASKED).id != make.request(URL, DATE, ASKED).id


def test_a_response_keeps_repeated_headers_its_request_and_the_address_of_its_server() -> None:
    made = records()
    response = made["response"]
    assert message.parse(response.block) == ANSWER
    assert response.get("WARC-Payload-Digest") == digests.labelled(b"a page")
    assert (response.get("WARC-Concurrent-To"), response.get("WARC-IP-Address")) == (made["request"].id, "127.0.0.1")
    assert (response.get("Content-Type"), response.uri) == ("application/http; msgtype=response", URL)
    assert message.parse(made["request"].block) == ASKED
    assert made["request"].get("Content-Type") == "application/http; msgtype=request"
    assert response.get("WARC-Truncated") is None


def test_a_body_that_is_not_whole_is_said_to_be_so() -> None:
    assert Maker("").response(URL, DATE, ANSWER, truncated="disconnect").get("WARC-Truncated") == "disconnect"


@pytest.mark.parametrize("profile", [SAME_PAYLOAD, NOT_MODIFIED])
def test_a_revisit_has_a_header_of_its_own_and_names_what_it_repeats(profile: str) -> None:
    make = Maker("")
    original = make.response(URL, DATE, ANSWER)
    header = Message(b"HTTP/1.1 304 Not Modified", ((b"ETag", b'"a"'),), b"never kept")
    revisit = make.revisit(URL + "0", "2018-01-01T00:00:00Z", header, original, profile=profile)
    assert message.parse(revisit.block) == Message(header.start, header.headers, b"")
    assert {name: revisit.get(name) for name in ("WARC-Profile", "WARC-Refers-To", "WARC-Refers-To-Date")} == {
        "WARC-Profile": profile,
        "WARC-Refers-To": original.id,
        "WARC-Refers-To-Date": DATE,
    }
    assert revisit.get("WARC-Refers-To-Target-URI") == URL
    assert revisit.get("WARC-Payload-Digest") == digests.labelled(b"a page")


def test_facts_are_lines_and_nothing_in_them_begins_another() -> None:
    made = records()
    assert made["warcinfo"].block == b"software: psgcrawl 0\r\noperator: a\\r\\nb\r\n"
    assert made["metadata"].block == b"failure: Timeout: 30 s\r\n"
    assert made["metadata"].get("WARC-Concurrent-To") == made["request"].id


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"captured": Captured(since=DATE, until=None), "basis": "bound"}, (f"{DATE}/..", "bound", None)),
        ({"captured": Captured(since=DATE, until=DATE), "basis": "given"}, (f"{DATE}/{DATE}", "given", None)),
        (
            {"captured": Captured(since=DATE, until=DATE), "basis": "given", "collection": "example"},
            (f"{DATE}/{DATE}", "given", "example"),
        ),
    ],
    ids=["bounded", "known", "named-otherwise"],
)
def test_a_file_says_when_it_was_captured_as_far_as_that_is_known(
    given: dict[str, Any], expected: tuple[str, str, str | None]
) -> None:
    record = Maker("").resource("ni:///sha-256;x", DATE, "text/plain", b"", **given)
    names = ("PSGCRAWL-Captured", "PSGCRAWL-Captured-Basis", "PSGCRAWL-Collection")
    assert tuple(record.get(name) for name in names) == expected
    assert record.get("WARC-Payload-Digest") == EMPTY
