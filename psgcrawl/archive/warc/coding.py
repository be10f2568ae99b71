"""Content encodings undone, each within a limit: what was compressed says nothing of how large it was."""

import zlib
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Final, Protocol

from msgspec import Struct

from psgcrawl.errors import UnreadablePage

_PIECE: Final = 4096
"""How much is decompressed in one go: small, for what follows a short gzip member is copied each time."""
_GZIP_MAGIC: Final = b"\x1f\x8b"


class _Machine(Protocol):
    """A decompressor as zlib has it."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Format(Struct, frozen=True):
    start: Callable[[], _Machine]
    error: type[Exception]
    several: bool = False
    """Whether the format allows several members (frames), one after the other."""


def undone(encoding: str, payload: bytes, limit: int) -> bytes:
    """Return ``payload`` without the content ``encoding`` (lower case).

    Decompressing stops once there are ``limit`` bytes (one at least), or a little later.
    Nothing is nothing, whatever its encoding (an answer without body may name that of the
    page). Data that say ``gzip`` and are not (their writer undid it and kept the header)
    are taken as they stand.

    :raises UnreadablePage: for data that end early, do not fit their checksum or their
        encoding, or go on after their end; for an encoding that is not known here, or
        whose package is not installed
    """
    if not payload:
        return b""
    match encoding:
        case "gzip" | "x-gzip":
            if not _GZIP_MAGIC.startswith(payload[:2]):
                return payload
            form = _Format(lambda: zlib.decompressobj(31), zlib.error, several=True)
        case "deflate":
            window = 15 if _has_zlib_header(payload) else -15
            form = _Format(lambda: zlib.decompressobj(window), zlib.error)
        case "br":
            module = _package("br", "brotli")
            form = _Format(lambda: _Brotli(module), module.error)
        case "zstd":
            module = _package("zstd", "compression.zstd", "backports.zstd")
            form = _Format(module.ZstdDecompressor, module.ZstdError, several=True)
        case _:
            raise UnreadablePage(f"Content-Encoding: {encoding!r} is not known here")
    return _unpacked(form, payload, limit)


def _unpacked(form: _Format, payload: bytes, limit: int) -> bytes:
    found = bytearray()
    position = 0
    while position < len(payload):
        if position and not form.several:
            raise UnreadablePage("Content-Encoding: the data go on after their end")
        machine = form.start()
        while not machine.eof:
            piece = payload[position : position + _PIECE]
            if not piece:
                raise UnreadablePage("Content-Encoding: the data end early")
            position += len(piece)
            try:
                # Less than it may return means that it has used all it was given.
                found += machine.decompress(piece, limit - len(found))
            except form.error as error:
                raise UnreadablePage(f"Content-Encoding: the data are damaged: {error}") from error
            if len(found) >= limit:
                return bytes(found)
        position -= len(machine.unused_data)
    return bytes(found)


def _has_zlib_header(payload: bytes) -> bool:
    # ``deflate`` means the zlib format (RFC 9110, 8.4.1.2), but some servers send the bare data, which never
    # begin like this: it would be a stored block with a bit set in its padding.
    return payload[0] & 15 == 8 and int.from_bytes(payload[:2]) % 31 == 0


class _Brotli:
    """Its decompressor with the names of zlib's."""

    unused_data = b""

    def __init__(self, module: ModuleType) -> None:
        self._machine: Any = module.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._machine.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        found: bytes = self._machine.process(data, output_buffer_limit=max_length)
        return found


def _package(encoding: str, *modules: str) -> ModuleType:
    for name in modules:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise UnreadablePage(f"Content-Encoding: {encoding!r} needs the Python package {modules[-1]!r}")
