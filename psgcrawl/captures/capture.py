"""A capture: the stored bytes of one page with what is known of them, and the page that they show."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from psgcrawl import derive, layouts, site, urls
from psgcrawl.archive.warc.digests import labelled
from psgcrawl.errors import UnreadablePage
from psgcrawl.records import Basis, Captured, Page, Source, replace

_SHOWING: Final = frozenset({200, 304, None})
"""Statuses of answers that can show a listing."""

UNKNOWN: Final = "unknown"
"""The collection of captures of which nobody says what they are."""
POSTS: Final = site.POSTS
"""The collection of the WordPress site, which has stood at the PHP site's address since."""
_WORDPRESS: Final = "wordpress-"
"""How the names of the layouts begin that read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """The stored bytes of one page. Files, records and live responses all become this before they are read."""

    place: str
    """Where a person finds it, for messages."""
    url: str | None
    collection: str
    position: int | None
    by_address: bool = False
    """Whether only its address says which collection it is of: then it is another one where WordPress made the page."""
    captured: Captured
    captured_basis: Basis
    source: Source
    status: int | None
    media_type: str
    charset: str | None = None
    """The character encoding that a header declared."""
    payload: bytes
    """As it came: what the digests are of."""
    content: bytes
    """Without content encoding: what the layouts read."""
    record: str | None = None
    """``WARC-Record-ID`` of what keeps it as evidence."""
    title: str | None = None
    note: str | None = None
    memento: str | None = None
    """Its address in the web archive from which it was brought."""
    problems: tuple[str, ...] = ()
    """What its record shows to be wrong with it."""


def where(url: str | None, named: str | None) -> tuple[str, int | None]:
    """Return the collection of a capture (that which its giver ``named``), and its position in its listing.

    Another site's ``news.php`` has positions, too, but is none of the listings.
    """
    here = urls.listing_page(url)
    page = urls.listing_page(url, url)
    return named or (here.listing if here else UNKNOWN), page.position if page else None


def cut_off(reason: str) -> str:
    """Return the problem of a page that is not whole, for a reason as ``WARC-Truncated`` has it."""
    return f"truncation: WARC-Truncated: {reason!a}"


def observe(capture: Capture) -> Page:
    """Return the page that ``capture`` shows, its entries as the layout read them.

    :raises UnreadablePage: ``place: problem``, for bytes that are no page
    """
    if capture.memento is not None and capture.status not in _SHOWING:
        # A web archive keeps what the site answered, whatever that was; a live crawl takes no such answer for a page.
        raise UnreadablePage(f"{capture.place}: no listing: the site answered {capture.status}")
    try:
        reading = layouts.read(capture.content, media_type=capture.media_type, charset=capture.charset, url=capture.url)
    except UnreadablePage as error:
        raise UnreadablePage(f"{capture.place}: {error}") from error
    return page_showing(
        _where_it_is(capture, reading.layout),
        encoding=reading.encoding,
        encoding_basis=reading.encoding_basis,
        layout=reading.layout,
        fields=reading.fields,
        problems=(*capture.problems, *reading.problems),
        next_href=reading.next_href,
        raw=reading.entries,
    )


def _where_it_is(capture: Capture, layout: str | None) -> Capture:
    """Return a capture as its content places it: two sites had one address for their home page, one after the other.

    A page of WordPress that is found so has no position: how many posts fill one nobody knows, so it proves no end.
    """
    wordpress = layout is not None and layout.startswith(_WORDPRESS)
    if not (capture.by_address and wordpress and capture.url is not None and urls.same_site(capture.url, None)):
        return capture
    return replace(capture, collection=POSTS, position=None)


def page_showing(capture: Capture, **shown: Any) -> Page:  # noqa: ANN401 - fields of Page, of several types
    """Return the page of ``capture`` with what it has ``shown``: the fields of :class:`Page` that a layout tells."""
    return Page(
        collection=capture.collection,
        url=capture.url,
        place=capture.place,
        captured=capture.captured,
        captured_basis=capture.captured_basis,
        source=capture.source,
        status=capture.status,
        media_type=capture.media_type,
        sha256=sha256(capture.payload).hexdigest(),
        payload_digest=labelled(capture.payload),
        position=capture.position,
        record=capture.record,
        title=capture.title,
        note=capture.note,
        memento=capture.memento,
        **shown,
    )


def derived(capture: Capture, now: str) -> Page:
    """Return the page that ``capture`` shows, its entries as they are stored: all that the pipelines do.

    :param now: RFC 3339 UTC; no capture is younger
    :raises UnreadablePage: ``place: problem``, for bytes that are no page
    """
    return derive.bound(derive.read(observe(capture)), now)
