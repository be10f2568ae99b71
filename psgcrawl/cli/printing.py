"""How output looks: nothing from a page reaches a terminal unescaped, and tables line up."""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from psgcrawl.text import visible

_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_UNIT: Final = 1000


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> list[str]:
    """Return the lines of a table.

    :param right: numbers of the columns that are set to the right (figures).
    """
    cells = [list(header), *([visible(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


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


def show(lines: Iterable[str]) -> None:
    """Print lines for people; what the terminal's encoding lacks as an escape."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.encode(encoding, "backslashreplace").decode(encoding))


def note(message: str) -> None:
    """Print a message on standard error."""
    print(f"psgcrawl: {visible(message)}", file=sys.stderr)
