"""Downloads over HTTP, with a limit where Scrapy has none: what stands in front of the body."""

from typing import TYPE_CHECKING, Final

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.web._newclient import Request
    from twisted.web.iweb import IResponse

MOST_HEADERS: Final = 256 * 1024
"""Bytes of status lines and headers of a response; servers themselves take 8 to 64 KiB. A read more may come in."""


class TooManyHeaders(Exception):
    """A response whose headers do not end."""


class BoundedHandler(HTTP11DownloadHandler):
    """Scrapy's handler, with connections that end where headers do not.

    ``DOWNLOAD_MAXSIZE`` counts bodies only. Header lines without end, or ``100 Continue``
    again and again, would take 450 MB in the 30 seconds of ``DOWNLOAD_TIMEOUT``.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Neither Scrapy nor Twisted has a public way to it.
        self._pool._factory = _Factory  # noqa: SLF001


class _Protocol(_LenientHTTP11ClientProtocol):
    def request(self, request: "Request") -> "Deferred[IResponse]":
        self._before_body = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - of Twisted's interface
        if self._parser is not None and self._parser.state in {STATUS, HEADER}:
            self._before_body += len(data)
            if self._before_body > MOST_HEADERS:
                problem = TooManyHeaders(f"its headers are over {MOST_HEADERS} bytes")
                self._giveUp(Failure(problem))  # type: ignore[no-untyped-call]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _Protocol:  # noqa: N802, ARG002 - of Twisted's interface
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
