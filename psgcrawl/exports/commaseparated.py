r"""Entries as a table of comma-separated values: one row an entry, with where it stands.

UTF-8, RFC 4180: lines end with CR LF, fields with commas, quotes or line ends are
quoted, quotes are doubled. Null is an empty field, an empty text is ``""``. Lists are
JSON. The latest snapshot of each collection, or those named.

``--spreadsheet`` is for programs that take what begins with ``=`` for a formula. It puts
an apostrophe in front of every field that such a program could take for one, and of every
field that begins with an apostrophe: to undo it, take one apostrophe away wherever one
comes first. It also puts a byte order mark first, without which Excel reads no UTF-8.
"""

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from psgcrawl.archive import jsonl
from psgcrawl.exports import rows
from psgcrawl.exports.chosen import Chosen, latest
from psgcrawl.exports.harmless import clean
from psgcrawl.exports.source import Note
from psgcrawl.records import Captured

HELP: Final = "entries as a table, comma-separated (RFC 4180)"
SUFFIX: Final = ".csv"

_FIELDS: Final = rows.ExportedEntry.__struct_fields__
_CAPTURED: Final = _FIELDS.index("captured")
COLUMNS: Final = (*_FIELDS[:_CAPTURED], "captured_from", "captured_to", *_FIELDS[_CAPTURED + 1 :])
"""The columns in their order: the fields of an exported entry, ``captured`` as two."""

_MARKS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20'\t\r\n"
# What a program strips before it looks for a formula: white space, marks of direction and width, the byte order mark.
_FORMULA: Final = re.compile(rf"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]*[{_MARKS}]")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the format's own options."""
    parser.add_argument(
        "--spreadsheet",
        action="store_true",
        help="put an apostrophe before what a spreadsheet could take for a formula, and a byte order mark first",
    )


def write(chosen: Sequence[Chosen], args: argparse.Namespace, stream: BinaryIO, _note: Note) -> str:
    """Write the table to ``stream``; return for people how many rows.

    :raises DamagedData: when what is read is not as it was written
    """
    if args.spreadsheet:
        stream.write("\ufeff".encode())
    stream.write(_line(COLUMNS))
    count = 0
    for cells in _cells(chosen):
        stream.write(_line([defused(cell) for cell in cells] if args.spreadsheet else cells))
        count += 1
    return f"{count} rows"


def defused(cell: str | None) -> str | None:
    """Return a field as ``--spreadsheet`` writes it; one apostrophe less, where one comes first, is the field again.

    >>> defused("=1+1"), defused("'quoted'"), defused("Mining"), defused(None)
    ("'=1+1", "''quoted'", 'Mining', None)
    """
    return f"'{cell}" if cell is not None and _FORMULA.match(cell) else cell


def _cells(chosen: Sequence[Chosen]) -> Iterator[list[str | None]]:
    for one, snapshot in latest(chosen):
        for row in rows.entries(one, snapshot):
            yield [_cell(value) for value in (*row[:_CAPTURED], *_ends(row[_CAPTURED]), *row[_CAPTURED + 1 :])]


def _ends(captured: Captured) -> tuple[str, str | None]:
    return captured.since, captured.until


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value)
    return jsonl.text(value)


def _line(cells: Iterable[str | None]) -> bytes:
    return (",".join(map(_quoted, cells)) + "\r\n").encode("utf-8")


def _quoted(cell: str | None) -> str:
    if cell is None:
        return ""
    # A regular expression for all of it, asked at every letter, takes five times as long.
    if '"' in cell:
        doubled = cell.replace('"', '""')
        return f'"{doubled}"'
    if "," in cell or "\n" in cell or "\r" in cell or not cell or cell[0].isspace() or cell[-1].isspace():
        return f'"{cell}"'
    return cell
