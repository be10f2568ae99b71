"""``entries.jsonl`` -> entries, and what ``psgcrawl diff`` says of two such files."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psgcrawl.archive.compare.scan import Differences
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry
from tests.fuzz.lines import read_back
from tests.fuzz.target import PROJECT, Target

_SAMPLE: Final = PROJECT / "tests" / "fixtures" / "formats" / "1-1"


def check(data: bytes) -> None:
    """Read a file of entries; compare it with itself, and with what could be read of it."""
    entries, problem = read_back(data, Entry, "entries.jsonl")
    with TemporaryDirectory() as folder:
        old, new = Path(folder, "old.jsonl"), Path(folder, "new.jsonl")
        old.write_bytes(data)
        new.write_bytes(data)
        assert _differ(old, new) in ((0, 0, 0), None)
        new.write_bytes(b"")
        there, back = _differ(old, new), _differ(new, old)
        if there is not None and back is not None:
            assert (back[0], back[2], back[1]) == there
        # An id that stands twice is damage, too.
        if problem is None and len({entry.id for entry in entries}) == len(entries):
            assert there == (0, len(entries), 0)


def _differ(old: Path, new: Path) -> tuple[int, int, int] | None:
    found = Differences(old, new, lambda note: None)
    try:
        pairs = len(list(found.pairs()))
    except DamagedData:
        return None
    return pairs, len(found.old_only), len(found.new_only)


def seeds() -> Iterator[bytes]:
    """Yield lines of the stored sample."""
    for path in sorted(_SAMPLE.rglob("entries.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        yield b"".join(lines[:3])
        yield lines[-1]


_FIELDS: Final = [*Entry.__struct_fields__]

TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(f'"{name}":'.encode() for name in _FIELDS),
        *(
            b'"entry"',
            b'"notice"',
            b'"boilerplate"',
            b"null",
            b'"2017-02-17"',
            b"\\ud800",
            b"\\u2028",
            b"\\u0000",
            b"},\n{",
        ),
        *(b"1e400", b"-0", b"9" * 40, b"[" * 64, b"\xed\xa0\x80", b"\x7f", "\u2028".encode(), b"\r\n", b"\xef\xbb\xbf"),
    ],
)
