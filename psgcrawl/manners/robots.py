"""What a site's robots.txt says, by RFC 9309; what cannot be had is no permission."""

import re
from dataclasses import dataclass
from typing import Final

from protego import Protego

PRODUCT: Final = "psgcrawl"
"""The name by which a robots.txt addresses this crawler (the product token of its user agent)."""
LONGEST: Final = 512 * 1024
"""How much of a robots.txt is read, in bytes; RFC 9309, 2.5, asks for 500 KiB at least."""
_AGENT: Final = re.compile(r"\s*user[- ]?agent\s*[:\s]\s*([^#]*)", re.IGNORECASE)
_OTHERS: Final = "other"
_TITLE: Final = re.compile(r"<title[^<>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_SHOWN: Final = 60
"""Characters of a page's title that messages show."""


class Unreachable(Exception):
    """Nothing can be known of the rules, so nothing may be asked for; the message says why."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for this crawler."""

    _parsed: Protego | None = None

    def allow(self, url: str) -> bool:
        """Tell whether ``url`` may be asked for."""
        return self._parsed is None or bool(self._parsed.can_fetch(url, PRODUCT))

    @property
    def delay(self) -> float:
        """Seconds from one request to the next that ``Crawl-delay`` and ``Request-rate`` ask for, the larger; or 0."""
        if self._parsed is None:
            return 0.0
        rate = self._parsed.request_rate(PRODUCT)
        return max(self._parsed.crawl_delay(PRODUCT) or 0.0, rate.seconds / rate.requests if rate else 0.0)


def rules_of(status: int, body: bytes) -> Rules:
    """Return the rules that an answer to the request for ``/robots.txt`` gives.

    ==========================  ======================================================
    2xx but 206                 the rules in its first 512 KiB
    4xx but 429                 there is none: everything is allowed
    all others, 429, 206        :class:`Unreachable`
    2xx with a page of HTML     :class:`Unreachable`: whatever answers there is not it
    ==========================  ======================================================

    :param body: without content encoding
    :raises Unreachable: see above
    """
    if 400 <= status < 500 and status != 429:
        return Rules()
    if not 200 <= status < 300 or status == 206:
        raise Unreachable(f"the server answered {status}")
    text = body[:LONGEST].decode("utf-8-sig", "replace")
    if text.lstrip().startswith("<"):
        raise Unreachable(_no_rules(text))
    return Rules(Protego.parse("\n".join(map(_agents_merged, text.splitlines()))))


def _no_rules(page: str) -> str:
    """Say what stands where rules should, and what a person can do.

    By the letter of RFC 9309, 2.2, lines that are no rules are passed over, and a page of HTML
    would allow everything. But it shows only that something else answers there: the software of
    a site whose addresses are not readable, a login, an error. WordPress has its rules at
    ``/?robots=1`` then.
    """
    title = _TITLE.search(page)
    words = " ".join(title[1].split())[:_SHOWN] if title else ""
    named = f" ({words!r})" if words else ""
    return (
        f"a page of HTML stands in its place{named}, and no rules can be read there; let the site answer with rules "
        "or with 404, or, where its owner allows the crawl, decide so with -s ROBOTSTXT_OBEY=False, which is recorded"
    )


def _agents_merged(line: str) -> str:
    """Return a line, all crawlers that are not this one under one name.

    Protego keeps every rule once for each name in front of it: 15,000 names and 15,000 rules
    in half a mebibyte would take all time and memory.
    """
    found = _AGENT.match(line)
    if found is None:
        return line
    name = found[1].strip().lower()
    plain = name.replace("*", "") or name[:1]
    return f"User-agent: {plain if plain == '*' or (plain and PRODUCT.startswith(plain)) else _OTHERS}"
