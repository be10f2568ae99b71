"""``runs.jsonl``: one line for each run and collection, and a chain of hashes through all of them.

A line is the compact JSON of a :class:`~psgcrawl.records.RunLine` with two more members
at its end::

    {…,"previous":"<sha256 of the line before>","sha256":"<sha256 of this line>"}

``sha256`` is the SHA-256 of the line's own bytes with ``,"sha256":"…"`` cut out and
without the line feed, so of ``{…,"previous":"…"}``. ``previous`` is the ``sha256`` of
the line before, null in the first line. So no byte of a line can change, and no line go
or come between two others, without the chain breaking there.

Lines gone from the very end would leave no trace in the chain. So ``.runs.head``, beside
the log, says how many lines there are, and the ``sha256`` of the last::

    {"lines":12,"sha256":"…"}

It is replaced in one step after each line. A log that is longer than it says is sound (a
run died in between, or an older version wrote the lines), one that is shorter, or has
another line in that place, is damaged, and nothing is appended to it. An archive from
before the file was invented has none until the next line is appended.

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
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from psgcrawl.archive import durable, jsonl
from psgcrawl.errors import DamagedData
from psgcrawl.records import RunLine, Sha256, replace

RUNS: Final = "runs.jsonl"
LOCK: Final = ".runs.lock"
HEAD: Final = ".runs.head"

BRINGING: Final = frozenset({"captures", "wayback"})
"""Spiders that bring what others captured: their lines say nothing of how the live site is crawled."""

_OWN_HASH: Final = re.compile(rb',"sha256":"([0-9a-f]{64})"\}\Z')
_BLOCK: Final = 1 << 16
_LONGEST_HEAD: Final = 1 << 10
"""Bytes: ten times what it needs."""


class LoggedRun(RunLine, frozen=True, kw_only=True):
    """A line of ``runs.jsonl`` with its place in the chain."""

    previous: Annotated[Sha256 | None, Meta(description="`sha256` of the line before; null in the first line.")]
    sha256: Annotated[Sha256, Meta(description="SHA-256 of this line without this member.")]


class Head(Struct, frozen=True):
    """What ``.runs.head`` says."""

    lines: Annotated[int, Meta(ge=1)]
    """How many whole lines the log had."""
    sha256: Sha256
    """That of the last of them, as it says itself."""


def append(archive: Path, line: RunLine) -> None:
    """Add ``line`` to the log of the folder ``archive``, which is made if need be, and return when it is on disk.

    :raises DamagedData: when the last line is not as it was written, or lines before it are gone;
        ``line`` is not added
    :raises OSError: when it could not be written; what was written of it counts as torn
    """
    durable.make_folder(archive)
    with _locked(archive, fcntl.LOCK_EX):
        path = archive / RUNS
        head = read_head(archive)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            durable.sync_folder(archive)
            whole = _line_start(descriptor, os.fstat(descriptor).st_size)
            last = _last_hash(path, descriptor, whole)
            number = head.lines if head and head.sha256 == last else _count(path, head)
            _set_aside_torn(archive, descriptor, whole)
            chained = _chained(line, last)
            durable.write_all(descriptor, chained + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # The line is in the log, whatever happens here: a head that is behind is sound, and the next line mends it.
        with suppress(OSError):
            _write_head(archive, Head(number + 1, _stated_hash(chained)))


def read(archive: Path) -> Iterator[LoggedRun]:
    """Yield the lines of the log in commit order; an archive without log has none. Hashes are not checked.

    :raises DamagedData: ``runs.jsonl:line: problem``
    """
    for place, raw in _whole_lines(archive / RUNS):
        yield jsonl.decode(raw[:-1], LoggedRun, place)


def check(archive: Path) -> list[str]:
    """Return what is wrong with the log, in words, one for each damaged line; nothing when all is well."""
    problems: list[str] = []
    for _ in examine(archive, problems, []):
        pass
    return problems


def examine(archive: Path, problems: list[str], notes: list[str]) -> Iterator[tuple[str, LoggedRun]]:
    """Yield the sound lines of the log, each with its place (``…/runs.jsonl:3``), in commit order.

    Under the log's shared lock, where it has one that can be opened: whoever takes the
    lines does so at once. Never raises for what is on disk.

    :param problems: what is wrong is added to it, ``place: problem``
    :param notes: what a person should know, and is no damage
    """
    path = archive / RUNS
    try:
        if path.exists() and not path.is_file():
            problems.append(f"{path}: cannot be read: no file")
            return
        with _shared(archive):
            # The head first: a log that grows meanwhile is only longer than it says.
            head = _examined_head(archive, problems)
            yield from _examine(path, head, problems, notes)
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")


def _examine(path: Path, head: Head | None, problems: list[str], notes: list[str]) -> Iterator[tuple[str, LoggedRun]]:
    expected: str | None = None
    known = True
    number = 0
    for place, raw in _all_lines(path):
        number += raw.endswith(b"\n")
        try:
            found = _verified(raw, place)
        except DamagedData as error:
            problems.append(str(error))
            known = False
            continue
        if known and found.previous != expected:
            problems.append(f"{place}: 'previous' is {found.previous}, the line before has {expected}")
        if head and number == head.lines and found.sha256 != head.sha256:
            problems.append(f"{place}: SHA-256 {found.sha256}, but {HEAD} says {head.sha256}")
        expected, known = found.sha256, True
        yield place, found
    if head and number < head.lines:
        problems.append(_too_short(path, number, head))
    elif head and number > head.lines:
        notes.append(f"{path}: {number} lines, {HEAD} says {head.lines}: a run died in between; the next one mends it")
    elif number and not (path.parent / HEAD).exists():
        notes.append(f"{path}: no {HEAD} beside it: lines cut off from the end would not show; the next run writes it")


def read_head(archive: Path) -> Head | None:
    """Return what ``.runs.head`` says; None where there is none.

    :raises DamagedData: when it is not as it was written
    """
    path = archive / HEAD
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST_HEAD)
    except FileNotFoundError:
        return None
    head = jsonl.decode(data.removesuffix(b"\n"), Head, str(path))
    if jsonl.dump_lines([head]) != data:
        raise DamagedData(f"{path}: not written as it must be")
    return head


def _examined_head(archive: Path, problems: list[str]) -> Head | None:
    path = archive / HEAD
    if path.exists() and not path.is_file():
        problems.append(f"{path}: cannot be read: no file")
        return None
    try:
        return read_head(archive)
    except DamagedData as error:
        problems.append(str(error))
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
    return None


def _write_head(archive: Path, head: Head) -> None:
    """Replace ``.runs.head`` in one step, durably; to be called under the log's lock."""
    fresh = archive / f"{HEAD}.new"
    # What a run that died left there is nothing to keep.
    fresh.unlink(missing_ok=True)
    durable.write_new(fresh, jsonl.dump_lines([head]))
    fresh.replace(archive / HEAD)
    durable.sync_folder(archive)


def _count(path: Path, head: Head | None) -> int:
    """Return how many whole lines the log has.

    :raises DamagedData: when they are fewer than ``head`` says, or another is in its place
    """
    number = 0
    for number, (place, raw) in enumerate(_whole_lines(path), 1):
        if head and number == head.lines and _stated_hash(raw[:-1]) != head.sha256:
            raise DamagedData(f"{place}: not the line that {HEAD} names")
    if head and number < head.lines:
        raise DamagedData(_too_short(path, number, head))
    return number


def _too_short(path: Path, number: int, head: Head) -> str:
    return f"{path}: {number} whole lines, but {HEAD} says {head.lines}: the last of them are gone"


def _stated_hash(line: bytes) -> str:
    found = _OWN_HASH.search(line)
    return found[1].decode("ascii") if found else ""


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


def _set_aside_torn(archive: Path, descriptor: int, whole: int) -> None:
    """Move what follows the first ``whole`` bytes of the log to a file of its own."""
    size = os.fstat(descriptor).st_size
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


def _last_hash(path: Path, descriptor: int, whole: int) -> str | None:
    """Return the hash of the last line that ends within the first ``whole`` bytes; None without one."""
    if whole == 0:
        return None
    start = _line_start(descriptor, whole - 1)
    return _verified(os.pread(descriptor, whole - start, start), f"{path}: last line").sha256


@contextmanager
def _shared(archive: Path) -> Iterator[None]:
    """Hold the log's lock with other readers, where there is one that this process may open."""
    with ExitStack() as held:
        with suppress(OSError):
            held.enter_context(_locked(archive, fcntl.LOCK_SH))
        yield


@contextmanager
def _locked(archive: Path, mode: int) -> Iterator[None]:
    """Hold the log's own lock, waiting for it: nobody holds it for longer than one line takes."""
    flags = os.O_RDONLY if mode == fcntl.LOCK_SH else os.O_RDWR | os.O_CREAT
    descriptor = os.open(archive / LOCK, flags | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, mode)
        try:
            yield
        finally:
            # Not left to the end of the descriptor: where closing it fails, the next line would wait for ever.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)
