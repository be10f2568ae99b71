"""Manifests without their table schemas, which are most of their bytes, and the same in nearly all manifests.

What is looked for in a manifest (fields of their types, no key twice) is looked for in
each distinct schema once, and in the rest of each manifest: a quarter of the bytes.
"""

from typing import Final

import msgspec

from psgcrawl.archive import jsonl

_BEGINNING: Final = b'"schema": '
_OPENED: Final = _BEGINNING + b"{\n"
_DEPTH: Final = b"\n      "
_CLOSED: Final = _DEPTH + b"}"
"""How a schema ends where a manifest is indented as this program does it; no string holds a line feed."""

_KNOWN: Final = 64
"""Schemas that are remembered."""
_sound: list[bytes] = []
"""Those that were looked through and are sound, the latest first: to find one again takes a quarter of the time that
its end and its hash would."""


def without_schemas(data: bytes) -> bytes:
    r"""Return the manifest ``data`` with ``{}`` in place of each table schema, or as it is, if one is not sound.

    The result is sound JSON, without a key given twice, exactly if ``data`` is.

    >>> without_schemas(b'{"resources": [{"schema": {\n        "fields": []\n      }}]}')
    b'{"resources": [{"schema": {}}]}'
    """
    parts: list[bytes] = []
    at = 0
    while (found := data.find(_OPENED, at)) >= 0:
        first = found + len(_BEGINNING)
        schema = next((one for one in _sound if data.startswith(one, first)), None) or _learnt(data, first)
        if schema is None:
            return data
        parts += (data[at:first], b"{}")
        at = first + len(schema)
    parts.append(data[at:])
    return b"".join(parts)


def _learnt(data: bytes, first: int) -> bytes | None:
    """Return the schema that begins there, and know it from now on; None if it is not sound."""
    end = data.find(_CLOSED, first) + len(_CLOSED)
    if end <= first or not _is_sound(data[first:end]):
        return None
    del _sound[_KNOWN - 1 :]
    _sound.insert(0, data[first:end])
    return _sound[0]


def _is_sound(schema: bytes) -> bool:
    """Tell whether a schema is one JSON object, in ASCII, that gives no key twice."""
    try:
        # It stands at a depth of three; without that it is indented as a manifest is, and looked through as fast.
        found = msgspec.json.decode(schema)
        jsonl.refuse_duplicates(schema.replace(_DEPTH, b"\n") + b"\n")
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and schema.isascii()
