"""How digests are written in WARC files and CDX indexes: ``sha1:`` and base 32."""

from base64 import b32encode, urlsafe_b64encode
from hashlib import sha1, sha256
from typing import Final

_SHA1: Final = "sha1:"


def labelled(data: bytes) -> str:
    """Return the SHA-1 of ``data`` as CDX indexes have it.

    >>> labelled(b"")
    'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    return _SHA1 + b32encode(sha1(data, usedforsecurity=False).digest()).decode("ascii")


def agrees(digest: str, data: bytes) -> bool | None:
    """Tell whether ``digest``, as some writer wrote it, is that of ``data``; None for an algorithm not known here.

    SHA-1 and SHA-256, in base 32 or hexadecimal.

    >>> agrees("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", b""), agrees("md5:0", b"")
    (True, None)
    """
    algorithm, _, value = digest.strip().partition(":")
    function = {"sha1": sha1, "sha-1": sha1, "sha256": sha256, "sha-256": sha256}.get(algorithm.lower())
    if function is None:
        return None
    computed = function(data).digest()
    if len(value) == 2 * len(computed):
        return value.lower() == computed.hex()
    return value.upper().rstrip("=") == b32encode(computed).decode("ascii").rstrip("=")


def name_of(data: bytes) -> str:
    """Return the URI of data that have no address: their SHA-256, as RFC 6920 names things.

    >>> name_of(b"")
    'ni:///sha-256;47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
    """
    return "ni:///sha-256;" + urlsafe_b64encode(sha256(data).digest()).decode("ascii").rstrip("=")
