"""The text rule: how printed text becomes stored text, and what gives it a flag.

Unicode NFC, no-break spaces become spaces, runs of white space inside a line become
one, ends are trimmed. Nothing else is corrected: typing errors, mojibake and glued
words stay as printed. What is no text at all (control characters, lone surrogates)
is shown as U+FFFD, so that its place is seen; the page's own bytes keep it.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Final

# ``\s`` of Python counts U+001C to U+001F and U+0085 as white space; here they are
# control characters, which must be flagged and not silently become spaces.
_SPACES: Final = re.compile(r"[^\S\x1c-\x1f\x85]+")
_SPACING_CONTROLS: Final = re.compile(r"[\x1c-\x1f\x85]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_MARKED: Final = bytes(code if chr(code).isprintable() else code ^ 1 for code in range(256))
"""Another byte in place of what of ISO 8859-1 is no print: controls, the no-break space, the soft hyphen."""

_ENDS: Final = frozenset(" \n")
"""What no running text begins or ends with under the text rule; all other white space is not printable."""

_AT_ONCE: Final = 100_000
"""Characters up to which texts are looked at together: larger ones would be held twice."""
_LONG: Final = 2000
"""Characters from which on it is looked at whether a text can be normalised as it is."""
# As many marks on one letter as no writing has: what the standard library takes for them grows with their square.
_MANY_MARKS: Final = re.compile(rb"[^\0]{50}")
# Letters by their class, of which Unicode makes nothing but marks (UAX 15, "non-starter decompositions").
_HIDDEN_MARKS: Final = re.compile("[\u0f73\u0f75\u0f81]")

# UTF-8 that was once read as windows-1252: a lead byte's letter, then the letter or
# sign of a continuation byte. Only the leads of Latin-1 letters and of general
# punctuation count: others (``É”``) occur in honest text.
_CONTINUATION: Final = "\u0080-\u00bf" + "".join(bytes([b]).decode("cp1252", "ignore") for b in range(0x80, 0xA0))
_UTF8_AS_1252: Final = re.compile(f"[\u00c2\u00c3][{_CONTINUATION}]|\u00e2[\u0080\u20ac][{_CONTINUATION}]")
# windows-1252 quotes that were once read as Mac Roman: "Peruís" for "Peru’s",
# "ìsaidî" for "“said”". Spanish words that honestly end in "ís" are few.
# Sought from the beginning of a word alone: one long word would be gone through once for each of its letters.
_MAC_APOSTROPHE: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}ís\b")
_HONEST_IS: Final = frozenset(
    {"país", "parís", "luís", "solís", "asís", "anís", "dionís", "caís", "oís", "leís", "reís"}
)
_MAC_QUOTES: Final = re.compile(r"(?:^|\s)ì\w|\wî(?:$|[\s.,;:])")


def line(text: str) -> str:
    r"""Return ``text`` as one line under the text rule.

    >>> line(" The\u00a0 state of\nhuman rights ")
    'The state of human rights'
    >>> line("a\x00b") == "a\ufffdb"
    True
    """
    # What is printable throughout holds no control character, and that is told ten times faster.
    return spaced(text if text.isprintable() else _CONTROLS.sub("\ufffd", text))


def spaced(text: str) -> str:
    r"""Return ``text`` as :func:`line` does, but with its control characters.

    So layouts read it: what is to be flagged must still be seen when an entry is stored.

    >>> spaced(" Two\u00a0 words\x01 ") == "Two words\x01"
    True
    """
    if not _is_plain(text):
        text = _composed(text)
    # As nearly all text is: no other space is printable. Told in a fifth of the time that the rest takes.
    if "  " not in text and text.isprintable():
        return text.strip()
    if _SPACING_CONTROLS.search(text):
        return _SPACES.sub(" ", text).strip(" ")
    # The same for all other text, and five times faster where it has many words.
    return " ".join(text.split())


def all_spaced(texts: Sequence[str]) -> list[str]:
    r"""Return each of ``texts`` as :func:`spaced` does.

    Where nothing in any of them has to be changed but their ends, that is told of all of them at once: 38 µs in place
    of 67 for the 80 lines of a page.

    >>> all_spaced([" El país", "two\u00a0 words", ""])
    ['El país', 'two words', '']
    """
    if sum(map(len, texts)) <= _AT_ONCE and _is_even("".join(texts)):
        return [text.strip() for text in texts]
    return [spaced(text) for text in texts]


def _is_even(text: str) -> bool:
    r"""Tell whether a text has the printable characters of ISO 8859-1 alone, and no two spaces in a row.

    The same as ``text.isprintable()``, which looks each character up in Unicode's tables, in a quarter of the time.

    >>> _is_even("El país"), _is_even("\u201cYes\u201d"), _is_even("a\tb"), _is_even("a  b")
    (True, False, False, False)
    """
    encoded = text.encode("latin-1", "ignore")
    return len(encoded) == len(text) and encoded.translate(_MARKED) == encoded and "  " not in text


def is_clean(text: str) -> bool:
    r"""Tell whether running text surely is as the text rule has it: a tenth of the time of making it so.

    Lines and paragraphs are, too: no line is empty but one between two paragraphs.

    >>> is_clean("One line\nnext\n\nSecond"), is_clean("One  line"), is_clean("One line\n\n\nSecond")
    (True, False, False)
    """
    whole = text
    if "\n" in text:
        if " \n" in text or "\n " in text or "\n\n\n" in text:
            return False
        whole = text.replace("\n", "")
    if not _ENDS.isdisjoint((text[:1], text[-1:])):
        return False
    if _is_even(whole):
        return True
    # In long texts to find out can take as long as to normalise, which is what :func:`_takes_long` is for.
    composed = len(text) < _LONG and unicodedata.is_normalized("NFC", text)
    return "  " not in text and whole.isprintable() and (composed or _is_plain(text))


def _is_plain(text: str) -> bool:
    r"""Tell whether a text has the characters of ISO 8859-1 alone: then it is composed.

    Each of them is, whatever stands beside it (UAX 15, section 9.1). That is told in a tenth of the time that Unicode's
    tables take, which are needed for most texts with typographic quotes.

    >>> _is_plain("El país"), _is_plain("pai\u0301s"), _is_plain("\u201cYes\u201d")
    (True, False, False)
    """
    return text.isascii() or len(text.encode("latin-1", "ignore")) == len(text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _ordered(text) if len(text) >= _LONG and _takes_long(text) else text)


def _takes_long(text: str) -> bool:
    r"""Tell whether a text has so many marks in a row that normalising it takes long.

    >>> _takes_long("é" * 5000), _takes_long("e" + "\u0301" * 5000)
    (False, True)
    """
    # The class of a character is below 255: a byte for each, so that C can look through a million in 50 ms.
    classes = bytes(map(unicodedata.combining, text))
    return _MANY_MARKS.search(classes) is not None or _HIDDEN_MARKS.search(text) is not None


def _ordered(text: str) -> str:
    r"""Return ``text`` decomposed, the marks of each letter in canonical order (Unicode UAX 15, section 1.3).

    The standard library sorts them by insertion: a letter with a million marks would take an hour.

    >>> _ordered("a\u0301\u0323") == "a\u0323\u0301"
    True
    """
    parts = "".join(unicodedata.normalize("NFD", char) for char in text)
    return "".join(
        "".join(sorted(run, key=unicodedata.combining)) if marks else "".join(run)
        for marks, run in groupby(parts, lambda char: unicodedata.combining(char) > 0)
    )


def has_controls(text: str) -> bool:
    """Tell whether ``text``, as printed, holds what :func:`line` shows as U+FFFD."""
    # As in :func:`line`: what is printable holds none, but for line feeds, which are none of them.
    return not text.replace("\n", " ").isprintable() and _CONTROLS.search(text) is not None


def has_mojibake(text: str) -> bool:
    """Tell whether ``text`` carries letters that come of a wrong decoding long ago.

    >>> has_mojibake("Peruís"), has_mojibake("PerÃº"), has_mojibake("El país del año")
    (True, True, False)
    """
    if text.isascii():
        return False
    if "\ufffd" in text:
        return True
    # A letter that each of them needs is sought first, which is a hundred times faster and mostly in vain.
    if any(lead in text for lead in "\u00c2\u00c3\u00e2") and _UTF8_AS_1252.search(text):
        return True
    if any(letter in text for letter in "ìî") and _MAC_QUOTES.search(text):
        return True
    return (
        "í" in text
        and "ís" in text
        and any(word.casefold() not in _HONEST_IS for word in _MAC_APOSTROPHE.findall(text))
    )
