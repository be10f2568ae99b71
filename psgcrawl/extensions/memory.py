"""How much memory the crawl takes: this process, and not the one that started it."""

import re
from pathlib import Path
from typing import Final

from scrapy.extensions.memusage import MemoryUsage

_STATUS: Final = Path("/proc/self/status")
_PEAK: Final = re.compile(r"^VmHWM:[ \t]{1,80}([0-9]{1,18}) kB$", re.MULTILINE)


class MemoryExtension(MemoryUsage):
    """Scrapy's, with the peak that the system keeps for what runs now.

    ``getrusage``, which Scrapy asks, counts from before ``exec``, too (Linux): a crawl that a
    large process started would be ended at once for what it never held.
    """

    def get_virtual_size(self) -> int:
        """Return the most memory that was resident, in bytes."""
        return peak() or int(super().get_virtual_size())


def peak() -> int | None:
    """Return the most memory that this program ever had resident, in bytes; None where the system does not say."""
    try:
        found = _PEAK.search(_STATUS.read_text("ascii", "replace"))
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None
