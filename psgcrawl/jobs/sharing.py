"""What a file system must guarantee on which workers of several machines keep one archive, and its proof.

=====================  =======================================================================
guarantee              without it
=====================  =======================================================================
the same folder at     a worker would make an archive of its own
the same path
``flock`` between      two runs would write into one collection, two lines into one place of
machines               the log
``O_EXCL``             two would write one file
``rename`` in one      a snapshot could be seen in part, or a folder that holds something
step, never onto a     replaced
folder with files
``fsync`` of files     a power cut would leave snapshots with holes
and folders
clocks that agree      capture times, names and the budgets of web archives would be wrong
=====================  =======================================================================

Whoever starts the jobs makes a folder ``.probe-…`` in the archive and holds a lock there
as long as jobs are at work; each worker, also one that comes later, tries all of it there
before its first job. That a disk keeps what ``fsync`` said it has, only a power cut shows.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from socket import gethostname
from typing import Final

from psgcrawl.archive import durable
from psgcrawl.archive.runlog import RUNS
from psgcrawl.errors import UnfitWorker

_PROBE: Final = ".probe-"
_NEW: Final = ".new"
_LOCK: Final = "lock"
_SEEN: Final = "seen"
CLOCKS: Final = 5.0
"""Seconds by which the clock of a machine may differ from that of the file system."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A folder that workers of several machines use."""

    folder: Path
    """Absolute."""
    first: str | None = None
    """SHA-256 of the first line of its run log, which never changes: it tells archives apart. None without a log."""
    probe: str | None = None
    """Name of the folder in it where writing is tried; None where it is only read."""


@contextmanager
def shared(folder: Path, *, writes: bool) -> Iterator[Shared]:
    """Let workers look, as long as the block lasts, whether ``folder`` is shared as it must be.

    It was looked at from this process when the block begins.

    :param folder: absolute; it is made if need be and ``writes``
    :param writes: whether jobs write into it; otherwise nothing is written
    :raises UnfitWorker: where this machine does not give what is needed
    """
    if not writes:
        said = Shared(folder, _first_line(folder))
        check(said)
        yield said
        return
    durable.make_folder(folder)
    _clear(folder)
    name = f"{_PROBE}{os.urandom(8).hex()}"
    fresh = folder / f"{name}{_NEW}"
    fresh.mkdir()
    try:
        durable.write_new(fresh / _SEEN, name.encode("ascii"))
        descriptor = os.open(fresh / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise _unfit(folder, f"locks (flock) do not work: {error.strerror}") from error
            fresh.rename(folder / name)
            said = Shared(folder, _first_line(folder), name)
            check(said)
            yield said
        finally:
            os.close(descriptor)
    finally:
        for left in (fresh, folder / name):
            shutil.rmtree(left, ignore_errors=True)


def check(said: Shared) -> None:
    """Look whether the folder is, from this process, what whoever started the jobs says of it.

    :raises UnfitWorker: ``host: folder: problem``
    """
    if not said.folder.is_dir():
        raise _unfit(said.folder, "there is no such folder on this machine: mount it at the same path everywhere")
    # An archive that was empty has a log as soon as the first job is done.
    if said.first is not None and _first_line(said.folder) != said.first:
        raise _unfit(said.folder, f"another archive is here, or an old state of it: {RUNS} begins otherwise")
    if said.probe is not None:
        _try(said.folder, said.folder / said.probe)


def _try(folder: Path, probe: Path) -> None:
    try:
        seen = (probe / _SEEN).read_bytes()
    except OSError as error:
        problem = "what another machine wrote is not seen here: it is another folder, or names are cached too long"
        raise _unfit(folder, problem) from error
    if seen != probe.name.encode("ascii"):
        raise _unfit(folder, "what another machine wrote reads otherwise here")
    _try_lock(folder, probe / _LOCK)
    own = probe / f"{gethostname()}-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        own.mkdir()
        _try_files(folder, own)
        _try_renaming(folder, own)
    except OSError as error:
        raise _unfit(folder, f"cannot be written as it must be: {error}") from error
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _try_lock(folder: Path, path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    except OSError as error:
        raise _unfit(folder, f"locks (flock) do not work: {error.strerror}") from error
    finally:
        os.close(descriptor)
    raise _unfit(folder, "locks (flock) do not hold between machines: both would write at once")


def _try_files(folder: Path, own: Path) -> None:
    path = own / "file"
    durable.write_new(path, b"whole")
    durable.sync_folder(own)
    with suppress(FileExistsError):
        durable.write_new(path, b"twice")
        raise _unfit(folder, "a file that exists was made a second time (O_EXCL)")
    apart = abs(path.stat().st_mtime - time.time())
    if apart > CLOCKS:
        raise _unfit(folder, f"the clock of this machine and the file system's differ by {apart:.0f} seconds")


def _try_renaming(folder: Path, own: Path) -> None:
    for name in ("old", "new"):
        (own / name).mkdir()
        durable.write_new(own / name / "file", name.encode("ascii"))
    with suppress(OSError):
        (own / "new").rename(own / "old")
    if (own / "old" / "file").read_bytes() != b"old":
        raise _unfit(folder, "a folder was renamed onto one that holds a file")
    durable.rename_new(own / "new", own / "moved")
    if (own / "new").exists() or (own / "moved" / "file").read_bytes() != b"new":
        raise _unfit(folder, "a folder that was renamed is not at its new name, or still at the old one")


def _first_line(folder: Path) -> str | None:
    try:
        with (folder / RUNS).open("rb") as file:
            line = file.readline()
    except FileNotFoundError:
        return None
    return sha256(line).hexdigest() if line.endswith(b"\n") else None


def _clear(folder: Path) -> None:
    """Remove the folders of those who died: nobody holds their lock."""
    for path in folder.glob(f"{_PROBE}*"):
        if path.suffix == _NEW:
            continue
        with suppress(OSError):
            descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
            finally:
                os.close(descriptor)


def _unfit(folder: Path, problem: str) -> UnfitWorker:
    return UnfitWorker(f"{gethostname()}: {folder}: {problem}")
