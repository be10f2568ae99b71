"""``psgcrawl history --all`` and the table of aliases that it keeps."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive import aliases, durable
from psgcrawl.archive.aliases import ALIASES
from psgcrawl.archive.index.schema import NAME
from psgcrawl.cli import main
from psgcrawl.records import Entry
from tests.archive.compare.sides import dated
from tests.archive.history.past import Past, day
from tests.archive.making import entry
from tests.fitting import fits

DOCUMENT = Path(__file__).parents[2] / "docs" / "history.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive with two collections."""
    home = [dated(1, "2017-01-02", title="A mine"), entry("x-1", title="A vote")]
    shown(tmp_path, "home", home)
    shown(tmp_path, "news", [dated(1, "2017-01-02", title="A law for the mine")], [entry("x-2", title="The vote")])
    return tmp_path / "archive"


def shown(tmp_path: Path, collection: str, *snapshots: list[Entry]) -> None:
    (tmp_path / collection).mkdir()
    past = Past(tmp_path / collection)
    for number, entries in enumerate(snapshots, 1):
        past.see_all(day(number), *entries)
    (tmp_path / "archive").mkdir(exist_ok=True)
    shutil.move(past.folder, tmp_path / "archive" / collection)


def run(archive: Path, *arguments: str) -> int:
    return main(["--archive", str(archive), "history", "--all", *arguments])


def document(archive: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run(archive, "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    fits(found, "histories")
    return found


def table(archive: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (archive / ALIASES).read_bytes().splitlines()]
    for line in found:
        fits(line, "alias")
    return found


FORBIDDEN = (
    '{"one": {"collection": "home", "id": "news-article-1"}, "other": {"collection": "news", "id": "news-article-1"}, '
    '"verdict": "forbidden", "by": "R. Reader", "reason": "two mines"}\n'
)


def test_links_are_kept_once_with_rule_evidence_and_time(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder) == 0
    (line,) = table(folder)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line.pop("when"))
    assert line == {
        "one": {"collection": "home", "id": "news-article-1"},
        "other": {"collection": "news", "id": "news-article-1"},
        "verdict": "linked",
        "rule": "identity",
        "evidence": ["home/20180101T060000Z", "news/20180101T060000Z"],
        "by": None,
        "reason": None,
    }
    before = (folder / ALIASES).read_bytes()
    first = capsys.readouterr().out
    assert run(folder) == 0
    assert (folder / ALIASES).read_bytes() == before
    assert capsys.readouterr().out == first


def test_the_life_over_all_collections_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder) == 0
    first = "20180101T060000Z (2018-01-01 06:00)"
    assert capsys.readouterr().out.splitlines() == [
        "home: 2 entries in 1 observation, 1 in other collections, too",
        "news: 2 entries in 2 observations, 1 in other collections, too",
        "1 entry in several collections",
        "",
        "02 January 2017 | A mine",
        "  home/news-article-1 and news/news-article-1: the same id",
        "  in home:",
        "    02 January 2017 | A mine",
        "      entry news-article-1",
        "      state: listed",
        f"      first seen in {first}",
        f"      last seen in {first}; 1 observation in all",
        "  in news:",
        "    02 January 2017 | A law for the mine",
        "      entry news-article-1",
        "      state: removed",
        f"      no longer listed between {first} and 20180102T060000Z (2018-01-02 06:00)",
        f"      first seen in {first}",
        f"      last seen in {first}; 1 observation in all",
    ]


def test_the_document_and_the_lines_are_as_their_schemas_say(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(folder, capsys)
    assert found["collections"] == [
        {"collection": "home", "observations": 1, "entries": 2, "linked": 1},
        {"collection": "news", "observations": 2, "entries": 2, "linked": 1},
    ]
    (linked,) = found["entries"]
    assert [one["collection"] for one in linked["lives"]] == ["home", "news"]
    assert linked["links"] == table(folder)
    assert run(folder, "--jsonl") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == found["entries"]
    for line in lines:
        fits(line, "everywhere")


def test_a_life_in_it_is_the_one_that_its_collection_tells(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (linked,) = document(folder, capsys)["entries"]
    for one in linked["lives"]:
        assert main(["--archive", str(folder), "history", one["collection"], "--jsonl"]) == 0
        assert one["life"] in [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_that_forbids_a_link_is_honoured_and_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(document(folder, capsys)["entries"]) == 1
    with (folder / ALIASES).open("a") as file:
        file.write(FORBIDDEN)
    before = (folder / ALIASES).read_bytes()
    found = document(folder, capsys)
    assert (found["entries"], [line["by"] for line in found["forbidden"]]) == ([], ["R. Reader"])
    assert (folder / ALIASES).read_bytes() == before
    assert run(folder) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "not linked, because a person says so:",
        "  home/news-article-1 and news/news-article-1 (says R. Reader: two mines)",
    ]


def test_a_person_can_add_a_link(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = (
        '{"one":{"collection":"home","id":"x-1"},"other":{"collection":"news","id":"x-2"},'
        '"verdict":"linked","by":"R. Reader"}\n'
    )
    (folder / ALIASES).write_text(line)
    found = document(folder, capsys)
    assert [[one["life"]["id"] for one in linked["lives"]] for linked in found["entries"]] == [
        ["x-1", "x-2"],
        ["news-article-1", "news-article-1"],
    ]
    assert (folder / ALIASES).read_text().startswith(line)
    assert run(folder) == 0
    assert "  home/x-1 and news/x-2: one entry (says R. Reader)" in capsys.readouterr().out.splitlines()


def test_a_damaged_line_is_named_and_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / ALIASES).write_text(FORBIDDEN + "not a line\n")
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert run(folder, "--json") == 2
    captured = capsys.readouterr()
    assert f"{ALIASES}:2: not JSON" in captured.err
    assert captured.out == ""
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_an_archive_that_cannot_be_written_to_is_told_with_a_note(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    want = document(folder, capsys)["entries"]
    (folder / ALIASES).unlink()

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(durable, "write_new", refuse)
    assert run(folder, "--json") == 0
    captured = capsys.readouterr()
    assert captured.err.endswith("aliases.jsonl: not written (Read-only file system): new links are not kept\n")
    found = json.loads(captured.out)["entries"]
    for one in (*found, *want):
        one["links"][0].pop("when")
    assert found == want
    assert not (folder / ALIASES).exists()


def test_what_a_person_writes_meanwhile_counts(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = aliases.extend

    def meanwhile(*given: Any) -> bool:
        monkeypatch.undo()
        (folder / ALIASES).write_text(FORBIDDEN)
        return real(*given)

    monkeypatch.setattr(aliases, "extend", meanwhile)
    assert document(folder, capsys)["entries"] == []
    assert (folder / ALIASES).read_text() == FORBIDDEN


def test_the_history_of_one_collection_does_not_ask_for_aliases(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said() -> str:
        assert main(["--archive", str(folder), "history", "news", "--json"]) == 0
        return capsys.readouterr().out

    without = said()
    assert run(folder) == 0
    capsys.readouterr()
    assert said() == without
    (folder / ALIASES).write_text("damaged")
    assert said() == without


def test_the_index_holds_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder) == 0

    def links() -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(folder / NAME)) as connection:
            return connection.execute(
                "SELECT a.number, a.verdict, e.state FROM aliases a "
                "JOIN identities i ON i.id = a.other_id JOIN entries e ON e.entry = i.entry "
                "AND e.collection = a.other_collection ORDER BY a.number"
            ).fetchall()

    assert links() == [(1, "linked", "removed")]
    with (folder / ALIASES).open("a") as file:
        file.write(FORBIDDEN)
    assert run(folder) == 0
    assert links() == [(1, "linked", "removed"), (2, "forbidden", "removed")]


@pytest.mark.parametrize("arguments", [[], ["--all", "news"], ["--all", "news", "x-1"]])
def test_either_one_collection_or_all_are_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["--archive", str(folder), "history", *arguments]) == 2
    assert capsys.readouterr().err == "psgcrawl: history: name a COLLECTION, or ask for --all of them\n"


def test_an_archive_without_collections_has_nothing_to_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 0
    assert capsys.readouterr().out == "0 entries in several collections\n"
    assert list(tmp_path.iterdir()) == []


def test_nothing_from_a_page_or_a_table_reaches_the_terminal_unescaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b[2J\u202e"
    for name in ("home", "news"):
        shown(tmp_path, name, [dated(1, "2017-01-02", title=evil), entry(f"x-{evil}", title=f"B {evil}")])
    folder = tmp_path / "archive"
    (folder / ALIASES).write_text(FORBIDDEN.replace("R. Reader", "R.\\u001b[2J"))
    assert run(folder) == 0
    out = capsys.readouterr().out
    assert not set("\x1b\u202e") & set(out)
    assert "\\x1b[2J" in out


def test_the_correction_that_the_documents_show_is_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r'^(\{"one".*"forbidden".*\})$', DOCUMENT.read_text("utf-8"), re.MULTILINE)
    (folder / ALIASES).write_text(example + "\n")
    (line,) = aliases.read(folder).lines
    assert line.alias.of_a_person
    assert line.alias.reason
    assert run(folder) == 0
    assert "the line has no effect" in capsys.readouterr().err
