"""``runs.jsonl``: one line for each run and collection, and a chain of hashes through all of them.

A line is the compact JSON of a :class:`~psgcrawl.records.RunLine` with two more members
at its end::

    {…,"previous":"<sha256 of the line before>","sha256":"<sha256 of this line>"}

``sha256`` is the SHA-256 of the line's own bytes with ``,"sha256":"…"`` cut out and
without the line feed, so of ``{…,"previous":"…"}``. ``previous`` is the ``sha256`` of
the line before, null in the first line. So no byte of a line can change, and no line go
or come between two others, without the chain breaking there. (Lines gone from the very
end leave no trace here; their snapshots do: they are visible and not logged.)

Bytes after the last line feed are no line: a run died, or the disk was full, while
they were written. Readers pass over them. The next :func:`append` first copies them to
``runs.jsonl.torn-N``, durably, and only then cuts them off: nothing is lost, and the
chain goes on from the last whole line. A damaged *whole* last line is another matter:
nothing is appended to it until a person has looked.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

from psgcrawl.archive import durable, jsonl
from psgcrawl.errors import DamagedData
from psgcrawl.records import RunLine, Sha256

RUNS: Final = "runs.jsonl"
LOCK: Final = ".runs.lock"

_OWN_HASH: Final = re.compile(rb',"sha256":"([0-9a-f]{64})"\}\Z')
_BLOCK: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRun(RunLine):
    """A line of ``runs.jsonl`` with its place in the chain."""

    previous: Annotated[Sha256 | None, Meta(description="`sha256` of the line before; null in the first line.")]
    sha256: Annotated[Sha256, Meta(description="SHA-256 of this line without this member.")]


def append(archive: Path, line: RunLine) -> None:
    """Add ``line`` to the log of the folder ``archive``, which is made if need be, and return when it is on disk.

    :raises DamagedData: when the last line is not as it was written; ``line`` is not added
    :raises OSError: when it could not be written; what was written of it counts as torn
    """
    durable.make_folder(archive)
    with _locked(archive, fcntl.LOCK_EX):
        path = archive / RUNS
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            durable.sync_folder(archive)
            _set_aside_torn(archive, descriptor)
            durable.write_all(descriptor, _chained(line, _last_hash(path, descriptor)) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(archive: Path) -> Iterator[LoggedRun]:
    """Yield the lines of the log in commit order; an archive without log has none. Hashes are not checked.

    :raises DamagedData: ``runs.jsonl:line: problem``
    """
    for place, raw in _whole_lines(archive / RUNS):
        yield jsonl.decode(raw[:-1], LoggedRun, place)


def check(archive: Path) -> list[str]:
    """Return what is wrong with the log, in words, one for each damaged line; nothing when all is well."""
    path = archive / RUNS
    if not (archive / LOCK).exists():
        return _check(path)
    with _locked(archive, fcntl.LOCK_SH):
        return _check(path)


def _check(path: Path) -> list[str]:
    problems: list[str] = []
    expected: str | None = None
    known = True
    for place, raw in _all_lines(path):
        try:
            found = _verified(raw, place)
        except DamagedData as error:
            problems.append(str(error))
            known = False
            continue
        if known and found.previous != expected:
            problems.append(f"{place}: 'previous' is {found.previous}, the line before has {expected}")
        expected, known = found.sha256, True
    return problems


def _verified(raw: bytes, place: str) -> LoggedRun:
    if not raw.endswith(b"\n"):
        raise DamagedData(f"{place}: the line was torn while it was written; the next run sets it aside")
    found = jsonl.decode(raw[:-1], LoggedRun, place)
    # A line that is not written as it must be has no end to cut off, and no hash of its own.
    body = _OWN_HASH.sub(b"}", raw[:-1])
    if _sha256(body) != found.sha256:
        raise DamagedData(
            f"{place}: the line has changed since it was written: SHA-256 {_sha256(body)}, but it says {found.sha256}"
        )
    return found


def _chained(line: RunLine, previous: str | None) -> bytes:
    # Reasons name files; a name that cannot be written must not keep the run out of the log.
    line = replace(line, reasons=[jsonl.printable(reason) for reason in line.reasons])
    body = jsonl.dumps(line)[:-1] + b',"previous":' + jsonl.dumps(previous)
    return body + b',"sha256":' + jsonl.dumps(_sha256(body + b"}")) + b"}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _all_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.exists():
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                yield f"{path}:{number}", raw


def _whole_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    return ((place, raw) for place, raw in _all_lines(path) if raw.endswith(b"\n"))


def _line_start(descriptor: int, end: int) -> int:
    """Return the offset behind the last line feed before ``end``; 0 without one."""
    while end > 0:
        start = max(0, end - _BLOCK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _set_aside_torn(archive: Path, descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    whole = _line_start(descriptor, size)
    if whole == size:
        return
    torn = os.pread(descriptor, size - whole, whole)
    durable.write_new(archive / _free_torn_name(archive), torn)
    durable.sync_folder(archive)
    os.ftruncate(descriptor, whole)
    os.fsync(descriptor)


def _free_torn_name(archive: Path) -> str:
    prefix = f"{RUNS}.torn-"
    numbers = [path.name.removeprefix(prefix) for path in archive.glob(f"{prefix}*")]
    return f"{prefix}{max((int(number) for number in numbers if number.isdecimal()), default=0) + 1}"


def _last_hash(path: Path, descriptor: int) -> str | None:
    size = os.fstat(descriptor).st_size
    if size == 0:
        return None
    start = _line_start(descriptor, size - 1)
    return _verified(os.pread(descriptor, size - start, start), f"{path}: last line").sha256


@contextmanager
def _locked(archive: Path, mode: int) -> Iterator[None]:
    """Hold the log's own lock, waiting for it: nobody holds it for longer than one line takes."""
    flags = os.O_RDONLY if mode == fcntl.LOCK_SH else os.O_RDWR | os.O_CREAT
    descriptor = os.open(archive / LOCK, flags | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)
