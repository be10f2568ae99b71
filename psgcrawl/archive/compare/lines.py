"""One ``entries.jsonl``, read by place: bytes to compare, lines to parse.

Files are read, not mapped: memory stays that of one window, and a file that someone
cuts meanwhile is an error and no crash.
"""

import os
import re
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from psgcrawl.archive import jsonl
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry

Key = tuple[int, str]

LARGEST_BLOCK: Final = 1 << 18
"""Bytes in memory of each file: the windows of two fit a processor's cache."""

BEHIND: Final = 1 << 12
"""Bytes of the window that lie before what is asked for: the line before is mostly wanted, too."""

LONGEST_LINE: Final = 1 << 26
"""A page has at most 8 MiB, and an escape six bytes for one: what is longer is no line of ours."""

_BEGINNING: Final = re.compile(
    rb'\{"id":"([ !#-\[\]-~]*)","date_earliest":(?:"([0-9]{4})-([0-9]{2})-([0-9]{2})"|null),'
)
"""How a canonical line begins whose id needs no escapes."""


def key(entry: Entry) -> Key:
    """Return what sorts entries canonically: ``date_earliest`` descending, those without last, then ``id``.

    Code points sort like the bytes of their UTF-8.
    """
    if entry.date_earliest is None:
        return 1, entry.id
    return -int(entry.date_earliest.replace("-", "")), entry.id


def beginning(raw: bytes) -> Key | None:
    """Return the key of a line as far as it can be read off its beginning; None where it must be parsed."""
    match = _BEGINNING.match(raw)
    if match is None:
        return None
    identity, year, month, day = match.groups()
    return -int(year + month + day) if year else 1, identity.decode("ascii")


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
        self._window = bytearray(LARGEST_BLOCK)
        self._start, self._held = 0, 0
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
                raise self._cut()
            data += more
        return data

    def window(self, start: int) -> tuple[bytearray, int, int]:
        """Return memory, and from where to where it holds what stands from ``start`` on: valid until the next call.

        That is at least one byte, but at the end of the file. So most bytes are read once, into the same memory:
        to ask the system for some takes longer than to compare what is in it.

        :raises DamagedData: when the file was cut meanwhile
        """
        if not self._start <= start < self._start + self._held:
            self._read(max(0, min(start, self.size) - BEHIND))
        return self._window, start - self._start, self._held

    def _read(self, start: int) -> None:
        self._start, self._held = start, 0
        wanted = min(len(self._window), self.size - start)
        with memoryview(self._window) as rest:
            # The system may give less than it has.
            while self._held < wanted:
                more = os.preadv(self._descriptor, [rest[self._held : wanted]], start + self._held)
                if not more:
                    raise self._cut()
                self._held += more

    def _cut(self) -> DamagedData:
        return DamagedData(f"{self.path}: the file was cut while it was read")

    def line(self, start: int) -> bytes:
        """Return the line that begins at ``start``, with its line end; nothing at the end of the file.

        :raises DamagedData: when it has no end
        """
        for _ in range(2):
            window, at, held = self.window(start)
            end = window.find(b"\n", at, held) + 1
            if end or at == held:
                return bytes(memoryview(window)[at:end])
            # It goes on behind the window.
            self._read(start)
        return self._long_line(start)

    def _long_line(self, start: int) -> bytes:
        length = len(self._window)
        while True:
            data = self.block(start, length)
            end = data.find(b"\n") + 1
            if end:
                return data[:end]
            if len(data) < length or length >= LONGEST_LINE:
                raise DamagedData(f"{self.place(start)}: the line has no end: it was cut off, or is none of ours")
            length *= 4

    def line_before(self, end: int) -> tuple[int, bytes]:
        """Return where the line that ends at ``end`` begins, and the line."""
        first = self.beginning(end - 1)
        return first, self.block(first, end - first)

    def beginning(self, offset: int) -> int:
        """Return where the line begins to which the byte at ``offset`` belongs."""
        if self._start <= offset <= self._start + self._held:
            found = self._window.rfind(b"\n", 0, offset - self._start)
            if found >= 0 or self._start == 0:
                return self._start + found + 1
        length = BEHIND
        while True:
            first = max(0, offset - length)
            found = self.block(first, offset - first).rfind(b"\n")
            if found >= 0 or first == 0:
                return first + found + 1
            length *= 4

    def key(self, start: int, raw: bytes) -> Key:
        """Return the key of the line ``raw`` at ``start``: mostly it is read off its beginning, in a tenth of the time.

        :raises DamagedData: as :meth:`entry`, where it must be parsed
        """
        return beginning(raw) or key(self.entry(start, raw))

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
    equal = 0
    while True:
        one, first, end = old.window(at + equal)
        other, second, stop = new.window(there + equal)
        length = min(end - first, stop - second)
        with memoryview(other)[second : second + length] as wanted:
            same = shared(one, first, wanted)
        equal += same
        if same < length or not length:
            return old.beginning(at + equal) - at


def shared(data: bytes | bytearray, at: int, other: memoryview) -> int:
    """Return the length of the longest beginning of ``other`` that stands at ``at`` in ``data``.

    By ``startswith``, which compares where the bytes are: a part of either would be a copy.
    """
    if data.startswith(other, at):
        return len(other)
    low, high = 0, len(other) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if data.startswith(other[low:middle], at + low):
            low = middle
        else:
            high = middle - 1
    return low
