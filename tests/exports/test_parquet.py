import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.cli import main
from tests.archive.making import page
from tests.exports.telling import HOSTILE, Told, day, export, lines, news, refused, since

PROJECT = Path(__file__).parents[2]


def plain(value: object) -> object:
    """Return a value of a table as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("words", [[], ["--revisions"]], ids=" ".join)
def test_a_table_says_what_the_lines_of_json_say(parquet: Any, weeks: Told, out: Path, words: list[str]) -> None:
    archive = weeks.archive.folder
    export(archive, out / "a.parquet", "parquet", "news", *words)
    expected = lines(export(archive, out / "b", "jsonl", "news", *words))
    for line in expected:
        captured = line.pop("captured")
        line |= {"captured_from": captured["from"], "captured_to": captured["to"]}
    found = parquet.read_table(out / "a.parquet").to_pylist()
    assert [{name: plain(value) for name, value in row.items()} for row in found] == expected


def test_a_table_is_written_without_loading_pandas_or_what_computes(parquet: Any, weeks: Told, out: Path) -> None:
    assert parquet
    words = ["--archive", str(weeks.archive.folder), "export", "parquet", "news", "-o", str(out / "a.parquet")]
    heavy = {"pandas", "pyarrow.compute", "pyarrow.dataset"}
    script = f"import sys; from psgcrawl.cli import main; print(main({words!r}), {heavy!r} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert found.stdout == "0 set()\n"


def test_days_times_numbers_and_lists_have_types_of_their_own(parquet: Any, told: Told, out: Path) -> None:
    partial = {"date_edtf": "2009-12", "date_earliest": "2009-12-01", "date_latest": "2009-12-31"}
    told.see(
        since(3),
        page(
            news(1, **partial, issue=137, categories=["A"], modified="2020-01-02T03:04:05Z"),
            news(2, date_edtf=None, date_earliest=None, date_latest=None),
        ),
    )
    export(told.archive.folder, out / "a.parquet", "parquet", "news")
    table = parquet.read_table(out / "a.parquet")
    types = {field.name: str(field.type) for field in table.schema}
    assert {types[name] for name in ("date_earliest", "date_latest")} == {"date32[day]"}
    assert {types[name] for name in ("modified", "captured_from", "captured_to")} == {"timestamp[ms, tz=UTC]"}
    assert (types["issue"], types["date_edtf"], types["flags"][:4]) == ("int64", "string", "list")
    dated, undated = table.to_pylist()
    assert (dated["date_earliest"], dated["date_latest"]) == (date(2009, 12, 1), date(2009, 12, 31))
    assert (dated["date_edtf"], dated["issue"], dated["captured_to"]) == ("2009-12", 137, None)
    assert (undated["date_earliest"], undated["date_edtf"], undated["modified"]) == (None, None, None)


def test_what_repeats_itself_is_encoded_by_dictionary(parquet: Any, weeks: Told, out: Path) -> None:
    export(weeks.archive.folder, out / "a.parquet", "parquet", "news", "--revisions")
    group = parquet.ParquetFile(out / "a.parquet").metadata.row_group(0)
    encoded = {group.column(at).path_in_schema: group.column(at).encodings for at in range(group.num_columns)}
    for name in ("kind", "collection", "snapshot", "state", "first_seen"):
        assert any("DICTIONARY" in one for one in encoded[name]), name
    assert not any("DICTIONARY" in one for one in encoded["summary"])


def test_many_entries_fill_several_groups_of_rows(
    parquet: Any, told: Told, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psgcrawl.exports.parquet._GROUP", 2)
    told.see_all(day(1), *[news(number) for number in range(5)])
    export(told.archive.folder, out / "a.parquet", "parquet", "news")
    file = parquet.ParquetFile(out / "a.parquet")
    assert (file.metadata.num_row_groups, file.metadata.num_rows) == (3, 5)


def test_the_same_archive_gives_the_same_bytes_also_into_a_pipe(parquet: Any, weeks: Told, out: Path) -> None:
    data = export(weeks.archive.folder, out / "a.parquet", "parquet", "news")
    assert export(weeks.archive.folder, out / "b.parquet", "parquet", "news") == data
    command = [sys.executable, "-m", "psgcrawl", "--archive", str(weeks.archive.folder)]
    ran = subprocess.run(
        [*command, "export", "parquet", "news", "-o", "-"], capture_output=True, check=True, cwd=PROJECT
    )
    assert ran.stdout == data


def test_hostile_text_is_kept_as_it_is(parquet: Any, bad: Told, out: Path) -> None:
    export(bad.archive.folder, out / "a.parquet", "parquet", "news", "2018-01-01")
    assert set(parquet.read_table(out / "a.parquet")["title"].to_pylist()) == set(HOSTILE)


def test_without_pyarrow_it_is_said_how_to_get_it(
    weeks: Told, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = refused(weeks.archive.folder, out / "a.parquet", capsys, "parquet", "news")
    assert "pip install 'psgcrawl[parquet]'" in said


def test_revisions_take_no_single_snapshot(
    parquet: Any, weeks: Told, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", "parquet", "news", "latest", "--revisions", "-o", str(out / "a")]
    assert main(["--archive", str(weeks.archive.folder), *words]) == 2
    assert "none can be picked out" in capsys.readouterr().err
