"""The thresholds are settings: numbers, checked before a crawl begins."""

import re
from pathlib import Path
from typing import Any

import pytest

from psgcrawl import settings
from psgcrawl.errors import UsageError
from psgcrawl.guards import Limits

USUAL = {name: value for name, value in vars(settings).items() if name.startswith("GUARD_")}


def test_every_limit_is_a_setting_and_every_setting_a_limit() -> None:
    assert {f"GUARD_{name.upper()}" for name in Limits.__dataclass_fields__} == set(USUAL)
    assert Limits.of(USUAL) == Limits.usual()


def test_what_a_command_line_gives_is_read_as_a_number() -> None:
    assert Limits.of({**USUAL, "GUARD_KNOWN": "0.25", "GUARD_SPARE": "5"}).known == 0.25
    assert Limits.of({}) == Limits.usual()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUARD_KNOWN", "half"),
        ("GUARD_KNOWN", "nan"),
        ("GUARD_KEPT", 1.5),
        ("GUARD_MORE", "inf"),
        ("GUARD_SPARE", -1),
    ],
)
def test_what_is_no_limit_is_an_error_that_names_the_setting(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=re.escape(f"{name}: {value!r} is ")):
        Limits.of({**USUAL, name: value})


def test_the_document_names_every_guard_and_setting() -> None:
    document = (Path(__file__).parents[2] / "docs" / "guards.md").read_text("utf-8")
    assert set(re.findall(r"GUARD_[A-Z]+", document)) == set(USUAL)
    for name in ("unread", "known", "kept", "standing", "counts", "fields", "repeated", "garbled"):
        assert f"| `{name}` |" in document
