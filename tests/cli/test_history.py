import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive.index.schema import NAME
from psgcrawl.cli import main
from psgcrawl.records import DERIVATION
from tests.archive.compare.sides import full, with_derivation
from tests.archive.history.past import Past, day, news, since
from tests.archive.making import entry
from tests.fitting import fits

PROJECT = Path(__file__).parents[2]
SAMPLES = PROJECT / "psgcrawl" / "samples"
OLD, NEW = "20260301T060000Z", "20260308T060000Z"


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path)


def _run(archive: Path, *arguments: str) -> int:
    return main(["--archive", str(archive), "history", *arguments])


def _document(archive: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert _run(archive, *arguments, "--json") == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    fits(document, "history")
    return document


SAID = """\
19 February 2026 | Synthetic: the imaginary quarry meets again (20)
  entry news-article-20
  state: listed
  first seen in 20260301T060000Z (2026-03-01 06:00)
  changed between 20260301T060000Z (2026-03-01 06:00) and 20260308T060000Z (2026-03-08 06:00)
      title: Synthetic: the imaginary [-mine-] {+quarry+} meets again (20)
  last seen in 20260308T060000Z (2026-03-08 06:00); 2 observations in all
"""


def test_the_life_of_one_entry_is_told_and_is_that_of_the_document(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(archive, "example", "news-article-20") == 0
    assert capsys.readouterr().out == SAID
    assert SAID in (PROJECT / "docs" / "history.md").read_text(encoding="utf-8")


def test_the_table_has_every_entry_and_counts_the_states(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(archive, "example") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "example: 26 entries in 2 observations"
    assert lines[1].split("  ")[0] == "ENTRY"
    assert lines[-1] == "25 listed, 1 removed"
    (removed,) = [line for line in lines if " removed " in line]
    assert re.split(" {2,}", removed)[:5] == ["news-article-12", "removed", OLD, OLD, "0"]
    (edited,) = [line for line in lines if line.startswith("news-article-20 ")]
    assert re.split(" {2,}", edited)[1:5] == ["listed", OLD, NEW, "1"]


def test_the_document_is_as_its_schema_says(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _document(archive, capsys, "example")
    assert [one["name"] for one in found["observations"]] == [OLD, NEW]
    assert all(one["ordered"] and one["whole"] and one["run"] is None for one in found["observations"])
    assert found["counts"] == {"listed": 25, "relisted": 0, "removed": 1, "aged-out": 0, "out-of-view": 0}
    states = {life["id"]: life["state"] for life in found["entries"]}
    assert (len(states), states["news-article-12"]) == (26, "removed")
    one = _document(archive, capsys, "example", "news-article-12")
    assert [life["evidence"] for life in one["entries"]] == [[OLD, NEW]]
    assert one["entries"] == [life for life in found["entries"] if life["id"] == "news-article-12"]


def test_lines_hold_the_same_as_the_document(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = _document(archive, capsys, "example")["entries"]
    assert _run(archive, "example", "--jsonl") == 0
    lines = capsys.readouterr().out.splitlines()
    for line in lines:
        assert line.isascii()
        fits(json.loads(line), "life")
    assert [json.loads(line) for line in lines] == entries


def test_captures_of_unknown_order_are_listed_with_their_bounds(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(archive, "news") == 0
    out = capsys.readouterr().out
    assert "nothing is claimed from it" in out
    names = re.findall(r"^  (after-\d{8}T000000Z): not before \d{4}-\d\d-\d\d$", out, re.MULTILINE)
    found = _document(archive, capsys, "news")
    assert names == [one["name"] for one in found["observations"]]
    assert not any(one["ordered"] for one in found["observations"])
    assert {life["state"] for life in found["entries"]} == {"listed"}


def test_a_long_life_is_told_whole(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    words = " ".join(f"word{number}" for number in range(30))
    past.see_all(day(1), news(9))
    past.see_all(day(2), news(9), entry("x-1", title="A law for the mine", summary=words))
    past.see_all(day(3), news(9))
    past.see_all(day(4), news(9), entry("x-1", title="A law for the mine", summary=words))
    past.see_all(day(5), news(9), entry("x-2", title="A new law for the mine", summary=f"{words}\n\nMore."))
    past.see_all(day(6), news(9))
    past.see_all(day(7), news(9))
    assert _run(past.archive.folder, "news", "x-1") == 0
    told = capsys.readouterr().out
    times = [f"2018010{number}T060000Z (2018-01-0{number} 06:00)" for number in range(1, 8)]
    assert told.splitlines() == [
        "17 February 2017 | A new law for the mine",
        "  entry x-2",
        "  also x-2, first seen in 20180105T060000Z (2018-01-05 06:00): the same date and nearly the same title",
        "  state: removed, confirmed",
        "  no longer listed between 20180105T060000Z (2018-01-05 06:00) and 20180106T060000Z (2018-01-06 06:00)",
        "  not there in 20180107T060000Z (2018-01-07 06:00) either",
        "  not there in 20180101T060000Z (2018-01-01 06:00), which saw its place",
        "  first seen in 20180102T060000Z (2018-01-02 06:00)",
        f"  gone between {times[1]} and {times[3]}: not there in {times[2]}",
        "  changed between 20180104T060000Z (2018-01-04 06:00) and 20180105T060000Z (2018-01-05 06:00)",
        "      one entry by the same date and nearly the same title",
        "      title: A {+new+} law for the mine",
        "      summary: … word24 word25 word26 word27 word28 word29 {+¶ More.+}",
        "  last seen in 20180105T060000Z (2018-01-05 06:00); 3 observations in all",
    ]
    assert _run(past.archive.folder, "news", "x-2") == 0
    assert capsys.readouterr().out == told


def test_what_is_not_known_is_said(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    past.see(since(2), full(news(1, title="One")))
    past.see_all(day(3), news(1, title="Two"))
    past.see_all(day(4))
    assert _run(past.archive.folder, "news", "news-article-1") == 0
    out = capsys.readouterr().out
    assert "differs between after-20180102T060000Z (not before 2018-01-02 06:00) and 20180103T060000Z" in out
    assert "whose order is unknown\n" in out
    assert "not seen in 20180104T060000Z (2018-01-04 06:00), which supports no claim" in out
    assert "also seen in after-20180102T060000Z (not before 2018-01-02 06:00), whose order against the others" in out


def test_one_id_of_a_notice_and_an_entry_tells_two_lives(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    past.see(day(1), full(news(1)))
    past.see(day(2), full(news(1, kind="notice")))
    assert _run(past.archive.folder, "news", "news-article-1") == 0
    assert re.findall(r"^  (\w+) news-article-1$", capsys.readouterr().out, re.MULTILINE) == ["entry", "notice"]


def test_questions_about_issues_stand_below_the_table(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    beside = "news-article-2, news-article-3, news-article-4"
    numbers = [(1, "Update", 101), (2, "Update", 103), (3, "Update", 103), (4, "Update", 106), (5, "Peru News", 7)]
    past.see_all(day(1), *(news(number, series=series, issue=issue) for number, series, issue in numbers))
    assert _run(past.archive.folder, "news") == 0
    assert capsys.readouterr().out.partition("questions about the numbers of issues (no claims):\n")[
        2
    ].splitlines() == [
        "  Update 102 was not seen (beside it: news-article-1, news-article-2, news-article-3). Is there one?",
        "  Update 103 is there more than once: news-article-2, news-article-3. Is it one issue?",
        f"  Update 104 to 105 were not seen (beside them: {beside}). Are there any?",
    ]
    assert len(_document(past.archive.folder, capsys, "news")["questions"]) == 3
    assert _document(past.archive.folder, capsys, "news", "news-article-1")["questions"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "no collection 'nothing'"),
        (["example", "nothing"], "example: no entry 'nothing' in any snapshot\n"),
        (["example", ""], "example: no entry '' in any snapshot\n"),
        (["example", "news-article-2\x1b"], "no entry 'news-article-2\\x1b' in any snapshot\n"),
        (["example", "news-article-24 "], "no entry 'news-article-24 '"),
        (["example", "x-b85"], "ids that begin so: x-b85cc9430701d1d6\n"),
        (["example", "news-article-1 "], "no entry"),
        (["example", "news"], "news-article-18 and 15 more\n"),
    ],
)
def test_what_is_not_there_is_named_and_exits_2(
    archive: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert _run(archive, *arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_damage_and_unequal_derivations_exit_2(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    name = past.see_all(day(1), news(1))
    past.see_all(day(2), news(1))
    side = past.observations()[1].side
    with_derivation(side, DERIVATION + 1)
    assert _run(past.archive.folder, "news") == 2
    assert "to have a history in common they must be derived again: " in capsys.readouterr().err
    (past.folder / name / "entries.jsonl").unlink()
    manifest = side.entries.with_name("datapackage.json")
    later, today = (b'"derivation": %d' % number for number in (DERIVATION + 1, DERIVATION))
    manifest.write_bytes(manifest.read_bytes().replace(later, today))
    assert _run(past.archive.folder, "news") == 2
    assert "entries.jsonl: the file is missing" in capsys.readouterr().err


def test_a_confirmation_of_what_is_not_there_is_noted(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    past.see_all(day(1), news(1))
    gone = past.see_all(day(2), news(1))
    past.again(gone, day(3))
    (past.folder / gone).rename(past.folder / ".gone")
    assert _run(past.archive.folder, "news", "--json") == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("psgcrawl: runs.jsonl: the run of 2018-02-01T00:00:00Z confirms")
    assert len(json.loads(captured.out)["observations"]) == 1


def test_an_empty_collection_has_an_empty_history(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    (past.folder / ".lock").touch()
    found = _document(past.archive.folder, capsys, "news")
    assert (found["observations"], found["entries"], found["questions"]) == ([], [], [])
    assert _run(past.archive.folder, "news") == 0
    assert "news: 0 entries in 0 observations" in capsys.readouterr().out


def test_nothing_from_a_page_reaches_the_terminal_unescaped(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2J\u202e\x07"
    for number in (1, 2):
        given = {name: f"{name} {number}{evil}" for name in ("title", "summary", "dateline", "caption")}
        url = f"http://example.org/{number}{evil}"
        past.see_all(day(number), news(1, **given, url=url), entry(f"x-{evil}"), fields=(*given, "url"))
    for arguments in ([], ["news-article-1"], [f"x-{evil}"]):
        assert _run(past.archive.folder, "news", *arguments) == 0
        out = capsys.readouterr().out
        assert not set("\x1b\u202e\x07") & set(out)
        assert "\\x1b[2J\\u202e\\x07" in out


def test_letters_that_the_terminal_lacks_are_escaped(past: Past) -> None:
    past.see_all(day(1), news(1, title="Cooperación – “PPK”"))
    command = [sys.executable, "-m", "psgcrawl", "--archive", str(past.archive.folder), "history", "news"]
    ended = subprocess.run(command, capture_output=True, check=False, cwd=PROJECT, env={"PYTHONIOENCODING": "latin-1"})
    assert ended.returncode == 0
    assert "Cooperación \\u2013 \\u201cPPK\\u201d".encode("latin-1") in ended.stdout


def test_the_command_does_not_import_scrapy_nor_lxml() -> None:
    script = "import sys, psgcrawl.cli.history; print(sorted({'scrapy', 'lxml', 'twisted'} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert ended.stdout == "[]\n"


def test_nothing_in_the_archive_is_touched_but_the_index(past: Past) -> None:
    past.again(past.see_all(day(1), news(1)), day(2))
    folder = past.archive.folder

    def state() -> dict[str, tuple[int, int]]:
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}

    before = state()
    assert _run(folder, "news", "--jsonl") == 0
    after = state()
    assert after.pop(str(folder / NAME))
    assert after == before


def test_a_small_archive_is_answered_at_once(archive: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "psgcrawl", "--archive", str(archive), "history", "example"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    slow = {"asyncio", "email", "http", "lxml", "multiprocessing", "scrapy", "twisted", "unittest", "xml"}
    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "psgcrawl.archive.history.telling" in loaded
    assert loaded & slow == set()
