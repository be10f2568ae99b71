"""A run says that it is at work, so that the next one can log it should it die."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from psgcrawl.archive import atwork, runlog
from psgcrawl.archive.atwork import Begun, Mark, dead
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.names import kept_apart
from psgcrawl.archive.recovery import KILLED, REASON, log_dead
from psgcrawl.archive.warc.spool import Spool
from psgcrawl.archive.write import Choices, write_snapshot
from psgcrawl.run import NECESSARY, Run
from tests import crawls
from tests.archive.making import RUN, full_page, line

STARTED = "2024-01-01T00:00:00Z"
NOW = "2024-06-01T00:00:00Z"


def begun(*collections: str | None, started: str = STARTED, spider: str = "captures") -> Begun:
    return Begun(
        run=atwork.new_name(started), started=started, spider=spider, software="psgcrawl 0", collections=[*collections]
    )


def died(archive: Path, *collections: str | None, started: str = STARTED, spider: str = "captures") -> Begun:
    """Leave what a run that died leaves."""
    one = begun(*collections, started=started, spider=spider)
    Mark.set(archive, one).leave()
    return one


def marks(archive: Path) -> list[str]:
    return sorted(path.name for path in archive.iterdir() if path.name.startswith(".running-"))


def test_a_run_at_work_is_not_dead_and_one_that_ended_left_nothing(tmp_path: Path) -> None:
    mark = Mark.set(tmp_path, begun("news"))
    assert (dead(tmp_path), log_dead(tmp_path, NOW), len(marks(tmp_path))) == ([], [], 1)
    mark.remove()
    assert (marks(tmp_path), list(runlog.read(tmp_path))) == ([], [])


def test_a_dead_run_is_logged_once_as_failed_with_its_own_start(tmp_path: Path) -> None:
    one = died(tmp_path, "news")
    assert dead(tmp_path) == [one]
    assert log_dead(tmp_path, NOW) == [f"the run of captures that began {STARTED} was killed; it is logged now"]
    assert (log_dead(tmp_path, NOW), marks(tmp_path), dead(tmp_path)) == ([], [], [])
    [logged] = runlog.read(tmp_path)
    assert (logged.outcome, logged.reasons, logged.run) == ("failed", [KILLED], one.run)
    assert (logged.started, logged.finished, logged.collection, logged.spider) == (STARTED, NOW, "news", "captures")
    assert runlog.check(tmp_path) == []


def test_each_collection_that_a_dead_run_came_to_gets_a_line_and_one_that_came_to_none_too(tmp_path: Path) -> None:
    mark = Mark.set(tmp_path, begun())
    mark.reach(["news", "articles"])
    mark.reach(["news", None])
    mark.leave()
    died(tmp_path, started="2024-01-02T00:00:00Z")
    log_dead(tmp_path, NOW)
    assert [logged.collection for logged in runlog.read(tmp_path)] == ["news", "articles", None, None]


def test_a_line_that_was_written_before_the_run_died_is_not_written_again(tmp_path: Path) -> None:
    one, other = died(tmp_path, "news", "articles"), died(tmp_path, "news")
    runlog.append(tmp_path, line(started=STARTED, collection="news", run=one.run))
    log_dead(tmp_path, NOW)
    lines = [(logged.collection, logged.run, logged.outcome) for logged in runlog.read(tmp_path)]
    assert lines[0] == ("news", one.run, "committed")
    # Of another run that began in the same second the log says nothing yet.
    assert sorted(lines[1:]) == [("articles", one.run, "failed"), ("news", other.run, "failed")]


def test_whoever_dies_between_the_line_and_the_file_leaves_no_second_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(tmp_path, "news")

    def dies(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(atwork.Claim, "remove", dies)
        with pytest.raises(KeyboardInterrupt):
            log_dead(tmp_path, NOW)
    assert len(marks(tmp_path)) == 1
    assert log_dead(tmp_path, NOW) == []
    assert (len(list(runlog.read(tmp_path))), marks(tmp_path)) == (1, [])


def test_a_snapshot_that_had_become_visible_is_logged_as_committed_and_not_as_killed(tmp_path: Path) -> None:
    with CollectionLock(tmp_path, "news") as lock:
        written = write_snapshot(lock, [full_page(0, 3)], RUN, Choices())
    died(tmp_path, "news", started=RUN.started, spider=RUN.spider)
    assert log_dead(tmp_path, NOW) == []
    [logged] = runlog.read(tmp_path)
    assert (logged.outcome, logged.snapshot, logged.reasons) == ("committed", written.name, [REASON])


def test_what_a_dead_run_was_writing_and_fetching_is_kept_and_named(tmp_path: Path) -> None:
    one = died(tmp_path, "news")
    (tmp_path / "news" / ".staging-20170218T060000Z").mkdir(parents=True)
    os.close(Spool(tmp_path, STARTED, {})._file)
    told = log_dead(tmp_path, NOW)
    assert told[0] == ".incomplete-20240101T000000Z: left by a run that died; it can be read as captures"
    [logged] = runlog.read(tmp_path)
    kept = "kept apart: .incomplete-20240101T000000Z, .incomplete-20170218T060000Z"
    assert (logged.run, logged.reasons) == (one.run, [KILLED, kept])
    assert [kept_apart(path.name) is not None for path in (tmp_path / "news").glob(".inc*")] == [True]


def test_where_another_run_holds_the_collection_a_later_one_logs_the_dead(tmp_path: Path) -> None:
    died(tmp_path, "news")
    with CollectionLock(tmp_path, "news"):
        assert log_dead(tmp_path, NOW) == ["a run that died is not logged yet: news: another run holds this collection"]
    assert len(marks(tmp_path)) == 1
    log_dead(tmp_path, NOW)
    assert (marks(tmp_path), [logged.outcome for logged in runlog.read(tmp_path)]) == ([], ["failed"])


def test_a_dead_run_that_another_run_is_logging_is_left_to_it(tmp_path: Path) -> None:
    died(tmp_path, "news")
    claims = atwork.claims(tmp_path)
    next(claims).remove()
    assert log_dead(tmp_path, NOW) == []
    claims.close()
    assert list(runlog.read(tmp_path)) == []


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: data[:20], lambda data: b"\0" * len(data), lambda data: b"\xff{}\n"],
    ids=["empty", "cut", "zeros", "other"],
)
def test_a_file_that_says_nothing_still_says_when_a_run_began(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    one = died(tmp_path, "news")
    [name] = marks(tmp_path)
    (tmp_path / name).write_bytes(damage((tmp_path / name).read_bytes()))
    log_dead(tmp_path, NOW)
    [logged] = runlog.read(tmp_path)
    assert (logged.started, logged.run, logged.collection) == (STARTED, one.run, None)
    assert marks(tmp_path) == []


def test_a_last_line_that_was_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    died(tmp_path, "news")
    [name] = marks(tmp_path)
    with (tmp_path / name).open("ab") as file:
        file.write(b'{"collection":"arti')
    assert [one.collections for one in dead(tmp_path)] == [["news"]]


def test_a_run_that_died_before_it_had_begun_leaves_nothing_to_log(tmp_path: Path) -> None:
    (tmp_path / f".running-{atwork.new_name(STARTED)}.new").write_bytes(b"")
    assert (dead(tmp_path), log_dead(tmp_path, NOW), marks(tmp_path)) == ([], [], [])


def test_a_run_leaves_its_file_where_the_log_does_not_take_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    run = Run(tmp_path, spider="captures", arguments={}, started=STARTED)
    run.open()
    assert len(marks(tmp_path)) == 1
    for component in NECESSARY:
        run.report(component)
    run.yielded()
    run.add(full_page(0, 3))
    with monkeypatch.context() as patch:
        patch.setattr(runlog, "append", full)
        assert run.finish("finished", NOW).exit_code == 1
    assert [(one.run, one.collections) for one in dead(tmp_path)] == [(run.name, ["news"])]
    log_dead(tmp_path, NOW)
    # The snapshot stands, and that is what the log says.
    assert [(one.outcome, one.reasons) for one in runlog.read(tmp_path)] == [("committed", [REASON])]


def test_all_lines_of_a_run_have_its_name_and_its_file_is_gone(tmp_path: Path) -> None:
    run = Run(tmp_path, spider="captures", arguments={}, started=STARTED)
    run.open()
    for component in NECESSARY:
        run.report(component)
    for name in ("news", "articles"):
        run.yielded()
        run.add(full_page(0, 3, collection=name))
    assert run.finish("finished", NOW).exit_code == 0
    assert [one.run for one in crawls.logged(tmp_path)] == [run.name, run.name]
    assert marks(tmp_path) == []
