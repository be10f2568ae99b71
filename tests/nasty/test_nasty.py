"""Whatever a page prints, no output obeys it, and every output gives it back."""

import json
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from psgcrawl import text
from psgcrawl.archive import runlog
from tests.archive.making import line
from tests.nasty.making import Nasty, crawled, stored
from tests.nasty.outputs import OUTPUTS
from tests.nasty.strings import NASTY, SURROGATES

WAYS = {"stored": stored, "crawled": crawled}


@pytest.fixture(scope="module", params=WAYS)
def nasty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Nasty:
    """An archive of nasty strings; only to be read."""
    return WAYS[request.param](tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.service] * one.service) for name, one in OUTPUTS.items()]
)
def test_every_output_gives_back_what_was_printed_and_can_be_obeyed_by_nobody(
    nasty: Nasty, name: str, tmp_path: Path
) -> None:
    output = OUTPUTS[name]
    found, expected = Counter(output.read(nasty, tmp_path)), Counter(map(output.shown, nasty.titles))
    assert found.keys() == expected.keys()
    assert output.past or found == expected


def as_html_reads(printed: str) -> str:
    """Return a text whose characters were given by number: 128 to 159 mean those of windows-1252, where it has any."""
    return "".join(
        bytes([ord(char)]).decode("cp1252", "ignore") or char if "\x80" <= char <= "\x9f" else char for char in printed
    )


def test_there_are_enough_of_them_and_all_are_others() -> None:
    assert len(NASTY) >= 40
    assert len(set(NASTY.values())) == len(NASTY)


def test_what_pages_print_is_stored_under_the_text_rule(tmp_path: Path) -> None:
    printed = [f"T{one}" for one in {**NASTY, **SURROGATES}.values()]
    made = crawled(tmp_path)
    titles = {int(entry.id.rpartition("-")[2]): entry.title for entry in made.entries}
    assert sorted(titles) == list(range(1, len(printed) + 1))
    for number, one in enumerate(printed, 1):
        assert titles[number] == text.line(as_html_reads(one))
    for entry in made.entries:
        for field in (entry.title, entry.summary, entry.caption or "", entry.url or ""):
            assert unicodedata.is_normalized("NFC", field)
            assert not text.has_controls(field.replace("\n", ""))
            field.encode("utf-8")


@pytest.mark.parametrize("name", [*NASTY, *SURROGATES])
def test_a_reason_cannot_forge_a_line_of_the_run_log(name: str, tmp_path: Path) -> None:
    reason = {**NASTY, **SURROGATES}[name]
    runlog.append(tmp_path, line(reasons=[reason], outcome="failed"))
    runlog.append(tmp_path, line(reasons=["the next"], outcome="failed"))
    data = (tmp_path / "runs.jsonl").read_bytes()
    assert data.isascii()
    first, second = [json.loads(one) for one in data.split(b"\n")[:-1]]
    assert first["reasons"] == [reason.encode("utf-8", "backslashreplace").decode()]
    assert second["reasons"] == ["the next"]
    assert runlog.check(tmp_path) == []
