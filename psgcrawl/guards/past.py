"""Guards that hold a crawl against the last live snapshot of its collection.

A listing is pushed down by what is new, edited here and there, and loses an entry now and
then: all that is a normal week. Dates decide which entries both sides should know; they
are taken from the middle of pages, so that a misprinted one decides nothing.
"""

from array import array
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from psgcrawl import site
from psgcrawl.archive.compare.evidence import WAYS
from psgcrawl.guards.limits import Limits
from psgcrawl.guards.refusal import Refusal, of, percent
from psgcrawl.guards.view import View

_FILLED: Final = (("date_edtf", "a date"), ("summary", "a summary"), ("url", "a link"))
_STANDING: Final = frozenset({"notice", "boilerplate"})
_WEEK: Final = 7


def known(now: View, past: View, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl whose older entries the past does not know: it is of another site, or of another list.

    Older: from before the newest page of the past, and not from before it ends.
    """
    should = array("I", _within(now, past))
    strange = _count_unknown(now, should, past)
    if strange > max(limits.spare, (1 - limits.known) * len(should)):
        share = f"{len(should) - strange} of {len(should)} entries ({percent(len(should) - strange, len(should))})"
        limit = f"at least {of(limits.known)} must (GUARD_KNOWN)"
        yield Refusal("known", f"{share} that {past.name} should have known stand in it; {limit}")


def kept(now: View, past: View, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl in which too many entries of the past are gone: the listing was cut short, or is another one.

    Of a listing that was seen in part, only what stood above its end.
    """
    expected = array("I", _expected(now, past))
    gone = _count_unknown(past, expected, now)
    if gone > max(limits.spare, (1 - limits.kept) * len(expected)):
        share = f"{len(expected) - gone} of {len(expected)} entries ({percent(len(expected) - gone, len(expected))})"
        limit = f"at least {of(limits.kept)} must be (GUARD_KEPT)"
        yield Refusal("kept", f"{share} that {past.name} lists, and this crawl should have shown, are there; {limit}")


def standing(now: View, past: View, limits: Limits) -> Iterator[Refusal]:
    """Refuse a page on which neither an entry nor enough of the notices and standing blocks of the past are left.

    The one thing by which a single page of fresh entries can be known again.
    """
    before = [number for number, kind in enumerate(past.faces.kinds) if kind in _STANDING]
    gone = _count_unknown(past, before, now)
    left = len(before) - gone
    strangers = _count_unknown(now, now.listed, past) == len(now.listed)
    if strangers and gone > limits.spare and left < limits.standing * len(before):
        share = f"{left} of {len(before)} notices and standing blocks"
        limit = f"at least {of(limits.standing)} must be (GUARD_STANDING)"
        yield Refusal("standing", f"no entry of {past.name}, and {share} of it, are there; {limit}")


def counts(now: View, past: View, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl with far fewer or far more entries or pages than the past, where both saw as much.

    More may be by a page at once, and by a page for each week since.
    """
    if not _as_far(now, past):
        return
    weeks = max(0, (date.fromisoformat(now.day) - date.fromisoformat(past.day)).days) // _WEEK
    counted = [("entries", len(now.listed), len(past.held), site.current().step(now.coverage.listing))]
    if past.coverage.complete and {row.layout for row in now.pages} == {row.layout for row in past.pages}:
        counted.append(("pages", len(now.pages), len(past.pages), 1))
    for what, number, before, step in counted:
        if before - number > limits.spare and number < limits.fewer * before:
            limit = f"at least {limits.fewer:g} times as many must be (GUARD_FEWER)"
        elif number - before > limits.spare and number > limits.more * before + step * (1 + weeks):
            limit = f"at most {limits.more:g} times as many may be (GUARD_MORE), and {step} more for each week"
        else:
            continue
        yield Refusal("counts", f"{number} {what}, in {past.name} {before}; {limit}")


def fields(now: View, past: View, limits: Limits) -> Iterator[Refusal]:
    """Refuse a crawl in which dates, summaries or links are missing where the past had them: another layout.

    Not where the same posts came another way: a theme may print no dates, and a feed no summaries.
    """
    number = len(now.listed)
    if not past.held or _came_another_way(now, past):
        return
    for field, what in _FILLED:
        filled = _count_filled(now, now.listed, field)
        before = _count_filled(past, past.held, field) / len(past.held)
        missing = before * number - filled
        if missing > max(limits.spare, limits.filled * number):
            share = f"{filled} of {number} entries ({percent(filled, number)})"
            limit = f"in {past.name} {of(before)} have, and {of(limits.filled)} fewer may (GUARD_FILLED)"
            yield Refusal("fields", f"{share} have {what}; {limit}")


def _within(now: View, past: View) -> Iterator[int]:
    """Yield the crawl's entries that are older than the newest page of the past, and not older than its end."""
    if past.coverage.gaps or not now.from_the_top:
        return
    for name in now.lists:
        newest = past.top(name)
        # Of a past of which it is not known how far back it goes nothing can be said.
        oldest = 0 if past.to_the_end else past.bottom(name) or newest
        yield from (number for number in now.of_list(name, now.pages) if oldest < now.faces.days[number] < newest)


def _expected(now: View, past: View) -> Iterator[int]:
    """Yield the entries of the past that the crawl should have shown."""
    for name in now.lists if now.from_the_top else ():
        numbers = past.of_list(name, past.shown)
        if now.coverage.complete:
            yield from numbers
            continue
        oldest = now.bottom(name)
        if oldest:
            yield from (number for number in numbers if oldest < past.faces.days[number])


def _as_far(now: View, past: View) -> bool:
    """Tell whether both saw the whole of a listing, or both the one page there is."""
    if "single-page" in {now.coverage.end, past.coverage.end}:
        return now.coverage.end == past.coverage.end
    return now.coverage.complete and past.to_the_end


def _came_another_way(now: View, past: View) -> bool:
    here, there = ({row.layout for row in view.pages} for view in (now, past))
    return here != there and WAYS.issuperset(here | there)


def _count_unknown(view: View, numbers: Iterable[int], other: View) -> int:
    """Return how many of a view's entries the other does not know."""
    return sum(not other.faces.knows(view.faces, number) for number in numbers)


def _count_filled(view: View, numbers: Iterable[int], field: str) -> int:
    column = view.faces.dated if field == "date_edtf" else view.faces.texts[field]
    return sum(bool(column[number]) for number in numbers)
