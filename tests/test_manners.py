"""Live crawls of sites that misbehave: where each trap leads to, what is asked of a site, and how fast."""

import gzip
import re
import signal
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import pytest

from psgcrawl import __version__
from psgcrawl.errors import UsageError
from tests import crawls, crowd
from tests.certificates import self_signed
from tests.hostile import Answers, Hostile, answer, html, moved
from tests.listings import ListingSpider
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
    return gzip.compress(b"<html>" + bytes(size), mtime=0)


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
        page=html(gzip.compress(bomb(20_000_000)), "Content-Encoding: gzip, gzip"),
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


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """What became of each case, and what its server was asked for."""
    folder = tmp_path_factory.mktemp("hostile")
    with ExitStack() as stack:
        answers = [{NEWS: case.page, ROBOTS: case.robots, **case.others} for case in CASES]
        servers = [stack.enter_context(Hostile(given)) for given in answers]
        given = [
            {
                "archive": str(folder / str(number)),
                "arguments": {"base": server.url(host=case.host), "targets": NEWS},
                "settings": dict(case.settings),
            }
            for number, (case, server) in enumerate(zip(CASES, servers, strict=True))
        ]
        found = crowd.crawls(given)
    return {case.name: (one, server.targets()) for case, one, server in zip(CASES, found, servers, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_trap_leads_where_the_table_says(case: Case, told: dict[str, tuple[dict[str, Any], list[str]]]) -> None:
    found, asked = told[case.name]
    assert (found["code"], {line["outcome"] for line in found["lines"]}) == (case.code, {case.outcome})
    reasons = [reason for line in found["lines"] for reason in line["reasons"]]
    assert bool(reasons) == (case.code != 0)
    assert re.search(case.words, " | ".join([*reasons, *found["problems"]]))
    assert case.asked is None or Counter(asked) == Counter(case.asked)


def test_a_crawl_that_ignores_robots_txt_says_so(told: dict[str, tuple[dict[str, Any], list[str]]]) -> None:
    assert told["robots.txt ignored"][0]["problems"] == ["robots.txt was not asked for: ROBOTSTXT_OBEY is off"]


# --- as a person starts it ------------------------------------------------------------


def words(archive: Path, base: str, targets: str = NEWS, **settings: Any) -> list[str]:
    """Return a command line."""
    basic = {"SPIDER_MODULES": "tests.listings", **crowd.BASIC, "ARCHIVE_DIR": archive}
    line = [f"--set={name}={value}" for name, value in {**basic, **settings}.items()]
    return ["-m", "scrapy", "crawl", "listing", *line, "-a", f"base={base}", "-a", f"targets={targets}"]


@pytest.mark.parametrize(
    ("contact", "problem"),
    [
        ("", "a live crawl says who answers for it"),
        ("a person", "is no e-mail address and no http(s) address"),
    ],
)
def test_nobody_is_asked_for_anything_while_nobody_answers_for_it(tmp_path: Path, contact: str, problem: str) -> None:
    with Hostile({NEWS: GOOD}) as server:
        ran = crawls.run(*words(tmp_path / "archive", server.url(), CONTACT=contact))
        assert (ran.code, server.targets()) == (2, [])
    assert problem in ran.err
    assert '-s CONTACT="https://example.org/bot, ops@example.org"' in ran.err
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("base", ["ftp://example.org", "example.org", "http://10.0.0.1", "http://[fe80::1]:80"])
def test_a_crawl_of_what_is_no_site_does_not_begin(base: str) -> None:
    with pytest.raises(UsageError, match=r"^base: "):
        ListingSpider.check_arguments({"base": base})


def test_every_request_says_who_asks_and_carries_no_cookie_and_no_proxy_has_it(tmp_path: Path) -> None:
    proxy = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), "http://127.0.0.1:9")
    page = html(PAGE, "Set-Cookie: a=1; Path=/")
    with Hostile({NEWS: page, OTHER: html(PAGE_BEFORE), ROBOTS: robots("")}) as server:
        ran = crawls.run(*words(tmp_path, server.url(), f"{NEWS} {OTHER}"), environ=proxy)
        assert (ran.code, server.targets()) == (0, [ROBOTS, NEWS, OTHER])
        for asked in server.asked:
            assert f"User-Agent: psgcrawl/{__version__} (+ops@example.org)".encode() in asked.head
            assert b"cookie" not in asked.head.lower()


def test_a_certificate_that_nobody_vouches_for_is_refused_at_the_first_try(tmp_path: Path) -> None:
    with Hostile({NEWS: GOOD, ROBOTS: robots("")}, context=self_signed(tmp_path)) as server:
        ran = crawls.run(*words(tmp_path / "archive", server.url(), RETRY_FIRST_PAUSE=60))
        assert (ran.code, server.targets()) == (3, [])
    assert "certificate verify failed" in ran.err


def test_no_name_is_looked_up_where_nobody_checks_addresses(tmp_path: Path) -> None:
    stock = "scrapy.resolver.CachingThreadedResolver"
    ran = crawls.run(*words(tmp_path, "http://example.org", TWISTED_DNS_RESOLVER=stock))
    assert ran.code == 3
    assert "example.org: its address would not be checked: TWISTED_DNS_RESOLVER is not the project's own" in ran.err


@pytest.mark.parametrize(
    ("page", "code", "words_"),
    [
        (b"<p " + b" ".join(b"a%d=b" % n for n in range(200_000)) + b">" + PAGE, 3, "over the limit"),
        (b"<b><i>" * 200_000 + PAGE, 3, "over the limit"),
        (b"<h3>A title</h3><p>1 May 2010</p><p>Text</p>" * 5000 + PAGE, 0, ""),
    ],
    ids=["attributes", "nesting", "entries"],
)
def test_no_page_costs_a_minute_or_half_a_gibibyte(tmp_path: Path, page: bytes, code: int, words_: str) -> None:
    with Hostile({NEWS: html(b"<html><body>" + page), ROBOTS: robots("")}) as server:
        begun = monotonic()
        line = words(tmp_path, server.url(), SPIDER_MODULES="tests.crowd", MEMUSAGE_ENABLED=False)
        ran = crawls.run("-c", MEASURED, *line[2:])
        assert monotonic() - begun < 60
    assert (ran.code, words_ in ran.err) == (code, True)
    assert int(ran.err.splitlines()[-1]) < 512 * 1024


MEASURED: Final = """
import resource, sys
from scrapy.cmdline import execute
try:
    execute(["scrapy", *sys.argv[1:]])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


# --- how fast -------------------------------------------------------------------------


def gaps(server: Hostile) -> list[float]:
    """Return the seconds from each request to the next."""
    return [after.at - before.at for before, after in pairwise(server.asked)]


@dataclass(frozen=True)
class Pace:
    """A site, the pages that it is asked for, and the least seconds from each request to the next."""

    name: str
    least: tuple[float, ...]
    answers: Mapping[str, Answers]
    settings: Mapping[str, Any] = field(default_factory=dict)
    targets: str = NEWS


TWO: Final[Mapping[str, Answers]] = {NEWS: GOOD, OTHER: html(PAGE_BEFORE), ROBOTS: robots("")}
BOTH: Final = f"{NEWS} {OTHER}"
PACES = [
    Pace("DOWNLOAD_DELAY", (0.5, 0.5), TWO, {"DOWNLOAD_DELAY": 0.5}, BOTH),
    Pace("Crawl-delay", (0.6, 0.6), {**TWO, ROBOTS: robots("User-agent: *\nCrawl-delay: 0.6\n")}, targets=BOTH),
    Pace("Request-rate", (0.5,), {**TWO, ROBOTS: robots("User-agent: psgcrawl\nRequest-rate: 2/1\n")}),
    Pace(
        "the larger of both",
        (0.6,),
        {**TWO, ROBOTS: robots("User-agent: *\nCrawl-delay: 0.1\n")},
        {"DOWNLOAD_DELAY": 0.6},
    ),
    Pace(
        "Retry-After, whichever page is next",
        (0, 1, 0),
        {**TWO, NEWS: [answer(b"", "Retry-After: 1", status="429 Too Many"), GOOD]},
        {"RETRY_PRIORITY_ADJUST": -9},
        BOTH,
    ),
    Pace(
        "twice as long each time",
        (0, 0.2, 0.4, 0.8),
        {**TWO, NEWS: [BUSY, b"", answer(b"", status="500 No"), GOOD]},
        {"RETRY_FIRST_PAUSE": 0.2},
    ),
    Pace(
        "a body that cannot be read is asked for again as late",
        (0, 0.4),
        {**TWO, NEWS: [html(b"x", "Content-Encoding: x-none"), GOOD]},
        {"RETRY_FIRST_PAUSE": 0.4},
    ),
]


@pytest.fixture(scope="module")
def paced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], Hostile]]:
    """What became of the crawl of each, and its server."""
    folder = tmp_path_factory.mktemp("paced")
    with ExitStack() as stack:
        servers = [stack.enter_context(Hostile(pace.answers)) for pace in PACES]
        given = [
            {
                "archive": str(folder / str(number)),
                "arguments": {"base": server.url(), "targets": pace.targets},
                "settings": dict(pace.settings),
            }
            for number, (pace, server) in enumerate(zip(PACES, servers, strict=True))
        ]
        found = crowd.crawls(given)
    return {pace.name: (one, server) for pace, one, server in zip(PACES, found, servers, strict=True)}


@pytest.mark.parametrize("pace", PACES, ids=[pace.name for pace in PACES])
def test_a_site_is_asked_as_slowly_as_it_wants(pace: Pace, paced: dict[str, tuple[dict[str, Any], Hostile]]) -> None:
    found, server = paced[pace.name]
    assert (found["code"], len(server.asked)) == (0, len(pace.least) + 1)
    # From the end of an answer to the next request: at the server it is never less.
    for waited, least in zip(gaps(server), pace.least, strict=True):
        assert waited >= least, gaps(server)
    assert server.most == 1


def test_a_signal_ends_a_pause_at_once(tmp_path: Path) -> None:
    busy = answer(b"", "Retry-After: 300", status="503 Busy")
    with ExitStack() as stack:
        server = stack.enter_context(Hostile({NEWS: busy, ROBOTS: robots("")}))
        with crawls.command(*words(tmp_path, server.url())) as process:
            begun = monotonic()
            while NEWS not in server.targets():
                assert monotonic() - begun < 30
                sleep(0.02)
            sleep(0.3)
            begun = monotonic()
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=20)
            took = monotonic() - begun
    assert (process.returncode, server.targets()) == (3, [ROBOTS, NEWS])
    assert "the crawl ended while the request waited" in told
    [line] = crawls.logged(tmp_path)
    assert "the crawl ended early: shutdown" in line.reasons
    assert took < 3
