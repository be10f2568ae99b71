"""Which pages of a run are one view of a listing, and which of them nothing could read."""

from collections.abc import Sequence

from psgcrawl import urls
from psgcrawl.archive.grouping import group
from psgcrawl.records import Page


def together(pages: Sequence[Page]) -> list[list[Page]]:
    """Return the pages of each snapshot: what one crawl fetched is one view; of captures, their times decide."""
    unique = _unique(pages)
    live = [page for page in unique if page.source == "live"]
    return [live] * bool(live) + group(
        [page for page in unique if page.source != "live"], listing=_listing, shows=_shows
    )


def unread(pages: Sequence[Page]) -> list[str]:
    """Return why no layout reads them, for those that none reads: ``place: problem``.

    What a web archive captured beside its listing is what the site said then: nothing is missing.
    """
    return [
        f"{page.place}: {problem}" for page in pages for problem in page.problems if _shows(page) and not page.layout
    ]


def _unique(pages: Sequence[Page]) -> list[Page]:
    """Drop a capture that was given twice: the same address, time and bytes."""
    return list({(page.url, page.captured, page.payload_digest): page for page in reversed(pages)}.values())[::-1]


def _shows(page: Page) -> bool:
    """Tell whether a capture shows its listing; one that somebody gave as such is taken for it, read or not."""
    return page.source != "memento" or page.layout is not None


def _listing(page: Page) -> str:
    """Name the listing of a page: a collection that a sidecar names can hold pages of several."""
    here = urls.listing_page(page.url, page.url)
    return f"{page.collection} {here.listing}" if here else page.collection
