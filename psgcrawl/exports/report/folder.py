"""The folder of a report on disk.

A page is written under another name and renamed, and only if its bytes differ from those
that are there: what is copied or published from the folder is what changed. In the
report's own folders nothing stays that is no longer told; all else in there is left alone.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import Final

from psgcrawl.archive.sorting import Sorter
from psgcrawl.archive.temporary import Temporary
from psgcrawl.errors import NameTaken, UsageError
from psgcrawl.exports.report.places import FOLDERS

MARK: Final = ".psgcrawl-report"
"""The file by which a folder is known to be a report."""

Data = bytes | Iterable[bytes]
"""The bytes of a file, or pieces of them."""
IN_MEMORY: Final = 1 << 20
"""Bytes of a file that are held in memory; what is longer is compared with what is there when it is written."""

_SAYS: Final = (
    "This folder was made by `psgcrawl report`. What is in its folders "
    f"{', '.join(FOLDERS)} is replaced by the next one; all else stays.\n"
)


class Folder(Temporary):
    """Where a report is written. A context manager: the names of what was put are in temporary files."""

    def __init__(self, path: Path, archive: Path) -> None:
        """Make the folder, or take one that holds a report.

        :param archive: the archive, in which no report may lie
        :raises UsageError: as :func:`check_place`
        :raises NameTaken: as :func:`check_place`
        """
        check_place(path, archive)
        super().__init__()
        path.mkdir(parents=True, exist_ok=True)
        self.path: Final = path
        self.told = 0
        """Files that belong to the report."""
        self.written = 0
        """Those among them that were written, as they were not there, or other bytes."""
        self.removed = 0
        self._known = self._open.enter_context(Sorter())
        self._made: set[str] = {str(path)}
        self._beside = f".{token_hex(4)}.part"
        """What a name ends with until the file is whole."""
        self.put(MARK, _SAYS.encode("ascii"))

    def put(self, name: str, data: Data) -> None:
        """Let the file ``name`` hold ``data``.

        :param name: relative to the folder, with ``/``
        """
        self.told += 1
        self._known.add(_in_parts(name))
        # Text: with paths it takes twice as long.
        path = f"{self.path}/{name}"
        pieces = iter([data] if isinstance(data, bytes) else data)
        head = _together(pieces)
        rest = next(pieces, None)
        if rest is None:
            if not _holds(path, [head]):
                self._write(path, [head])
        else:
            self._write(path, chain([head, rest], pieces), compare=True)

    def _write(self, path: str, pieces: Iterable[bytes], *, compare: bool = False) -> None:
        """Write a file beside its place, and put it there.

        :param compare: look first whether what is there is the same
        """
        folder, _, file = path.rpartition("/")
        if folder not in self._made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        beside = f"{folder}/.{file}{self._beside}"
        try:
            with open(beside, "wb") as to:  # noqa: PTH123 - as above
                to.writelines(pieces)
            if compare and _is_copy(path, beside):
                os.unlink(beside)  # noqa: PTH108 - as above
                return
            os.replace(beside, path)  # noqa: PTH105 - as above
        except BaseException:
            with suppress(OSError):
                Path(beside).unlink()
            raise
        self.written += 1

    def clear(self) -> None:
        """Remove from the report's own folders all files that were not put, and folders that are empty then."""
        known = iter(self._known)
        told = next(known, None)
        for name in sorted(FOLDERS):
            for file in _files(self.path / name, os.fsencode(name)):
                while told is not None and told < file:
                    told = next(known, None)
                if told != file:
                    (self.path / os.fsdecode(file.replace(_BETWEEN, b"/"))).unlink()
                    self.removed += 1


_BETWEEN: Final = b"\0"
"""Stands between the parts of names, so that they sort as folders are walked through: no name has it."""


def _in_parts(name: str) -> bytes:
    return os.fsencode(name).replace(b"/", _BETWEEN)


def _files(folder: Path, name: bytes) -> Iterator[bytes]:
    """Yield all that is no folder in a folder, in order of their names' parts; in the end the folder goes if empty.

    :param name: the folder's
    """
    try:
        found = sorted((os.fsencode(one.name), one.is_dir(follow_symlinks=False)) for one in os.scandir(folder))
    except FileNotFoundError:
        return
    for part, is_folder in found:
        here = name + _BETWEEN + part
        if is_folder:
            yield from _files(folder / os.fsdecode(part), here)
        else:
            yield here
    with suppress(OSError):
        folder.rmdir()


def _together(pieces: Iterator[bytes]) -> bytes:
    """Return as many of the first pieces as may be in memory."""
    held: list[bytes] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= IN_MEMORY:
            break
    return b"".join(held)


def _holds(path: str, pieces: Iterable[bytes]) -> bool:
    """Tell whether a file is there and holds this; a link does not, even where it leads to the same bytes."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - a number
            return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)
    except OSError:
        # What cannot be read is replaced; what cannot be replaced is an error then.
        return False


def _is_copy(path: str, other: str) -> bool:
    with open(other, "rb") as file:  # noqa: PTH123 - as above
        return _holds(path, iter(partial(file.read, IN_MEMORY), b""))


def check_place(path: Path, archive: Path) -> None:
    """Refuse a place where no report can be written; asked before all that goes into one is read.

    :param archive: the archive, in which no report may lie
    :raises UsageError: when the folder would lie in the archive, or the archive in it
    :raises NameTaken: when something else is there already
    """
    _apart(path, archive)
    if path.exists() and not (path / MARK).is_file():
        if not path.is_dir():
            raise NameTaken(f"{path}: is no folder")
        if any(path.iterdir()):
            raise NameTaken(f"{path}: exists already, and is no report ({MARK} is not there)")
    for name in FOLDERS:
        if (path / name).is_symlink():
            raise NameTaken(f"{path / name}: leads elsewhere; a report only writes into its own folders")


def _apart(path: Path, archive: Path) -> None:
    here, there = path.resolve(), archive.resolve()
    if here == there or there in here.parents:
        raise UsageError(f"{path}: lies in the archive {archive}, where nothing but the archive may be")
    if here in there.parents:
        raise UsageError(f"{path}: holds the archive {archive}; name another folder with -o DIR")
