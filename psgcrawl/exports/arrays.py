"""Columns of Arrow, of the values that rows hold.

Made without Arrow's functions that compute: ``cast`` alone, which reads days, times and numbers in text, loads what
takes 47 MB, as long as the columns of 20,000 entries take. ``arrow.array`` loads pandas, where it is installed, to ask
whether values are its own: half a second, and 60 MB.
"""

from array import array
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import accumulate, chain
from typing import Any, Final, TypeVar

T = TypeVar("T")

_EPOCH: Final = date(1970, 1, 1).toordinal()
_KEPT: Final = 4096
"""Days, and times, that are remembered: neighbours have the same."""


def texts(arrow: Any, values: Sequence[str | None]) -> Any:  # noqa: ANN401 - a module, and what it makes
    """Return a column of texts."""
    builder = arrow.lib.StringBuilder()
    builder.append_values(values)
    return builder.finish()


def numbers(arrow: Any, values: Sequence[int | None]) -> Any:  # noqa: ANN401 - as above
    """Return a column of integers."""
    return _fixed(arrow, arrow.int64(), "q", values, int)


def days(arrow: Any, values: Sequence[str | None]) -> Any:  # noqa: ANN401 - as above
    """Return a column of days; given as ``YYYY-MM-DD``.

    :raises ValueError: for what is none
    """
    return _fixed(arrow, arrow.date32(), "i", values, _day)


def times(arrow: Any, values: Sequence[str | None]) -> Any:  # noqa: ANN401 - as above
    """Return a column of times in UTC, in milliseconds; given as RFC 3339 has them.

    :raises ValueError: for what is none
    """
    return _fixed(arrow, arrow.timestamp("ms", tz="UTC"), "q", values, _time)


def lists(arrow: Any, values: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401 - as above
    """Return a column of lists of texts."""
    ends = _fixed(arrow, arrow.int32(), "i", list(accumulate(map(len, values), initial=0)), int)
    return arrow.ListArray.from_arrays(ends, texts(arrow, list(chain.from_iterable(values))))


def _fixed(arrow: Any, form: Any, code: str, values: Sequence[T | None], number: Callable[[T], int]) -> Any:  # noqa: ANN401 - as above
    """Return a column of values of one length.

    :param form: the type of Arrow
    :param code: that of :mod:`array` which has the same bytes
    """
    # As https://arrow.apache.org/docs/format/Columnar.html says: a bit for each value, the first the lowest, set where
    # there is one; and the values.
    there = None
    if None in values:
        bits = "".join("0" if value is None else "1" for value in reversed(values))
        there = arrow.py_buffer(int(bits, 2).to_bytes((len(values) + 7) // 8, "little"))
    data = array(code, [0 if value is None else number(value) for value in values])
    return arrow.Array.from_buffers(form, len(values), [there, arrow.py_buffer(data)])


@lru_cache(_KEPT)
def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _EPOCH


@lru_cache(_KEPT)
def _time(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000
