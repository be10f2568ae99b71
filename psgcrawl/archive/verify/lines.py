"""Lines of JSON as records in the bytes in which this program writes them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from psgcrawl.archive import jsonl
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.errors import DamagedData

T = TypeVar("T", bound=Struct)


def sound_lines(path: Path, kind: type[T], findings: Findings) -> Iterator[tuple[str, T]]:
    """Yield the records in the lines of ``path`` with their places; tell of each line that holds none.

    A line that is readable and not written as it must be is told, and yielded.
    """
    try:
        for place, line in jsonl.whole_lines(path):
            try:
                record = jsonl.decode(line, kind, place)
            except DamagedData as error:
                findings.raised(place, error)
                continue
            if jsonl.dumps(record) != line and not _is_of_another_version(line, kind):
                findings.damaged(place, "not written as it must be: other spaces, escapes or order than this program's")
            yield place, record
    except (DamagedData, OSError) as error:
        findings.raised(path, error)


def _is_of_another_version(line: bytes, kind: type[Struct]) -> bool:
    """Tell whether a line differs from what this version writes by members alone that it does not know, or has new.

    Within a format fields may be added: a later version's line has more, an earlier one's fewer.
    """
    members: dict[str, Any] = json.loads(line)
    known = kind.__struct_encode_fields__
    order = [known.index(name) for name in members if name in known]
    canonical = json.dumps(members, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return members.keys() != set(known) and order == sorted(order) and canonical == line
