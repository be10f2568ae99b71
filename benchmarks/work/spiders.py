"""Spiders as one writes them for just these pages: ``python -m benchmarks.work.spiders CLASS ARGUMENTS OUTPUT``.

They stand in no package of Scrapy's, and run with Scrapy's own settings.
"""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse, Response, TextResponse

from benchmarks.work.rivals import css


class Bare(scrapy.Spider):
    """Follows links, yields an entry an item, and writes what came with warcio."""

    name = "bare"
    base: str
    warc: str
    links: str
    """CSS selector of the links that it follows."""

    async def start(self) -> AsyncIterator[Any]:
        """Begin with the first page."""
        self.headers = import_module("warcio.statusandheaders").StatusAndHeaders
        self.file = Path(self.warc).open("wb")  # noqa: ASYNC230, SIM115 - closed with the spider
        self.writer = import_module("warcio.warcwriter").WARCWriter(self.file, gzip=True)
        yield scrapy.Request(f"{self.base}/news.php")

    def parse(self, response: Response) -> Iterator[Any]:
        """Keep the page, yield its entries, follow its links."""
        self.keep(response)
        yield from css(response)
        assert isinstance(response, TextResponse)  # noqa: S101 - the site has pages alone
        yield from response.follow_all(css=self.links)

    def keep(self, response: Response) -> None:
        """Write request and response as records."""
        assert response.request is not None  # noqa: S101 - it came by one
        for kind, headers, first, body in (
            ("request", response.request.headers, "GET /news.php HTTP/1.1", b""),
            ("response", response.headers, "200 OK", response.body),
        ):
            pairs = [(name.decode(), values[0].decode()) for name, values in headers.items()]
            more = {"is_http_request": True} if kind == "request" else {"protocol": "HTTP/1.1"}
            record = self.writer.create_warc_record(
                response.url, kind, payload=BytesIO(body), http_headers=self.headers(first, pairs, **more)
            )
            self.writer.write_record(record)

    def closed(self, reason: str) -> None:
        """End the file."""
        self.file.close()
        if reason != "finished":
            raise RuntimeError(reason)


class Stored(scrapy.Spider):
    """Yields the entries of pages that lie in WARCs: the engine's way, but nothing goes over the wire."""

    name = "stored"
    warcs: str

    async def start(self) -> AsyncIterator[Any]:
        """Ask for every page, with its bytes."""
        warc = import_module("fastwarc.warc")
        for number, path in enumerate(json.loads(self.warcs)):
            with Path(path).open("rb") as file:  # noqa: ASYNC230 - a file on this machine
                kinds = warc.WarcRecordType.response
                for record in warc.ArchiveIterator(file, record_types=kinds, parse_http=True):
                    url = f"{record.headers['WARC-Target-URI']}#{number}"
                    yield scrapy.Request(url, meta={"body": record.reader.read()}, dont_filter=True)

    def parse(self, response: Response) -> Iterator[Any]:
        """Yield the entries of a page."""
        yield from css(response)


class Answering:
    """A downloader middleware that answers a request with what it brings."""

    def process_request(self, request: scrapy.Request) -> HtmlResponse:
        """Return the response, so that nothing is downloaded."""
        return HtmlResponse(request.url, body=request.meta["body"], encoding="utf-8", request=request)


SETTINGS: dict[str, Any] = {"LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False}


def main(kind: str, arguments: str, feed: str, wanted: int) -> None:
    """Crawl, and see that all entries came."""
    spider = {"bare": Bare, "stored": Stored}[kind]
    settings = {**SETTINGS, "FEEDS": {feed: {"format": "jsonlines", "overwrite": True}}}
    if spider is Stored:
        settings["DOWNLOADER_MIDDLEWARES"] = {Answering: 50}
    else:
        settings["ROBOTSTXT_OBEY"] = True
    process = CrawlerProcess(settings)
    process.crawl(spider, **json.loads(arguments))
    process.start()
    found = Path(feed).read_bytes().count(b"\n")
    if found != wanted:
        raise SystemExit(f"{found} entries, not {wanted}: the figures would mean nothing")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
