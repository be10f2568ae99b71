import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.exports import commaseparated
from psgcrawl.exports.commaseparated import COLUMNS, defused
from psgcrawl.exports.harmless import clean
from tests.archive.making import page
from tests.exports.telling import HOSTILE, Told, day, export, lines, news, since

LARGEST_FIELD = 1 << 20
FORMULA = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@＝＋－＠\t\r]")


@pytest.fixture(autouse=True)
def _long_fields() -> Iterator[None]:
    """Let the standard library read fields of more than 128 KiB."""
    before = csv.field_size_limit(LARGEST_FIELD)
    yield
    csv.field_size_limit(before)


def rows(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a table, read by the standard library."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_a_table_says_what_the_lines_of_json_say(weeks: Told, out: Path) -> None:
    archive = weeks.archive.folder
    table = rows(export(archive, out / "a", "csv", "news"))
    assert tuple(table[0]) == COLUMNS
    for row, line in zip(table, lines(export(archive, out / "b", "jsonl", "news")), strict=True):
        captured = line.pop("captured")
        assert (row.pop("captured_from"), row.pop("captured_to")) == (captured["from"], captured["to"])
        for name, value in line.items():
            assert row[name] == (json.dumps(value) if isinstance(value, list) else "" if value is None else str(value))


def test_null_and_an_empty_text_are_told_apart(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1, summary="", caption=None))
    data = export(told.archive.folder, out / "a", "csv", "news").decode()
    header, row, rest = data.split("\r\n")
    assert rest == ""
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    assert (cells["summary"], cells["caption"]) == ('""', "")


def test_a_table_is_as_rfc_4180_has_it(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1, title='a "b", c', summary="one\n\ntwo", categories=["A, B", "C"]))
    data = export(told.archive.folder, out / "a", "csv", "news")
    assert b'"a ""b"", c","one\n\ntwo",' in data
    assert b'"[""A, B"",""C""]"' in data
    assert data.startswith(b"id,date_earliest,")
    assert data.endswith(b"\r\n")
    assert data.count(b"\r\n") == 2


@given(st.text() | st.text(st.characters(categories=["Zs", "Cc", "Zl", "Zp"]), max_size=2).map("a".__add__))
def test_a_field_is_quoted_where_it_is_empty_or_a_reader_could_lose_a_part_of_it(text: str) -> None:
    needs = re.search(r"""[",\r\n]|\A\s|\s\Z|\A\Z""", text)
    assert commaseparated._quoted(text) == ('"' + text.replace('"', '""') + '"' if needs else text)


def test_a_time_that_is_not_known_is_an_empty_field(told: Told, out: Path) -> None:
    told.see(since(3), page(news(1)))
    [row] = rows(export(told.archive.folder, out / "a", "csv", "news"))
    assert (row["captured_from"], row["captured_to"]) == ("2018-01-03T06:00:00Z", "")


def test_hostile_text_stays_in_its_field(bad: Told, out: Path) -> None:
    table = rows(export(bad.archive.folder, out / "a", "csv", "news", "2018-01-01"))
    assert {row["title"] for row in table} == {clean(title) for title in HOSTILE}
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", (out / "a").read_bytes())


def test_for_a_spreadsheet_no_field_is_a_formula_and_all_come_back(bad: Told, out: Path) -> None:
    plain = rows(export(bad.archive.folder, out / "a", "csv", "news", "2018-01-01"))
    data = export(bad.archive.folder, out / "b", "csv", "news", "2018-01-01", "--spreadsheet")
    assert data.startswith(b"\xef\xbb\xbfid,")
    table = rows(data)
    assert any(FORMULA.match(value) for row in plain for value in row.values())
    assert not any(FORMULA.match(value) for row in table for value in row.values())
    undone = [{name: value.removeprefix("'") for name, value in row.items()} for row in table]
    assert undone == plain


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1", "'=1"),
        ("  \u00a0@A", "'  \u00a0@A"),
        ("\ufeff=1", "'\ufeff=1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠1", "'＠1"),
        ("\tx", "'\tx"),
        ("\n=1", "'\n=1"),
        ("- a list", "'- a list"),
        ("'tis", "''tis"),
        ("1 = 1", "1 = 1"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_could_run_gets_an_apostrophe(cell: str, written: str) -> None:
    assert defused(cell) == written


@given(st.text())
def test_what_is_defused_can_be_undone_and_begins_no_formula(text: str) -> None:
    written = defused(text)
    assert written is not None
    assert written.removeprefix("'") == text or (written == text and not text.startswith("'"))
    assert not FORMULA.match(written)
