"""What a crawl fetches beside its listing, entries' own pages and documents, as pages that show no entries."""

from hashlib import sha256
from typing import Final

from psgcrawl.archive.warc.digests import labelled
from psgcrawl.captures.live import Fetched
from psgcrawl.layouts.decoding import declared_in, decode
from psgcrawl.records import Captured, Page

_TEXT: Final = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
BINARY: Final = "binary"
"""The encoding of what is no text."""


def page_beside(fetched: Fetched, collection: str) -> Page:
    """Return the page of a response that belongs to an entry of ``collection``: no layout, no lists, no problems."""
    text = decode(fetched.content, fetched.charset or declared_in(fetched.content)) if _is_text(fetched) else None
    return Page(
        collection=collection,
        url=fetched.url,
        place=fetched.url,
        captured=Captured(since=fetched.date, until=fetched.date),
        captured_basis="crawl",
        source="live",
        status=fetched.status,
        media_type=fetched.media_type,
        encoding=text.encoding if text else BINARY,
        encoding_basis=text.basis if text else "fallback",
        sha256=sha256(fetched.payload).hexdigest(),
        payload_digest=labelled(fetched.payload),
        layout=None,
        fields=(),
        position=None,
        problems=(),
        record=fetched.record,
    )


def _is_text(fetched: Fetched) -> bool:
    return fetched.media_type in _TEXT
