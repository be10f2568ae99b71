"""What is held against an archive after a fault finds every harm, and counts nothing else as one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from tests.archive.verify.making import NAME, small
from tests.torture import __main__ as kinds
from tests.torture import children, driver, figures, rows, sound

SNAPSHOT = f"archive/news/{NAME}"


@pytest.fixture
def sandbox(tmp_path: Path) -> Path:
    (tmp_path / "sandbox").mkdir()
    small(tmp_path / "sandbox" / "archive")
    return tmp_path / "sandbox"


def spoil(path: str) -> Callable[[Path], object]:
    def do(sandbox: Path) -> None:
        data = (sandbox / path).read_bytes()
        (sandbox / path).write_bytes(data[:-2] + b"x" + data[-1:])

    return do


def gone(path: str) -> Callable[[Path], object]:
    return lambda sandbox: (sandbox / path).unlink()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (spoil(f"{SNAPSHOT}/entries.jsonl"), "entries.jsonl: it is not what it was"),
        (spoil(f"{SNAPSHOT}/datapackage.json"), "datapackage.json: it is not what it was"),
        (gone(f"{SNAPSHOT}/pages.jsonl"), "pages.jsonl: it is not what it was"),
        (gone("archive/news/.incomplete-20240101T000000Z/kept"), "kept: it is gone"),
        (lambda sandbox: (sandbox / "elsewhere").touch(), "written outside the archive: ['elsewhere']"),
        (lambda sandbox: (sandbox / "archive" / runlog.RUNS).write_bytes(b""), "lines that were there are not"),
        (lambda sandbox: (sandbox / "archive" / "news" / "20250101T000000Z").mkdir(), "20250101T000000Z"),
    ],
)
def test_every_harm_is_found(sandbox: Path, harm: Callable[[Path], object], said: str) -> None:
    kept = sandbox / "archive" / "news" / ".incomplete-20240101T000000Z"
    kept.mkdir()
    (kept / "kept").write_bytes(b"what a dead run left")
    before = sound.State.of(sandbox / "archive")
    assert list(before.problems()) == []
    harm(sandbox)
    assert any(said in problem for problem in before.problems())


def test_what_another_run_does_is_no_harm(sandbox: Path) -> None:
    archive = sandbox / "archive"
    before = sound.State.of(archive)
    assert driver.work(archive, 7) == 0
    assert list(before.problems()) == []
    assert list(sound.committed(archive, driver.captured(7))) == []
    assert list(sound.committed(archive, driver.captured(8))) != []


def test_what_a_dead_run_was_staging_may_get_another_name_and_may_not_go(sandbox: Path) -> None:
    staging = sandbox / "archive" / "news" / ".staging-20240101T000000Z"
    staging.mkdir()
    (staging / "entries.jsonl").write_bytes(b"half a lin")
    before = sound.State.of(sandbox / "archive")
    aside = staging.rename(staging.with_name(".incomplete-20240101T000000Z"))
    assert list(before.problems()) == []
    (aside / "entries.jsonl").unlink()
    assert [problem.rpartition(":")[2] for problem in before.problems()] == [" it is gone"]


def test_calls_are_counted_by_their_names_in_each_thread_as_strace_does() -> None:
    log = '7 openat(3, "a") = 4\n7 write(4, ""..., 5) = 5\n8 write(4, ""..., 5) = 5\n7 write(4, ""..., 5) = 5\n'
    log += "7 +++ exited with 0 +++\n"
    assert children.points(log, ["write"]) == [children.Point("write", 1), children.Point("write", 2)]


def test_a_violation_is_counted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures.Figures("faults", points=1)
    found.add("here", [])
    found.add("there", ["a is b"])
    assert str(found) == "faults: 1 points, 2 runs, 1 violations"
    assert capsys.readouterr().out == "    violated: faults: there: a is b\n"


def test_what_make_test_leaves_out_is_run_by_what_else_has_to_pass(project: Path) -> None:
    [expression] = re.findall(r"^LEFT_OUT := (.*)$", (project / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"not (\w+)", expression) == ["service", "thorough"]
    [steps] = re.findall(r"^for step in (.*); do$", (project / ".ci" / "run").read_text(), re.MULTILINE)
    assert {"test", "torture", "service"} <= set(steps.split())
    assert kinds.KINDS["rows"] == (rows.__name__, [], [])
    assert rows.LONG == "not service and thorough"
