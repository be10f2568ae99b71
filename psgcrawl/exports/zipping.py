"""ZIP files written as a stream: members stored as they are, sizes and checksums in front of each.

``zipfile`` would go back to fill them in, or, where it cannot, put them behind the
member, which not every reader takes for a stored one; and its bytes differ between the
two. Here a caller knows them beforehand. Format: APPNOTE.TXT 6.3.10, with ZIP64 (4.5.3)
where 32 bits are not enough, and only there.
"""

import struct
import zlib
from collections.abc import Iterable
from typing import Final, Protocol

from psgcrawl.errors import DamagedData

LARGEST: Final = 0xFFFFFFFF
"""What 32 bits cannot say any more: it stands for "see the ZIP64 field"."""

_MOST: Final = 0xFFFF
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_END_64: Final = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64: Final = struct.Struct("<4sIQI")
_PLAIN: Final = 20
_WITH_64: Final = 45
"""Versions of the format that a reader must know."""
_MADE_BY: Final = 3 << 8
"""On Unix: then the permissions are in the upper half of the external attributes."""
_FILE: Final = 0o100644 << 16
_DATE: Final = (1 << 5) | 1
"""1 January 1980, the first that the format can say: a time of writing would make each file another one."""


class Writable(Protocol):
    """What is written to."""

    def write(self, data: memoryview, /) -> int:
        """Take the beginning of ``data``, and return how many bytes that were."""


class ZipWriter:
    """Writes one ZIP file, member by member; finished by :meth:`close`."""

    def __init__(self, stream: Writable, largest: int = LARGEST) -> None:
        """Start at the beginning of ``stream``.

        :param largest: from which size or offset on ZIP64 is used
        """
        self._stream = stream
        self._largest = largest
        self._position = 0
        self._central: list[bytes] = []

    def add(self, name: str, size: int, crc: int, pieces: Iterable[bytes]) -> None:
        """Write a member.

        :raises DamagedData: when ``pieces`` are not as long as ``size``, or do not fit ``crc``
        """
        encoded = name.encode("ascii")
        offset = self._position
        extra = struct.pack("<2H2Q", 1, 16, size, size) if size >= self._largest else b""
        shown = LARGEST if extra else size
        version = _WITH_64 if extra else _PLAIN
        self._write(
            _LOCAL.pack(b"PK\3\4", version, 0, 0, 0, _DATE, crc, shown, shown, len(encoded), len(extra))
            + encoded
            + extra
        )
        self._central.append(self._entry(encoded, size, crc, offset))
        written, found = 0, 0
        for piece in pieces:
            written += len(piece)
            found = zlib.crc32(piece, found)
            self._write(piece)
        if (written, found) != (size, crc):
            raise DamagedData(f"{name}: it changed while it was read")

    def close(self) -> None:
        """Write the directory, with which the file ends."""
        start, count = self._position, len(self._central)
        for entry in self._central:
            self._write(entry)
        length = self._position - start
        if max(start, length) >= self._largest or count >= _MOST:
            where = self._position
            self._write(
                _END_64.pack(
                    b"PK\6\6", _END_64.size - 12, _MADE_BY | _WITH_64, _WITH_64, 0, 0, count, count, length, start
                )
                + _LOCATOR_64.pack(b"PK\6\7", 0, where, 1)
            )
            start, length, count = LARGEST, LARGEST, _MOST
        self._write(_END.pack(b"PK\5\6", 0, 0, count, count, length, start, 0))

    def _entry(self, name: bytes, size: int, crc: int, offset: int) -> bytes:
        """Return what the directory says of a member."""
        large = size >= self._largest
        values = [size, size] if large else []
        if offset >= self._largest:
            values.append(offset)
        extra = struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if values else b""
        version = _WITH_64 if values else _PLAIN
        shown = LARGEST if large else size
        at = LARGEST if offset >= self._largest else offset
        fields = (_MADE_BY | version, version, 0, 0, 0, _DATE, crc, shown, shown, len(name), len(extra))
        return _CENTRAL.pack(b"PK\1\2", *fields, 0, 0, 0, _FILE, at) + name + extra

    def _write(self, data: bytes) -> None:
        self._position += len(data)
        rest = memoryview(data)
        while rest:
            # Unbuffered standard output (python -u) takes what fits into a pipe.
            rest = rest[self._stream.write(rest) :]
