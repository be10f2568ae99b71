"""Headers as WARC and HTTP have them: a first line, then named fields, then a blank line."""

import re
from typing import Final

Fields = tuple[tuple[bytes, bytes], ...]

BLANK: Final = re.compile(rb"\n\r?\n")
"""What ends a header, but for a carriage return before it: some writers have bare line feeds."""
LINE_END: Final = re.compile(rb"\r?\n")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")


def first_and_fields(header: bytes) -> tuple[bytes, Fields]:
    r"""Return the first line of a header, and its fields: names and values in order, repeated ones too.

    White space around both is no part of them. A value that goes on in lines that begin
    with white space is one line (RFC 9112, 5.2). A line without colon is a name without value.

    >>> first_and_fields(b"HTTP/1.1 200 OK\r\nA: 1\r\n  2\r\na:3\nb")
    (b'HTTP/1.1 200 OK', ((b'A', b'1 2'), (b'a', b'3'), (b'b', b'')))
    """
    if b"\n " in header or b"\n\t" in header:
        header = _FOLD.sub(b" ", header)
    first, *lines = header.split(b"\n")
    fields: list[tuple[bytes, bytes]] = []
    for line in lines:
        name, _, value = line.partition(b":")
        fields.append((name.strip(), value.strip()))
    return first.rstrip(b"\r"), tuple(fields)
