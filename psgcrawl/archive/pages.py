"""Pages that wait for their snapshot: set down as they come, their entries apart from them."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

from msgspec import Struct

from psgcrawl.archive import jsonl
from psgcrawl.archive.filed import Filed, Part
from psgcrawl.records import Captured, Entry, Page, Source, replace

_IN_MEMORY: Final = 1 << 18
"""Less than of what is assembled: that is held besides them."""


class Glance(Struct, frozen=True):
    """What most ask of a page: it is read in a quarter of the time of all of it, of which there are a dozen askers."""

    place: str
    url: str | None
    captured: Captured
    source: Source
    payload_digest: str
    layout: str | None
    problems: tuple[str, ...]
    record: str | None
    title: str | None
    note: str | None
    carried_from: str | None


class Pages(Sequence[Page]):
    """Pages in the order in which they came. Each time one is asked for, it is read anew; its entries, when they are.

    What a layout read is not kept (``raw`` is empty): by then it is in the entries.
    """

    def __init__(self, pages: Iterable[Page] = ()) -> None:
        """Begin with ``pages``."""
        self._pages = Filed(Page, in_memory=_IN_MEMORY)
        self._entries = Filed(Entry, in_memory=_IN_MEMORY)
        self._ends = array("Q")
        """How many entries there are up to the end of each page."""
        for page in pages:
            self.append(page)

    def append(self, page: Page) -> None:
        """Take a page.

        :raises ValueError: for one that cannot be written (:func:`psgcrawl.archive.jsonl.dumps`)
        :raises OSError: when the disk does not take it
        """
        if isinstance(page.entries, Part):
            self._entries.take(page.entries.lines())
        else:
            self._entries.extend(page.entries)
        # The name of a file need be no text.
        self._pages.append(replace(page, raw=(), entries=(), place=jsonl.printable(page.place)))
        self._ends.append(len(self._entries))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._pages)

    @overload
    def __getitem__(self, index: int) -> Page: ...
    @overload
    def __getitem__(self, index: slice) -> list[Page]: ...
    def __getitem__(self, index: int | slice) -> Page | list[Page]:
        """Return a page, or a list of some."""
        numbers = range(len(self))[index]
        if isinstance(numbers, int):
            return self._whole(numbers, self._pages[numbers])
        return [self[number] for number in numbers]

    def __iter__(self) -> Iterator[Page]:
        """Yield the pages in their order."""
        return (self._whole(number, page) for number, page in enumerate(self._pages))

    def glances(self) -> Iterator[Glance]:
        """Yield what most ask of each page."""
        return self._pages.as_kind(Glance)

    def _whole(self, number: int, page: Page) -> Page:
        entries = self._entries.part(self._ends[number - 1] if number else 0, self._ends[number])
        return replace(page, entries=entries)


def glances(pages: Iterable[Page]) -> Iterable[Glance | Page]:
    """Return what most ask of each page, of pages that wait in the shortest way."""
    return pages.glances() if isinstance(pages, Pages) else pages
