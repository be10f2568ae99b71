import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.verify import apart as keeping
from psgcrawl.archive.verify import whole
from psgcrawl.archive.verify.folders import check_folder
from psgcrawl.archive.verify.log import Logged, read_log
from psgcrawl.errors import NotFound
from tests.archive.making import contents, line
from tests.archive.verify.making import NAME, check, html, log_lines, small, write_log

BROKEN = Path("/proc/self/mem")
"""A file that can be opened and not read."""


def test_a_sound_archive_has_no_problems_and_is_not_touched(archive: Path) -> None:
    before = contents(archive), {path: path.lstat().st_mtime_ns for path in archive.rglob("*")}
    said = check(archive, deep=True)
    assert (said.problems, said.remarks) == ([], [])
    assert said.findings
    tally = said.findings.tally
    assert (tally.collections, tally.snapshots, tally.files, tally.lines, tally.compared) == (1, 1, 3, 2, 1)
    assert tally.records == 7
    assert (
        tally.bytes
        == sum(path.stat().st_size for path in (archive / "news" / NAME).iterdir())
        - (archive / "news" / NAME / "datapackage.json").stat().st_size
    )
    assert before == (contents(archive), {path: path.lstat().st_mtime_ns for path in archive.rglob("*")})


def test_nothing_is_opened_for_writing(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    real = os.open

    def watched(path: Any, flags: int, *more: Any, **named: Any) -> int:
        opened.append(flags)
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", watched)
    assert check(archive).problems == []
    assert opened
    assert not [flags for flags in opened if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)]


def test_an_archive_that_is_not_there_or_a_collection_that_never_was_is_the_callers_mistake(archive: Path) -> None:
    with pytest.raises(NotFound, match="no archive is here"):
        check(archive / "elsewhere")
    (archive / "foreign").mkdir()
    for name in ("foreign", "articles", "../archive", "NEWS"):
        with pytest.raises(NotFound, match="no collection"):
            check(archive, name)


def test_only_the_named_collections_are_checked(archive: Path) -> None:
    shutil.copytree(archive / "news", archive / "articles", symlinks=True)
    assert check(archive, "news").problems == []
    [problem] = check(archive, "articles").problems
    assert problem.startswith(f"articles/{NAME}: no line in the run log: a run died before it wrote one")


# --- files ------------------------------------------------------------------------------


def test_a_file_that_no_manifest_names_or_that_is_gone_is_told(archive: Path) -> None:
    folder = archive / "news" / NAME
    (folder / "pages.jsonl").unlink()
    (folder / "a: b.txt").write_bytes(b"")
    assert check(archive, deep=True).problems == [
        f"news/{NAME}/a: b.txt: not in the manifest",
        f"news/{NAME}/pages.jsonl: the file is missing",
    ]


@pytest.mark.parametrize("name", ["datapackage.json", "entries.jsonl", "pages.jsonl", "pages.warc.gz"])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("put", ["folder", "pipe", "unreadable", "loop"])
def test_what_cannot_be_read_is_damaged(archive: Path, name: str, put: str, deep: bool) -> None:
    path = archive / "news" / NAME / name
    path.unlink()
    match put:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "unreadable":
            if not BROKEN.exists():
                pytest.skip("this system has no such file")
            path.symlink_to(BROKEN)
        case "loop":
            path.symlink_to(name)
    problems = check(archive, deep=deep).problems
    assert any(problem.startswith((f"news/{NAME}/{name}: ", f"news/{NAME}: ")) for problem in problems)


@pytest.mark.parametrize("place", ["news", f"news/{NAME}"])
def test_a_folder_that_cannot_be_listed_is_damaged(archive: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(real: Any) -> Any:
        def call(path: Any) -> Any:
            if Path(path) == archive / place:
                raise PermissionError(13, "Permission denied")
            return real(path)

        return call

    monkeypatch.setattr(os, "scandir", refusing(os.scandir))
    monkeypatch.setattr(os, "listdir", refusing(os.listdir))
    assert f"{place}: cannot be read: Permission denied" in check(archive).problems


def test_a_file_in_place_of_a_snapshot_is_damage(archive: Path) -> None:
    shutil.rmtree(archive / "news" / NAME)
    (archive / "news" / NAME).write_bytes(b"")
    assert check(archive).problems == [f"news/{NAME}: no folder"]


# --- against the log ---------------------------------------------------------------------


def test_a_snapshot_that_is_logged_and_gone_is_told_by_every_line_that_needs_it(archive: Path) -> None:
    shutil.rmtree(archive / "news" / NAME)
    committed, confirmed = check(archive).problems
    assert committed == f"news/{NAME}: missing: runs.jsonl:1 says that it was committed"
    assert confirmed == f"news/{NAME}: missing: runs.jsonl:2 says that it was confirmed"


def test_a_collection_that_is_gone_is_damage_not_a_mistake(archive: Path) -> None:
    shutil.rmtree(archive / "news")
    for wanted in ([], ["news"]):
        assert check(archive, *wanted).problems[0].startswith(f"news/{NAME}: missing: runs.jsonl:1")


def test_a_snapshot_that_is_not_the_one_that_was_logged_is_told(archive: Path, tmp_path: Path) -> None:
    other = small(tmp_path / "other", 1, {0: html(5)})
    shutil.rmtree(archive / "news" / NAME)
    shutil.copytree(other / "news" / NAME, archive / "news" / NAME)
    problems = check(archive).problems
    assert [problem.partition(": ")[0] for problem in problems] == [f"news/{NAME}/datapackage.json"] * 2
    assert "runs.jsonl:1, by which it was committed, has" in problems[0]
    assert "runs.jsonl:2, by which it was confirmed, has" in problems[1]


def test_a_log_that_is_gone_with_its_head_shows_in_the_snapshots(archive: Path) -> None:
    (archive / "runs.jsonl").unlink()
    (archive / ".runs.head").unlink()
    [problem] = check(archive).problems
    assert "no line in the run log" in problem


def test_a_log_without_head_is_sound_and_told(archive: Path) -> None:
    (archive / ".runs.head").unlink()
    said = check(archive)
    assert said.problems == []
    assert said.remarks == [
        "runs.jsonl: no .runs.head beside it: lines cut off from the end would not show; the next run writes it"
    ]


def test_pages_that_a_run_confirms_and_the_snapshot_does_not_hold_are_told_by_a_deep_check(archive: Path) -> None:
    lines = log_lines(archive)
    lines[1]["pages"][0]["url"] = "http://perusupportgroup.org.uk/other.php"
    write_log(archive, lines)
    assert check(archive).problems == []
    assert check(archive, deep=True).problems == [
        f"runs.jsonl:2: confirms http://perusupportgroup.org.uk/other.php of {NAME}, which does not hold it"
    ]


# --- kept apart ---------------------------------------------------------------------------


def apart(archive: Path, name: str) -> Path:
    folder = archive / "news" / name
    shutil.copytree(archive / "news" / NAME, folder)
    return folder


def test_folders_kept_apart_are_checked_as_far_as_they_have_a_manifest(archive: Path) -> None:
    apart(archive, f".incomplete-{NAME}")
    (apart(archive, f".refused-{NAME}") / "pages.jsonl").unlink()
    (apart(archive, f".staging-{NAME}") / "pages.jsonl").write_bytes(b"")
    (apart(archive, f".incomplete-{NAME}-2") / "datapackage.json").unlink()
    (archive / ".incomplete-2024-03-01T06:00:00Z").mkdir()
    said = check(archive)
    assert said.problems == [f"news/.refused-{NAME}/pages.jsonl: the file is missing"]
    assert said.findings
    assert (said.findings.tally.kept_apart, said.findings.tally.passed_over) == (2, 3)


def test_a_folder_kept_apart_is_held_against_its_line_in_the_log(archive: Path) -> None:
    name = f".incomplete-{NAME}"
    folder = apart(archive, name)
    runlog.append(archive, line(outcome="incomplete", snapshot=name, manifest_sha256="a" * 64))
    assert [problem.partition(": ")[0] for problem in check(archive).problems] == [f"news/{name}/datapackage.json"]
    (folder / "datapackage.json").write_bytes(b"{")
    assert check(archive).problems[0].startswith(f"news/{name}/datapackage.json: ")
    shutil.rmtree(folder)
    assert check(archive).problems == [], "people may take it away"


def test_a_folder_kept_apart_that_is_renamed_while_it_is_read_is_no_damage(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = apart(archive, f".incomplete-{NAME}")

    def renamed(checked: Path, findings: Any) -> Any:
        (folder / "entries.jsonl").unlink()
        found = check_folder(checked, findings)
        shutil.rmtree(folder)
        return found

    monkeypatch.setattr(keeping, "check_folder", renamed)
    assert check(archive).problems == []


# --- while a run is at work ------------------------------------------------------------------


@contextmanager
def held(collection: Path) -> Iterator[int]:
    descriptor = os.open(collection / ".lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def test_a_snapshot_whose_run_is_about_to_log_it_is_waited_for(archive: Path) -> None:
    logged = (archive / "runs.jsonl").read_bytes(), (archive / ".runs.head").read_bytes()
    (archive / "runs.jsonl").unlink()
    (archive / ".runs.head").unlink()

    def finish(descriptor: int) -> None:
        (archive / "runs.jsonl").write_bytes(logged[0])
        (archive / ".runs.head").write_bytes(logged[1])
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    with held(archive / "news") as descriptor:
        timer = threading.Timer(0.3, finish, [descriptor])
        timer.start()
        said = check(archive, patience=30)
        timer.join()
    assert (said.problems, said.remarks) == ([], [])


def test_a_run_that_takes_too_long_to_log_a_snapshot_is_told_and_no_damage(archive: Path) -> None:
    (archive / "runs.jsonl").unlink()
    (archive / ".runs.head").unlink()
    with held(archive / "news"):
        said = check(archive, patience=0.2)
    assert said.problems == []
    assert said.remarks == [f"news/{NAME}: no line in the run log yet: a run holds the collection; look again later"]


def test_a_snapshot_that_comes_while_others_are_read_is_checked_too(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = {10: html(6)}

    def meanwhile(folder: Path, *, pages: bool = False) -> Logged:
        if not (archive / "news" / "20240302T060000Z").exists():
            small(archive, 1, later, "2024-03-02T06:00:00Z")
        return read_log(folder, pages=pages)

    monkeypatch.setattr(whole, "read_log", meanwhile)
    said = check(archive)
    assert said.problems == []
    assert said.findings
    assert said.findings.tally.snapshots == 2


@pytest.mark.thorough
def test_runs_at_work_all_the_time_never_look_like_damage(tmp_path: Path) -> None:
    archive = small(tmp_path / "archive", 1)
    days = iter(range(2, 29))
    stop = threading.Event()

    def crawl() -> None:
        for day in days:
            small(archive, 1, {0: html(day)}, f"2024-03-{day:02d}T06:00:00Z")
        stop.set()

    thread = threading.Thread(target=crawl)
    thread.start()
    checks = 0
    while not stop.is_set():
        assert check(archive, patience=30).problems == []
        checks += 1
    thread.join()
    assert checks
    assert check(archive, deep=True).problems == []
