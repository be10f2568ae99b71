"""Judgements about single lines that every layout shares."""

import re
from typing import Final, cast

from psgcrawl import datelines, site, text
from psgcrawl.records import Dated, ListName

MAX_QUOTE: Final = 80
"""Characters of a page that a problem quotes."""

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
# A link of these words alone, one of them telling, leads on: "Click here to read the rest of this story".
_LEADING: Final = frozenset(
    "a about and article artículo carry click complete completa completo continue details find for full here in info "
    "information item keep la el leer leyendo learn link mas more más news nota now of on open out page post read "
    "reading rest see seguir show story text the this to ver view whole noticia".split()
)
_TELLING: Final = frozenset("more continue here details read reading full whole más mas leer seguir".split())
_LONGEST_LEADING: Final = 8

_FOOTER: Final = re.compile(
    r"©|\(c\)|\bcopyright\b|\ball rights reserved\b|\bregistered charity\b|\bcharity no\b", re.IGNORECASE
)
_LONGEST_CHROME: Final = 240


def read_dateline(line: str) -> Dated | None:
    """Read ``line`` (under the text rule) as a dateline, cheaply where it cannot be one."""
    if len(line) > _LONGEST_DATELINE or not any(char.isdigit() for char in line):
        return None
    return datelines.parse(line)


def list_heading(line: str) -> ListName | None:
    """Return the list above which ``line`` is the heading, None for any other line."""
    spoken = words(line)
    if spoken in site.NOTICE_HEADINGS:
        return "notices"
    return cast("ListName | None", site.LIST_HEADINGS.get(spoken))


def words(line: str) -> str:
    """Return the words of ``line``, casefolded, without punctuation."""
    return " ".join(_TOKENS.findall(line)).casefold()


def says_more(line: str) -> bool:
    """Tell whether a link's text only says that there is more to read.

    >>> says_more("[ Read more... ]"), says_more("»"), says_more("Read more on torture")
    (True, True, False)
    """
    spoken = words(line)
    return spoken in _MORE or spoken in _TOOLS or not spoken or _is_leading(spoken.split())


def _is_leading(spoken: list[str]) -> bool:
    return len(spoken) <= _LONGEST_LEADING and _LEADING.issuperset(spoken) and not _TELLING.isdisjoint(spoken)


def leads_on(line: str) -> bool:
    """Tell whether a link's text says that it leads to the whole of what stands before it."""
    return says_more(line) and words(line) not in _TOOLS


def is_pager(line: str) -> bool:
    """Tell whether ``line`` only leads to other pages of a list: numbers, "Next", "Page 3 of 9"."""
    spoken = words(line).split()
    return all(word in _PAGER or word.isdigit() for word in spoken) and not line.isalpha()


def is_footer(line: str) -> bool:
    """Tell whether ``line`` is of a page's footer: rights, the charity's number."""
    return len(line) <= _LONGEST_CHROME and _FOOTER.search(line) is not None


def quote(line: str) -> str:
    """Quote the beginning of ``line`` for a problem, escaped."""
    clean = text.line(line)
    return ascii(clean if len(clean) <= MAX_QUOTE else clean[: MAX_QUOTE - 1] + "…")
