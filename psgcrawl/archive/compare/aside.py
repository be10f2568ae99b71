"""A file that is out of order is put in order aside, in a temporary file; the file itself is only read.

In memory are the keys of its entries, not their lines. Every line is checked on the way.
"""

from collections.abc import Iterator
from itertools import accumulate

from psgcrawl.archive import jsonl
from psgcrawl.archive.compare.lines import LARGEST_BLOCK, Key, Lines, key
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry


def check(lines: Lines) -> None:
    """Look at every line.

    :raises DamagedData: ``file:line: problem``, also for an id that occurs twice
    """
    for _ in _walk(lines):
        pass


def in_order(lines: Lines) -> Lines:
    """Return the same lines in canonical order; the caller closes both.

    :raises DamagedData: ``file:line: problem``, also for an id that occurs twice
    """
    # Loaded for files that are out of order, which are rare: a comparison answers sooner without.
    from tempfile import TemporaryFile  # noqa: PLC0415 - see above

    index = sorted(_walk(lines))
    file = TemporaryFile(prefix="psgcrawl-")  # noqa: SIM115 - the lines that are returned close it
    pending: list[bytes] = []
    size = 0
    for _, start in index:
        pending.append(lines.line(start))
        size += len(pending[-1])
        if size >= LARGEST_BLOCK:
            file.write(b"".join(pending))
            pending, size = [], 0
    file.write(b"".join(pending))
    file.flush()
    return Lines(lines.path, file)


def _walk(lines: Lines) -> Iterator[tuple[Key, int]]:
    """Yield key and offset of each entry, in the order of the file."""
    seen: dict[str, int] = {}
    for start, entry in _entries(lines):
        first = seen.setdefault(entry.id, start)
        if first != start:
            raise duplicate(lines, entry.id, start, first)
        yield key(entry), start


def _entries(lines: Lines) -> Iterator[tuple[int, Entry]]:
    """Yield offset and entry of each line, some decoded at once."""
    start = 0
    while block := _block(lines, start):
        starts = list(accumulate(map(len, block), initial=start))
        found = jsonl.canonical(block, Entry) or map(lines.entry, starts, block)
        yield from zip(starts, found, strict=False)
        start = starts[-1]


def _block(lines: Lines, start: int) -> list[bytes]:
    """Return the lines from ``start`` on, as many as are decoded at once; none at the end of the file."""
    found: list[bytes] = []
    size = 0
    while size < jsonl.BLOCK and (raw := lines.line(start + size)):
        found.append(raw)
        size += len(raw)
    return found


def duplicate(lines: Lines, identity: str, start: int, first: int | None = None) -> DamagedData:
    """Return the error for the entry at ``start`` whose id occurs before (at ``first``, if that is known)."""
    where = f", as in line {lines.place(first).rpartition(':')[2]}" if first is not None else ""
    return DamagedData(f"{lines.place(start)}: duplicate id {identity!r}{where}")
