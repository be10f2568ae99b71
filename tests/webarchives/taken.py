"""A capture as a web archive holds it."""

import gzip
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from typing import Final
from urllib.parse import urlsplit

_SESSION: Final = re.compile(r"(?<=[?&])PHPSESSID=[0-9a-f]{32}(?:&|\Z)", re.IGNORECASE)
_DEFAULT_PORT: Final = {"http": 80, "https": 443}
_REASONS: Final = {200: "OK", 301: "Moved Permanently", 302: "Found", 404: "Not Found", 500: "Internal Server Error"}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One answer of the site that a crawler kept."""

    url: str
    """As it was asked for: with its port, its session, its scheme."""
    stamp: str
    """When, 14 digits, UTC."""
    text: bytes
    """The page, without any encoding of content or transfer."""
    status: int = 200
    content_type: str | None = "text/html"
    location: str | None = None
    """Where it leads, as the site wrote it."""
    gzipped: bool = False
    chunked: bool = False
    cut: bool = False
    """Whether the crawler got less than there was. The site announced no length, so that nothing else shows it."""
    repeats: str | None = None
    """The time of the capture of the same address that it is a revisit of."""

    @property
    def payload(self) -> bytes:
        """What digests are of: without transfer encoding, with that of content."""
        return gzip.compress(self.text, mtime=0) if self.gzipped else self.text

    @property
    def digest(self) -> str:
        """SHA-1 of the payload in Base32, as indexes have it."""
        return b32encode(sha1(self.payload, usedforsecurity=False).digest()).decode()

    @property
    def moment(self) -> datetime:
        """When, UTC."""
        return datetime.strptime(self.stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    @property
    def media_type(self) -> str:
        """As indexes have it."""
        return (self.content_type or "unk").partition(";")[0].strip()

    @property
    def reason(self) -> str:
        """The words after the status."""
        return _REASONS[self.status]

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers of the site's answer, in its order."""
        found = [("Date", f"{self.moment:%a, %d %b %Y %H:%M:%S} GMT"), ("Server", "Apache/2.2.3 (CentOS)")]
        if self.location is not None:
            found.append(("Location", self.location))
        if self.gzipped:
            found.append(("Content-Encoding", "gzip"))
        if self.chunked:
            found.append(("Transfer-Encoding", "chunked"))
        elif not self.cut:
            found.append(("Content-Length", str(len(self.payload))))
        return [*found, ("Content-Type", self.content_type)] if self.content_type else found

    def key(self, *, sessions: bool = False) -> str:
        """Return what indexes sort by: host labels from the right, path, query; schemes and ``www`` are none of it.

        :param sessions: whether the ``&`` before a last session parameter stays, as in pywb
        """
        return urlkey(self.url, sessions=sessions)


def urlkey(url: str, *, sessions: bool = False) -> str:
    """Return the key of an address; see :meth:`Taken.key`.

    >>> urlkey("https://www.perusupportgroup.org.uk:443/News.php?position=10")
    'uk,org,perusupportgroup)/news.php?position=10'
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = re.sub(r"\Awww\d*\.", "", parts.hostname or "")
    port = "" if parts.port in {None, _DEFAULT_PORT.get(parts.scheme)} else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    query = _SESSION.sub("", query)
    query = query.removesuffix("?") if sessions else query.rstrip("?&")
    arguments = "&".join(sorted(query[1:].split("&"))) if query else ""
    shown = f"?{arguments}" if arguments else ""
    return f"{','.join(reversed(host.split('.')))}{port}){parts.path.lower() or '/'}{shown.lower()}"
