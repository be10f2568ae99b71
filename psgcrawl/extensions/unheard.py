"""What Scrapy logs of every page is made where somebody hears it, and nowhere else."""

import logging
from typing import Any, Final

from scrapy import Spider
from scrapy.http import Request, Response
from scrapy.logformatter import LogFormatter, LogFormatterResult

_ENGINE: Final = logging.getLogger("scrapy.core.engine")
_SCRAPER: Final = logging.getLogger("scrapy.core.scraper")


class HeardLogFormatter(LogFormatter):
    """Scrapy's messages, without those of each page where no handler takes ``DEBUG``.

    Scrapy leaves levels to the handlers: of each page and item a record is made, with all that
    its message could say, and then dropped. That was a fiftieth of a crawl's processor time.
    """

    def crawled(  # type: ignore[override]  # None: as Scrapy documents it, nothing is logged
        self, request: Request, response: Response, spider: Spider
    ) -> LogFormatterResult | None:
        """Return what is logged of a page that came; None where nobody hears it."""
        return super().crawled(request, response, spider) if heard(_ENGINE) else None

    def scraped(  # type: ignore[override]  # as above
        self,
        item: Any,  # noqa: ANN401 - as Scrapy has it
        response: Any,  # noqa: ANN401
        spider: Spider,
    ) -> LogFormatterResult | None:
        """Return what is logged of an item that was stored; None where nobody hears it."""
        return super().scraped(item, response, spider) if heard(_SCRAPER) else None


def heard(logger: logging.Logger, level: int = logging.DEBUG) -> bool:
    """Tell whether a handler, of ``logger`` or of one above it, takes records of ``level``.

    Asked each time: other programs, and Scrapy itself, add handlers while a crawl runs.
    """
    if not logger.isEnabledFor(level):
        return False
    above: logging.Logger | None = logger
    while above is not None:
        if any(handler.level <= level for handler in above.handlers):
            return True
        above = above.parent if above.propagate else None
    return False
