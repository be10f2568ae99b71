r"""Canonical lines of JSON: the same record is the same bytes, everywhere and always.

Written: compact, fields as declared, ASCII only, no NaN. Read: split at ``\n`` only
(U+2028 and NEL are text), everything checked against the record's type, duplicate keys
refused. Fields that a reader does not know are ignored, so that later versions may add
some.
"""

import codecs
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from psgcrawl.errors import DamagedData

T = TypeVar("T")

_PIECE: Final = 1 << 20
"""Bytes from which on lines are written at once."""
_AT_ONCE: Final = 32
"""Lines that are encoded at once."""
BLOCK: Final = 1 << 15
"""Bytes from which on no further line is read at once with others: as many as those lines, and little in memory."""
_ENCODER: Final = msgspec.json.Encoder()
_MISSING: Final = re.compile(r"Object missing required field `([^`]*)`")


def dumps(record: object) -> bytes:
    r"""Return ``record`` as compact JSON, byte for byte what ``json.dumps(ensure_ascii=True)`` writes.

    The line end is not included. Records hold no floats, so no NaN can occur.

    :raises ValueError: for a lone surrogate, which is no text (:mod:`psgcrawl.text` shows it as U+FFFD)

    >>> dumps({"title": "Perú\u2028", "issue": None})
    b'{"title":"Per\\u00fa\\u2028","issue":null}'
    """
    return _ascii(_ENCODER.encode(record))


def text(record: object) -> str:
    """Return what :func:`dumps` does, as text."""
    return dumps(record).decode("ascii")


def dump_lines(records: Iterable[object]) -> bytes:
    """Return ``records`` as a file of lines, each ended by a line feed; nothing gives no bytes."""
    if isinstance(records, list | tuple) and len(records) <= _AT_ONCE:
        # The entries of a page, of which a crawl has many: what takes them in pieces takes as long as they do.
        return _ascii(_ENCODER.encode_lines(records))
    return b"".join(pieces(records))


def split(data: bytes) -> list[bytes]:
    """Return the lines of ``data`` with their ends, in a quarter of the time that ``splitlines`` takes.

    That looks at each byte by itself, for a carriage return could end a line, too.
    """
    return BytesIO(data).readlines()


def pieces(records: Iterable[object]) -> Iterator[bytes]:
    """Yield what :func:`dump_lines` returns, in pieces of whole lines: in memory is hardly more than one of them."""
    rest = iter(records)
    lines: list[bytes] = []
    size = 0
    # Some lines at once: three times as fast as one by one. More are slower again: they do not stay in the cache.
    while block := _ENCODER.encode_lines(islice(rest, _AT_ONCE)):
        lines.append(_ascii(block))
        size += len(lines[-1])
        if size >= _PIECE:
            yield b"".join(lines)
            lines, size = [], 0
    if lines:
        yield b"".join(lines)


def _ascii(data: bytes) -> bytes:
    """Return JSON in UTF-8 as JSON in ASCII: what is none is escaped, as ``json.dumps`` does it.

    Each step is a pass through all of it in C: a fifth of the time of a call of Python for each letter, as a regular
    expression or the handler of an encoding's errors makes them.
    """
    if not data.isascii():
        # Beyond U+FFFF, which is four bytes of UTF-8, JSON wants two escapes, and Python writes one.
        beyond = any(lead in data for lead in _FOUR_BYTES)
        # Up to U+00FF a letter is a byte now, above it is an escape.
        data = data.decode("utf-8").encode("latin-1", _IN_PAIRS if beyond else "backslashreplace")
        for letter in set(data.translate(None, _ALL_ASCII)):
            data = data.replace(bytes((letter,)), b"\\u%04x" % letter)
    # DEL is ASCII, but ``json.dumps`` escapes it like everything outside space to tilde.
    return data.replace(b"\x7f", b"\\u007f")


_FOUR_BYTES: Final = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")
"""Each with which a character of four bytes can begin."""
_ALL_ASCII: Final = bytes(range(0x80))
_IN_PAIRS: Final = "psgcrawl.pairs"
"""How Python names what escapes a character beyond U+FFFF as a pair of surrogates."""


def _pairs(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - it is for encoding alone
    import json  # noqa: PLC0415 - rare, and no small part of the start of a command

    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error(_IN_PAIRS, _pairs)


def printable(text: str) -> str:
    r"""Return ``text`` with lone surrogates spelled out, so that it can be written.

    A file's name whose bytes are no UTF-8 comes from the system with such surrogates.

    >>> printable("caf\udce9.txt")
    'caf\\udce9.txt'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_lines(path: Path, kind: type[T]) -> Iterator[T]:
    """Yield the records of type ``kind`` that the lines of ``path`` hold, in their order.

    :raises DamagedData: ``file:line: problem``, for the first line that is not as it was written
    """
    number = 1
    for lines in _in_blocks(path):
        yield from canonical(lines, kind) or _one_by_one(path, number, lines, kind)
        number += len(lines)


def _one_by_one(path: Path, number: int, lines: Iterable[bytes], kind: type[T]) -> Iterator[T]:
    for place, line in _placed(path, number, lines):
        yield decode(line, kind, place)


def canonical(lines: Sequence[bytes], kind: type[T]) -> list[T] | None:
    """Return the records of type ``kind`` that ``lines`` (with their ends) hold, if they are written as it must be.

    In half the time of :func:`decode` for each; None where one of them is not canonical, be it damaged or only
    written otherwise.
    """
    data = b"".join(lines)
    try:
        found: list[T] = decoder(kind).decode_lines(data)
        return found if dump_lines(found) == data else None
    except (ValueError, RecursionError):
        return None


def whole_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the lines of ``path`` without their ends, each with its place for messages (``file:line``).

    :raises DamagedData: for a file that is missing, and for a last line that was cut off
    """
    return _placed(path, 1, chain.from_iterable(_in_blocks(path)))


def _in_blocks(path: Path) -> Iterator[list[bytes]]:
    """Yield the lines of a file with their ends, some at once."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise DamagedData(f"{path}: the file is missing") from error
    with file:
        while lines := file.readlines(BLOCK):
            yield lines


def _placed(path: Path, number: int, lines: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield each line with its place and without its end; the first has that number."""
    for at, line in enumerate(lines, number):
        place = f"{path}:{at}"
        if not line.endswith(b"\n"):
            raise DamagedData(f"{place}: the last line has no line end: it was cut off")
        yield place, line[:-1]


def decode(line: bytes, kind: type[T], place: str, *, unique: bool = True) -> T:
    """Return the record of type ``kind`` that ``line`` (without line end) holds.

    :param place: where the line stands, for the message
    :param unique: whether to look for duplicate keys; needless where the same bytes are decoded again
    :raises DamagedData: ``place: problem``
    """
    try:
        record = _checked(line, kind, unique=unique)
    except UnicodeDecodeError as error:
        byte = line[error.start]
        raise DamagedData(f"{place}: not UTF-8: byte 0x{byte:02x} at column {error.start + 1}") from error
    except RecursionError as error:
        raise DamagedData(f"{place}: nested too deeply") from error
    except msgspec.ValidationError as error:
        raise DamagedData(f"{place}: {_MISSING.sub(_no_field, str(error))}") from error
    except ValueError as error:
        raise DamagedData(f"{place}: {_explain(line, error)}") from error
    return record


def refuse_duplicates(data: bytes) -> None:
    """Look through a JSON document for an object that gives one key twice.

    Readers of JSON silently take the last of the two, so that a program and a person
    could see different things in one line.

    :raises ValueError: ``duplicate key 'id'``
    """
    if is_as_manifests_are(data):
        # Written again from its members it is the same: none was given twice. Looking is twenty times slower.
        return
    import json  # noqa: PLC0415 - as above

    # Numbers stay text: Python refuses to convert integers of thousands of digits.
    json.loads(data, object_pairs_hook=_unique, parse_int=str, parse_float=str)


def is_as_manifests_are(data: bytes) -> bool:
    """Tell whether a document is written as manifests are: indented by 2, in ASCII, a line feed behind it."""
    try:
        return msgspec.json.format(dumps(msgspec.json.decode(data)), indent=2) + b"\n" == data
    except (ValueError, RecursionError):
        return False


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Return what reads records of type ``kind``, made once for each type."""
    return _decoder(cast("Hashable", kind))


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _checked(line: bytes, kind: type[T], *, unique: bool) -> T:
    if not line.isascii():
        line.decode("utf-8")
    record: T = decoder(kind).decode(line)
    # What is canonical cannot hold a key twice, and looking is many times slower than writing.
    if unique and dumps(record) != line:
        refuse_duplicates(line)
    return record


def _explain(line: bytes, error: ValueError) -> str:
    if not line.strip():
        return "empty line"
    if isinstance(error, _DuplicateKey):
        return str(error)
    return f"not JSON: {error}"


class _DuplicateKey(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKey(f"duplicate key {key!r}")
        found[key] = value
    return found


def _no_field(match: re.Match[str]) -> str:
    return f"no {match[1]!r} field"
