"""robots.txt by RFC 9309."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.manners.robots import LONGEST, Unreachable, rules_of

NEWS = "http://perusupportgroup.org.uk/news.php?position=10"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 451, 499])
def test_a_robots_txt_that_the_site_has_not_allows_everything(status: int) -> None:
    rules = rules_of(status, b"User-agent: *\nDisallow: /\n")
    assert rules.allow(NEWS)
    assert rules.delay == 0


@pytest.mark.parametrize("status", [100, 206, 301, 302, 304, 429, 500, 502, 503, 504, 599])
def test_one_that_cannot_be_had_is_no_permission(status: int) -> None:
    with pytest.raises(Unreachable, match=f"the server answered {status}"):
        rules_of(status, b"")


@pytest.mark.parametrize("body", [b"<!DOCTYPE html>", b"\n  <html>", b"\xef\xbb\xbf<p>", b"<?xml version='1.0'?>"])
def test_a_page_in_its_place_is_none(body: bytes) -> None:
    with pytest.raises(Unreachable, match="HTML"):
        rules_of(200, body)


def test_a_page_in_its_place_is_named_with_what_can_be_done() -> None:
    page = b"<!DOCTYPE html><html><head><TITLE lang=en>\n  Peru \x1b[31m Support </TITLE></head>" + b"<p>" * 100
    with pytest.raises(Unreachable) as caught:
        rules_of(200, page)
    said = str(caught.value)
    assert said.startswith("a page of HTML stands in its place ('Peru \\x1b[31m Support')")
    assert "ROBOTSTXT_OBEY=False" in said
    with pytest.raises(Unreachable, match=r"in its place, and no rules"):
        rules_of(200, b"<html><title></html>")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:\n", True),
        ("User-agent: *\nDisallow: /\n", False),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\nDisallow: /news\n", False),
        ("User-agent: *\nDisallow: /News\n", True),
        ("User-agent: *\nDisallow: /*position=\n", False),
        ("User-agent: *\nDisallow: /news.php$\n", True),
        ("User-agent: *\nDisallow: /\nAllow: /news.php\n", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: psgcrawl\nAllow: /\n", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: PSGCRAWL\nDisallow: /\n", False),
        ("User-agent: otherbot\nUser-agent: psgcrawl\nDisallow: /\n", False),
        ("User-agent: otherbot\nDisallow: /\n", True),
        ("Disallow: /\n", True),
    ],
)
def test_rules_are_those_of_the_group_that_names_the_crawler_else_of_all(text: str, allowed: bool) -> None:
    assert rules_of(200, text.encode()).allow(NEWS) is allowed


@pytest.mark.parametrize(
    ("lines", "delay"),
    [
        ("", 0),
        ("Crawl-delay: 10", 10),
        ("Crawl-delay: 0.5", 0.5),
        ("Crawl-delay: -1", 0),
        ("Crawl-delay: inf", 0),
        ("Crawl-delay: soon", 0),
        ("Request-rate: 1/10", 10),
        ("Request-rate: 30/1m", 2),
        ("Request-rate: 1/10\nCrawl-delay: 20", 20),
        ("Request-rate: 1/30\nCrawl-delay: 20", 30),
        ("Request-rate: 0/10", 0),
    ],
)
def test_the_delay_is_the_larger_of_both_that_can_be_asked_for(lines: str, delay: float) -> None:
    assert rules_of(200, f"User-agent: *\n{lines}\n".encode()).delay == delay


def test_what_stands_behind_the_first_half_mebibyte_is_not_read() -> None:
    line, rule = b"User-agent: *\n", b"Disallow: /\n"
    inside = line + b"#" * (LONGEST - len(line) - len(rule) - 1) + b"\n" + rule
    assert not rules_of(200, inside).allow(NEWS)
    assert rules_of(200, inside.replace(rule, b"#\n" + rule)).allow(NEWS)


def test_many_names_and_many_rules_take_no_time() -> None:
    names = "".join(f"User-agent: bot{number}\n" for number in range(10_000))
    paths = "".join(f"Disallow: /{number}\n" for number in range(10_000))
    begun = process_time()
    assert rules_of(200, (names + paths).encode()).allow(NEWS)
    assert not rules_of(200, (names + "user agent psg*crawl # we\n" + paths + "Disallow: /news\n").encode()).allow(NEWS)
    assert process_time() - begun < 5


@given(st.binary(max_size=300))
def test_noise_is_no_error(body: bytes) -> None:
    try:
        rules = rules_of(200, body)
    except Unreachable:
        return
    assert rules.delay >= 0
    assert rules.allow(NEWS) in {True, False}
