"""An answer of WordPress's REST API -> posts."""

import json
from collections.abc import Iterator
from typing import Final

from tests.fuzz.pages import HOME, holds
from tests.fuzz.target import PROJECT, Target


def check(data: bytes) -> None:
    """Read it as a page of posts."""
    holds(data, "application/json", f"{HOME}wp-json/wp/v2/posts?per_page=100&page=1")


def seeds() -> Iterator[bytes]:
    """Yield recorded answers, and one of each with its first post alone."""
    for path in sorted((PROJECT / "tests" / "layouts" / "wordpress").glob("rest*.json")):
        body = path.read_bytes()
        yield body
        answer = json.loads(body)
        if isinstance(answer, list):
            yield json.dumps(answer[:1], ensure_ascii=False).encode()
    yield b'[{"id":7,"date":"2024-06-14T12:00:00","title":{"rendered":"a"},"excerpt":{"rendered":"<p>b</p>"}}]'


_MEMBERS: Final = (
    "id date date_gmt modified_gmt link title excerpt content rendered protected categories status type "
    "_embedded wp:term taxonomy name code message"
)

TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(f'"{name}":'.encode() for name in _MEMBERS.split()),
        *(
            b"null",
            b"true",
            b"[[",
            b"]]",
            b"{}",
            b"1e400",
            b"-1",
            b"9" * 40,
            b"NaN",
            b"\\ud800",
            b"\\u0000",
            b"\\u202e",
        ),
        *(b'"2024-06-14T12:00:00"', b'"9999-12-31T23:59:59"', b'"0000-00-00T00:00:00"', b"<p>", b"&hellip;", b"&#1;"),
        *(b'"publish"', b'"post"', b'"category"', b"http://[", b"[" * 64),
    ],
)
