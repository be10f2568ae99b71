"""Reading pages and datelines, beside what they cannot be faster than: ``python benchmarks/reading.py``.

A synthetic listing page of about 15 KB with ten entries, in the markup of a list. Each
line is a ratio of two things timed in turn in one process; medians of the rounds.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import lxml.html

from psgcrawl import datelines, layouts

_TEXT: Final = "An invented sentence about an invented river, of a length that summaries have. " * 6


def page(entries: int = 10) -> bytes:
    """Return a listing page."""
    items = "".join(
        f'<li class="item"><h3><a href="news-article-{number}.html">Synthetic title number {number} of all</a></h3>'
        f'<p class="date">{number % 28 + 1:02d} September 2018</p><p>{_TEXT}</p><p>{_TEXT}</p>'
        f'<p class="more"><a href="news-article-{number}.html">Read more</a></p></li>'
        for number in range(1, entries + 1)
    )
    menu = "".join(f'<li><a href="page{number}.php">Menu {number}</a></li>' for number in range(20))
    pager = "".join(f'<a href="?position={number}0">{number}</a> ' for number in range(20))
    side = "".join(f"<div><h3>Standing block {number}</h3><p>{_TEXT}</p></div>" for number in range(4))
    return (
        '<html><head><meta charset="utf-8"><title>t</title></head><body>'
        f"<ul>{menu}</ul><div><ul>{items}</ul><p>{pager}</p></div><div>{side}</div></body></html>"
    ).encode()


def timed(work: Callable[[], object], calls: int) -> float:
    """Return seconds of processor time for one call."""
    begun = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - begun) / calls


def compare(
    name: str, ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int, calls: int
) -> dict[str, object]:
    """Time two things in turn; returns microseconds of each and their ratio as median, least and most."""
    pairs = [(timed(ours, calls), timed(theirs, calls)) for _ in range(rounds)]
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
    body = page()
    entries = layouts.read(body, media_type="text/html").entries
    if sum(entry.kind == "entry" for entry in entries) != 10:
        raise SystemExit("the page is not read as ten entries: the figures would mean nothing")
    rows = [
        compare(
            f"layout: {len(body)} bytes of HTML to {len(entries)} blocks, against lxml.html.fromstring alone",
            lambda: layouts.read(body, media_type="text/html"),
            lambda: lxml.html.fromstring(body),
            rounds=args.rounds,
            calls=40,
        ),
        *(
            compare(
                f"dateline {line!r}, against strptime of its date",
                lambda line=line: datelines.parse(line),
                lambda: datetime.strptime("30 April 2004", "%d %B %Y"),  # noqa: DTZ007 - a day has no zone
                rounds=args.rounds,
                calls=3000,
            )
            for line in ("30 April 2004", "Update 103. 30 April 2004", "Update 140. June / July 2010", _TEXT[:200])
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
