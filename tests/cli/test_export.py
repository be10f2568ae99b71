import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.write import write_snapshot
from psgcrawl.cli import main
from psgcrawl.cli.export import FORMATS
from tests.archive.making import RUN, full_page
from tests.exports.making import live_archive

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three live crawls."""
    folder = tmp_path_factory.mktemp("live")
    live_archive(folder)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the command is started."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def export(archive: Path, *words: str) -> int:
    return main(["--archive", str(archive), "export", "wacz", *words])


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["news"], "news.wacz"),
        (["news", "latest"], "news-20170304T060000Z.wacz"),
        (["news", "--snapshot", "2017-02-18"], "news-20170218T060000Z.wacz"),
        (["news", "latest", "latest~1"], "news.wacz"),
        (["news", "-o", "other.zip"], "other.zip"),
        (["news", "--output", "other.wacz"], "other.wacz"),
    ],
)
def test_the_file_is_named_after_what_is_in_it_unless_it_is_named(
    live: Path, here: Path, capsys: pytest.CaptureFixture[str], words: list[str], name: str
) -> None:
    assert export(live, *words) == 0
    assert [path.name for path in here.iterdir()] == [name]
    assert zipfile.is_zipfile(name)
    captured = capsys.readouterr()
    assert re.match(rf"psgcrawl: {name}: \d WARC files \(\d+ bytes\), \d pages\n", captured.err)
    assert captured.out == ""


def test_a_file_that_exists_is_only_replaced_where_that_is_asked_for(
    live: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("news.wacz").write_bytes(b"mine")
    assert export(live, "news") == 2
    assert "news.wacz: exists already; --force replaces it" in capsys.readouterr().err
    assert Path("news.wacz").read_bytes() == b"mine"
    assert export(live, "news", "--force") == 0
    assert zipfile.is_zipfile("news.wacz")
    assert os.listdir(here) == ["news.wacz"]  # noqa: PTH208 - names, hidden ones too


def test_standard_output_gets_the_same_bytes_and_nothing_else(live: Path, here: Path) -> None:
    assert export(live, "news") == 0
    command = [sys.executable, "-m", "psgcrawl", "--archive", str(live), "export", "wacz", "news", "-o", "-"]
    ran = subprocess.run(command, capture_output=True, check=True, cwd=PROJECT)
    assert ran.stdout == Path("news.wacz").read_bytes()
    assert ran.stderr.startswith(b"psgcrawl: 3 WARC files")


def test_a_terminal_is_not_written_to(
    live: Path, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdout", terminal)
    assert export(live, "news", "-o", "-") == 2
    assert terminal.getvalue() == ""
    assert "standard output is a terminal" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "no collection 'nothing'; there is news"),
        (["news", "2016"], "news: no snapshot '2016'"),
        (["news", "2017"], "'2017' fits several snapshots"),
        (["news", "-o", "no/such/folder.wacz"], "No such file or directory"),
    ],
)
def test_what_cannot_be_meant_exits_2_and_leaves_nothing(
    live: Path, here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert export(live, *words) == 2
    assert said in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_damage_exits_2_and_leaves_nothing(
    live: Path, here: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = shutil.copytree(live, tmp_path_factory.mktemp("damaged") / "archive", symlinks=True)
    path = archive / "news" / "20170225T060000Z" / "pages.warc.gz"
    path.write_bytes(path.read_bytes()[:-9])
    for output in ("news.wacz", "-"):
        assert export(archive, "news", "-o", output) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert re.search(r"20170225T060000Z/pages\.warc\.gz: byte \d+: ", captured.err)
    assert list(here.iterdir()) == []


def test_an_archive_without_evidence_cannot_be_replayed(
    here: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path_factory.mktemp("old")
    with CollectionLock(archive, "news") as lock:
        write_snapshot(lock, [full_page(0)], RUN)
    assert export(archive, "news") == 2
    assert "news/20170218T120000Z: no raw pages were kept, so there is nothing to replay" in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_every_format_and_its_options_are_described() -> None:
    commands, guide = (
        (PROJECT / "docs" / name).read_text(encoding="utf-8") for name in ("commands.md", "exporting.md")
    )
    for name in FORMATS:
        command = [sys.executable, "-m", "psgcrawl", "export", name, "--help"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT).stdout
        options = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", shown)) - {"--help", "-h"}
        assert {"-o", "--output", "--force", "--snapshot"} <= options
        for option in options:
            assert option in guide, option
        assert f"`psgcrawl export {name}" in commands
        assert f"psgcrawl export {name} " in guide


def test_without_a_format_the_command_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", "nonsense", "news"])
    assert ended.value.code == 2
    assert "'wacz'" in capsys.readouterr().err
