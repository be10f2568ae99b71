"""Text that has nothing to be cleaned is known at a glance, and never wrongly."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.exports.harmless import clean, flowing

FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@pytest.mark.thorough
def test_of_all_characters_only_the_forbidden_ones_are_replaced() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        assert clean(character) == ("\ufffd" if FORBIDDEN.match(character) else character)
        turns = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
        assert flowing(character) == ("\ufffd" if turns else clean(character))


@given(st.text(st.characters(exclude_categories=())))
def test_a_text_is_cleaned_character_by_character(text: str) -> None:
    assert clean(text) == "".join(map(clean, text))
