"""What others do with the same, each imported where it takes part; none of it is asked for by the program itself."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks.making import entries as lines_of
from benchmarks.making.pages import page


def parsing(pages: int) -> Callable[[], None]:
    """Parse pages with lxml, and do nothing with them."""
    return _reading(import_module("lxml.html").fromstring, pages)


def selectors(pages: int) -> Callable[[], None]:
    """Read pages by parsel's CSS selectors, written for just these pages."""
    selector = import_module("parsel").Selector
    return _reading(lambda body: list(css(selector(text=body.decode("utf-8")))), pages)


def _reading(read: Callable[[bytes], object], pages: int) -> Callable[[], None]:
    shown = [page(number, pages) for number in range(pages)]

    def work() -> None:
        for body in shown:
            read(body)

    return work


def css(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a Selector, or a response of Scrapy
    """Yield the entries of a page of :mod:`benchmarks.making.pages` by CSS selectors that know it, and no other."""
    for item in document.css("li.item"):
        yield {
            "title": item.css("h3 a::text").get(),
            "url": item.css("h3 a::attr(href)").get(),
            "dateline": item.css("p.date::text").get(),
            "summary": "\n\n".join(item.css("p:not(.date):not(.more)::text").getall()),
        }


def strptime(times: int) -> Callable[[], None]:
    """Read a day by the standard library."""

    def work() -> None:
        for _ in range(times):
            datetime.strptime("30 April 2004", "%d %B %Y")  # noqa: DTZ007 - a day has no zone

    return work


def orjson(entries: int, times: int) -> Callable[[], None]:
    """Write entries that are dictionaries already as lines."""
    dumps = import_module("orjson").dumps
    records = [lines_of.fields(number, lines_of.day_of(number, entries)) for number in range(entries)]

    def work() -> None:
        for _ in range(times):
            b"".join(dumps(record) + b"\n" for record in records)

    return work


def exporter(entries: int, times: int) -> Callable[[], None]:
    """Write the same dictionaries with Scrapy's exporter, as a feed does."""
    kind = import_module("scrapy.exporters").JsonLinesItemExporter
    records = [lines_of.fields(number, lines_of.day_of(number, entries)) for number in range(entries)]

    def work() -> None:
        for _ in range(times):
            target = kind(BytesIO())
            for record in records:
                target.export_item(record)

    return work


def forced(folder: str, source: str, times: int) -> Callable[[], Mapping[str, float]]:
    """Write the files of a snapshot that was committed, each forced to disk, and its folder; so many times."""
    [manifest] = Path(source).glob("0/news/2*/datapackage.json")
    files = {path.name: path.read_bytes() for path in manifest.parent.iterdir()}
    there = Path(folder)
    there.mkdir(parents=True, exist_ok=True)

    def work() -> Mapping[str, float]:
        for number in range(times):
            target = there / f"{os.getpid()}-{number}"
            target.mkdir()
            for name, data in files.items():
                with (target / name).open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            descriptor = os.open(target, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        return {"bytes": sum(map(len, files.values()))}

    return work


def anti_join(old: str, new: str, expected: int) -> Callable[[], None]:
    """Count with DuckDB the lines of either file that are not in the other."""
    duckdb = import_module("duckdb")
    read = "read_csv('{}', columns={{'line': 'VARCHAR'}}, header=false, delim='\x01', quote='', escape='', "
    read += "auto_detect=false)"
    tables = [read.format(path) for path in (old, new)]

    def work() -> None:
        for one, other in (tables, tables[::-1]):
            query = f"SELECT count(*) FROM {one} a ANTI JOIN {other} b ON a.line = b.line"  # noqa: S608 - our own files
            if duckdb.sql(query).fetchall()[0][0] != expected:
                raise SystemExit("DuckDB found another number of lines: an answer that is wrong is no rival's")

    return work


def duckdb_import(lines: str, target: str, *, parquet: bool = False) -> Callable[[], None]:
    """Import lines into a new database of DuckDB's, or copy them into a Parquet file."""
    duckdb = import_module("duckdb")
    there = Path(target)
    there.unlink(missing_ok=True)

    def work() -> None:
        if parquet:
            form = "(FORMAT parquet, COMPRESSION zstd)"
            duckdb.sql(f"COPY (SELECT * FROM read_json('{lines}')) TO '{target}' {form}")  # noqa: S608 - our own file
        else:
            with duckdb.connect(target) as database:
                database.sql(f"CREATE TABLE revisions AS SELECT * FROM read_json('{lines}')")  # noqa: S608 - our own file

    return work


def derive(warcs: list[str], target: str) -> Callable[[], Mapping[str, float]]:
    """Derive entries from the pages in WARCs by compiled XPaths that know just these pages, and write their lines."""
    archiveio, html, etree = import_module("fastwarc.warc"), import_module("lxml.html"), import_module("lxml.etree")
    dumps, sort = import_module("orjson").dumps, import_module("orjson").OPT_SORT_KEYS
    items, title, url, day, paragraphs = (
        etree.XPath(path, smart_strings=False)
        for path in (
            "//li[@class='item']",
            "string(h3/a)",
            "string(h3/a/@href)",
            "string(p[@class='date'])",
            "p[not(@class)]/text()",
        )
    )

    def entries(body: bytes) -> Iterator[dict[str, Any]]:
        for item in items(html.fromstring(body)):
            found = title(item), url(item), day(item), "\n\n".join(paragraphs(item))
            yield dict(zip(("title", "url", "dateline", "summary"), found, strict=True))

    def work() -> Mapping[str, float]:
        number = 0
        with Path(target).open("wb") as out:
            for path in warcs:
                with Path(path).open("rb") as file:
                    kinds = archiveio.WarcRecordType.response
                    for record in archiveio.ArchiveIterator(file, record_types=kinds, parse_http=True):
                        for entry in entries(record.reader.read()):
                            out.write(dumps(entry, option=sort) + b"\n")
                            number += 1
        return {"entries": number}

    return work
