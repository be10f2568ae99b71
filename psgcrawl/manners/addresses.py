"""Where a crawl may go: the origins of its site, and addresses of the public internet only.

A page or a redirect can name any address: one of this machine, of the network that it
stands in, of a cloud's metadata service (169.254.169.254). What answers there is not the
site's, and may be nobody's business.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from psgcrawl.errors import UsageError

Origin = tuple[str, int | None]
"""A host in lower case, without ``www.``; its port, or None for the scheme's own."""

_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
"""Names and addresses as they stand in a request; what else a parser lets through, another one reads otherwise."""
_LOCALHOST: Final = re.compile(r"(?:.+\.)?localhost")
_REMEMBERED: Final = 256
"""Answers that are kept: each request of a crawl asks the same."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""IPv4 addresses inside of IPv6 ones (RFC 6052): the gateway connects to them."""


def origin_of(url: str) -> Origin | None:
    """Return the origin of an address; None for one to which no crawl goes.

    Both schemes and ``www.`` are one origin. Addresses with a user or a password have none.

    >>> origin_of("https://www.perusupportgroup.org.uk:443/news.php")
    ('perusupportgroup.org.uk', None)
    >>> origin_of("http://127.0.0.1:8000/")
    ('127.0.0.1', 8000)
    >>> origin_of("ftp://perusupportgroup.org.uk/") is None
    True
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    return host.removeprefix("www."), None if port == _PORTS[parts.scheme] else port


def origins(base: str, name: str = "base") -> frozenset[Origin]:
    """Return the origins that a crawl of the site at ``base`` may ask.

    :param name: of the argument that says so, for messages
    :raises UsageError: for what is no http or https address, and for a number that is no
        address of the public internet or of this machine
    """
    origin = origin_of(base)
    if origin is None:
        raise UsageError(f"{name}: {base!r} is no http or https address of a site (https://example.org)")
    if _is_address(origin[0]) and not may_connect(origin[0], origin[0]):
        raise UsageError(f"{name}: {base!r} is neither on the public internet nor on this machine")
    return frozenset({origin})


@lru_cache(_REMEMBERED)
def names_loopback(host: str) -> bool:
    """Tell whether a host, as it is written, is this machine: ``localhost``, ``127.0.0.1``, ``::1``.

    >>> names_loopback("127.0.0.1"), names_loopback("2130706433"), names_loopback("::ffff:127.0.0.1")
    (True, False, False)
    """
    host = host.lower().removesuffix(".")
    try:
        address = ip_address(host)
    except ValueError:
        return _LOCALHOST.fullmatch(host) is not None
    return _inside(address) is None and address.is_loopback


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet, as the IANA's registries of special addresses say.

    An IPv6 address that stands for an IPv4 address is public if both are.

    >>> is_public("192.0.2.1"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1"), is_public("8.8.8.8")
    (False, False, False, True)
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    inside = _inside(found)
    if inside is not None:
        return _is_global(inside)
    return _is_global(found)


@lru_cache(_REMEMBERED)
def may_connect(host: str, address: str) -> bool:
    """Tell whether a connection for ``host``, as the request writes it, may go to ``address``.

    A host that names this machine is found on it only, every other one on the public
    internet only: whatever the name service says, and whenever it says something else.
    """
    if not names_loopback(host):
        return is_public(address)
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local)


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for: mapped, 6to4, Teredo, NAT64."""
    if not isinstance(address, IPv6Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo
