"""The text rule, and what of a text gets a flag."""

import re
import sys
import unicodedata
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl import text


@pytest.mark.parametrize(
    ("printed", "stored"),
    [
        ("", ""),
        ("Water", "Water"),
        ("  Water \n", "Water"),
        (" Water", "Water"),
        ("two  spaces", "two spaces"),
        ("tab\tand\nline\r\nend", "tab and line end"),
        ("form\x0cfeed \x0b vertical", "form feed vertical"),
        ("no-break\u00a0space\u202f\u2003", "no-break space"),
        ("line\u2028separator\u2029", "line separator"),
        ("Peru\u0301", "Perú"),
        ("ﬁn", "ﬁn"),
        ("Peruís   PerÃº", "Peruís PerÃº"),
        ("a\x00b\x1fc\x7fd\x85e\x9ff", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"),
        ("a\x1c\x1d\x1eb", "a\ufffd\ufffd\ufffdb"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("a\x08b\x0eb", "a\ufffdb\ufffdb"),
        ("~ tilde", "~ tilde"),
        ("zero\u200bwidth", "zero\u200bwidth"),
    ],
)
def test_printed_text_becomes_one_clean_line(printed: str, stored: str) -> None:
    assert text.line(printed) == stored


def test_layouts_keep_control_characters_until_the_entry_is_stored() -> None:
    assert text.spaced(" a\u00a0\n b\x00\x85 ") == "a b\x00\x85"
    assert text.spaced("Peru\u0301") == "Perú"


@given(st.text(st.characters(categories=None)))
def test_the_text_rule_never_fails_and_twice_equals_once(printed: str) -> None:
    stored = text.line(printed)
    assert text.line(stored) == stored
    assert text.line(text.spaced(printed)) == stored
    assert not text.has_controls(stored)
    assert stored == stored.strip()
    assert not set(stored) & set("\n\r\t\u00a0\u2028")
    assert unicodedata.is_normalized("NFC", stored)
    stored.encode()


@given(st.text(st.one_of(st.characters(categories=None), st.sampled_from(" \n\t\u00a0\x1c\x85\u2028\u0301ae"))))
def test_runs_of_white_space_become_one_and_controls_stay(printed: str) -> None:
    normal = unicodedata.normalize("NFC", printed)
    assert text.spaced(printed) == re.sub(r"[^\S\x1c-\x1f\x85]+", " ", normal).strip(" ")


@given(st.lists(st.text(st.one_of(st.characters(max_codepoint=300), st.sampled_from("  éáe")), max_size=8)))
def test_the_lines_of_a_page_come_out_together_as_each_by_itself(printed: list[str]) -> None:
    assert text.all_spaced(printed) == [text.spaced(line) for line in printed]


def test_what_is_even_is_told_of_each_character_as_by_the_tables_of_unicode() -> None:
    for code in range(0x300):
        shown = f"a{chr(code)}b"
        assert text.all_spaced([shown, f" {shown} "]) == [text.spaced(shown), text.spaced(f" {shown} ")], hex(code)


@given(st.text(st.one_of(st.characters(categories=None), st.sampled_from("  \n\u00a0\x1c\u0301ae"))))
def test_what_is_printable_throughout_becomes_the_same_line_as_by_the_rule_word_for_word(printed: str) -> None:
    shown = re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", printed)
    assert text.line(printed) == re.sub(r"\s+", " ", unicodedata.normalize("NFC", shown)).strip(" ")


@pytest.mark.thorough
def test_no_printable_character_is_composed_to_one_that_is_not() -> None:
    # What is printable has no space but spaces, and the rule relies on it that composing brings none.
    made = {char for code in range(sys.maxunicode + 1) if (char := chr(code)).isprintable() and not char.isascii()}
    assert len(made) > 100_000
    assert unicodedata.normalize("NFC", "\n".join(sorted(made))).replace("\n", "").isprintable()


@given(st.text("ab \n\t\u00a0\x00é", max_size=8), st.text("ab \n\t\u00a0\x00é", max_size=8))
def test_lines_that_are_joined_by_white_space_are_the_joined_lines(first: str, second: str) -> None:
    joined = " ".join(part for part in (text.line(first), text.line(second)) if part)
    assert text.line(f"{first}\n{second}") == joined


@pytest.mark.parametrize("code", [0x00, 0x08, 0x0E, 0x1F, 0x7F, 0x80, 0x85, 0x9F, 0xD800, 0xDFFF], ids=hex)
def test_a_control_character_is_told(code: int) -> None:
    assert text.has_controls(f"a{chr(code)}b")


@pytest.mark.parametrize("char", ["\t", "\n", "\x0b", "\x0c", "\r", " ", "~", "\u00a0", "é", "\ufffd", "\ue000"])
def test_white_space_and_letters_are_no_control_characters(char: str) -> None:
    assert not text.has_controls(f"a{char}b")


@pytest.mark.parametrize(
    "printed",
    [
        "PerÃº",
        "seÃ±or",
        "Â£20",
        "itâ€™s",
        "it\u00e2\u0080\u0099s",
        "â€œsaidâ€\x9d",
        "Ã\xadndice",
        "lost \ufffd character",
        "Peruís",
        "Fujimoriís pardon",
        "the país and Peruís",
        "ìsaid",
        "he ìsaid",
        "saidî",
        "saidî, he",
        "saidî.",
    ],
)
def test_letters_of_a_wrong_decoding_are_told(printed: str) -> None:
    assert text.has_mojibake(printed)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "Peru's",
        "Perú, señor, ¿qué?",
        "El país del año",
        "PAÍS, País",
        "París y Luís Solís; anís, así, oís",
        "“said” – it’s",
        "É”",
        "Ã o Â",
        "Âme",
        "â€ alone",
        "ís",
        "île, aîné, così, lì",
        "Così fan tutte, lunedì sera",
        "naître",
    ],
)
def test_honest_letters_are_no_mojibake(printed: str) -> None:
    assert not text.has_mojibake(printed)


@given(st.text("áéíóúñüÁÉÍÓÚÑ¿¡’“”–", min_size=1))
def test_utf_8_that_is_read_as_windows_1252_is_told(printed: str) -> None:
    # Latin-1's own C1 controls stand where windows-1252 has no character.
    assert text.has_mojibake(printed.encode().decode("latin-1"))


def plainly(printed: str) -> bool:
    """Whether a text has mojibake, by the expressions alone: none is passed over."""
    words = text._MAC_APOSTROPHE.findall(printed)
    return (
        "\ufffd" in printed
        or text._UTF8_AS_1252.search(printed) is not None
        or text._MAC_QUOTES.search(printed) is not None
        or any(word.casefold() not in text._HONEST_IS for word in words)
    )


@given(st.text(st.sampled_from("aeisPp ÂÃâìîíúº€™\u0080\u00bf\ufffd.")) | st.text())
def test_no_expression_for_mojibake_is_passed_over_in_which_it_would_be_found(printed: str) -> None:
    assert text.has_mojibake(printed) is plainly(printed)


@given(st.text(st.sampled_from("a é\t\n\r\x00\x1f\x7f\x85\u00a0\ud800\u202e")))
def test_controls_are_told_beside_anything_else(printed: str) -> None:
    assert text.has_controls(printed) is (text._CONTROLS.search(printed) is not None)


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_no_mojibake(printed: str) -> None:
    assert not text.has_mojibake(printed)


WORDS: Final = st.text(st.sampled_from("aís1_ é\u0301"), max_size=20)


@given(WORDS)
def test_words_are_sought_from_their_beginning_and_none_is_missed(printed: str) -> None:
    wherever = re.compile(r"[^\W\d_]{2,}ís\b")
    assert text._MAC_APOSTROPHE.findall(printed) == wherever.findall(printed)


def test_one_long_word_takes_no_longer_than_many_short_ones() -> None:
    # Gone through once for each of its letters it would take a day.
    assert not text.has_mojibake("é" + "a" * 4_000_000)


MARKED: Final = st.text(
    st.sampled_from("ae\u00e9\u1ea5\u0301\u0316\u0334\u0344\u0f71\u0f73\u0958\u1100\u1161\u11a8\uac00 \u200d")
)


@given(MARKED)
def test_marks_that_are_put_in_order_beforehand_compose_to_the_same_text(printed: str) -> None:
    assert unicodedata.normalize("NFC", text._ordered(printed)) == unicodedata.normalize("NFC", printed)


@pytest.mark.parametrize("marks", ["\u0301\u0316", "\u0f73"])
@pytest.mark.thorough
def test_a_letter_with_very_many_marks_is_normalised_at_once(marks: str) -> None:
    # In order of appearance they would be sorted for an hour.
    long = text.line("e" + marks * 300_000)
    assert unicodedata.is_normalized("NFC", long[:1000])
    assert len(long) > 299_999


def test_no_two_characters_of_iso_8859_1_are_composed_to_one() -> None:
    # What has these characters alone is taken as it is.
    latin = [chr(code) for code in range(256)]
    assert all(unicodedata.is_normalized("NFC", first + second) for first in latin for second in latin)


@given(st.text(st.one_of(st.characters(max_codepoint=300), st.sampled_from("  \n\n\u0301ae\u201d"))))
def test_what_is_called_clean_is_as_the_text_rule_has_it(printed: str) -> None:
    if text.is_clean(printed):
        lines = printed.split("\n")
        assert [text.line(line) for line in lines] == lines
        assert "\n\n\n" not in printed
        assert printed.strip() == printed
