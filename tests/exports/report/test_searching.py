"""The index of the search, read as the script reads it; a browser does so in ``tests/service/test_report.py``."""

from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.history.lives import STATES
from psgcrawl.exports.report import english, searching
from psgcrawl.exports.report.postings import shelf
from psgcrawl.exports.report.searching import words
from tests.exports.report.reading import contents, data, report
from tests.exports.telling import Told, day, news

WIDTH = 7


def found(path: Path, word: str) -> dict[str, bool]:
    """Return the titles of the entries that have a word beginning so, and whether it stands in the title."""
    columns = data(path, "news/columns")
    name = shelf(word, columns["letters"])
    held = data(path, f"news/words-{name}") if name in columns["shelves"] else {}
    places = {place for known, steps in held.items() if known.startswith(word) for place in accumulate(steps)}
    titles: dict[str, bool] = {}
    for place in places:
        number = place // 2
        title = data(path, f"news/texts-{number // columns['part']}")[number % columns["part"]][1]
        titles[title] = titles.get(title, False) or place % 2 == 1
    return titles


@pytest.mark.parametrize("large", [1, 3000], ids=["two letters", "one letter"])
def test_an_entry_is_found_by_the_beginning_of_each_of_its_words(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(searching, "LARGE", large)
    monkeypatch.setattr(searching, "PART", 1)
    told.see_all(
        day(1),
        news(1, title="Minería en el Perú", summary="Two rivers.\n\nThe second paragraph"),
        news(2, title="Mines", summary="Ñandú y __proto__ constructor", dateline="Update 103. 30 April 2004"),
    )
    path = report(told.archive.folder, tmp_path / "report")
    assert found(path, "min") == {"Minería en el Perú": True, "Mines": True}
    assert found(path, "mineria") == {"Minería en el Perú": True}
    assert found(path, "second") == {"Minería en el Perú": False}
    assert found(path, "nand") == found(path, "103") == found(path, "constructor") == {"Mines": False}
    assert found(path, "article") == {"Minería en el Perú": False, "Mines": False}
    assert found(path, "zebra") == {}


def test_the_columns_say_what_the_filters_ask_for(told: Told, tmp_path: Path) -> None:
    both = {"date_edtf": "2009-12/2010-01", "date_earliest": "2009-12-01", "date_latest": "2010-01-31"}
    told.see_all(day(1), news(1), news(2, series="Update", flags=["mojibake"], **both))
    told.see_all(day(8), news(2, title="Other words", series="Update", flags=["mojibake"], **both))
    columns = data(report(told.archive.folder, tmp_path / "report"), "news/columns")
    rows = [columns["rows"][first : first + WIDTH] for first in range(0, len(columns["rows"]), WIDTH)]
    assert columns["series"] == ["Update"]
    # Canonical order within an observation: the newest first.
    assert rows == [
        [20170115, 2017, 0, 0, STATES.index("removed"), 0, 0],
        [20091201, 2010, 0, 1, STATES.index("listed"), 1 << list(english.FLAGS).index("mojibake"), 1],
    ]


def test_more_entries_leave_the_texts_of_earlier_ones_as_they_are(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PART", 2)
    told.see_all(day(1), *map(news, (1, 2, 3)))
    path = report(told.archive.folder, tmp_path / "report")
    before = contents(path)
    told.see_all(day(8), *map(news, (1, 2, 3, 0)))
    after = contents(report(told.archive.folder, path))
    assert before["data/news/texts-0.js"] == after["data/news/texts-0.js"]
    assert before["data/news/texts-1.js"] != after["data/news/texts-1.js"]


@given(st.text(max_size=40))
def test_words_of_any_text_are_found_again_as_they_are(text: str) -> None:
    for word in words(text):
        assert words(word) == {word}
        assert len(word) >= 2
        assert all(char.isalnum() for char in word)
        assert all(part.isalnum() or part == "_" for part in shelf(word, 2))
