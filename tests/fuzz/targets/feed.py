"""A feed of WordPress -> posts."""

from collections.abc import Iterator
from typing import Final

from tests.fuzz.pages import HOME, holds
from tests.fuzz.target import PROJECT, Target


def check(data: bytes) -> None:
    """Read it as the feed of the site."""
    holds(data, "application/rss+xml", f"{HOME}feed/")


def seeds() -> Iterator[bytes]:
    """Yield recorded feeds, and one with a single item."""
    for path in sorted((PROJECT / "tests" / "layouts" / "wordpress").glob("feed-*.xml")):
        body = path.read_bytes()
        yield body
        head, item, _ = body.partition(b"<item>")
        if item:
            yield head + item + body.partition(b"<item>")[2].partition(b"</item>")[0] + b"</item></channel></rss>"


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(
            f"<{name}>".encode()
            for name in "rss channel item title link guid pubDate description category feed".split()
        ),
        *(
            f"</{name}>".encode()
            for name in "rss channel item title link guid pubDate description category feed".split()
        ),
        *(b"<![CDATA[", b"]]>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&lt;p&gt;", b"&#1;", b"&#xD800;"),
        *(b"Fri, 14 Jun 2024 11:00:00 +0000", b"Fri, 31 Dec 9999 23:59:59 -1200", b"Mon, 01 Jan 0001 00:00:00 +1400"),
        *(
            b"https://perusupportgroup.org.uk/?p=7",
            b"http://[",
            b"<?xml version='1.0' encoding='utf-16'?>",
            b"<content:encoded>",
        ),
        *(
            b"<p>The post <a href='/'>x</a> appeared first on <a href='/'>y</a>.</p>",
            b"<atom:link rel='next' href='?paged=2'/>",
        ),
    ],
)
