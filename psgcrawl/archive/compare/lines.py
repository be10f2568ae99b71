"""One ``entries.jsonl``, read by place: blocks to compare, lines to parse.

Blocks are read, not mapped: memory stays that of a few blocks, and a file that someone
cuts meanwhile is an error and no crash.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from psgcrawl.archive import jsonl
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry

Key = tuple[int, str]

SMALLEST_BLOCK: Final = 1 << 14
LARGEST_BLOCK: Final = 1 << 18
"""Bytes compared at once: few where lines differ, then more and more. The most fits a processor's cache."""

LINE_BLOCK: Final = 1 << 12
"""Bytes read at first to find the ends of a line."""

LONGEST_LINE: Final = 1 << 26
"""A page has at most 8 MiB, and an escape six bytes for one: what is longer is no line of ours."""


def key(entry: Entry) -> Key:
    """Return what sorts entries canonically: ``date_earliest`` descending, those without last, then ``id``.

    Code points sort like the bytes of their UTF-8.
    """
    if entry.date_earliest is None:
        return 1, entry.id
    return -int(entry.date_earliest.replace("-", "")), entry.id


class Lines:
    """The lines of a file, each by the offset at which it begins; a context manager."""

    def __init__(self, path: Path, file: BinaryIO | None = None) -> None:
        """Open ``path``, or take ``file``, which holds the same lines in another order.

        :raises DamagedData: when there is no such file, or when its last line was cut off
        """
        self.path = path
        try:
            self._file = file or path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise DamagedData(f"{path}: the file is missing") from error
        self._descriptor = self._file.fileno()
        self._start, self._buffer = 0, b""
        self._views: dict[int, bytearray] = {}
        self.size = os.fstat(self._descriptor).st_size
        """Length in bytes when it was opened."""
        if self.size and os.pread(self._descriptor, 1, self.size - 1) != b"\n":
            place = self.place(self.size - 1)
            self._file.close()
            raise DamagedData(f"{place}: the last line has no line end: it was cut off")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def block(self, start: int, length: int) -> bytes:
        """Return ``length`` bytes from ``start``; fewer only at the end of the file."""
        data = os.pread(self._descriptor, length, start)
        # The system may give less than it has.
        while data and len(data) < min(length, self.size - start):
            more = os.pread(self._descriptor, length - len(data), start + len(data))
            if not more:
                raise DamagedData(f"{self.path}: the file was cut while it was read")
            data += more
        return data

    def view(self, start: int, length: int) -> bytes | bytearray:
        """Return the same as :meth:`block`, valid until the next call.

        Memory that is used again need not be asked of the system again, which takes longer than to compare it.
        """
        buffer = self._views.get(length)
        if buffer is None:
            buffer = self._views[length] = bytearray(length)
        return buffer if os.preadv(self._descriptor, [buffer], start) == length else self.block(start, length)

    def line(self, start: int) -> bytes:
        """Return the line that begins at ``start``, with its line end; nothing at the end of the file.

        :raises DamagedData: when it has no end
        """
        at = start - self._start
        end = self._buffer.find(b"\n", at) if 0 <= at < len(self._buffer) else -1
        length = LINE_BLOCK
        while end < 0:
            at, self._start, self._buffer = 0, start, self.block(start, length)
            end = self._buffer.find(b"\n")
            if not self._buffer:
                return b""
            if end < 0 and (len(self._buffer) < length or length >= LONGEST_LINE):
                raise DamagedData(f"{self.place(start)}: the line has no end: it was cut off, or is none of ours")
            length *= 4
        return self._buffer[at : end + 1]

    def line_before(self, end: int) -> tuple[int, bytes]:
        """Return where the line that ends at ``end`` begins, and the line."""
        length = LINE_BLOCK
        while True:
            first = max(0, end - length)
            data = self.block(first, end - first)
            found = data.rfind(b"\n", 0, len(data) - 1)
            if found >= 0 or first == 0:
                return first + found + 1, data[found + 1 :]
            length *= 4

    def entry(self, start: int, raw: bytes) -> Entry:
        """Return the entry that the line ``raw`` at ``start`` holds.

        :raises DamagedData: ``file:line: problem``
        """
        try:
            return jsonl.decode(raw[:-1], Entry, "")
        except DamagedData:
            # The number of the line is looked up only now: it means reading all that stands before.
            return jsonl.decode(raw[:-1], Entry, self.place(start))

    def place(self, offset: int) -> str:
        """Return ``file:line`` of the line to which the byte at ``offset`` belongs."""
        number, at = 1, 0
        while at < offset and (data := self.block(at, min(LARGEST_BLOCK, offset - at))):
            number += data.count(b"\n")
            at += len(data)
        return f"{self.path}:{number}"


def common(old: Lines, at: int, new: Lines, there: int) -> int:
    """Return how many bytes of whole lines are equal, from ``at`` in ``old`` and from ``there`` in ``new``."""
    equal, length = 0, SMALLEST_BLOCK
    while True:
        one, other = old.view(at + equal, length), new.view(there + equal, length)
        if one != other:
            return equal + one.rfind(b"\n", 0, _prefix(one, other)) + 1
        whole = one.rfind(b"\n") + 1
        equal += whole
        if len(one) < length:
            return equal
        # A line that is longer than a block needs a longer one; otherwise blocks stay in the cache.
        length = min(length * 2, LARGEST_BLOCK) if whole else length * 2


def _prefix(one: bytes | bytearray, other: bytes | bytearray) -> int:
    """Return the length of the longest common beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
