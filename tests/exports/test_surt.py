import time

import pytest

from psgcrawl.exports.wacz import surt
from tests.exports.keys import KEYS


@pytest.mark.parametrize("url", KEYS)
def test_an_address_has_the_key_that_readers_look_for(url: str) -> None:
    assert surt.key(url) == KEYS[url]


@pytest.mark.parametrize("url", ["", "news.php", "dns:example.org", "ni:///sha-256;a", "file:///etc/passwd", "http://"])
def test_what_is_no_address_of_the_web_has_none(url: str) -> None:
    assert surt.key(url) is None


def test_bytes_that_are_no_utf_8_are_escaped() -> None:
    assert surt.key("http://example.org/caf\udce9") == "org,example)/caf%e9"


@pytest.mark.parametrize("part", ["%25" + "25" * 8000, "cfid=" * 3000, "a&" * 8000, "/.." * 5000, "%%32%35" * 2000])
def test_an_address_that_was_made_to_take_long_does_not(part: str) -> None:
    start = time.process_time()
    for url in (f"http://example.org/?{part}", f"http://example.org/{part}"):
        key = surt.key(url)
        assert key is None or key.isascii()
    assert time.process_time() - start < 2


def test_an_address_of_absurd_length_has_no_key() -> None:
    assert surt.key("http://example.org/" + "a" * surt.LONGEST) is None
