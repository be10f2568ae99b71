import errno
import fcntl
import hashlib
import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from psgcrawl.errors import DamagedData
from psgcrawl.records import ConfirmedPage, Counts, RunLine
from tests.archive.faults import struck
from tests.archive.making import NOON, at, line
from tests.thorough import every

CALLS_OF_THE_HEAD = 6
OPEN_FILES = Path("/proc/self/fd")
LINES = [
    line(snapshot="20170218T060000Z", manifest_sha256="a" * 64, counts=Counts(pages=1, entries={"entry": 3})),
    line(outcome="incomplete", reasons=["café: unreadable"], collection=None),
    line(
        outcome="unchanged",
        pages=[ConfirmedPage(url="http://a/", captured=at(NOON), status=304, payload_digest="sha1:" + "A" * 32)],
    ),
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with a log of three lines."""
    folder = tmp_path / "archive"
    for one in LINES:
        runlog.append(folder, one)
    return folder


def raw(archive: Path) -> bytes:
    return (archive / "runs.jsonl").read_bytes()


def write_head(archive: Path, lines: int) -> None:
    """Let the head say what it said when the log had so many lines."""
    last = json.loads(raw(archive).splitlines()[lines - 1])
    (archive / ".runs.head").write_bytes(b'{"lines":%d,"sha256":"%s"}\n' % (lines, last["sha256"].encode()))


def as_run(logged: runlog.LoggedRun) -> RunLine:
    return RunLine(**{name: getattr(logged, name) for name in RunLine.__struct_fields__})


def test_lines_are_read_as_they_were_appended_each_with_its_place_in_the_chain(archive: Path) -> None:
    logged = list(runlog.read(archive))
    assert [as_run(one) for one in logged] == LINES
    assert [one.previous for one in logged] == [None, logged[0].sha256, logged[1].sha256]
    assert runlog.check(archive) == []


def test_the_hash_is_of_the_lines_own_bytes_without_the_hash(archive: Path) -> None:
    for written in raw(archive).splitlines():
        members = json.loads(written)
        assert list(members)[-2:] == ["previous", "sha256"]
        stated = members.pop("sha256")
        rest = json.dumps(members, separators=(",", ":")).encode()
        assert hashlib.sha256(rest).hexdigest() == stated
        assert written == rest[:-1] + b',"sha256":"' + stated.encode() + b'"}'


def test_an_archive_without_log_has_no_lines_and_no_problems(tmp_path: Path) -> None:
    assert list(runlog.read(tmp_path)) == []
    assert runlog.check(tmp_path) == []


def test_a_line_is_on_disk_when_append_returns(archive: Path) -> None:
    before = raw(archive)
    with struck() as calls:
        runlog.append(archive, line())
    log = ["open", "open", "open", "fsync", "write", "fsync"]
    head = ["open", "write", "fsync", "replace", "open", "fsync"]
    assert [name for name, _ in calls.log] == [*log, *head]
    assert len(head) == CALLS_OF_THE_HEAD
    assert raw(archive).startswith(before)


def test_the_lock_is_free_where_its_file_cannot_be_closed(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    close, left = os.close, []

    def failing(descriptor: int) -> None:
        if (OPEN_FILES / str(descriptor)).readlink().name == runlog.LOCK:
            left.append(descriptor)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        close(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", failing)
        with pytest.raises(OSError, match="Input/output error"):
            runlog.append(archive, line())
    with (archive / runlog.LOCK).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert len(left) == 1
    os.close(left[0])
    runlog.append(archive, line())


def test_a_reason_that_cannot_be_written_is_spelled_out(archive: Path) -> None:
    runlog.append(archive, line(reasons=["caf\udce9.txt: empty"]))
    assert list(runlog.read(archive))[-1].reasons == ["caf\\udce9.txt: empty"]


def test_every_single_changed_byte_breaks_the_chain(archive: Path) -> None:
    whole = raw(archive)
    for offset, byte in islice(enumerate(whole), 0, None, every(7)):
        for other in {byte ^ 1} if offset % 5 else {byte ^ 1, ord("\n")} - {byte}:
            (archive / "runs.jsonl").write_bytes(whole[:offset] + bytes([other]) + whole[offset + 1 :])
            assert runlog.check(archive), f"byte {offset}: {bytes([byte])!r} -> {bytes([other])!r}"


def test_every_single_lost_or_doubled_byte_breaks_the_chain(archive: Path) -> None:
    whole = raw(archive)
    for offset in range(0, len(whole), every(7)):
        (archive / "runs.jsonl").write_bytes(whole[:offset] + whole[offset + 1 :])
        assert runlog.check(archive), f"lost byte {offset}"
        (archive / "runs.jsonl").write_bytes(whole[: offset + 1] + whole[offset:])
        assert runlog.check(archive), f"doubled byte {offset}"


@pytest.mark.parametrize(
    ("order", "problems"),
    [
        pytest.param([0, 1, 2], [], id="as written"),
        pytest.param([1, 2], [":1: 'previous'", ": 2 whole lines"], id="the first is gone"),
        pytest.param([0, 2], [":2: 'previous'", ": 2 whole lines"], id="one between is gone"),
        pytest.param([0, 0, 1, 2], [":2: 'previous'", ":3: SHA-256"], id="one is doubled"),
        pytest.param([1, 0, 2], [":1: 'previous'", ":2: 'previous'", ":3: 'previous'"], id="two are swapped"),
        pytest.param([0, 1], [": 2 whole lines, but .runs.head says 3"], id="the last is gone"),
        pytest.param([], [": 0 whole lines, but .runs.head says 3"], id="all are gone"),
        pytest.param([0, 1, 2, 2], [":4: 'previous'"], id="the last is doubled"),
    ],
)
def test_lines_that_go_come_or_move_break_the_chain(archive: Path, order: list[int], problems: list[str]) -> None:
    lines = raw(archive).splitlines(keepends=True)
    (archive / "runs.jsonl").write_bytes(b"".join(lines[number] for number in order))
    found = runlog.check(archive)
    assert len(found) == len(problems)
    assert all(f"{archive / 'runs.jsonl'}{start}" in problem for problem, start in zip(found, problems, strict=True))


def test_one_damaged_line_is_one_problem(archive: Path) -> None:
    lines = raw(archive).splitlines(keepends=True)
    (archive / "runs.jsonl").write_bytes(lines[0] + b"not JSON\n" + lines[2])
    [problem] = runlog.check(archive)
    assert problem.startswith(f"{archive / 'runs.jsonl'}:2: not JSON")
    with pytest.raises(DamagedData, match=r"runs\.jsonl:2: not JSON"):
        list(runlog.read(archive))


def test_a_changed_line_says_what_it_should_be(archive: Path) -> None:
    (archive / "runs.jsonl").write_bytes(raw(archive).replace(b"unreadable", b"unbearable"))
    [problem] = runlog.check(archive)
    assert ":2: the line has changed since it was written: SHA-256 " in problem


def test_an_own_hash_that_does_not_stand_last_is_not_believed(archive: Path) -> None:
    members = json.loads(raw(archive).splitlines()[0])
    stated = members.pop("sha256")
    moved = json.dumps({"sha256": stated, **members}, separators=(",", ":")).encode()
    (archive / "runs.jsonl").write_bytes(moved + b"\n")
    assert ["changed since" in problem for problem in runlog.check(archive)] == [True, False]


# --- torn lines -------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [1, 20, -2, -1], ids=["one byte", "a few", "all but one", "all but the line feed"])
def test_a_torn_line_is_set_aside_whole_and_the_chain_goes_on(archive: Path, kept: int) -> None:
    first, second, third = raw(archive).splitlines(keepends=True)
    torn = third[:kept]
    (archive / "runs.jsonl").write_bytes(first + second + torn)
    write_head(archive, 2)
    [problem] = runlog.check(archive)
    assert problem.endswith("runs.jsonl:3: the line was torn while it was written; the next run sets it aside")
    assert [as_run(one) for one in runlog.read(archive)] == LINES[:2], "readers pass over it"
    assert raw(archive) == first + second + torn, "looking changes nothing"

    runlog.append(archive, LINES[2])
    assert raw(archive) == first + second + third
    assert (archive / "runs.jsonl.torn-1").read_bytes() == torn
    assert runlog.check(archive) == []


def test_a_log_that_is_nothing_but_torn_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_bytes(b'{"started":')
    (tmp_path / "runs.jsonl.torn-9").write_bytes(b"older")
    (tmp_path / "runs.jsonl.torn-x").write_bytes(b"foreign")
    runlog.append(tmp_path, LINES[0])
    assert (tmp_path / "runs.jsonl.torn-10").read_bytes() == b'{"started":'
    assert (tmp_path / "runs.jsonl.torn-9").read_bytes() == b"older"
    assert [one.previous for one in runlog.read(tmp_path)] == [None]
    assert runlog.check(tmp_path) == []


def test_long_lines_and_long_torn_ones_are_found(archive: Path) -> None:
    runlog.append(archive, line(reasons=["x" * 200_000]))
    whole = raw(archive)
    (archive / "runs.jsonl").write_bytes(whole + b"y" * 200_000)
    runlog.append(archive, line())
    assert raw(archive).startswith(whole)
    assert len(raw(archive).splitlines()) == 5
    assert (archive / "runs.jsonl.torn-1").read_bytes() == b"y" * 200_000
    assert runlog.check(archive) == []


@pytest.mark.parametrize("length", [1, 2**16 - 2, 2**16 - 1, 2**16, 2**16 + 1, 2**17 - 1])
def test_whatever_its_length_a_torn_line_takes_no_whole_line_with_it(archive: Path, length: int) -> None:
    whole = raw(archive)
    (archive / "runs.jsonl").write_bytes(whole + b"y" * length)
    runlog.append(archive, line())
    assert raw(archive).startswith(whole)
    assert (archive / "runs.jsonl.torn-1").read_bytes() == b"y" * length


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="this system does not list a process's open files")
def test_no_file_stays_open(archive: Path) -> None:
    before = len(list(OPEN_FILES.iterdir()))
    runlog.append(archive, line())
    runlog.check(archive)
    assert len(list(OPEN_FILES.iterdir())) == before


def test_torn_bytes_are_safe_before_they_are_cut_off(archive: Path) -> None:
    whole = raw(archive)
    (archive / "runs.jsonl").write_bytes(whole + b"torn")
    with struck() as calls:
        runlog.append(archive, line())
    names = [name for name, _ in calls.log]
    cut = names.index("ftruncate")
    assert names[:cut].count("fsync") == 3, "the folder; the torn bytes; the folder with their name"
    assert names[cut + 1] == "fsync"


def test_nothing_is_lost_wherever_an_append_fails(archive: Path) -> None:
    whole = raw(archive)
    (archive / "runs.jsonl").write_bytes(whole + b"torn")
    with struck() as calls:
        runlog.append(archive, line())
    for step in range(1, len(calls.log) + 1 - CALLS_OF_THE_HEAD):
        folder = archive.parent / str(step)
        folder.mkdir()
        (folder / "runs.jsonl").write_bytes(whole + b"torn")
        with struck(step), pytest.raises(OSError, match="No space"):
            runlog.append(folder, line())
        runlog.append(folder, line())
        assert raw(folder).startswith(whole)
        assert b"torn" in [path.read_bytes() for path in folder.glob("runs.jsonl.torn-*")]
        assert runlog.check(folder) == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda data: data.replace(b"304", b"305"), "the line has changed"),
        (lambda data: data[:-20] + b"\n", "not JSON"),
        (lambda data: data + b"\n", "empty line"),
    ],
    ids=["changed", "cut", "an empty line"],
)
def test_nothing_is_appended_to_a_damaged_whole_line(archive: Path, damage: object, problem: str) -> None:
    damaged = damage(raw(archive))  # type: ignore[operator]
    (archive / "runs.jsonl").write_bytes(damaged)
    with pytest.raises(DamagedData, match=rf"runs\.jsonl: last line: {problem}"):
        runlog.append(archive, line())
    assert raw(archive) == damaged


# --- the head ---------------------------------------------------------------------------


def notes(archive: Path) -> list[str]:
    found: list[str] = []
    problems: list[str] = []
    assert len(list(runlog.examine(archive, problems, found))) == len(raw(archive).splitlines())
    assert problems == []
    return found


def test_the_head_says_how_many_lines_there_are_and_which_is_the_last(archive: Path) -> None:
    last = json.loads(raw(archive).splitlines()[-1])["sha256"]
    assert (archive / ".runs.head").read_bytes() == b'{"lines":3,"sha256":"%s"}\n' % last.encode()
    assert runlog.read_head(archive) == runlog.Head(3, last)
    assert notes(archive) == []


@pytest.mark.parametrize("lines", [1, 2])
def test_a_head_that_is_behind_is_sound_and_the_next_line_mends_it(archive: Path, lines: int) -> None:
    write_head(archive, lines)
    [note] = notes(archive)
    assert f"3 lines, .runs.head says {lines}" in note
    runlog.append(archive, line())
    assert runlog.read_head(archive) == runlog.Head(4, list(runlog.read(archive))[-1].sha256)
    assert notes(archive) == []


def test_a_log_from_before_the_head_is_sound_and_gets_one_with_its_next_line(archive: Path) -> None:
    (archive / ".runs.head").unlink()
    [note] = notes(archive)
    assert "no .runs.head beside it" in note
    runlog.append(archive, line())
    assert runlog.read_head(archive) == runlog.Head(4, list(runlog.read(archive))[-1].sha256)


def test_every_single_changed_lost_or_doubled_byte_of_the_head_is_found(archive: Path) -> None:
    whole = (archive / ".runs.head").read_bytes()
    for offset, byte in enumerate(whole):
        for put in (bytes([byte ^ 1]), b"", bytes([byte, byte])):
            (archive / ".runs.head").write_bytes(whole[:offset] + put + whole[offset + 1 :])
            problems: list[str] = []
            told: list[str] = []
            for _ in runlog.examine(archive, problems, told):
                pass
            assert problems or any("2 lines" in note or "says 2" in note for note in told), f"byte {offset}: {put!r}"


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_nothing_is_appended_to_a_log_that_lost_its_last_lines(archive: Path, kept: int) -> None:
    lines = raw(archive).splitlines(keepends=True)
    (archive / "runs.jsonl").write_bytes(b"".join(lines[:kept]) + b"torn")
    with pytest.raises(DamagedData, match=rf"runs\.jsonl: {kept} whole lines, but \.runs\.head says 3"):
        runlog.append(archive, line())
    assert raw(archive) == b"".join(lines[:kept]) + b"torn"
    assert not list(archive.glob("*.torn-*"))


def test_nothing_is_appended_to_a_log_with_another_line_in_the_place_that_the_head_names(archive: Path) -> None:
    other = archive.parent / "other"
    for number in range(4):
        runlog.append(other, line(reasons=[str(number)]))
    (archive / "runs.jsonl").write_bytes(raw(other))
    assert [problem.partition(": ")[2][:7] for problem in runlog.check(archive)] == ["SHA-256"]
    with pytest.raises(DamagedData, match=r"runs\.jsonl:3: not the line that \.runs\.head names"):
        runlog.append(archive, line())


def test_nothing_is_appended_beside_a_damaged_head(archive: Path) -> None:
    before = raw(archive)
    (archive / ".runs.head").write_bytes(b'{"lines": 3}\n')
    with pytest.raises(DamagedData, match=r"\.runs\.head: no 'sha256' field"):
        runlog.append(archive, line())
    assert raw(archive) == before


def test_a_line_is_logged_though_the_head_cannot_be_written(archive: Path) -> None:
    (archive / ".runs.head.new").mkdir()
    runlog.append(archive, line())
    assert len(list(runlog.read(archive))) == 4
    assert "4 lines, .runs.head says 3" in notes(archive)[0]
    (archive / ".runs.head.new").rmdir()
    runlog.append(archive, line())
    assert notes(archive) == []


@pytest.mark.parametrize("name", ["runs.jsonl", ".runs.head"])
def test_what_cannot_be_read_is_a_problem(archive: Path, name: str) -> None:
    (archive / name).unlink()
    (archive / name).mkdir()
    assert any(problem.startswith(f"{archive / name}: cannot be read") for problem in runlog.check(archive))


# --- several processes ------------------------------------------------------------------

_APPENDER = """
import sys
from pathlib import Path
from psgcrawl.archive import runlog
from tests.archive.making import line
for number in range(20):
    runlog.append(Path(sys.argv[1]), line(reasons=[sys.argv[2], str(number)]))
"""


def test_two_processes_append_to_one_chain(tmp_path: Path, project: Path) -> None:
    appenders = [
        subprocess.Popen([sys.executable, "-c", _APPENDER, str(tmp_path), name], cwd=project) for name in ("a", "b")
    ]
    assert [appender.wait() for appender in appenders] == [0, 0]
    assert runlog.check(tmp_path) == []
    reasons = [tuple(one.reasons) for one in runlog.read(tmp_path)]
    assert len(reasons) == 40
    for name in ("a", "b"):
        assert [number for who, number in reasons if who == name] == [str(number) for number in range(20)]
