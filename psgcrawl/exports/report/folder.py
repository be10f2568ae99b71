"""The folder of a report on disk.

A page is written under another name and renamed, and only if its bytes differ from those
that are there: what is copied or published from the folder is what changed. In the
report's own folders nothing stays that is no longer told; all else in there is left alone.
"""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from psgcrawl.errors import NameTaken, UsageError
from psgcrawl.exports.report.places import FOLDERS

MARK: Final = ".psgcrawl-report"
"""The file by which a folder is known to be a report."""

_SAYS: Final = (
    "This folder was made by `psgcrawl report`. What is in its folders "
    f"{', '.join(FOLDERS)} is replaced by the next one; all else stays.\n"
)


class Folder:
    """Where a report is written."""

    def __init__(self, path: Path, archive: Path) -> None:
        """Make the folder, or take one that holds a report.

        :param archive: the archive, in which no report may lie
        :raises UsageError: as :func:`check_place`
        :raises NameTaken: as :func:`check_place`
        """
        check_place(path, archive)
        path.mkdir(parents=True, exist_ok=True)
        self.path: Final = path
        self.told = 0
        """Files that belong to the report."""
        self.written = 0
        """Those among them that were written, as they were not there, or other bytes."""
        self.removed = 0
        self._known: set[str] = set()
        self._made: set[Path] = {path}
        self.put(MARK, _SAYS.encode("ascii"))

    def put(self, name: str, data: bytes) -> None:
        """Let the file ``name`` hold ``data``.

        :param name: relative to the folder, with ``/``
        """
        path = self.path / name
        self.told += 1
        self._known.add(name)
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            # What is a link is replaced by a file, even where it leads to the same bytes.
            if not path.is_symlink() and path.read_bytes() == data:
                return
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        beside = path.with_name(f".{path.name}.{token_hex(4)}.part")
        try:
            beside.write_bytes(data)
            beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        self.written += 1

    def clear(self) -> None:
        """Remove from the report's own folders all files that were not put, and folders that are empty then."""
        for name in FOLDERS:
            for place, folders, files in os.walk(self.path / name, topdown=False):
                here = Path(place)
                for file in [*files, *(one for one in folders if (here / one).is_symlink())]:
                    path = here / file
                    if str(path.relative_to(self.path)) not in self._known:
                        path.unlink()
                        self.removed += 1
                with suppress(OSError):
                    here.rmdir()


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
