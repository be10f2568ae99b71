"""Bytes of WARC files, piece by piece: out of a file, out of one gzip member of it, and up to where a record ends.

Nothing here holds more than a record that is kept, however large the file, and however
much the gzip data in it become.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol
from zipfile import BadZipFile

from psgcrawl.archive.warc.headers import BLANK

GZIP: Final = b"\x1f\x8b"
"""How a gzip member begins."""
HEADER: Final = 256 * 1024
"""Length of the longest header of a record, in bytes."""

_READ: Final = 1 << 16
_PACKED: Final = 1 << 12
"""Taken from the file in one go: little, for what follows the end of a member is copied each time."""
_UNPACKED: Final = 1 << 20
_LINE_ENDS: Final = re.compile(rb"[\r\n]*")
_TWO_LINE_ENDS: Final = re.compile(rb"(?:\r?\n){0,2}")
_AFTER_RECORD: Final = (b"\r\n", b"\n", b"WARC/")


class Trouble(Exception):
    """What is wrong with the data; whoever knows the place tells it."""


class Readable(Protocol):
    """What records are read from: a file, also one inside a ZIP."""

    def read(self, size: int, /) -> bytes:
        """Return ``size`` bytes at most, none at the end."""


class Source:
    """The file."""

    def __init__(self, stream: Readable, position: int = 0) -> None:
        self._stream = stream
        self._data = b""
        self._at = 0
        self._base = position
        self.start = position
        """Where the record or member that is read begins: the place of what goes wrong."""

    @property
    def position(self) -> int:
        """Of what was taken, in the file."""
        return self._base + self._at

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer at the end, and leave them."""
        while len(self._data) - self._at < size and self._fill():
            pass
        return self._data[self._at : self._at + size]

    def piece(self, longest: int = _READ) -> bytes:
        """Take some bytes; none at the end."""
        if self._at == len(self._data):
            self._fill()
        data = self._data[self._at : self._at + longest]
        self._at += len(data)
        return data

    def give_back(self, size: int) -> None:
        """Give back bytes of the last piece."""
        self._at -= size

    def _fill(self) -> bool:
        try:
            more = self._stream.read(_READ)
        except (OSError, EOFError, BadZipFile, zlib.error) as error:
            raise Trouble(f"cannot be read: {error}") from error
        self._base += self._at
        self._data = self._data[self._at :] + more
        self._at = 0
        return bool(more)


class Member:
    """One gzip member."""

    def __init__(self, source: Source, longest: int) -> None:
        """Begin to read it; its own bytes are kept up to ``longest``.

        :raises Trouble: where none begins
        """
        if source.peek(2) != GZIP:
            raise Trouble("neither a gzip member nor the end of the file")
        self._source = source
        self._machine = zlib.decompressobj(31)
        self._longest = longest
        self._length = 0
        self._own: list[bytes] = []

    def piece(self) -> bytes:
        """Take some of its data; none at its end.

        :raises Trouble: for damaged data, also for a wrong checksum
        """
        while not self._machine.eof:
            packed = self._machine.unconsumed_tail or self._packed()
            try:
                data = self._machine.decompress(packed, _UNPACKED)
            except zlib.error as error:
                raise Trouble(f"damaged gzip data: {error}") from error
            # Nothing, before the member's end.
            self._source.give_back(len(self._machine.unused_data))
            if data:
                return data
        return b""

    def own(self) -> bytes | None:
        """Return its own bytes, once it has ended; None where they are too many."""
        unused = len(self._machine.unused_data)
        return b"".join(self._own)[: self._length - unused] if self._length - unused <= self._longest else None

    def _packed(self) -> bytes:
        packed = self._source.piece(_PACKED)
        if not packed:
            raise Trouble("the file ends inside a gzip member")
        self._length += len(packed)
        if self._length <= self._longest + _PACKED:
            self._own.append(packed)
        return packed


class Buffer:
    """Data that come by pieces, taken record by record."""

    def __init__(self, piece: Callable[[], bytes], position: int = 0) -> None:
        self._piece = piece
        self._data = b""
        self._at = 0
        self._base = position

    @property
    def position(self) -> int:
        """Of what was taken."""
        return self._base + self._at

    def at_end(self) -> bool:
        """Take line ends and tell whether nothing is left."""
        while True:
            self._skip(_LINE_ENDS)
            if self._at < len(self._data) or not self._more():
                return self._at == len(self._data)

    def header(self) -> bytes:
        """Take everything up to and with a blank line.

        :raises Trouble: where none comes
        """
        seen = self._at
        while not (blank := BLANK.search(self._data, seen)):
            # What ends a header may have begun in what is there.
            seen = max(0, len(self._data) - self._at - 2)
            if seen > HEADER or not self._more():
                raise Trouble("the record's header does not end")
        header = self._data[self._at : blank.end()]
        self._at = blank.end()
        return header

    def block(self, length: int) -> bytes:
        """Take ``length`` bytes.

        :raises Trouble: where there are fewer
        """
        return b"".join(self._pieces(length))

    def pass_over(self, length: int) -> None:
        """Take ``length`` bytes and forget them.

        :raises Trouble: where there are fewer
        """
        for _ in self._pieces(length):
            pass

    def close(self) -> None:
        """Take the two line ends that close a record; fewer, where its writer left them out.

        :raises Trouble: where something else follows
        """
        rest = self.peek(5)
        if rest not in {b"", b"\r"} and not rest.startswith(_AFTER_RECORD):
            raise Trouble("the record's Content-Length is wrong: its block goes on")
        self._skip(_TWO_LINE_ENDS)

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer at the end, and leave them."""
        while len(self._data) - self._at < size and self._more():
            pass
        return self._data[self._at : self._at + size]

    def _pieces(self, length: int) -> Iterator[bytes]:
        while length:
            if self._at == len(self._data) and not self._more():
                raise Trouble("the data end inside a record")
            piece = self._data[self._at : self._at + length]
            self._at += len(piece)
            length -= len(piece)
            yield piece

    def _skip(self, pattern: re.Pattern[bytes]) -> None:
        found = pattern.match(self._data, self._at)
        self._at = found.end() if found else self._at

    def _more(self) -> bool:
        more = self._piece()
        self._base += self._at
        self._data = self._data[self._at :] + more
        self._at = 0
        return bool(more)
