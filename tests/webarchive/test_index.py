"""What an index is asked, and what its answers say, whichever dialect it speaks."""

import json
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.webarchive.addresses import Access, Memento, memento_datetime, ways
from psgcrawl.webarchive.queries import EVER, Query, Window, queries, window, within
from psgcrawl.webarchive.rows import Answer, NoIndex, Row, once, parse

ROOT = ways("https://web.archive.org")[0]
PYWB = ways("http://127.0.0.1:8080/psg/")[0]
NEWS = "http://www.perusupportgroup.org.uk:80/news.php?position=10"
DIGEST = "CLLKY64HIOAXWM7II44DF6UNJEH3YEKT"
FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
KEY = "uk,org,perusupportgroup)/news.php?position=10"
ROW = Row(urlkey=KEY, stamp="20080512101600", url=NEWS, mime="text/html", status=200, digest=DIGEST)
VALUES = [KEY, "20080512101600", NEWS, "text/html", "200", DIGEST, "1269"]
OBJECT = {
    "urlkey": KEY,
    "timestamp": "20080512101600",
    "url": NEWS,
    "mime": "text/html",
    "status": "200",
    "digest": DIGEST,
}
REVISIT = Row(urlkey=KEY, stamp="20080512101600", url=NEWS, mime="warc/revisit", status=None, digest=DIGEST)


def arrays(*rows: list[str]) -> bytes:
    return json.dumps([FIELDS, *rows]).encode()


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(b"", Answer(None), id="nothing at all: pywb has no capture"),
        pytest.param(b"[]\n", Answer(None), id="an empty array: the Internet Archive has none"),
        pytest.param(arrays(VALUES), Answer("arrays", [ROW], 1), id="arrays"),
        pytest.param(arrays(VALUES, [], ["a b!"]), Answer("arrays", [ROW], 1, "a b!"), id="arrays, and more"),
        pytest.param(f"{' '.join(VALUES)}\n".encode(), Answer("text", [ROW], 1), id="text"),
        pytest.param(f"{' '.join(VALUES)}\n\na+b!\n".encode(), Answer("text", [ROW], 1, "a+b!"), id="text, and more"),
        pytest.param(json.dumps(OBJECT).encode() + b"\n", Answer("objects", [ROW], 1), id="objects"),
        pytest.param(
            f"{KEY} 20080512101600 {json.dumps({**OBJECT, 'status': '200'})}\n".encode(),
            Answer("cdxj", [ROW], 1),
            id="CDXJ",
        ),
        pytest.param(
            arrays([*VALUES[:3], "warc/revisit", "-", DIGEST, "450"]),
            Answer("arrays", [REVISIT], 1),
            id="a revisit of the Internet Archive has a dash for its status",
        ),
        pytest.param(
            json.dumps({**{k: v for k, v in OBJECT.items() if k != "status"}, "mime": "warc/revisit"}).encode(),
            Answer("objects", [REVISIT], 1),
            id="one of pywb has none at all",
        ),
    ],
)
def test_each_dialect_is_told_by_the_answer(body: bytes, answer: Answer) -> None:
    assert parse(body) == answer


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html><body>504 Gateway Time-out</body></html>", id="a page"),
        pytest.param(b'[{"a": 1}]', id="an array of something else"),
        pytest.param(b"[[", id="cut off"),
        pytest.param(b"The url= param is required", id="words"),
    ],
)
def test_what_is_no_answer_of_an_index_is_refused(body: bytes) -> None:
    with pytest.raises(NoIndex):
        parse(body)


def test_rows_that_cannot_be_meant_are_told_and_the_others_taken() -> None:
    said = parse(arrays([*VALUES[:1], "2008", *VALUES[2:]], VALUES, VALUES[:3]))
    assert (said.rows, said.count) == ([ROW], 3)
    assert [problem.partition(":")[0] for problem in said.bad] == ["no row of an index"] * 2


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    with suppress(NoIndex):
        said = parse(body)
        assert said.count == len(said.rows) + len(said.bad)


def test_repeated_rows_are_one() -> None:
    assert list(once([ROW, ROW, REVISIT, ROW])) == [ROW, REVISIT]


def test_a_query_asks_by_prefix_with_everything_escaped() -> None:
    [query] = queries(["news"], window("2008-05-12", "2010-03-04"))
    asked = query.address(ROOT, 5000, "uk,org,perusupportgroup)/news.php 20080512!")
    assert asked.startswith("https://web.archive.org/cdx/search/cdx?url=perusupportgroup.org.uk%2Fnews.php&")
    assert parse_qs(urlsplit(asked).query) == {
        "url": ["perusupportgroup.org.uk/news.php"],
        "matchType": ["prefix"],
        "output": ["json"],
        "from": ["20080512000000"],
        "to": ["20100304235959"],
        "limit": ["5000"],
        "showResumeKey": ["true"],
        "resumeKey": ["uk,org,perusupportgroup)/news.php 20080512!"],
    }
    assert "%3Fposition%3D" in Query("home", "perusupportgroup.org.uk/?position=", "prefix").address(PYWB, 1)


def test_the_home_page_is_the_php_sites_to_the_day_and_posts_are_after_it() -> None:
    assert within("home", EVER) == Window(EVER.since, "20191130235959")
    assert within("posts", EVER) == Window("20191201000000", EVER.until)
    assert queries(["posts"], window(None, "2019-06-01")) == []
    assert [query.match for query in queries(["home"], EVER) if query.url == "perusupportgroup.org.uk/"] == ["exact"]


def test_a_cut_answer_is_asked_for_in_halves_until_a_second_is_left() -> None:
    first, second = Query("news", "x", "prefix").halves("2026-01-01T00:00:00Z")
    assert first.window.since == EVER.since
    assert second.window.until == EVER.until
    assert int(second.window.since) - int(first.window.until) in {1, 41, 4041}
    assert Query("news", "x", "prefix", Window("20080512101600", "20080512101600")).halves("2026-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("webarchive", "found"),
    [
        ("https://web.archive.org", "https://web.archive.org/web/20080512101600id_/"),
        ("https://web.archive.org/", "https://web.archive.org/web/20080512101600id_/"),
        ("http://127.0.0.1:8080/psg", "http://127.0.0.1:8080/psg/20080512101600id_/"),
    ],
)
def test_mementos_are_where_the_archive_has_them(webarchive: str, found: str) -> None:
    assert ways(webarchive)[0].memento("20080512101600", NEWS) == found + NEWS


def test_an_archive_that_is_named_by_its_web_folder_is_also_tried_above_it() -> None:
    assert ROOT in ways("https://web.archive.org/web")


@pytest.mark.parametrize(
    ("access", "address", "found"),
    [
        (ROOT, f"https://web.archive.org/web/20080512101600id_/{NEWS}", Memento("20080512101600", NEWS)),
        (ROOT, f"http://www.web.archive.org:80/web/2008/{NEWS}", Memento("2008", NEWS)),
        (ROOT, f"/web/20080512101600/{NEWS}", Memento("20080512101600", NEWS)),
        (ROOT, "/web/20080512101600if_/http://a.example/?b=c#d", Memento("20080512101600", "http://a.example/?b=c#d")),
        (PYWB, f"http://127.0.0.1:8080/psg/20080512101600id_/{NEWS}", Memento("20080512101600", NEWS)),
        (PYWB, f"http://127.0.0.1:8081/psg/20080512101600id_/{NEWS}", None),
        (ROOT, f"https://example.org/web/20080512101600id_/{NEWS}", None),
        (ROOT, NEWS, None),
        (ROOT, "https://web.archive.org/save/", None),
        (ROOT, "//[", None),
    ],
)
def test_an_address_of_a_memento_is_told_from_every_other_one(
    access: Access, address: str, found: Memento | None
) -> None:
    assert access.parse(address) == found


@pytest.mark.parametrize("value", [None, "", "soon", "Mon, 99 May 2008 10:16:00 GMT"])
def test_what_is_no_time_is_none(value: str | None) -> None:
    assert memento_datetime(value) is None
