"""``captures.jsonl`` beside captures -> what is said of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psgcrawl import site, urls
from psgcrawl.archive import names
from psgcrawl.captures.files import MEDIA_TYPES
from psgcrawl.captures.sidecar import SIDECAR, Sidecar, read_sidecar
from psgcrawl.captures.stored import period
from tests.fuzz.target import PROJECT, Target

_TIMES: Final = ("captured_at", "not_before", "not_after")


def check(data: bytes) -> None:
    """Read a sidecar, and look for the files that it names."""
    with TemporaryDirectory() as folder:
        path = Path(folder, SIDECAR)
        path.write_bytes(data)
        sidecar = read_sidecar(path, "sidecar")
        again = read_sidecar(path, "sidecar")
        assert _said(again) == _said(sidecar)
        unmet = [str(problem) for problem in sidecar.unmet(path.parent, "sidecar")]
    assert sidecar.lines.keys() <= sidecar.numbers.keys()
    assert all(f"{name!r}: " in problem for name, problem in zip(_good(sidecar), unmet, strict=True))
    assert sidecar.torn == any(name is None for name, _ in sidecar.problems)
    for name, members in sidecar.lines.items():
        _is_sound(name, members)


def _good(sidecar: Sidecar) -> list[str]:
    return [name for name in sidecar.numbers if name not in sidecar.wrong]


def _said(sidecar: Sidecar) -> object:
    problems = [(name, str(problem)) for name, problem in sidecar.problems]
    assert all(problem.startswith("sidecar:") for _, problem in problems)
    return sidecar.lines, sidecar.numbers, sidecar.wrong, sidecar.torn, problems


def _is_sound(name: str, members: dict[str, str | None]) -> None:
    assert name
    assert not name.startswith("/")
    assert ".." not in name.split("/")
    for value in members.values():
        # What is said of a capture goes into the manifest.
        assert value is None or value.encode("utf-8") is not None
    for key in _TIMES:
        time = members[key]
        assert time is None or (period(time) is not None and time >= site.EARLIEST)
    # Nothing sorts behind a tilde: of an interval without an end any beginning may be said, here.
    assert (members["not_before"] or "") <= (members["not_after"] or "~")
    assert members["collection"] is None or names.is_collection(members["collection"])
    assert members["url"] is None or urls.canonical(members["url"], None) is not None


def seeds() -> Iterator[bytes]:
    """Yield the sidecars of the provided captures and of the example, and lines with every member."""
    for folder in (PROJECT / "tests" / "fixtures" / "captures", PROJECT / "psgcrawl" / "samples" / "example"):
        yield (folder / SIDECAR).read_bytes()
    line = {"file": "a.html", "url": "http://perusupportgroup.org.uk/news.php", "collection": "news", "title": "t"}
    yield json.dumps({**line, "note": "n", "captured_at": "2017-02-18T06:00:00.5+01:00"}).encode()
    yield json.dumps({**line, "not_before": "2017-02-18T06:00:00Z", "not_after": "2017-02-19t06:00:00z"}).encode()


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(f'"{name}":"'.encode() for name in ("file", "url", "collection", "title", "note", *_TIMES)),
        *(f'a{suffix}"'.encode() for suffix in (*MEDIA_TYPES, ".warc.gz", ".wacz", ".json")),
        *(
            b"../",
            b"/",
            b"\\u0000",
            b"\\ud800",
            b"\\udc80",
            b"9999-12-31T23:59:59-14:00",
            b"0001-01-01T00:00:00Z",
            b"T24:00:00Z",
        ),
        *(
            b"http://[",
            b"null",
            b"9" * 4400,
            b"[" * 64,
            b"1e400",
            b"\xef\xbb\xbf",
            b"\xed\xa0\x80",
            b"}\n{",
            "٣".encode(),
        ),
    ],
)
