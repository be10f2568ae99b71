"""The fuzzer finds what is wrong, however it is wrong, and keeps the bytes."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.fuzz.campaign import Fuzzed, fuzz
from tests.fuzz.target import name_of

pytestmark = pytest.mark.service

PLANTED = """
    import time

    from psgcrawl.datelines import parse
    from tests.fuzz.target import Target

    hoard = []


    def check(data):
        if data.startswith(b"12 May") and parse(data.decode("utf-8", "replace")) is not None:
            {wrong}


    TARGET = Target(check=check, seeds=lambda: [b"12 June 2012"], words=[b"12 May"], longest=16)
"""


@pytest.fixture
def fuzzed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Fuzzed:
    if sys.version_info < (3, 14):
        pytest.importorskip("atheris", reason="atheris is not installed here: `make service` installs it")
    else:
        pytest.skip("atheris is for older Pythons: could not be fetched")
    # Its own name: this process imports it, too, and would take the first for all.
    module = f"planted_{name_of(request.param.encode())}"
    (tmp_path / f"{module}.py").write_text(dedent(PLANTED).format(wrong=request.param), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return fuzz(module, 10, [tmp_path / "known"], tmp_path / "finds")


@pytest.mark.parametrize(
    "fuzzed", ["raise LookupError(data)", "raise AssertionError"], ids=["an error", "a broken promise"], indirect=True
)
def test_what_raises_is_found_told_and_kept(fuzzed: Fuzzed, tmp_path: Path) -> None:
    assert fuzzed.failed
    [path] = fuzzed.finds
    data = path.read_bytes()
    assert data.startswith(b"12 May")
    assert path == tmp_path / "finds" / name_of(data)
    assert fuzzed.said.startswith(("LookupError", "AssertionError"))


@pytest.mark.parametrize("fuzzed", ["pass"], ids=["nothing"], indirect=True)
def test_what_holds_is_run_often_and_gives_no_find(fuzzed: Fuzzed) -> None:
    assert not fuzzed.failed
    assert fuzzed.finds == []
    assert fuzzed.executions > 1000
