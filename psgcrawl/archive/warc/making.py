"""The records that this program writes.

Names of records are made from what they hold and the place they have in their run (UUID
version 5, RFC 9562), so that the same run over the same input writes the same bytes.
Requests and responses are reconstructions: the engine hands over parsed headers, in
which the case of names and the transfer encoding are lost. The ``warcinfo`` record says
so.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from psgcrawl.archive.warc.digests import labelled
from psgcrawl.archive.warc.message import Message, serialise
from psgcrawl.archive.warc.record import Record
from psgcrawl.records import Basis, Captured
from psgcrawl.visible import visible

CONFORMS_TO: Final = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_PROFILE: Final = "http://netpreserve.org/warc/1.1/revisit/"
SAME_PAYLOAD: Final = _PROFILE + "identical-payload-digest"
NOT_MODIFIED: Final = _PROFILE + "server-not-modified"

CAPTURED: Final = "PSGCRAWL-Captured"
"""Our own field of a ``resource`` record: when the file was captured, ``FROM/TO`` in RFC 3339, ``..`` where unknown.
``WARC-Date`` cannot say it: a file of unknown time has none, only that of its import."""
BASIS: Final = "PSGCRAWL-Captured-Basis"
"""Our own field: how that is known, as in ``pages.jsonl``."""
COLLECTION: Final = "PSGCRAWL-Collection"
"""Our own field: the collection of a capture that its giver named otherwise than its address does."""

SOURCE: Final = "WARC-Source-URI"
"""Field of a record that was brought from a web archive: the address of the memento, as pywb's recorder has it."""
CREATED: Final = "WARC-Creation-Date"
"""When it was brought from there; ``WARC-Date`` is when it was captured."""
INDEXED: Final = "PSGCRAWL-Index-Digest"
"""Our own field: the payload's digest as the index of the web archive has it."""

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, CONFORMS_TO + "#psgcrawl")
_HTTP: Final = "application/http; msgtype="
_FIELDS: Final = "application/warc-fields"

Truncated = Literal["length", "time", "disconnect", "unspecified"]


class Origin(Struct, frozen=True, kw_only=True):
    """Where a capture comes from that a web archive made."""

    url: str
    """What was captured, as the index of the web archive has it."""
    date: str
    """When it was captured: RFC 3339 UTC, whole seconds."""
    source: str
    """Address of the memento."""
    brought: str
    """When it was asked for there, or known from there: RFC 3339 UTC."""
    digest: str | None
    """Of the payload, as the index has it: base 32; None where it has none."""


class Maker:
    """Makes the records of one run; each refers to the run's ``warcinfo``, which is made first."""

    def __init__(self, seed: str) -> None:
        """Start a run's records.

        :param seed: what makes the run different from others; part of every record's name
        """
        self._seed = seed
        self._made = 0
        self._warcinfo: str | None = None

    def warcinfo(self, date: str, facts: Mapping[str, str]) -> Record:
        """Return the record that says who wrote the others, and how; ``facts`` in their order."""
        record = self._record("warcinfo", date, _lines(facts), _FIELDS)
        self._warcinfo = record.id
        return record

    def resource(  # noqa: PLR0913 - what the record says
        self,
        uri: str,
        date: str,
        media_type: str,
        payload: bytes,
        *,
        captured: Captured,
        basis: Basis,
        collection: str | None = None,
    ) -> Record:
        """Return the record of a file that was read from disk.

        :param date: when it was captured if that is known, else when it was taken in
        """
        fields = [
            ("WARC-Target-URI", uri),
            ("WARC-Payload-Digest", labelled(payload)),
            (CAPTURED, f"{captured.since}/{captured.until or '..'}"),
            (BASIS, basis),
        ]
        if collection is not None:
            fields.append((COLLECTION, collection))
        return self._record("resource", date, payload, media_type, fields)

    def request(self, uri: str, date: str, message: Message) -> Record:
        """Return the record of a request."""
        fields = [("WARC-Target-URI", uri)]
        return self._record("request", date, serialise(message), _HTTP + "request", fields)

    def response(  # noqa: PLR0913 - what the record says
        self,
        uri: str,
        date: str,
        message: Message,
        *,
        request: Record | None = None,
        address: str | None = None,
        truncated: Truncated | None = None,
    ) -> Record:
        """Return the record of a response.

        :param address: the server's IP address
        :param truncated: why the body is not whole
        """
        fields = [("WARC-Target-URI", uri), ("WARC-Payload-Digest", labelled(message.body))]
        fields += _relations(request, address)
        if truncated is not None:
            fields.append(("WARC-Truncated", truncated))
        return self._record("response", date, serialise(message), _HTTP + "response", fields)

    def revisit(  # noqa: PLR0913 - what the record says
        self,
        uri: str,
        date: str,
        message: Message,
        original: Record,
        *,
        profile: str,
        request: Record | None = None,
        address: str | None = None,
    ) -> Record:
        """Return the record of a response whose payload is that of ``original``; only its header is kept.

        :param profile: :data:`SAME_PAYLOAD` or :data:`NOT_MODIFIED`
        """
        fields = [
            ("WARC-Target-URI", uri),
            ("WARC-Profile", profile),
            ("WARC-Refers-To", original.id),
            ("WARC-Refers-To-Target-URI", original.uri or uri),
            ("WARC-Refers-To-Date", original.date),
            ("WARC-Payload-Digest", original.get("WARC-Payload-Digest") or labelled(b"")),
            *_relations(request, address),
        ]
        block = serialise(Message(message.start, message.headers, b""))
        return self._record("revisit", date, block, _HTTP + "response", fields)

    def memento(
        self, origin: Origin, message: Message, *, request: Record, truncated: Truncated | None = None
    ) -> Record:
        """Return the record of a page that a web archive captured, as that has kept it."""
        fields = [("WARC-Target-URI", origin.url), ("WARC-Payload-Digest", labelled(message.body)), *_brought(origin)]
        fields += _relations(request, None)
        if truncated is not None:
            fields.append(("WARC-Truncated", truncated))
        return self._record("response", origin.date, serialise(message), _HTTP + "response", fields)

    def repeated_memento(self, origin: Origin, original: Record) -> Record:
        """Return the record of a capture that has the payload of ``original`` by the word of the index, without header.

        Nobody fetched it, so nobody knows its header.
        """
        fields = [
            ("WARC-Target-URI", origin.url),
            ("WARC-Profile", SAME_PAYLOAD),
            ("WARC-Refers-To", original.id),
            ("WARC-Refers-To-Target-URI", original.uri or origin.url),
            ("WARC-Refers-To-Date", original.date),
            ("WARC-Payload-Digest", original.get("WARC-Payload-Digest") or labelled(b"")),
            *_brought(origin),
        ]
        return self._record("revisit", origin.date, b"", _HTTP + "response", fields)

    def metadata(self, uri: str, date: str, facts: Mapping[str, str], *, request: Record | None = None) -> Record:
        """Return a record about an address for which there is no other: why a request failed."""
        fields = [("WARC-Target-URI", uri), *_relations(request, None)]
        return self._record("metadata", date, _lines(facts), _FIELDS, fields)

    def _record(
        self, kind: str, date: str, block: bytes, media_type: str, fields: Sequence[tuple[str, str]] = ()
    ) -> Record:
        digest = labelled(block)
        self._made += 1
        name = "\n".join([self._seed, str(self._made), kind, date, dict(fields).get("WARC-Target-URI", ""), digest])
        about = [("WARC-Warcinfo-ID", self._warcinfo)] if self._warcinfo else []
        return Record(
            fields=(
                ("WARC-Type", kind),
                ("WARC-Record-ID", f"<{uuid.uuid5(_NAMESPACE, name).urn}>"),
                ("WARC-Date", date),
                *fields,
                *about,
                ("WARC-Block-Digest", digest),
                ("Content-Type", media_type),
                ("Content-Length", str(len(block))),
            ),
            block=block,
        )


def _relations(request: Record | None, address: str | None) -> list[tuple[str, str]]:
    fields = [] if request is None else [("WARC-Concurrent-To", request.id)]
    return fields if address is None else [*fields, ("WARC-IP-Address", address)]


def _brought(origin: Origin) -> list[tuple[str, str]]:
    digest = [] if origin.digest is None else [(INDEXED, f"sha1:{origin.digest}")]
    return [(SOURCE, origin.source), (CREATED, origin.brought), *digest]


def _lines(facts: Mapping[str, str]) -> bytes:
    r"""Return ``name: value`` lines; what would end a line is shown instead (``\n``)."""
    return "".join(f"{name}: {visible(value)}\r\n" for name, value in facts.items()).encode("utf-8", "backslashreplace")
