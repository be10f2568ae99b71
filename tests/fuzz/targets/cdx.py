"""The answers of web archives' indexes, in four dialects -> captures of the listings."""

import json
from collections.abc import Iterator
from typing import Final

from psgcrawl.webarchive.addresses import instant
from psgcrawl.webarchive.captures import wanted
from psgcrawl.webarchive.queries import EVER
from psgcrawl.webarchive.rows import Answer, NoIndex, once, parse
from tests.fuzz.target import Target

_LISTINGS: Final = ("news", "articles", "home", "posts")


def check(data: bytes) -> None:
    """Read an answer; what was read, written in each dialect, is read alike."""
    answer = _parse(data)
    assert _parse(data) == answer
    if isinstance(answer, str):
        assert answer.isprintable()
        return
    assert answer.count == len(answer.rows) + len(answer.bad)
    assert all(problem.isprintable() for problem in answer.bad)
    assert answer.dialect is not None or not answer.count
    rows = list(once(answer.rows))
    assert len(set(rows)) == len(rows)
    for row in rows:
        assert instant(row.stamp) is not None
        assert row.url.isascii()
        assert row.url.isprintable()
        assert row.status is None or 100 <= row.status <= 999
        assert row.digest is None or len(row.digest) == 32
    for listing in _LISTINGS:
        found = wanted(listing, rows, EVER)
        assert [one.when for one in found] == sorted(one.when for one in found)
        assert all(one.row in rows for one in found)
    _reads_back(answer)


def _parse(data: bytes) -> Answer | str:
    try:
        return parse(data)
    except NoIndex as error:
        return str(error)


def _reads_back(answer: Answer) -> None:
    """Write the rows as a web archive would; some have texts that cannot stand in a line."""
    values = [
        [row.urlkey, row.stamp, row.url, row.mime, "-" if row.status is None else str(row.status), row.digest or "-"]
        for row in answer.rows
    ]
    names = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest"]
    assert not values or _rows(json.dumps([names, *values]).encode()) == answer.rows
    objects = [dict(zip(names, row, strict=True)) for row in values]
    assert _rows(b"\n".join(json.dumps(one).encode() for one in objects)) == answer.rows


def _rows(data: bytes) -> object:
    answer = parse(data)
    assert not answer.bad
    return answer.rows


_KEY: Final = "uk,org,perusupportgroup)/news.php?position=10"
_VALUES: Final = [
    _KEY,
    "20080512101600",
    "http://www.perusupportgroup.org.uk:80/news.php?position=10",
    "text/html",
    "200",
    "CLLKY64HIOAXWM7II44DF6UNJEH3YEKT",
    "1269",
]
_NAMES: Final = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]


def seeds() -> Iterator[bytes]:
    """Yield an answer in each dialect, whole and with a key for more."""
    one = dict(zip(["urlkey", "timestamp", "url", "mime", "status", "digest"], _VALUES, strict=False))
    yield json.dumps([_NAMES, _VALUES, _VALUES]).encode()
    yield json.dumps([_NAMES, _VALUES, [], ["org,perusupportgroup)/ 2009!"]]).encode()
    yield f"{' '.join(_VALUES)}\n\norg%2C+2009%21\n".encode()
    yield f"{json.dumps(one)}\n{json.dumps(one)}\n".encode()
    yield f"{_KEY} 20080512101600 {json.dumps(one)}\n".encode()
    yield b"[]"
    yield b"org.archive.util.io.RuntimeIOException: AccessControlException: Blocked Site Error"


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(f'"{name}"'.encode() for name in (*_NAMES, "url", "mime", "status")),
        *(
            b"20080512101600",
            b"20080230000000",
            b"http://perusupportgroup.org.uk/",
            b"/news.php?position=",
            b"warc/revisit",
        ),
        *(
            b"[]",
            b"],[",
            b"null",
            b"1e400",
            b"9" * 40,
            b"NaN",
            b"\\ud800",
            b"\\u0000",
            b"\\n",
            b"[" * 64,
            b"\xef\xbb\xbf",
            b"\n\n",
        ),
        *("²".encode(), "٣".encode(), "\u2028".encode(), b"http://[", b"/wp-json/wp/v2/posts", b"/page/2/", b"sha1:"),
    ],
)
