"""The captures as WARC files: for web archives of another make, which index and replay them by their own code."""

import gzip
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from .taken import Taken


def write(captures: Sequence[Taken], folder: Path, *, per_file: int = 60) -> list[Path]:
    """Write WARC 1.0 files, one gzip member a record, and return their paths in order of time."""
    found = []
    for number, first in enumerate(range(0, len(captures), per_file)):
        path = folder / f"past-{number:02d}.warc.gz"
        path.write_bytes(b"".join(_members(captures[first : first + per_file], captures)))
        found.append(path)
    return found


def _members(captures: Iterable[Taken], every: Sequence[Taken]) -> Iterable[bytes]:
    yield _member("warcinfo", "20200401000000", [("Content-Type", "application/warc-fields")], b"software: by hand\r\n")
    for taken in captures:
        yield _member(*_record(taken, every))


def _record(taken: Taken, every: Sequence[Taken]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    head = "".join(
        f"{line}\r\n"
        for line in [
            f"HTTP/1.1 {taken.status} {taken.reason}",
            *(f"{name}: {value}" for name, value in taken.headers()),
        ]
    )
    fields = [
        ("WARC-Target-URI", taken.url),
        ("WARC-IP-Address", "192.0.2.10"),
        ("WARC-Payload-Digest", f"sha1:{taken.digest}"),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    if taken.repeats is not None:
        [first] = [one for one in every if one.url == taken.url and one.stamp == taken.repeats]
        fields += [
            ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"),
            ("WARC-Refers-To-Target-URI", first.url),
            ("WARC-Refers-To-Date", _date(first.stamp)),
        ]
        return "revisit", taken.stamp, fields, f"{head}\r\n".encode()
    if taken.cut:
        fields.append(("WARC-Truncated", "disconnect"))
    return "response", taken.stamp, fields, f"{head}\r\n".encode() + _sent(taken)


def _sent(taken: Taken) -> bytes:
    """Return the body as it came over the wire."""
    if not taken.chunked:
        return taken.payload
    pieces = [taken.payload[at : at + 700] for at in range(0, len(taken.payload), 700)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def _member(kind: str, stamp: str, fields: Iterable[tuple[str, str]], block: bytes) -> bytes:
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {stamp} {dict(fields).get('WARC-Target-URI')}")
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <{name.urn}>",
        f"WARC-Date: {_date(stamp)}",
        *(f"{name}: {value}" for name, value in fields),
        f"Content-Length: {len(block)}",
    ]
    return gzip.compress("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + block + b"\r\n\r\n", mtime=0)


def _date(stamp: str) -> str:
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:]}Z"
