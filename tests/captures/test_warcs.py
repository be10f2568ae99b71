"""Captures in WARC and WACZ files of any writer: which records are taken in, what becomes evidence, what is wrong."""

import gzip
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive.warc.digests import labelled
from psgcrawl.archive.warc.reading import Found, read
from psgcrawl.archive.warc.spool import Spool
from psgcrawl.captures.files import WarcFile, find
from psgcrawl.captures.gathered import holds_any
from psgcrawl.captures.warcs import Warcs
from psgcrawl.errors import BadCapture
from psgcrawl.records import Captured, Page
from tests.captures.making import (
    MOMENT,
    NEWS,
    fill,
    http,
    new_id,
    packed,
    page,
    record,
    request,
    response,
    revisit,
    sha1,
    wacz,
    warcinfo,
)
from tests.miniwordpress import RECORDED

NOW = "2026-03-09T00:00:00Z"
LATER = "2017-02-19T06:00:00Z"
ISO_8859_1 = "Content-Type: text/html; charset=iso-8859-1"


@dataclass
class Taken:
    """What came out of files."""

    pages: list[Page]
    bad: list[str]
    passed_over: list[str]
    warc: bytes
    """The evidence of the pages, as a snapshot gets it."""

    @property
    def titles(self) -> list[str]:
        return [entry.title for page in self.pages for entry in page.raw]

    @property
    def evidence(self) -> list[Found]:
        return list(read(BytesIO(self.warc), "evidence"))


def take(folder: Path, files: Mapping[str, object] | bytes, now: str = NOW) -> Taken:
    """Take in files, which are written first; bytes are those of one WARC that is not compressed."""
    inside = fill(folder / "in", {"a.warc": files} if isinstance(files, bytes) else files)
    return take_at(inside, folder / "archive", now)


def take_at(inside: Path, archive: Path, now: str = NOW) -> Taken:
    spool = Spool(archive, now, {})
    found = list(find(inside, "in"))
    warcs = [one for one in found if isinstance(one, WarcFile)]
    taken = Taken([], [str(one) for one in found if isinstance(one, BadCapture)], [], b"")
    with closing(Warcs(warcs, spool)) as opened:
        for one in warcs:
            for result in opened.pages(one, now):
                if isinstance(result, Page):
                    taken.pages.append(result)
                else:
                    taken.bad.append(str(result))
            taken.passed_over += filter(None, [opened.passed_over(one)])
    with (archive / "copied.warc.gz").open("wb", buffering=0) as stream:
        places = spool.copy([str(page.record) for page in taken.pages], stream)
    assert {page.record for page in taken.pages} <= places.keys()
    taken.warc = (archive / "copied.warc.gz").read_bytes()
    # Nothing is left but the evidence: what was kept for a while had no name.
    assert [path.name for path in spool.folder.iterdir()] == ["pages.warc.gz"]
    spool.discard()
    return taken


def only(told: list[str]) -> str:
    """Return the one message that there is."""
    [one] = told
    return one


def ids(found: list[Found]) -> list[str]:
    """Return the names of records but the run's own ``warcinfo``, which is the first."""
    return [one.record.id for one in found[1:]]


# --- files of every kind --------------------------------------------------------------

RECORDS = [warcinfo(), request(), response(), response(f"{NEWS}?position=10", page(2, 2))]


def member_each(folder: Path) -> None:
    fill(folder, {"a.warc.gz": packed(RECORDS)})


def in_wacz(folder: Path, compression: int) -> None:
    folder.mkdir()
    wacz(folder / "a.wacz", {"archive/a.warc.gz": packed(RECORDS), "pages/pages.jsonl": b"{}"}, compression)


KINDS: dict[str, Callable[[Path], object]] = {
    "plain": lambda folder: fill(folder, {"a.warc": b"".join(RECORDS)}),
    "plain-that-says-gz": lambda folder: fill(folder, {"A.WARC.GZ": b"".join(RECORDS)}),
    "member-each": member_each,
    "one-member": lambda folder: fill(folder, {"a.warc.gz": gzip.compress(b"".join(RECORDS))}),
    "wacz-stored": lambda folder: in_wacz(folder, zipfile.ZIP_STORED),
    "wacz-deflated": lambda folder: in_wacz(folder, zipfile.ZIP_DEFLATED),
}


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_files_of_every_kind_give_the_same_pages(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "in")
    taken = take_at(tmp_path / "in", tmp_path / "archive")
    assert (taken.titles, taken.bad, taken.passed_over) == (["Title 1", "Title 2"], [], [])
    first, second = taken.pages
    assert (first.url, first.collection, first.position, first.status) == (NEWS, "news", 0, 200)
    assert (second.url, second.position) == (f"{NEWS}?position=10", 10)
    assert (first.captured, first.captured_basis) == (Captured(since=MOMENT, until=MOMENT), "warc")
    assert (first.media_type, first.payload_digest, first.source) == ("text/html", labelled(page()), "file")


def test_a_wacz_can_hold_several_warcs_which_come_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    warcs = {
        "archive/z.warc": response(body=page(1)),
        "archive/deep/a.warc.gz": packed([response(f"{NEWS}?position=10", page(2))]),
        "warc-elsewhere/b.warc": response(f"{NEWS}?position=20", page(3)),
    }
    wacz(tmp_path / "in" / "a.wacz", warcs)
    taken = take_at(tmp_path / "in", tmp_path / "archive")
    assert taken.titles == ["Title 1", "Title 2"]
    assert [one.place for one in taken.pages] == [
        "in/a.wacz/archive/z.warc: byte 0",
        "in/a.wacz/archive/deep/a.warc.gz: byte 0",
    ]


def chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 50] for start in range(0, len(body), 50)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


BODIES: dict[str, tuple[bytes, list[str], bytes]] = {
    "chunked": (chunked(page()), ["Transfer-Encoding: chunked"], page()),
    "chunked-no-more": (page(), ["Transfer-Encoding: chunked"], page()),
    "gzip": (gzip.compress(page(), mtime=0), ["Content-Encoding: gzip"], gzip.compress(page(), mtime=0)),
    "gzip-no-more": (page(), ["Content-Encoding: gzip", "Content-Length: 60"], page()),
    "deflate": (zlib.compress(page()), ["content-encoding: deflate"], zlib.compress(page())),
    "both": (
        chunked(gzip.compress(page(), mtime=0)),
        ["Content-Encoding: gzip", "Transfer-Encoding: chunked"],
        gzip.compress(page(), mtime=0),
    ),
}


@pytest.mark.parametrize(("body", "headers", "payload"), BODIES.values(), ids=BODIES)
def test_bodies_are_read_through_their_encodings(
    tmp_path: Path, body: bytes, headers: list[str], payload: bytes
) -> None:
    taken = take(tmp_path, record("response", NEWS, http(body, "Content-Type: text/html", *headers)))
    assert (taken.titles, taken.bad) == (["Title 1"], [])
    assert taken.pages[0].payload_digest == labelled(payload)
    assert taken.pages[0].problems == ()


def test_the_header_says_how_the_page_is_encoded(tmp_path: Path) -> None:
    body = page().replace(b"Title 1", b"Per\xfa")
    taken = take(tmp_path, record("response", NEWS, http(body, ISO_8859_1)))
    assert taken.titles == ["Perú"]
    assert taken.pages[0].encoding_basis == "declared"


# --- what is a capture ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "collection", "position"),
    [
        ("https://www.perusupportgroup.org.uk:443/news.php?position=20", "news", 20),
        ("http://perusupportgroup.org.uk:80/articles.php?PHPSESSID=0a1b&position=30", "articles", 30),
        ("http://PerusupportGroup.org.uk./", "home", 0),
        ("http://www.perusupportgroup.org.uk/index.php", "home", 0),
        ("<http://perusupportgroup.org.uk/news.php>", "news", 0),
    ],
)
def test_every_way_to_write_a_listings_address_is_taken_in_as_it_stands(
    tmp_path: Path, uri: str, collection: str, position: int
) -> None:
    [found] = take(tmp_path, response(uri)).pages
    assert (found.url, found.collection, found.position) == (uri.strip("<>"), collection, position)


def test_a_home_page_that_wordpress_made_is_one_of_its_posts(tmp_path: Path) -> None:
    front = (RECORDED / "twentytwentyone-1.html").read_bytes()
    [found] = take(tmp_path, response("https://perusupportgroup.org.uk/", front)).pages
    # How many posts fill a page nobody knows: without a position it proves no end.
    assert (found.collection, found.position, found.layout) == ("posts", None, "wordpress-theme")
    said = fill(tmp_path / "said", {"a.warc": response("https://perusupportgroup.org.uk/", front)})
    fill(said, {"captures.jsonl": [{"file": "a.warc", "collection": "mirror"}]})
    [named] = take_at(said, tmp_path / "archive-of-said").pages
    assert (named.collection, named.position) == ("mirror", 0)


PASSED_OVER: dict[str, tuple[bytes, str]] = {
    "other-site": (response("http://example.org/news.php"), "of other sites"),
    "other-port": (response("http://perusupportgroup.org.uk:8080/news.php"), "of other sites"),
    "no-address": (response(None), "of other sites"),  # type: ignore[arg-type]  # a record may lack it
    "dns": (record("response", "dns:perusupportgroup.org.uk", b"x", Content_Type="text/dns"), "of other sites"),
    "detail-page": (response("http://perusupportgroup.org.uk/news-article-5.html"), "no listing page"),
    "style-sheet": (response("http://perusupportgroup.org.uk/style.css"), "no listing page"),
    "odd-position": (response(f"{NEWS}?position=ten"), "no listing page"),
    "screenshot": (record("resource", NEWS, b"\x89PNG", Content_Type="image/png"), "no listing page"),
    "not-found": (response(status="404 Not Found"), "another status than 200"),
    "moved": (response(status="301 Moved Permanently"), "another status than 200"),
    "part": (response(status="206 Partial Content"), "another status than 200"),
    "no-http": (record("response", NEWS, page(), Content_Type="text/html"), "another status than 200"),
    "not-found-again": (
        record("revisit", NEWS, http(b"", status="404 Not Found"), WARC_Refers_To=new_id()),
        "another status than 200",
    ),
    "conversion": (record("conversion", NEWS, page(), Content_Type="text/html"), "other record types"),
    "continuation": (record("continuation", NEWS, page()), "other record types"),
    "typeless": (response(WARC_Type=None), "other record types"),
}


@pytest.mark.parametrize(("other", "reason"), PASSED_OVER.values(), ids=PASSED_OVER)
def test_what_is_no_capture_is_passed_over_and_counted(tmp_path: Path, other: bytes, reason: str) -> None:
    taken = take(tmp_path, response() + other)
    assert (taken.titles, taken.bad) == (["Title 1"], [])
    assert taken.passed_over == [f"in/a.warc: records passed over: 1 {reason}"]
    [file] = find(fill(tmp_path / "alone", {"a.warc": other}), "alone")
    assert isinstance(file, WarcFile)
    assert not holds_any(file)


def test_reasons_are_told_in_one_line_a_file(tmp_path: Path) -> None:
    others = [one for one, _ in PASSED_OVER.values()]
    taken = take(tmp_path, {"a.warc": b"".join(others), "b.warc.gz": packed([response(), *others[:2]]), "c.warc": b""})
    assert taken.passed_over == [
        (
            "in/a.warc: records passed over: 4 of other sites, 4 no listing page, 5 another status than 200, "
            "3 other record types"
        ),
        "in/b.warc.gz: records passed over: 2 of other sites",
    ]


@pytest.mark.parametrize("side", ["request", "response"])
@pytest.mark.parametrize("order", [1, -1], ids=["request-first", "response-first"])
def test_what_was_not_asked_for_with_get_is_passed_over(tmp_path: Path, side: str, order: int) -> None:
    asked, answered = new_id(), new_id()
    records = [
        request(method="POST", WARC_Record_ID=asked, WARC_Concurrent_To=answered if side == "request" else None),
        response(WARC_Record_ID=answered, WARC_Concurrent_To=asked if side == "response" else None),
    ]
    taken = take(tmp_path, b"".join(records[::order]))
    assert (taken.pages, taken.bad) == ([], [])
    assert taken.passed_over == ["in/a.warc: records passed over: 1 not GET"]


def test_a_resource_of_others_at_a_listings_address_is_a_capture_without_status(tmp_path: Path) -> None:
    [found] = take(tmp_path, record("resource", NEWS, page(), Content_Type="text/html; charset=utf-8")).pages
    assert (found.status, found.media_type, found.captured_basis) == (None, "text/html", "warc")


@pytest.mark.parametrize(
    ("said", "captured", "basis"),
    [
        (("1991-08-06T00:00:00Z/..", "bound"), Captured(since="1991-08-06T00:00:00Z", until=None), "bound"),
        ((f"{MOMENT}/{LATER}", "bound"), Captured(since=MOMENT, until=LATER), "bound"),
        ((f"{MOMENT}/{MOMENT}", "given"), Captured(since=MOMENT, until=MOMENT), "given"),
        # What cannot be is not believed.
        ((f"{LATER}/{MOMENT}", "bound"), Captured(since=LATER, until=LATER), "warc"),
        (("2017-02-31T00:00:00Z/..", "bound"), Captured(since=LATER, until=LATER), "warc"),
        ((f"{MOMENT}/..", "guessed"), Captured(since=LATER, until=LATER), "warc"),
    ],
)
def test_our_own_record_of_a_file_has_its_time_and_collection_whatever_its_address(
    tmp_path: Path, said: tuple[str, str], captured: Captured, basis: str
) -> None:
    fields = {"PSGCRAWL_Captured": said[0], "PSGCRAWL_Captured_Basis": said[1], "PSGCRAWL_Collection": "mirror"}
    made = record("resource", "ni:///sha-256;x", page(), Content_Type="text/html", WARC_Date=LATER, **fields)
    [found] = take(tmp_path, made).pages
    assert (found.url, found.collection, found.position) == (None, "mirror", None)
    assert (found.captured, found.captured_basis) == (captured, basis)


# --- time -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "since", "until"),
    [
        ("2017-02-18T06:00:00.999Z", MOMENT, MOMENT),
        ("2017-02-18T07:30:00+01:30", MOMENT, MOMENT),
        ("2017-02-18T06:00Z", MOMENT, MOMENT),
        ("2017-02-18", "2017-02-18T00:00:00Z", "2017-02-18T23:59:59Z"),
        ("2016-02", "2016-02-01T00:00:00Z", "2016-02-29T23:59:59Z"),
        ("2016", "2016-01-01T00:00:00Z", "2016-12-31T23:59:59Z"),
    ],
)
def test_a_capture_is_of_the_time_that_its_record_says_as_far_as_it_says_it(
    tmp_path: Path, date: str, since: str, until: str
) -> None:
    [found] = take(tmp_path, response(WARC_Date=date)).pages
    assert found.captured == Captured(since=since, until=until)


NO_TIME = "is no time at which a page can have been captured"


@pytest.mark.parametrize(
    ("date", "problem"),
    [
        (None, f"WARC-Date: '' {NO_TIME}"),
        ("20170218060000", f"WARC-Date: '20170218060000' {NO_TIME}"),
        ("2017-02-30T06:00:00Z", f"WARC-Date: '2017-02-30T06:00:00Z' {NO_TIME}"),
        ("2017-02-18T24:00:00Z", f"WARC-Date: '2017-02-18T24:00:00Z' {NO_TIME}"),
        ("2017-02-18T06:00:00", f"WARC-Date: '2017-02-18T06:00:00' {NO_TIME}"),
        ("1970-01-01T00:00:00Z", f"WARC-Date: '1970-01-01T00:00:00Z' {NO_TIME}"),
        ("0001-01-01T00:00:00+10:00", f"WARC-Date: '0001-01-01T00:00:00+10:00' {NO_TIME}"),
        ("9999", f"WARC-Date: '9999' {NO_TIME}"),
        ("2026-03-09T00:00:01Z", "captured in the future: 2026-03-09T00:00:01Z"),
    ],
)
def test_a_record_without_a_time_that_can_be_is_named(tmp_path: Path, date: str | None, problem: str) -> None:
    taken = take(tmp_path, response(WARC_Date=date) + response())
    assert (taken.bad, len(taken.pages)) == ([f"in/a.warc: byte 0: {problem}"], 1)


# --- revisits -------------------------------------------------------------------------

ORIGINAL = new_id()
DIGEST = sha1(page())
REFERENCES: dict[str, dict[str, str]] = {
    "name": {"WARC_Refers_To": ORIGINAL},
    "address-and-date": {"WARC_Refers_To_Target_URI": NEWS, "WARC_Refers_To_Date": MOMENT},
    "digest": {"WARC_Payload_Digest": DIGEST},
    "wrong-name-right-digest": {"WARC_Refers_To": new_id(), "WARC_Payload_Digest": DIGEST},
}


def files_of(original: bytes, again: bytes) -> dict[str, Mapping[str, bytes]]:
    """Return the ways in which a revisit and what it repeats can stand in files."""
    return {
        "behind": {"a.warc": original + again},
        "before": {"a.warc": again + original},
        "in-another-file": {"a.warc": again, "b.warc.gz": packed([original])},
        "in-a-file-before": {"a.warc.gz": packed([original]), "b.warc": again},
    }


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=REFERENCES)
@pytest.mark.parametrize("where", files_of(b"", b""))
@pytest.mark.parametrize("profile", ["identical-payload-digest", "server-not-modified"])
def test_a_revisit_shows_what_it_repeats_wherever_that_stands(
    tmp_path: Path, reference: dict[str, str], where: str, profile: str
) -> None:
    original = response(WARC_Record_ID=ORIGINAL, WARC_Payload_Digest=DIGEST)
    again = revisit(profile=profile, WARC_Date=LATER, **reference)
    taken = take(tmp_path, files_of(original, again)[where])
    assert (taken.titles, taken.bad, taken.passed_over) == (["Title 1", "Title 1"], [], [])
    first, second = sorted(taken.pages, key=lambda one: one.captured.since)
    assert (first.status, second.status) == (200, 304 if profile == "server-not-modified" else 200)
    assert second.payload_digest == first.payload_digest == DIGEST
    assert second.captured == Captured(since=LATER, until=LATER)


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=REFERENCES)
@pytest.mark.parametrize("where", files_of(b"", b""))
def test_what_is_repeated_need_be_no_capture_itself(tmp_path: Path, reference: dict[str, str], where: str) -> None:
    elsewhere = "http://web.example.org/copy"
    reference = {**reference, **({"WARC_Refers_To_Target_URI": elsewhere} if len(reference) == 2 else {})}
    original = response(elsewhere, WARC_Record_ID=ORIGINAL, WARC_Payload_Digest=DIGEST)
    again = revisit(WARC_Date=LATER, **reference)
    taken = take(tmp_path, files_of(original, again)[where])
    assert (taken.titles, taken.bad) == (["Title 1"], [])
    assert taken.pages[0].url == NEWS
    # What is repeated is evidence, too, and is found by the name that the page's record says.
    found = {one.record.id: one for one in taken.evidence}
    assert again in [one.raw + b"\r\n\r\n" for one in found.values()]
    assert ORIGINAL in found
    pages_own = found[str(taken.pages[0].record)].record
    assert pages_own.get("WARC-Refers-To") == ORIGINAL
    assert len(found) == (3 if reference == REFERENCES["name"] else 4)


def test_in_a_wacz_the_original_may_stand_in_another_warc(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    original = response("http://example.org/x", WARC_Record_ID=ORIGINAL)
    again = revisit(WARC_Refers_To=ORIGINAL)
    wacz(tmp_path / "in" / "a.wacz", {"archive/a.warc": again, "archive/b.warc.gz": packed([original])})
    assert take_at(tmp_path / "in", tmp_path / "archive").titles == ["Title 1"]


def test_a_revisit_of_a_revisit_shows_what_that_repeats(tmp_path: Path) -> None:
    first, second = new_id(), new_id()
    taken = take(
        tmp_path,
        revisit(WARC_Refers_To=second, WARC_Date=LATER)
        + revisit("http://example.org/y", WARC_Refers_To=first, WARC_Record_ID=second)
        + response("http://example.org/x", WARC_Record_ID=first),
    )
    assert (taken.titles, taken.bad) == (["Title 1"], [])
    assert sorted(ids(taken.evidence)) == sorted([first, second, str(taken.pages[0].record)])


def test_a_revisit_that_says_its_payload_is_not_given_another(tmp_path: Path) -> None:
    other = response(f"{NEWS}?position=10", page(2), WARC_Record_ID=ORIGINAL, WARC_Payload_Digest=sha1(page(2)))
    right = response("http://example.org/", page(1), WARC_Payload_Digest=DIGEST)
    wrong = revisit(WARC_Refers_To=ORIGINAL, WARC_Payload_Digest=DIGEST)
    assert take(tmp_path / "1", other + right + wrong).titles == ["Title 2", "Title 1"]
    taken = take(tmp_path / "2", other + wrong)
    assert taken.titles == ["Title 2"]
    assert taken.bad == [f"in/a.warc: byte {len(other)}: a revisit without the record that it repeats"]


@pytest.mark.parametrize("reference", [{}, {"WARC_Refers_To": new_id()}], ids=["none", "dangling"])
def test_a_revisit_of_what_is_nowhere_is_named(tmp_path: Path, reference: dict[str, str]) -> None:
    taken = take(tmp_path, revisit(**reference) + response())
    assert taken.bad == ["in/a.warc: byte 0: a revisit without the record that it repeats"]
    assert taken.titles == ["Title 1"]


def test_revisits_that_repeat_each_other_are_named(tmp_path: Path) -> None:
    one, two = new_id(), new_id()
    taken = take(
        tmp_path, revisit(WARC_Record_ID=one, WARC_Refers_To=two) + revisit(WARC_Record_ID=two, WARC_Refers_To=one)
    )
    assert (taken.pages, len(taken.bad)) == ([], 2)


def test_a_304_with_the_digest_of_nothing_is_not_given_another_empty_record(tmp_path: Path) -> None:
    empty = response("http://example.org/", b"", WARC_Payload_Digest=sha1(b""))
    taken = take(tmp_path, empty + revisit(profile="server-not-modified", WARC_Payload_Digest=sha1(b"")))
    assert taken.bad == [f"in/a.warc: byte {len(empty)}: a revisit without the record that it repeats"]


def test_a_revisit_without_header_has_the_status_of_what_it_repeats(tmp_path: Path) -> None:
    def bare(original: bytes) -> Taken:
        again = record("revisit", NEWS, b"", WARC_Date=LATER, WARC_Refers_To=ORIGINAL)
        return take(tmp_path / str(len(original)), original + again)

    taken = bare(response("http://example.org/", WARC_Record_ID=ORIGINAL))
    assert [(one.status, one.captured.since) for one in taken.pages] == [(200, LATER)]
    taken = bare(response("http://example.org/", status="404 Not Found", WARC_Record_ID=ORIGINAL))
    assert (taken.pages, taken.bad) == ([], [])
    assert taken.passed_over == ["in/a.warc: records passed over: 1 of other sites, 1 another status than 200"]


# --- evidence -------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [packed, b"".join], ids=["members", "plain"])
def test_evidence_is_copied_byte_for_byte_with_what_belongs_to_it(
    tmp_path: Path, pack: Callable[[list[bytes]], bytes]
) -> None:
    info, asked, answered, told, other = (new_id() for _ in range(5))
    fetched = record("metadata", NEWS, b"fetchTimeMs: 7\r\n", WARC_Record_ID=told, WARC_Concurrent_To=answered)
    wanted = [
        warcinfo(WARC_Record_ID=info),
        request(WARC_Record_ID=asked),
        response(WARC_Record_ID=answered, WARC_Concurrent_To=asked, X_Odd=["  a", "b"]),
        fetched,
    ]
    unwanted = [request("http://example.org/"), response("http://example.org/"), request(WARC_Record_ID=other)]
    taken = take(tmp_path, {"a.warc.gz": pack([*wanted[:3], *unwanted, fetched])})
    assert ids(taken.evidence) == [info, asked, answered, told]
    assert [one.raw + b"\r\n\r\n" for one in taken.evidence[1:]] == wanted
    if pack is packed:
        assert [one.alone for one in taken.evidence[1:]] == [gzip.compress(one, mtime=0) for one in wanted]


def test_the_warcinfo_is_the_one_that_a_record_names_else_the_one_above_it(tmp_path: Path) -> None:
    one, two, far = new_id(), new_id(), new_id()
    files = {
        "a.warc": warcinfo(WARC_Record_ID=one)
        + response(body=page(1))
        + warcinfo(WARC_Record_ID=two)
        + response(body=page(2), WARC_Warcinfo_ID=far),
        "b.warc": response("http://example.org/") + warcinfo(WARC_Record_ID=far),
    }
    taken = take(tmp_path, files)
    first, second = (str(found.record) for found in taken.pages)
    assert ids(taken.evidence) == [one, first, far, second]


def test_a_record_that_stands_in_two_files_is_one(tmp_path: Path) -> None:
    same = response()
    taken = take(tmp_path, {"a.warc": same, "b.warc.gz": packed([same]), "c.warc": same + same})
    assert len({found.record for found in taken.pages}) == 1
    assert (ids(taken.evidence), taken.bad) == ([taken.pages[0].record], [])


def test_other_bytes_under_the_same_name_are_named_and_not_taken_in(tmp_path: Path) -> None:
    name = new_id()
    taken = take(
        tmp_path, {"a.warc": response(WARC_Record_ID=name), "b.warc": response(body=page(2), WARC_Record_ID=name)}
    )
    assert taken.titles == ["Title 1"]
    assert taken.bad == ["in/b.warc: byte 0: the record has the WARC-Record-ID of another one: in/a.warc: byte 0"]


def test_a_record_with_the_name_of_one_of_this_run_is_not_taken_in(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "elsewhere", NOW, {})
    own = spool.make.warcinfo(NOW, {}).id
    spool.discard()
    first = Spool(tmp_path / "archive", NOW, {})
    [info] = read(BytesIO((first.folder / "pages.warc.gz").read_bytes()), "")
    first.discard()
    assert own != info.record.id
    taken = take(tmp_path, response(WARC_Record_ID=info.record.id))
    assert taken.bad == [f"in/a.warc: byte 0: the WARC-Record-ID {info.record.id} is that of a record of this run"]


@pytest.mark.parametrize("name", [None, "<urn:a b\x07>", "<urn:é>", "<urn:" + "x" * 500 + ">"])
def test_a_record_without_a_name_that_can_be_pointed_at_is_named(tmp_path: Path, name: str | None) -> None:
    taken = take(tmp_path, response(WARC_Record_ID=name) + response())
    assert re.fullmatch(r"in/a\.warc: byte 0: WARC-Record-ID: .* is no name of a record", only(taken.bad))
    assert taken.titles == ["Title 1"]


# --- damage ---------------------------------------------------------------------------


def test_a_block_that_is_not_that_of_its_digest_is_named_and_the_others_are_taken_in(tmp_path: Path) -> None:
    block = http(page(1))
    wrong = record("response", NEWS, block, WARC_Block_Digest=sha1(block[:-1]))
    right = record("response", f"{NEWS}?position=10", block, WARC_Block_Digest=sha1(block))
    taken = take(tmp_path, right + wrong + response(body=page(3)))
    assert taken.titles == ["Title 1", "Title 3"]
    assert taken.bad == [
        f"in/a.warc: byte {len(right)}: WARC-Block-Digest: '{sha1(block[:-1])}' is not that of the block: it is damaged"
    ]


def test_a_revisit_of_a_damaged_record_is_named_by_that(tmp_path: Path) -> None:
    wrong = response("http://example.org/", WARC_Record_ID=ORIGINAL, WARC_Block_Digest=sha1(b"x"))
    taken = take(tmp_path, revisit(WARC_Refers_To=ORIGINAL) + wrong)
    assert len(taken.bad) == 1
    assert re.match(r"in/a\.warc: byte \d{3}: WARC-Block-Digest: .* it is damaged", taken.bad[0])


def test_only_the_digest_of_nothing_is_forgiven_to_a_revisit(tmp_path: Path) -> None:
    """GNU Wget writes it."""
    original = response(WARC_Record_ID=ORIGINAL)
    forgiven = revisit(WARC_Refers_To=ORIGINAL, WARC_Date=LATER, WARC_Block_Digest=sha1(b""))
    taken = take(tmp_path, original + forgiven + revisit(WARC_Refers_To=ORIGINAL, WARC_Block_Digest=sha1(b"x")))
    assert taken.titles == ["Title 1", "Title 1"]
    assert only(taken.bad).startswith(f"in/a.warc: byte {len(original + forgiven)}: WARC-Block-Digest: ")


DOUBTS: dict[str, tuple[bytes, str]] = {
    "payload-digest": (
        response(WARC_Payload_Digest=sha1(b"x")),
        f"WARC-Payload-Digest: '{sha1(b'x')}' is not that of the payload",
    ),
    "truncated": (response(WARC_Truncated="time"), "truncation: WARC-Truncated: 'time'"),
    "short": (
        record("response", NEWS, http(page(), "Content-Type: text/html", "Content-Length: 10000")),
        f"truncation: the body has {len(page())} bytes of 10000",
    ),
}


@pytest.mark.parametrize(("doubtful", "problem"), DOUBTS.values(), ids=DOUBTS)
def test_what_its_record_shows_to_be_wrong_with_a_page_is_a_problem_of_the_page(
    tmp_path: Path, doubtful: bytes, problem: str
) -> None:
    taken = take(tmp_path, doubtful)
    assert (taken.titles, taken.bad) == (["Title 1"], [])
    assert taken.pages[0].problems == (problem,)


@pytest.mark.parametrize(
    "digest",
    [sha1(chunked(page())), sha1(page()), "md5:0cc175b9c0f1b6a831c399e269772661"],
    ids=["body", "payload", "md5"],
)
def test_a_payload_digest_may_be_computed_in_several_ways(tmp_path: Path, digest: str) -> None:
    block = http(chunked(page()), "Content-Type: text/html", "Transfer-Encoding: chunked")
    [found] = take(tmp_path, record("response", NEWS, block, WARC_Payload_Digest=digest)).pages
    assert found.problems == ()


BAD: dict[str, tuple[bytes, str]] = {
    "segment": (response(WARC_Segment_Number="1"), "one segment of a record that goes on in others, .*"),
    "no-message": (record("response", NEWS, b"nothing of the kind"), "not an HTTP message"),
    "empty": (response(body=b""), "empty: not one byte that could be read"),
    "picture": (response(body=b"\x89PNG\r\n\x1a\n"), r"binary: begins with .*"),
    "damaged-gzip": (
        record("response", NEWS, http(gzip.compress(page())[:-9], "Content-Encoding: gzip")),
        "Content-Encoding: the data end early",
    ),
    "address": (response(f"{NEWS}?x=\udce9"), r"WARC-Target-URI: .* is no address"),
    "too-large": (response(body=b" " * (16 << 20)), "over the limit of 16777216 bytes for one record"),
    "large": (response(body=b"x" * (9 << 20)), "over the limit of 8388608 bytes for one page"),
    "bomb": (
        record("response", NEWS, http(gzip.compress(bytes(50 << 20), compresslevel=1), "Content-Encoding: gzip")),
        "over the limit of 8388608 bytes for one page",
    ),
}


@pytest.mark.parametrize(("wrong", "problem"), BAD.values(), ids=BAD)
def test_a_capture_that_cannot_be_taken_in_is_named_and_the_others_are(
    tmp_path: Path, wrong: bytes, problem: str
) -> None:
    first = response(f"{NEWS}?position=10", page(1))
    taken = take(tmp_path, {"a.warc": first + wrong + response(body=page(2))})
    assert taken.titles == ["Title 1", "Title 2"]
    assert re.fullmatch(rf"in/a\.warc: byte {len(first)}: {problem}", only(taken.bad))
    assert len(ids(taken.evidence)) == 2


@pytest.mark.parametrize("pack", [packed, b"".join], ids=["members", "plain"])
def test_of_a_file_that_was_cut_everything_before_the_cut_is_taken_in(
    tmp_path: Path, pack: Callable[[list[bytes]], bytes]
) -> None:
    records = [warcinfo(), *(response(f"{NEWS}?position={number}0", page(number)) for number in range(3))]
    whole = pack(records)
    ends = [len(pack(records[:number])) for number in range(len(records) + 1)]
    for cut in chain(range(5, len(whole), 97), (end - 5 for end in ends[1:])):
        taken = take(tmp_path / str(cut), {"a.warc.gz": whole[:cut]})
        before = max(number for number, end in enumerate(ends) if end <= cut)
        if cut in ends:
            assert (len(taken.pages), taken.bad) == (max(0, before - 1), [])
        else:
            assert len(taken.pages) == max(0, before - 1)
            [bad] = taken.bad
            assert bad.startswith(f"in/a.warc.gz: byte {ends[before]}: ")


def test_no_damage_raises_anything_and_none_goes_unnoticed(tmp_path: Path) -> None:
    blocks = [http(page(number)) for number in range(2)]
    records = [record("response", NEWS, block, WARC_Block_Digest=sha1(block)) for block in blocks]
    whole = packed(records)
    for at in range(0, len(whole), 13):
        damaged = whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :]
        taken = take(tmp_path / str(at), {"a.warc.gz": damaged})
        # Times and systems in the header of a gzip member mean nothing, and no checksum is over them.
        if len(taken.pages) < 2:
            assert taken.bad
        else:
            assert taken.titles == ["Title 0", "Title 1"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no WACZ that can be read: File is not a zip file"),
        (b"PK\x03\x04" + bytes(40), "no WACZ that can be read: File is not a zip file"),
        (packed(RECORDS), "no WACZ that can be read: File is not a zip file"),
    ],
    ids=["empty", "beginning", "warc"],
)
def test_what_is_no_wacz_is_named(tmp_path: Path, data: bytes, problem: str) -> None:
    taken = take(tmp_path, {"a.wacz": data, "b.warc": response()})
    assert (taken.bad, taken.titles) == ([f"in/a.wacz: {problem}"], ["Title 1"])


def hostile(make: Callable[[zipfile.ZipFile], None], after: Callable[[bytes], bytes] = lambda data: data) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        make(archive)
    return after(stream.getvalue())


def overlapping(data: bytes) -> bytes:
    """Let the second entry of the directory name the data of the first."""
    first, second = (found.start() for found in re.finditer(b"PK\x01\x02", data))
    changed = bytearray(data)
    changed[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(changed)


def encrypted(data: bytes) -> bytes:
    changed = bytearray(data)
    for found in re.finditer(b"PK\x01\x02", data):
        changed[found.start() + 8] |= 1
    return bytes(changed)


def two(archive: zipfile.ZipFile) -> None:
    for number in (1, 2):
        archive.writestr(zipfile.ZipInfo(f"archive/{number}.warc.gz"), packed([response(body=page(number))]))


def other_method(archive: zipfile.ZipFile) -> None:
    archive.writestr("archive/a.warc", response(), compress_type=zipfile.ZIP_BZIP2)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "no-warc": (hostile(lambda archive: archive.writestr("a.warc", response())), ": no WACZ: there is no WARC in .*"),
    "bomb": (
        hostile(lambda archive: archive.writestr("archive/a.warc", bytes(10_000_000))),
        r": 'archive/a\.warc': it becomes 10000000 bytes: a bomb",
    ),
    "other-method": (hostile(other_method), r": 'archive/a\.warc': neither stored nor deflated"),
    "encrypted": (
        hostile(lambda archive: archive.writestr("archive/a.warc", response()), encrypted),
        r"/archive/a\.warc: cannot be read: .* encrypted, password required .*",
    ),
    "overlapping": (hostile(two, overlapping), r"/archive/2\.warc\.gz: cannot be read: .*"),
}


@pytest.mark.parametrize(("data", "problem"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_wacz_is_refused_and_named(tmp_path: Path, data: bytes, problem: str) -> None:
    taken = take(tmp_path, {"a.wacz": data, "b.warc": response(body=page(9))})
    assert taken.titles[-1] == "Title 9"
    assert re.fullmatch(rf"in/a\.wacz{problem}", only(taken.bad))


def test_members_that_lie_on_top_of_each_other_are_a_bomb(tmp_path: Path) -> None:
    """One WARC, named a hundred times."""
    data = hostile(lambda archive: archive.writestr("archive/a.warc", response(body=page() * 20)))
    directory, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[directory:end]
    sizes = (100).to_bytes(2, "little") * 2 + (100 * len(entry)).to_bytes(4, "little")
    bomb = data[:directory] + entry * 100 + data[end : end + 8] + sizes + data[end + 16 :]
    taken = take(tmp_path, {"a.wacz": bomb})
    assert taken.bad == ["in/a.wacz: its members are together longer than the file: a bomb"]


def test_names_in_a_wacz_lead_nowhere(tmp_path: Path) -> None:
    name = "archive/../../../x\n.warc"
    data = hostile(lambda archive: archive.writestr(name, response()))
    taken = take(tmp_path, {"a.wacz": data})
    assert [one.place for one in taken.pages] == [f"in/a.wacz/{name}: byte 0"]
    assert {path.name for path in tmp_path.iterdir()} == {"in", "archive"}


def test_a_damaged_member_of_a_wacz_is_named_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = wacz(tmp_path / "in" / "a.wacz", {"archive/a.warc": response(), "archive/b.warc": response(body=page(2))})
    data = path.read_bytes()
    path.write_bytes(data.replace(b"Title 1", b"Title 7"))
    taken = take_at(tmp_path / "in", tmp_path / "archive")
    assert taken.titles[-1] == "Title 2"
    assert re.fullmatch(r"in/a\.wacz/archive/a\.warc: byte \d+: cannot be read: Bad CRC-32 .*", only(taken.bad))


# --- what stands beside a file --------------------------------------------------------


def test_a_sidecar_can_say_the_collection_and_what_to_call_it(tmp_path: Path) -> None:
    said = {"file": "a.warc", "collection": "mirror", "title": "A title", "note": "A note"}
    taken = take(tmp_path, {"a.warc": response(), "captures.jsonl": [said]})
    [found] = taken.pages
    assert (found.collection, found.title, found.note, found.position) == ("mirror", "A title", "A note", 0)


@pytest.mark.parametrize("member", ["url", "captured_at", "not_before", "not_after"])
def test_a_sidecar_cannot_say_what_records_say_themselves(tmp_path: Path, member: str) -> None:
    said = {"file": "a.WARC.gz", member: NEWS if member == "url" else MOMENT}
    taken = take(tmp_path, {"a.WARC.gz": response(), "captures.jsonl": [said]})
    assert taken.bad == [f"in/captures.jsonl:1: '{member}': a WARC says so itself, record by record"]
    assert taken.pages == []


def rows(*said: Mapping[str, Any]) -> bytes:
    """Return a ``pages.jsonl`` as a snapshot has it."""
    usual = {
        "url": NEWS,
        "captured": {"from": MOMENT, "to": MOMENT},
        "captured_basis": "crawl",
        "status": 200,
        "media_type": "text/html",
        "encoding": "utf-8",
        "encoding_basis": "valid-utf-8",
        "sha256": "0" * 64,
        "payload_digest": DIGEST,
        "layout": "html",
        "fields": [],
        "position": 0,
        "lists": [],
        "problems": [],
        "carried_from": None,
    }
    return b"".join(
        json.dumps({**usual, **one, "warc": {"record": one["warc"], "offset": 0, "length": 1}}).encode() + b"\n"
        for one in said
    )


FOLDER = "mirror/20170218T060000Z"


def test_beside_the_warc_of_a_snapshot_stands_what_its_records_are(tmp_path: Path) -> None:
    one, two, far = new_id(), new_id(), "http://127.0.0.1:8000/news.php?position=10"
    asked = request(far, WARC_Concurrent_To=two)
    records = [
        response("http://127.0.0.1:8000/robots.txt"),
        response(WARC_Record_ID=one, WARC_Date=LATER),
        response(body=page(5)),
        response(far, page(2), WARC_Record_ID=two),
        asked,
    ]
    lines = rows({"warc": one}, {"warc": two, "url": far, "position": 10, "payload_digest": sha1(page(2))})
    taken = take(tmp_path, {f"{FOLDER}/pages.warc.gz": packed(records), f"{FOLDER}/pages.jsonl": lines})
    assert (taken.titles, taken.bad) == (["Title 1", "Title 2"], [])
    assert [(found.collection, found.url, found.position) for found in taken.pages] == [
        ("mirror", NEWS, 0),
        ("mirror", far, 10),
    ]
    assert {(found.captured.since, found.captured_basis) for found in taken.pages} == {(MOMENT, "crawl")}
    assert taken.passed_over == [f"in/{FOLDER}/pages.warc.gz: records passed over: 2 no page of its snapshot"]
    assert len(taken.evidence) == 4


def test_a_304_of_a_snapshot_brings_what_it_repeats_as_evidence_and_not_as_a_page(tmp_path: Path) -> None:
    again = new_id()
    records = [
        response(WARC_Record_ID=ORIGINAL),
        revisit(profile="server-not-modified", WARC_Record_ID=again, WARC_Refers_To=ORIGINAL, WARC_Date=LATER),
    ]
    lines = rows({"warc": again, "status": 304, "captured": {"from": LATER, "to": LATER}})
    taken = take(tmp_path, {f"{FOLDER}/pages.warc.gz": packed(records), f"{FOLDER}/pages.jsonl": lines})
    assert [(found.status, found.captured.since, found.captured_basis) for found in taken.pages] == [
        (304, LATER, "crawl")
    ]
    assert sorted(ids(taken.evidence)) == sorted([ORIGINAL, again])


WRONG_ROWS: dict[str, tuple[Callable[[str], bytes], str]] = {
    "other-bytes": (
        lambda one: rows({"warc": one, "payload_digest": sha1(b"x")}),
        f": byte 0: pages.jsonl beside it has another digest: {sha1(b'x')}",
    ),
    "no-such-day": (
        lambda one: rows({"warc": one, "captured": {"from": "2017-02-31T06:00:00Z", "to": None}}),
        ": byte 0: pages.jsonl beside it has no time that can be: 2017-02-31T06:00:00Z",
    ),
    "future": (
        lambda one: rows({"warc": one, "captured": {"from": "2036-01-01T00:00:00Z", "to": None}}),
        ": byte 0: captured in the future: 2036-01-01T00:00:00Z",
    ),
    "torn": (lambda one: rows({"warc": one})[:-9], r": held back: .*/pages\.jsonl:1: .*"),
}


@pytest.mark.parametrize(("make", "problem"), WRONG_ROWS.values(), ids=WRONG_ROWS)
def test_a_snapshot_that_contradicts_its_records_is_held_back(
    tmp_path: Path, make: Callable[[str], bytes], problem: str
) -> None:
    one = new_id()
    files = {f"{FOLDER}/pages.warc.gz": packed([response(WARC_Record_ID=one)]), f"{FOLDER}/pages.jsonl": make(one)}
    taken = take(tmp_path, files)
    assert taken.pages == []
    assert re.fullmatch(rf"in/{FOLDER}/pages\.warc\.gz{problem}", only(taken.bad))


def redacted_records() -> Iterator[bytes]:
    gone = new_id()
    mark = {"PSGCRAWL_Redacted": NOW, "WARC_Truncated": "unspecified"}
    yield record("response", NEWS, b"HTTP/1.1 200 \r\n\r\n", WARC_Record_ID=gone, **mark)
    yield revisit(f"{NEWS}?position=10", WARC_Refers_To=gone)


def test_what_was_redacted_and_what_repeats_it_is_passed_over(tmp_path: Path) -> None:
    taken = take(tmp_path, b"".join([*redacted_records(), response(body=page(2))]))
    assert (taken.titles, taken.bad) == (["Title 2"], [])
    assert taken.passed_over == ["in/a.warc: records passed over: 2 redacted"]
