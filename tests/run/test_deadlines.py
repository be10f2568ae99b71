"""Deadlines are read from the settings, and end a process that does not come back, whatever holds it."""

import math
from typing import Any

import pytest

from psgcrawl import settings
from psgcrawl.errors import UsageError
from psgcrawl.run.deadlines import Limits, Watch
from tests.crawls import run

GIVEN = {"CALLBACK_DEADLINE": 60, "RUN_DEADLINE": "600", "RETRY_AFTER_MAX": 100, "DOWNLOAD_TIMEOUT": 30}

STUCK = """
import re
from psgcrawl.run.deadlines import Limits, Watch
watch = Watch(Limits({callback}, {run}, 0.2))
watch.{begin}()
re.match("(a+)+$", "a" * 64 + "b")
"""


def test_a_run_has_as_long_to_end_as_a_site_an_answer_and_a_callback_may_take() -> None:
    assert Limits.of(GIVEN, files=False) == Limits(callback=60, run=600, ending=190)
    assert Limits.of(GIVEN, files=True).callback == 0
    assert Limits.of(vars(settings), files=False).run == 43_200


@pytest.mark.parametrize("value", ["soon", "-1", -0.5, math.inf, math.nan, [1]])
def test_what_is_no_number_of_seconds_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match=r"^RUN_DEADLINE: .* is no number of seconds$"):
        Limits.of({**GIVEN, "RUN_DEADLINE": value}, files=False)


@pytest.mark.parametrize(
    ("limits", "interval"),
    [
        (Limits(callback=60, run=600, ending=30), 5),
        (Limits(callback=4, run=600, ending=30), 1),
        (Limits(callback=0, run=1, ending=1), 0.5),
        (Limits(callback=0, run=0, ending=30), 0),
    ],
)
def test_a_crawl_says_often_enough_that_it_goes_on(limits: Limits, interval: float) -> None:
    assert Watch(limits).interval == interval


@pytest.mark.parametrize(("callback", "limit", "begin"), [(0.3, 0, "beat"), (0, 0.1, "beat"), (9, 0.1, "closing")])
def test_a_pattern_that_never_comes_back_is_ended_and_its_place_told(callback: float, limit: float, begin: str) -> None:
    ran = run("-m", "tests.script", STUCK.format(callback=callback, run=limit, begin=begin))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Timeout (")
    assert "line 6 in <module>" in ran.err


def test_without_limits_and_after_the_end_nothing_is_ended() -> None:
    over = STUCK.format(callback=0.2, run=0, begin="beat").rpartition("re.match")[0]
    none = STUCK.format(callback=0, run=0, begin="beat").rpartition("re.match")[0]
    waits = "import time; time.sleep(0.5)"
    assert [run("-m", "tests.script", f"{text}{waits}").code for text in (f"{over}watch.over(); ", none)] == [0, 0]
