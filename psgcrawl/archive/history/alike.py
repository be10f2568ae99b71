"""The lines of one file beside those of another: of what both hold byte for byte, nothing is split or parsed again.

A snapshot of a thousand entries is mostly the one before. To split it into lines takes as
long as to read it ten times, to look each line up takes twice that, to compare the bytes
of both a third of reading.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Generic, TypeVar

from psgcrawl.archive.compare.lines import Key, shared

T = TypeVar("T")


@dataclass(slots=True)
class Sheet(Generic[T]):
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
        rest = memoryview(data)
        at = line = 0
        while at < len(data):
            start = ends[line]
            after = bisect_right(ends, start + shared(self.data, start, rest[at:])) - 1
            if after > line:
                sheet._take(self, line, after)
                at += ends[after] - start
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

    def _take(self, other: "Sheet[T]", first: int, after: int) -> None:
        self.runs.append((len(self.lengths), first, after - first))
        self.lengths += other.lengths[first:after]
        self.keys += other.keys[first:after]
        self.held += other.held[first:after]
