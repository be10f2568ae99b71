import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from psgcrawl import schemas
from psgcrawl.exports.harmless import address
from tests.archive.compare.sides import dated
from tests.archive.making import entry, page
from tests.exports.telling import HOSTILE, Told, day, export, news, refused, since

ATOM = "{http://www.w3.org/2005/Atom}"
TAG = re.compile(r"tag:psgcrawl\.invalid,2026:[A-Za-z0-9/._~@%+-]+")


def atom(told: Told, path: Path, *words: str) -> list[dict[str, Any]]:
    """Return the entries of a feed, and look after what RFC 4287 demands of every feed."""
    feed = ET.fromstring(export(told.archive.folder, path, "atom", "news", "--force", *words))  # noqa: S314 - ours
    for name in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    found: list[dict[str, Any]] = []
    for one in feed.findall(f"{ATOM}entry"):
        assert {child.tag.removeprefix(ATOM) for child in one} >= {"id", "title", "updated", "content"}
        assert one.find(f"{ATOM}published") is None
        link = one.find(f"{ATOM}link")
        content = one.find(f"{ATOM}content")
        assert content is not None
        assert content.text
        # What a reader shows is well-formed, too.
        etree.fromstring(f"<div>{content.text}</div>")
        values = {name: one.findtext(f"{ATOM}{name}", "") for name in ("id", "title", "updated")}
        found.append({**values, "html": content.text, "link": None if link is None else link.get("href")})
    ids = [one["id"] for one in found]
    assert len(set(ids)) == len(ids)
    assert all(TAG.fullmatch(one) for one in ids)
    updated = [one["updated"] for one in found]
    assert updated == sorted(updated, reverse=True)
    if found:
        assert feed.findtext(f"{ATOM}updated") == updated[0]
    return found


def jsonfeed(told: Told, path: Path, *words: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        export(told.archive.folder, path, "jsonfeed", "news", "--force", *words).decode("ascii")
    )
    Draft202012Validator(schemas.published("export-feed")).validate(document)
    return document


@pytest.mark.parametrize("words", [[], ["--changes"], ["--most", "2"]], ids=" ".join)
def test_both_formats_hold_the_same_items(weeks: Told, out: Path, words: list[str]) -> None:
    document = jsonfeed(weeks, out / "b", *words)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert [
        {
            "id": one["id"],
            "title": one["title"],
            "updated": one["date_modified"],
            "html": one["content_html"],
            "link": one.get("url"),
        }
        for one in document["items"]
    ] == atom(weeks, out / "a", *words)
    assert not any("date_published" in one for one in document["items"])


def test_new_entries_are_dated_by_when_they_were_first_seen(weeks: Told, out: Path) -> None:
    found = {one["id"].rpartition("-")[2]: one for one in atom(weeks, out / "a")}
    assert {number: one["updated"][:10] for number, one in found.items()} == {
        "5": "2018-01-08",
        "1": "2018-01-01",
        "2": "2018-01-01",
        "3": "2018-01-01",
        "4": "2018-01-01",
    }
    assert found["2"]["title"] == "Title of news-article-2", "as it was first seen"
    assert "It came between these captures" in found["5"]["html"]
    assert "it may have been listed before" in found["1"]["html"]
    assert "15 January 2017" in found["1"]["html"]


def test_changes_come_with_their_evidence(weeks: Told, out: Path) -> None:
    items = {one["tags"][0]: one for one in jsonfeed(weeks, out / "a", "--changes")["items"]}
    assert items.keys() == {"edited", "removed", "relisted"}
    edited = items["edited"]["content_html"]
    assert "<del>Title of news-article-2</del> <ins>Minería en el Perú</ins>" in edited
    shown = items["edited"]["_psgcrawl"]
    assert shown["payload_digest"] in edited
    assert shown["page"] in edited
    removed = items["removed"]
    assert removed["title"] == "No longer listed: Title of news-article-3"
    assert "Two captures in a row lack it." in removed["content_html"]
    assert removed["content_html"].count(": not there</li>") == 2
    assert removed["date_modified"] == "2018-01-22T06:00:00Z", "when it was confirmed"


def test_ids_stay_when_more_is_seen_and_when_it_is_derived_again(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1), news(2))
    name = told.see_all(day(8), news(1, title="Edited"))
    before = [[one["id"] for one in atom(told, out / "a", *words)] for words in ([], ["--changes"])]
    told.see_all(day(15), news(1, title="Edited"))
    (told.folder / name).rename(told.folder / f"{name}.e2")
    after = [[one["id"] for one in atom(told, out / "a", *words)] for words in ([], ["--changes"])]
    assert [sorted(ids) for ids in after] == [sorted(ids) for ids in before]
    assert len(before[1]) == 2


def test_a_capture_of_unknown_time_is_dated_by_when_it_was_taken_in(told: Told, out: Path) -> None:
    told.see(since(3), page(news(1)))
    [one] = atom(told, out / "a")
    assert one["updated"] == "2024-01-01T00:00:00Z"
    assert "captured not before 2018-01-03T06:00:00Z" in one["html"]


def test_partial_dates_stay_as_they_were_printed(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1, dateline="Update 137. December 2009 / January 2010", date_edtf="2009-12/2010-01"))
    [one] = atom(told, out / "a")
    assert "Update 137. December 2009 / January 2010" in one["html"]
    assert "2009-12-01" not in (out / "a").read_text()


def test_captures_of_unknown_order_only_differ(told: Told, out: Path) -> None:
    told.see(since(3), page(news(1, title="One")))
    told.see(since(5), page(news(1, title="Other")))
    [one] = atom(told, out / "a", "--changes")
    assert "These captures differ; their order is unknown:" in one["html"]


def test_what_is_out_of_view_is_no_change(told: Told, out: Path) -> None:
    told.see(since(2), page(news(1)))  # perhaps after all others
    told.see_all(day(3), news(1))
    told.see_all(day(4), news(2))
    assert atom(told, out / "a", "--changes") == []


def test_a_feed_that_is_not_well_formed_is_never_finished(
    weeks: Told, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psgcrawl.exports.atom._text", lambda text: f"{text}<")
    assert "not well-formed" in refused(weeks.archive.folder, out / "a", capsys, "atom", "news")
    assert list(out.iterdir()) == []


def test_standing_blocks_are_in_no_feed(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1), entry("x-0123456789abcdef", kind="boilerplate"), lists=["news", "boilerplate"])
    told.see_all(day(8), news(1), entry("x-0123456789abcdef", kind="boilerplate", title="New"))
    assert len(atom(told, out / "a")) == 1
    assert atom(told, out / "a", "--changes") == []


def test_a_feed_without_items_is_dated_by_the_last_capture(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1))
    told.see_all(day(2), news(1))
    atom(told, out / "a", "--changes")
    assert "<updated>2018-01-02T06:00:00Z</updated>" in (out / "a").read_text()


def test_a_feed_says_where_it_is_and_who_gives_its_ids(weeks: Told, out: Path) -> None:
    words = ("--address", "https://archive.example.org/new?a=1&b=2", "--authority", "me@example.org,2026-01-02")
    data = export(weeks.archive.folder, out / "a", "atom", "news", *words).decode()
    assert '<link rel="self" type="application/atom+xml" href="https://archive.example.org/new?a=1&amp;b=2"/>' in data
    assert "<id>tag:me@example.org,2026-01-02:feed/new/news</id>" in data
    assert "<id>tag:me@example.org,2026-01-02:news/entry/news-article-1</id>" in data
    assert jsonfeed(weeks, out / "b", *words)["feed_url"] == "https://archive.example.org/new?a=1&b=2"


@pytest.mark.parametrize(
    "words",
    [
        ["--authority", "example.org"],
        ["--authority", "<x>,2026"],
        ["--address", "javascript:1"],
        ["--address", "https://a/\x07"],
        ["--most", "-1"],
    ],
    ids=" ".join,
)
def test_options_that_cannot_be_meant_are_refused(weeks: Told, out: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        export(weeks.archive.folder, out / "a", "atom", "news", *words)
    assert ended.value.code == 2


def test_most_items_are_the_latest_and_0_is_all(weeks: Told, out: Path) -> None:
    everything = atom(weeks, out / "a", "--most", "0")
    assert len(everything) == 5
    assert atom(weeks, out / "a", "--most", "3") == everything[:3]


def test_of_one_capture_the_newest_by_date_come_first(told: Told, out: Path) -> None:
    told.see_all(day(1), dated(1, "2017-01-01"), dated(3, "2015-01-01"), dated(2, "2016-01-01"), dated(4, None))
    assert [one["id"][-1] for one in atom(told, out / "a", "--most", "3")] == ["1", "2", "3"]


def test_a_feed_takes_no_single_snapshot(weeks: Told, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "none can be picked out" in refused(weeks.archive.folder, out / "a", capsys, "atom", "news", "latest")


@pytest.mark.parametrize("words", [[], ["--changes"]], ids=" ".join)
def test_hostile_text_is_text_in_every_reader(bad: Told, out: Path, words: list[str]) -> None:
    found = atom(bad, out / "a", "--most", "0", *words)
    assert len(found) == (2 if words else len(HOSTILE))
    for one in found:
        shown = etree.fromstring(f"<div>{one['html']}</div>")
        assert {element.tag for element in shown.iter()} <= set("div p em strong ul li a code del ins br".split())
        assert {name for element in shown.iter() for name in element.attrib} <= {"href"}
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", one["title"] + one["html"])
    assert b"<script" not in (out / "a").read_bytes()
    items = jsonfeed(bad, out / "b", "--most", "0", *words)["items"]
    assert [one["content_html"] for one in items] == [one["html"] for one in found]
    assert words or "<script>" in "".join(one["title"] for one in found), "a title is shown as it is"


def test_an_id_from_a_strange_archive_makes_no_strange_uri(told: Told, out: Path) -> None:
    told.see_all(day(1), entry('<b> "é\u202e', title=""))
    [one] = atom(told, out / "a")
    assert one["id"] == "tag:psgcrawl.invalid,2026:news/entry/%3Cb%3E%20%22%C3%A9%E2%80%AE"
    assert one["title"] == "(no title)"


def test_links_are_http_or_https_alone(told: Told, out: Path) -> None:
    told.see_all(
        day(1),
        news(1, url="javascript:alert(1)"),
        news(2, url="HTTPS://example.org/?a=1&b=<2>"),
        news(3, url="http://example.org/\u202e"),
    )
    links = {one["id"][-1]: one["link"] for one in atom(told, out / "a")}
    assert links == {"1": None, "2": "HTTPS://example.org/?a=1&b=<2>", "3": None}
    assert address("data:text/html,x") is None
    assert "javascript:" not in unescape((out / "a").read_text())
