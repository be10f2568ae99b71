"""Where requests may go, hop by hop, and whose answers are taken."""

import sys
from typing import Final, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, DownloadFailedError, IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from psgcrawl.errors import CrawlEnds
from psgcrawl.manners.addresses import Origin, may_connect, names_loopback, origin_of
from psgcrawl.middlewares.handler import TooManyHeaders
from psgcrawl.middlewares.resolver import REFUSED, PublicResolver
from psgcrawl.run import Run, run_of

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ROBOTS: Final = "/robots.txt"


class Refused(IgnoreRequest):
    """A request that is not made, or whose answer is not taken; the message says why, in words for a person."""


class Over(Refused, CrawlEnds):
    """A request that is not made because none is to be made any more."""


class OriginsMiddleware:
    """Outermost: lets out what goes to the spider's ``origins``, and sees to it that every failure is told."""

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self._crawler = crawler
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Tell the crawler's run."""
        return cls(crawler, run_of(crawler))

    def process_request(self, request: Request) -> None:
        """Let a request of the site pass.

        :raises Refused: for every other one
        """
        # Without it a request that fails would be gone without a word.
        if request.errback is None and request.callback is not NO_CALLBACK:
            request.errback = self._untold
        if origin_of(request.url) not in _origins(self._crawler):
            raise Refused(f"another site: {request.url}: it is not asked")
        host = _host(request.url)
        if not names_loopback(host) and not _resolver_stands():
            raise Refused(f"{host}: its address would not be checked: TWISTED_DNS_RESOLVER is not the project's own")

    def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002 - as Scrapy calls it
        """Say it in words where a connection failed for the last time: Twisted lists objects.

        :raises Refused: then
        """
        reasons = getattr(exception.__cause__, "reasons", None)
        if isinstance(exception, DownloadFailedError) and reasons:
            raise Refused("; ".join(map(_in_words, reasons))) from exception

    def _untold(self, failure: Failure) -> None:
        url = failure.request.url  # type: ignore[attr-defined]  # set by Scrapy for errbacks
        self._run.bad(f"{url}: {failure.getErrorMessage() or type(failure.value).__name__}")


class RedirectsMiddleware(RedirectMiddleware):
    """Follows redirects within the spider's ``origins``; each one that it does not follow fails its request, told."""

    def process_response(  # type: ignore[override]  # the spider as a third argument is deprecated
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the next request of a redirect, or the response.

        :raises Refused: for a redirect to another site, to where the request has been, after
            too many of them, or to what is no web address
        """
        try:
            found = super().process_response(request, response)
        except IgnoreRequest as error:
            raise Refused(f"redirected more than {self.max_redirect_times} times (REDIRECT_MAX_TIMES)") from error
        except ValueError as error:
            raise Refused(_no_web_address(response)) from error
        if isinstance(found, Request):
            return self._checked(request, found)
        if request.meta.get("dont_redirect"):
            return found
        if response.status in _REDIRECTS and "Location" in response.headers:
            raise Refused(_no_web_address(response))
        return found

    def _checked(self, request: Request, onward: Request) -> Request:
        if origin_of(onward.url) not in _origins(self.crawler):
            raise Refused(f"redirected to another site: {onward.url}")
        before = [*request.meta.get("redirect_urls", []), request.url]
        if _plain(onward.url) in map(_plain, before):
            raise Refused(f"redirected in a circle: {onward.url}")
        # The duplicates filter would drop one that leads to a page which was asked for already, without a word.
        onward.dont_filter = True
        return onward


class AnswersMiddleware:
    """Near to the downloader, behind the evidence: whose answer it is, and whether it is a whole one."""

    def __init__(self, crawler: Crawler) -> None:
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Let an answer pass.

        :raises Refused: for one from an address to which the crawl may not go (a second line
            behind the resolver), and for a success that is no whole page (206 and the like)
        """
        host = _host(request.url)
        if response.ip_address is not None and not may_connect(host, str(response.ip_address)):
            raise Refused(_no_public(host, [str(response.ip_address)]))
        taken = request.meta.get("handle_httpstatus_all")
        if 200 < response.status < 300 and not taken and urlsplit(request.url).path != _ROBOTS:
            raise Refused(f"the server answered {response.status}: only 200 is a page")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Say why, where the exception does not: no address to go to, headers or a body without end. Once is enough.

        :raises Refused: then
        """
        host = _host(request.url)
        for reason in getattr(exception.__cause__, "reasons", ()):
            if reason.check(TooManyHeaders):
                raise Refused(reason.getErrorMessage()) from exception
        if isinstance(exception, DownloadCancelledError) and not str(exception):
            raise Refused(f"larger than {self._most} bytes (DOWNLOAD_MAXSIZE)") from exception
        if isinstance(exception, CannotResolveHostError) and host in REFUSED:
            raise Refused(_no_public(host, REFUSED[host])) from exception


def _origins(crawler: Crawler) -> frozenset[Origin]:
    """Return where requests may go; a spider that does not say it may go nowhere."""
    found: frozenset[Origin] = getattr(crawler.spider, "origins", frozenset())
    return found


def _in_words(reason: Failure) -> str:
    """Return why a download failed; an error of a value says the value alone, so that its kind stands in front."""
    said: str = reason.getErrorMessage()
    return f"{type(reason.value).__name__}: {said}" if isinstance(reason.value, ValueError) else said


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _plain(url: str) -> str:
    return url.partition("#")[0]


def _no_web_address(response: Response) -> str:
    location = (response.headers["Location"] or b"").decode("latin-1")
    return f"redirected to what is no web address: {location!a}"


def _no_public(host: str, addresses: list[str]) -> str:
    where = "this machine" if names_loopback(host) else "the public internet"
    return f"{host} is at {', '.join(addresses)}: no address of {where}: it is not asked"


def _resolver_stands() -> bool:
    # Not imported: that would install a reactor where none is.
    reactor = sys.modules.get("twisted.internet.reactor")
    return isinstance(getattr(reactor, "nameResolver", None), PublicResolver)
