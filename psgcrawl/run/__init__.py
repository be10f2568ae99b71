"""One run: what a crawl brings is staged, and at its end one place decides what becomes of it.

Pure of Scrapy: the shells reach the run through their crawler (:func:`attach`,
:func:`run_of`), times and paths are arguments. Outcomes and exit codes are those of
``docs/commands.md``.
"""

from psgcrawl.run.closing import Carry
from psgcrawl.run.outcome import BUSY, COMMITTED, FAILED, INCOMPLETE, REFUSED, Outcome, Result
from psgcrawl.run.running import NECESSARY, NEVER_CLOSED, Run, attach, run_of

__all__ = [
    "BUSY",
    "COMMITTED",
    "FAILED",
    "INCOMPLETE",
    "NECESSARY",
    "NEVER_CLOSED",
    "REFUSED",
    "Carry",
    "Outcome",
    "Result",
    "Run",
    "attach",
    "run_of",
]
