"""From bytes to text: declared, else strict UTF-8, else windows-1252; allowed charsets only.

The labels are those of the WHATWG Encoding Standard, by which ISO 8859-1 and ASCII are
windows-1252. Only charsets that pages of this site can have are allowed: the rest
(``rot13``, ``idna``, ``unicode_escape`` …) are names of codecs that are no charsets.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

from psgcrawl.layouts.reading import Decoded
from psgcrawl.records import EncodingBasis

_UTF8: Final = "utf-8"
_WINDOWS: Final = "windows-1252"

ALLOWED: Final = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8"), _UTF8),
    **dict.fromkeys(
        ("windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1"),
        _WINDOWS,
    ),
    **dict.fromkeys(("ascii", "us-ascii", "ansi_x3.4-1968"), _WINDOWS),
    **dict.fromkeys(("iso-8859-15", "iso8859-15", "latin-9", "latin9", "l9"), "iso-8859-15"),
    **dict.fromkeys(("macintosh", "mac", "x-mac-roman"), "macintosh"),
}
"""Charset labels that are honoured, lower case, and the encoding that each stands for."""

_CODECS: Final = {"macintosh": "mac-roman"}
_BOMS: Final = ((BOM_UTF8, _UTF8), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))

# Where HTML declares its charset; browsers look at the first 1,024 bytes, old pages of
# this kind of site have scripts and comments before it.
_HEAD: Final = 8192
_META: Final = re.compile(rb"<meta\b[^<>]{0,500}?charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{1,40})", re.IGNORECASE)
_XML: Final = re.compile(rb"^\s*<\?xml\b[^<>]{0,200}?encoding\s*=\s*[\"']([a-z0-9_.:-]{1,40})", re.IGNORECASE)


def declared_in(body: bytes) -> str | None:
    """Return the charset label that an HTML page declares itself, or None."""
    head = body[:_HEAD]
    match = _META.search(head) or _XML.search(head)
    return match[1].decode("ascii") if match else None


def decode(body: bytes, declared: str | None) -> Decoded:
    """Decode a page.

    :param declared: the label in the ``Content-Type`` header or in the page, the former first.
    :returns: the text, ``encoding`` by its WHATWG name, ``basis`` (how it was decided)
        and problems: a label that is not allowed, one that the bytes belie, bytes that
        no encoding gives a character and that therefore became U+FFFD.
    """
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return _replacing(body[len(bom) :], encoding, "bom", ())
    problems: list[str] = []
    if declared is not None:
        encoding_or_none = ALLOWED.get(declared.strip().lower())
        if encoding_or_none is None:
            problems.append(f"encoding: the declared charset {declared!r} is not allowed and was not used")
        else:
            decoded = _as_declared(body, encoding_or_none, problems)
            if decoded is not None:
                return decoded
    try:
        return Decoded(text=body.decode(_UTF8), encoding=_UTF8, basis="valid-utf-8", problems=tuple(problems))
    except UnicodeDecodeError:
        return _replacing(body, _WINDOWS, "fallback", tuple(problems))


def _as_declared(body: bytes, encoding: str, problems: list[str]) -> Decoded | None:
    try:
        text = body.decode(_CODECS.get(encoding, encoding))
    except UnicodeDecodeError as error:
        byte = body[error.start]
        problems.append(f"encoding: declared {encoding}, but byte 0x{byte:02x} at offset {error.start} is not")
        return None
    if encoding != _UTF8 and not body.isascii() and _is_utf8(body):
        # A browser shows what is declared, so that is what was printed; the reader is warned.
        problems.append(f"encoding: declared {encoding} and read so, but the bytes are valid UTF-8")
    return Decoded(text=text, encoding=encoding, basis="declared", problems=tuple(problems))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode(_UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _replacing(body: bytes, encoding: str, basis: EncodingBasis, problems: tuple[str, ...]) -> Decoded:
    text = body.decode(encoding, "replace")
    # U+FFFD that the page itself holds is not of our making.
    made = text.count("\ufffd") - (body.count("\ufffd".encode(encoding)) if encoding != _WINDOWS else 0)
    if made:
        problems = (*problems, f"encoding: {made} replaced characters: bytes that are not {encoding}")
    return Decoded(text=text, encoding=encoding, basis=basis, problems=problems)
