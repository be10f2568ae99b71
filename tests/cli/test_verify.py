import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from psgcrawl.cli import main
from psgcrawl.jobs import Lost
from psgcrawl.jobs.here import Here
from tests.fitting import fits


@pytest.fixture
def damaged(archive: Path, tmp_path: Path) -> Path:
    """The archive with one byte changed, and a file of a hostile name."""
    folder = Path(shutil.copytree(archive, tmp_path / "archive", symlinks=True))
    path = folder / "example" / "20260301T060000Z" / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"quarry", b"quarrx", 1).replace(b"mine", b"mime", 1))
    (folder / "example" / "20260308T060000Z" / "a\x1b[31mb\nc").write_bytes(b"")
    return folder


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


@pytest.mark.parametrize("option", [[], ["--deep"]])
def test_a_sound_archive_is_one_line_and_code_0(
    archive: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--archive", archive, "verify", *option) == 0
    out, err = capsys.readouterr()
    [summary] = out.splitlines()
    assert summary.startswith("4 collections, 7 snapshots, 21 files (")
    assert summary.endswith(": sound")
    assert ("7 derived again" in summary) is bool(option)
    assert err == ""


def test_each_problem_is_a_line_with_its_place_and_the_code_is_1(
    damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--archive", damaged, "verify") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("example/20260301T060000Z/entries.jsonl: SHA-256 is ")
    assert lines[1] == r"example/20260308T060000Z/a\x1b[31mb\nc: not in the manifest"
    assert lines[2].endswith(": damaged: 2 problems")
    assert len(lines) == 3


@pytest.mark.parametrize("option", [pytest.param([], marks=pytest.mark.thorough), ["--deep"]])
def test_several_processes_say_the_same_in_the_same_order(
    damaged: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for jobs in ("1", "2"):
        assert run("--archive", damaged, "verify", *option, "--jobs", jobs) == 1
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_a_snapshot_that_no_process_survives_is_no_sound_one(
    archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> Iterator[tuple[int, Lost]]:
        yield 0, Lost("its process was killed")

    monkeypatch.setattr(Here, "results", lost)
    assert run("--archive", archive, "verify") == 2
    assert "articles/after-20040430T000000Z: not checked: its process was killed" in capsys.readouterr().err


def test_only_the_collections_that_are_named_are_looked_at(damaged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--archive", damaged, "verify", "articles", "home", "home") == 0
    assert capsys.readouterr().out.startswith("2 collections, ")


@pytest.mark.parametrize("option", [[], ["--deep"]])
def test_the_document_for_programs_is_as_its_schema_says(
    damaged: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (damaged / ".runs.head").unlink()
    assert run("--archive", damaged, "verify", "--json", *option) == 1
    document = json.loads(capsys.readouterr().out)
    fits(document, "verify")
    assert (document["archive"], document["deep"], document["sound"]) == (str(damaged), bool(option), False)
    assert document["looked"]["snapshots"] == 7
    assert [problem["place"] for problem in document["problems"]][:1] == ["example/20260301T060000Z/entries.jsonl"]
    assert [remark["place"] for remark in document["remarks"]] == ["runs.jsonl"]


@pytest.mark.parametrize("arguments", [["verify"], ["verify", "--json"]])
def test_no_archive_is_trouble(tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--archive", tmp_path / "none", *arguments) == 2
    assert "no archive is here" in capsys.readouterr().err


def test_no_such_collection_is_trouble(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--archive", archive, "verify", "posts") == 2
    assert "no collection 'posts'" in capsys.readouterr().err


def test_an_archive_in_which_nothing_may_be_written_is_checked(archive: Path, tmp_path: Path, project: Path) -> None:
    folder = Path(shutil.copytree(archive, tmp_path / "archive", symlinks=True))
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)
    command = [sys.executable, "-m", "psgcrawl", "--archive", str(folder), "verify", "--deep"]
    # Who may do everything is not told by modes: as nobody, if that can be.
    user = 65534 if os.geteuid() == 0 and _may_read(folder) else None
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, user=user)
    assert (done.returncode, done.stderr) == (0, "")
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def _may_read(folder: Path) -> bool:
    """Tell whether others may reach the folder and the interpreter."""
    paths = [*folder.parents, *Path(sys.executable).resolve().parents, *Path(__file__).parents]
    return all(path.stat().st_mode & 0o005 == 0o005 for path in paths)
