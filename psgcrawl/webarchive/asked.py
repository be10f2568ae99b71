"""What a request for a memento is about, so that its answer can be kept as the capture that it is."""

from dataclasses import dataclass
from typing import Final, Literal

from psgcrawl.archive.warc.message import Message
from psgcrawl.webarchive.addresses import Access, memento_datetime
from psgcrawl.webarchive.answers import DATETIME

ASKED: Final = "psgcrawl_asked_memento"
"""Under this name the ``meta`` of a request for a memento has its :class:`Asked`."""
BROUGHT: Final = "psgcrawl_brought"
"""Under this name it has the ``WARC-Record-ID`` of the capture, once that is kept."""


KIND: Final = "psgcrawl_budget"
"""And from which budget it is: ``index`` or ``memento``."""
Kind = Literal["index", "memento"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A capture that is asked for."""

    access: Access
    url: str
    """What was captured, as the index has it."""
    digest: str | None
    """Of its payload, as the index has it; None where it says nothing."""

    def captured(self, answer: Message) -> str | None:
        """Return when the page was captured that ``answer`` holds: RFC 3339 UTC; None for the archive's own word."""
        return memento_datetime(answer.get(DATETIME))

    def target(self, location: str) -> str:
        """Return what an address of the archive stands for on the site; others as they are."""
        found = self.access.parse(location)
        return found.url if found else location
