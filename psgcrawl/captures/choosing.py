"""Which records of a WARC are captures, and why the others are none.

Captures are the pages of the site's listings that were there (status 200; a revisit also
304), whatever host variant, scheme, port or session parameter their address has, and our
own records of files, whatever address those have. Beside the WARC of a snapshot stands
which of its records are pages: those, and no others.
"""

from collections.abc import Mapping
from typing import Final

from psgcrawl import urls
from psgcrawl.archive.redact.record import is_redacted
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.making import CAPTURED
from psgcrawl.archive.warc.record import Record
from psgcrawl.captures.own import Own
from psgcrawl.errors import UnreadablePage

OTHER_SITE: Final = "of other sites"
NO_LISTING: Final = "no listing page"
OTHER_STATUS: Final = "another status than 200"
NOT_GET: Final = "not GET"
REDACTED: Final = "redacted"
NO_PAGE: Final = "no page of its snapshot"
OTHER_TYPE: Final = "other record types"
REASONS: Final = (OTHER_SITE, NO_LISTING, OTHER_STATUS, NOT_GET, REDACTED, NO_PAGE, OTHER_TYPE)
"""Why records are passed over, in the order in which they are told."""

BODIES: Final = frozenset({"response", "resource", "revisit"})
"""Types of records that can be captures."""
COMPANIONS: Final = frozenset({"request", "metadata"})
"""Types of records that say something of others."""
_STATUSES: Final[Mapping[str, frozenset[int | None]]] = {
    "response": frozenset({200}),
    "resource": frozenset({None}),
    # Without a header of its own it has the status of what it repeats.
    "revisit": frozenset({200, 304, None}),
}
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
"""What a ``resource`` of others must be: some tools keep pictures of a page under its address."""


def reason(record: Record, own: Own | None) -> str | None:
    """Return why a record is no capture; None for one that is, or that only its body can tell.

    :param record: of one of the types :data:`BODIES`, or of one that is not known here
    :param own: what the snapshot says whose WARC it is
    """
    if record.type not in BODIES:
        return OTHER_TYPE
    if is_redacted(record):
        return REDACTED
    if own is not None:
        return None if record.id in own.rows else NO_PAGE
    if record.type == "resource" and record.get(CAPTURED) is not None:
        return None
    return _reason_of_address(record.uri) or _reason_of_content(record)


def has_status(type_: str, status: int | None) -> bool:
    """Tell whether a record of that type shows a page that was there."""
    return status in _STATUSES[type_]


def is_companion(record: Record, own: Own | None) -> bool:
    """Tell whether a record can say something of a capture: it has the address of one."""
    ours = _reason_of_address(record.uri) is None if own is None else record.uri in own.urls
    return record.type in COMPANIONS and ours


def _reason_of_address(uri: str | None) -> str | None:
    if uri is None or not urls.same_site(uri, None):
        return OTHER_SITE
    return None if urls.listing_page(uri) else NO_LISTING


def _reason_of_content(record: Record) -> str | None:
    if record.type == "resource" and record.media_type not in _PAGES:
        return NO_LISTING
    if not record.block:
        # A revisit without header, or a block that was too large to be kept.
        return None
    try:
        status = message.parse(record.block).status if record.is_http else None
    except UnreadablePage:
        # Told when it is read, with its place.
        return None
    return None if has_status(record.type, status) else OTHER_STATUS
