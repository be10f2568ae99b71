"""Exchanges with a server become records, each as it comes: what was asked, and what was answered or went wrong."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from psgcrawl.archive.warc.holding import Held
from psgcrawl.archive.warc.making import NOT_MODIFIED, SAME_PAYLOAD, Origin, Truncated
from psgcrawl.archive.warc.message import Headers, Message
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.spool import Member, Spool
from psgcrawl.errors import DamagedData

_ADDRESS: Final = re.compile(r"[^:/?#]+://(?:[^@/?#]*@)?([^/?#]*)([^#]*)")
_UNDONE: Final = frozenset({b"transfer-encoding"})
"""Headers that are no more true of a body as the engine hands it over: its chunks are joined."""

NamedValues = Iterable[tuple[bytes, Iterable[bytes]]]
"""Headers by name, each with its values."""


def request_message(method: str, url: str, headers: NamedValues, body: bytes = b"") -> Message:
    """Return the request for ``url`` as it went over the wire, as far as that is known.

    ``Host``, which is added while sending, stands first.

    >>> request_message("GET", "http://example.org:8080?a=1", [(b"Accept", [b"text/html"])]).headers
    ((b'Host', b'example.org:8080'), (b'Accept', b'text/html'))
    """
    found = _ADDRESS.match(url)
    if found is None:
        raise ValueError(f"{url!r} is no address of a server")
    host, target = found[1], found[2] if found[2].startswith("/") else "/" + found[2]
    named = _flat(headers)
    if not any(name.lower() == b"host" for name, _ in named):
        named = ((b"Host", host.encode("ascii", "backslashreplace")), *named)
    if body and not any(name.lower() == b"content-length" for name, _ in named):
        named = (*named, (b"Content-Length", b"%d" % len(body)))
    return Message(f"{method} {target} HTTP/1.1".encode("ascii", "backslashreplace"), named, body)


def response_message(protocol: str | None, status: int, headers: NamedValues, body: bytes) -> Message:
    """Return the response, without transfer encoding; the words behind its status are the standard ones.

    >>> response_message("HTTP/1.0", 404, [(b"Set-Cookie", [b"a=1", b"b=2"])], b"").start
    b'HTTP/1.0 404 Not Found'
    """
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    start = f"{protocol or 'HTTP/1.1'} {status} {phrase}".encode("ascii", "backslashreplace")
    named = tuple((name, value) for name, value in _flat(headers) if name.lower() not in _UNDONE)
    return Message(start, named, body)


def _flat(headers: NamedValues) -> Headers:
    return tuple((name, value) for name, values in headers for value in values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request, and when it was answered or failed."""

    url: str
    date: str
    """RFC 3339 UTC, whole seconds."""
    asked: Message


class Exchanges:
    """Writes the exchanges of one run into its spool. In memory: a digest and a name for each body that was seen."""

    def __init__(self, spool: Callable[[], Spool]) -> None:
        """Name where the records go.

        :param spool: gives the run's spool, which is made with the first record
        """
        self._spool = spool
        self._bodies: dict[bytes, str] = {}

    def answered(
        self,
        exchange: Exchange,
        answer: Message,
        *,
        address: str | None = None,
        truncated: Truncated | None = None,
        held: Held | None = None,
    ) -> str:
        """Keep a response, and return the id of its record.

        A 304 to a question that ``held`` made possible is a revisit, and what it repeats
        is copied beside it; a body that the run has met before is a revisit of that one.
        All else is kept whole.

        :param address: the server's IP address
        :param truncated: why the body is not whole
        :raises OSError: when the disk does not take it; then nothing of it is kept
        """
        spool = self._spool()
        request = spool.make.request(exchange.url, exchange.date, exchange.asked)
        profile, original = NOT_MODIFIED, self._copied(spool, held) if held and answer.status == 304 else None
        met = _key(answer)
        if original is None and answer.body and truncated is None:
            profile, original = SAME_PAYLOAD, self._met(spool, met)
        if original is not None:
            record = spool.make.revisit(
                exchange.url, exchange.date, answer, original, profile=profile, request=request, address=address
            )
            spool.add([Member.of(request), Member.of(record)], needs=[original.id])
            return record.id
        record = spool.make.response(
            exchange.url, exchange.date, answer, request=request, address=address, truncated=truncated
        )
        spool.add([Member.of(request), Member.of(record)])
        if answer.body and truncated is None:
            self._bodies[met] = record.id
        return record.id

    def captured(
        self, exchange: Exchange, origin: Origin, captured: Message, *, truncated: Truncated | None = None
    ) -> str:
        """Keep a page that a web archive captured, under its own address and time, and return the id of its record.

        :raises OSError: when the disk does not take it; then nothing of it is kept
        """
        spool = self._spool()
        request = spool.make.request(exchange.url, exchange.date, exchange.asked)
        record = spool.make.memento(origin, captured, request=request, truncated=truncated)
        spool.add([Member.of(request), Member.of(record)])
        spool.hold_back(record.id)
        return record.id

    def failed(self, exchange: Exchange, reason: str) -> None:
        """Keep that a request was not answered, and why.

        :raises OSError: when the disk does not take it
        """
        spool = self._spool()
        request = spool.make.request(exchange.url, exchange.date, exchange.asked)
        record = spool.make.metadata(exchange.url, exchange.date, {"failure": reason}, request=request)
        spool.add([Member.of(request), Member.of(record)])

    def _met(self, spool: Spool, met: bytes) -> Record | None:
        """Return the record of a body that the run has met before, read again: hardly any comes twice."""
        if met not in self._bodies:
            return None
        # What the disk does not give back nothing can refer to: then the body is kept once more.
        with suppress(DamagedData):
            return spool.record(self._bodies[met])
        return None

    def _copied(self, spool: Spool, held: Held) -> Record:
        if held.original.id not in spool:
            spool.add([Member(held.original.id, held.member)])
        self._bodies.setdefault(_key(held.answer), held.original.id)
        return held.original


def _key(answer: Message) -> bytes:
    """Return what two answers have in common if one can stand for the other: the payload, and how it is to be read.

    SHA-256, though records name payloads by SHA-1: two bodies of one SHA-1 can be made,
    and the second would be lost.
    """
    payload = sha256(answer.payload()).hexdigest()
    said = [answer.get("Content-Type") or "", *answer.all("Content-Encoding")]
    return sha256("\n".join([payload, *said]).encode("latin-1")).digest()
