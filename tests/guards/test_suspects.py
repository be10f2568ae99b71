"""What a page that no layout fits may be is told in words, and never at the cost of time."""

import time

import pytest

from psgcrawl.guards.suspects import looks_like

PAGES = {
    b'<form><input name=p TYPE="password"></form>': "a login page",
    b"<h1>Access denied</h1>": "a page that keeps crawlers out",
    b"<title>Checking your browser</title>": "a page that keeps crawlers out",
    b"<h1>psg.org</h1><p>This domain is for sale. <a>Buy this domain</a>": "a parked domain",
    b"<p>Scheduled maintenance: we will be back soon": "a maintenance page",
    b"<h1>It works!</h1>": "the first page of a fresh server",
    b"<h1>404 Not Found</h1>": "an error page",
    b"<h1>News</h1><p>Coca prices rise in 2019": None,
    b"": None,
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_at_its_head_what_it_is(page: bytes) -> None:
    assert looks_like(page) == PAGES[page]


@pytest.mark.parametrize("piece", [b"type ", b"apache ", b"domain name ", b"be be back ", b"type=\xff", b"50"])
def test_a_hostile_page_takes_no_time(piece: bytes) -> None:
    begin = time.process_time()
    looks_like(piece * 3_000_000)
    assert time.process_time() - begin < 1
