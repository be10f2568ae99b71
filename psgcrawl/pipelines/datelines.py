"""Datelines are read."""

from psgcrawl import derive
from psgcrawl.records import Page


class DatelinesPipeline:
    """Reads the dateline of every raw entry."""

    def process_item(self, item: Page) -> Page:
        """Return the page with its datelines read."""
        return derive.read_datelines(item)
