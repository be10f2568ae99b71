"""HTTP messages as WARC records hold them, and the way from their bytes to those of a page.

Three stages, each by its own name: the **body** is what stands in the record after the
header, the **payload** is that without transfer encoding (chunks), and the **content**
is the payload without content encoding (gzip): what the layouts read. Digests are those
of the payload, as WARC 1.1 has it; warcio and Wget write that of the body instead, which
is another one where there are chunks.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from psgcrawl.archive.warc.coding import undone
from psgcrawl.archive.warc.headers import BLANK, LINE_END, Fields, first_and_fields
from psgcrawl.errors import UnreadablePage

Headers = Fields

LONGEST_HEADER: Final = 1 << 20
"""Length of the longest header that is read, in bytes: a hundred times what servers allow themselves."""

_ENCODINGS: Final = 5
"""More content encodings than that are an attack: each can multiply the data."""
_STATUS: Final = re.compile(rb"HTTP/\d+(?:\.\d+)? (\d{3})(?: |\Z)")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
# Each parameter of a media type, one after the other, so that nothing inside a quoted value is taken for one.
_PARAMETER: Final = re.compile(r';\s*([^\s;="]*)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^;]*))?')


class Message(Struct, frozen=True):
    """One request or response."""

    start: bytes
    """The request line or status line."""
    headers: Headers
    """Names and values in order, repeated ones too; a folded value is one line."""
    body: bytes

    def get(self, name: str) -> str | None:
        """Return the first value of a header, its bytes as Latin-1."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[str]:
        """Yield the values of a header."""
        wanted = name.lower().encode("ascii")
        return (value.decode("latin-1") for key, value in self.headers if key.lower() == wanted)

    @property
    def status(self) -> int | None:
        """The status of a response; None where the first line is no status line."""
        found = _STATUS.match(self.start)
        return int(found[1]) if found else None

    @property
    def media_type(self) -> str | None:
        """The media type, lower case; None where the message does not say."""
        value = self.get("Content-Type")
        return value.partition(";")[0].strip().lower() or None if value else None

    @property
    def charset(self) -> str | None:
        """The character encoding that the header declares, as written; None where it declares none."""
        for name, value in _PARAMETER.findall(self.get("Content-Type") or ""):
            if name.lower() == "charset":
                return value.strip().strip("\"'").strip() or None
        return None

    def payload(self) -> bytes:
        """Return the body without transfer encoding.

        A body that says ``chunked`` and is not (its writer undid the chunks and kept the
        header, as many do) is taken as it stands.

        :raises UnreadablePage: for chunks that end early or are not as long as they say
        """
        if any("chunked" in value.lower() for value in self.all("Transfer-Encoding")) and _CHUNK.match(self.body):
            return _unchunked(self.body)
        return self.body

    def content(self, limit: int) -> bytes:
        """Return the payload without content encoding, ``limit`` bytes and one more at most.

        :raises UnreadablePage: for data that are not what their encoding says, and for an unknown encoding
        """
        return decode(self.payload(), encodings(self.all("Content-Encoding")), limit)


def parse(block: bytes) -> Message:
    """Return the message that ``block`` holds.

    :raises UnreadablePage: for a block that does not begin with the header of an HTTP
        message, or with one longer than :data:`LONGEST_HEADER`
    """
    blank = BLANK.search(block, 0, LONGEST_HEADER)
    if blank is None and len(block) > LONGEST_HEADER:
        raise UnreadablePage(f"no end of an HTTP header within {LONGEST_HEADER} bytes")
    # A message that ends with its header needs no body, and some writers leave the blank line out, too.
    header, body = (block[: blank.start()], block[blank.end() :]) if blank else (block.rstrip(b"\r\n"), b"")
    start, headers = first_and_fields(header)
    if b"HTTP/" not in start:
        raise UnreadablePage("not an HTTP message")
    return Message(start, headers, body)


def serialise(message: Message) -> bytes:
    """Return the bytes of ``message``."""
    lines = [message.start, *(name + b": " + value for name, value in message.headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + message.body


def encodings(values: Iterator[str]) -> list[str]:
    """Return the content encodings that header ``values`` name, in the order in which they were applied."""
    named = (part.strip().lower() for value in values for part in value.split(","))
    return [part for part in named if part not in {"", "identity"}]


def decode(payload: bytes, applied: list[str], limit: int) -> bytes:
    """Return ``payload`` without the content encodings ``applied``, ``limit`` bytes and one more at most.

    :raises UnreadablePage: for data that end early, do not fit their checksum or their
        encoding, or go on after their end; for an encoding that is not known here
    """
    if len(applied) > _ENCODINGS:
        raise UnreadablePage(f"Content-Encoding: {len(applied)} encodings, one on top of the other")
    for name in reversed(applied):
        payload = undone(name, payload, limit + 1)
    return payload[: limit + 1]


def _unchunked(body: bytes) -> bytes:
    found = bytearray()
    position = 0
    while size := _CHUNK.match(body, position):
        length = int(size[1], 16)
        if length == 0:
            # What follows, trailers, is no part of the payload (RFC 9112, 7.1.2).
            return bytes(found)
        end = LINE_END.match(body, size.end() + length)
        if end is None:
            raise UnreadablePage(f"Transfer-Encoding: the chunk at byte {position} has not the length that it says")
        found += body[size.end() : end.start()]
        position = end.end()
    raise UnreadablePage(f"Transfer-Encoding: the chunks end early, at byte {position}")
