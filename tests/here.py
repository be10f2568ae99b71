"""A download handler for crawls in this process, where no reactor is: the standard library's client, in a thread."""

import asyncio
import http.client
from ipaddress import ip_address
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

LIVE = {"http": "tests.here.Direct", "https": None, "file": None, "data": None, "ftp": None, "s3": None}
"""For ``DOWNLOAD_HANDLERS``."""


class Direct(BaseDownloadHandler):
    """Fetches over HTTP; bodies and failures come as those of Scrapy's own handler do."""

    async def download_request(self, request: Request) -> Response:
        timeout = self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        response = await asyncio.to_thread(_fetch, request, timeout)
        self.crawler.signals.send_catch_log(
            signal=signals.bytes_received, data=response.body, request=request, spider=self.crawler.spider
        )
        return response


def _fetch(request: Request, timeout: float) -> Response:
    parts = urlsplit(request.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    headers = {name.decode(): b", ".join(values).decode("latin-1") for name, values in request.headers.items()}
    try:
        connection.request(
            request.method, parts._replace(scheme="", netloc="", fragment="").geturl() or "/", None, headers
        )
        return _response(request, connection.getresponse())
    except ConnectionRefusedError as error:
        raise DownloadConnectionRefusedError(str(error)) from error
    except TimeoutError as error:
        raise DownloadTimeoutError(str(error)) from error
    except (OSError, http.client.HTTPException) as error:
        raise DownloadFailedError(str(error)) from error
    finally:
        connection.close()


def _response(request: Request, answer: http.client.HTTPResponse) -> Response:
    flags = []
    try:
        body = answer.read()
    except http.client.IncompleteRead as error:
        body, flags = error.partial, ["dataloss"]
    headers = Headers([(name, value) for name, value in answer.getheaders()])
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(
        request.url,
        status=answer.status,
        headers=headers,
        body=body,
        flags=flags,
        request=request,
        ip_address=ip_address("127.0.0.1"),
        protocol="HTTP/1.1",
    )
