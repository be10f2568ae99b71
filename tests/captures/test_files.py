"""Captures in files: which files they are, what a sidecar says of them, and what is wrong with it."""

import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl import site
from psgcrawl.captures.files import FileCapture, find
from psgcrawl.captures.sidecar import SIDECAR
from psgcrawl.errors import BadCapture, UsageError
from psgcrawl.layouts.reading import MAX_BYTES
from psgcrawl.records import Captured
from tests.captures.making import NEWS, as_bytes, fill

SUFFIXES = ".txt, .html, .htm, .warc, .warc.gz, .wacz"
GIVEN = f"{SUFFIXES}, .json, .xml"
MOMENT = "2017-02-18T06:00:00Z"


def good(folder: Path, shown: str = "in") -> dict[str, FileCapture]:
    """Return the captures of ``folder`` by place, in the order in which they came."""
    return {capture.place: capture for capture in find(folder, shown) if isinstance(capture, FileCapture)}


def bad(folder: Path, shown: str = "in") -> list[str]:
    """Return what is wrong in ``folder``."""
    return [str(capture) for capture in find(folder, shown) if isinstance(capture, BadCapture)]


# --- which files ----------------------------------------------------------------------


def test_a_folder_is_read_recursively_in_the_order_of_names(tmp_path: Path) -> None:
    names = ["b.txt", "a.html", "B.HTM", "c/z.Txt", "c/d/y.html", "a/x.HTML"]
    fill(tmp_path, dict.fromkeys(names, "x"))
    found = good(tmp_path)
    assert list(found) == ["in/B.HTM", "in/a/x.HTML", "in/a.html", "in/b.txt", "in/c/d/y.html", "in/c/z.Txt"]
    assert [capture.media_type for capture in found.values()] == [
        "text/html",
        "text/html",
        "text/html",
        "text/plain",
        "text/html",
        "text/plain",
    ]
    assert bad(tmp_path) == []


def test_hidden_names_linked_folders_and_other_files_are_passed_over(tmp_path: Path) -> None:
    fill(tmp_path / "elsewhere", {"far.html": "x"})
    inside = fill(tmp_path / "in", {"a.html": "x", ".b.html": "x", ".git/c.html": "x", "d.pdf": "x", "html": "x"})
    (inside / "linked").symlink_to(tmp_path / "elsewhere")
    (inside / "round").symlink_to(inside)
    (inside / "linked.html").symlink_to(tmp_path / "elsewhere" / "far.html")
    assert list(good(inside)) == ["in/a.html", "in/linked.html"]
    assert good(inside)["in/linked.html"].read() == b"x"
    assert bad(inside) == []


def test_json_and_xml_are_captures_where_a_sidecar_names_them(tmp_path: Path) -> None:
    files = {"a.json": "[]", "b.json": "{}", "c.XML": "<rss/>", "package.json": "{}", "sub/d.xml": "<rss/>"}
    said = [{"file": "a.json"}, {"file": "c.XML"}, {"file": "sub/d.xml"}, {"file": "b.json", "captured_at": "soon"}]
    inside = fill(tmp_path / "in", {**files, "captures.jsonl": said})
    assert {place: one.media_type for place, one in good(inside).items()} == {
        "in/a.json": "application/json",
        "in/c.XML": "application/xml",
        "in/sub/d.xml": "application/xml",
    }
    assert [problem.partition(": ")[0] for problem in bad(inside)] == ["in/captures.jsonl:4"]
    # What is given itself is meant.
    assert list(good(inside / "package.json", "package.json")) == ["package.json"]


def test_a_link_given_as_the_path_is_followed(tmp_path: Path) -> None:
    fill(tmp_path / "real", {"a.html": "x", SIDECAR: [{"file": "a.html", "url": NEWS}]})
    (tmp_path / "in").symlink_to(tmp_path / "real")
    assert good(tmp_path / "in")["in/a.html"].url == NEWS


def test_a_folder_may_lie_in_an_archive_that_was_zipped(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "egg.zip", "w") as archive:
        archive.writestr("samples/a.html", "x")
        archive.writestr("samples/deep/b.txt", "y")
        archive.writestr(f"samples/{SIDECAR}", json.dumps({"file": "deep/b.txt", "collection": "news"}))
    with zipfile.ZipFile(tmp_path / "egg.zip") as archive:
        found = [c for c in find(zipfile.Path(archive, "samples/"), "samples") if isinstance(c, FileCapture)]
        assert [(c.place, c.collection, c.read()) for c in found] == [
            ("samples/a.html", None, b"x"),
            ("samples/deep/b.txt", "news", b"y"),
        ]


def test_a_single_file_has_the_sidecar_beside_it_and_no_problems_of_others(tmp_path: Path) -> None:
    lines = [{"file": "a.html", "url": NEWS}, {"file": "gone.html"}, {"file": "b.html", "url": "news"}]
    fill(tmp_path, {"a.html": "x", "b.html": "x", SIDECAR: lines})
    found = list(find(tmp_path / "a.html", "in/a.html"))
    assert found == [FileCapture(source=tmp_path / "a.html", place="in/a.html", media_type="text/html", url=NEWS)]
    [wrong] = find(tmp_path / "b.html", "in/b.html")
    assert str(wrong) == "in/captures.jsonl:3: 'url': 'news' is no http or https address"
    [alone] = find(fill(tmp_path / "c", {"c.txt": "x"}) / "c.txt", "c.txt")
    assert alone == FileCapture(source=tmp_path / "c" / "c.txt", place="c.txt", media_type="text/plain")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "gone", "path: 'in': no such file or folder"),
        (lambda folder: folder / ("n" * 300), "path: 'in': File name too long"),
        (lambda folder: folder / "a\x00b", "path: 'in': no such file or folder"),
        (lambda folder: folder / "notes.pdf", "path: in: not a capture: its name does not end in " + GIVEN),
        (lambda folder: folder / "empty", f"path: in: no {SUFFIXES} file in it"),
        (lambda folder: folder / "hidden", f"path: in: no {SUFFIXES} file in it"),
    ],
    ids=["missing", "too-long", "null", "other-suffix", "empty-folder", "hidden-only"],
)
def test_a_path_without_captures_is_the_callers_mistake(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    fill(tmp_path, {"notes.pdf": "x", "hidden/.a.html": "x"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as raised:
        list(find(make(tmp_path), "in"))
    assert str(raised.value) == message


# --- what cannot be read --------------------------------------------------------------


def denied(*names: str) -> Callable[..., Any]:
    """Return a method of Path that refuses those names (permissions do not bind root, who may run the tests)."""

    def refuse(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name in names:
            raise PermissionError(13, "Permission denied", str(self))
        return Path.open(self, *args, **kwargs)

    return refuse


def test_a_file_that_cannot_be_opened_is_named_when_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, {"a.html": "x"})
    [capture] = good(tmp_path).values()
    with monkeypatch.context() as patch:
        patch.setattr(type(tmp_path), "open", denied("a.html"))
        with pytest.raises(BadCapture, match=r"^in/a\.html: cannot be read: Permission denied$"):
            capture.read()
    assert capture.read() == b"x"


def test_a_folder_that_cannot_be_listed_is_named_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, {"a.html": "x", "closed/b.html": "x", "open/c.html": "x"})
    listed = Path.iterdir
    monkeypatch.setattr(
        type(tmp_path), "iterdir", lambda self: denied("closed")(self) if self.name == "closed" else listed(self)
    )
    assert list(good(tmp_path)) == ["in/a.html", "in/open/c.html"]
    assert bad(tmp_path) == ["in/closed: cannot be read: Permission denied"]


def test_without_its_sidecar_no_file_is_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, {"a.html": "x", "deep/b.html": "x", SIDECAR: [{"file": "a.html", "url": NEWS}]})
    monkeypatch.setattr(type(tmp_path), "read_bytes", denied(SIDECAR))
    assert good(tmp_path) == {}
    held = "held back: a line of its sidecar cannot be read and may be about it"
    assert bad(tmp_path) == [
        "in/captures.jsonl: cannot be read: Permission denied",
        f"in/a.html: {held}",
        f"in/deep/b.html: {held}",
    ]
    assert [str(found) for found in find(tmp_path / "a.html", "a.html")] == [
        "captures.jsonl: cannot be read: Permission denied",
        f"a.html: {held}",
    ]


def test_a_pipe_or_a_broken_link_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "broken.html").symlink_to(tmp_path / "gone")
    found = good(tmp_path)
    assert list(found) == ["in/broken.html", "in/pipe.html"]
    for place, capture in found.items():
        with pytest.raises(BadCapture, match=re.escape(f"{place}: cannot be read: no such file, or not a regular one")):
            capture.read()


def test_of_a_file_over_the_limit_one_byte_more_than_the_limit_is_read(tmp_path: Path) -> None:
    with (tmp_path / "big.html").open("wb") as file:
        file.truncate(MAX_BYTES * 3)
    [capture] = good(tmp_path).values()
    assert len(capture.read()) == MAX_BYTES + 1


# --- the sidecar ----------------------------------------------------------------------


def test_a_sidecar_says_what_a_capture_is_and_other_members_are_ignored(tmp_path: Path) -> None:
    said = {
        "file": "a.html",
        "url": NEWS,
        "captured_at": "2017-02-18t06:00:00.75+00:00",
        "not_before": None,
        "collection": "news-2017",
        "title": "A title",
        "note": "A note\nin two lines",
        "mood": [1, 2],
    }
    fill(tmp_path, {"a.html": "x", SIDECAR: ["\ufeff" + json.dumps(said) + "\r", "", "  "]})
    assert bad(tmp_path) == []
    assert good(tmp_path)["in/a.html"] == FileCapture(
        source=tmp_path / "a.html",
        place="in/a.html",
        media_type="text/html",
        url=NEWS,
        captured_at=MOMENT,
        collection="news-2017",
        title="A title",
        note="A note\nin two lines",
    )


def test_a_sidecar_speaks_for_the_folders_below_and_the_nearest_one_decides(tmp_path: Path) -> None:
    fill(
        tmp_path,
        {
            "a/one.html": "x",
            "a/two.html": "x",
            "a/three.html": "x",
            SIDECAR: [{"file": "a/one.html", "collection": "outer"}, {"file": "./a//two.html", "collection": "outer"}],
            f"a/{SIDECAR}": [{"file": "two.html", "collection": "inner"}],
        },
    )
    assert bad(tmp_path) == []
    assert {place: capture.collection for place, capture in good(tmp_path).items()} == {
        "in/a/one.html": "outer",
        "in/a/two.html": "inner",
        "in/a/three.html": None,
    }


def test_a_wrong_line_keeps_its_own_file_out_and_no_other(tmp_path: Path) -> None:
    lines = [{"file": "a.html"}, {"file": "b.html", "collection": "No!"}, {"file": "c.html"}]
    fill(tmp_path, {"a.html": "x", "b.html": "x", "c.html": "x", "d.html": "x", SIDECAR: lines})
    assert list(good(tmp_path)) == ["in/a.html", "in/c.html", "in/d.html"]
    assert bad(tmp_path) == ["in/captures.jsonl:2: 'collection': 'No!': lower-case letters, digits and '-' only"]


def test_a_wrong_line_of_the_nearest_sidecar_is_not_mended_by_one_above(tmp_path: Path) -> None:
    fill(
        tmp_path,
        {
            "a/one.html": "x",
            SIDECAR: [{"file": "a/one.html", "collection": "outer"}],
            f"a/{SIDECAR}": [{"file": "one.html", "collection": 5}],
        },
    )
    assert good(tmp_path) == {}
    assert bad(tmp_path) == ["in/a/captures.jsonl:1: 'collection': 5 is not text"]


def test_a_line_that_names_no_file_holds_back_what_no_line_names(tmp_path: Path) -> None:
    fill(
        tmp_path,
        {
            "a.html": "x",
            "b.html": "x",
            "sub/c.html": "x",
            "own/d.html": "x",
            SIDECAR: [{"file": "a.html", "url": NEWS}, b'{"file": "b.ht'],
            f"own/{SIDECAR}": [{"file": "d.html", "url": NEWS}],
        },
    )
    assert list(good(tmp_path)) == ["in/a.html", "in/own/d.html"]
    held = "held back: a line of its sidecar cannot be read and may be about it"
    assert bad(tmp_path) == [
        "in/captures.jsonl:2: not JSON: Unterminated string starting at at column 10",
        f"in/b.html: {held}",
        f"in/sub/c.html: {held}",
    ]
    assert [str(found) for found in find(tmp_path / "b.html", "b.html")][1:] == [f"b.html: {held}"]


def test_a_torn_sidecar_holds_back_also_what_one_above_names(tmp_path: Path) -> None:
    # The line that cannot be read is nearer, and may say something else.
    fill(
        tmp_path,
        {"a/one.html": "x", SIDECAR: [{"file": "a/one.html", "collection": "outer"}], f"a/{SIDECAR}": [b"{"]},
    )
    assert good(tmp_path) == {}
    assert bad(tmp_path)[1].startswith("in/a/one.html: held back")


def test_what_a_line_names_and_the_folder_has_not_is_said(tmp_path: Path) -> None:
    lines = [
        {"file": name} for name in ("gone.html", "a.html", "n" * 300 + ".html", "notes.pdf", ".b.html", "l/c.html")
    ]
    fill(tmp_path / "far", {"c.html": "x"})
    inside = fill(tmp_path / "in", {"a.html": "x", "notes.pdf": "x", ".b.html": "x", SIDECAR: lines})
    (inside / "l").symlink_to(tmp_path / "far")
    assert bad(inside) == [
        "in/captures.jsonl:1: 'gone.html': no such file",
        f"in/captures.jsonl:3: {'n' * 300 + '.html'!r}: no such file",
        "in/captures.jsonl:4: 'notes.pdf': is passed over: no capture by its name",
        "in/captures.jsonl:5: '.b.html': is passed over: no capture by its name",
        "in/captures.jsonl:6: 'l/c.html': is passed over: no capture by its name",
    ]


WRONG: dict[str, tuple[object, str]] = {
    "not-json": (b"{file: a.html}", "not JSON: Expecting property name enclosed in double quotes at column 2"),
    "not-utf-8": (b'{"file": "a.html", "note": "\xe9"}', "not UTF-8 at byte 28"),
    "no-object": (b'["a.html"]', "not an object: '[\"a.html\"]'"),
    "too-deep": (b'{"file":' + b"[" * 100_000, "not JSON that can be read: nested too deep"),
    "member-twice": (b'{"file": "a.html", "file": "b.html"}', "a member stands twice in it"),
    "endless-number": (b'{"file": "a.html", "n": ' + b"9" * 5000 + b"}", "Exceeds the limit (4300 digits)"),
    "no-file": ({"url": NEWS}, "no 'file', which names the capture"),
    "file-empty": ({"file": ""}, "no 'file', which names the capture"),
    "file-no-text": ({"file": 7}, "no 'file', which names the capture"),
    "file-absolute": ({"file": "/etc/a.html"}, "'file': '/etc/a.html' is not below the sidecar's folder"),
    "file-above": ({"file": "b/../../a.html"}, "'file': 'b/../../a.html' is not below the sidecar's folder"),
    "file-null": ({"file": "a\x00.html"}, "'file': 'a\\x00.html' is not below the sidecar's folder"),
    "url-no-text": ({"url": 5}, "'url': 5 is not text"),
    "url-relative": ({"url": "/news.php"}, "'url': '/news.php' is no http or https address"),
    "url-other-scheme": ({"url": "ftp://a.org/x"}, "'url': 'ftp://a.org/x' is no http or https address"),
    "url-empty": ({"url": ""}, "'url': '' is no http or https address"),
    "url-bad-port": ({"url": "http://a.org:x/"}, "'url': 'http://a.org:x/' is no http or https address"),
    "title-no-text": ({"title": ["a"]}, "'title': ['a'] is not text"),
    "note-half-a-character": ({"note": "\ud800"}, "'note': '\\ud800' holds half a character, which cannot be stored"),
    "collection-case": ({"collection": "News"}, "'collection': 'News': lower-case letters, digits and '-' only"),
    "collection-path": ({"collection": "../x"}, "'collection': '../x': lower-case letters, digits and '-' only"),
    "collection-empty": ({"collection": ""}, "'collection': '': lower-case letters, digits and '-' only"),
    "collection-newline": (
        {"collection": "news\n"},
        "'collection': 'news\\n': lower-case letters, digits and '-' only",
    ),
    "collection-long": (
        {"collection": "n" * 65},
        f"'collection': {'n' * 65!r}: lower-case letters, digits and '-' only",
    ),
    "time-naive": (
        {"captured_at": "2017-02-18T06:00:00"},
        "'captured_at': '2017-02-18T06:00:00' is no RFC 3339 time with its offset (2017-02-18T06:00:00Z)",
    ),
    "time-only-a-day": (
        {"not_before": "2017-02-18"},
        "'not_before': '2017-02-18' is no RFC 3339 time with its offset (2017-02-18T06:00:00Z)",
    ),
    "time-no-text": ({"captured_at": 1487397600}, "'captured_at': 1487397600 is not text"),
    "time-impossible-day": (
        {"captured_at": "2017-02-30T06:00:00Z"},
        "'captured_at': '2017-02-30T06:00:00Z': day is out of range for month",
    ),
    "time-of-24-hours": (
        {"captured_at": "2017-02-18T24:00:00Z"},
        "'captured_at': '2017-02-18T24:00:00Z' is no RFC 3339 time with its offset (2017-02-18T06:00:00Z)",
    ),
    "time-before-all-time": (
        {"captured_at": "0001-01-01T00:00:00+10:00"},
        "'captured_at': '0001-01-01T00:00:00+10:00': date value out of range",
    ),
    "time-before-the-web": (
        {"not_after": "1991-08-05T23:59:59Z"},
        "'not_after': '1991-08-05T23:59:59Z' is before the first page of the web",
    ),
    "moment-and-bound": (
        {"captured_at": MOMENT, "not_before": MOMENT},
        "'captured_at' says the moment: 'not_before' and 'not_after' cannot stand beside it",
    ),
    "moment-and-other-bound": (
        {"captured_at": MOMENT, "not_after": MOMENT},
        "'captured_at' says the moment: 'not_before' and 'not_after' cannot stand beside it",
    ),
    "bounds-crossed": (
        {"not_before": MOMENT, "not_after": "2017-02-18T05:59:59Z"},
        f"'not_before' {MOMENT} is after 'not_after' 2017-02-18T05:59:59Z",
    ),
}


@pytest.mark.parametrize(("line", "problem"), WRONG.values(), ids=WRONG)
def test_a_wrong_line_is_named_with_its_number(tmp_path: Path, line: object, problem: str) -> None:
    if isinstance(line, dict) and "file" not in line and problem.startswith(("'url'", "'t", "'n", "'c")):
        line = {"file": "a.html", **line}
    fill(tmp_path, {"a.html": "x", "good.html": "x", SIDECAR: [{"file": "good.html"}, "", line]})
    said = [message for message in bad(tmp_path) if message.startswith("in/captures.jsonl:")]
    assert len(said) == 1
    assert said[0].startswith(f"in/captures.jsonl:3: {problem}")
    assert list(good(tmp_path)) == ["in/good.html"]


def test_a_file_described_twice_waits(tmp_path: Path) -> None:
    lines = [{"file": "a.html", "url": NEWS}, {"file": "b.html"}, {"file": "./a.html", "url": NEWS}]
    fill(tmp_path, {"a.html": "x", "b.html": "x", SIDECAR: lines})
    assert list(good(tmp_path)) == ["in/b.html"]
    assert bad(tmp_path) == ["in/captures.jsonl:3: 'a.html' is described twice, first in line 1"]


@pytest.mark.parametrize(
    ("given_time", "instant"),
    [
        ("2017-02-18T06:00:00Z", MOMENT),
        ("2017-02-18 06:00:00z", MOMENT),
        ("2017-02-18T07:30:00+01:30", MOMENT),
        ("2017-02-17T22:00:00-08:00", MOMENT),
        ("2017-02-18T06:00:00.999999999Z", MOMENT),
        ("1991-08-06T00:00:00Z", site.EARLIEST),
    ],
)
def test_a_time_becomes_utc_in_whole_seconds(tmp_path: Path, given_time: str, instant: str) -> None:
    lines = [{"file": "a.html", "captured_at": given_time}, {"file": "b.html", "not_before": given_time}]
    fill(tmp_path, {"a.html": "x", "b.html": "x", SIDECAR: lines})
    found = good(tmp_path)
    assert found["in/a.html"].captured() == (Captured(since=instant, until=instant), "given")
    assert found["in/b.html"].captured() == (Captured(since=instant, until=None), "bound")


def test_without_a_time_a_capture_is_only_bounded(tmp_path: Path) -> None:
    fill(tmp_path, {"a.html": "x", "b.html": "x", SIDECAR: [{"file": "b.html", "not_after": MOMENT}]})
    found = good(tmp_path)
    assert found["in/a.html"].captured() == (Captured(since=site.EARLIEST, until=None), "bound")
    assert found["in/b.html"].captured() == (Captured(since=site.EARLIEST, until=MOMENT), "bound")


@pytest.mark.parametrize(
    ("url", "collection", "where"),
    [
        (f"{NEWS}?position=150", None, ("news", 150)),
        ("https://www.perusupportgroup.org.uk/articles.php", None, ("articles", 0)),
        ("http://perusupportgroup.org.uk/?position=310", None, ("home", 0)),
        (f"{NEWS}?position=20", "mine", ("mine", 20)),
        ("http://perusupportgroup.org.uk/news-article-5.html", None, ("unknown", None)),
        ("http://example.org/news.php?position=20", "example", ("example", 20)),
        # Another site's list of news is not the group's.
        ("http://example.org/news.php?position=20", None, ("unknown", 20)),
        ("http://example.org/", None, ("unknown", 0)),
        (None, None, ("unknown", None)),
        (None, "mine", ("mine", None)),
    ],
)
def test_entries_go_to_the_collection_named_else_to_the_addresss_listing(
    tmp_path: Path, url: str | None, collection: str | None, where: tuple[str, int | None]
) -> None:
    capture = FileCapture(
        source=tmp_path / "a.html", place="a.html", media_type="text/html", url=url, collection=collection
    )
    assert capture.where() == where


@given(st.lists(st.binary(max_size=40) | st.dictionaries(st.sampled_from(["file", "url"]), st.text()).map(as_bytes)))
def test_no_sidecar_whatever_it_holds_ends_the_reading(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    folder = fill(tmp_path_factory.mktemp("any"), {"a.html": "x", SIDECAR: lines})
    found = list(find(folder, "in"))
    places = [
        re.match(r"in/(?:captures\.jsonl:[0-9]+|a\.html): ", str(one)) for one in found if isinstance(one, BadCapture)
    ]
    assert all(places)
    assert len(places) + len(good(folder)) >= 1
