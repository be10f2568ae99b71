"""Scrapy's feed exports (``-O entries.jsonl``): the entries of each page, not the pages.

A feed is a preview of what the crawl reads, page by page; the record is the snapshot,
in which entries are in canonical order and met only once.
"""

from typing import Any

import msgspec
from scrapy.exporters import CsvItemExporter, JsonItemExporter, JsonLinesItemExporter, XmlItemExporter

from psgcrawl.archive.assemble import identify
from psgcrawl.exports import harmless
from psgcrawl.records import Entry, Page

_FIELDS = list(Entry.__struct_fields__)


def _rows(page: Page) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(entry) for entry in identify(page.entries)]


class JsonLinesFeed(JsonLinesItemExporter):
    """One entry a line."""

    def export_item(self, item: Page) -> None:
        """Write the page's entries."""
        for row in _rows(item):
            super().export_item(row)


class JsonFeed(JsonItemExporter):
    """One array of entries."""

    def export_item(self, item: Page) -> None:
        """Write the page's entries."""
        for row in _rows(item):
            super().export_item(row)


class XmlFeed(XmlItemExporter):
    """One ``item`` element an entry; what is null is empty, and what is no character of XML is U+FFFD."""

    def export_item(self, item: Page) -> None:
        """Write the page's entries."""
        for row in _rows(item):
            super().export_item({name: _in_xml(value) for name, value in row.items()})


def _in_xml(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    """Return a value without what XML cannot hold: one such character would make the whole file unreadable."""
    if isinstance(value, list):
        return [_in_xml(one) for one in value]
    return harmless.clean(value) if isinstance(value, str) else "" if value is None else value


class CsvFeed(CsvItemExporter):
    """One row an entry; lists are joined by commas. Not defused for spreadsheets: a preview."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Scrapy has it
        super().__init__(*args, **kwargs)
        # Scrapy takes the columns from the first item, which is a page.
        self.fields_to_export = self.fields_to_export or _FIELDS

    def export_item(self, item: Page) -> None:
        """Write the page's entries."""
        for row in _rows(item):
            super().export_item(row)
