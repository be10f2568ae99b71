"""What is left of the row of a redacted page, and how such a row is known."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from psgcrawl.records import PageRow, replace

PROBLEM: Final = "redacted: "
"""How the only problem of a redacted page begins; the reason follows."""


class Mark(Struct, frozen=True):
    """What redacted records and rows say of their redaction."""

    when: str
    """RFC 3339, UTC."""
    reason: str
    """One line."""


def redacted_row(row: PageRow, mark: Mark) -> PageRow:
    """Return what is left of the row of a page: all that its record itself still says.

    Its former problems go, too: they quote what the page printed.
    """
    return replace(row, layout=None, fields=[], lists=[], problems=[PROBLEM + mark.reason])


def is_redacted_row(problems: Iterable[str]) -> bool:
    """Tell by its problems whether a page was redacted."""
    return any(problem.startswith(PROBLEM) for problem in problems)
