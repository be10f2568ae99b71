"""The past of web archives is itself to be trusted: its pages show what its truth says, its captures are there."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from psgcrawl import layouts, urls
from psgcrawl.archive import grouping
from psgcrawl.archive.warc import message, reading
from psgcrawl.records import Captured
from tests.webarchives import PAST, Taken, warcs
from tests.webarchives.taken import urlkey
from tests.webarchives.truth import COLLECTIONS, TRUTH, Shown, Truth


def read(taken: Taken) -> layouts.Reading:
    charset = (taken.content_type or "").partition("charset=")[2] or None
    return layouts.read(taken.text, media_type=taken.media_type, charset=charset, url=taken.url)


def test_every_page_shows_the_entries_that_the_truth_names_in_their_order() -> None:
    for one in TRUTH.shown:
        seen = read(one.taken)
        ids = [
            entry.identity or urls.link_identity(urls.canonical(entry.href, one.taken.url), one.taken.url)
            for entry in seen.entries
            if entry.kind == "entry"
        ]
        if one.cut:
            assert 0 < len(ids) < len(one.ids)
            assert ids == list(one.ids[: len(ids)])
        else:
            assert ids == list(one.ids), (one.taken.url, one.taken.stamp)
            assert seen.problems == ()


def test_what_shows_no_listing_is_not_recognised() -> None:
    assert [read(taken).layout for taken in PAST.no_pages] == [None] * len(PAST.no_pages)
    assert {taken.status for taken in PAST.no_pages} == {200}


def test_there_is_one_of_everything_that_goes_wrong() -> None:
    assert {taken.status for taken in PAST.other_status} == {301, 302, 404, 500}
    assert [taken.text for taken in PAST.empty] == [b"", b""]
    assert sum(taken.gzipped for taken in PAST.all) == 2
    assert sum(taken.chunked for taken in PAST.all) == 1
    assert sum(taken.cut for taken in PAST.all) == 1
    assert sum(taken.repeats is not None for taken in PAST.all) == 2
    undecodable = [taken for taken in PAST.all if not _is_utf8(taken.text)]
    assert {taken.content_type for taken in undecodable} == {"text/html", "text/html; charset=ISO-8859-1"}
    hosts = {taken.url.partition("/news.php")[0] for taken in PAST.all if "/news.php" in taken.url}
    assert len(hosts) == 5
    first, changed, last = (taken.digest for taken in PAST.all if taken.stamp[:4] == "2012")
    assert first == last != changed


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True)
class Placed:
    """What grouping looks at."""

    captured: Captured
    position: int
    url: str
    sha256: str
    shown: Shown


@pytest.mark.parametrize("listing", ["news", "articles", "home"])
def test_snapshots_of_the_truth_are_those_of_the_rule(listing: str) -> None:
    def placed(one: Shown) -> Placed:
        moment = f"{one.taken.moment:%Y-%m-%dT%H:%M:%SZ}"
        return Placed(Captured(since=moment, until=moment), one.position, one.taken.url, one.taken.digest, one)

    groups = grouping.group(map(placed, TRUTH.of(listing)), lambda _: listing)
    assert [[one.shown for one in group] for group in groups] == TRUTH.snapshots(listing)


def test_the_truth_of_a_time_is_of_that_time() -> None:
    some = Truth(PAST, since="2010", until="20130719")
    assert {one.taken.stamp[:4] for one in some.shown} == {"2010", "2012", "2013"}
    assert some.entries("news") < TRUTH.entries("news")
    assert [len(group) for group in some.snapshots("news")] == [3, 1, 1, 3]


def test_the_least_number_of_fetches_counts_equal_bytes_once() -> None:
    shown = len(TRUTH.shown) + len(TRUTH.no_pages)
    # A page with and without session, two revisits, a title changed and changed back, a parked name at two addresses,
    # and an unchanged page that was kept whole.
    assert TRUTH.fetches() == shown - 6
    assert sum(TRUTH.fetches([name]) for name in COLLECTIONS) == TRUTH.fetches() + 1


def test_the_key_of_an_address_is_the_same_for_all_its_variants() -> None:
    variants = [
        "http://www.perusupportgroup.org.uk:80/news.php?position=10",
        "https://perusupportgroup.org.uk/news.php?position=10",
        "http://perusupportgroup.org.uk/news.php?position=10&PHPSESSID=0123456789abcdef0123456789abcdef",
        "http://perusupportgroup.org.uk/news.php?PHPSESSID=0123456789abcdef0123456789abcdef&position=10",
    ]
    assert {urlkey(url) for url in variants} == {"uk,org,perusupportgroup)/news.php?position=10"}
    kept = [urlkey(url, sessions=True).partition("?")[2] for url in variants]
    assert kept == ["position=10", "position=10", "&position=10", "position=10"]
    assert urlkey("perusupportgroup.org.uk") == "uk,org,perusupportgroup)/"


def test_the_warc_files_hold_every_capture_and_its_bytes(tmp_path: Path) -> None:
    found = []
    for path in warcs.write(PAST.all, tmp_path):
        with path.open("rb") as stream:
            records = [one.record for one in reading.read(stream, path.name)]
        assert [record.type for record in records].count("warcinfo") == 1
        found += [record for record in records if record.type != "warcinfo"]
    assert [(record.uri, re.sub("[-:TZ]", "", record.date)) for record in found] == [
        (taken.url, taken.stamp) for taken in PAST.all
    ]
    for record, taken in zip(found, PAST.all, strict=True):
        answer = message.parse(record.block)
        assert record.get("WARC-Payload-Digest") == f"sha1:{taken.digest}"
        if taken.repeats is None:
            assert (answer.status, answer.payload()) == (taken.status, taken.payload)
        else:
            assert (record.type, answer.body) == ("revisit", b"")
