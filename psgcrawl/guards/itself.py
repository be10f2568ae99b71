"""Guards that need no past: what no crawl of any listing should look like."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from psgcrawl.guards.limits import Limits
from psgcrawl.guards.refusal import Refusal, of, percent
from psgcrawl.guards.view import Face, View, number_of

_SAME: Final = ("title", "summary", "url")
_WORDS: Final = {"title": "title", "summary": "summary", "url": "address"}


def unread(now: View, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl in which too many pages fit no layout: another site, a login, a word of excuse."""
    strange = [row for row in now.pages if row.layout is None]
    if len(strange) > limits.unread * len(now.pages):
        share = f"{len(strange)} of {len(now.pages)} pages ({percent(len(strange), len(now.pages))})"
        limit = f"at most {of(limits.unread)} may (GUARD_UNREAD)"
        yield Refusal("unread", f"no layout fits {share}; {limit}")


def dates(now: View, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl without past in which too few entries have a date, though its layouts read dates."""
    read = any("dateline" in row.fields for row in now.pages)
    number = len(now.listed)
    undated = sum(face.date_edtf is None for face in now.listed)
    if read and undated > max(limits.spare, (1 - limits.dated) * number):
        share = f"{number - undated} of {number} entries ({percent(number - undated, number)})"
        yield Refusal("fields", f"{share} have a date; at least {of(limits.dated)} must (GUARD_DATED)")


def repeated(now: View, past: View | None, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl in which too many different entries have the same title, summary or address.

    What was so in the past as well is how the listing is.
    """
    number = len(now.listed)
    for field in _SAME:
        numbers, count = _commonest(now.listed, field)
        before = _commonest(past.held, field)[1] / len(past.held) if past and past.held else 0.0
        if count > max(limits.spare, max(limits.repeated, before) * number):
            share = f"{count} of {number} entries ({percent(count, number)})"
            limit = f"at most {of(limits.repeated)} may (GUARD_REPEATED)"
            value = min(text for entry in now.entries if number_of(text := getattr(entry, field)) in numbers)
            yield Refusal("repeated", f"{share} have the same {_WORDS[field]}, {_shortened(value)}; {limit}")


def garbled(now: View, past: View | None, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl in which the share of entries with garbled letters has grown too much."""
    number, count = len(now.listed), _count_garbled(now.listed)
    before = _count_garbled(past.held) / len(past.held) if past and past.held else 0.0
    if count > max(limits.spare, (before + limits.garbled) * number):
        replaced = sum(face.replaced for face in now.listed)
        share = f"{count} of {number} entries ({percent(count, number)}) are garbled, {replaced} of them with U+FFFD"
        limit = f"before it were {of(before)}, and {of(limits.garbled)} more may (GUARD_GARBLED)"
        yield Refusal("garbled", f"{share}; {limit}")


def _commonest(faces: list[Face], field: str) -> tuple[set[int], int]:
    """Return the hashes of the values that most entries have, and how many have each of them."""
    values = Counter(value for face in faces if (value := getattr(face, field)) is not None)
    most = max(values.values(), default=0)
    return {value for value, count in values.items() if count == most}, most


def _count_garbled(faces: list[Face]) -> int:
    return sum(face.garbled for face in faces)


_LONGEST: Final = 60


def _shortened(value: str) -> str:
    return repr(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")
