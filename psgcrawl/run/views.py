"""Which pages of a run are one view of a listing, and which of them nothing could read."""

from array import array
from collections.abc import Iterable, Sequence

from psgcrawl import urls
from psgcrawl.archive.filed import Arranged
from psgcrawl.archive.grouping import group
from psgcrawl.archive.hashed import HashedIds
from psgcrawl.archive.pages import Glance, glances
from psgcrawl.records import Page, Source


def together(pages: Sequence[Page]) -> Sequence[Sequence[Page]]:
    """Return the pages of each snapshot: what one crawl fetched is one view; of captures, their times decide.

    What one crawl fetched can be much: those pages are not held, but read again each time somebody looks at them.
    """
    live, captures = array("Q"), array("Q")
    for number, source in _unique(pages):
        (live if source == "live" else captures).append(number)
    fetched = pages if len(live) == len(pages) else Arranged(pages, live)
    return [fetched] * bool(live) + group([pages[number] for number in captures], listing=_listing, shows=_shows)


def unread(pages: Sequence[Page]) -> list[str]:
    """Return why no layout reads them, for those that none reads: ``place: problem``.

    What a web archive captured beside its listing is what the site said then: nothing is missing.
    """
    return [
        f"{page.place}: {problem}"
        for page in glances(pages)
        for problem in page.problems
        if _shows(page) and not page.layout
    ]


def _unique(pages: Sequence[Page]) -> Iterable[tuple[int, Source]]:
    """Yield number and source of each page; of a capture that was given twice only the first, in the last one's place.

    Nothing of a page is held but a number, for hardly any comes twice.
    """
    twice = HashedIds(map(_key, glances(pages))).twice()
    first: dict[str, tuple[int, Source]] = {}
    last: dict[str, int] = {}
    for number, page in enumerate(glances(pages) if twice else ()):
        if hash(_key(page)) in twice:
            first.setdefault(_key(page), (number, page.source))
            last[_key(page)] = number
    for number, page in enumerate(glances(pages)):
        if not twice:
            yield number, page.source
        elif last.get(_key(page), number) == number:
            yield first.get(_key(page), (number, page.source))


def _key(page: Glance | Page) -> str:
    """Return what is equal for one capture that was given twice: the same address, time and bytes."""
    return f"{page.payload_digest} {page.captured.since} {page.captured.until} {page.url}"


def _shows(page: Glance | Page) -> bool:
    """Tell whether a capture shows its listing; one that somebody gave as such is taken for it, read or not."""
    return page.source != "memento" or page.layout is not None


def _listing(page: Page) -> str:
    """Name the listing of a page: a collection that a sidecar names can hold pages of several."""
    here = urls.listing_page(page.url, page.url)
    return f"{page.collection} {here.listing}" if here else page.collection
