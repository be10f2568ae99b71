"""A page that the snapshot before shows, too, is read once, and what is derived is the same."""

from collections.abc import Callable
from pathlib import Path

import pytest

from psgcrawl.archive import jsonl
from psgcrawl.archive.manifest import ENTRIES, PAGES
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.warc.message import Message
from psgcrawl.captures.capture import Capture, derived
from psgcrawl.rebuild import seen
from psgcrawl.rebuild.deriving import derive_all
from psgcrawl.rebuild.seen import Seen
from psgcrawl.rebuild.work import Again, rebuild
from psgcrawl.records import Page
from tests.rebuild.making import STARTED, Crawl, html, response, retitled, rewritten, zipped

DAYS = ("2018-10-01T06:00:0{}Z", "2018-10-03T06:00:0{}Z", "2018-10-05T06:00:0{}Z")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the pages that a layout reads."""
    found: list[str] = []

    def noted(capture: Capture, now: str) -> Page:
        found.append(f"{capture.captured.since[8:10]} {(capture.url or '').rpartition('=')[2]}")
        return derived(capture, now)

    monkeypatch.setattr(seen, "derived", noted)
    return found


def snapshots(archive: Path, *crawls: Callable[[Crawl, str], object]) -> list[Snapshot]:
    """One snapshot of each crawl, each some days after the one before."""
    made = []
    for crawled, day in zip(crawls, DAYS, strict=False):
        crawl = Crawl(archive)
        crawled(crawl, day)
        made.append(crawl.end())
    return made


def derive_in_turn(found: list[Snapshot]) -> None:
    """Derive them again, each with what is known of the one before: the stored bytes come out."""
    known: Seen | None = None
    for snapshot in found:
        known = Seen(known)
        assembled = derive_all(snapshot, known).assembled
        assert jsonl.dump_lines(assembled.entries) == (snapshot.folder / ENTRIES).read_bytes()
        assert jsonl.dump_lines(assembled.rows) == (snapshot.folder / PAGES).read_bytes()


def typed(content_type: bytes) -> Message:
    return Message(b"HTTP/1.1 200 OK", ((b"Content-Type", content_type),), html(10))


def first_page(number: int) -> Callable[[Crawl, str], object]:
    """A crawl of a page of its own, and of one that is the same in all."""

    def crawled(crawl: Crawl, day: str) -> None:
        crawl.respond(response(html(20, word=f"{number}.")), 0, day.format(0))
        crawl.respond(response(html(10)), 10, day.format(5))

    return crawled


def test_a_page_with_the_same_bytes_is_read_once(tmp_path: Path, read: list[str]) -> None:
    derive_in_turn(snapshots(tmp_path, first_page(1), first_page(2), first_page(3)))
    assert read == ["01 0", "01 10", "03 0", "05 0"]


def test_a_rebuild_of_several_snapshots_knows_the_pages_of_the_one_before(tmp_path: Path, read: list[str]) -> None:
    found = [rewritten(one, entries=retitled) for one in snapshots(tmp_path, first_page(1), first_page(2))]
    for snapshot in found:
        rebuild(Again(tmp_path, snapshot, STARTED))
    assert read == ["01 0", "01 10", "03 0"]


def test_what_the_snapshot_before_the_one_before_showed_is_forgotten(tmp_path: Path, read: list[str]) -> None:
    def other(crawl: Crawl, day: str) -> None:
        crawl.respond(response(html(30)), 0, day.format(0))

    derive_in_turn(snapshots(tmp_path, first_page(1), other, first_page(1)))
    assert read == ["01 0", "01 10", "03 0", "05 0", "05 10"]


@pytest.mark.parametrize(
    "otherwise",
    [
        lambda crawl, day: crawl.respond(response(html(10)), 20, day.format(5)),
        lambda crawl, day: crawl.respond(response(html(10) + b" "), 10, day.format(5)),
        lambda crawl, day: crawl.respond(typed(b"text/html; charset=iso-8859-1"), 10, day.format(5)),
        lambda crawl, day: crawl.respond(typed(b"application/xhtml+xml; charset=utf-8"), 10, day.format(5)),
    ],
    ids=["address", "bytes", "encoding", "type"],
)
def test_a_page_that_may_show_something_else_is_read_again(
    tmp_path: Path, read: list[str], otherwise: Callable[[Crawl, str], object]
) -> None:
    first, second = snapshots(tmp_path, first_page(1), otherwise)
    known = Seen()
    derive_all(first, known)
    derive_all(second, Seen(known))
    assert len(read) == 3
    assert read[-1].startswith("03")


def test_a_page_is_known_however_its_bytes_were_sent(tmp_path: Path, read: list[str]) -> None:
    plain, packed = response(html(10)), zipped(html(10))
    derive_in_turn(
        snapshots(
            tmp_path,
            lambda crawl, day: crawl.respond(plain, 0, day.format(0)),
            lambda crawl, day: crawl.respond(packed, 0, day.format(0)),
        )
    )
    assert read == ["01 0"]


def test_a_page_with_a_problem_is_read_again(tmp_path: Path, read: list[str]) -> None:
    """A date in the future of one capture is none in that of a later one."""

    def early(crawl: Crawl, day: str) -> None:
        crawl.respond(response(html(10)), 0, day.replace("2018", "2017").format(0))

    def late(crawl: Crawl, day: str) -> None:
        crawl.respond(response(html(10)), 0, day.replace("-10-", "-11-").format(0))

    found = snapshots(tmp_path, early, late)
    derive_in_turn(found)
    assert [[bool(row.problems) for row in one.pages()] for one in found] == [[True], [False]]
    assert read == ["01 0", "03 0"]
