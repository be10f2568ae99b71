"""The lines of one file beside those of another: of what both hold byte for byte, nothing is split or parsed again.

A snapshot of a thousand entries is mostly the one before. To split it into lines takes as
long as to read it ten times, to look each line up takes twice that, to compare the bytes
of both a third of reading.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final, Generic, TypeVar

from msgspec import Struct, field

from psgcrawl.archive.compare.lines import Key

T = TypeVar("T")

_FIRST: Final = 8
"""Lines that are compared at once at first; then twice as many, while they are equal."""


class Sheet(Struct, Generic[T]):
    """A file of lines, and what they hold."""

    data: bytes = b""
    lengths: list[int] = field(default_factory=list)
    """Of the lines in bytes, with their ends."""
    keys: list[Key] = field(default_factory=list)
    """What sorts the lines canonically; the file may have another order, and is read more slowly then."""
    held: list[T] = field(default_factory=list)
    """What each line holds."""
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    """Which lines were taken over: the number of the first here and there, and how many."""

    def follow(self, data: bytes, read: Callable[[bytes, int], tuple[Key, T]]) -> "Sheet[T]":
        """Return the sheet of another file, with what this one holds of the lines that are in both.

        Of this one all lines have their ends: a file whose last was cut off is refused by who reads that line.

        :param read: reads one line, with its end if it has one, and its number from 1
        """
        sheet: Sheet[T] = Sheet(data)
        ends = list(accumulate(self.lengths, initial=0))
        there = memoryview(data)
        at = line = 0
        while at < len(data):
            after = self._equal_up_to(ends, line, there[at:])
            if after > line:
                sheet._take(self, line, after)
                at += ends[after] - ends[line]
                line = after
                continue
            raw = data[at : data.find(b"\n", at) + 1 or len(data)]
            key, held = read(raw, len(sheet.lengths) + 1)
            sheet.lengths.append(len(raw))
            sheet.keys.append(key)
            sheet.held.append(held)
            at += len(raw)
            # What is gone, and what was there in other words.
            while line < len(self.keys) and self.keys[line] <= key:
                line += 1
        return sheet

    def _equal_up_to(self, ends: Sequence[int], line: int, rest: memoryview) -> int:
        """Return the first line from ``line`` on that, with all between, does not stand at the beginning of ``rest``.

        By whole lines, with ``startswith``, which compares where the bytes are: runs of equal lines are short beside
        the file, so that few bytes are compared twice. Half as many questions as a search for the byte that differs.

        :param ends: where the lines begin, and the last one ends
        """
        start, low, step, grows = ends[line], line, _FIRST, True
        while step and low < len(self.lengths):
            after = min(low + step, len(self.lengths))
            wanted = rest[ends[low] - start : ends[after] - start]
            # At the end of the file it is shorter.
            if len(wanted) == ends[after] - ends[low] and self.data.startswith(wanted, ends[low]):
                low = after
            else:
                grows = False
            step = step * 2 if grows else step // 2
        return low

    def _take(self, other: "Sheet[T]", first: int, after: int) -> None:
        self.runs.append((len(self.lengths), first, after - first))
        self.lengths += other.lengths[first:after]
        self.keys += other.keys[first:after]
        self.held += other.held[first:after]
