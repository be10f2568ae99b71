"""Whole crawls: what ``scrapy crawl captures`` leaves on disk, says and exits with, also where something fails."""

import asyncio
import gc
import json
import os
import re
import shutil
import signal
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.exceptions import CloseSpider, DropItem, NotConfigured
from scrapy.exceptions import UsageError as ScrapyUsageError
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from psgcrawl import derive, settings
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.location import find_archive
from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.spool import Spool
from psgcrawl.captures.files import FileCapture, find
from psgcrawl.commands.crawl import Command
from psgcrawl.errors import PsgcrawlError, UsageError
from psgcrawl.layouts.reading import MAX_BYTES
from psgcrawl.middlewares.ledger import LedgerMiddleware
from psgcrawl.records import Captured, Page
from psgcrawl.run import Run, attach
from psgcrawl.spiders.captures import CapturesSpider, read
from tests.captures.making import NEWS, fill
from tests.crawls import (
    CAPTURES,
    PATIENCE,
    PROJECT,
    Ran,
    apart,
    command,
    crawl,
    crawl_here,
    logged,
    names,
    outcome_of,
    run,
    snapshot,
    sound,
    together,
    visible,
)
from tests.miniwordpress import RECORDED

SNAPSHOTS = {
    "articles": ["after-20040430T000000Z", "after-20141208T000000Z"],
    "example": ["20260301T060000Z", "20260308T060000Z"],
    "home": ["after-20170218T000000Z"],
    "news": ["after-20171001T000000Z", "after-20180929T000000Z"],
}
ALL = [(collection, name) for collection, found in SNAPSHOTS.items() for name in found]
SEEDS = {collection: found for collection, found in SNAPSHOTS.items() if collection != "example"}
ITEM = (
    '<html><body><ul><li><h3><a href="news-article-{n}.html">Title {n}</a></h3><p class="date">{day:02d} March 2016</p>'
    "<p>The summary of entry {n}, long enough to be running text.</p></li></ul></body></html>"
)


def listing(number: int = 1, day: int = 1) -> str:
    """Return a page with one entry."""
    return ITEM.format(n=number, day=day)


def first_lines(text: str) -> list[str]:
    """Return the lines of a text that are not indented."""
    return [line for line in text.splitlines() if line and not line.startswith(" ")]


# --- the packaged samples -------------------------------------------------------------


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran, dict[str, bytes], Ran]:
    """The archive of two crawls of the packaged samples, what each said, and the archive's files after the first."""
    archive = tmp_path_factory.mktemp("samples") / "archive"
    first = crawl(archive, environ={"PYTHONHASHSEED": "0", "LC_ALL": "C"})
    between = contents(archive)
    return archive, first, between, crawl(archive)


def contents(archive: Path) -> dict[str, bytes]:
    """Return the files of the snapshots, by their path."""
    found = (path for path in sorted(archive.glob("*/*/*")) if path.is_file() and "latest" not in path.parts)
    return {str(path.relative_to(archive)): path.read_bytes() for path in found}


def test_the_packaged_samples_become_seven_snapshots(twice: tuple[Path, Ran, dict[str, bytes], Ran]) -> None:
    archive, first, _, _ = twice
    assert (first.code, first.err) == (0, f"archive: {archive}\n")
    assert visible(archive) == SNAPSHOTS
    assert apart(archive) == {}
    assert names(logged(archive))[:7] == [(collection, "committed", name) for collection, name in ALL]
    assert {name: str((archive / name / "latest").readlink()) for name in SNAPSHOTS} == {
        name: found[-1] for name, found in SNAPSHOTS.items()
    }


def test_the_samples_are_counted_and_cover_what_they_show(twice: tuple[Path, Ran, dict[str, bytes], Ran]) -> None:
    archive = twice[0]
    found = {(one, name): snapshot(archive, one, name).manifest().provenance for one, name in ALL}
    assert [(*told.counts.entries.values(), told.counts.pages) for told in found.values()] == [
        (8, 0, 4, 1),
        (10, 0, 4, 1),
        (23, 0, 1, 3),
        (24, 0, 1, 3),
        (8, 4, 4, 1),
        (10, 0, 4, 1),
        (10, 0, 4, 1),
    ]
    assert [(told.coverage.complete, told.coverage.end) for told in found.values()] == [
        (False, "short-page"),
        (False, None),
        (True, "short-page"),
        (True, "short-page"),
        (False, "single-page"),
        (False, None),
        (False, None),
    ]
    assert [told.captured for told in found.values()] == [
        Captured(since="2004-04-30T00:00:00Z", until=None),
        Captured(since="2014-12-08T00:00:00Z", until=None),
        Captured(since="2026-03-01T06:00:00Z", until="2026-03-01T06:00:02Z"),
        Captured(since="2026-03-08T06:00:00Z", until="2026-03-08T06:00:02Z"),
        Captured(since="2017-02-18T00:00:00Z", until="2017-02-27T23:59:59Z"),
        Captured(since="2017-10-01T00:00:00Z", until=None),
        Captured(since="2018-09-29T00:00:00Z", until=None),
    ]
    assert {told.source for told in found.values()} == {"file"}


def test_what_the_synthetic_example_becomes_says_that_it_is_invented(
    twice: tuple[Path, Ran, dict[str, bytes], Ran],
) -> None:
    for name in SNAPSHOTS["example"]:
        found = snapshot(twice[0], "example", name)
        assert found.manifest().title == "Synthetic example of a listing (invented)"
        assert "Synthetic: made by psgcrawl.samples.synthetic" in found.manifest().description
        titles = [entry.title for entry in found.entries() if entry.kind == "entry"]
        assert all(title.startswith("Synthetic: ") for title in titles)
        assert len(titles) >= 23


def test_the_summary_says_what_was_made_and_what_to_type_next(twice: tuple[Path, Ran, dict[str, bytes], Ran]) -> None:
    archive, first, _, _ = twice
    shown = archive / "articles" / "after-20040430T000000Z" / "entries.jsonl"
    assert first_lines(first.out) == [*SNAPSHOTS, f"7 new snapshots. Archive: {archive}", "Next:"]
    assert "  after-20040430T000000Z  new: 1 page, 8 entries, 4 boilerplate\n    without a date: 5\n" in first.out
    assert "    flags: epoch-date 5\n" in first.out
    said = first.out.partition("Next:\n  ")[2].splitlines()
    # An archive that is not the default one must be named.
    assert said[0].endswith(f"psgcrawl --archive {archive} snapshots")
    assert said[1:] == [f"  less {shown}"]


def test_a_second_crawl_makes_nothing_new_and_says_so(twice: tuple[Path, Ran, dict[str, bytes], Ran]) -> None:
    archive, _, between, second = twice
    assert (second.code, second.err) == (0, f"archive: {archive}\n")
    assert contents(archive) == between
    lines = logged(archive)
    assert names(lines)[7:] == [(collection, "unchanged", name) for collection, name in ALL]
    for line in lines[7:]:
        pages = list(snapshot(archive, str(line.collection), str(line.snapshot)).pages())
        assert [(p.url, p.captured, p.status, p.payload_digest) for p in line.pages] == [
            (p.url, p.captured, p.status, p.payload_digest) for p in pages
        ]
    assert f"Nothing new, 7 unchanged. Archive: {archive}" in first_lines(second.out)
    assert second.out.count("unchanged: the archive held it already") == 7


def without_places(pages: bytes) -> bytes:
    """Records are named after their run."""
    return re.sub(rb'"warc":\{[^}]*\}', b"", pages)


@pytest.mark.thorough
def test_the_same_captures_give_the_same_bytes_anywhere(
    twice: tuple[Path, Ran, dict[str, bytes], Ran], tmp_path: Path
) -> None:
    # Written the other way round: the order in which a folder lists its files is that of nobody.
    given = tmp_path / "given"
    given.mkdir()
    for path in sorted(CAPTURES.iterdir(), reverse=True):
        shutil.copyfile(path, given / path.name)
    outside = {"SCRAPY_SETTINGS_MODULE": "psgcrawl.settings", "PYTHONHASHSEED": "1"}
    odd = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "random"}
    away = tmp_path / "away"
    away.mkdir()
    runs = together(
        partial(crawl, tmp_path / "1", "-a", f"path={given}", cwd=away, environ=outside),
        partial(crawl, tmp_path / "2", "-a", f"path={CAPTURES.relative_to(PROJECT)}", environ=odd),
    )
    assert [ran.code for ran in runs] == [0, 0]
    expected = {name: data for name, data in contents(twice[0]).items() if "example" not in name}
    for archive in (tmp_path / "1", tmp_path / "2"):
        assert visible(archive) == SEEDS
        found = contents(archive)
        for name, data in expected.items():
            if name.endswith("entries.jsonl"):
                assert found[name] == data, name
            elif name.endswith("pages.jsonl"):
                assert without_places(found[name]) == without_places(data), name


# --- wrong usage ----------------------------------------------------------------------


USAGE: dict[str, tuple[list[str], str]] = {
    "missing-path": (["captures", "path=gone"], r"path: 'gone': no such file or folder"),
    "empty-path": (["captures", "path="], r"path: an empty name is no file and no folder"),
    "no-such-home": (
        ["captures", "path=~nobody-here/x"],
        r"path: '~nobody-here/x': Could not determine home directory\.",
    ),
    "folder-without-captures": (["captures", "path=nothing"], r"path: nothing: no .*, \.htm, .*, \.wacz file in it"),
    "wrong-suffix": (
        ["captures", "path=notes.pdf"],
        r"path: notes\.pdf: not a capture: its name does not end in \.txt, .*, \.wacz, \.json, \.xml",
    ),
    "unknown-argument": (
        ["captures", "pfad=x"],
        r"-a pfad=: captures takes no such argument \(it takes: path\)",
    ),
    "unknown-spider": (["capture"], r"no spider 'capture': there are .*\bcaptures\b.*"),
    "no-spider": ([], r"one spider is crawled at a time, not 0: scrapy crawl NAME"),
    "two-spiders": (["captures", "news"], r"one spider is crawled at a time, not 2: scrapy crawl NAME"),
}


@pytest.fixture
def misused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The command, in a folder without captures; it must not write anything there."""
    fill(tmp_path, {"notes.pdf": "x", "taken": "x", "nothing/a.pdf": "x"})
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    def use(words: list[str], archive: str) -> None:
        project = Settings()
        project.setmodule("psgcrawl.settings", priority="project")
        project.set("ARCHIVE_DIR", archive, priority="cmdline")
        project.set("MEMUSAGE_ENABLED", value=False, priority="cmdline")  # it would count all that tests ever held
        crawl_command = Command()
        # All that the command asks of its process before it begins.
        crawl_command.crawler_process = cast("Any", AsyncCrawlerRunner(project))
        given = dict(word.split("=") for word in words if "=" in word)
        options = Namespace(spargs=given, output=None, overwrite_output=None)
        crawl_command.run([word for word in words if "=" not in word], options)

    def and_nothing_written(words: list[str], archive: str) -> None:
        try:
            use(words, archive)
        finally:
            assert sorted(tmp_path.rglob("*")) == before

    return and_nothing_written


@pytest.mark.parametrize(("words", "message"), USAGE.values(), ids=USAGE)
def test_wrong_usage_is_found_before_anything_is_written(
    misused: Callable[..., None], tmp_path: Path, words: list[str], message: str
) -> None:
    with pytest.raises(ScrapyUsageError, match=f"^{message}$"):
        misused(words, str(tmp_path / "archive"))


def test_an_archive_must_be_a_folder_and_have_a_place(misused: Callable[..., None], tmp_path: Path) -> None:
    with pytest.raises(ScrapyUsageError, match=r"^ARCHIVE_DIR: .*/taken: there is something else than a folder$"):
        misused(["captures"], str(tmp_path / "taken"))
    with pytest.raises(ScrapyUsageError, match=r"no scrapy\.cfg here or above, so it is not clear .* 'output' "):
        misused(["captures"], "output")


def test_while_it_crawls_the_garbage_collector_passes_over_what_was_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = Settings()
    project.setmodule("psgcrawl.settings", priority="project")
    project.set("ARCHIVE_DIR", str(tmp_path / "archive"), priority="cmdline")
    told: list[tuple[int, int]] = []
    begins_nothing: Any = AsyncCrawlerRunner(project)
    monkeypatch.setattr(begins_nothing, "crawl", lambda *_, **__: None)
    begins_nothing.start = lambda: told.append((gc.get_freeze_count(), gc.get_threshold()[0]))
    # Other tests begin crawls in this process, too.
    gc.set_threshold(700)
    # What the tests leave out of it themselves (tests/conftest.py) would be none that it leaves out.
    gc.unfreeze()
    before = gc.get_freeze_count()
    crawl_command = Command()
    crawl_command.crawler_process = begins_nothing
    try:
        crawl_command.run(["captures"], Namespace(spargs={}, output=None, overwrite_output=None))
    finally:
        gc.freeze()
    [(passed_over, young)] = told
    assert passed_over > before + 10_000
    assert young > 700
    assert crawl_command.exitcode == 1, "no crawl, no report"


def test_wrong_usage_exits_2_with_one_line_that_says_why(tmp_path: Path) -> None:
    outside = partial(run, cwd=tmp_path, environ={"SCRAPY_SETTINGS_MODULE": "psgcrawl.settings"})
    ran = together(
        partial(run, "-m", "scrapy", "crawl", "-s", f"ARCHIVE_DIR={tmp_path}/archive"),
        partial(outside, "-m", "scrapy", "crawl", "captures"),
        partial(crawl, tmp_path / "archive", "-a", f"path={tmp_path}/gone"),
    )
    expected = (
        "one spider is crawled at a time, not 0",
        "no scrapy.cfg here or above",
        "gone': no such file or folder",
    )
    for one, message in zip(ran, expected, strict=True):
        assert one.code == 2, one
        assert "Traceback" not in one.err
        assert [message in line for line in one.err.splitlines() if ": error: " in line] == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_path_may_begin_at_the_persons_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "home", {"in/a.html": listing()})
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert outcome_of(crawl_here(tmp_path / "archive", path="~/in")).exit_code == 0


# --- captures good and bad ------------------------------------------------------------


MIXED: Mapping[str, object] = {
    "good.html": listing(1, 1),
    "known.html": listing(2, 2),
    "sub/deep.HTM": listing(3, 3),
    "wrong.html": listing(4),
    "empty.html": b"",
    "blank.html": b" \n\t ",
    "picture.html": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "binary.txt": bytes(range(256)) * 4,
    "big.html": b"<p>" + b"x" * MAX_BYTES,
    "about.html": "<html><body><h1>About</h1><p>Nothing here is dated.</p></body></html>",
    "captures.jsonl": [
        {"file": "known.html", "url": f"{NEWS}?position=10", "captured_at": "2017-02-18T06:00:00Z"},
        {"file": "wrong.html", "captured_at": "yesterday"},
        {"file": "gone.html"},
        {"file": "good.html", "url": NEWS, "captured_at": "2017-02-18T06:00:05Z"},
        {"file": "about.html", "collection": "odd"},
    ],
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran, Ran]:
    """An archive after two crawls of a folder in which not everything is a capture."""
    place = tmp_path_factory.mktemp("mixed")
    fill(place / "in", MIXED)
    os.mkfifo(place / "in" / "pipe.html")
    again = partial(crawl, place / "archive", "-a", f"path={place / 'in'}")
    return place, again(), again()


def test_each_bad_capture_is_named_with_its_place_and_the_good_ones_are_kept(mixed: tuple[Path, Ran, Ran]) -> None:
    place, first, _ = mixed
    assert first.code == 3
    inside, limit, example = place / "in", MAX_BYTES, "(2017-02-18T06:00:00Z)"
    unread = f"ERROR psgcrawl.extensions.outcome: {inside}/about.html: no layout recognises the page: "
    errors = first.err.splitlines()
    assert errors[0] == f"archive: {place}/archive"
    assert [line.removeprefix("ERROR psgcrawl.extensions.outcome: ") for line in errors[1:-1]] == [
        f"{inside}/captures.jsonl:2: 'captured_at': 'yesterday' is no RFC 3339 time with its offset {example}",
        f"{inside}/big.html: over the limit of {limit} bytes for one page",
        f"{inside}/binary.txt: binary: 108 of 1024 bytes are control characters",
        f"{inside}/blank.html: empty: not one byte that could be read",
        f"{inside}/empty.html: empty: not one byte that could be read",
        f"{inside}/picture.html: binary: begins with b'\\x89PNG'",
        f"{inside}/pipe.html: cannot be read: no such file, or not a regular one",
        f"{inside}/captures.jsonl:3: 'gone.html': no such file",
    ]
    assert errors[-1].startswith(unread)
    archive = place / "archive"
    assert visible(archive) == {
        "news": ["20170218T060000Z"],
        "odd": ["after-19910806T000000Z"],
        "unknown": ["after-20160303T000000Z"],
    }
    assert [page.position for page in snapshot(archive, "news", "20170218T060000Z").pages()] == [10, 0]
    [*_, last] = logged(archive)
    assert (last.collection, last.outcome, len(last.reasons)) == (None, "incomplete", 8)
    assert "not taken in" in first_lines(first.out)


def test_a_page_that_no_layout_recognises_is_evidence_without_entries(mixed: tuple[Path, Ran, Ran]) -> None:
    found = snapshot(mixed[0] / "archive", "odd", "after-19910806T000000Z")
    [page] = found.pages()
    assert (page.layout, page.lists, list(found.entries())) == (None, [], [])
    assert page.problems[0].startswith("no layout recognises the page")
    assert found.manifest().provenance.coverage.end is None


def test_a_second_crawl_of_bad_captures_still_exits_3_and_makes_nothing_new(mixed: tuple[Path, Ran, Ran]) -> None:
    place, first, second = mixed
    assert (second.code, second.err) == (3, first.err)
    archive = place / "archive"
    assert sum(map(len, visible(archive).values())) == 3
    assert [outcome for _, outcome, _ in names(logged(archive))[4:]] == [*["unchanged"] * 3, "incomplete"]
    assert "about.html: no layout recognises the page" in " ".join(logged(archive)[5].reasons)


def test_only_bad_captures_commit_nothing_and_are_logged(tmp_path: Path) -> None:
    fill(tmp_path / "in", {"empty.html": b"", "zero.txt": bytes(100)})
    outcome = outcome_of(crawl_here(tmp_path / "archive", path=str(tmp_path / "in")))
    assert (outcome.exit_code, visible(tmp_path / "archive")) == (3, {})
    assert [(line.collection, line.outcome) for line in logged(tmp_path / "archive")] == [(None, "incomplete")]


def test_a_name_that_the_output_cannot_show_is_told_in_escapes(tmp_path: Path) -> None:
    fill(tmp_path / "in", {"é\n\x1b[31m.html": b"", "good.html": listing()})
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ran = crawl(tmp_path / "archive", "-a", f"path={tmp_path}/in", environ=ascii_only)
    assert (ran.code, "\x1b" in ran.err + ran.out) == (3, False)
    shown = "\\xe9\\n\\x1b[31m.html: empty: not one byte that could be read"
    assert any(line.endswith(shown) for line in ran.err.splitlines())
    assert any(line.endswith(shown) for line in ran.out.splitlines())


@pytest.mark.parametrize(
    ("files", "snapshots"),
    [
        (
            {"a.html": listing(), "b.html": listing(), "captures.jsonl": []},
            {"unknown": ["after-20160301T000000Z"]},
        ),
        (
            {"a.html": listing(1), "b.html": listing(2)},
            {"unknown": ["after-20160301T000000Z", "after-20160301T000000Z-2"]},
        ),
        (
            {
                "a.html": listing(1),
                "b.html": listing(2),
                "captures.jsonl": [
                    {"file": "a.html", "url": NEWS, "captured_at": "2016-03-05T06:00:00Z"},
                    {"file": "b.html", "url": NEWS + "?position=10", "captured_at": "2016-03-06T06:00:00Z"},
                ],
            },
            {"news": ["20160305T060000Z"]},
        ),
        (
            {
                "a.html": listing(1),
                "b.html": listing(2),
                "captures.jsonl": [
                    {"file": "a.html", "url": NEWS, "captured_at": "2016-03-05T06:00:00Z"},
                    {"file": "b.html", "url": NEWS + "?position=10", "captured_at": "2016-03-06T06:00:01Z"},
                ],
            },
            {"news": ["20160305T060000Z", "20160306T060001Z"]},
        ),
        (
            {
                "a.html": listing(1),
                "b.html": listing(2),
                "captures.jsonl": [
                    {
                        "file": name,
                        "url": f"http://perusupportgroup.org.uk/{query}",
                        "captured_at": "2016-03-05T06:00:00Z",
                    }
                    for name, query in (("a.html", ""), ("b.html", "?position=310"))
                ],
            },
            {"home": ["20160305T060000Z", "20160305T060000Z-2"]},
        ),
    ],
    ids=["one-page-twice", "name-taken", "within-a-day", "over-a-day", "home"],
)
def test_captures_are_grouped_into_snapshots(
    tmp_path: Path, files: dict[str, object], snapshots: dict[str, list[str]]
) -> None:
    fill(tmp_path / "in", files)
    for _ in range(2):
        assert outcome_of(crawl_here(tmp_path / "archive", path=str(tmp_path / "in"))).exit_code == 0
        assert visible(tmp_path / "archive") == snapshots


def test_one_file_is_a_crawl_too(tmp_path: Path) -> None:
    path = CAPTURES / "001_36238466d250a328.txt"
    outcome = outcome_of(crawl_here(tmp_path, path=str(path)))
    assert (outcome.exit_code, visible(tmp_path)) == (0, {"home": SNAPSHOTS["home"]})
    manifest = snapshot(tmp_path, "home", SNAPSHOTS["home"][0]).manifest()
    assert manifest.provenance.arguments == {"path": str(path)}


def test_what_wordpress_answered_is_taken_in_from_files(tmp_path: Path) -> None:
    address = "https://perusupportgroup.org.uk"
    said = [
        {"file": "rest.json", "url": f"{address}/wp-json/wp/v2/posts", "captured_at": "2026-10-30T06:00:00Z"},
        {"file": "feed-1.xml", "url": f"{address}/feed/", "captured_at": "2026-11-20T06:00:00Z"},
        {"file": "twentytwentyone-1.html", "url": f"{address}/", "captured_at": "2026-11-21T06:00:00Z"},
    ]
    recorded = {str(line["file"]): (RECORDED / str(line["file"])).read_bytes() for line in said}
    fill(tmp_path / "in", {**recorded, "captures.jsonl": said})
    outcome = outcome_of(crawl_here(tmp_path / "archive", path=str(tmp_path / "in")))
    # Pages without a position are snapshots of their own.
    assert outcome.exit_code == 0
    assert visible(tmp_path / "archive") == {"posts": ["20261030T060000Z", "20261120T060000Z", "20261121T060000Z"]}
    rows = [
        (row.layout, row.position, len(row.lists[0].entries))
        for snapshot in Archive(tmp_path / "archive").collection("posts").snapshots()
        for row in snapshot.pages()
    ]
    assert rows == [("wordpress-rest", None, 61), ("wordpress-feed", None, 25), ("wordpress-theme", None, 26)]
    assert not any(line.coverage and line.coverage.complete for line in logged(tmp_path / "archive"))
    sound(tmp_path / "archive")


# --- what goes wrong in the program itself --------------------------------------------


def failing(on: int, raised: Exception) -> type:
    """Return a pipeline that raises at its N-th page."""

    class Failing:
        def __init__(self) -> None:
            self.seen = 0

        def process_item(self, item: Page) -> Page:
            self.seen += 1
            if self.seen == on:
                raise raised
            return item

    return Failing


PIPELINES: Mapping[Any, Any] = settings.ITEM_PIPELINES


@pytest.mark.parametrize("order", [50, 150, 250, 950], ids=["first", "after-datelines", "before-store", "after-store"])
def test_an_exception_in_a_pipeline_fails_the_crawl(tmp_path: Path, order: int) -> None:
    pipelines = {**PIPELINES, failing(2, ValueError("odd")): order}
    outcome = outcome_of(crawl_here(tmp_path, settings={"ITEM_PIPELINES": pipelines}, path=str(CAPTURES)))
    assert_failed(
        tmp_path, outcome.exit_code, "a pipeline failed on '.*001_36238466d250a328.txt': ValueError\\('odd'\\)"
    )
    assert ".incomplete-after-20040430T000000Z" in apart(tmp_path)["articles"]


@pytest.mark.parametrize("step", ["read_datelines", "normalise", "bound"])
def test_an_exception_in_a_step_of_ours_fails_the_crawl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def broken(page: Page, *_: str) -> Page:
        raise KeyError(page.place[-8:])

    monkeypatch.setattr(derive, step, broken)
    outcome = outcome_of(crawl_here(tmp_path, path=str(CAPTURES)))
    assert_failed(tmp_path, outcome.exit_code, "a pipeline failed on .*: KeyError")
    assert "pages read: 5, stored: 0" in outcome.problems


def test_a_page_that_could_not_be_stored_fails_the_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Run, page: Page) -> None:
        raise MemoryError

    monkeypatch.setattr(Run, "add", broken)
    outcome = outcome_of(crawl_here(tmp_path, path=str(CAPTURES)))
    assert_failed(tmp_path, outcome.exit_code, "a pipeline failed on .*: MemoryError\\(\\)")


def test_a_dropped_page_fails_the_crawl(tmp_path: Path) -> None:
    pipelines = {**PIPELINES, failing(1, DropItem("unwanted")): 150}
    outcome = outcome_of(crawl_here(tmp_path, settings={"ITEM_PIPELINES": pipelines}, path=str(CAPTURES)))
    assert_failed(
        tmp_path, outcome.exit_code, "a pipeline dropped '.*000_b2655ddfa140df1c.txt': DropItem\\('unwanted'\\)"
    )


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        ("datelines.DatelinesPipeline", "its datelines were never read"),
        ("normalise.NormalisePipeline", "its entries were never normalised"),
        ("store.StorePipeline", "the component 'store' never reported in"),
    ],
)
@pytest.mark.parametrize("how", ["removed", "not-configured"])
def test_a_pipeline_that_is_switched_off_fails_the_crawl(tmp_path: Path, left_out: str, reason: str, how: str) -> None:
    left = {path: place for path, place in PIPELINES.items() if left_out not in path}
    absent = {f"psgcrawl.pipelines.{left_out}": None} if how == "removed" else {Unconfigured: 150}
    pipelines = {**left, **absent}
    outcome = outcome_of(crawl_here(tmp_path, settings={"ITEM_PIPELINES": pipelines}, path=str(CAPTURES)))
    assert_failed(tmp_path, outcome.exit_code, reason)


class Unconfigured:
    def __init__(self) -> None:
        raise NotConfigured("not today")


def test_a_ledger_that_is_switched_off_fails_the_crawl(tmp_path: Path) -> None:
    without = {"SPIDER_MIDDLEWARES": {"psgcrawl.middlewares.ledger.LedgerMiddleware": None}}
    outcome = outcome_of(crawl_here(tmp_path, settings=without, path=str(CAPTURES)))
    assert_failed(tmp_path, outcome.exit_code, "the component 'ledger' never reported in")
    assert "pages read: 0, stored: 5" in outcome.problems


def assert_failed(archive: Path, code: int, reason: str) -> None:
    """Check that nothing became visible, what there was is kept apart, and the log says why."""
    assert code == 1
    assert not any(visible(archive).values())
    lines = logged(archive)
    assert lines
    for line in lines:
        assert line.outcome == "failed"
        assert any(re.search(reason, one) for one in line.reasons), line.reasons
        assert (line.snapshot is None) == (line.collection is None)
    kept = [(line.collection, line.snapshot) for line in lines if line.collection]
    assert kept == [(collection, name) for collection, found in apart(archive).items() for name in found]


class Stumbling(CapturesSpider):
    """Reads some captures, then something happens."""

    happens: Callable[[Spider], None]
    after = 2

    async def start(self) -> AsyncIterator[Any]:
        left = self.after
        async for page in super().start():
            if left == 0:
                type(self).happens(self)
            left -= 1
            yield page


def stumbling(happens: Callable[[Spider], None]) -> type[Stumbling]:
    return type("StumblingHere", (Stumbling,), {"happens": staticmethod(happens)})


def test_an_exception_in_the_spiders_start_fails_the_crawl(tmp_path: Path) -> None:
    def happens(_: Spider) -> None:
        raise ZeroDivisionError("oh")

    outcome = outcome_of(crawl_here(tmp_path, stumbling(happens), path=str(CAPTURES)))
    assert_failed(tmp_path, outcome.exit_code, "the spider's start failed: ZeroDivisionError\\('oh'\\)")
    assert apart(tmp_path) == {
        "articles": [".incomplete-after-20040430T000000Z"],
        "home": [".incomplete-after-20170218T000000Z"],
    }


def test_an_exception_in_a_callback_fails_the_crawl(tmp_path: Path) -> None:
    def happens(spider: Spider) -> None:
        failure = Failure(ValueError("odd"))  # type: ignore[no-untyped-call]
        response = Response("http://127.0.0.1/x")
        spider.crawler.signals.send_catch_log(signals.spider_error, failure=failure, response=response, spider=spider)

    outcome = outcome_of(crawl_here(tmp_path, stumbling(happens), path=str(CAPTURES)))
    assert_failed(tmp_path, outcome.exit_code, "a callback failed on http://127.0.0.1/x: ValueError\\('odd'\\)")


def test_a_spider_that_closes_itself_leaves_an_incomplete_crawl(tmp_path: Path) -> None:
    def happens(_: Spider) -> None:
        raise CloseSpider("enough")

    outcome = outcome_of(crawl_here(tmp_path, stumbling(happens), path=str(CAPTURES)))
    assert outcome.exit_code == 3
    assert not any(visible(tmp_path).values())
    assert len(apart(tmp_path)) == 2
    assert {tuple(line.reasons) for line in logged(tmp_path)} == {("the crawl ended early: enough",)}


def test_what_callbacks_yield_is_counted(tmp_path: Path) -> None:
    class Crawler:
        pass

    crawler = Crawler()
    ledger = Run(tmp_path, spider="captures", arguments={}, started="2024-01-01T00:00:00Z")
    ledger.report("store")
    ledger.report("start")
    attach(crawler, ledger)
    middleware = LedgerMiddleware.from_crawler(cast("Any", crawler))
    given = [object(), *pages_of(CAPTURES, tmp_path), {"not": "a page"}]

    async def results() -> AsyncIterator[Any]:
        for one in given:
            yield one

    async def main() -> list[Any]:
        return [one async for one in middleware.process_spider_output(Response("http://127.0.0.1/"), results())]

    assert asyncio.run(main()) == given
    assert ledger.finish("finished", "2024-01-01T00:00:01Z").problems == ["pages read: 5, stored: 0"]


def pages_of(folder: Path, archive: Path) -> Iterator[Page]:
    spool = Spool(archive, "2100-01-01T00:00:00Z", {})
    captures = (capture for capture in find(folder, "in") if isinstance(capture, FileCapture))
    return (read(capture, spool, "2100-01-01T00:00:00Z") for capture in captures)


def test_without_the_outcome_extension_no_crawl_begins(tmp_path: Path) -> None:
    without = {"EXTENSIONS": {"psgcrawl.extensions.outcome.OutcomeExtension": None}}
    with pytest.raises(PsgcrawlError, match="OutcomeExtension must stand in EXTENSIONS"):
        crawl_here(tmp_path / "archive", settings=without, path=str(CAPTURES))
    assert not (tmp_path / "archive").exists()


def test_a_crawl_that_a_program_starts_with_wrong_arguments_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="-a pfad=: captures takes no such argument"):
        crawl_here(tmp_path / "archive", pfad="x")
    with pytest.raises(UsageError, match="no such file or folder"):
        crawl_here(tmp_path / "archive", path=str(tmp_path / "gone"))
    assert not (tmp_path / "archive").exists()


def test_scrapyd_runs_the_command_with_arguments_of_its_own(tmp_path: Path) -> None:
    ran = crawl(tmp_path / "archive", "-a", f"path={CAPTURES}", "-a", "_job=1234", "-a", "_version=r1")
    assert (ran.code, visible(tmp_path / "archive")) == (0, SEEDS)


def test_what_scrapyd_adds_to_the_arguments_is_no_argument(tmp_path: Path) -> None:
    outcome = outcome_of(crawl_here(tmp_path, path=str(CAPTURES), _job="1234", _version="r1"))
    assert (outcome.exit_code, visible(tmp_path)) == (0, SEEDS)
    arguments = snapshot(tmp_path, "home", SNAPSHOTS["home"][0]).manifest().provenance.arguments
    assert arguments == {"path": str(CAPTURES)}


def test_an_archive_is_beside_scrapy_cfg_wherever_the_command_is_typed() -> None:
    assert find_archive(None, {}, PROJECT / "tests", "output") == PROJECT / "output"


# --- processes ------------------------------------------------------------------------


SLOW = """
import asyncio, sys
from psgcrawl.spiders.captures import CapturesSpider

class Slow(CapturesSpider):
    name = "slow"

    async def start(self):
        async for page in super().start():
            yield page
            print("a page", file=sys.stderr, flush=True)
            await asyncio.sleep(600 if "002" in page.place else 0)
"""

SCRIPT = """
import sys
from scrapy.crawler import {process}
from scrapy.utils.project import get_project_settings

settings = get_project_settings()
settings.set("ARCHIVE_DIR", sys.argv[1])
process = {process}(settings)
process.crawl("captures", path=sys.argv[2])
process.start()
"""


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Ran]]:
    """Crawls of five captures that end in different ways, each with an archive of its name."""
    place = tmp_path_factory.mktemp("processes")
    fill(place, {"slow_spiders.py": SLOW})
    path = f"path={CAPTURES}"
    scripts = {name: SCRIPT.format(process=name) for name in ("AsyncCrawlerProcess", "CrawlerProcess")}
    unextended = 'EXTENSIONS={"psgcrawl.extensions.outcome.OutcomeExtension": null}'
    held = CollectionLock(place / "held", "home")
    calls: dict[str, Callable[[], Ran]] = {
        "terminated": partial(terminated, place),
        "limited": partial(crawl, place / "limited", "-a", path, "-s", "CLOSESPIDER_ITEMCOUNT=2"),
        "unextended": partial(crawl, place / "unextended", "-a", path, "-s", unextended),
        "held": partial(crawl, place / "held", "-a", path),
        "unwritable": partial(crawl, "/proc/psgcrawl", "-a", path),
        **{
            name: partial(run, "-m", "tests.script", text, str(place / name), str(CAPTURES))
            for name, text in scripts.items()
        },
    }
    with held:
        return place, dict(zip(calls, together(*calls.values()), strict=True))


def terminated(place: Path) -> Ran:
    """Crawl slowly, and ask the process to end after the third page."""
    line = ("-m", "scrapy", "crawl", "slow", "-s", f"ARCHIVE_DIR={place / 'terminated'}", "-a", f"path={CAPTURES}")
    environ = {"PYTHONPATH": f"{place}{os.pathsep}{PROJECT}"}
    with command(*line, "-s", "SPIDER_MODULES=slow_spiders", environ=environ) as process:
        assert process.stderr is not None
        read = [line for _, line in zip(range(4), process.stderr, strict=False)]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.wait(), out, "".join(read) + err)


def test_a_crawl_that_is_asked_to_end_is_kept_apart_and_exits_3(processes: tuple[Path, dict[str, Ran]]) -> None:
    place, ran = processes
    assert (ran["terminated"].code, ran["terminated"].err.count("a page\n")) == (3, 3)
    archive = place / "terminated"
    assert not any(visible(archive).values())
    assert apart(archive) == {
        "articles": [".incomplete-after-20040430T000000Z"],
        "home": [".incomplete-after-20170218T000000Z"],
        "news": [".incomplete-after-20180929T000000Z"],
    }
    assert {(line.outcome, *line.reasons) for line in logged(archive)} == {
        ("incomplete", "the crawl ended early: shutdown")
    }
    assert f"Nothing new, 3 not committed. Archive: {archive}" in first_lines(ran["terminated"].out)
    assert "Next:" not in ran["terminated"].out


def test_a_crawl_that_reaches_a_limit_of_scrapy_is_kept_apart_and_exits_3(
    processes: tuple[Path, dict[str, Ran]],
) -> None:
    place, ran = processes
    assert ran["limited"].code == 3
    assert not any(visible(place / "limited").values())
    assert apart(place / "limited")["articles"][0] == ".incomplete-after-20040430T000000Z"
    reasons = {reason for line in logged(place / "limited") for reason in line.reasons}
    assert reasons == {"the crawl ended early: closespider_itemcount"}


def test_a_crawl_that_nobody_decides_exits_1(processes: tuple[Path, dict[str, Ran]]) -> None:
    place, ran = processes
    assert ran["unextended"].code == 1
    assert not (place / "unextended").exists()
    assert "psgcrawl: no run was opened: OutcomeExtension must stand in EXTENSIONS\n" in ran["unextended"].err


def test_a_collection_that_another_process_holds_exits_5_and_the_others_are_committed(
    processes: tuple[Path, dict[str, Ran]],
) -> None:
    place, ran = processes
    assert ran["held"].code == 5
    assert visible(place / "held") == {**SEEDS, "home": []}
    assert "home: another run holds this collection\n" in ran["held"].err
    [line] = [line for line in logged(place / "held") if line.collection == "home"]
    assert (line.outcome, line.reasons) == ("failed", ["home: another run holds this collection"])


def test_an_archive_that_cannot_be_written_exits_1_with_a_line_that_says_where(
    processes: tuple[Path, dict[str, Ran]],
) -> None:
    ran = processes[1]["unwritable"]
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert any(line.endswith("'/proc/psgcrawl'") for line in ran.err.splitlines())
    assert "Nothing new. Archive: /proc/psgcrawl" in first_lines(ran.out)


@pytest.mark.parametrize("process", ["AsyncCrawlerProcess", "CrawlerProcess"])
def test_a_crawl_that_a_script_starts_commits_just_the_same(
    processes: tuple[Path, dict[str, Ran]], process: str
) -> None:
    place, ran = processes
    assert (ran[process].code, ran[process].out) == (0, "")
    assert visible(place / process) == SEEDS
    for collection, found in SEEDS.items():
        for name in found:
            entries = place / process / collection / name / "entries.jsonl"
            assert [json.loads(line) for line in entries.read_bytes().splitlines()]
