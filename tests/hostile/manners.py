"""How a site can misbehave in what it answers, and what a crawl of its last page of news comes to."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from time import sleep
from typing import Any, Final

from tests.hostile import Answers, answer, html, moved
from tests.minisite import MiniSite

NEWS: Final = "/news.php?position=30"
OTHER: Final = "/news.php?position=20"
ROBOTS: Final = "/robots.txt"


def _pages() -> tuple[bytes, bytes]:
    with MiniSite() as site:
        return site.answer(NEWS).body, site.answer(OTHER).body


PAGE, PAGE_BEFORE = _pages()
GOOD: Final = html(PAGE)
BUSY: Final = answer(b"busy", status="503 Service Unavailable")
ONCE_MORE: Final[Mapping[str, Any]] = {"DOWNLOAD_TIMEOUT": 1, "RETRY_TIMES": 1}
IN_AN_HOUR: Final = format_datetime(datetime(2020, 1, 1, 1, tzinfo=UTC), usegmt=True)
IN_2020: Final = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)


def robots(text: str, *headers: str, status: str = "200 OK") -> bytes:
    return answer(text.encode(), "Content-Type: text/plain", *headers, status=status)


def endless(head: bytes, piece: bytes) -> Callable[[], Iterator[bytes]]:
    def stream() -> Iterator[bytes]:
        yield head
        while True:
            yield piece

    return stream


def drip() -> Iterator[bytes]:
    """A byte now and then: never idle for long, and never at an end."""
    yield HEAD + b"\r\n"
    while True:
        sleep(0.05)
        yield b"<"


def bomb(size: int) -> bytes:
    return gzip.compress(b"<html>" + bytes(size), compresslevel=1, mtime=0)


USUAL_ROBOTS: Final = robots("User-agent: *\nDisallow: /login.php\n")
HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


@dataclass(frozen=True)
class Case:
    """A site, and what a crawl of its last page of news comes to."""

    name: str
    code: int
    outcome: str
    words: str
    """A regular expression for the reasons; nothing for none."""
    page: Answers = GOOD
    robots: Answers = USUAL_ROBOTS
    others: Mapping[str, Answers] = field(default_factory=dict)
    asked: Mapping[str, int] | None = None
    """How often each address was asked for, where that matters."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    host: str = "127.0.0.1"


def committed(name: str, **more: Any) -> Case:
    return Case(name, 0, "committed", "", **more)


def missed(name: str, words: str, **more: Any) -> Case:
    return Case(name, 3, "incomplete", words, **more)


def closed(name: str, words: str, given: Answers, tries: int = 1, **more: Any) -> Case:
    """A robots.txt that lets nothing be asked for."""
    return missed(name, f"robots.txt.*{words}", robots=given, asked={ROBOTS: tries}, **more)


def elsewhere(name: str, location: str, words: str = "redirected to another site") -> Case:
    return missed(f"redirect {name}", words, page=moved(location), asked={ROBOTS: 1, NEWS: 1})


ROBOTS_CASES = [
    committed("no robots.txt", robots=answer(b"", status="404 Not Found"), asked={ROBOTS: 1, NEWS: 1}),
    committed("a robots.txt that is forbidden", robots=answer(b"", status="403 Forbidden")),
    committed("an empty robots.txt", robots=robots("")),
    committed("a robots.txt of noise", robots=answer(bytes(range(256)) * 40, "Content-Type: text/plain")),
    committed("a robots.txt that allows others less", robots=robots("User-agent: otherbot\nDisallow: /\n")),
    committed(
        "a rule behind the first 512 KiB of robots.txt",
        robots=robots("User-agent: *\n" + "#" * 1023 * 513 + "\nDisallow: /\n"),
    ),
    committed(
        "a robots.txt that moved within the site",
        robots=moved("/robots2.txt", "301 Moved Permanently"),
        others={"/robots2.txt": robots("User-agent: *\nAllow: /\n")},
    ),
    committed("a robots.txt that comes at the second try", robots=[BUSY, robots("")], asked={ROBOTS: 2, NEWS: 1}),
    missed(
        "a robots.txt that disallows all",
        "disallows it",
        robots=robots("User-agent: *\nDisallow: /\n"),
        asked={ROBOTS: 1},
    ),
    missed(
        "a robots.txt that disallows psgcrawl", "disallows it", robots=robots("User-agent: PSGcrawl\nDisallow: /n*p\n")
    ),
    closed("a broken robots.txt", "answered 500", answer(b"", status="500 No"), tries=4),
    closed("a busy robots.txt", "answered 503", BUSY, tries=4),
    closed("a robots.txt behind too many requests", "answered 429", answer(b"", status="429 Too Many"), tries=4),
    closed("a silent robots.txt", "took longer", None, tries=2, settings=ONCE_MORE),
    closed("a robots.txt whose connection breaks", "[Cc]onnection", b"", tries=2, settings=ONCE_MORE),
    closed("a part of a robots.txt", "answered 206", robots("", status="206 Partial Content")),
    closed("a page in place of robots.txt", "HTML", GOOD),
    closed("a robots.txt on another site", "another site", moved("http://example.org/robots.txt")),
    closed("a robots.txt in a circle", "in a circle", moved(ROBOTS)),
    closed(
        "a robots.txt that asks for an hour",
        "3600 seconds.*CRAWL_DELAY_MAX",
        robots("User-agent: *\nCrawl-delay: 3600\n"),
    ),
    closed(
        "a robots.txt that allows one request a day", "86400 seconds", robots("User-agent: *\nRequest-rate: 1/1d\n")
    ),
    closed(
        "a robots.txt that is cut",
        "before the end",
        answer(b"User-agent: *\n", "X: y", sized=False).replace(b"X: y", b"Content-Length: 99"),
        tries=2,
        settings=ONCE_MORE,
    ),
    closed(
        "a robots.txt without end",
        "larger than 50000 bytes",
        endless(b"HTTP/1.1 200 OK\r\n\r\n", b"#" * 9999),
        settings={"DOWNLOAD_MAXSIZE": 50_000},
    ),
]

REDIRECT_CASES = [
    committed(
        "five redirects", page=moved("/1"), others={**{f"/{n}": moved(f"/{n + 1}") for n in range(1, 5)}, "/5": GOOD}
    ),
    missed(
        "six redirects",
        "more than 5 times",
        page=moved("/1"),
        others={f"/{n}": moved(f"/{n + 1}") for n in range(1, 9)},
    ),
    committed(
        "a redirect to a page that was asked for",
        page=moved(ROBOTS + "#x"),
        others={ROBOTS + "?": GOOD},
        robots=[robots(""), GOOD],
    ),
    missed("a redirect to itself", "in a circle", page=moved(NEWS), asked={ROBOTS: 1, NEWS: 1}),
    missed("a redirect in a circle", "in a circle", page=moved("/a"), others={"/a": moved("/b"), "/b": moved("/a#x")}),
    elsewhere("to another host", "http://example.org/news.php"),
    elsewhere("without a scheme", "//example.org/news.php"),
    elsewhere("to another port", "http://127.0.0.1:1/"),
    elsewhere("to the port of the scheme", "http://127.0.0.1/"),
    elsewhere("to localhost", "http://localhost:{port}/"),
    elsewhere("to an integer", "http://2130706433:{port}/"),
    elsewhere("to an octal number", "http://0177.0.0.1:{port}/"),
    elsewhere("to a mapped address", "http://[::ffff:127.0.0.1]:{port}/"),
    elsewhere("to the metadata of a cloud", "http://169.254.169.254/latest/meta-data/"),
    elsewhere("with a user", "http://127.0.0.1:{port}@example.org/"),
    elsewhere("with a password", "http://a:b@127.0.0.1:{port}/news.php"),
    missed(
        "a redirect behind a backslash",
        "/@example.org/: the server answered 404",
        page=moved("http://127.0.0.1:{port}\\@example.org/"),
    ),
    elsewhere("to a file", "file:///etc/passwd", "no web address"),
    elsewhere("to data", "data:text/html,<p>x", "no web address"),
    elsewhere("to a script", "javascript:alert(1)", "no web address"),
    missed("a redirect to nowhere", "answered 302", page=answer(b"", status="302 Found")),
    Case(
        "a refresh in the page",
        4,
        "refused",
        "no layout fits",
        page=html(b'<html><meta http-equiv="refresh" content="0; url=/x"><body>x</body></html>'),
        asked={ROBOTS: 1, NEWS: 1},
    ),
]

STATUS_CASES = [
    committed("a busy site that recovers", page=[BUSY, BUSY, GOOD], asked={ROBOTS: 1, NEWS: 3}),
    committed("too many requests, and none to wait", page=[answer(b"", "Retry-After: 0", status="429 Too Many"), GOOD]),
    committed("a broken site that recovers", page=[answer(b"", status="507 Full"), GOOD], asked={ROBOTS: 1, NEWS: 2}),
    committed("a Retry-After of words", page=[answer(b"", "Retry-After: soon", status="503 Busy"), GOOD]),
    committed("a connection that breaks once", page=[b"", GOOD]),
    missed("a site that stays busy", "answered 503", page=BUSY, asked={ROBOTS: 1, NEWS: 4}),
    missed("a site that stays broken", "answered 599", page=answer(b"", status="599 No"), asked={ROBOTS: 1, NEWS: 4}),
    missed("a page that is missing", "answered 404", page=answer(b"", status="404 No"), asked={ROBOTS: 1, NEWS: 1}),
    missed("a page that is gone", "answered 410", page=answer(b"", status="410 Gone"), asked={ROBOTS: 1, NEWS: 1}),
    missed(
        "a page that took too long to be asked for",
        "answered 408",
        page=answer(b"", status="408 Timeout"),
        asked={ROBOTS: 1, NEWS: 1},
    ),
    missed(
        "a page behind a password",
        "answered 401",
        page=answer(b"", 'WWW-Authenticate: Basic realm="x"', status="401 Who"),
        asked={ROBOTS: 1, NEWS: 1},
    ),
    missed(
        "a part of a page",
        "answered 206",
        page=html(PAGE, "Content-Range: bytes 0-9/99", status="206 Part"),
        asked={ROBOTS: 1, NEWS: 1},
    ),
    missed("no content", "answered 204", page=answer(b"", status="204 None"), asked={ROBOTS: 1, NEWS: 1}),
    missed("not modified, unasked", "304", page=answer(b"", status="304 Not Modified"), settings={"RETRY_TIMES": 0}),
    missed(
        "a Retry-After of an hour",
        "RETRY_AFTER_MAX",
        page=answer(b"", "Retry-After: 3600", status="503 Busy"),
        asked={ROBOTS: 1, NEWS: 1},
    ),
    missed(
        "a Retry-After without end",
        "RETRY_AFTER_MAX",
        page=answer(b"", "Retry-After: " + "9" * 5000, status="429 Busy"),
        asked={ROBOTS: 1, NEWS: 1},
    ),
    missed(
        "a Retry-After with a date, by the server's clock",
        "asks to wait 3600 seconds",
        page=answer(b"", f"Date: {IN_2020}", f"Retry-After: {IN_AN_HOUR}", status="503 Busy"),
        asked={ROBOTS: 1, NEWS: 1},
    ),
    committed("a Retry-After in the past", page=[answer(b"", f"Retry-After: {IN_2020}", status="503 Busy"), GOOD]),
]

BODY_CASES = [
    missed("silence", "took longer", page=None, settings=ONCE_MORE),
    missed("a drip", "took longer", page=drip, settings=ONCE_MORE),
    missed(
        "header lines without end",
        "its headers are over 262144 bytes",
        page=endless(HEAD, b"X-Header: 0123456789\r\n" * 50),
        settings={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 20},
    ),
    missed(
        "a header line without end",
        "connection|Connection",
        page=endless(HEAD + b"X-Header: ", b"0" * 5000),
        settings={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 20},
    ),
    missed(
        "answers without end that say to go on",
        "its headers are over 262144 bytes",
        page=endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        settings={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 20},
    ),
    missed(
        "a body without end",
        "larger than 200000 bytes",
        page=endless(HEAD + b"\r\n", b"<p>" * 5000),
        settings={"DOWNLOAD_MAXSIZE": 200_000},
        asked={ROBOTS: 1, NEWS: 1},
    ),
    missed(
        "a body that says that it is large",
        "max size",
        page=HEAD + b"Content-Length: 99999999999\r\n\r\n",
        asked={ROBOTS: 1, NEWS: 1},
    ),
    missed(
        "a gzip bomb",
        "DOWNLOAD_MAXSIZE",
        page=html(bomb(20_000_000), "Content-Encoding: gzip"),
        settings={"RETRY_TIMES": 0},
    ),
    missed(
        "a bomb of deflate",
        "DOWNLOAD_MAXSIZE",
        page=html(zlib.compress(bytes(20_000_000)), "Content-Encoding: deflate"),
        settings={"RETRY_TIMES": 0},
    ),
    missed(
        "a bomb in a bomb",
        "Content-Encoding|DOWNLOAD_MAXSIZE",
        page=html(gzip.compress(bomb(20_000_000), mtime=0), "Content-Encoding: gzip, gzip"),
        settings={"RETRY_TIMES": 0},
    ),
    missed(
        "a cut gzip",
        "end early",
        page=html(gzip.compress(PAGE)[:-9], "Content-Encoding: gzip"),
        settings=ONCE_MORE,
        asked={ROBOTS: 1, NEWS: 2},
    ),
    missed(
        "a gzip with a wrong sum",
        "damaged",
        page=html(gzip.compress(PAGE)[:-8] + bytes(8), "Content-Encoding: gzip"),
        settings=ONCE_MORE,
    ),
    missed("an encoding that nobody knows", "x-none", page=html(PAGE, "Content-Encoding: x-none"), settings=ONCE_MORE),
    missed(
        "a body that is shorter than it says",
        "before the end",
        page=HEAD + b"Content-Length: 999999\r\n\r\n" + PAGE,
        settings=ONCE_MORE,
        asked={ROBOTS: 1, NEWS: 2},
    ),
    missed(
        "a chunk that is shorter than it says",
        "before the end",
        page=HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n" + PAGE,
        settings=ONCE_MORE,
    ),
    missed(
        "chunks of no number",
        "before the end",
        page=HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + PAGE,
        settings=ONCE_MORE,
    ),
    missed(
        "two lengths",
        "conflicting Content-Length",
        page=HEAD + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\n" + PAGE,
        settings=ONCE_MORE,
    ),
    missed(
        "a length below nothing", "non-decimal", page=HEAD + b"Content-Length: -5\r\n\r\n" + PAGE, settings=ONCE_MORE
    ),
    missed("no HTTP", "status code", page=b"220 mail.example.org ESMTP\r\n\r\n", settings=ONCE_MORE),
    Case("a body without length, cut", 0, "committed", "truncation", page=HEAD + b"\r\n" + PAGE[: len(PAGE) // 2]),
    missed("nothing", "empty", page=html(b"")),
    missed("a picture", "binary", page=answer(b"\x89PNG\r\n\x1a\n" + bytes(99), "Content-Type: image/png")),
    missed(
        "elements nested too deep", "over the limit of the parser", page=html(b"<html><body>" + b"<div>" * 5000 + PAGE)
    ),
]

OTHER_CASES = [
    missed("a spider that does not say where it may go", "another site", settings={"WITHOUT_ORIGINS": True}, asked={}),
    missed(
        "a failure of which the spider does not want to hear",
        "another site",
        page=moved("http://example.org/"),
        settings={"WITHOUT_ERRBACK": True},
    ),
    committed(
        "robots.txt ignored",
        robots=robots("User-agent: *\nDisallow: /\n"),
        asked={NEWS: 1},
        settings={"ROBOTSTXT_OBEY": False},
    ),
]

ADDRESS_CASES = [
    missed("this machine as an integer", "at 127.0.0.1: no address of the public", host="2130706433", asked={}),
    missed("this machine as a short form", "at 127.0.0.1: no address of the public", host="127.1", asked={}),
    missed("this machine in octal", "at 127.0.0.1: no address of the public", host="0177.0.0.1", asked={}),
    missed("this machine in hexadecimal", "at 127.0.0.1: no address of the public", host="0x7f000001", asked={}),
    committed("this machine by its name", host="localhost", asked={ROBOTS: 1, NEWS: 1}),
]

CASES = [*ROBOTS_CASES, *REDIRECT_CASES, *STATUS_CASES, *BODY_CASES, *ADDRESS_CASES, *OTHER_CASES]
