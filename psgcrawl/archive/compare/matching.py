"""Which entries of what is left on both sides are the same, and by which rule.

In this order, each among what the rules before have left, and only within one kind:

1. ``identity``: the same id;
2. ``address``: the same ``url``, which no other entry that is left has, on either side;
3. ``title``: the same ``date_edtf`` (not null) and near-equal titles;
4. ``summary``: the same title, apart from case, and near-equal summaries.

Near-equal means that two texts share at least four fifths of their words: twice the
number of words in common, each as often as both hold it, is at least 0.8 of the number
of all words of both. In titles the numbers must agree besides: issues 151 and 152 are
two. Of several candidates the likest are paired first, ties by the bytes of the two
entries; all of this is symmetric, so that a diff mirrors its reverse.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from psgcrawl.archive.jsonl import dumps
from psgcrawl.records import Entry

Rule = Literal["identity", "address", "title", "summary"]
Match = tuple[Rule, Entry, Entry]

SAID: Final[dict[Rule, str]] = {
    "identity": "the same id",
    "address": "the same address",
    "title": "the same date and nearly the same title",
    "summary": "the same title and nearly the same summary",
}
"""The rules in words, for people."""

NEAR: Final = Fraction(4, 5)
"""How like two texts must be to count as near-equal."""

MOST_PAIRS: Final = 1024
"""How many pairs of one date, or of one title, are looked at. Where there are more, only equal texts are
compared, and where even these are more, nothing is matched: 1024 pairs are at most 16 for each entry, so that
all of it stays linear."""

_WORD: Final = re.compile(r"\w+")


class Words(Struct, frozen=True):
    """The words of a text without their case, each with how often it occurs."""

    text: str
    counts: Counter[str]
    total: int

    @classmethod
    def of(cls, text: str) -> "Words":
        """Return the words of ``text``."""
        folded = unicodedata.normalize("NFC", text.casefold())
        counts = Counter(_WORD.findall(folded))
        return cls(folded, counts, counts.total())

    @property
    def numbers(self) -> Counter[str]:
        """The words that hold a digit."""
        return Counter({word: count for word, count in self.counts.items() if any(map(str.isdigit, word))})


def likeness(one: Words, other: Words) -> Fraction:
    """Return how like two texts are, from 0 to 1: the Dice coefficient of their words.

    >>> likeness(Words.of("Peru: the vote"), Words.of("PERU – the votes"))
    Fraction(2, 3)
    """
    if one.text == other.text:
        return Fraction(1)
    if not one.total or not other.total:
        return Fraction(0)
    return Fraction(2 * (one.counts & other.counts).total(), one.total + other.total)


Refused = Callable[[Entry, Entry], bool]
"""Tells whether an entry of the old side and one of the new must not be paired."""


def _never(_old: Entry, _new: Entry) -> bool:
    return False


def match(
    old: dict[str, Entry], new: dict[str, Entry], *, by_identity: bool = True, refused: Refused = _never
) -> Iterator[Match]:
    """Yield the entries of ``old`` and ``new`` (by id) that are the same, and take them out of both.

    :param by_identity: whether the same id means the same entry, as in one collection; if not, the other rules decide
    :param refused: which pairs are never taken
    """
    for rule in RULES[not by_identity :]:
        for one, other in list(rule.found(old.values(), new.values(), refused)):
            del old[one.id], new[other.id]
            yield rule.name, one, other


Bucket = tuple[list[Entry], list[Entry]]


def _together(
    old: Iterable[Entry], new: Iterable[Entry], common: Callable[[Entry], Hashable | None]
) -> Iterator[Bucket]:
    """Yield the entries of both sides that have something in common; what has None has nothing."""
    buckets: defaultdict[Hashable, Bucket] = defaultdict(lambda: ([], []))
    for side, entries in enumerate((old, new)):
        for entry in entries:
            if (shared := common(entry)) is not None:
                buckets[shared][side].append(entry)
    return (bucket for bucket in buckets.values() if bucket[0] and bucket[1])


def _likest(
    old: list[Entry], new: list[Entry], text: Callable[[Entry], str], refused: Refused, *, numbers: bool
) -> Iterator[tuple[Entry, Entry]]:
    """Yield the pairs that are mutually best: no entry of a pair is liker to another that it could have had."""
    words = {id(entry): Words.of(text(entry)) for entry in (*old, *new)}
    found: list[tuple[Fraction, bytes, bytes, Entry, Entry]] = []
    for ours, theirs in _bounded(old, new, lambda entry: words[id(entry)].text):
        for one in ours:
            for other in theirs:
                like = likeness(words[id(one)], words[id(other)])
                if like < NEAR or (numbers and words[id(one)].numbers != words[id(other)].numbers):
                    continue
                if refused(one, other):
                    continue
                lower, higher = sorted((dumps(one), dumps(other)))
                found.append((-like, lower, higher, one, other))
    taken: set[int] = set()
    for *_, one, other in sorted(found, key=lambda pair: pair[:3]):
        if not {id(one), id(other)} & taken:
            taken |= {id(one), id(other)}
            yield one, other


def _bounded(old: list[Entry], new: list[Entry], text: Callable[[Entry], str]) -> Iterator[Bucket]:
    if len(old) * len(new) <= MOST_PAIRS:
        yield old, new
        return
    for ours, theirs in _together(old, new, text):
        if len(ours) * len(theirs) <= MOST_PAIRS:
            yield ours, theirs


# --- the rules ------------------------------------------------------------------------


class ByCommon(NamedTuple):
    """A rule: what entries must have in common, and which of those that have it are pairs."""

    name: Rule
    common: Callable[[Entry], str | None]
    """What an entry may have in common with others of its kind; None for nothing."""
    pairs: Callable[[list[Entry], list[Entry], Refused], Iterator[tuple[Entry, Entry]]]
    """Yields the pairs among entries of both sides that have it in common."""
    alone: bool = False
    """Whether they are a pair only where each side has one: of more nobody could say which."""

    def may_pair(self, old: int, new: int) -> bool:
        """Tell whether there can be pairs among so many of both sides that have it in common."""
        return not self.alone or old == new == 1

    def found(self, old: Iterable[Entry], new: Iterable[Entry], refused: Refused) -> Iterator[tuple[Entry, Entry]]:
        """Yield the pairs of both sides."""
        for ours, theirs in _together(old, new, self._in_kind):
            if self.may_pair(len(ours), len(theirs)):
                yield from self.pairs(ours, theirs, refused)

    def _in_kind(self, entry: Entry) -> Hashable | None:
        common = self.common(entry)
        return None if common is None else (entry.kind, common)


def _first(old: list[Entry], new: list[Entry], refused: Refused) -> Iterator[tuple[Entry, Entry]]:
    if not refused(old[0], new[0]):
        yield old[0], new[0]


def _by_title(old: list[Entry], new: list[Entry], refused: Refused) -> Iterator[tuple[Entry, Entry]]:
    return _likest(old, new, lambda entry: entry.title, refused, numbers=True)


def _by_summary(old: list[Entry], new: list[Entry], refused: Refused) -> Iterator[tuple[Entry, Entry]]:
    return _likest(old, new, lambda entry: entry.summary, refused, numbers=False)


RULES: Final = (
    ByCommon("identity", lambda entry: entry.id, _first),
    ByCommon("address", lambda entry: entry.url or None, _first, alone=True),
    ByCommon("title", lambda entry: entry.date_edtf or None, _by_title),
    ByCommon("summary", lambda entry: entry.title.casefold(), _by_summary),
)
"""In the order in which they are asked."""
