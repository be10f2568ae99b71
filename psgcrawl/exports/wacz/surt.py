"""Addresses as the keys by which indexes of web archives are sorted and searched (SURT).

The rules are those of the Internet Archive's indexes, which pywb and the other readers
of CDX follow; ``tests/service`` holds them against an independent implementation.
"""

import re
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

_ADDRESS: Final = re.compile(
    rb"(?P<scheme>https?)://(?:[^/?#@]*@)?(?P<host>[^/?#:]+)(?::(?P<port>[0-9]*))?"
    rb"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
LONGEST: Final = 16 * 1024
"""Length of the longest address that gets a key, in bytes. Servers allow half of it; far longer ones are an attack."""

_ROUNDS: Final = 32
"""How often escapes inside escapes are undone."""
_SAFE: Final = rb"""!"$&'()*+,-./:;<=>?@[\]^_`{|}~"""
_WWW: Final = re.compile(rb"www[0-9]*\.")
_DEFAULT_PORTS: Final = {b"http": b"80", b"https": b"443"}
_SESSIONS: Final = tuple(
    re.compile(rb"^(.*)" + name + rb"(?:&(.*))?$", re.DOTALL)
    for name in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)
"""What a session adds to a query; lower case, as the query is by then."""


def key(url: str) -> str | None:
    """Return the key of an address of the web; None for every other one, and for one longer than :data:`LONGEST`.

    >>> key("http://www.perusupportgroup.org.uk/news.php?position=10")
    'uk,org,perusupportgroup)/news.php?position=10'
    >>> key("https://Example.org:443/A/?PHPSESSID=0123456789abcdef0123456789abcdef&b=2&a=1#c")
    'org,example)/a?a=1&b=2'
    >>> key("ni:///sha-256;47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU") is None
    True
    """
    address = url.strip().encode("utf-8", "surrogateescape")
    match = _ADDRESS.match(re.sub(rb"[\n\r\t]", b"", address)) if len(address) <= LONGEST else None
    if match is None:
        return None
    host = _host(match["host"])
    port = match["port"] or b""
    if port and port != _DEFAULT_PORTS[match["scheme"].lower()]:
        host += b":" + port
    query = _query(_escaped(match["query"] or b"").lower())
    found = host + b")" + _path(match["path"]) + (b"?" + query if query else b"")
    return found.decode("ascii")


def _host(host: bytes) -> bytes:
    name = _escaped(host.lower()).replace(b"..", b".").strip(b".")
    www = _WWW.match(name)
    return b",".join(reversed((name[www.end() :] if www else name).split(b".")))


def _path(path: bytes) -> bytes:
    """Return a path in lower case, without empty and dotted parts, and without the slash at its end.

    What goes beyond the root stays, as in the indexes of others.
    """
    kept: list[bytes] = []
    for part in _unescaped(path).split(b"/")[1:]:
        if part == b".." and kept:
            kept.pop()
        elif part != b".":
            kept.append(part)
    return _escape(b"/" + b"/".join(filter(None, kept))).lower()


def _query(query: bytes) -> bytes:
    """Return a query without session, its parameters in order."""
    for session in _SESSIONS:
        match = session.match(query)
        if match:
            query = match[1] + (match[2] or b"")
    parameters = (tuple(parameter.split(b"=", 1)) for parameter in query.split(b"&"))
    return b"&".join(b"=".join(parameter) for parameter in sorted(parameters))


def _escaped(data: bytes) -> bytes:
    return _escape(_unescaped(data))


def _unescaped(data: bytes) -> bytes:
    """Return ``data`` without percent signs that stand for something, though it was escaped several times."""
    for _ in range(_ROUNDS):
        once = unquote_to_bytes(data)
        if once == data:
            break
        data = once
    return data


def _escape(data: bytes) -> bytes:
    return quote_from_bytes(data, safe=_SAFE).encode("ascii")
