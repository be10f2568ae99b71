import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.write import write_snapshot
from psgcrawl.cli import main
from psgcrawl.cli.export import FORMATS
from psgcrawl.records import DERIVATION
from tests.archive.making import RUN, full_page
from tests.crawls import help_of
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


def export(archive: Path, *words: str, form: str = "wacz") -> int:
    return main(["--archive", str(archive), "export", form, *words])


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
        shown = help_of("export", name)
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
    said = capsys.readouterr().err
    for name in FORMATS:
        assert f"'{name}'" in said


@pytest.mark.parametrize("form", [name for name in FORMATS if name not in {"sqlite", "wacz"}])
def test_every_format_is_named_after_its_collection_and_stays_unless_forced(
    archive: Path, here: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed: psgcrawl[parquet] brings it")
    assert export(archive, "example", form=form) == 0
    [path] = here.iterdir()
    assert path.name in {f"example.{form}", "example.feed.json"}
    data = path.read_bytes()
    assert export(archive, "example", form=form) == 2
    assert f"{path.name}: exists already; --force replaces it" in capsys.readouterr().err
    path.write_bytes(b"mine")
    assert export(archive, "example", "--force", form=form) == 0
    assert path.read_bytes() == data
    assert [one.name for one in here.iterdir()] == [path.name]


@pytest.mark.parametrize("form", [name for name in FORMATS if name not in {"parquet", "wacz"}])
def test_every_format_goes_to_standard_output_as_it_goes_into_a_file(
    archive: Path, here: Path, capfdbinary: pytest.CaptureFixture[bytes], form: str
) -> None:
    assert export(archive, "example", "articles", "-o", "a", form=form) == 0
    capfdbinary.readouterr()
    assert export(archive, "example", "articles", "-o", "-", form=form) == 0
    sys.stdout.flush()
    said = capfdbinary.readouterr()
    assert said.out == Path("a").read_bytes()
    assert said.err.startswith(b"psgcrawl: ")


def test_snapshots_of_unequal_rules_are_derived_again_for_what_is_told_of_all(
    archive: Path, here: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(archive, "example", "--revisions", "-o", "a", form="jsonl") == 0
    other = shutil.copytree(archive, tmp_path_factory.mktemp("older") / "archive", symlinks=True)
    [first, _] = sorted(path for path in (other / "example").iterdir() if path.name.startswith("2026"))
    manifest = first / "datapackage.json"
    data = manifest.read_bytes()
    manifest.chmod(0o644)
    manifest.write_bytes(data.replace(b'"derivation": %d' % DERIVATION, b'"derivation": 0'))
    assert manifest.read_bytes() != data
    capsys.readouterr()
    assert export(other, "example", "--revisions", "-o", "b", form="jsonl") == 0
    assert "derived again from its raw pages" in capsys.readouterr().err
    assert Path("b").read_bytes() == Path("a").read_bytes()


def test_on_a_terminal_notes_do_not_stand_behind_the_line_that_shows_how_far_it_is(
    archive: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared: list[str] = []

    @contextmanager
    def ticking(text: Callable[[float], str]) -> Iterator[Callable[[], None]]:
        yield lambda: cleared.append(text(3.0))

    monkeypatch.setattr("psgcrawl.cli.export.ticking", ticking)
    runs = archive / "runs.jsonl"
    before = runs.read_bytes()
    strange = before.splitlines(keepends=True)[0].replace(b'"outcome":"committed"', b'"outcome":"unchanged"')
    strange = re.sub(rb'"collection":"[a-z]+"', b'"collection":"example"', strange)
    strange = re.sub(rb'"snapshot":"[^"]+"', b'"snapshot":"20990101T000000Z"', strange)
    try:
        runs.write_bytes(before + strange)
        assert export(archive, "example", "-o", "a", form="atom") == 0
    finally:
        runs.write_bytes(before)
    assert cleared == ["psgcrawl: a: 3 s, 0 B"]


# --- a file for each collection ---------------------------------------------------------


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with two collections."""
    folder = tmp_path_factory.mktemp("two")
    for collection in ("articles", "news"):
        with CollectionLock(folder, collection) as lock:
            write_snapshot(lock, [full_page(0, collection=collection, lists=[collection] * 10)], RUN)
    return folder


@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")], ids=["here", "two-processes"])
def test_each_collection_gets_the_file_that_it_would_have_had_alone(
    two: Path, here: Path, capsys: pytest.CaptureFixture[str], jobs: tuple[str, ...]
) -> None:
    for name in ("articles", "news"):
        assert export(two, name, "-o", f"{name}.alone", form="jsonl") == 0
    capsys.readouterr()
    assert export(two, "news", "articles", "--each", "-o", "files", *jobs, form="jsonl") == 0
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in told] == [f"{here}/files/{name}.jsonl" for name in ("articles", "news")]
    for name in ("articles", "news"):
        assert Path("files", f"{name}.jsonl").read_bytes() == Path(f"{name}.alone").read_bytes()


def test_a_file_that_cannot_be_written_keeps_no_other_from_being_written(
    two: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("articles.csv").write_bytes(b"mine")
    assert export(two, "news", "articles", "--each", form="csv") == 2
    assert "articles.csv: exists already; --force replaces it" in capsys.readouterr().err
    assert Path("articles.csv").read_bytes() == b"mine"
    assert sorted(path.name for path in here.iterdir()) == ["articles.csv", "news.csv"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["news", "--jobs", "2"], "with --each there are several"),
        (["news", "--scheduler", "tcp://127.0.0.1:1"], "with --each there are several"),
        (["news", "--each", "-o", "-"], "-o names a folder"),
        (["news", "--each", "--snapshot", "latest"], "no snapshots can be picked"),
        (["news", "latest", "--each"], "no snapshots can be picked"),
        (["news", "--each", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"], "not both"),
    ],
)
def test_what_cannot_be_spread_is_said(
    two: Path, here: Path, capsys: pytest.CaptureFixture[str], words: list[str], problem: str
) -> None:
    assert export(two, *words, form="jsonl") == 2
    assert problem in capsys.readouterr().err
    assert not [path for path in here.rglob("*") if path.is_file()]
