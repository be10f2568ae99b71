"""How long to wait before asking again."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_SECONDS: Final = re.compile(r"[0-9]+", re.ASCII)
_LONGEST_NUMBER: Final = 9
"""Digits; what has more is taken for the largest number that has not."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return how many seconds a ``Retry-After`` header (RFC 9110, 10.2.3) asks to wait, or None where it says nothing.

    :param value: seconds, or an HTTP date (of which the past is 0)
    :param now: aware; the server's own time, where it is known

    >>> retry_after("120", datetime(2024, 1, 1, tzinfo=UTC))
    120.0
    >>> retry_after("Mon, 01 Jan 2024 00:01:30 GMT", datetime(2024, 1, 1, tzinfo=UTC))
    90.0
    >>> retry_after("soon", datetime(2024, 1, 1, tzinfo=UTC)) is None
    True
    """
    value = (value or "").strip()
    if _SECONDS.fullmatch(value):
        value = value.lstrip("0")
        return float(value or 0) if len(value) <= _LONGEST_NUMBER else float("9" * _LONGEST_NUMBER)
    when = http_date(value)
    return None if when is None else max(0.0, (when - now).total_seconds())


def http_date(value: str | None) -> datetime | None:
    """Return the moment that an HTTP date names, aware; None for what is none."""
    try:
        when = parsedate_to_datetime(value or "")
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def pause(first: float, tries: int) -> float:
    """Return the seconds to wait after the ``tries``-th failure in a row (the first is 0): each time twice as long.

    >>> [pause(5, tries) for tries in range(3)]
    [5, 10, 20]
    """
    return first * (1 << tries)
