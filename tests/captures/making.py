"""Files for tests of captures: folders, sidecars, and WARCs as others write them, by hand."""

import gzip
import hashlib
import json
import zipfile
from base64 import b32encode
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

NEWS = "http://perusupportgroup.org.uk/news.php"
MOMENT = "2017-02-18T06:00:00Z"
ITEM = (
    '<html><body><ul><li><h3><a href="news-article-{n}.html">Title {n}</a></h3><p class="date">{day:02d} March 2016</p>'
    "<p>The summary of entry {n}, long enough to be running text.</p></li></ul></body></html>"
)
_numbers = count(1)


def fill(folder: Path, files: Mapping[str, object]) -> Path:
    """Write files; a list is a sidecar's lines (objects, or bytes as they are)."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = content if isinstance(content, list) else [content]
        path.write_bytes(b"\n".join(as_bytes(line) for line in lines))
    return folder


def as_bytes(content: object) -> bytes:
    """Return bytes as they are, text in UTF-8, all else as JSON."""
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else json.dumps(content).encode()


def page(number: int = 1, day: int = 1) -> bytes:
    """Return a listing page with one entry."""
    return ITEM.format(n=number, day=day).encode()


# --- WARCs ----------------------------------------------------------------------------


def new_id() -> str:
    """Return a name that no other record has."""
    return f"<urn:uuid:00000000-0000-4000-8000-{next(_numbers):012d}>"


def sha1(data: bytes) -> str:
    """Return a digest as most writers have it."""
    return "sha1:" + b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def record(kind: str, uri: str | None, block: bytes = b"", **fields: str | list[str] | None) -> bytes:
    """Return a record, not compressed. Fields have underscores for hyphens; None leaves one out."""
    said: dict[str, Any] = {
        "WARC_Type": kind,
        "WARC_Record_ID": new_id(),
        "WARC_Date": MOMENT,
        "WARC_Target_URI": uri,
        "Content_Type": "application/http; msgtype=response",
        "Content_Length": str(len(block)),
        **fields,
    }
    lines = [
        f"{name.replace('_', '-')}: {one}"
        for name, value in said.items()
        if value is not None
        for one in ([value] if isinstance(value, str) else value)
    ]
    return "\r\n".join(["WARC/1.0", *lines]).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + block + b"\r\n\r\n"


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return a response as it came over the wire."""
    return "\r\n".join([f"HTTP/1.1 {status}", *(headers or ["Content-Type: text/html"])]).encode() + b"\r\n\r\n" + body


def response(uri: str = NEWS, body: bytes | None = None, status: str = "200 OK", **fields: Any) -> bytes:
    """Return a response record of a page."""
    return record("response", uri, http(page() if body is None else body, status=status), **fields)


def request(uri: str = NEWS, method: str = "GET", **fields: Any) -> bytes:
    """Return a request record."""
    block = f"{method} /news.php HTTP/1.1\r\nHost: perusupportgroup.org.uk\r\n\r\n".encode()
    return record("request", uri, block, **{"Content_Type": "application/http; msgtype=request", **fields})


def revisit(uri: str = NEWS, *, profile: str = "identical-payload-digest", **fields: Any) -> bytes:
    """Return a revisit record, its header's status 200, or 304 where the server said so."""
    status = "304 Not Modified" if profile == "server-not-modified" else "200 OK"
    whole = f"http://netpreserve.org/warc/1.0/revisit/{profile}"
    return record("revisit", uri, http(b"", status=status), WARC_Profile=whole, **fields)


def warcinfo(**fields: Any) -> bytes:
    """Return a warcinfo record."""
    return record("warcinfo", None, b"software: by hand\r\n", **{"Content_Type": "application/warc-fields", **fields})


def packed(records: Iterable[bytes]) -> bytes:
    """Return records as a file with a gzip member for each."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def wacz(path: Path, warcs: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    """Write a WACZ with those members."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("datapackage.json", "{}")
        for name, data in warcs.items():
            archive.writestr(name, data)
    return path
