"""How output looks: nothing from a page reaches a terminal unescaped, and tables line up."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import msgspec

from psgcrawl.archive import jsonl
from psgcrawl.visible import visible

_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_UNIT: Final = 1000
_IN_MEMORY: Final = 1 << 22
"""Bytes of a table that are held in memory."""

_cells: Final = msgspec.json.Decoder(list[str])


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> list[str]:
    """Return the lines of a table.

    :param right: numbers of the columns that are set to the right (figures).
    """
    cells = [[visible(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return [_line(row, widths, right) for row in cells]


def long_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> Iterator[str]:
    """Yield the same of however many rows: until all widths are known, they are in a temporary file if they are many.

    :param right: as above
    """
    # Loaded for one command: the others answer sooner without.
    from tempfile import SpooledTemporaryFile  # noqa: PLC0415 - see above

    widths = [len(cell) for cell in header]
    with SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="psgcrawl-") as file:
        for row in chain((header,), rows):
            cells = [visible(cell) for cell in row]
            widths = [max(pair) for pair in zip(widths, map(len, cells), strict=True)]
            file.write(jsonl.dumps(cells) + b"\n")
        file.seek(0)
        for line in file:
            yield _line(_cells.decode(line), widths, right)


def _line(cells: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    return "  ".join(
        cell.rjust(width) if column in right else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()


def size(number: int) -> str:
    """Return a number of bytes for people, in decimal units.

    >>> size(999), size(31_400)
    ('999 B', '31 KB')
    """
    value, unit = float(number), 0
    while value >= _UNIT and unit < len(_UNITS) - 1:
        value, unit = value / _UNIT, unit + 1
    return f"{value:.0f} {_UNITS[unit]}"


def number(count: int, thing: str) -> str:
    """Return how many of a thing there are.

    >>> number(1, "entry"), number(2, "entry"), number(0, "observation")
    ('1 entry', '2 entries', '0 observations')
    """
    plural = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count} {thing if count == 1 else plural}"


def document(value: object) -> str:
    """Return one JSON document for a program: indented, ASCII, never NaN."""
    # Most output is for people, and then nobody needs it.
    import json  # noqa: PLC0415 - see above

    return json.dumps(msgspec.to_builtins(value), indent=2, allow_nan=False)


def document_of(members: Mapping[str, object]) -> Iterator[str]:
    """Yield the text of :func:`document` in pieces.

    :param members: those of an object; of a list that is given as an iterator, the elements are made one by one, and
        what is given as a function is made in its turn
    """
    for number, (name, value) in enumerate(members.items()):
        yield f"{',' if number else '{'}\n  {document(name)}: "
        if isinstance(value, Iterator):
            yield from _elements(value)
        else:
            yield document(value() if callable(value) else value).replace("\n", "\n  ")
    yield "\n}"


def _elements(values: Iterator[object]) -> Iterator[str]:
    opened = False
    for value in values:
        # No line end stands in a text: it is escaped there.
        indented = document(value).replace("\n", "\n    ")
        yield f"{',' if opened else '['}\n    {indented}"
        opened = True
    yield "\n  ]" if opened else "[]"


def show(lines: Iterable[str]) -> None:
    """Print lines for people; what the terminal's encoding lacks as an escape."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.encode(encoding, "backslashreplace").decode(encoding))


def note(message: str) -> None:
    """Print a message on standard error."""
    print(f"psgcrawl: {visible(message)}", file=sys.stderr)
