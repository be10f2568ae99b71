"""The requests of a crawl, each of which has to end: in an answer that was read, or in a failure that was told."""

from typing import Final

LOST: Final = "asked for, and neither an answer nor a failure came of it"
UNREAD: Final = "its callback never came to its end"


class Errands:
    """The ledger of requests, from the spider's hand back to the spider's hand.

    What comes between them in Scrapy can drop a request without a word: a limit of depth, a
    filter of duplicates or of sites, a handler of a signal.
    """

    def __init__(self) -> None:
        self._open: dict[int, str] = {}
        self._read: set[int] = set()
        self._number = 0

    def begin(self, url: str) -> int:
        """Note that the spider wants an address; return the number under which it is to end."""
        self._number += 1
        self._open[self._number] = url
        return self._number

    def answered(self, number: int) -> None:
        """Note that an answer is with the spider's callback."""
        self._read.add(number)

    def end(self, number: int) -> None:
        """Note that the callback came to its end, or that the failure was told; to end twice is no harm."""
        self._open.pop(number, None)
        self._read.discard(number)

    def unended(self) -> list[str]:
        """Return what never ended, in the order in which it was wanted: ``url: problem``."""
        return [f"{url}: {UNREAD if number in self._read else LOST}" for number, url in self._open.items()]
