"""What the archive holds of an address: the latest snapshot's page, by which a server can be asked for news."""

from dataclasses import replace
from pathlib import Path

import pytest

from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc.holding import Held, Holding
from tests import live
from tests.live import FIRST, LAST, NEWS, Answer

DAY = "2017-02-{:02d}T06:00:00Z"
HTML = ("Content-Type", "text/html; charset=utf-8")


def crawled(archive: Path, *days: dict[str, Answer]) -> None:
    for number, answers in enumerate(days, 1):
        assert live.crawl(archive, answers, DAY.format(number)).exit_code == 0


def latest(archive: Path) -> Snapshot:
    return Archive(archive).collection("news").snapshots()[-1]


def held(archive: Path, url: str = FIRST) -> Held | None:
    """Return what is held of an address; nothing may be wrong."""
    return Holding(archive, "news", pytest.fail).of(url)


def confirmed(answers: dict[str, Answer], *urls: str) -> dict[str, Answer]:
    """Return the answers, with 304 for those addresses."""
    return {url: replace(one, status=304) if url in urls else one for url, one in answers.items()}


def test_what_is_held_is_the_page_of_the_latest_snapshot_and_what_its_server_said(tmp_path: Path) -> None:
    old = live.listing()
    new = {
        url: replace(one, headers=(HTML, ("Last-Modified", "yes"))) for url, one in live.listing(title="New").items()
    }
    crawled(tmp_path, old, new)
    found = held(tmp_path)
    assert found is not None
    assert (found.etag, found.modified, found.snapshot) == (None, "yes", "20170202T060000Z")
    assert found.answer.body == new[FIRST].body
    [place] = [row.warc for row in latest(tmp_path).pages() if row.url == FIRST]
    assert place is not None
    data = (latest(tmp_path).folder / "pages.warc.gz").read_bytes()
    assert (found.original.id, found.member) == (place.record, data[place.offset : place.offset + place.length])


def test_what_a_304_stood_for_is_found_through_it_and_its_word_counts_before_the_older_one(tmp_path: Path) -> None:
    first = {
        url: replace(one, headers=(HTML, ("ETag", '"1"'), ("Last-Modified", "then")))
        for url, one in live.listing().items()
    }
    second = confirmed(live.listing(title="New"), *NEWS[1:])
    second[LAST] = replace(second[LAST], headers=(("ETag", '"2"'),))
    crawled(tmp_path, first, second)
    found = held(tmp_path, LAST)
    assert found is not None
    assert (found.etag, found.modified, found.original.date) == ('"2"', "then", "2017-02-01T06:00:03Z")
    assert found.answer.body == first[LAST].body
    third = confirmed(live.listing(title="Newer"), LAST)
    crawled(tmp_path / "on", first, second, third)
    again = held(tmp_path / "on", LAST)
    assert again is not None
    assert again.member == found.member


def test_what_another_address_said_with_the_same_bytes_is_no_word_of_this_one(tmp_path: Path) -> None:
    pages = live.listing()
    twin = f"{live.BASE}/news.php?position=40"
    pages[twin] = replace(pages[LAST], headers=(HTML,))
    crawled(tmp_path, pages)
    assert [row.warc is not None for row in latest(tmp_path).pages()] == [True] * 5
    assert held(tmp_path, LAST) is not None
    assert held(tmp_path, twin) is None
    pages[twin] = replace(pages[LAST], headers=(HTML, ("ETag", '"twin"')))
    crawled(tmp_path / "on", pages)
    found = held(tmp_path / "on", twin)
    assert found is not None
    assert (found.etag, found.original.uri, found.answer.body) == ('"twin"', LAST, pages[LAST].body)


@pytest.mark.parametrize("url", [f"{live.BASE}/robots.txt", f"{live.BASE}/news.php", FIRST + "#a"])
def test_an_address_is_held_only_as_it_was_asked_for(tmp_path: Path, url: str) -> None:
    crawled(tmp_path, live.listing())
    assert held(tmp_path) is not None
    assert held(tmp_path, url) is None


def test_without_a_word_to_ask_by_nothing_is_held(tmp_path: Path) -> None:
    crawled(tmp_path, {url: replace(one, headers=(HTML,)) for url, one in live.listing().items()})
    assert held(tmp_path) is None


def test_an_archive_or_a_collection_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert held(tmp_path / "none") is None
    crawled(tmp_path, live.listing())
    assert Holding(tmp_path, "articles", pytest.fail).of(FIRST) is None


def test_what_was_redacted_is_not_asked_for(tmp_path: Path) -> None:
    crawled(tmp_path, live.listing())
    pages = latest(tmp_path).folder / "pages.jsonl"
    pages.write_bytes(pages.read_bytes().replace(b'"problems":[]', b'"problems":["redacted: a court said so"]', 1))
    assert held(tmp_path) is None
    assert held(tmp_path, LAST) is not None


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("pages.warc.gz", lambda data, place: data[: place + 40] + b"XX" + data[place + 42 :], "pages.warc.gz"),
        ("pages.warc.gz", lambda data, place: data[: place + 10], "the file ends before the record does"),
        ("pages.warc.gz", lambda data, place: data[:place] + data[place + 1 :], "byte"),
        ("pages.jsonl", lambda data, place: data.replace(b'"sha256":"', b'"sha256":"0000', 1)[:-1], "pages.jsonl"),
        ("pages.jsonl", lambda data, place: data[:-5], "pages.jsonl"),
    ],
    ids=["bytes", "cut", "moved", "no-digest", "torn-rows"],
)
def test_what_is_damaged_is_not_held_and_is_told(tmp_path: Path, file: str, damage: object, said: str) -> None:
    crawled(tmp_path, live.listing())
    [place] = [row.warc.offset for row in latest(tmp_path).pages() if row.url == LAST and row.warc]
    path = latest(tmp_path).folder / file
    path.write_bytes(damage(path.read_bytes(), place))  # type: ignore[operator]
    notes: list[str] = []
    assert Holding(tmp_path, "news", notes.append).of(LAST) is None
    [note] = notes
    assert said in note
    assert "fetched whole" in note


def test_a_record_of_other_bytes_than_the_row_says_is_not_held(tmp_path: Path) -> None:
    crawled(tmp_path, live.listing())
    first, *_, last = latest(tmp_path).pages()
    pages = latest(tmp_path).folder / "pages.jsonl"
    pages.write_bytes(pages.read_bytes().replace(last.sha256.encode(), first.sha256.encode()))
    notes: list[str] = []
    assert Holding(tmp_path, "news", notes.append).of(LAST) is None
    assert "the record is not what" in notes[0]


def test_evidence_that_is_gone_is_told(tmp_path: Path) -> None:
    crawled(tmp_path, live.listing())
    (latest(tmp_path).folder / "pages.warc.gz").unlink()
    notes: list[str] = []
    assert Holding(tmp_path, "news", notes.append).of(FIRST) is None
    assert notes == [f"{latest(tmp_path).folder}: its evidence is missing; the page is fetched whole"]
