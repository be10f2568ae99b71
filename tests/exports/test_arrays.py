"""Columns are those that Arrow itself makes of the same values."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.exports import arrays

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
DAYS = st.dates().map(date.isoformat)
TIMES = st.datetimes(timezones=st.just(UTC)).map(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"))


@pytest.fixture(scope="module")
def arrow(parquet: Any) -> Any:
    return pytest.importorskip("pyarrow")


def columns(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Return columns of some values, some of which are missing, or none of them is."""
    return st.lists(values, max_size=20) | st.lists(st.none() | values, max_size=20)


@pytest.mark.parametrize(
    ("made", "name", "values"),
    [
        pytest.param(arrays.texts, "string", TEXT, id="texts"),
        pytest.param(arrays.numbers, "int64", st.integers(-(2**63), 2**63 - 1), id="numbers"),
        pytest.param(arrays.days, "date32", DAYS, id="days"),
        pytest.param(arrays.times, "timestamp", TIMES, id="times"),
    ],
)
@given(data=st.data())
def test_a_column_is_what_arrow_reads_in_text(
    arrow: Any, made: Callable[[Any, Any], Any], name: str, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    column = data.draw(columns(values))
    form = arrow.timestamp("ms", tz="UTC") if name == "timestamp" else getattr(arrow, name)()
    texts = [value if value is None else str(value) for value in column]
    found = made(arrow, column)
    found.validate(full=True)
    assert found.equals(arrow.array(texts, arrow.string()).cast(form))


@given(st.lists(st.lists(TEXT, max_size=3), max_size=20))
def test_a_column_of_lists_is_what_arrow_makes_of_them(arrow: Any, column: list[list[str]]) -> None:
    found = arrays.lists(arrow, column)
    found.validate(full=True)
    assert found.equals(arrow.array(column, arrow.list_(arrow.string())))


def test_days_and_times_before_1970_are_negative(arrow: Any) -> None:
    assert arrays.days(arrow, ["1969-12-31", None]).to_pylist() == [date(1969, 12, 31), None]
    last = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=1)
    assert arrays.times(arrow, ["1969-12-31T23:59:59Z"]).to_pylist() == [last]


@pytest.mark.parametrize("made", [arrays.days, arrays.times])
def test_what_is_no_day_or_time_is_refused(arrow: Any, made: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(ValueError, match="month"):
        made(arrow, ["2017-13-01"])
