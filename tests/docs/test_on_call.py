"""docs/on-call.md speaks of the outcomes and reasons that there are, in the words that the program uses."""

import re
from pathlib import Path
from typing import get_args

import psgcrawl
from psgcrawl import run
from psgcrawl.records import OutcomeName

DOCUMENT = (Path(__file__).parents[2] / "docs" / "on-call.md").read_text(encoding="utf-8")
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(psgcrawl.__file__).parent.rglob("*.py"))
OF_THE_SYSTEM = {"No space left on device"}
GUARDS = {"unread", "known", "kept", "standing", "counts", "fields", "repeated", "garbled"}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of a section's tables, header rows left out."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "| `" in line[:4]]


def test_every_outcome_and_exit_code_is_explained() -> None:
    found = {(outcome.strip("`"), int(code)) for outcome, code, *_ in rows("Outcomes")}
    assert {outcome for outcome, _ in found} == set(get_args(OutcomeName))
    assert {code for _, code in found} == {run.COMMITTED, run.FAILED, run.INCOMPLETE, run.REFUSED, run.BUSY}


def test_every_reason_is_in_the_words_of_the_program() -> None:
    reasons = [phrase for cell, *_ in rows("Reasons") for phrase in re.findall(r"`([^`]+)`", cell)]
    assert len(reasons) > 20
    for phrase in set(reasons) - OF_THE_SYSTEM - {f"{name}:" for name in GUARDS}:
        assert phrase in SOURCE, phrase


def test_every_guard_is_among_the_reasons() -> None:
    named = {phrase for cell, *_ in rows("Reasons") for phrase in re.findall(r"`([a-z]+):`", cell)}
    assert named >= GUARDS
    assert all(f'Refusal("{name}"' in SOURCE for name in GUARDS)
