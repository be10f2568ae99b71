"""What is left of a redacted record.

The record keeps its name, type, date, address and relations. Of an HTTP message only the
first line stays (of a status line not even its words): headers, too, can say what had to
go (a file's name, a link, a cookie). Fields that WARC 1.1 does not define go as well, for
some writers keep titles and texts there.

``WARC-Block-Digest`` and ``WARC-Payload-Digest`` are checked against what a record holds
now (ISO 28500, 5.8 and 5.9), so the digests of what it held stand in fields of our own. A
revisit alone keeps its payload digest where it is: that never was one of its own bytes.
"""

import re
from typing import Final

from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.digests import labelled
from psgcrawl.archive.warc.making import BASIS, CAPTURED, COLLECTION
from psgcrawl.archive.warc.record import Record
from psgcrawl.errors import UnreadablePage

REDACTED: Final = "PSGCRAWL-Redacted"
"""Our own field: when the record was redacted, RFC 3339 UTC."""
REASON: Final = "PSGCRAWL-Redacted-Reason"
"""Our own field: why."""
BLOCK_DIGEST: Final = "PSGCRAWL-Redacted-Block-Digest"
"""Our own field: the digest of the block that is gone."""
PAYLOAD_DIGEST: Final = "PSGCRAWL-Redacted-Payload-Digest"
"""Our own field: the digest of the payload that is gone; none for a record that never had one."""

_KEPT: Final = frozenset(
    name.lower()
    for name in (
        "WARC-Type",
        "WARC-Record-ID",
        "WARC-Date",
        "WARC-Target-URI",
        "WARC-Warcinfo-ID",
        "WARC-Concurrent-To",
        "WARC-Refers-To",
        "WARC-Refers-To-Target-URI",
        "WARC-Refers-To-Date",
        "WARC-Profile",
        "WARC-IP-Address",
        "WARC-Segment-Number",
        "WARC-Segment-Origin-ID",
        "WARC-Segment-Total-Length",
        "Content-Type",
        CAPTURED,
        BASIS,
        COLLECTION,
    )
)
_PAYLOAD: Final = "WARC-Payload-Digest"
_STATUS: Final = re.compile(rb"(HTTP/[0-9]+(?:\.[0-9]+)? [0-9]{3})(?: |\Z)")
_HAVE_PAYLOAD: Final = frozenset({"response", "resource"})


def is_redacted(record: Record) -> bool:
    """Tell whether nothing of the record can be redacted any more."""
    return record.get(REDACTED) is not None


def redacted(record: Record, mark: Mark) -> Record:
    """Return what is left of ``record``; it says by itself when and why it was redacted."""
    block = _left(record)
    payload = _payload_digest(record)
    fields = [(name, value) for name, value in record.fields if name.lower() in _KEPT]
    if record.type == "revisit" and payload is not None:
        fields.append((_PAYLOAD, payload))
    elif payload is not None:
        fields.append((PAYLOAD_DIGEST, payload))
    return Record(
        fields=(
            *fields,
            # Of the reasons that the standard knows (5.13) none fits but this.
            ("WARC-Truncated", "unspecified"),
            (REDACTED, mark.when),
            (REASON, mark.reason),
            (BLOCK_DIGEST, record.get("WARC-Block-Digest") or labelled(record.block)),
            ("WARC-Block-Digest", labelled(block)),
            ("Content-Length", str(len(block))),
        ),
        block=block,
        version=record.version,
    )


def _left(record: Record) -> bytes:
    """Return what is left of the block of ``record``."""
    if not record.is_http or not record.block:
        return b""
    try:
        first = message.parse(record.block).start
    except UnreadablePage:
        return b""
    status = _STATUS.match(first)
    return (status[1] + b" " if status else first) + b"\r\n\r\n"


def _payload_digest(record: Record) -> str | None:
    stated = record.get(_PAYLOAD)
    if stated is not None or record.type not in _HAVE_PAYLOAD:
        return stated
    if not record.is_http:
        return labelled(record.block)
    try:
        return labelled(message.parse(record.block).payload())
    except UnreadablePage:
        return None
