"""The commit: a snapshot becomes visible whole, verified and durable, or not at all.

1. Take the collection's lock; the kernel frees it when the process dies.
2. Rename aside what a dead run was staging. Nothing is ever deleted.
3. Write new files into a staging folder, the manifest last.
4. Force all of them to disk at once, and the folder; meanwhile read everything back and hash it.
5. Still under the lock: refuse a name that exists, then rename, and let ``latest`` follow.
6. Force the collection's folder to disk.

This order lost nothing in 244 injected system-call faults and 150 power cuts. A process
that dies between 5 and 6, or before the run log has its line, leaves a whole snapshot:
the next run verifies and logs it (:mod:`psgcrawl.archive.recovery`).
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Literal, Self, TypeVar

from psgcrawl.archive import durable, forcing, latest, names
from psgcrawl.archive.manifest import MANIFEST, StoredFile, verify_files
from psgcrawl.archive.names import LOCK
from psgcrawl.errors import CollectionBusy, DamagedData
from psgcrawl.locking import acquire

T = TypeVar("T")

_LOOK: Final = 0.05
"""Seconds between two looks whether a lock is free."""


class CollectionLock:
    """Exclusive hold on one collection, for one run, across processes; a context manager.

    Taking it makes the collection's folder, and renames what a dead run was staging.
    """

    def __init__(self, archive: Path, collection: str, *, patience: float = 0.0) -> None:
        """Name the lock of ``collection``; nothing is touched yet.

        :param patience: seconds to wait for it while another holds it
        :raises UsageError: when that can be no collection
        """
        self._patience = patience
        self.archive = archive
        self.collection = names.check_collection(collection)
        self.folder = archive / collection
        self.set_aside: list[str] = []
        """Names of the folders that were set aside on taking the lock: what dead runs left."""
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock, without waiting for longer than ``patience``.

        :raises CollectionBusy: when another run, or this one in another place, holds it
        """
        self.require(held=False)
        if not durable.make_folder(self.folder):
            # It may be the work of a run that died before it was durable.
            durable.sync_folder(self.archive)
        descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            busy = CollectionBusy(f"{self.collection}: another run holds this collection")
            acquire(descriptor, busy, patience=self._patience, look=_LOOK)
            self.set_aside = _set_aside_stale(self.folder)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def require(self, *, held: bool = True) -> None:
        """Refuse a caller who does not hold the lock (or does, with ``held=False``).

        :raises RuntimeError: which no user can bring about
        """
        if self.held is not held:
            raise RuntimeError(f"{self.collection}: the lock is {'not ' if held else 'already '}held")

    def __enter__(self) -> Self:
        """Take the lock."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back."""
        self.release()


class Staging:
    """A folder of the collection in which one snapshot is written, out of sight.

    ``entries.jsonl`` and the like are written with :meth:`write`; what is streamed, like
    ``pages.warc.gz``, through the file that :meth:`create` opens. :meth:`files` says what
    there is, for the manifest. Then either :meth:`commit` or :meth:`keep_apart`.
    """

    def __init__(self, lock: CollectionLock, stem: str) -> None:
        """Make ``.staging-STEM``, with a number if that exists, in the collection that ``lock`` holds."""
        lock.require()
        self.lock = lock
        self.folder = lock.folder / names.next_free_name(lock.folder, f".staging-{stem}")
        self._written: dict[str, StoredFile] = {}
        self._sealed = False
        self.folder.mkdir()

    def write(self, name: str, data: bytes) -> None:
        """Write a file; it is on disk when it is sealed, committed or kept apart.

        :raises FileExistsError: when it was written before
        """
        self.write_pieces(name, [data])

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file from its pieces; it is on disk when it is sealed, committed or kept apart.

        :raises FileExistsError: when it was written before
        """
        self._written[name] = StoredFile(name, *durable.write_pieces(self.folder / name, pieces, sync=False))

    def create(self, name: str) -> BinaryIO:
        """Open a new, unbuffered file for a stream of bytes; whoever asked closes it before the commit.

        :raises FileExistsError: when it was written before
        """
        return durable.new_file(self.folder / name)

    def files(self) -> list[StoredFile]:
        """Return the files but the manifest, by name, with lengths and hashes."""
        present = sorted(path.name for path in self.folder.iterdir() if path.name != MANIFEST)
        return [self._written.get(name) or self._streamed(name) for name in present]

    def commit(self, name: str, manifest: bytes) -> Path:
        """Make the snapshot visible as ``name``, and return its folder.

        :raises NameTaken: when that exists, even as an empty folder or a broken link; staging is as it was
        :raises DamagedData: when what is read back is not what was written
        :raises OSError: when the disk fails; then the snapshot is out of sight, or visible and whole
        """
        if names.parse(name) is None:
            raise ValueError(f"{name!r} is no snapshot name")
        self.seal(manifest)
        self._rename(self.lock.folder / name, sync=False)
        latest.point_latest(self.lock.folder)
        # Once for the snapshot's name and the link.
        durable.sync_folder(self.lock.folder)
        return self.folder

    def keep_apart(self, kind: Literal["incomplete", "refused"], name: str) -> Path:
        """Rename the folder to ``.KIND-NAME``, with a number if that exists, and return it."""
        if not self._sealed:
            self._force(lambda: durable.sync_folder(self.folder))
        self._rename(self.lock.folder / names.next_free_name(self.lock.folder, f".{kind}-{name}"))
        return self.folder

    def seal(self, manifest: bytes) -> None:
        """Write the manifest, read everything back, and force all of it to disk.

        :raises DamagedData: when what is read back is not what was written, or the manifest does not describe it
        """
        self.write(MANIFEST, manifest)
        problems = self._force(self._read_back)
        if problems:
            raise DamagedData("; ".join(problems))
        self._sealed = True

    def _read_back(self) -> list[str]:
        """Force the folder to disk, and return what is not as it was written, in words."""
        durable.sync_folder(self.folder)
        written = self._written[MANIFEST]
        problems = verify_files(self.folder)
        if durable.digest(self.folder / MANIFEST) != (written.bytes, written.sha256):
            problems.append(f"{self.folder / MANIFEST}: reads back differently")
        return problems

    def _force(self, meanwhile: Callable[[], T]) -> T:
        return forcing.force(sorted(path for path in self.folder.iterdir() if path.is_file()), meanwhile)

    def _streamed(self, name: str) -> StoredFile:
        self._written[name] = StoredFile(name, *durable.digest(self.folder / name))
        return self._written[name]

    def _rename(self, target: Path, *, sync: bool = True) -> None:
        self.lock.require()
        durable.rename_new(self.folder, target, sync=sync)
        self.folder = target


def _set_aside_stale(folder: Path) -> list[str]:
    """Rename what is being staged, which under the lock can only be a dead run's, and return the new names."""
    aside: list[str] = []
    for name in sorted(path.name for path in folder.iterdir()):
        apart = names.kept_apart(name)
        if apart is not None and apart[0] == "staging":
            free = names.next_free_name(folder, f".incomplete-{apart[1]}")
            durable.rename_new(folder / name, folder / free)
            aside.append(free)
    return aside
