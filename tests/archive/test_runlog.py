import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from psgcrawl.errors import DamagedData
from psgcrawl.records import ConfirmedPage, Counts, RunLine
from tests.archive.faults import struck
from tests.archive.making import NOON, at, line

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


def as_run(logged: runlog.LoggedRun) -> RunLine:
    return RunLine(**{name: getattr(logged, name) for name in RunLine.__dataclass_fields__})


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
    assert [name for name, _ in calls.log] == ["open", "open", "open", "fsync", "write", "fsync"]
    assert raw(archive).startswith(before)


def test_a_reason_that_cannot_be_written_is_spelled_out(archive: Path) -> None:
    runlog.append(archive, line(reasons=["caf\udce9.txt: empty"]))
    assert list(runlog.read(archive))[-1].reasons == ["caf\\udce9.txt: empty"]


def test_every_single_changed_byte_breaks_the_chain(archive: Path) -> None:
    whole = raw(archive)
    for offset, byte in enumerate(whole):
        for other in {byte ^ 1} if offset % 5 else {byte ^ 1, ord("\n")} - {byte}:
            (archive / "runs.jsonl").write_bytes(whole[:offset] + bytes([other]) + whole[offset + 1 :])
            assert runlog.check(archive), f"byte {offset}: {bytes([byte])!r} -> {bytes([other])!r}"


def test_every_single_lost_or_doubled_byte_breaks_the_chain(archive: Path) -> None:
    whole = raw(archive)
    for offset in range(len(whole)):
        (archive / "runs.jsonl").write_bytes(whole[:offset] + whole[offset + 1 :])
        assert runlog.check(archive), f"lost byte {offset}"
        (archive / "runs.jsonl").write_bytes(whole[: offset + 1] + whole[offset:])
        assert runlog.check(archive), f"doubled byte {offset}"


@pytest.mark.parametrize(
    ("order", "problems"),
    [
        pytest.param([0, 1, 2], [], id="as written"),
        pytest.param([1, 2], [":1: 'previous'"], id="the first is gone"),
        pytest.param([0, 2], [":2: 'previous'"], id="one between is gone"),
        pytest.param([0, 0, 1, 2], [":2: 'previous'"], id="one is doubled"),
        pytest.param([1, 0, 2], [":1: 'previous'", ":2: 'previous'", ":3: 'previous'"], id="two are swapped"),
        pytest.param([0, 1], [], id="the last is gone: its snapshot shows that, not the log"),
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
    assert len(runlog.check(archive)) == 1


# --- torn lines -------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [1, 20, -2, -1], ids=["one byte", "a few", "all but one", "all but the line feed"])
def test_a_torn_line_is_set_aside_whole_and_the_chain_goes_on(archive: Path, kept: int) -> None:
    first, second, third = raw(archive).splitlines(keepends=True)
    torn = third[:kept]
    (archive / "runs.jsonl").write_bytes(first + second + torn)
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
    for step in range(1, len(calls.log) + 1):
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
