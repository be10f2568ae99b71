"""Raw entries become entries."""

from psgcrawl import derive
from psgcrawl.records import Page


class NormalisePipeline:
    """Applies the text rule, completes addresses, gives identities and flags, and bounds the page's time."""

    def process_item(self, item: Page) -> Page:
        """Return the page with its entries as they are stored."""
        return derive.bound(derive.normalise(item))
