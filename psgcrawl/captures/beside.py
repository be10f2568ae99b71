"""What a crawl fetches beside its listing, entries' own pages and documents, as pages that show no entries."""

from typing import Final

from psgcrawl.captures.capture import page_showing
from psgcrawl.captures.live import Fetched, capture_of
from psgcrawl.layouts.decoding import declared_in, decode
from psgcrawl.records import Page

_TEXT: Final = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
BINARY: Final = "binary"
"""The encoding of what is no text."""


def page_beside(fetched: Fetched, collection: str) -> Page:
    """Return the page of a response that belongs to an entry of ``collection``: no layout, no lists, no problems."""
    text = decode(fetched.content, fetched.charset or declared_in(fetched.content)) if _is_text(fetched) else None
    return page_showing(
        capture_of(fetched, collection, None),
        encoding=text.encoding if text else BINARY,
        encoding_basis=text.basis if text else "fallback",
        layout=None,
        fields=(),
        problems=(),
    )


def _is_text(fetched: Fetched) -> bool:
    return fetched.media_type in _TEXT
