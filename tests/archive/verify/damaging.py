"""Every small way in which a file is damaged: a byte, an end, a line, a record."""

import zlib
from collections.abc import Iterator
from pathlib import Path

Damage = tuple[str, bytes]
"""What was done, and the bytes that come of it; never those that were there."""


def bytes_of(data: bytes, step: int = 1) -> Iterator[Damage]:
    """Yield ``data`` with a bit flipped, a byte deleted and one inserted, at every position (or every so many)."""
    for at in range(0, len(data), step):
        byte = data[at]
        yield f"byte {at}: bit flipped", data[:at] + bytes([byte ^ 1 << at % 8]) + data[at + 1 :]
        yield f"byte {at}: deleted", data[:at] + data[at + 1 :]
        # The same once more: what a reader is most likely to pass over.
        yield f"byte {at}: doubled", data[:at] + bytes([byte]) + data[at:]
    yield "a byte at the end", data + b"\n"


def ends_of(data: bytes, step: int = 1) -> Iterator[Damage]:
    """Yield ``data`` cut off at every length (or every so many bytes)."""
    for length in range(0, len(data), step):
        yield f"cut off at {length}", data[:length]


def parts_of(parts: list[bytes]) -> Iterator[Damage]:
    """Yield a file of ``parts`` with each of them dropped, doubled, and swapped with each of the three behind it."""
    for at, part in enumerate(parts):
        yield f"part {at}: dropped", b"".join(parts[:at] + parts[at + 1 :])
        yield f"part {at}: doubled", b"".join([*parts[: at + 1], part, *parts[at + 1 :]])
        for other in range(at + 1, min(at + 4, len(parts))):
            swapped = list(parts)
            swapped[at], swapped[other] = parts[other], part
            if swapped != parts:
                yield f"part {at}: swapped with {other}", b"".join(swapped)


def parts(path: Path) -> list[bytes]:
    """Return the gzip members of a WARC, the lines of all else."""
    data = path.read_bytes()
    if path.suffix != ".gz":
        return data.splitlines(keepends=True)
    found = []
    while data:
        machine = zlib.decompressobj(31)
        machine.decompress(data)
        found.append(data[: len(data) - len(machine.unused_data)])
        data = machine.unused_data
    return found


def all_of(path: Path, step: int = 1, *, whole: bool = True) -> Iterator[Damage]:
    """Yield all of the above of one file; only bytes and ends of it, if not ``whole``."""
    data = path.read_bytes()
    yield from bytes_of(data, step)
    yield from ends_of(data, step)
    if whole:
        yield from parts_of(parts(path))
