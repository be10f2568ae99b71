"""Which pages of a run are one view of a listing, and which of them nothing could read."""

from array import array
from collections.abc import Iterable, Sequence

from msgspec import Struct

from psgcrawl import urls
from psgcrawl.archive.filed import Arranged
from psgcrawl.archive.grouping import group
from psgcrawl.archive.hashed import HashedIds
from psgcrawl.archive.pages import Pages
from psgcrawl.records import Captured, Page, Source


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
        f"{page.place}: {problem}" for page in pages for problem in page.problems if _shows(page) and not page.layout
    ]


class _Same(Struct, frozen=True):
    """What is asked of each page, and it is asked twice: in a tenth of the time of all of it."""

    url: str | None
    captured: Captured
    payload_digest: str
    source: Source

    @property
    def key(self) -> str:
        """Equal for one capture that was given twice: the same address, time and bytes."""
        return f"{self.payload_digest} {self.captured.since} {self.captured.until} {self.url}"


def _unique(pages: Sequence[Page]) -> Iterable[tuple[int, Source]]:
    """Yield number and source of each page; of a capture that was given twice only the first, in the last one's place.

    Nothing of a page is held but a number, for hardly any comes twice.
    """
    twice = HashedIds(one.key for one in _as_same(pages)).twice()
    first: dict[str, tuple[int, Source]] = {}
    last: dict[str, int] = {}
    for number, one in enumerate(_as_same(pages) if twice else ()):
        if hash(one.key) in twice:
            first.setdefault(one.key, (number, one.source))
            last[one.key] = number
    for number, one in enumerate(_as_same(pages)):
        if not twice or last.get(one.key, number) == number:
            yield first.get(one.key, (number, one.source)) if twice else (number, one.source)


def _as_same(pages: Sequence[Page]) -> Iterable[_Same]:
    if isinstance(pages, Pages):
        return pages.as_kind(_Same)
    return (_Same(page.url, page.captured, page.payload_digest, page.source) for page in pages)


def _shows(page: Page) -> bool:
    """Tell whether a capture shows its listing; one that somebody gave as such is taken for it, read or not."""
    return page.source != "memento" or page.layout is not None


def _listing(page: Page) -> str:
    """Name the listing of a page: a collection that a sidecar names can hold pages of several."""
    here = urls.listing_page(page.url, page.url)
    return f"{page.collection} {here.listing}" if here else page.collection
