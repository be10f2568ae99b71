"""The WARCs in a file that a person gives: the file itself, or what a WACZ has in its ``archive/``.

Nothing is unpacked to disk, so names inside a ZIP are only shown. What a ZIP says of
itself is not believed: members that lie on top of each other, or become far more than
they are, are refused before they are read (WACZ 1.1.1 has WARCs stored as they are).
"""

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import SEEK_END
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from psgcrawl.captures.files import WarcFile
from psgcrawl.errors import BadCapture

_WARC: Final = re.compile(r"archive/.*\.warc(?:\.gz)?\Z", re.IGNORECASE | re.DOTALL)
_MOST: Final = 200
"""A member that deflates to more than so many times its length is a bomb: text shrinks to a tenth."""
_UNREADABLE: Final = (OSError, EOFError, ValueError, RuntimeError, struct.error, BadZipFile)
"""What :mod:`zipfile` raises for what is no ZIP, or one of a kind that it cannot read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One WARC."""

    place: str
    """How messages name it."""
    file: WarcFile
    archive: ZipFile | None = None
    member: ZipInfo | None = None

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open it.

        :raises BadCapture: where that cannot be done
        """
        try:
            stream = self._stream()
        except _UNREADABLE as error:
            raise BadCapture(f"{self.place}: cannot be read: {_reason(error)}") from error
        with stream:
            yield stream

    def _stream(self) -> IO[bytes]:
        if self.archive is None or self.member is None:
            return self.file.source.open("rb")
        return self.archive.open(self.member)


@contextmanager
def opened(file: WarcFile) -> Iterator[list[Part]]:
    """Give the WARCs in ``file``, in the order in which it lists them; they can be opened as long as this lasts.

    :raises BadCapture: for a file that cannot be read, and a WACZ that is none
    """
    # To open a pipe would wait for a writer, for ever.
    if not file.source.is_file():
        raise BadCapture(f"{file.place}: cannot be read: no such file, or not a regular one")
    if not file.source.name.lower().endswith(".wacz"):
        yield [Part(file.place, file)]
        return
    with Part(file.place, file).open() as stream:
        try:
            archive = ZipFile(stream)
        except _UNREADABLE as error:
            raise BadCapture(f"{file.place}: no WACZ that can be read: {_reason(error)}") from error
        with archive:
            members = [member for member in archive.infolist() if _WARC.match(member.filename)]
            _refuse_bombs(file, members, stream.seek(0, SEEK_END))
            yield [Part(f"{file.place}/{member.filename}", file, archive, member) for member in members]


def _refuse_bombs(file: WarcFile, members: list[ZipInfo], length: int) -> None:
    if not members:
        raise BadCapture(f"{file.place}: no WACZ: there is no WARC in its archive/")
    for member in members:
        if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise BadCapture(f"{file.place}: {member.filename!r}: neither stored nor deflated")
        if member.file_size > max(member.compress_size, 1) * _MOST:
            raise BadCapture(f"{file.place}: {member.filename!r}: it becomes {member.file_size} bytes: a bomb")
    if sum(member.compress_size for member in members) > length:
        raise BadCapture(f"{file.place}: its members are together longer than the file: a bomb")


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
