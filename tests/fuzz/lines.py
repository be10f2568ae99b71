"""What must hold of files of lines, whatever is in them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from psgcrawl.archive import jsonl
from psgcrawl.errors import DamagedData

T = TypeVar("T")


def read_back(data: bytes, kind: type[T], name: str) -> tuple[list[T], str | None]:
    """Read a file of lines; return its records, and what is wrong with the first line that is not as it must be.

    Every record is written again, and read from there.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        first = _read(path, kind)
        assert _read(path, kind) == first
        records, problem = first
        assert problem is None or problem.startswith(f"{path}:")
        assert len(records) + (problem is not None) <= data.count(b"\n") + 1
        lines = jsonl.dump_lines(records)
        assert lines.isascii()
        path.write_bytes(lines)
        assert _read(path, kind) == (records, None)
        return records, problem.removeprefix(f"{path}") if problem else None


def _read(path: Path, kind: type[T]) -> tuple[list[T], str | None]:
    records: list[T] = []
    try:
        for record in jsonl.read_lines(path, kind):
            records.append(record)  # noqa: PERF402 - it may raise in between
    except DamagedData as error:
        return records, str(error)
    return records, None
