"""How long a busy site wants to be left alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.manners.waiting import http_date, pause, retry_after

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("000120", 120),
        (" 7 ", 7),
        ("999999999", 999999999),
        ("9999999999", 999999999),
        ("9" * 5000, 999999999),
        ("Thu, 29 Feb 2024 12:00:30 GMT", 30),
        ("Thursday, 29-Feb-24 12:00:30 GMT", 30),
        ("Thu, 29 Feb 2024 13:00:30 +0100", 30),
        ("Thu, 29 Feb 2024 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251_693_092_799),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("1e9", None),
        ("٣", None),
        ("soon", None),
        ("Thu, 99 Feb 2024 12:00:30 GMT", None),
    ],
)
def test_seconds_and_dates_are_understood_and_nothing_else(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text())
def test_no_header_is_an_error_and_no_wait_is_below_nothing(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or wait >= 0
    when = http_date(value)
    assert when is None or when.tzinfo is not None


def test_each_pause_is_twice_the_one_before() -> None:
    assert [pause(5, tries) for tries in range(4)] == [5, 10, 20, 40]
