"""Runs at work: each has a file of its own in the archive, from its start to its end.

A run that is killed writes nothing any more. So it says at its start that it began: in
``.running-NAME``, which it holds locked, and removes once the log has its lines. One that
is there and locked by nobody is a dead run's; the next run logs it
(:func:`psgcrawl.archive.recovery.log_dead`).

The file is JSON, one line for the run, as :class:`Begun`, then one for each collection
that it came to (``{"collection":"news"}``). A last line that was cut off counts for
nothing. It gets its name once it is locked and on disk, so no other run can take one that
is being made for a dead one's.
"""

import fcntl
import os
import re
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final
from weakref import finalize

from msgspec import Struct, field

from psgcrawl.archive import durable, jsonl, names
from psgcrawl.errors import DamagedData
from psgcrawl.records import Instant, replace

_MARK: Final = ".running-"
_NEW: Final = ".new"
_NAME: Final = re.compile(r"(?P<at>[0-9]{4}[0-9]{2}[0-9]{2}T[0-9]{2}[0-9]{2}[0-9]{2}Z)-[0-9a-f]{8}")


class Begun(Struct, frozen=True, kw_only=True):
    """A run that began."""

    run: str
    """Its name: the time of its start, and a random part."""
    started: Instant
    spider: str
    software: str
    collections: list[str | None] = field(default_factory=list)
    """What it came to; null stands for what is of no collection."""


class _Reached(Struct, frozen=True):
    collection: str | None


def new_name(started: str) -> str:
    """Return a name for a run that no other run has: its lines in the log have it, too.

    :param started: RFC 3339 UTC
    """
    return f"{names.compact(started)}-{os.urandom(4).hex()}"


class Mark:
    """The file of this run, held locked from :meth:`set` to :meth:`remove` or :meth:`leave`."""

    def __init__(self, path: Path, descriptor: int, begun: Begun) -> None:
        self._path = path
        self._descriptor = descriptor
        # Should nobody come to close it, it closes itself, without a word, and the lock is free.
        self._close = finalize(self, os.close, descriptor)
        self._reached = set(begun.collections)

    @classmethod
    def set(cls, archive: Path, begun: Begun) -> "Mark":
        """Say, durably, that a run began; the folder ``archive`` is made if need be.

        :raises OSError: when the disk does not take it
        """
        durable.make_folder(archive)
        path = archive / f"{_MARK}{begun.run}"
        try:
            return cls(path, _written(path, begun), begun)
        except FileNotFoundError:
            # Another run looked in the instant between making and locking, and cleared it away.
            return cls(path, _written(path, begun), begun)

    def reach(self, collections: Iterable[str | None]) -> None:
        """Say which collections the run came to; one that is known already is not written twice.

        :raises OSError: when the disk does not take it
        """
        fresh = [name for name in dict.fromkeys(collections) if name not in self._reached]
        if fresh:
            durable.write_all(self._descriptor, jsonl.dump_lines(_Reached(name) for name in fresh))
            os.fsync(self._descriptor)
            self._reached.update(fresh)

    def remove(self) -> None:
        """Remove the file: the log has all lines of the run."""
        try:
            self._path.unlink(missing_ok=True)
            durable.sync_folder(self._path.parent)
        finally:
            self._close()

    def leave(self) -> None:
        """Give up the lock, and leave the file: the log could not take all lines of the run."""
        self._close()


def dead(archive: Path) -> list[Begun]:
    """Return the runs that died and were not logged, in order of their start. Writes nothing."""
    return [begun for path in _marks(archive) if (begun := _looked_at(path)) is not None]


class Claim(Struct, frozen=True):
    """A dead run, held so that no other run logs it meanwhile."""

    begun: Begun
    _path: Path

    def remove(self) -> None:
        """Remove its file: the log has its lines."""
        self._path.unlink(missing_ok=True)
        durable.sync_folder(self._path.parent)


def claims(archive: Path) -> Generator[Claim, None, None]:
    """Yield the dead runs, in order of their start, each held until the next is asked for."""
    for path in archive.glob(f"{_MARK}*{_NEW}"):
        _clear(path)
    for path in _marks(archive):
        descriptor = _held(path, os.O_RDWR, fcntl.LOCK_EX)
        if descriptor is None:
            continue
        try:
            yield Claim(_read(path, descriptor), path)
        finally:
            os.close(descriptor)


def _written(path: Path, begun: Begun) -> int:
    fresh = path.with_name(f"{path.name}{_NEW}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        durable.write_all(descriptor, jsonl.dump_lines([begun]))
        os.fsync(descriptor)
        durable.rename_new(fresh, path)
    except BaseException:
        os.close(descriptor)
        fresh.unlink(missing_ok=True)
        raise
    return descriptor


def _marks(archive: Path) -> list[Path]:
    if not archive.is_dir():
        return []
    return sorted(path for path in archive.iterdir() if _NAME.fullmatch(path.name.removeprefix(_MARK)))


def _looked_at(path: Path) -> Begun | None:
    descriptor = _held(path, os.O_RDONLY, fcntl.LOCK_SH)
    if descriptor is None:
        return None
    try:
        return _read(path, descriptor)
    finally:
        os.close(descriptor)


def _held(path: Path, flags: int, lock: int) -> int | None:
    """Open and lock the file of a dead run; None for that of a run at work, and for one that is gone."""
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
        # Another run can have logged it, and removed the file, between the two calls.
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _read(path: Path, descriptor: int) -> Begun:
    """Return what a file says; of one that cannot be read, what its name says."""
    *lines, _ = os.pread(descriptor, os.fstat(descriptor).st_size, 0).split(b"\n")
    name = path.name.removeprefix(_MARK)
    try:
        begun = jsonl.decode(lines[0] if lines else b"", Begun, f"{path}:1")
        reached = [jsonl.decode(line, _Reached, str(path)).collection for line in lines[1:]]
    except DamagedData:
        at = name.partition("-")[0]
        started = f"{at[:4]}-{at[4:6]}-{at[6:11]}:{at[11:13]}:{at[13:]}"
        return Begun(run=name, started=started, spider="unknown", software="unknown")
    return replace(begun, collections=list(dict.fromkeys([*begun.collections, *reached])))


def _clear(path: Path) -> None:
    """Remove the file of a run that died while it said that it began: it had not yet begun."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(descriptor)
