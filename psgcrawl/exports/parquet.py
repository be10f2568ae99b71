"""Entries, or all their revisions, as a table in Apache Parquet: typed, compressed, for DuckDB, pandas or polars.

The fields of ``jsonl``. Days are days (``date_earliest``, ``date_latest``: the first and
the last that the date allows; ``date_edtf`` is the date as far as it was printed), times
are UTC timestamps, ``captured`` is two columns. Text columns that repeat themselves are
encoded by dictionary. Needs the extra ``psgcrawl[parquet]``.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from typing import Any, BinaryIO, Final

from msgspec import Struct

from psgcrawl import SOFTWARE
from psgcrawl.errors import UsageError
from psgcrawl.exports import arrays, rows
from psgcrawl.exports.chosen import Chosen, latest, whole
from psgcrawl.exports.rows import ExportedEntry, ExportedRevision, Row
from psgcrawl.exports.source import Note

HELP: Final = "entries or revisions as a typed table (Apache Parquet; needs psgcrawl[parquet])"
SUFFIX: Final = ".parquet"

_DAYS: Final = frozenset({"date_earliest", "date_latest"})
_TIMES: Final = frozenset({"modified", "captured_from", "captured_to"})
_NUMBERS: Final = frozenset({"issue", "revision", "revisions"})
_LISTS: Final = frozenset({"categories", "flags"})
_REPEATED: Final = (
    "date_edtf",
    "kind",
    "series",
    "collection",
    "snapshot",
    "page",
    "payload_digest",
    "first_seen",
    "last_seen",
    "state",
)
"""Columns with few values: encoded by dictionary. Texts are not."""
_NULLABLE: Final = (
    _DAYS
    | _TIMES - {"captured_from"}
    | {
        "date_edtf",
        "series",
        "issue",
        "url",
        "caption",
        "dateline",
        "page",
    }
)
_GROUP: Final = 4096
"""Rows that are held in memory, and that form a row group."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the format's own options."""
    parser.add_argument(
        "--revisions", action="store_true", help="every distinct reading of every entry, in the order of first sight"
    )


def write(chosen: Sequence[Chosen], args: argparse.Namespace, stream: BinaryIO, note: Note) -> str:
    """Write the table to ``stream``; return for people how many rows.

    :raises UsageError: without pyarrow, and for snapshots named where all count
    :raises DamagedData: when what is read is not as it was written
    """
    arrow, parquet = _modules()
    if args.revisions:
        whole(chosen, "--revisions")
        return _written(arrow, parquet, ExportedRevision, rows.revisions(chosen, note), stream)
    return _written(arrow, parquet, ExportedEntry, _entries(chosen), stream)


def columns(record: type[Struct]) -> list[str]:
    """Return the names of the columns for records of a type, in their order."""
    names = record.__struct_fields__
    place = names.index("captured")
    return [*names[:place], "captured_from", "captured_to", *names[place + 1 :]]


def _modules() -> tuple[Any, Any]:
    # Only here: it is no part of a plain installation, and takes a second to load.
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise UsageError("parquet: pyarrow is not installed; pip install 'psgcrawl[parquet]' brings it") from error


def _entries(chosen: Sequence[Chosen]) -> Iterator[Row]:
    for one, snapshot in latest(chosen):
        yield from rows.entries(one, snapshot)


def _written(arrow: Any, parquet: Any, record: type[ExportedEntry], found: Iterable[Row], stream: BinaryIO) -> str:  # noqa: ANN401 - modules
    names = columns(record)
    schema = arrow.schema([arrow.field(name, _type(arrow, name), nullable=name in _NULLABLE) for name in names])
    schema = schema.with_metadata({"software": SOFTWARE})
    count = 0
    rest = iter(found)
    repeated = [name for name in _REPEATED if name in names]
    sink = arrow.PythonFile(_Sink(stream), mode="w")
    with parquet.ParquetWriter(sink, schema, compression="zstd", use_dictionary=repeated) as writer:
        while group := list(islice(rest, _GROUP)):
            made = [_array(arrow, name, values) for name, values in _columns(record, group)]
            writer.write_table(arrow.Table.from_arrays(made, schema=schema))
            count += len(group)
    return f"{count} rows"


def _columns(record: type[ExportedEntry], group: Sequence[Row]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield the columns of rows of a record, with their names."""
    for name, values in zip(record.__struct_fields__, zip(*group, strict=True), strict=True):
        if name == "captured":
            yield "captured_from", [one.since for one in values]
            yield "captured_to", [one.until for one in values]
        else:
            yield name, values


def _array(arrow: Any, name: str, values: Sequence[Any]) -> Any:  # noqa: ANN401 - a module, and what it makes
    made = next((made for names, made in _MADE if name in names), arrays.texts)
    return made(arrow, values)


_MADE: Final = (
    (_DAYS, arrays.days),
    (_TIMES, arrays.times),
    (_NUMBERS, arrays.numbers),
    (_LISTS, arrays.lists),
)
"""What makes columns that are no texts."""


def _type(arrow: Any, name: str) -> Any:  # noqa: ANN401 - a module, and what it makes
    if name in _DAYS:
        return arrow.date32()
    if name in _TIMES:
        return arrow.timestamp("ms", tz="UTC")
    if name in _NUMBERS:
        return arrow.int64()
    return arrow.list_(arrow.string()) if name in _LISTS else arrow.string()


class _Sink:
    """A stream that is only written to, as pyarrow wants it: it asks where it is, which a pipe does not know."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._position = 0

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        while rest:
            rest = rest[self._stream.write(rest) :]
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()
