"""A report of more entries than are held in memory is the same to the byte."""

from functools import partial
from pathlib import Path

import pytest

from psgcrawl.archive import filed, ids
from psgcrawl.exports import ordered, source
from psgcrawl.exports.report import folder, latest, postings, searching
from tests.exports.report.reading import contents, report
from tests.exports.telling import Told, day, news


def test_nothing_in_memory_changes_no_byte(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 8):
        numbers = (one for one in range(1, 30) if one % 7 != number)
        told.see_all(day(number), *(news(one, title=f"Minería {one} {one % 3 == number}") for one in numbers))
    small = contents(report(told.archive.folder, tmp_path / "small"))
    monkeypatch.setattr(ids, "MOST", 2)
    monkeypatch.setattr(ordered, "_AT_ONCE", 3)
    monkeypatch.setattr(source, "HELD", 1)
    monkeypatch.setattr(folder, "IN_MEMORY", 100)
    monkeypatch.setattr(searching, "_IN_MEMORY", 50)
    monkeypatch.setattr(searching, "Postings", partial(postings.Postings, 500))
    monkeypatch.setattr(filed.Filed.__init__, "__kwdefaults__", {"in_memory": 100})
    path = report(told.archive.folder, tmp_path / "large")
    assert contents(path) == small
    before = {one: one.stat().st_mtime_ns for one in path.rglob("*")}
    assert contents(report(told.archive.folder, path)) == small
    assert {one: one.stat().st_mtime_ns for one in path.rglob("*") if one.is_file()} == {
        one: when for one, when in before.items() if one.is_file()
    }


def test_the_most_that_is_told_of_lately_is_what_comes_first(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.see_all(day(1), news(0))
    told.see_all(day(8), *map(news, range(50)))
    whole = contents(report(told.archive.folder, tmp_path / "whole"))["changes.html"].decode()
    monkeypatch.setattr(latest, "MOST", 5)
    part = contents(report(told.archive.folder, tmp_path / "part"))["changes.html"].decode()
    links = [line for line in whole.splitlines() if "entries/news/" in line]
    assert [line for line in part.splitlines() if "entries/news/" in line] == links[:5]
    assert "And 44 more" in part
