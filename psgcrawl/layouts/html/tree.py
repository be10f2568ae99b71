"""HTML text to its tree, within limits: what the parser would drop or choke on is refused, never cut."""

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from psgcrawl.errors import UnreadablePage

_OPTIONS: Final[dict[str, Any]] = {
    "encoding": "utf-8",
    "remove_comments": True,
    "remove_pis": True,
    "huge_tree": True,
}
_MAX_TAG: Final = 65_536
_MAX_ATTRIBUTES: Final = 1_000
_SUSPICIOUS: Final = 8_192
"""Characters from which a tag's attributes are counted."""
# A tag as the HTML Standard's tokenizer ends it: ``>`` and ``<`` within a value do not.
_VALUE: Final = r"""=[ \t\n\f\r]*+(?:"[^"]*+"|'[^']*+'|[^ \t\n\f\r>"'][^ \t\n\f\r>]*+)?+"""
_TAG: Final = re.compile(rf"<[A-Za-z](?:[^>=]++|{_VALUE})*+")
_RAW: Final = re.compile(r"<(script|style)\b", re.IGNORECASE)
_RAW_ENDS: Final = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style")}
_VALUES: Final = re.compile(_VALUE)
# Where no ``>`` stands within quotes, every tag ends at the first one: told in half the time of a look at each.
_QUOTED_END: Final = re.compile(r"""=[ \t\n\f\r]*+(?:"[^">]*+>|'[^'>]*+>)""")
_BEGINS: Final = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_TAIL: Final = 200
_ENDS: Final = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
# What is no character, written as a reference; the parser would make it U+FFFD, as which a page may print it itself.
_REFERENCE: Final = re.compile(r"&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));?")
_SURROGATES: Final = range(0xD800, 0xE000)
_NO_CHARACTER: Final = "\x01"
"""Stands for what is no character until the text rule shows it; a control character as any other."""


def parse(page: str) -> HtmlElement:
    """Parse a page and return its root, whose elements have lxml.html's methods.

    :raises UnreadablePage: as :func:`parse_plain` does.
    """
    root: HtmlElement = _parsed(page, HTMLParser(**_OPTIONS))
    return root


def parse_plain(page: str, encoded: bytes | None = None) -> etree._Element:
    """Parse a page and return its root. Its elements are lxml's own: cheaper by half to walk.

    :param encoded: the page in UTF-8, where it is at hand: to encode it takes a tenth of what parsing does
    :raises UnreadablePage: for a page that is over the limits of the parser: elements
        nested so deep (2,048) that it drops what is within them, or a tag with so many
        attributes that it takes minutes.
    """
    root: etree._Element = _parsed(page, etree.HTMLParser(**_OPTIONS), encoded)
    return root


def _parsed(page: str, parser: etree.HTMLParser, encoded: bytes | None = None) -> Any:  # noqa: ANN401 - elements are as the parser makes them
    if _may_hold_long_tags(page):
        _refuse_long_tags(page)
    marked = _marked(page)
    root = etree.fromstring(encoded if encoded is not None and marked == page else marked.encode(), parser)
    if root is None:
        raise UnreadablePage("no element in it: Document is empty")
    fatal = [entry for entry in parser.error_log if _is_limit(entry)]
    if fatal:
        raise UnreadablePage(f"line {fatal[0].line}: {fatal[0].message}: over the limit of the parser")
    return root


def is_cut(page: str) -> bool:
    """Tell whether a page that begins as a document does not end as one."""
    # A page that ends does so in its last characters, as a rule.
    ends = _ENDS.search(page, max(0, len(page) - _TAIL)) or _ENDS.search(page)
    return ends is None and _BEGINS.search(page) is not None


def _may_hold_long_tags(page: str) -> bool:
    at = 0
    while len(page) - at >= _SUSPICIOUS:
        end = page.rfind(">", at, at + _SUSPICIOUS)
        if end < 0:
            return True
        at = end + 1
    return len(page) > _SUSPICIOUS and _QUOTED_END.search(page) is not None


def _refuse_long_tags(page: str) -> None:
    for match in _tags(page):
        size = match.end() - match.start()
        if size > _SUSPICIOUS and (size > _MAX_TAG or _attributes(match[0]) > _MAX_ATTRIBUTES):
            raise UnreadablePage(f"a tag of {size} characters at {match.start()}: over the limit")


def _tags(page: str) -> Iterator[re.Match[str]]:
    """Yield the tags of a page, but for what only looks like one inside a script or a style sheet."""
    place = 0
    while match := _TAG.search(page, place):
        yield match
        place = match.end()
        raw = _RAW.match(match[0])
        if raw:
            # What is never closed goes on to the end of the page, for browsers as for the parser.
            end = _RAW_ENDS[raw[1].lower()].search(page, place)
            place = end.end() if end else len(page)


def _attributes(tag: str) -> int:
    """Return how many attributes a tag has at most; white space, slashes and values part them."""
    return max(len(tag.split()), len(_VALUES.sub(" ", tag).replace("/", " ").split()))


def _is_limit(entry: "etree._LogEntry") -> bool:
    return entry.type_name in {"ERR_RESOURCE_LIMIT", "ERR_NO_MEMORY", "ERR_INTERNAL_ERROR"}


def _marked(page: str) -> str:
    """Return ``page`` with NUL, and references to NUL or a surrogate, as a control character that survives parsing."""
    unbroken = page.replace("\x00", _NO_CHARACTER)
    return _REFERENCE.sub(_mark, unbroken) if "&" in unbroken else unbroken


def _mark(match: re.Match[str]) -> str:
    digits = (match[1] or match[2]).lstrip("0")
    if len(digits) > len("1114111"):
        return match[0]
    code = int(digits or "0", 16 if match[1] else 10)
    return _NO_CHARACTER if code == 0 or code in _SURROGATES else match[0]
