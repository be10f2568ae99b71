"""No text makes a regular expression of the package take more than its share of time."""

import re
from typing import Final

import pytest

from tests.patterns import finding
from tests.patterns.pumping import slowest
from tests.thorough import every

BOUNDED: Final = {
    "psgcrawl.exports.wacz.surt": ("_SESSIONS", "addresses of at most 16 KiB: LONGEST"),
    "psgcrawl.manners.contact": ("_REACHABLE", "a setting of at most 200 characters: _LONGEST"),
    "psgcrawl.schemas.__main__": ("_TABLE", "a document of this project"),
}
"""Modules with patterns that are quadratic, each with the name of those, and what keeps their texts short."""


@pytest.mark.parametrize("module", finding.modules())
@pytest.mark.thorough
def test_the_time_of_a_pattern_grows_with_the_text(module: str) -> None:
    name, _ = BOUNDED.get(module, (None, None))
    for pattern in finding.patterns(module):
        if pattern.name is None or pattern.name != name:
            assert slowest(pattern.compiled, pattern.use) is None, pattern


@pytest.mark.parametrize("module", BOUNDED)
def test_what_is_excepted_exists(module: str) -> None:
    assert BOUNDED[module][0] in {pattern.name for pattern in finding.patterns(module)}


def test_no_pattern_hides() -> None:
    for name, text in finding.sources().items():
        assert re.search(r"from re\b|import (re as|regex)\b", text) is None, name
    found = list(finding.everywhere())
    assert len(found) > 90
    assert {"match", "search", "sub", "fullmatch", "split"} <= {pattern.use for pattern in found}


SLOW = [
    (r"(a+)+\Z", "match"),
    (r"(?:a|aa)+b", "match"),
    (r"(?:\w+\s?)+:", "match"),
    (r"[ \t]+\Z", "search"),
    (r"\s+$", "sub"),
    (r"<!--(?s:.*?)-->", "search"),
    (r"a*b", "search"),
    (rb"(?:[ \t]*\r?\n){2,}", "sub"),
    (r"<meta[^>]*charset", "search"),
    (r"(\d+)(\d+)x", "match"),
    (r"\A(.*),(.*),(.*)\Z", "match"),
]


@pytest.mark.parametrize(("pattern", "use"), SLOW[:: every(2)])
def test_patterns_that_are_known_to_be_slow_are_found(pattern: str | bytes, use: str) -> None:
    assert slowest(re.compile(pattern), use)


@pytest.mark.parametrize(
    ("pattern", "use"),
    [(r"[a-z]+[0-9]+\Z", "match"), (r"[ \t]{1,40}x", "search"), (r"a*+b", "match"), (r"<[^<>]{0,500}>", "sub")],
)
def test_patterns_that_are_known_to_be_fast_are_let_pass(pattern: str, use: str) -> None:
    assert slowest(re.compile(pattern), use) is None
