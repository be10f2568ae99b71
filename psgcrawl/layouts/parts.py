"""Judgements about single lines that every layout shares."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from string import ascii_letters, digits
from typing import Final, NamedTuple

from psgcrawl import datelines, site, text
from psgcrawl.records import Dated, ListName

MAX_QUOTE: Final = 80
"""Characters of a page that a problem quotes."""

DIGIT: Final = re.compile("[0-9]")
"""Without one of these a line is no dateline."""

_LONGEST_DATELINE: Final = 80
_TOKENS: Final = re.compile(r"[^\W_]+")

_MORE: Final = frozenset(
    {
        "more",
        "read more",
        "read on",
        "more info",
        "more information",
        "full story",
        "full article",
        "full text",
        "read full article",
        "read the full article",
        "read full story",
        "read the full story",
        "read this article",
        "read article",
        "continue",
        "continue reading",
        "click here",
        "details",
        "link",
        "permalink",
        "leer mas",
        "leer más",
        "ver más",
        "seguir leyendo",
    }
)
_TOOLS: Final = frozenset(
    {
        "all news",
        "all articles",
        "more news",
        "more articles",
        "print",
        "print this page",
        "print version",
        "printer friendly version",
        "email",
        "e mail",
        "email this page",
        "e mail this page",
        "email to a friend",
        "send to a friend",
        "share",
        "share this",
        "comments",
        "back to top",
        "top",
    }
)
"""Links that lead somewhere and say nothing: the words alone, casefolded."""

_PAGER: Final = frozenset(
    "page pages of prev previous next newer older first last back forward to results showing news articles "
    "entries items anterior siguiente primera última página de".split()
)
_NEXT: Final = frozenset(
    {"next", "next page", "older", "older entries", "older posts", "siguiente", "página siguiente"}
)
_NEXT_SIGNS: Final = frozenset({">", ">>", "»", "›", "→"})
# A link of these words alone, one of them telling, leads on: "Click here to read the rest of this story".
_LEADING: Final = frozenset(
    "a about and article artículo carry click complete completa completo continue details find for full here in info "
    "information item keep la el leer leyendo learn link mas more más news nota now of on open out page post read "
    "reading rest see seguir show story text the this to ver view whole noticia".split()
)
_TELLING: Final = frozenset("more continue here details read reading full whole más mas leer seguir".split())
_LONGEST_LEADING: Final = 8

# The words with which a line must begin to be any of these: one word is looked up in place of all. A list page
# asks 150 times about its lines, half of which are running text (0.6 µs in place of 7).
_SAYING_FIRST: Final = _LEADING | {phrase.split()[0] for phrase in _MORE | _TOOLS}
_NEXT_FIRST: Final = {phrase.split()[0] for phrase in _NEXT}
_REMEMBERED: Final = 80
"""Characters up to which lines are remembered: those of menus and pagers recur from page to page."""

_FOOTER: Final = re.compile(
    r"©|\(c\)|\bcopyright\b|\ball rights reserved\b|\bregistered charity\b|\bcharity no\b", re.IGNORECASE
)
_LONGEST_CHROME: Final = 240


def read_dateline(line: str) -> Dated | None:
    """Read ``line`` (under the text rule) as a dateline, cheaply where it cannot be one."""
    if len(line) > _LONGEST_DATELINE or not DIGIT.search(line):
        return None
    return _recall_dateline(line)


# Those of menus and pagers are no datelines on every page, and many entries are of one day.
_recall_dateline = site.cached(2048)(datelines.parse)


def list_heading(line: str) -> ListName | None:
    """Return the list above which ``line`` is the heading, None for any other line."""
    return list_headings([line])[0]


def list_headings(lines: Iterable[str]) -> list[ListName | None]:
    """Return of each of ``lines`` the list above which it is the heading, None for any other line."""
    lists, first, never = _headings()
    return [None if line[:1] in never or _first_word(line) not in first else lists.get(words(line)) for line in lines]


class _Headings(NamedTuple):
    lists: Mapping[str, ListName]
    """Headings, casefolded, and the list above which each stands."""
    first: frozenset[str]
    """Their first words."""
    never: frozenset[str]
    """Characters that a line which begins with one cannot be a heading."""


@site.cached(None)
def _headings() -> _Headings:
    profile = site.current()
    lists = {words(heading): one.name for one in profile.listings for heading in one.headings}
    lists |= dict.fromkeys(map(words, profile.notice_headings), "notices")
    first = frozenset(_first_word(heading) for heading in lists)
    begun = {letter for word in first for letter in (word[0], word[0].upper())}
    return _Headings(lists, first, frozenset(ascii_letters + digits) - begun)


def words(line: str) -> str:
    """Return the words of ``line``, casefolded, without punctuation."""
    return _words(line) if len(line) > _REMEMBERED else _recall_words(line)


def _words(line: str) -> str:
    return " ".join(_TOKENS.findall(line)).casefold()


_recall_words = lru_cache(maxsize=2048)(_words)


def _first_word(line: str) -> str:
    first = _TOKENS.search(line)
    return first[0].casefold() if first else ""


def says_more(line: str) -> bool:
    """Tell whether a link's text only says that there is more to read.

    >>> says_more("[ Read more... ]"), says_more("»"), says_more("Read more on torture")
    (True, True, False)
    """
    return _says_more(line) if len(line) > _REMEMBERED else _recall_says_more(line)


def _says_more(line: str) -> bool:
    first = _first_word(line)
    if first not in _SAYING_FIRST:
        return not first
    spoken = words(line)
    return spoken in _MORE or spoken in _TOOLS or _is_leading(spoken.split())


_recall_says_more = lru_cache(maxsize=2048)(_says_more)


def _is_leading(spoken: list[str]) -> bool:
    return len(spoken) <= _LONGEST_LEADING and _LEADING.issuperset(spoken) and not _TELLING.isdisjoint(spoken)


def tells_nothing(line: str) -> bool:
    """Tell whether ``line`` only says that there is more to read, or leads to other pages of a list.

    The same as :func:`says_more` or :func:`is_pager`, in half the time: it is asked of whatever may be a title.
    """
    return _tells_nothing(line) if len(line) > _REMEMBERED else _recall_tells_nothing(line)


def _tells_nothing(line: str) -> bool:
    first = _first_word(line)
    if first and first not in _SAYING_FIRST and first not in _PAGER and not first.isdigit():
        return False  # as of nearly every title
    return _says_more(line) or _is_pager(line)


_recall_tells_nothing = lru_cache(maxsize=2048)(_tells_nothing)


def leads_on(line: str) -> bool:
    """Tell whether a link's text says that it leads to the whole of what stands before it."""
    return says_more(line) and words(line) not in _TOOLS


def is_pager(line: str) -> bool:
    """Tell whether ``line`` only leads to other pages of a list: numbers, "Next", "Page 3 of 9"."""
    return _is_pager(line) if len(line) > _REMEMBERED else _recall_is_pager(line)


def _is_pager(line: str) -> bool:
    first = _first_word(line)
    if first and first not in _PAGER and not first.isdigit():
        return False
    spoken = words(line).split()
    return all(word in _PAGER or word.isdigit() for word in spoken) and not line.isalpha()


_recall_is_pager = lru_cache(maxsize=2048)(_is_pager)


def leads_to_next(line: str) -> bool:
    """Tell whether a link's text says that it leads to the next page of a list, the older one."""
    if line[:1] in NEVER_NEXT:
        return False
    return _leads_to_next(line) if len(line) > _REMEMBERED else _recall_leads_to_next(line)


NEVER_NEXT: Final = frozenset(ascii_letters + digits) - {
    letter for word in _NEXT_FIRST for letter in (word[0], word[0].upper())
}
"""Letters and figures with which no such link begins: told without a look at its words, as of nearly all links."""


def _leads_to_next(line: str) -> bool:
    return line.strip() in _NEXT_SIGNS or (_first_word(line) in _NEXT_FIRST and words(line) in _NEXT)


_recall_leads_to_next = lru_cache(maxsize=2048)(_leads_to_next)


def is_footer(line: str) -> bool:
    """Tell whether ``line`` is of a page's footer: rights, the charity's number."""
    if len(line) > _LONGEST_CHROME:
        return False
    return _is_footer(line) if len(line) > _REMEMBERED else _recall_is_footer(line)


def _is_footer(line: str) -> bool:
    return _FOOTER.search(line) is not None


_recall_is_footer = lru_cache(maxsize=2048)(_is_footer)


def quote(line: str) -> str:
    """Quote the beginning of ``line`` for a problem, escaped."""
    clean = text.line(line)
    return ascii(clean if len(clean) <= MAX_QUOTE else clean[: MAX_QUOTE - 1] + "…")
