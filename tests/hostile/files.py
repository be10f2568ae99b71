"""Rows: a folder of captures that somebody gives, with all that can lie in one."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.captures.making import http, packed, page, record, response, revisit
from tests.hostile.case import BOMB, Row

GOOD: Final = page(9)


def given(name: str, code: int, words: str, **files: bytes) -> Row:
    """Return a row for a folder with these files (``_`` in a name is a dot) beside one that is good."""
    return folder(name, code, words, lambda path: _write(path, files))


def folder(name: str, code: int, words: str, fill: Callable[[Path], Any], *, alone: bool = False) -> Row:
    """Return a row for a folder that is filled so, beside a good file."""

    def files(path: Path) -> None:
        if not alone:
            (path / "zz-good.html").write_bytes(GOOD)
        fill(path)

    return Row(name, code, words, spider="captures", files=files)


def _write(path: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (path / name.replace("_", ".")).write_bytes(data)


def wacz(**members: bytes) -> bytes:
    """Return a WACZ with these members of its ``archive/``."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"archive/{name.replace('_', '.')}", data)
    return stream.getvalue()


def named(*names: str) -> bytes:
    """Return a WACZ whose members have these names, each with a good record."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, packed([response(body=page(number + 1))]))
    return stream.getvalue()


def _loop(path: Path) -> None:
    (path / "loop").symlink_to(path, target_is_directory=True)


def _outside(path: Path) -> None:
    (path / "a.html").symlink_to("/etc/passwd")


def _others(path: Path) -> None:
    for number in range(5000):
        (path / f"{number}.bin").touch()


def _deep(path: Path) -> None:
    here = path
    for _ in range(60):
        here /= "d" * 20
    here.mkdir(parents=True)
    (here / "a.html").write_bytes(page(1))


WARC: Final = packed([response()])
SIDECAR: Final = "captures_jsonl"

PLACES: Final = [
    folder("a pipe", 3, "not a regular one", lambda path: os.mkfifo(path / "a.html")),
    folder("a pipe that is a WARC", 3, "not a regular one", lambda path: os.mkfifo(path / "a.warc")),
    folder("a link to a device", 3, "not a regular one", lambda path: (path / "a.html").symlink_to("/dev/zero")),
    folder("a link to nothing", 3, "cannot be read", lambda path: (path / "a.html").symlink_to("nowhere")),
    folder("a link to itself", 3, "", lambda path: (path / "a.html").symlink_to("a.html")),
    folder("a link to a file elsewhere", 3, "no layout|no HTML", _outside),
    folder("a link to the folder itself", 0, "", _loop),
    folder("a folder that is named as a page", 0, "", lambda path: (path / "a.html").mkdir()),
    folder("folders sixty deep", 0, "", _deep),
    folder("a name with a line end", 0, "", lambda path: (path / "a\nERROR forged.html").write_bytes(page(1))),
    folder("a name of escapes", 3, r"\\x1b", lambda path: (path / "\x1b[31m\x07.html").write_bytes(b"")),
    folder(
        "a name that is no UTF-8",
        3,
        "",
        lambda path: Path(os.fsdecode(bytes(path) + b"/\xff\xfe.html")).write_bytes(b""),
    ),
    folder("a name that turns directions", 3, r"\\u202e", lambda path: (path / "\u202elmth.html").write_bytes(b"")),
    folder("5,000 files that are no capture", 0, "", _others),
    folder("nothing but a pipe", 3, "", lambda path: os.mkfifo(path / "a.html"), alone=True),
    given("a page of 9 MB", 3, "over the limit of", a_html=b"<p>" * (3 << 20)),
    given("a page of nothing", 3, "empty", a_html=b""),
    given("a page of NUL", 3, "control characters", a_html=bytes(1_000_000)),
    given("a text of one line", 3, "", a_txt=b"x" * 8_000_000),
    given("a text of eight million blanks", 3, "", a_txt=b" " * 8_000_000),
    given("a text of bullets", 3, "", a_txt="• a\n".encode() * 1_000_000),
]

SIDECARS: Final = [
    given("a sidecar nested deep", 3, "captures.jsonl", **{SIDECAR: b"[" * 100_000}),
    given(
        "a sidecar with a key twice", 3, "duplicate|twice", **{SIDECAR: b'{"file":"zz-good.html","file":"x.html"}\n'}
    ),
    given("a sidecar of NaN", 3, "captures.jsonl", **{SIDECAR: b'{"file":NaN}\n'}),
    given("a sidecar that names a file outside", 3, "captures.jsonl", **{SIDECAR: b'{"file":"../../etc/passwd"}\n'}),
    given("a sidecar that names the root", 3, "captures.jsonl", **{SIDECAR: b'{"file":"/etc/passwd"}\n'}),
    given(
        "a sidecar with a collection outside",
        3,
        "captures.jsonl",
        **{SIDECAR: b'{"file":"zz-good.html","collection":"../x"}\n'},
    ),
    given(
        "a sidecar with a time that is none",
        3,
        "captured_at",
        **{SIDECAR: b'{"file":"zz-good.html","captured_at":"9999-99-99T00:00:00Z"}\n'},
    ),
    given("a sidecar in UTF-16", 3, "captures.jsonl", **{SIDECAR: '{"file":"zz-good.html"}\n'.encode("utf-16")}),
    given(
        "a sidecar with a surrogate", 3, "captures.jsonl", **{SIDECAR: b'{"file":"zz-good.html","title":"\\ud800"}\n'}
    ),
    folder("a sidecar that is a pipe", 0, "", lambda path: os.mkfifo(path / "captures.jsonl")),
]

WARCS: Final = [
    given("rubbish behind a WARC", 3, "a.warc.gz", a_warc_gz=WARC + b"rubbish"),
    given("zeros behind a WARC", 3, "a.warc.gz", a_warc_gz=WARC + bytes(5000)),
    given("a WARC that is cut", 3, "a.warc.gz", a_warc_gz=WARC[:-20]),
    given("a WARC that is a bomb", 3, "a.warc.gz", a_warc_gz=BOMB),
    given(
        "a bomb in a record",
        3,
        "",
        a_warc=response(body=None)
        + record(
            "response",
            "http://perusupportgroup.org.uk/news.php",
            http(BOMB, "Content-Type: text/html", "Content-Encoding: gzip"),
        ),
    ),
    given("a record longer than its file", 3, "a.warc", a_warc=response(Content_Length="999999999999")),
    given("a record shorter than nothing", 3, "a.warc", a_warc=response(Content_Length="-1")),
    given("a record of a length of 5,000 digits", 3, "a.warc", a_warc=response(Content_Length="9" * 5000)),
    given("a record without end of its header", 3, "a.warc", a_warc=b"WARC/1.0\r\n" + b"X: y\r\n" * 1_000_000),
    given("a line without end in a WARC", 3, "a.warc", a_warc=b"WARC/1.0\r\nX: " + b"y" * 20_000_000),
    given("a revisit of what is not there", 3, "", a_warc=revisit()),
    given("a record of another version", 0, "", a_warc=response().replace(b"WARC/1.0", b"WARC/9.9")),
    given(
        "an address with line ends",
        3,
        "",
        a_warc=response("http://perusupportgroup.org.uk/news.php?\x0b\x1b[31m") + b"",
    ),
    given(
        "chunks that lie",
        3,
        "",
        a_warc=record(
            "response",
            "http://perusupportgroup.org.uk/news.php",
            http(b"ffffff\r\nabc", "Transfer-Encoding: chunked", "Content-Type: text/html"),
        ),
    ),
    given(
        "zstd in a record",
        3,
        "Content-Encoding",
        a_warc=record(
            "response",
            "http://perusupportgroup.org.uk/news.php",
            http(b"\x28\xb5\x2f\xfd" + bytes(50), "Content-Encoding: zstd", "Content-Type: text/html"),
        ),
    ),
    given("a time that is none", 3, "", a_warc=response(WARC_Date="0000-99-99T99:99:99Z")),
    given("a digest that lies", 0, "", a_warc=response(WARC_Payload_Digest="sha1:" + "A" * 32)),
    given("no WARC", 3, "a.warc", a_warc=b"<html>no</html>"),
]

ZIPS: Final = [
    given("a WACZ that is none", 3, "no WACZ", a_wacz=b"PK\x03\x04" + bytes(99)),
    given("a WACZ that is a bomb", 3, "a bomb", a_wacz=wacz(a_warc=bytes(50 << 20))),
    given("a WACZ of bombs", 3, "a.wacz", a_wacz=wacz(a_warc_gz=BOMB)),
    given("a WACZ without WARC", 3, "no WARC in its archive", a_wacz=named("index/x")),
    given("names that lead out of a WACZ", 0, "", a_wacz=named("archive/../../../x.warc.gz")),
    given(
        "absolute names in a WACZ",
        3,
        "no WARC in its archive",
        a_wacz=named("/archive/x.warc.gz", "C:\\archive\\y.warc.gz"),
    ),
    given("a WACZ in a WACZ", 3, "no WARC in its archive", a_wacz=wacz(a_wacz=named("archive/x.warc.gz"))),
    given("10,000 members", 3, "no WARC in its archive", a_wacz=named(*(f"x/{n}" for n in range(2000)))),
    given("a cut WACZ", 3, "no WACZ", a_wacz=named("archive/x.warc.gz")[:-30]),
]

ROWS: Final = [*PLACES, *SIDECARS, *WARCS, *ZIPS]
