"""Every output that there is, read back by a reader that is not ours: what it shows of the titles.

An output that is added gets its line in :data:`OUTPUTS`, and is tried with all strings.
"""

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from msgspec.structs import asdict
from scrapy.exporters import BaseItemExporter

from psgcrawl import feeds, schemas
from psgcrawl.cli import main
from psgcrawl.exports.harmless import clean, flowing
from psgcrawl.visible import visible
from tests.archive.making import page
from tests.nasty.making import OLD, Nasty

ATOM: Final = "{http://www.w3.org/2005/Atom}"
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
FORMULA: Final = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]*[=+\-@＝＋－＠\t\r]")
TAGS: Final = frozenset("div p em strong ul li a code del ins br".split())


@dataclass(frozen=True)
class Output:
    """One way out of the archive."""

    read: Callable[[Nasty, Path], Iterable[str]]
    """Writes it, proves it harmless, and returns the titles that stand in it (in a text: those that it must hold)."""
    shown: Callable[[str], str] = str
    """How a title looks there."""
    past: bool = False
    """Whether it shows what is listed no more, too."""
    service: bool = False
    """Whether its reader is a program of others."""


# --- what a person reads ----------------------------------------------------------------


def said(nasty: Nasty, *words: str, codes: tuple[int, ...] = (0, 1)) -> str:
    """Return what a command prints; nothing in it can be obeyed by a terminal, or hidden by it."""
    written, err = io.BytesIO(), io.StringIO()
    with redirect_stdout(io.TextIOWrapper(written, "utf-8", write_through=True)) as out, redirect_stderr(err):
        code = main(["--archive", str(nasty.folder), *words])
    raw = written.getvalue().decode("utf-8")
    out.detach()
    assert code in codes, err.getvalue()[:2000]
    for line in [*raw.split("\n"), *err.getvalue().split("\n")]:
        assert line.isprintable(), ascii(line)[:200]
    return raw


def in_diff(nasty: Nasty, _: Path) -> list[str]:
    """Return the titles that headings name: all but one are edited, and their lines cannot be forged."""
    printed = said(nasty, "diff", "news")
    assert not re.search(r"^(?:ERROR|psgcrawl:|2026-)", printed, re.MULTILINE)
    return [title for title in nasty.titles if f"| {visible(title)} [" in printed]


def in_history(nasty: Nasty, _: Path) -> list[str]:
    printed = said(nasty, "history", "news")
    return [title for title in nasty.titles if visible(title) in printed]


def in_stories(nasty: Nasty, _: Path) -> list[str]:
    """Look at the histories of some entries, each by itself."""
    for one in nasty.entries[::6]:
        assert visible(one.title) in said(nasty, "history", "news", one.id)
    return nasty.titles


def in_other_commands(nasty: Nasty, _: Path) -> list[str]:
    """Look at what names pages and snapshots, not entries."""
    for line in ("snapshots", "snapshots news", "status", "verify", "history --all", "diff news --stat"):
        said(nasty, *line.split())
    # What a person pastes: no entry, snapshot or collection has such a name.
    for text in [title for title in nasty.titles if len(title) < 1000 and title[0] != "-"][::3]:
        for words in (["history", "news", text], ["diff", "news", text], ["export", "csv", "news", text]):
            said(nasty, *words, codes=(2,))
    return nasty.titles


# --- what a program reads ---------------------------------------------------------------


def objects(data: bytes) -> list[dict[str, Any]]:
    """Return lines of JSON, which must be in the plainest ASCII."""
    assert not set(data) & (set(range(0x20)) | set(range(0x7F, 0x100))) - {0x0A}
    found = [json.loads(line) for line in data.split(b"\n")[:-1]]
    assert data.decode().splitlines() == data.decode().split("\n")[:-1]
    return found


def document(nasty: Nasty, *words: str) -> Any:
    printed = said(nasty, *words)
    assert printed.isascii()
    return json.loads(printed)


def in_entries(nasty: Nasty, _: Path) -> list[str]:
    newest = max(nasty.folder.glob("news/2*/entries.jsonl"))
    found = objects(newest.read_bytes())
    validator = Draft202012Validator(schemas.published("entry"))
    for one in found:
        validator.validate(one)
    assert found == [asdict(entry) for entry in nasty.entries]
    return [one["title"] for one in found]


def in_diff_for_programs(nasty: Nasty, _: Path) -> list[str]:
    whole = document(nasty, "diff", "news", "--json")
    Draft202012Validator(schemas.published("diff")).validate(whole)
    assert [json.loads(line) for line in said(nasty, "diff", "news", "--jsonl").split("\n")[:-1]] == whole["changes"]
    return [change["new"]["title"] for change in whole["changes"] if change["new"]]


def in_history_for_programs(nasty: Nasty, _: Path) -> list[str]:
    whole = document(nasty, "history", "news", "--json")
    Draft202012Validator(schemas.published("history")).validate(whole)
    lines = [json.loads(line) for line in said(nasty, "history", "news", "--jsonl").split("\n")[:-1]]
    told = json.dumps(lines)
    assert all(json.dumps(title) in told for title in nasty.titles)
    told = json.dumps(whole)
    return [title for title in nasty.titles if json.dumps(title) in told]


# --- exports ----------------------------------------------------------------------------


def export(nasty: Nasty, out: Path, form: str, *words: str) -> bytes:
    path = out / f"{form}{len(list(out.iterdir()))}"
    said(nasty, "export", form, "news", "-o", str(path), *words, codes=(0,))
    return path.read_bytes()


def in_jsonl(nasty: Nasty, out: Path) -> list[str]:
    return [one["title"] for one in objects(export(nasty, out, "jsonl"))]


def table(data: bytes) -> list[dict[str, str]]:
    before = csv.field_size_limit(1 << 22)
    try:
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    finally:
        csv.field_size_limit(before)


def in_csv(nasty: Nasty, out: Path) -> list[str]:
    data = export(nasty, out, "csv")
    assert not CONTROLS.search(data.decode().replace("\r\n", "\n"))
    rows = table(data)
    assert all(None not in row and None not in row.values() for row in rows)
    return [row["title"] for row in rows]


def in_spreadsheet(nasty: Nasty, out: Path) -> list[str]:
    rows = table(export(nasty, out, "csv", "--spreadsheet"))
    for row in rows:
        assert not [cell for cell in row.values() if FORMULA.match(cell)]
    return [row["title"].removeprefix("'") for row in rows]


def in_atom(nasty: Nasty, out: Path) -> list[str]:
    feed = ET.fromstring(export(nasty, out, "atom", "--most", "0"))  # noqa: S314 - ours
    for link in feed.iter(f"{ATOM}link"):
        assert re.match(r"https?://|urn:|tag:", link.get("href", "https://")), link.get("href")
    for content in feed.iter(f"{ATOM}content"):
        harmless_html(content.text or "")
    return [one.findtext(f"{ATOM}title", "") for one in feed.findall(f"{ATOM}entry")]


def harmless_html(fragment: str) -> None:
    shown = etree.fromstring(f"<div>{fragment}</div>")
    assert {element.tag for element in shown.iter()} <= TAGS
    for element in shown.iter():
        assert set(element.attrib) <= {"href"}
        assert re.match(r"https?://", element.get("href", "http://"))
    assert not CONTROLS.search(fragment)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", fragment)


def in_jsonfeed(nasty: Nasty, out: Path) -> list[str]:
    feed = json.loads(export(nasty, out, "jsonfeed", "--most", "0").decode("ascii"))
    Draft202012Validator(schemas.published("export-feed")).validate(feed)
    for one in feed["items"]:
        harmless_html(one["content_html"])
        assert re.match(r"https?://", one.get("url") or "http://")
    return [one["title"] for one in feed["items"]]


def in_sqlite(nasty: Nasty, out: Path) -> list[str]:
    export(nasty, out, "sqlite")
    [path] = out.iterdir()
    with closing(sqlite3.connect(path)) as database:
        assert list(database.execute("PRAGMA integrity_check")) == [("ok",)]
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert "entries" in names
        found = [
            row[0]
            for row in database.execute(
                "SELECT title FROM revisions JOIN entries USING (entry) "
                "WHERE number = last_revision AND state NOT IN ('removed', 'aged-out', 'out-of-view')"
            )
        ]
        for title in found:
            # A phrase of the full-text search: its operators are text between quotes.
            phrase = '"' + title[:1000].replace('"', '""') + '"'
            database.execute("SELECT count(*) FROM search WHERE search MATCH ?", (phrase,)).fetchone()
    return found


def in_parquet(nasty: Nasty, out: Path) -> list[str]:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: psgcrawl[parquet] brings it")
    export(nasty, out, "parquet")
    [path] = out.iterdir()
    found: list[str] = parquet.read_table(path)["title"].to_pylist()
    return found


def in_wacz(nasty: Nasty, out: Path) -> list[str]:
    """Look at the package of an archive with evidence: names, index and pages of it; titles stand in bodies."""
    if not list(nasty.folder.glob("news/2*/pages.warc.gz")):
        return nasty.titles
    with zipfile.ZipFile(io.BytesIO(export(nasty, out, "wacz"))) as package:
        assert package.testzip() is None
        for name in package.namelist():
            assert re.fullmatch(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*", name), name
        for name in package.namelist():
            if name.endswith((".json", ".jsonl")):
                data = package.read(name)
                for one in data.splitlines() if name.endswith("l") else [data]:
                    json.loads(one)
    return nasty.titles


# --- Scrapy's feeds ---------------------------------------------------------------------


def fed(nasty: Nasty, exporter: Callable[..., BaseItemExporter]) -> bytes:
    stream = io.BytesIO()
    writer = exporter(stream, encoding="utf-8")
    writer.start_exporting()
    writer.export_item(page(*nasty.entries))
    writer.finish_exporting()
    return stream.getvalue()


def in_feed_of_lines(nasty: Nasty, _: Path) -> list[str]:
    return [json.loads(line)["title"] for line in fed(nasty, feeds.JsonLinesFeed).split(b"\n")[:-1]]


def in_feed_of_json(nasty: Nasty, _: Path) -> list[str]:
    return [one["title"] for one in json.loads(fed(nasty, feeds.JsonFeed))]


def in_feed_of_csv(nasty: Nasty, _: Path) -> list[str]:
    return [row["title"] for row in table(fed(nasty, feeds.CsvFeed))]


def in_feed_of_xml(nasty: Nasty, _: Path) -> list[str]:
    root = etree.fromstring(fed(nasty, feeds.XmlFeed), etree.XMLParser(huge_tree=True))
    return [one.findtext("title", "") for one in root]


OUTPUTS: Final[dict[str, Output]] = {
    "entries.jsonl": Output(in_entries),
    "diff": Output(in_diff),
    "diff --json": Output(in_diff_for_programs),
    "history": Output(in_history),
    "history ENTRY": Output(in_stories),
    "history --json": Output(in_history_for_programs),
    "other commands": Output(in_other_commands),
    "export jsonl": Output(in_jsonl),
    "export csv": Output(in_csv, clean),
    "export csv --spreadsheet": Output(in_spreadsheet, clean),
    "export atom": Output(in_atom, flowing, past=True),
    "export jsonfeed": Output(in_jsonfeed, flowing, past=True),
    "export sqlite": Output(in_sqlite, clean),
    "export parquet": Output(in_parquet, service=True),
    "export wacz": Output(in_wacz),
    "feed jsonl": Output(in_feed_of_lines),
    "feed json": Output(in_feed_of_json),
    "feed csv": Output(in_feed_of_csv),
    "feed xml": Output(in_feed_of_xml, clean),
}
"""By name. A report joins here: what returns the titles in its pages, once they are proved to hold no script."""

__all__ = ["OLD", "OUTPUTS", "Output"]
