"""The text form of a page -> entries."""

from collections.abc import Iterator
from typing import Final

from tests.fuzz.pages import HOME, NEWS, holds
from tests.fuzz.target import PROJECT, Target


def check(data: bytes) -> None:
    """Read it as a page of news, and as the home page."""
    holds(data, "text/plain", NEWS)
    holds(data, "text/plain", HOME)


def seeds() -> Iterator[bytes]:
    """Yield the provided captures, and the beginning of each: short seeds are mutated faster."""
    for path in sorted((PROJECT / "tests" / "fixtures" / "captures").glob("*.txt")):
        body = path.read_bytes()
        yield body
        yield body[:1500]
        yield body[-1500:]


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(
            "•".encode(),
            "\n\n  • ".encode(),
            "\n      • ".encode(),
            b"\n\n",
            b"\nFeatured Notices\n",
            b"News",
            b"Articles",
        ),
        *(
            b"3 May 2013",
            b"Update 103. 30 April 2004",
            b". 18 February 2017",
            b"31 December 1969",
            b"No. 151. May - June",
        ),
        *(
            "\u2028".encode(),
            "\x85".encode(),
            "\ufeff".encode(),
            b"\x00",
            "\u00a0".encode(),
            "Peruís".encode(),
            b"\xed\xa0\x80",
        ),
    ],
    longest=4096,
)
