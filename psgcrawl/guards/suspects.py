"""What a page that no layout fits may be instead, for the person who is told of it. It decides nothing."""

import re
from pathlib import Path
from typing import Final

from psgcrawl.archive.jsonl import read_lines
from psgcrawl.archive.manifest import PAGES, WARC
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.stored import StoredRecords
from psgcrawl.errors import PsgcrawlError
from psgcrawl.records import PageRow

_LOOKED_AT: Final = 1 << 16
"""Bytes at the head of a page: what it is, it says at once."""

_LONGEST: Final = 1 << 23

_SIGNS: Final[tuple[tuple[str, re.Pattern[bytes]], ...]] = (
    ("a login page", re.compile(rb"type\s{0,4}=\s{0,4}[\"']?password")),
    (
        "a page that keeps crawlers out",
        re.compile(rb"access denied|captcha|checking your browser|unusual traffic|are you human|request blocked"),
    ),
    (
        "a parked domain",
        re.compile(rb"domain (?:name )?(?:is|may be) (?:available|for sale|parked)|buy this domain|domain has expired"),
    ),
    (
        "a maintenance page",
        re.compile(rb"maintenance|(?:temporarily|service|currently) unavailable|(?:be )?back (?:soon|shortly|online)"),
    ),
    ("the first page of a fresh server", re.compile(rb"it works!|welcome to nginx|apache2? \S{1,20} default page")),
    ("an error page", re.compile(rb"\b(?:40[34]|50[0-9])\b|not found|fatal error|database error|forbidden")),
)


def looks_like(content: bytes) -> str | None:
    """Return what the page looks like, in words; None where nothing tells.

    >>> looks_like(b"<h1>This domain is for sale!</h1>"), looks_like(b"<p>Coca prices rise</p>")
    ('a parked domain', None)
    """
    head = content[:_LOOKED_AT].lower()
    return next((name for name, sign in _SIGNS if sign.search(head)), None)


def suspect(folder: Path) -> list[str]:
    """Say, of the crawl in ``folder``, what its first page that no layout fits looks like; nothing where nothing tells.

    What cannot be read is not told of here: it decides nothing.
    """
    try:
        strange = next((row for row in read_lines(folder / PAGES, PageRow) if row.layout is None and row.warc), None)
        if strange is None or strange.warc is None:
            return []
        records = StoredRecords(folder / WARC)
        record = records.at(strange.warc).record
        content = message.parse((records.original(record) or record).block).content(_LONGEST)
    except (PsgcrawlError, OSError):
        return []
    found = looks_like(content)
    return [f"{strange.url}: it looks like {found}"] if found else []
