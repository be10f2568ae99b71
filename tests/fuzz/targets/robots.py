"""robots.txt -> what may be asked for, and how often."""

import math
from collections.abc import Iterator
from typing import Final

from psgcrawl.manners.robots import Unreachable, rules_of
from tests.fuzz.target import Target

_ADDRESSES: Final = (
    "http://perusupportgroup.org.uk/",
    "http://perusupportgroup.org.uk/news.php?position=10",
    "https://perusupportgroup.org.uk/wp-json/wp/v2/posts?per_page=100&page=1",
    "http://perusupportgroup.org.uk/2024/06/%C3%A1gua/",
)


def check(data: bytes) -> None:
    """Ask for some pages under these rules."""
    said = _answers(data)
    assert said == _answers(data)
    assert _answers(data, 404) == [*([True] * len(_ADDRESSES)), 0.0]


def _answers(data: bytes, status: int = 200) -> list[bool | float] | str:
    try:
        rules = rules_of(status, data)
    except Unreachable as reason:
        return _told(reason)
    assert rules.delay >= 0
    assert not math.isnan(rules.delay)
    return [*(rules.allow(url) for url in _ADDRESSES), rules.delay]


def _told(reason: Unreachable) -> str:
    assert str(reason)
    return str(reason)


def seeds() -> Iterator[bytes]:
    """Yield rules as sites have them."""
    yield b"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\nSitemap: https://a/s.xml\n"
    yield b"User-agent: psgcrawl\nCrawl-delay: 10\nRequest-rate: 1/5\nDisallow: /*?position=\n"
    yield b"\xef\xbb\xbfuser-agent: *\r\ndisallow: /*.php$\r\nvisit-time: 0600-0845\r\nrequest-rate: 2/10m 12-13\r\n"
    yield b"<html><title>Not here</title></html>"


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(
            b"User-agent: ",
            b"psgcrawl",
            b"Disallow: ",
            b"Allow: ",
            b"Crawl-delay: ",
            b"Request-rate: ",
            b"Visit-time: ",
        ),
        *(
            b"Sitemap: ",
            b"Host: ",
            b"*",
            b"$",
            b"%2f",
            b"%ZZ",
            b"1/0",
            b"0/1",
            b"1/5s",
            b"-1",
            b"1e400",
            b"nan",
            b"inf",
            b"#",
        ),
        *(b"\xef\xbb\xbf", "\u2028".encode(), "\x85".encode(), "٣".encode(), "²".encode(), b"<title>"),
    ],
    longest=2048,
)
