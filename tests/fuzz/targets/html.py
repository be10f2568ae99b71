"""HTML of a listing of the PHP site -> entries, and the way to the next page."""

from collections.abc import Iterator
from typing import Final

from tests.fuzz.pages import HOME, NEWS, holds
from tests.fuzz.target import PROJECT, Target

_VIEWS: Final = (NEWS, HOME, None)
"""As what bytes are read: as a page of news, as the home page, as a file of which nobody knows the address."""


def check(data: bytes) -> None:
    """Read it as one of them, by its length: to read it as all of them takes three times as long."""
    holds(data, "text/html", _VIEWS[len(data) % len(_VIEWS)])


def all_of(data: bytes) -> None:
    """Read it as each of them."""
    for view in _VIEWS:
        holds(data, "text/html", view)


def seeds() -> Iterator[bytes]:
    """Yield the invented example, and small pages in the markups that listings are written in."""
    for path in sorted((PROJECT / "psgcrawl" / "samples" / "example").glob("20260301-*.html")):
        yield path.read_bytes()
    entry = "<a href='news-article-1.html'>{}</a>{}3 May 2013{}It rained in Lima, and the mine was closed."
    yield f"<ul><li><h3>{entry.format('A', '</h3><p>', '<p>')}</p></li></ul><a href='?position=20'>Next</a>".encode()
    yield f"<table><tr><td>{entry.format('Water', '</td><td>', '</td></tr><tr><td>')}</td></tr></table>".encode()
    yield f"<h2>Featured Notices</h2><p><b>{entry.format('A', '</b><br>', '<br>')}<hr>2 May 2004<br>B".encode()
    yield f"<dl><dt>3 May 2013</dt><dd><h4>{entry.format('C', '<br>', '</h4>')}<img src=a alt='Lima'></dd></dl>".encode(
        "utf-16"
    )


_NAMES: Final = (
    "a b p div ul li table tr td dl dt dd h2 h3 span header footer nav form figure figcaption em article".split()
)

TARGET: Final = Target(
    check=check,
    all_of=all_of,
    seeds=seeds,
    # Half of the pages that there are: twice as many of them.
    longest=2048,
    words=[
        *(f"<{name}>".encode() for name in _NAMES),
        *(f"</{name}>".encode() for name in _NAMES),
        *(
            b"<br>",
            b"<hr>",
            b"<img src=a alt='Lima'>",
            b"<!--",
            b"-->",
            b"<![CDATA[",
            b"<?x",
            b"<base href='http://[/'>",
        ),
        *(b" href='?position=20'", b" href='article-1.html'", b" href='http://['", b" rel=next", b" class=caption"),
        *(b"3 May 2013", b"Update 103. 30 April 2004", b"31 December 1969", b"Featured Notices", b"Read more", b"Next"),
        *(b"&#1;", b"&#xD800;", b"&nbsp;", b"<meta charset=utf-7>", b"<meta charset=idna>", b"\xff\xfe", b"\x85"),
    ],
)
