"""A response of a live crawl as a capture."""

from dataclasses import dataclass
from typing import Final

from psgcrawl import urls
from psgcrawl.captures.capture import Capture, cut_off, observe
from psgcrawl.records import Captured, Page

FETCHED: Final = "psgcrawl_fetched"
"""Under this name a request's ``meta`` has the :class:`Fetched` of its response."""

WHOLE: Final = "psgcrawl_whole"
"""Marks, in a request's ``meta``, that the body is wanted whatever the archive holds: not every 304 is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What is known of a response once it is kept as evidence."""

    record: str
    """``WARC-Record-ID``."""
    url: str
    """As it was asked for, after redirects."""
    date: str
    """When the response began to arrive: RFC 3339 UTC, whole seconds."""
    status: int
    """As the server sent it: 304 where the archive's own record stands for the body."""
    media_type: str
    charset: str | None
    """As the header declares it."""
    payload: bytes
    """The body as it came, without transfer encoding."""
    content: bytes
    """The same without content encoding."""
    truncated: str | None = None
    """Why the body may not be whole, as ``WARC-Truncated`` has it; None for one that is."""


def page_of(fetched: Fetched, collection: str, position: int | None = None) -> Page:
    """Return the page that a response shows, its entries as the layout read them.

    :param position: in the listing; else as the address says
    :raises UnreadablePage: ``url: problem``, for bytes that are no page
    """
    here = urls.listing_page(fetched.url, fetched.url) if position is None else None
    return observe(capture_of(fetched, collection, here.position if here else position))


def capture_of(fetched: Fetched, collection: str, position: int | None) -> Capture:
    """Return a response as a capture."""
    return Capture(
        place=fetched.url,
        url=fetched.url,
        collection=collection,
        position=position,
        captured=Captured(since=fetched.date, until=fetched.date),
        captured_basis="crawl",
        source="live",
        status=fetched.status,
        media_type=fetched.media_type,
        charset=fetched.charset,
        payload=fetched.payload,
        content=fetched.content,
        record=fetched.record,
        problems=(cut_off(fetched.truncated),) if fetched.truncated else (),
    )
