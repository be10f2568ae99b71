"""Pages that were read already: what the same bytes show need not be found out again.

An incremental crawl copies most of its pages from the snapshot before, byte for byte.
What a page shows is decided by its bytes, its address, what is said of its type, and the
rules, so that whoever derives one snapshot after the other reads such a page once.
"""

from hashlib import sha256
from typing import Final

from psgcrawl import derive
from psgcrawl.archive import rules
from psgcrawl.archive.pages import Pages
from psgcrawl.captures.capture import Capture, derived, page_showing
from psgcrawl.records import Page

_WIDTH: Final = 16
"""Bytes by which a page is known: of 2**64 pages two would have the same."""


class Seen:
    """The pages of a snapshot, known by what they were read from: of each, some 200 bytes stay in memory."""

    def __init__(self, before: "Seen | None" = None) -> None:
        """Begin with none.

        :param before: the pages of another snapshot, which are looked at, too
        """
        self.pages = Pages()
        """In the order in which they came."""
        self._numbers: dict[bytes, int] = {}
        # Of that before the one before nothing is kept.
        self._before = (before.pages, before._numbers) if before else (self.pages, self._numbers)  # noqa: SLF001 - of its kind

    def read(self, capture: Capture, key: bytes, now: str) -> Page:
        """Return what :func:`psgcrawl.captures.capture.derived` does.

        :param key: what :func:`known_by` says of it
        :raises UnreadablePage: as there
        """
        pages, numbers = self._before
        number = numbers.get(key)
        if number is None:
            return derived(capture, now)
        known = pages[number]
        page = page_showing(
            capture,
            encoding=known.encoding,
            encoding_basis=known.encoding_basis,
            layout=known.layout,
            fields=known.fields,
            problems=capture.problems,
            next_href=known.next_href,
            entries=known.entries,
            lists=known.lists,
        )
        return derive.bound(page, now)

    def put(self, key: bytes, page: Page) -> None:
        """Take a page with all that is known of it; ``key`` as in :meth:`read`."""
        if not page.problems:
            # A problem can be one of the moment, such as a date in the future: that page is looked at again.
            self._numbers[key] = len(self.pages)
        self.pages.append(page)


def known_by(capture: Capture) -> bytes:
    """Return by what a page is known: all that decides what it shows."""
    said = (rules.today(), capture.url, capture.media_type, capture.charset, capture.status, capture.memento is None)
    return sha256(repr(said).encode() + sha256(capture.content).digest()).digest()[:_WIDTH]
