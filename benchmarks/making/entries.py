"""Lines of entries in canonical order, and two files of them that differ a little."""

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

WORDS: Final = (
    "Peru government mining conflict rights congress president women water protest law court "
    "river company indigenous campaign report region mine election the of and in to for with Perú Áncash"
).split()
NEWEST: Final = date(2019, 10, 20)


def _running(words: int) -> str:
    chance = Random(2004)  # noqa: S311 - words, not secrets
    return " ".join(chance.choices(WORDS, k=words))


_TEXT: Final = _running(40_000)


def text(number: int, length: int) -> str:
    """Return so many characters of running text, others for each number; the same for the same."""
    start = number * 7919 % (len(_TEXT) - length)
    return _TEXT[start : start + length].strip().capitalize()


def fields(number: int, day: date, edited: str = "") -> dict[str, Any]:
    """Return the entry of that number as the fields of its line."""
    return {
        "id": f"news-article-{number:07d}",
        "date_earliest": f"{day}",
        "date_latest": f"{day}",
        "date_edtf": f"{day}",
        "kind": "entry",
        "series": None,
        "issue": None,
        "title": f"{text(number, 48)}{edited}",
        "summary": f"{text(number * 3 + 1, 280)}.",
        "url": f"http://perusupportgroup.org.uk/news-article-{number:07d}.html",
        "caption": None,
        "categories": [],
        "modified": None,
        "dateline": f"{day:%d %B %Y}",
        "flags": [],
    }


def line(number: int, day: date, edited: str = "") -> bytes:
    """Return the line of the entry of that number, with its end."""
    return json.dumps(fields(number, day, edited), separators=(",", ":")).encode("ascii") + b"\n"


def day_of(place: int, entries: int) -> date:
    """Return the day of an entry by its place from the newest: some share a day, ids rise within it."""
    return NEWEST - timedelta(days=place * 12_000 // entries)


def pair(folder: str, entries: int) -> None:
    """Write ``old.jsonl`` and ``new.jsonl``: of a thousand entries one is added, one removed, one edited."""
    there = Path(folder)
    there.mkdir(parents=True, exist_ok=True)
    with (there / "old.jsonl").open("wb") as old, (there / "new.jsonl").open("wb") as new:
        for place in range(entries):
            day = day_of(place, entries)
            data = line(place, day)
            which = place % 1000
            if which != 500:  # an entry that was added
                old.write(data)
            if which == 250:  # one that was edited
                new.write(line(place, day, " (corrected)"))
            elif which != 750:  # one that was removed
                new.write(data)


def differing(entries: int) -> int:
    """Return how many lines of either file are not in the other: an edited one, and an added or removed one."""
    return sum(place % 1000 == 250 for place in range(entries)) + sum(place % 1000 == 500 for place in range(entries))
