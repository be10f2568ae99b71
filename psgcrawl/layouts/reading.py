"""What a layout gives back, and what it refuses."""

from dataclasses import dataclass
from typing import Final

from psgcrawl.errors import UnreadablePage
from psgcrawl.records import EncodingBasis, RawEntry

MAX_BYTES: Final = 8 * 1024 * 1024
"""Largest page that is read: the bound on memory and time of one page (``DOWNLOAD_MAXSIZE`` is the same)."""

_BINARY_MARKS: Final = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"%PDF-",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x7fELF",
    b"\xd0\xcf\x11",
)
_CONTROL_BYTES: Final = bytes(b for b in range(32) if b not in b"\t\n\r\f\x1b")
_MAX_CONTROL_SHARE: Final = 0.02
# Another byte in place of each, NUL too: a page without any, as nearly all are, stays as it is. To leave them out takes
# twice as long.
_MARKED_CONTROLS: Final = bytes(ord("?") if b in _CONTROL_BYTES else b for b in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A page's text and how its encoding was decided."""

    text: str
    encoding: str
    basis: EncodingBasis
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a page shows: its entries in page order, and the link to the next page."""

    layout: str | None
    """The layout that recognised the page; None when none did: then there are no entries and a problem."""
    fields: tuple[str, ...] = ()
    """Entry fields that the layout can show, sorted."""
    entries: tuple[RawEntry, ...] = ()
    problems: tuple[str, ...] = ()
    next_href: str | None = None
    encoding: str = "utf-8"
    encoding_basis: EncodingBasis = "valid-utf-8"


def refuse_unreadable(body: bytes) -> None:
    """Raise :class:`UnreadablePage` for bytes that are no page: none at all, too many, or no text."""
    if not body.strip():
        raise UnreadablePage("empty: not one byte that could be read")
    if len(body) > MAX_BYTES:
        raise UnreadablePage(f"over the limit of {MAX_BYTES} bytes for one page")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, in which every other byte is NUL
        return
    if body.startswith(_BINARY_MARKS):
        raise UnreadablePage(f"binary: begins with {body[:4]!r}")
    if body.translate(_MARKED_CONTROLS) == body:
        return
    controls = len(body) - len(body.translate(None, _CONTROL_BYTES))
    # A stray control character is shown as U+FFFD; a file full of them is no text.
    if controls > max(16, len(body) * _MAX_CONTROL_SHARE):
        raise UnreadablePage(f"binary: {controls} of {len(body)} bytes are control characters")
