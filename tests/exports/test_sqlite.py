import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive import aliases
from psgcrawl.archive.aliases import Alias, Ref
from psgcrawl.archive.store import Snapshot
from psgcrawl.cli import main
from psgcrawl.exports.harmless import clean
from psgcrawl.exports.sqlite.schema import ENTRY_COLUMNS, KEYS, TABLES
from psgcrawl.records import Entry
from tests.archive.history.past import Past
from tests.archive.making import page
from tests.exports.telling import HOSTILE, Told, day, export, lines, news, refused

PROJECT = Path(__file__).parents[2]
FIRST, SECOND, THIRD = "news/20180101T060000Z", "news/20180108T060000Z", "news/20180115T060000Z"
AGAIN = f"{THIRD}@20180122T060000Z"


def ask(path: Path, question: str, *values: Any) -> list[Any]:
    """Return the rows of an answer; of one column, its values."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(question, values).fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def sound(path: Path) -> bool:
    """Tell whether SQLite finds the file, its keys and its full-text index in order."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    return ask(path, "PRAGMA integrity_check") == ["ok"] and ask(path, "PRAGMA foreign_key_check") == []


def everything(path: Path, tables: Sequence[str] = tuple(KEYS)) -> dict[str, list[Any]]:
    """Return the content of the tables, without the numbers that the file gives itself."""
    columns = dict.fromkeys(tables, "*") | {"revisions": f"entry, number, {', '.join(ENTRY_COLUMNS)}"}
    return {table: sorted(ask(path, f"SELECT {columns[table]} FROM {table}"), key=repr) for table in tables}  # noqa: S608


@pytest.fixture
def made(weeks: Told, out: Path) -> Path:
    """The database of four weeks."""
    export(weeks.archive.folder, out / "a.sqlite", "sqlite", "news")
    return out / "a.sqlite"


def test_the_tables_say_what_the_history_says(weeks: Told, made: Path) -> None:
    assert sound(made)
    found = {row[0]: row for row in ask(made, "SELECT * FROM entries")}
    for life in weeks.lives():
        key, collection, kind, last_id, state, confirmed, evidence, before, *seen = found[f"news/entry/{life.id}"]
        assert (collection, kind, last_id, state, bool(confirmed)) == ("news", "entry", life.id, *_state(life))
        assert json.loads(evidence) == [f"news/{name}" for name in life.evidence]
        assert before == (life.absent_before and f"news/{life.absent_before}")
        assert seen[:3] == [f"news/{life.first_seen}", f"news/{life.last_seen}", life.sightings]
        edits = ask(made, "SELECT before, after, fields FROM edits WHERE entry = ?", key)
        assert [(b, a, json.loads(fields)) for b, a, fields in edits] == [
            (*(f"news/{name}" for name in one.between), one.fields) for one in life.revisions
        ]
    assert ask(made, "SELECT * FROM gaps") == [("news/entry/news-article-4", 1, FIRST, SECOND, THIRD)]
    assert ask(made, "SELECT observation, snapshot FROM observations ORDER BY rank")[-1] == (AGAIN, THIRD)


def test_a_new_file_has_all_that_its_definition_makes(made: Path, out: Path) -> None:
    defined = out / "defined.sqlite"
    with closing(sqlite3.connect(defined)) as connection:
        connection.executescript(TABLES)
    question = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"
    assert ask(made, question) == ask(defined, question)


def test_a_row_that_somebody_adds_to_a_new_file_is_found_by_its_words(made: Path) -> None:
    with closing(sqlite3.connect(made)) as connection:
        columns = ", ".join(ENTRY_COLUMNS[1:])
        connection.execute(
            f"INSERT INTO revisions (entry, number, id, {columns}) SELECT entry, 99, 'quetzalcoatlus', {columns} "  # noqa: S608
            "FROM revisions LIMIT 1"
        )
        connection.execute("UPDATE revisions SET title = 'Quetzalcoatlus' WHERE number = 99")
        connection.commit()
    found = ask(made, "SELECT number FROM revisions WHERE revision IN (SELECT rowid FROM search('quetzalcoatlus'))")
    assert found == [99]
    assert sound(made)


def _state(life: Any) -> tuple[str, bool]:
    return life.state, life.confirmed


def test_revisions_have_the_fields_of_the_entries(weeks: Told, made: Path, out: Path) -> None:
    names = ", ".join(ENTRY_COLUMNS)
    assert Entry.__struct_fields__ == ENTRY_COLUMNS
    rows = ask(made, f"SELECT {names} FROM revisions ORDER BY entry, number")  # noqa: S608
    exported = lines(export(weeks.archive.folder, out / "r", "jsonl", "news", "--revisions"))
    exported.sort(key=lambda one: (one["key"], one["revision"]))
    for row, line in zip(rows, exported, strict=True):
        values = dict(zip(ENTRY_COLUMNS, row, strict=True))
        values |= {name: json.loads(values[name]) for name in ("categories", "flags")}
        assert values == {name: line[name] for name in ENTRY_COLUMNS}


def test_pages_are_those_of_the_snapshots(weeks: Told, made: Path) -> None:
    [row] = Snapshot(weeks.folder / "20180101T060000Z").pages()
    question = "SELECT url, sha256, payload_digest, captured_from FROM pages WHERE snapshot = ?"
    assert ask(made, question, FIRST) == [(row.url, row.sha256, row.payload_digest, row.captured.since)]


def test_the_views_answer_the_common_questions(made: Path) -> None:
    assert ask(made, "SELECT id FROM listed_now ORDER BY id") == [f"news-article-{number}" for number in (1, 2, 4, 5)]
    assert ask(made, "SELECT id, absent, confirmed FROM gone") == [("news-article-3", THIRD, 1)]
    assert ask(made, "SELECT old_title, new_title, before, after FROM edited") == [
        ("Title of news-article-2", "Minería en el Perú", "2018-01-01T06:00:00Z", "2018-01-08T06:00:00Z")
    ]
    listed = "SELECT title FROM listed WHERE observation = ? AND entry = 'news/entry/news-article-2'"
    assert [ask(made, listed, name)[0][:5] for name in (FIRST, AGAIN)] == ["Title", "Miner"]
    assert ask(made, "SELECT * FROM by_month") == [("news", "2017-01", 5)]
    assert len(ask(made, "SELECT * FROM latest")) == 5


def test_words_are_found_whatever_their_accents(made: Path) -> None:
    question = "SELECT entry, number FROM search JOIN revisions ON revision = search.rowid WHERE search MATCH ?"
    for word in ("mineria", "MINERÍA", "minería peru", "title: mineria"):
        assert ask(made, question, word) == [("news/entry/news-article-2", 2)], word
    assert ask(made, question, "mina") == []


def test_the_same_archive_gives_the_same_bytes(weeks: Told, made: Path, out: Path) -> None:
    assert export(weeks.archive.folder, out / "b.sqlite", "sqlite", "news") == made.read_bytes()


def test_a_second_export_brings_the_file_up_to_date_and_leaves_what_is_yours(told: Told, out: Path) -> None:
    path = out / "a.sqlite"
    told.see_all(day(1), news(1), news(2))
    export(told.archive.folder, path, "sqlite", "news")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE mine (entry TEXT)")
        connection.execute("INSERT INTO mine SELECT entry FROM entries")
    kept = ask(path, "SELECT revision, entry FROM revisions ORDER BY revision")
    told.see_all(day(8), news(1, title="Edited"), news(3))
    told.again("20180108T060000Z", day(15))
    export(told.archive.folder, path, "sqlite", "news")
    assert sound(path)
    assert ask(path, "SELECT revision, entry FROM revisions ORDER BY revision")[:2] == kept
    assert len(ask(path, "SELECT * FROM mine")) == 2
    export(told.archive.folder, out / "fresh.sqlite", "sqlite", "news")
    assert everything(path) == everything(out / "fresh.sqlite")
    assert ask(path, "SELECT rowid FROM search WHERE search MATCH 'edited'") != []


def test_a_second_export_of_the_same_touches_no_row(
    weeks: Told, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(made)
    capsys.readouterr()
    export(weeks.archive.folder, made, "sqlite", "news")
    assert "(0 rows changed)" in capsys.readouterr().err
    assert everything(made) == before


def test_what_is_gone_from_the_archive_is_gone_from_the_file_to_the_byte(told: Told, out: Path) -> None:
    path = out / "a.sqlite"
    told.see_all(day(1), news(1), news(2, title="Esmeralda Quispe", summary="Esmeralda " * 3000))
    name = told.see_all(day(8), news(1))
    export(told.archive.folder, path, "sqlite", "news")
    assert b"Esmeralda" in path.read_bytes()
    for folder in told.folder.iterdir():
        if folder.name.startswith("20180101"):
            folder.rename(told.folder.parent / "elsewhere")
    export(told.archive.folder, path, "sqlite", "news")
    data = path.read_bytes()
    assert sound(path)
    assert b"smeralda" not in data
    assert b"uispe" not in data
    assert ask(path, "SELECT snapshot FROM snapshots") == [f"news/{name}"]


def test_collections_that_are_in_the_file_stay_in_it_and_up_to_date(told: Told, out: Path) -> None:
    path = out / "a.sqlite"
    told.see_all(day(1), news(1))
    other = told.archive.folder / "home"
    other.mkdir()
    elsewhere = Past(out)
    elsewhere.see_all(day(1), news(1))
    (elsewhere.folder / "20180101T060000Z").rename(other / "20180101T060000Z")
    export(told.archive.folder, path, "sqlite", "news")
    export(told.archive.folder, path, "sqlite", "home")
    assert ask(path, "SELECT DISTINCT collection FROM entries ORDER BY collection") == ["home", "news"]
    told.see_all(day(8), news(1, title="Edited"))
    one, other_ref = Ref(collection="home", id="news-article-1"), Ref(collection="news", id="news-article-1")
    alias = Alias(one=one, other=other_ref, verdict="linked", rule="identity")
    aliases.extend(told.archive.folder, aliases.read(told.archive.folder), [alias])
    export(told.archive.folder, path, "sqlite", "home")
    assert ask(path, "SELECT new_title FROM edited") == ["Edited"]
    assert ask(path, "SELECT entry, other_entry, rule FROM same") == [
        ("home/entry/news-article-1", "news/entry/news-article-1", "identity")
    ]
    assert sound(path)


@pytest.mark.parametrize("data", [b"", b"mine", b"SQLite format 3\x00" + b"\x00" * 500], ids=["empty", "text", "cut"])
def test_a_file_of_something_else_stays(
    weeks: Told, out: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    path = out / "a.sqlite"
    path.write_bytes(data)
    assert _export(weeks, path) == 2
    assert "a.sqlite: exists already, and is no database of this export; --force" in capsys.readouterr().err
    assert path.read_bytes() == data
    assert _export(weeks, path, "--force") == 0
    assert sound(path)
    assert [one.name for one in out.iterdir()] == ["a.sqlite"]


def test_another_version_another_archive_and_an_open_file_stay_as_they_are(
    weeks: Told, told: Told, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = made.read_bytes()
    wal = made.with_name("a.sqlite-wal")
    wal.write_bytes(b"x")
    assert _export(weeks, made) == 2
    assert "another program is writing to a.sqlite" in capsys.readouterr().err
    wal.unlink()
    told.folder.rename(told.folder.with_name("home"))
    told.folder = told.folder.with_name("home")
    told.see(day(1), page(news(1)))
    assert _export(told, made, collection="home") == 2
    assert "holds 'news', which" in capsys.readouterr().err
    assert made.read_bytes() == before
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert _export(weeks, made) == 2
    assert "tables of version 99, not 1" in capsys.readouterr().err


def _export(told: Told, path: Path, *words: str, collection: str = "news") -> int:
    return main(["--archive", str(told.archive.folder), "export", "sqlite", collection, "-o", str(path), *words])


def test_standard_output_gets_the_whole_file(weeks: Told, made: Path) -> None:
    command = [sys.executable, "-m", "psgcrawl", "--archive", str(weeks.archive.folder)]
    ran = subprocess.run(
        [*command, "export", "sqlite", "news", "-o", "-"], capture_output=True, check=True, cwd=PROJECT
    )
    assert ran.stdout == made.read_bytes()


def test_hostile_text_is_text(bad: Told, out: Path) -> None:
    path = out / "a.sqlite"
    export(bad.archive.folder, path, "sqlite", "news")
    assert sound(path)
    titles = set(ask(path, "SELECT title FROM revisions"))
    assert titles == {clean(title) for title in HOSTILE} | {"<b>=1</b>"}
    assert ask(path, "SELECT count(*) FROM revisions WHERE instr(title, char(0)) OR instr(title, char(27))") == [0]
    assert ask(path, "SELECT DISTINCT typeof(title) FROM revisions") == ["text"]


def test_what_sqlite_cannot_do_is_said_and_leaves_no_file(
    weeks: Told, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psgcrawl.exports.sqlite.file.TABLES", "CREATE VIRTUAL TABLE search USING fts99 (title);")
    said = refused(weeks.archive.folder, out / "a.sqlite", capsys, "sqlite", "news")
    assert f"SQLite {sqlite3.sqlite_version}: no such module: fts99" in said
    assert list(out.iterdir()) == []
