"""Manifests without the list of their sources: one for every page, and next to all of a large manifest.

What is looked for in a manifest (no key twice, spaces and escapes as this program writes them) is looked for in some
sources at a time: the 100,000 of a million entries are 16 MB, and as objects of Python 70 more.
"""

from typing import Final

import msgspec

from psgcrawl.archive import jsonl

_OPENED: Final = b'\n  "sources": [\n'
_CLOSED: Final = b"\n  ]"
_NONE: Final = b'\n  "sources": []'
"""How the list begins and ends where a manifest is indented as this program does it, and how it is written without
any; no string holds a line feed."""
_LAST: Final = b"\n    }"
_BETWEEN: Final = _LAST + b",\n"
"""How a source ends, and one that is not the last."""

LONG: Final = 1 << 16
"""Bytes of a manifest from which on its sources are looked through apart, and of those that are at once."""

_sources: Final = msgspec.json.Decoder(list[dict[str, str]])


def without_sources(data: bytes) -> bytes:
    r"""Return a manifest with ``[]`` in place of its sources, or as it is: where it is short, or they are not sound.

    The result is sound JSON, without a key given twice, exactly if ``data`` is; and it is as
    :func:`psgcrawl.archive.jsonl.is_as_manifests_are` wants it exactly if ``data`` is.
    """
    at = data.find(_OPENED) if len(data) >= LONG else -1
    start = at + len(_OPENED)
    end = data.find(_CLOSED, start)
    if at < 0 or end < 0:
        return data
    while (cut := data.find(_BETWEEN, min(start + LONG, end), end)) >= 0:
        if not _are_sound(data[start : cut + len(_LAST)]):
            return data
        start = cut + len(_BETWEEN)
    return b"".join((data[:at], _NONE, data[end + len(_CLOSED) :])) if _are_sound(data[start:end]) else data


def _are_sound(sources: bytes) -> bool:
    """Tell whether these are some sources: objects of texts, with no key twice, written as they must be."""
    try:
        found = _sources.decode(b"[" + sources + b"]")
        written = msgspec.json.format(jsonl.dumps({"sources": found}), indent=2)
    except ValueError:
        return False
    return written == b"{" + _OPENED + sources + _CLOSED + b"\n}"
