import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.cli import main, printing
from psgcrawl.cli.snapshots import how_far, when
from psgcrawl.records import Captured, Coverage
from psgcrawl.visible import visible
from tests.fitting import fits

SAMPLES = Path(__file__).parents[2] / "psgcrawl" / "samples"


def _run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def test_every_collection_is_listed_with_its_snapshots(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--archive", archive, "snapshots") == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == [
        "articles",
        "example",
        "home",
        "news",
    ]
    row = next(line for line in out.splitlines() if "after-20170218T000000Z" in line)
    assert row.split()[1:9] == ["2017-02-18", "to", "2017-02-27", "file", "1", "8", "4", "4"]
    assert "complete" in out
    assert "part: position 700, to the end" in out


def test_only_the_command_that_is_called_gets_a_parser(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = argparse.ArgumentParser.__init__

    def counted(self: argparse.ArgumentParser, *given: Any, **more: Any) -> None:
        real(self, *given, **more)
        made.append(self.prog)

    monkeypatch.setattr(argparse.ArgumentParser, "__init__", counted)
    assert _run("--archive", archive, "snapshots") == 0
    assert made == ["psgcrawl", "psgcrawl snapshots"]


def test_the_document_for_programs_is_as_its_schema_says(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--archive", archive, "snapshots", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    fits(document, "snapshots")
    assert [collection["name"] for collection in document["collections"]] == ["articles", "example", "home", "news"]
    example = document["collections"][1]["snapshots"]
    assert [snapshot["name"] for snapshot in example] == ["20260301T060000Z", "20260308T060000Z"]
    assert example[1]["counts"] == {"pages": 3, "entries": {"entry": 24, "notice": 0, "boilerplate": 1}}
    folder = archive / "example" / "20260308T060000Z"
    assert example[1]["bytes"] == sum(path.stat().st_size for path in folder.iterdir())


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("latest", "20260308T060000Z"),
        ("latest~1", "20260301T060000Z"),
        ("20260301", "20260301T060000Z"),
        ("2026-03-08", "20260308T060000Z"),
    ],
)
def test_a_snapshot_is_named_by_its_time_or_its_place(
    archive: Path, capsys: pytest.CaptureFixture[str], reference: str, name: str
) -> None:
    assert _run("--archive", archive, "snapshots", "example", reference, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [snapshot["name"] for snapshot in document["collections"][0]["snapshots"]] == [name]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["example", "2026"], "'2026' fits several snapshots: 20260301T060000Z, 20260308T060000Z"),
        (["example", "2027"], "no snapshot '2027'"),
        (["example", "latest~2"], "no snapshot 'latest~2'"),
        (["nothing"], "no collection 'nothing'; there is articles, example, home, news"),
    ],
)
def test_a_name_that_cannot_be_meant_is_named_and_exits_2(
    archive: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert _run("--archive", archive, "snapshots", *arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.startswith("psgcrawl: ")
    assert captured.out == ""


def test_where_no_archive_is_the_command_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("--archive", tmp_path / "none", "snapshots") == 2
    assert "make crawl" in capsys.readouterr().err


def test_an_empty_archive_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--archive", tmp_path, "snapshots") == 0
    assert "no snapshots yet" in capsys.readouterr().out


def test_a_damaged_manifest_is_named(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = tmp_path / "news" / "20260301T060000Z"
    snapshot.mkdir(parents=True)
    (snapshot / "datapackage.json").write_text("{", encoding="ascii")
    assert _run("--archive", tmp_path, "snapshots") == 2
    assert "news/20260301T060000Z/datapackage.json" in capsys.readouterr().err


def test_what_is_sound_is_listed_beside_what_is_damaged(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(archive, tmp_path, dirs_exist_ok=True, symlinks=True)
    (tmp_path / "news" / "after-20171001T000000Z" / "datapackage.json").write_text("{", encoding="ascii")
    assert _run("--archive", tmp_path, "snapshots") == 2
    captured = capsys.readouterr()
    assert "after-20180929T000000Z" in captured.out
    assert "after-20170218T000000Z" in captured.out
    assert "after-20171001T000000Z" not in captured.out
    assert "news/after-20171001T000000Z/datapackage.json" in captured.err


def test_the_environment_names_the_archive(
    archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSGCRAWL_ARCHIVE", str(archive))
    assert _run("snapshots", "home") == 0
    assert "after-20170218T000000Z" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["snapshots", "--nonsense"]])
def test_wrong_usage_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: psgcrawl" in capsys.readouterr().err


def test_an_exception_that_nobody_expected_exits_2_and_says_so(
    archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of our own")

    monkeypatch.setattr("psgcrawl.cli.snapshots._text", broken)
    assert _run("--archive", archive, "snapshots") == 2
    assert "internal error, please report it: ZeroDivisionError: of our own" in capsys.readouterr().err


def test_a_reader_that_stops_reading_is_no_error(archive: Path) -> None:
    command = f'"{sys.executable}" -m psgcrawl --archive "{archive}" snapshots --json | head -c 1'
    ended = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True, cwd=SAMPLES.parents[1])
    assert ended.stdout == b"{"
    assert ended.stderr == b""


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2014-12-08T00:00:00Z", None, "not before 2014-12-08"),
        ("2014-12-08T06:00:00Z", None, "not before 2014-12-08 06:00"),
        ("2017-02-18T00:00:00Z", "2017-02-27T23:59:59Z", "2017-02-18 to 2017-02-27"),
        ("2017-02-18T00:00:00Z", "2017-02-18T00:00:00Z", "2017-02-18 00:00"),
        ("2017-02-18T06:00:01Z", "2017-02-18T06:00:59Z", "2017-02-18 06:00"),
        ("2017-02-18T06:00:01Z", "2017-02-18T07:00:59Z", "2017-02-18 06:00 to 2017-02-18 07:00"),
    ],
)
def test_a_time_is_shown_as_exactly_as_it_is_known(since: str, until: str | None, said: str) -> None:
    assert when(Captured(since=since, until=until)) == said


@pytest.mark.parametrize(
    ("coverage", "said"),
    [
        (Coverage(listing="news", complete=True, end="short-page", positions=[(0, 20)], gaps=[]), "complete"),
        (Coverage(listing="news", complete=False, end=None, positions=[(0, 20)], gaps=[]), "part: position 0-20"),
        (
            Coverage(listing="news", complete=False, end="short-page", positions=[(0, 0), (20, 30)], gaps=[(10, 10)]),
            "part: position 0, 20-30, to the end",
        ),
        (Coverage(listing="home", complete=False, end="single-page", positions=[], gaps=[]), "part, the only one"),
        (Coverage(listing="unknown", complete=False, end=None, positions=[], gaps=[]), "part"),
    ],
)
def test_coverage_is_shown_in_words(coverage: Coverage, said: str) -> None:
    assert how_far(coverage) == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb", "a\\nb"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\ud800b", "a\\ud800b"),
        ("a\u2028b", "a\\u2028b"),
        ("a\x9bb", "a\\x9bb"),
        ("Cooperación – “PPK”", "Cooperación – “PPK”"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 KB"), (31_400, "31 KB"), (2_000_000_000, "2 GB"), (10**16, "10000 TB")],
)
def test_a_size_is_shown_in_decimal_units(number: int, shown: str) -> None:
    assert printing.size(number) == shown
