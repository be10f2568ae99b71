"""Makes the synthetic example: two crawls of an invented listing, a week apart.

``python -m psgcrawl.samples.synthetic`` writes the folder ``example`` beside this file,
the same bytes each time. Nothing in it was ever on the Peru Support Group's site; each
title says so. Between the two crawls two entries are added, three are edited (a title,
a summary, a dateline) and one is taken off the list.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Final

NOTE: Final = "Synthetic: made by psgcrawl.samples.synthetic to try the program with; nothing in it was ever published."
TITLE: Final = "Synthetic example of a listing (invented)"
_BASE: Final = "http://example.org"
_PAGE: Final = 10
_NEWEST: Final = date(2026, 2, 28)
_SUBJECTS: Final = (
    "the invented river",
    "a made-up school",
    "the imaginary mine",
    "an example assembly",
    "the placeholder bridge",
    "a sample market",
)
_EVENTS: Final = ("meets again", "opens its doors", "waits for an answer", "publishes its report")


@dataclass(frozen=True)
class Item:
    """One invented entry."""

    number: int
    day: date
    title: str
    summary: str


def first_crawl() -> list[Item]:
    """Return the entries of the first crawl, newest first."""
    return [
        Item(
            number=number,
            day=_NEWEST - timedelta(days=3 * (23 - number)),
            title=f"Synthetic: {_SUBJECTS[number % 6]} {_EVENTS[number % 4]} ({number})",
            summary=(
                f"This is invented entry number {number}. It says nothing about Peru, "
                "and is here so that two snapshots can be compared."
            ),
        )
        for number in range(23, 0, -1)
    ]


def second_crawl() -> list[Item]:
    """Return the entries a week later: two more, three edited, one gone."""
    items = {item.number: item for item in first_crawl()}
    items[20] = replace(items[20], title=items[20].title.replace("the imaginary mine", "the imaginary quarry"))
    items[15] = replace(items[15], summary=items[15].summary.replace("two snapshots", "any two snapshots"))
    items[9] = replace(items[9], day=items[9].day - timedelta(days=1))
    del items[12]
    for number in (24, 25):
        items[number] = replace(
            items[1],
            number=number,
            day=_NEWEST + timedelta(days=3 * (number - 23)),
            title=f"Synthetic: {_SUBJECTS[number % 6]} {_EVENTS[number % 4]} ({number})",
            summary=f"This is invented entry number {number}, added between the two crawls.",
        )
    return [items[number] for number in sorted(items, reverse=True)]


def _page(items: list[Item], position: int, last: int) -> str:
    shown = items[position : position + _PAGE]
    entries = "\n".join(
        f'  <li>\n    <h3><a href="news-article-{item.number}.html">{escape(item.title)}</a></h3>\n'
        f'    <p class="date">{item.day:%d %B %Y}</p>\n    <p>{escape(item.summary)}</p>\n  </li>'
        for item in shown
    )
    older = f'<a href="news.php?position={position + _PAGE}">Next</a>' if position + _PAGE < last else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n'
        '<head><meta charset="utf-8"><title>Synthetic example</title></head>\n<body>\n'
        '<ul class="menu"><li><a href="/">Home</a></li><li><a href="news.php">News</a></li></ul>\n'
        f"<h1>Synthetic example</h1>\n<ul>\n{entries}\n</ul>\n<p>{older}</p>\n"
        "<div><h3>About this example</h3>\n"
        "<p>An invented listing that comes with psgcrawl, to try the program with.</p></div>\n"
        "</body>\n</html>\n"
    )


def files() -> dict[str, str]:
    """Return the example's files by name."""
    made: dict[str, str] = {}
    sidecar: list[str] = []
    begun = datetime(2026, 3, 1, 6, tzinfo=UTC)
    for start, items in ((begun, first_crawl()), (begun + timedelta(days=7), second_crawl())):
        for position in range(0, len(items), _PAGE):
            captured = start + timedelta(seconds=position // _PAGE)
            name = f"{captured:%Y%m%d}-{position:02d}.html"
            made[name] = _page(items, position, len(items))
            line = {
                "file": name,
                "url": f"{_BASE}/news.php" + (f"?position={position}" if position else ""),
                "captured_at": f"{captured:%Y-%m-%dT%H:%M:%SZ}",
                "collection": "example",
                "title": TITLE,
                "note": NOTE,
            }
            sidecar.append(json.dumps(line) + "\n")
    made["captures.jsonl"] = "".join(sidecar)
    return made


def main(folder: Path = Path(__file__).parent / "example") -> None:
    """Write the example into ``folder``."""
    folder.mkdir(exist_ok=True)
    for name, content in files().items():
        folder.joinpath(name).write_bytes(content.encode("ascii"))


if __name__ == "__main__":
    main()
