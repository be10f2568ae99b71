"""Feed exports write entries, in the order of the pages, with the fields of ``entries.jsonl``."""

import csv
import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from psgcrawl.feeds import XmlFeed
from psgcrawl.records import Entry
from tests.archive.making import entry, page
from tests.crawls import CAPTURES, Ran, crawl, snapshot, together, visible

FIELDS = list(Entry.__struct_fields__)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("feeds")


@pytest.fixture(scope="module")
def ran(place: Path) -> tuple[Ran, Ran]:
    """A crawl into four files, and one into standard output."""
    files = [word for suffix in ("jsonl", "json", "csv", "xml") for word in ("-O", str(place / f"entries.{suffix}"))]
    path = ("-a", f"path={CAPTURES}")
    first, second = together(
        partial(crawl, place / "archive", *path, *files), partial(crawl, place / "other", *path, "-O", "-:jsonl")
    )
    return first, second


@pytest.fixture(scope="module")
def rows(ran: tuple[Ran, Ran], place: Path) -> list[dict[str, Any]]:
    """The entries of the JSON Lines feed."""
    assert ran[0].code == 0
    return [json.loads(line) for line in (place / "entries.jsonl").read_bytes().splitlines()]


def test_a_feed_holds_the_entries_of_the_snapshots_page_by_page(rows: list[dict[str, Any]], place: Path) -> None:
    archive = place / "archive"
    lines = [
        line
        for collection, names in visible(archive).items()
        for name in names
        for line in (snapshot(archive, collection, name).folder / "entries.jsonl").read_text("ascii").splitlines()
    ]
    assert len(rows) == len(lines) == 70
    assert sorted(json.dumps(row, separators=(",", ":")) for row in rows) == sorted(lines)
    # In page order, not in canonical order: the home page's news come before its articles.
    [home] = snapshot(archive, "home", "after-20170218T000000Z").pages()
    assert [row["id"] for row in rows][12:28] == [one for shown in home.lists for one in shown.entries]


def test_every_format_holds_the_same_entries_with_all_fields_in_their_order(
    rows: list[dict[str, Any]], place: Path
) -> None:
    assert all(list(row) == FIELDS for row in rows)
    assert json.loads((place / "entries.json").read_bytes()) == rows
    with (place / "entries.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == FIELDS
    assert [line[FIELDS.index("id")] for line in table[1:]] == [row["id"] for row in rows]
    assert [line[FIELDS.index("summary")] for line in table[1:]] == [row["summary"] for row in rows]
    items = etree.parse(place / "entries.xml").getroot()
    assert [[field.tag for field in item] for item in items] == [FIELDS] * len(rows)
    assert [item.findtext("title") for item in items] == [row["title"] for row in rows]
    assert [[flag.text for flag in item.iterfind("flags/value")] for item in items] == [row["flags"] for row in rows]


def test_entries_met_twice_on_a_page_have_the_ids_of_the_snapshot(rows: list[dict[str, Any]]) -> None:
    ids = [row["id"] for row in rows[:12]]
    assert len(set(ids)) == 12
    assert any(one.endswith("-2") for one in ids)


def test_a_feed_on_standard_output_stands_there_alone(ran: tuple[Ran, Ran], place: Path) -> None:
    code, out, err = ran[1].code, ran[1].out, ran[1].err
    assert code == 0
    assert out.encode() == (place / "entries.jsonl").read_bytes()
    assert err.startswith(f"archive: {place / 'other'}\n")
    assert f"\n5 new snapshots. Archive: {place / 'other'}\n" in err


def test_a_feed_in_xml_holds_no_character_that_xml_cannot(tmp_path: Path) -> None:
    stream = io.BytesIO()
    feed = XmlFeed(stream, encoding="utf-8")
    feed.start_exporting()
    feed.export_item(page(entry(title="a\x00b\ufffe", caption=None, categories=["c\x1b"])))
    feed.finish_exporting()
    [item] = etree.fromstring(stream.getvalue())
    assert (item.findtext("title"), item.findtext("caption")) == ("a\ufffdb\ufffd", "")
    assert item.findtext("categories/value") == "c\ufffd"
