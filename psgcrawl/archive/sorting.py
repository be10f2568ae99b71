"""Lines in the order of their bytes, in bounded memory: sorted runs on disk, merged."""

import heapq
import tempfile
from collections.abc import Collection, Iterable, Iterator
from typing import IO, Final

from psgcrawl.archive.temporary import Temporary

RUN: Final = 2 * 1024 * 1024
"""Bytes of lines that are held in memory."""
FILES: Final = 64
"""Runs that are merged into one: each is an open file, of which a process has some hundred."""

_OVERHEAD: Final = 49
"""What Python needs for a line beside its bytes."""


class Sorter(Temporary):
    """Takes lines in any order, and yields them sorted, each once. To be closed: its runs are temporary files."""

    def __init__(self, run: int = RUN) -> None:
        """Start without lines.

        :param run: bytes of memory that lines may take
        """
        super().__init__()
        self._run = run
        self._held = 0
        self._lines: list[bytes] = []
        self._files: list[IO[bytes]] = []

    def add(self, line: bytes) -> None:
        r"""Take a line, without line end; it must not hold ``\n``."""
        self.extend([line])

    def extend(self, lines: Collection[bytes]) -> None:
        """Take lines, all at once: as many as may be in memory besides."""
        self._lines += lines
        self._held += sum(map(len, lines)) + _OVERHEAD * len(lines)
        if self._held >= self._run:
            self._spill()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines, without line ends."""
        self._lines.sort()
        last = None
        for line in heapq.merge(*map(_without_ends, self._files), self._lines):
            if line != last:
                yield line
            last = line

    def _spill(self) -> None:
        self._lines.sort()
        self._files.append(self._run_of(self._lines))
        self._lines = []
        self._held = 0
        if len(self._files) == FILES:
            merged = self._run_of(heapq.merge(*map(_without_ends, self._files)))
            for file in self._files:
                file.close()
            self._files = [merged]

    def _run_of(self, lines: Iterable[bytes]) -> IO[bytes]:
        file = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the others
        file.writelines(line + b"\n" for line in lines)
        return file


def _without_ends(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return (line[:-1] for line in file)
