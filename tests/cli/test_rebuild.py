import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import WARC, verify_files
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.cli import main
from psgcrawl.records import DERIVATION, Entry, PageRow, replace
from tests.crawls import PATIENCE, PROJECT
from tests.fitting import fits
from tests.rebuild.making import editions, files, html, one, retitled, rewritten, several

NAME = "20180929T060000Z"


def _run(archive: Path, *arguments: str | Path) -> int:
    return main(["--archive", str(archive), "rebuild", "news", *map(str, arguments)])


def _died(archive: Path) -> None:
    """As if the run that committed the newest snapshot had died before it logged it."""
    *lines, _ = (archive / "runs.jsonl").read_bytes().splitlines(keepends=True)
    (archive / "runs.jsonl").write_bytes(b"".join(lines))
    (archive / ".runs.head").unlink(missing_ok=True)


def _document(archive: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = _run(archive, *arguments, "--json")
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    fits(document, "rebuild")
    return code, document


def _otherwise(entries: list[Entry]) -> list[Entry]:
    """As a parser that misses an entry, takes something else for one, and reads a title and an address otherwise."""
    first, second, third, *rest = entries
    first = replace(first, title="Synthetic headline 20", flags=["mojibake"])
    second = replace(second, id="x-0123456789abcdef", url=None)
    return [first, second, replace(third, id="x-fedcba9876543210", title="Menu", date_edtf=None, url=None), *rest]


SAID = f"""\
{NAME}: the parser changed, not the site: 2 entries differ, 1 entry derived only now, 1 entry derived no longer, \
1 row of pages.jsonl
  ~ 21 September 2018 | Synthetic title 20 [news-article-20]
      title: Synthetic [-headline-] {{+title+}} 20
      flags: [-["mojibake"]-] {{+[]+}}
  ~ 20 September 2018 | Synthetic title 19 [news-article-19]
      matched by the same date and nearly the same title
      id: [-x-0123456789abcdef-] {{+news-article-19+}}
      url: {{+http://perusupportgroup.org.uk/news-article-19.html+}}
  + derived only now: 19 September 2018 | Synthetic title 18 [news-article-18]
  - derived no longer: 19 September 2018 | Menu [x-fedcba9876543210]
  ~ pages.jsonl:1 http://perusupportgroup.org.uk/news.php?position=0
      problems: [-["unread block"]-] {{+[]+}}
"""


def _unread(rows: list[PageRow]) -> list[PageRow]:
    return [replace(row, problems=["unread block"]) for row in rows]


def test_a_check_says_field_by_field_what_would_differ_and_exits_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewritten(one(tmp_path), entries=_otherwise, rows=_unread)
    stored = files(tmp_path)
    assert _run(tmp_path, "--check") == 1
    assert capsys.readouterr().out == SAID
    assert files(tmp_path) == stored


def test_a_check_of_what_is_derived_the_same_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    several(tmp_path, 2)
    assert _run(tmp_path, "--check", "--jobs", "1") == 0
    assert capsys.readouterr().out == "20180901T060000Z: nothing differs\n20180903T060000Z: nothing differs\n"


def test_the_document_is_as_its_schema_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewritten(one(tmp_path), entries=_otherwise, rows=_unread)
    code, found = _document(tmp_path, capsys, "--check")
    assert code == 1
    assert list(found) == ["collection", "check", "derivation", "site", "snapshots", "failures"]
    assert (found["collection"], found["check"], found["derivation"]) == ("news", True, DERIVATION)
    [snapshot] = found["snapshots"]
    assert (snapshot["snapshot"], snapshot["evidence"], snapshot["edition"]) == (NAME, NAME, None)
    assert snapshot["files"] == ["entries.jsonl", "pages.jsonl"]
    assert [(change["id"], change["matched_by"], change["fields"]) for change in snapshot["entries"]] == [
        ("news-article-20", "identity", ["title", "flags"]),
        ("news-article-19", "title", ["id", "url"]),
        ("news-article-18", None, []),
        ("x-fedcba9876543210", None, []),
    ]
    assert [(row["page"], row["fields"]) for row in snapshot["pages"]] == [(1, ["problems"])]


def test_a_rebuild_commits_an_edition_and_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = several(tmp_path, 2)
    rewritten(second, entries=retitled)
    assert _run(tmp_path) == 0
    assert capsys.readouterr().out == (
        f"{first.name}: nothing differs\n"
        f"{second.name}: the parser changed, not the site: 10 entries differ; committed as {second.name}.e2\n"
    )
    assert editions(tmp_path) == [first.name, second.name, f"{second.name}.e2"]


def test_where_nothing_differs_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one(tmp_path)
    stored = files(tmp_path)
    assert _run(tmp_path) == 0
    assert files(tmp_path) == stored


def test_older_rules_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewritten(one(tmp_path), derivation=DERIVATION - 1)
    rules = f"{NAME}: derivation {DERIVATION - 1} is now {DERIVATION}; nothing differs"
    assert _run(tmp_path, "--check") == 0
    assert capsys.readouterr().out == f"{rules}; a rebuild would commit an edition that says so\n"
    assert _run(tmp_path) == 0
    assert capsys.readouterr().out == f"{rules}; committed as {NAME}.e2\n"


def test_only_the_snapshots_that_are_named_are_derived_again(tmp_path: Path) -> None:
    first, second = (rewritten(snapshot, entries=retitled) for snapshot in several(tmp_path, 2))
    assert _run(tmp_path, "2018-09-03", "latest") == 0
    assert editions(tmp_path) == [first.name, second.name, f"{second.name}.e2"]


def test_the_two_editions_can_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewritten(one(tmp_path), entries=retitled, derivation=DERIVATION - 1)
    assert _run(tmp_path) == 0
    capsys.readouterr()
    assert main(["--archive", str(tmp_path), "diff", "news", f"{NAME}.e1", f"{NAME}.e2"]) == 1
    captured = capsys.readouterr()
    assert f"{NAME} and {NAME}.e2 are editions of one snapshot: what differs is how it was derived" in captured.err
    assert f"news: {NAME} -> {NAME}.e2\n10 edited\n" in captured.out
    assert "[-SYNTHETIC TITLE-] {+Synthetic title+} 20" in captured.out


def test_without_evidence_a_snapshot_is_named_and_the_others_are_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (rewritten(snapshot, entries=retitled) for snapshot in several(tmp_path, 2))
    (first.folder / WARC).unlink()
    assert _run(tmp_path) == 2
    captured = capsys.readouterr()
    assert f"{first.folder}: no raw pages were kept, so entries cannot be derived again" in captured.err
    assert captured.out.startswith(f"{second.name}: the parser changed")
    code, found = _document(tmp_path, capsys, "--check")
    assert (code, [failure["snapshot"] for failure in found["failures"]]) == (2, [first.name])


def test_a_snapshot_by_its_path_is_derived_again_only_in_its_collection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, elsewhere = one(tmp_path / "a"), one(tmp_path / "b", html(40))
    assert _run(tmp_path / "a", elsewhere.folder, "--check") == 0
    assert _run(tmp_path / "a", here.folder) == 0
    assert _run(tmp_path / "a", elsewhere.folder) == 2
    assert "not in the collection 'news'" in capsys.readouterr().err


def test_an_older_edition_can_be_checked_but_not_derived_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewritten(one(tmp_path), entries=retitled)
    assert _run(tmp_path) == 0
    assert _run(tmp_path, f"{NAME}.e1", "--check") == 1
    assert _run(tmp_path, f"{NAME}.e1") == 2
    assert "there is a later edition" in capsys.readouterr().err
    assert _run(tmp_path, "--check") == 0
    assert editions(tmp_path) == [NAME, f"{NAME}.e2"]


def test_a_second_rebuild_at_the_same_time_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewritten(one(tmp_path), entries=retitled)
    with CollectionLock(tmp_path, "news"):
        assert _run(tmp_path) == 2
        assert capsys.readouterr().err == "psgcrawl: news: another run holds this collection\n"
        assert _run(tmp_path, "--check") == 1
    assert editions(tmp_path) == [NAME]


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_processes_is_a_number(tmp_path: Path, jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        _run(tmp_path, f"--jobs={jobs}")
    assert left.value.code == 2
    assert "is no number of processes" in capsys.readouterr().err


def test_no_such_collection_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one(tmp_path)
    assert main(["--archive", str(tmp_path), "rebuild", "articles"]) == 2
    assert "no collection 'articles'; there is news" in capsys.readouterr().err


def test_a_collection_without_snapshots_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with CollectionLock(tmp_path, "news"):
        pass
    assert _run(tmp_path) == 0
    assert capsys.readouterr().out == "news: no snapshots\n"


def test_nothing_from_a_page_reaches_the_terminal_unescaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b]0;evil\x07\u202e"
    rewritten(
        one(tmp_path),
        entries=lambda entries: [replace(entry, title=evil, caption=evil, id=entry.id + evil) for entry in entries],
        rows=lambda rows: [replace(row, problems=[evil]) for row in rows],
    )
    assert _run(tmp_path, "--check") == 1
    out = capsys.readouterr().out
    assert "evil" in out
    assert not any(char in out for char in evil if not char.isprintable())


# --- interrupted ------------------------------------------------------------------------


HOLDING = """
import signal, sys, time

# Whoever runs the tests may have it ignored (a background job), and a child inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)

def held(event, given):
    if event == "os.rename" and str(given[1]).endswith({held!r}):
        time.sleep({patience})

sys.addaudithook(held)
"""
"""Lets each process, also those that it starts, wait in the moment in which it would commit a certain edition."""


def _many(archive: Path) -> list[Snapshot]:
    return [rewritten(snapshot, entries=retitled) for snapshot in several(archive, 4)]


def _begun(archive: Path, jobs: int, folder: Path) -> "subprocess.Popen[str]":
    """Start a rebuild in a group of its own that comes to no end; return once it has committed an edition."""
    names = [one.name for one in Archive(archive).collection("news").snapshots()]
    (folder / "sitecustomize.py").write_text(HOLDING.format(held=f"{names[2]}.e2", patience=PATIENCE))
    process = subprocess.Popen(
        [sys.executable, "-m", "psgcrawl", "--archive", archive, "rebuild", "news", "--jobs", str(jobs)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{PROJECT}"},
    )
    deadline = time.monotonic() + PATIENCE
    while not list((archive / "news").glob("*.e2")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


def _assert_each_once(archive: Path, snapshots: list[Snapshot]) -> None:
    assert _run(archive, "--jobs", "1") == 0
    assert editions(archive) == [name for one in snapshots for name in (one.name, f"{one.name}.e2")]
    logged = [line.snapshot for line in runlog.read(archive) if line.snapshot and line.snapshot.endswith(".e2")]
    assert sorted(logged) == [f"{one.name}.e2" for one in snapshots]
    assert runlog.check(archive) == []
    for edition in Archive(archive).collection("news").editions():
        assert verify_files(edition.folder) == []


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_killed_it_goes_on_at_the_next_call(tmp_path: Path, jobs: int) -> None:
    archive = tmp_path / "archive"
    snapshots = _many(archive)
    with _begun(archive, jobs, tmp_path) as process:
        process.kill()
        # Until its workers have ended, too, who hold the other end.
        process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    _assert_each_once(archive, snapshots)


@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.thorough), 2])
def test_interrupted_it_says_so_and_goes_on_at_the_next_call(tmp_path: Path, jobs: int) -> None:
    archive = tmp_path / "archive"
    snapshots = _many(archive)
    with _begun(archive, jobs, tmp_path) as process:
        # As Control-C does: the workers get it, too.
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert said == "psgcrawl: interrupted; what is committed stays, and the same command goes on with the rest\n"
    _assert_each_once(archive, snapshots)


# --- what runs that died have left ------------------------------------------------------


def test_what_a_dead_run_left_is_seen_to_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    several(tmp_path, 2)
    _died(tmp_path)
    (tmp_path / "news" / ".staging-20180101T000000Z").mkdir()
    assert _run(tmp_path) == 0
    said = capsys.readouterr().err
    assert "what it left is kept as .incomplete-20180101T000000Z" in said
    assert "news/20180903T060000Z: had no line in the log yet; verified, and logged" in said
    assert [line.snapshot for line in runlog.read(tmp_path)] == ["20180901T060000Z", "20180903T060000Z"]


def test_a_damaged_snapshot_that_was_never_logged_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = several(tmp_path, 2)
    _died(tmp_path)
    (second.folder / "entries.jsonl").write_bytes(b"")
    code, found = _document(tmp_path, capsys, first.name)
    assert (code, [failure["snapshot"] for failure in found["failures"]]) == (2, [None])
    assert [one["snapshot"] for one in found["snapshots"]] == [first.name]
