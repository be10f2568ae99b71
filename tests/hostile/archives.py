"""Rows: commands over an archive in which somebody, or a broken disk, has put what does not belong there."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.archive.verify.making import NAME, html, small
from tests.hostile.case import Row

SNAPSHOT: Final = f"news/{NAME}"
LATER: Final = "2024-03-08T06:00:00Z"
NOTHING: Final = (0, 1, 2)


def prepared(archive: Path) -> None:
    """Make the archive that is spoilt."""
    small(archive, runs=1)
    small(archive, runs=1, pages={0: html(7)}, date=LATER)


def command(line: str, code: int, words: str, what: str, spoil: Callable[[Path], Any]) -> Row:
    """Return a row for one command over a spoilt archive."""
    return Row(f"{line}: {what}", code, words, files=spoil, line=tuple(line.split()))


def writes(path: str, data: bytes) -> Callable[[Path], Any]:
    """Return what puts these bytes in place of a file."""
    return lambda archive: (archive / path).write_bytes(data)


def adds(path: str, data: bytes) -> Callable[[Path], Any]:
    """Return what puts these bytes behind those of a file."""
    return lambda archive: (archive / path).write_bytes((archive / path).read_bytes() + data)


def _pipe(path: str) -> Callable[[Path], Any]:
    def spoil(archive: Path) -> None:
        (archive / path).unlink()
        os.mkfifo(archive / path)

    return spoil


def _outside(archive: Path) -> None:
    shutil.move(archive / SNAPSHOT, archive.parent / "files" / "moved")
    (archive / SNAPSHOT).symlink_to(archive.parent / "files" / "moved")


ENTRIES: Final = f"{SNAPSHOT}/entries.jsonl"
MANIFEST: Final = f"{SNAPSHOT}/datapackage.json"
DAMAGED: Final = "entries.jsonl"
SPOILT: Final[dict[str, tuple[str, Callable[[Path], Any]]]] = {
    "entries nested deep": (DAMAGED, writes(ENTRIES, b"[" * 200_000 + b"\n")),
    "a key that stands twice": (DAMAGED, adds(ENTRIES, b'{"id":"a","id":"b"}\n')),
    "entries of NaN": (DAMAGED, writes(ENTRIES, b'{"id":NaN}\n')),
    "a number of 5,000 digits": (DAMAGED, writes(ENTRIES, b'{"issue":' + b"9" * 5000 + b"}\n")),
    "entries in UTF-16": (DAMAGED, writes(ENTRIES, "{}\n".encode("utf-16"))),
    "a line without end": (DAMAGED, writes(ENTRIES, b'{"id":"' + b"a" * 20_000_000)),
    "5,000 empty lines": (DAMAGED, writes(ENTRIES, b"\n" * 5000)),
    "escapes of terminals": (DAMAGED, writes(ENTRIES, b'{"\x1b[31m":1}\n')),
    "no bytes": ("", writes(ENTRIES, b"")),
}

MANIFESTS: Final[dict[str, Callable[[Path], Any]]] = {
    "nested deep": writes(MANIFEST, b'{"resources":' + b"[" * 200_000),
    "a name that leads out": lambda archive: (archive / MANIFEST).write_bytes(
        (archive / MANIFEST).read_bytes().replace(b'"entries.jsonl"', b'"../../../x"')
    ),
    "a list": writes(MANIFEST, b"[]\n"),
    "no bytes": writes(MANIFEST, b""),
    "20 MB of blanks": writes(MANIFEST, b" " * 20_000_000),
}

LOGS: Final[dict[str, Callable[[Path], Any]]] = {
    "rubbish": writes("runs.jsonl", b"rubbish\n"),
    "nested deep": adds("runs.jsonl", b"[" * 100_000 + b"\n"),
    "a line without end": adds("runs.jsonl", b"x" * 20_000_000),
    "a pipe": _pipe("runs.jsonl"),
    "escapes": adds("runs.jsonl", b'{"\x1b[31m": 1}\n'),
}

ROWS: Final = [
    *(command(f"diff news {NAME} latest", 2, words, what, spoil) for what, (words, spoil) in SPOILT.items() if words),
    *(command("verify --deep", 1, words, what, spoil) for what, (words, spoil) in SPOILT.items()),
    *(command("verify", 1, "datapackage.json", f"a manifest of {what}", spoil) for what, spoil in MANIFESTS.items()),
    *(
        command("snapshots", 2, "datapackage.json", f"a manifest of {what}", spoil)
        for what, spoil in MANIFESTS.items()
        if what != "a name that leads out"
    ),
    *(command("verify", 1, "runs.jsonl", f"a log of {what}", spoil) for what, spoil in LOGS.items()),
    command("verify", 0, "", "a snapshot that is a link", _outside),
    command("history news", 2, "entries.jsonl", "entries of NaN", SPOILT["entries of NaN"][1]),
    command(
        "export jsonl news -o -",
        2,
        "",
        "entries of NaN in the newest",
        writes("news/20240308T060000Z/entries.jsonl", b'{"id":NaN}\n'),
    ),
    command("status", 2, "runs.jsonl", "a log of rubbish", LOGS["rubbish"]),
    command("snapshots news/../..", 2, "news", "a collection that leads out", lambda archive: None),
    command("diff news ../../../etc", 2, "", "a snapshot that leads out", lambda archive: None),
]
