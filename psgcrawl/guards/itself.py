"""Guards that need no past: what no crawl of any listing should look like."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from psgcrawl.guards.faces import commonest, number_of
from psgcrawl.guards.limits import Limits
from psgcrawl.guards.refusal import Refusal, of, percent
from psgcrawl.guards.view import View

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
    read = any(row.dates for row in now.pages)
    number = len(now.listed)
    undated = number - sum(map(now.faces.dated.__getitem__, now.listed))
    if read and undated > max(limits.spare, (1 - limits.dated) * number):
        share = f"{number - undated} of {number} entries ({percent(number - undated, number)})"
        yield Refusal("fields", f"{share} have a date; at least {of(limits.dated)} must (GUARD_DATED)")


def repeated(now: View, past: View | None, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl in which too many different entries have the same title, summary or address.

    What was so in the past as well is how the listing is.
    """
    number = len(now.listed)
    for field in _SAME:
        count = _commonest(now, now.listed, field)
        before = _commonest(past, past.held, field) / len(past.held) if past and past.held else 0.0
        if count > max(limits.spare, max(limits.repeated, before) * number):
            share = f"{count} of {number} entries ({percent(count, number)})"
            limit = f"at most {of(limits.repeated)} may (GUARD_REPEATED)"
            value = _shortened(_met(now, field, count))
            yield Refusal("repeated", f"{share} have the same {_WORDS[field]}, {value}; {limit}")


def garbled(now: View, past: View | None, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl in which the share of entries with garbled letters has grown too much."""
    number, count = len(now.listed), _count_garbled(now, now.listed)
    before = _count_garbled(past, past.held) / len(past.held) if past and past.held else 0.0
    if count > max(limits.spare, (before + limits.garbled) * number):
        replaced = sum(map(now.faces.replaced.__getitem__, now.listed))
        share = f"{count} of {number} entries ({percent(count, number)}) are garbled, {replaced} of them with U+FFFD"
        limit = f"before it were {of(before)}, and {of(limits.garbled)} more may (GUARD_GARBLED)"
        yield Refusal("garbled", f"{share}; {limit}")


def _commonest(view: View, numbers: Sequence[int], field: str) -> int:
    """Return how many of the entries have the text that most of them have."""
    return commonest(map(view.faces.texts[field].__getitem__, numbers))


def _met(view: View, field: str, count: int) -> str:
    """Return the text that so many of the listing's entries have; of several the first by its letters."""
    counted = Counter(map(view.faces.texts[field].__getitem__, view.listed))
    texts: Iterator[str | None] = (getattr(entry, field) for entry in view.entries)
    return min(text for text in texts if text and counted[number_of(text)] == count)


def _count_garbled(view: View, numbers: Sequence[int]) -> int:
    return sum(map(view.faces.garbled.__getitem__, numbers))


_LONGEST: Final = 60


def _shortened(value: str) -> str:
    return repr(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")
