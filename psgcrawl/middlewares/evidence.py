"""Every response becomes a record as it came over the wire; what the archive holds need not be sent again."""

import logging
from datetime import UTC, datetime
from typing import Final, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Response, TextResponse
from scrapy.responsetypes import responsetypes
from scrapy.utils.defer import deferred_from_coro

from psgcrawl.archive.warc.exchange import Exchange, Exchanges, request_message, response_message
from psgcrawl.archive.warc.holding import Held, Holding
from psgcrawl.archive.warc.making import Origin, Truncated
from psgcrawl.archive.warc.mementos import captured_message
from psgcrawl.archive.warc.message import Message
from psgcrawl.captures.live import FETCHED, WHOLE, Fetched
from psgcrawl.errors import UnreadablePage
from psgcrawl.layouts.reading import MAX_BYTES
from psgcrawl.run import Run, run_of
from psgcrawl.webarchive.asked import ASKED, BROUGHT, Asked

logger = logging.getLogger(__name__)

_OURS: Final = "psgcrawl_condition"
"""Marks, in a request's ``meta``, that its conditions are ours: copies of it (retries, redirects) carry them along."""
_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
_TRUNCATED: Final[dict[str, Truncated]] = {
    # The connection ended before the length that was announced.
    "dataloss": "disconnect",
    # No length was announced: only the body itself can show that its end is the end.
    "partial": "unspecified",
    "download_stopped": "unspecified",
}
_HTML_END: Final = b"</html>"
_TAIL: Final = 500
"""Length of what may follow the end of a page (comments, counters), in bytes."""


class _Sent:
    """A request on its way."""

    __slots__ = ("began", "held")

    def __init__(self, held: Held | None) -> None:
        self.held = held
        self.began: str | None = None


class EvidenceMiddleware:
    """Stands nearest to the downloader: sees each request as it goes out and each response with its raw body.

    Redirects, errors, ``robots.txt`` and retries are exchanges like all others. A body
    that is not what its header says is kept, asked for again as often as the settings
    allow, and then a failed request, with :class:`UnreadablePage` for its errback:
    stock Scrapy takes what it could decode for the page.
    """

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self._crawler = crawler
        self._run = run
        self._exchanges = Exchanges(lambda: run.evidence)
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE") or MAX_BYTES
        self._holding: Holding | None = None
        self._sent: dict[Request, _Sent] = {}
        self._stopped = False
        crawler.signals.connect(self.headers_received, signal=signals.headers_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Record into the crawler's run."""
        return cls(crawler, run_of(crawler))

    def process_request(self, request: Request) -> None:
        """Ask on condition where the archive holds the page."""
        request.meta.pop(FETCHED, None)
        request.meta.pop(BROUGHT, None)
        if request.meta.pop(_OURS, False):
            for name in _CONDITIONS:
                request.headers.pop(name, None)
        held = self._held(request)
        if held is not None:
            request.meta[_OURS] = True
            for name, value in zip(_CONDITIONS, (held.etag, held.modified), strict=True):
                if value is not None:
                    request.headers[name] = value.encode("latin-1")
        self._sent[request] = _Sent(held)

    def headers_received(self, request: Request) -> None:
        """Note the moment: a response is captured when it begins to arrive."""
        if request in self._sent:
            self._sent[request].began = _now()

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Keep the response, and hand on what it says: decoded, and with the archive's body where it said 304.

        :raises UnreadablePage: ``url: problem``, for a response that cannot be a page of its site
        """
        sent = self._sent.pop(request, None)
        if sent is None:  # made by another component, not fetched
            return response
        raw = response_message(response.protocol, response.status, response.headers.items(), response.body)
        exchange = _exchange(request, sent.began)
        truncated = next((_TRUNCATED[flag] for flag in response.flags if flag in _TRUNCATED), None)
        if truncated == "unspecified" and self._ends(raw):
            truncated = None
        address = None if response.ip_address is None else str(response.ip_address)
        asked = request.meta.get(ASKED)
        if isinstance(asked, Asked) and truncated != "disconnect" and asked.captured(raw) is not None:
            try:
                request.meta[BROUGHT] = self._captured(exchange, raw, asked, truncated)
            except OSError as error:
                raise self._full(error) from error
            # What it shows is read from its record; here nobody must try to unpack it.
            return response.replace(body=b"", headers=_without_encoding(response.headers))
        held = sent.held if response.status == 304 else None
        try:
            record = self._exchanges.answered(exchange, raw, address=address, truncated=truncated, held=held)
        except OSError as error:
            raise self._full(error) from error
        try:
            _refuse(response.status, truncated, held)
            fetched = self._fetched(exchange, record, raw, held, truncated)
            request.meta[FETCHED] = fetched
        except UnreadablePage as error:
            return self._again(request, UnreadablePage(f"{exchange.url}: {error}"))
        return _readable(response, fetched, held)

    def _captured(self, exchange: Exchange, raw: Message, asked: Asked, truncated: Truncated | None) -> str:
        """Keep a page that a web archive captured, and return the id of its record."""
        origin = Origin(
            url=asked.url,
            date=asked.captured(raw) or exchange.date,
            source=exchange.url,
            brought=exchange.date,
            digest=asked.digest,
        )
        captured = captured_message(raw, asked.digest, asked.target, self._limit)
        return self._exchanges.captured(exchange, origin, captured, truncated=truncated)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Keep that nothing came, and why; what other components refused to send was no request."""
        sent = self._sent.pop(request, None)
        if sent is None:
            return
        try:
            self._exchanges.failed(_exchange(request, sent.began), f"{type(exception).__name__}: {exception}")
        except OSError as error:
            raise self._full(error) from error

    def _held(self, request: Request) -> Held | None:
        collection = getattr(self._crawler.spider, "collection", None)
        if request.method != "GET" or not isinstance(collection, str) or request.meta.get(WHOLE):
            return None
        # The spider's own condition is its own affair.
        if any(name in request.headers for name in _CONDITIONS):
            return None
        if self._holding is None:
            self._holding = Holding(self._run.archive, collection, self._run.note)
        return self._holding.of(_address(request))

    def _fetched(
        self, exchange: Exchange, record: str, raw: Message, held: Held | None, truncated: Truncated | None
    ) -> Fetched:
        said = held.answer if held else raw
        payload = said.payload()
        content = said.content(self._limit)
        if len(content) > self._limit:
            raise UnreadablePage(f"over the limit of {self._limit} bytes (DOWNLOAD_MAXSIZE)")
        status = raw.status
        assert status is not None  # noqa: S101 - the message was made with one
        return Fetched(
            record=record,
            url=exchange.url,
            date=exchange.date,
            status=status,
            media_type=said.media_type or "text/html",
            charset=said.charset,
            payload=payload,
            content=content,
            truncated=held.original.get("WARC-Truncated") if held else truncated,
        )

    def _ends(self, raw: Message) -> bool:
        """Tell whether a body shows that it is whole: it was packed and can be unpacked, or ends as HTML does."""
        try:
            content = raw.content(self._limit)
        except UnreadablePage:
            return False
        return raw.get("Content-Encoding") is not None or _HTML_END in content[-_TAIL:].lower()

    def _again(self, request: Request, problem: UnreadablePage) -> Request:
        spider = self._crawler.spider
        wanted = self._crawler.settings.getbool("RETRY_ENABLED") and not request.meta.get("dont_retry")
        assert spider is not None  # noqa: S101 - there is one while requests are made
        retry = get_retry_request(request, spider=spider, reason=problem) if wanted else None
        if retry is None:
            raise problem
        return retry

    def _full(self, error: OSError) -> IgnoreRequest:
        """Note that the disk takes no more, and end the crawl: what cannot be kept need not be fetched."""
        if not self._stopped:
            self._stopped = True
            self._run.fail(f"the evidence cannot be written: {error}")
            engine = self._crawler.engine
            assert engine is not None  # noqa: S101 - it made the request
            deferred_from_coro(engine.close_spider_async(reason="failed"))
        return IgnoreRequest(str(error))


def _refuse(status: int, truncated: Truncated | None, held: Held | None) -> None:
    if status == 304 and held is None:
        raise UnreadablePage("the server says 304, not modified, and nobody asked whether it was")
    if truncated == "disconnect":
        raise UnreadablePage("the connection ended before the end of the body")


def _address(request: Request) -> str:
    return request.url.partition("#")[0]


def _exchange(request: Request, began: str | None) -> Exchange:
    url = _address(request)
    asked = request_message(request.method, url, request.headers.items(), request.body)
    return Exchange(url=url, date=began or _now(), asked=asked)


def _readable(response: Response, fetched: Fetched, held: Held | None) -> Response:
    """Return the response with the content for a body, and 200 for a 304: from here on nothing is compressed."""
    if held is None and "Content-Encoding" not in response.headers:
        return response
    headers = response.headers.copy()
    for name, value in held.answer.headers if held else ():
        if name not in response.headers:
            headers.appendlist(name, value)
    headers.pop("Content-Encoding", None)
    kind = responsetypes.from_args(headers=Headers(headers), url=response.url, body=fetched.content)
    # Its encoding was decided from what is no more its body.
    encoding = {"encoding": None} if issubclass(kind, TextResponse) else {}
    status = 200 if held else response.status
    return response.replace(cls=kind, status=status, headers=headers, body=fetched.content, **encoding)


def _without_encoding(headers: Headers) -> Headers:
    found = headers.copy()
    found.pop("Content-Encoding", None)
    return found


def _now() -> str:
    # Not strftime, which asks the system for its time zone: this is asked twice a page.
    return datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
