"""``runs.jsonl`` and ``.runs.head`` -> the log of runs, and what the next run makes of them."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psgcrawl.archive import runlog
from psgcrawl.errors import DamagedData
from psgcrawl.records import RunLine
from tests.archive.making import line
from tests.fuzz.target import Target

_APART: Final = b"\n\xff\xff\n"
"""Between the log and the head: no UTF-8, so part of neither."""
_NEXT: Final = line(snapshot="20170218T060000Z", manifest_sha256="a" * 64)


def check(data: bytes) -> None:
    """Read a log, examine it, and append to it."""
    log, apart, head = data.partition(_APART)
    with TemporaryDirectory() as folder:
        archive = Path(folder)
        (archive / runlog.RUNS).write_bytes(log)
        if apart:
            (archive / runlog.HEAD).write_bytes(head)
        problems = runlog.check(archive)
        assert runlog.check(archive) == problems
        assert all(problem.startswith(str(archive)) for problem in problems)
        before = _lines(archive)
        assert before is not None or problems
        _append(archive, log, problems)


def _lines(archive: Path) -> list[runlog.LoggedRun] | None:
    try:
        return list(runlog.read(archive))
    except DamagedData:
        return None


def _append(archive: Path, log: bytes, problems: list[str]) -> None:
    """Append: nothing that was there is lost, and what was sound stays so."""
    whole = log[: log.rfind(b"\n") + 1]
    path = archive / runlog.RUNS
    refusal = _appended(archive)
    if refusal is not None:
        assert refusal.startswith(str(archive))
        assert problems
        assert path.read_bytes() == log
        return
    after = path.read_bytes()
    assert after.startswith(whole)
    added = after[len(whole) :]
    assert added.count(b"\n") == 1
    assert added.endswith(b"\n")
    torn = [kept.read_bytes() for kept in archive.glob(f"{runlog.RUNS}.torn-*")]
    assert torn == ([log[len(whole) :]] if whole != log else [])
    head = runlog.read_head(archive)
    assert head is not None
    assert head.lines == after.count(b"\n") or problems
    # A line that was torn is set aside; what is damaged stays so, and no later line hides it.
    # How many problems one damage is told as can change: the head counts one line more.
    left = runlog.check(archive)
    assert bool(left) == any("torn while it was written" not in problem for problem in problems)


def _appended(archive: Path) -> str | None:
    """Append, and return why that was refused."""
    try:
        runlog.append(archive, _NEXT)
    except DamagedData as error:
        return str(error)
    return None


def _chain(count: int) -> bytes:
    with TemporaryDirectory() as folder:
        for number in range(count):
            runlog.append(Path(folder), line(reasons=[f"reason {number}"], outcome="incomplete"))
        return (
            b"".join((Path(folder) / name).read_bytes() for name in (runlog.RUNS,))
            + _APART
            + ((Path(folder) / runlog.HEAD).read_bytes())
        )


def seeds() -> Iterator[bytes]:
    """Yield sound logs, without a head, with a line cut off, with one line torn."""
    three = _chain(3)
    log, _, head = three.partition(_APART)
    yield _chain(1)
    yield three
    yield log
    yield log + log[:40]
    yield log[: log.index(b"\n") + 1] + _APART + head
    yield b""


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(f'"{name}":'.encode() for name in (*RunLine.__struct_fields__, "previous", "sha256", "lines")),
        *(
            _APART,
            b',"sha256":"',
            b'"}\n',
            b"null",
            b'"committed"',
            b'"unchanged"',
            b"\\ud800",
            b"1e400",
            b"9" * 40,
            b"[" * 64,
        ),
    ],
)
