"""Where a web archive has its index and its mementos, and times as web archives write them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

INTERNET_ARCHIVE: Final = "https://web.archive.org"

_STAMP: Final = re.compile(r"[0-9]{14}\Z", re.ASCII)
_REPLAY: Final = re.compile(r"([0-9]{1,14})([a-z]{2}_)?/(.+)\Z", re.ASCII | re.DOTALL)
_RAW: Final = "id_"
"""Behind a time: the bytes as they were captured, nothing rewritten."""
_DATE: Final = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class Memento:
    """What the address of a memento names."""

    stamp: str
    """The time, as far as it is written: up to 14 digits."""
    url: str
    """What was captured."""


@dataclass(frozen=True, slots=True)
class Access:
    """One way to ask a web archive."""

    index: str
    """Address of its index."""
    replay: str
    """What stands before the time in the address of a memento."""

    def memento(self, stamp: str, url: str) -> str:
        """Return the address of the bytes captured of ``url`` at ``stamp``."""
        return f"{self.replay}{stamp}{_RAW}/{url}"

    def parse(self, address: str, base: str | None = None) -> Memento | None:
        """Return what an address names that is one of a memento in this archive; None for every other one.

        Scheme and ``www.`` do not matter: archives write their own addresses in several ways.

        :param base: what a relative address is relative to
        """
        try:
            absolute = urljoin(base or self.replay, address)
            found, own = urlsplit(absolute), urlsplit(self.replay)
            same = _host(found.netloc) == _host(own.netloc)
        except ValueError:
            return None
        if found.scheme not in {"http", "https"} or not same or not found.path.startswith(own.path):
            return None
        rest = absolute.partition("://")[2].partition("/")[2]
        match = _REPLAY.match(f"/{rest}"[len(own.path) :])
        return Memento(match[1], match[3]) if match else None


def ways(webarchive: str) -> list[Access]:
    """Return the ways in which a web archive at that address may be asked, the likeliest first.

    The Internet Archive has its index at ``/cdx/search/cdx`` and mementos under ``/web/``; a
    collection of pywb has both beside each other, ``/psg/cdx`` and ``/psg/2010…id_/``.
    """
    base = webarchive.rstrip("/")
    collection = Access(f"{base}/cdx", f"{base}/")
    root = Access(f"{base}/cdx/search/cdx", f"{base}/web/")
    if not urlsplit(base).path:
        return [root, collection]
    above = base.removesuffix("/web")
    internet_archive = [Access(f"{above}/cdx/search/cdx", f"{above}/web/")] if above != base else []
    return [collection, *internet_archive, root]


def instant(stamp: str) -> str | None:
    """Return a time of 14 digits as RFC 3339 UTC; None for what is no time.

    >>> instant("20080512101600"), instant("20081312101600"), instant("2008")
    ('2008-05-12T10:16:00Z', None, None)
    """
    if not _STAMP.match(stamp):
        return None
    try:
        moment = datetime.strptime(stamp, _DATE).replace(tzinfo=UTC)
    except ValueError:
        return None
    return written(moment)


def stamp_of(when: str) -> str:
    """Return a time in RFC 3339 UTC as 14 digits.

    >>> stamp_of("2008-05-12T10:16:00Z")
    '20080512101600'
    """
    return "".join(character for character in when if character.isdigit())


def memento_datetime(value: str | None) -> str | None:
    """Return the time that a ``Memento-Datetime`` (RFC 7089, 2.1.1) names as RFC 3339 UTC; None for what is none.

    >>> memento_datetime("Mon, 12 May 2008 10:16:00 GMT")
    '2008-05-12T10:16:00Z'
    >>> memento_datetime("soon") is None
    True
    """
    try:
        moment = parsedate_to_datetime(value or "")
        return written(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError, TypeError):
        return None


def written(moment: datetime) -> str:
    """Return a moment, aware, as RFC 3339 UTC, whole seconds."""
    # Not ``%Y``: it writes early years with fewer digits.
    return f"{moment.year:04d}{moment:-%m-%dT%H:%M:%SZ}"


def _host(netloc: str) -> str:
    host = netloc.lower().removeprefix("www.")
    return host.removesuffix(":80").removesuffix(":443")
