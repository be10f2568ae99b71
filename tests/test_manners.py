"""Live crawls of sites that misbehave: where each trap leads to, what is asked of a site, and how fast."""

import re
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import pytest

from psgcrawl import __version__
from psgcrawl.errors import UsageError
from tests import crawls, crowd
from tests.certificates import self_signed
from tests.hostile import Answers, Hostile, answer, html
from tests.hostile.manners import BUSY, CASES, GOOD, NEWS, OTHER, PAGE, PAGE_BEFORE, ROBOTS, Case, robots
from tests.listings import ListingSpider


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


@pytest.mark.thorough
def test_no_page_costs_a_minute_or_half_a_gibibyte(tmp_path: Path) -> None:
    pages = {
        "/news.php?position=10": b"<p " + b" ".join(b"a%d=b" % n for n in range(200_000)) + b">",
        "/news.php?position=20": b"<b><i>" * 200_000,
        NEWS: b"<h3>A title</h3><p>1 May 2010</p><p>Text</p>" * 5000,
    }
    answers = {target: html(b"<html><body>" + page + PAGE) for target, page in pages.items()}
    with Hostile({**answers, ROBOTS: robots("")}) as server:
        begun = monotonic()
        line = words(tmp_path, server.url(), " ".join(pages), SPIDER_MODULES="tests.crowd", MEMUSAGE_ENABLED=False)
        ran = crawls.run("-m", "tests.script", MEASURED, *line[2:])
        assert monotonic() - begun < 60
    # All were asked for; two are refused, each with its reason, and the third is read.
    assert (ran.code, server.targets()[1:]) == (3, [*pages])
    [line_] = crawls.logged(tmp_path)
    assert ["over the limit" in reason for reason in line_.reasons] == [True, True], line_.reasons
    assert line_.counts is not None
    assert line_.counts.pages == 1
    assert int(ran.err.splitlines()[-1]) < 512 * 1024


MEASURED: Final = """
import sys
from scrapy.cmdline import execute
from psgcrawl.extensions.memory import peak
try:
    execute(["scrapy", *sys.argv[1:]])
finally:
    print(peak() // 1024, file=sys.stderr)
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
                assert monotonic() - begun < crawls.PATIENCE
                sleep(0.02)
            sleep(0.3)
            begun = monotonic()
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=crawls.PATIENCE)
            took = monotonic() - begun
    assert (process.returncode, server.targets()) == (3, [ROBOTS, NEWS])
    assert "the crawl ended while the request waited" in told
    [line] = crawls.logged(tmp_path)
    assert "the crawl ended early: shutdown" in line.reasons
    # The pause is one of five minutes: however slow the machine, it was not waited for.
    assert took < 60
