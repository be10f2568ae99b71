"""Records that are set down as they come, and read again when they are needed.

What a crawl brings is known whole only at its end, and a snapshot can be larger than
memory. So it is held as the canonical lines that are stored in the end anyway: the last
ones in memory, what is older in a file without a name, of which nothing is left however
the process ends. In memory stays of each record where it is: eight bytes.
"""

import os
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, Generic, TypeVar, overload

from psgcrawl.archive import durable, jsonl
from psgcrawl.archive.inturn import InTurn, Several

T = TypeVar("T")
S = TypeVar("S")

IN_MEMORY: Final = 1 << 20
"""Bytes of lines from which on they are written to the file: a snapshot of a thousand entries needs none."""
_AT_ONCE: Final = 32
"""Records that are read at once."""


class Filed(Several[T], Generic[T]):
    """Records of one type, in the order in which they came. Each time one is asked for, it is read anew."""

    def __init__(self, kind: type[T], records: Iterable[T] = (), *, in_memory: int = IN_MEMORY) -> None:
        """Begin with ``records``.

        :param kind: of what type the records are
        :param in_memory: bytes of lines from which on they are written to the file
        """
        self._kind = kind
        self._in_memory = in_memory
        self._ends = array("Q")
        """Where each line ends, in file and memory together."""
        self._file: int | None = None
        self._filed = 0
        """Bytes that are in the file."""
        self._rest: list[bytes] = []
        """The lines behind them."""
        self.extend(records)

    def append(self, record: T) -> None:
        """Take a record.

        :raises ValueError: for one that cannot be written (:func:`psgcrawl.archive.jsonl.dumps`)
        :raises OSError: when the disk does not take it
        """
        self.extend([record])

    def extend(self, records: Iterable[T]) -> None:
        """Take records, one by one.

        :raises ValueError: as :meth:`append`
        :raises OSError: as there
        """
        rest = iter(records)
        while some := list(islice(rest, _AT_ONCE)):
            self.take(jsonl.split(jsonl.dump_lines(some)))

    def take(self, lines: Iterable[bytes]) -> None:
        """Take records as their canonical lines, with line ends.

        :raises OSError: when the disk does not take them
        """
        rest = iter(lines)
        while some := list(islice(rest, _AT_ONCE)):
            self._ends.extend(islice(accumulate(map(len, some), initial=self._end), 1, None))
            self._rest += some
            if self._end - self._filed >= self._in_memory:
                self._write()

    @property
    def _end(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _write(self) -> None:
        if self._file is None:
            with TemporaryFile(prefix="psgcrawl-") as file:
                self._file = os.dup(file.fileno())
            # Not by a method that somebody would have to call: what holds records has no end of its own.
            weakref.finalize(self, os.close, self._file)
        durable.write_all(self._file, b"".join(self._rest))
        self._filed = self._end
        self._rest = []

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> "list[T]": ...
    def __getitem__(self, index: int | slice) -> "T | list[T]":
        """Return a record, or a list of some."""
        numbers = range(len(self))[index]
        if isinstance(numbers, int):
            return self._some(numbers, numbers + 1, self._kind)[0]
        return [self[number] for number in numbers]

    def __iter__(self) -> Iterator[T]:
        """Yield the records in their order."""
        return self.between(0, len(self))

    def between(self, first: int, behind: int) -> Iterator[T]:
        """Yield the records from the number ``first`` to that before ``behind``, some of them read at once."""
        for number in range(first, behind, _AT_ONCE):
            yield from self._some(number, min(number + _AT_ONCE, behind), self._kind)

    def lines(self, first: int, behind: int) -> list[bytes]:
        """Return the lines, with their ends, from the number ``first`` to that before ``behind``."""
        return jsonl.split(self._data(first, behind))

    def all_lines(self) -> Iterator[bytes]:
        """Yield the lines of all records, with their ends."""
        in_file = len(self) - len(self._rest)
        for number in range(0, in_file, _AT_ONCE):
            yield from self.lines(number, min(number + _AT_ONCE, in_file))
        yield from self._rest

    def as_kind(self, kind: type[S]) -> Iterator[S]:
        """Yield the records as another type, one with fewer fields: what is not asked for is not made."""
        for number in range(0, len(self), _AT_ONCE):
            yield from self._some(number, min(number + _AT_ONCE, len(self)), kind)

    def part(self, first: int, behind: int) -> "Part[T]":
        """Return the records from the number ``first`` to that before ``behind``."""
        return Part(self, first, behind)

    def is_in(self, path: Path) -> bool:
        """Tell whether a file holds these lines and nothing else.

        :raises OSError: when it cannot be read
        """
        with path.open("rb") as file:
            return all(file.read(len(piece)) == piece for piece in self.pieces()) and not file.read(1)

    def pieces(self) -> Iterator[bytes]:
        """Yield all lines with their ends, in pieces, as :func:`psgcrawl.archive.jsonl.pieces` does."""
        at = 0
        while at < self._filed:
            piece = self._read(at, min(self._in_memory, self._filed - at))
            at += len(piece)
            yield piece
        if self._rest:
            yield b"".join(self._rest)

    def _some(self, first: int, behind: int, kind: type[S]) -> list[S]:
        return jsonl.decoder(kind).decode_lines(self._data(first, behind))

    def _data(self, first: int, behind: int) -> bytes:
        if first == behind:
            return b""
        start, end = self._ends[first - 1] if first else 0, self._ends[behind - 1]
        if start >= self._filed:
            here = first - (len(self._ends) - len(self._rest))
            return b"".join(self._rest[here : here + behind - first])
        filed = self._read(start, min(end, self._filed) - start)
        # The last of them may be in memory still.
        return filed + b"".join(self._rest)[: end - start - len(filed)] if end > self._filed else filed

    def _read(self, start: int, length: int) -> bytes:
        assert self._file is not None  # noqa: S101 - something was written to it
        pieces: list[bytes] = []
        while length > 0:
            piece = os.pread(self._file, length, start)
            if not piece:
                raise OSError(f"a temporary file ends at byte {start}: something cut it off")
            pieces.append(piece)
            start, length = start + len(piece), length - len(piece)
        return b"".join(pieces)


class Arranged(InTurn[int, T]):
    """Some records in another order than that in which they came."""

    def __init__(self, of: Sequence[T], numbers: Sequence[int]) -> None:
        """Name the number of each, in the order that is wanted."""
        super().__init__(numbers, of.__getitem__)


class Part(Arranged[T]):
    """Some of the records that are filed, one behind the other."""

    def __init__(self, of: Filed[T], first: int, behind: int) -> None:
        """Name those from the number ``first`` to that before ``behind``."""
        super().__init__(of, range(first, behind))
        self._several = partial(of.between, first, behind)
        self.lines = partial(of.lines, first, behind)
        """Returns their lines, with their ends."""

    def __iter__(self) -> Iterator[T]:
        """Yield the records in their order, some of them read at once."""
        return self._several()
