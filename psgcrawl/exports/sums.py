"""Length, CRC-32 and SHA-256 of bytes that pass by."""

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final

PIECE: Final = 1 << 20
"""Bytes that are read in one go."""


class Sums:
    """Counts what it is shown."""

    def __init__(self, data: bytes = b"") -> None:
        """Start with ``data``."""
        self.size = 0
        self.crc = 0
        self._sha256 = hashlib.sha256()
        self.update(data)

    def update(self, data: bytes) -> None:
        """Count some more bytes."""
        self.size += len(data)
        self.crc = zlib.crc32(data, self.crc)
        self._sha256.update(data)

    @property
    def sha256(self) -> str:
        """In hexadecimal."""
        return self._sha256.hexdigest()


class Summed:
    """A stream that is read, and counted on the way."""

    def __init__(self, stream: BinaryIO) -> None:
        """Name the stream; nothing is read yet."""
        self._stream = stream
        self.sums = Sums()

    def read(self, size: int, /) -> bytes:
        """Return ``size`` bytes at most, none at the end."""
        data = self._stream.read(size)
        self.sums.update(data)
        return data


def pieces(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file."""
    with path.open("rb") as file:
        while data := file.read(PIECE):
            yield data


def again(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of an open file from its start."""
    file.seek(0)
    while data := file.read(PIECE):
        yield data
