"""What docs/site.md says becomes of each dateline is what becomes of it."""

import re
from pathlib import Path

import pytest

from psgcrawl import datelines

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "site.md"


def rows() -> list[list[str]]:
    """Return the cells of the table of datelines, without the marks of code."""
    section = DOCUMENT.read_text(encoding="utf-8").partition("\n## Datelines\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)
    return [[cell.strip(" `") for cell in line.split("|")] for line in lines[1:]]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[2])
def test_a_documented_dateline_is_read_as_documented(row: list[str]) -> None:
    _, _, printed, series, issue, edtf, flags = row
    dated = datelines.parse(printed)
    assert dated is not None
    assert (dated.series or "", str(dated.issue or ""), dated.edtf or "") == (series, issue, edtf)
    assert " ".join(dated.flags) == flags


def test_every_form_that_the_site_prints_is_documented() -> None:
    assert len(rows()) == 18
