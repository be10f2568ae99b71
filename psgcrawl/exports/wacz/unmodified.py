"""Records that stand for "304 Not Modified", made for the programs that replay a WACZ.

A server that says "304" sends no page, and the WARC has a revisit record with the header
of that answer. Replayed as it stands, it is that answer again: pywb and ReplayWeb.page
show an empty page (pywb 2.10, ReplayWeb.page 2.5). What a visitor saw was the page that
had not changed. So the index points at another revisit record instead, which says the
same but has no header of its own: both programs then take header and body from the
record that is repeated. These records are in a file of their own, whose ``warcinfo``
says what they are; the evidence is in the WACZ as it was.
"""

import uuid
from typing import IO, Final

from psgcrawl import SOFTWARE
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.digests import labelled
from psgcrawl.archive.warc.making import Maker
from psgcrawl.archive.warc.reading import Found
from psgcrawl.archive.warc.record import Record, member
from psgcrawl.errors import UnreadablePage
from psgcrawl.exports.sums import Sums
from psgcrawl.records import replace

NAME: Final = "not-modified.warc.gz"

_STATUS: Final = 304
_ABOUT: Final = (
    "Made for replay. Each record stands for the answer 304 Not Modified that the record named by "
    "WARC-Concurrent-To holds in another file here, and has no header, so that the page itself is shown."
)
_KEPT: Final = frozenset(
    {
        "warc-type",
        "warc-date",
        "warc-target-uri",
        "warc-profile",
        "warc-refers-to",
        "warc-refers-to-target-uri",
        "warc-refers-to-date",
        "warc-payload-digest",
    }
)
_NAMES: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:psgcrawl:export:not-modified")


class Unmodified:
    """Writes those records one after the other."""

    def __init__(self, file: IO[bytes]) -> None:
        """Start without records.

        :param file: empty; read by whoever gave it, from its start
        """
        self.sums = Sums()
        self._file = file
        self._about: str | None = None

    def stand_in(self, found: Found) -> Found | None:
        """Return what the index is to point at in place of ``found``; None where that can be replayed as it is."""
        record = found.record
        if record.type != "revisit" or _status(record) != _STATUS:
            return None
        if self._about is None:
            facts = {"software": SOFTWARE, "format": "WARC File Format 1.1", "description": _ABOUT}
            about = Maker(NAME).warcinfo(record.date, facts)
            self._about = about.id
            self._write(member(about))
        made = _without_header(record, self._about)
        data = member(made)
        offset = self.sums.size
        self._write(data)
        return replace(found, record=made, offset=offset, length=len(data), alone=data, raw=b"")

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self.sums.update(data)


def _status(record: Record) -> int | None:
    try:
        return message.parse(record.block).status if record.is_http and record.block else None
    except UnreadablePage:
        return None


def _without_header(record: Record, about: str) -> Record:
    kept = ((name, value) for name, value in record.fields if name.lower() in _KEPT)
    fields = (
        *kept,
        ("WARC-Record-ID", f"<{uuid.uuid5(_NAMES, record.id.encode('utf-8', 'backslashreplace').decode()).urn}>"),
        ("WARC-Concurrent-To", record.id),
        ("WARC-Warcinfo-ID", about),
        ("WARC-Block-Digest", labelled(b"")),
        ("Content-Type", "application/http; msgtype=response"),
        ("Content-Length", "0"),
    )
    return Record(fields=fields, block=b"")
