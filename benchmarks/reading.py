"""Reading pages and datelines, beside what they cannot be faster than: ``python benchmarks/reading.py``.

Synthetic listing pages of about 15 KB with ten entries, in the markup of a list. Pages
and lines are all different in what differs from page to page of a site, so that what is
remembered of one does not read the next. Each line is a ratio of two things timed in
turn in one process; medians of the rounds.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import lxml.html

from psgcrawl import datelines, layouts

T = TypeVar("T")

_PAGES: Final = 40
_DAYS: Final = [
    f"{day:02d} {month} {year}" for year in range(1990, 2020) for month in ("April", "May") for day in range(1, 29)
]
_ISSUES: Final = range(100, 1600)
_TEXT: Final = "An invented sentence about an invented river, of a length that summaries have. " * 6


def page(first: int = 1, entries: int = 10) -> bytes:
    """Return a listing page whose entries are numbered from ``first`` on."""
    items = "".join(
        f'<li class="item"><h3><a href="news-article-{number}.html">Synthetic title number {number} of all</a></h3>'
        f'<p class="date">{_DAYS[number % len(_DAYS)]}</p><p>{_TEXT}</p><p>{_TEXT}</p>'
        f'<p class="more"><a href="news-article-{number}.html">Read more</a></p></li>'
        for number in range(first, first + entries)
    )
    menu = "".join(f'<li><a href="page{number}.php">Menu {number}</a></li>' for number in range(20))
    pager = "".join(f'<a href="?position={number}0">{number}</a> ' for number in range(20))
    side = "".join(f"<div><h3>Standing block {number}</h3><p>{_TEXT}</p></div>" for number in range(4))
    return (
        '<html><head><meta charset="utf-8"><title>t</title></head><body>'
        f"<ul>{menu}</ul><div><ul>{items}</ul><p>{pager}</p></div><div>{side}</div></body></html>"
    ).encode()


def timed(work: Callable[[T], object], things: Sequence[T]) -> float:
    """Return seconds of processor time for one call, of one with each of the things."""
    begun = time.process_time()
    for thing in things:
        work(thing)
    return (time.process_time() - begun) / len(things)


def compare(
    name: str, ours: Callable[[T], object], theirs: Callable[[T], object], things: Sequence[T], *, rounds: int
) -> dict[str, Any]:
    """Time two things in turn; returns microseconds of each and their ratio as median, least and most."""
    pairs = [(timed(ours, things), timed(theirs, things)) for _ in range(rounds)]
    ratios = [mine / other for mine, other in pairs]
    return {
        "what": name,
        "ours_us": round(statistics.median(mine for mine, _ in pairs) * 1e6, 1),
        "theirs_us": round(statistics.median(other for _, other in pairs) * 1e6, 1),
        "ratio": [round(value, 2) for value in (statistics.median(ratios), min(ratios), max(ratios))],
    }


def main() -> None:
    """Measure and print, as a table or with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    pages = [page(first) for first in range(1, 10 * _PAGES, 10)]
    entries = layouts.read(pages[0], media_type="text/html").entries
    if sum(entry.kind == "entry" for entry in entries) != 10:
        raise SystemExit("the page is not read as ten entries: the figures would mean nothing")
    lines = {
        "30 April 2004": _DAYS,
        "Update 103. 30 April 2004": [f"Update {number}. 30 April 2004" for number in _ISSUES],
        "Update 140. June / July 2010": [f"Update {number}. June / July 2010" for number in _ISSUES],
        "running text": [f"{number} {_TEXT[:40]}" for number in _ISSUES],
    }
    rows = [
        compare(
            f"layout: {len(pages[0])} bytes of HTML to {len(entries)} blocks, against lxml.html.fromstring alone",
            lambda body: layouts.read(body, media_type="text/html"),
            lxml.html.fromstring,
            pages,
            rounds=args.rounds,
        ),
        *(
            compare(
                f"{len(alike)} datelines as {name!r}, against strptime of a date",
                datelines.parse,
                lambda _: datetime.strptime("30 April 2004", "%d %B %Y"),  # noqa: DTZ007 - a day has no zone
                alike,
                rounds=args.rounds,
            )
            for name, alike in lines.items()
        ),
    ]
    if args.json:
        print(json.dumps({"machine": platform.platform(), "python": platform.python_version(), "rows": rows}, indent=2))
        return
    print(f"{platform.platform()}, Python {platform.python_version()}; ratio: median (least to most)")
    for row in rows:
        median, least, most = row["ratio"]
        print(f"{row['ours_us']:>9} µs  {median:>6} ({least} to {most})  {row['what']}")


if __name__ == "__main__":
    main()
