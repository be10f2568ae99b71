"""Listing pages of some 15 KB with ten entries each, every one its own."""

from datetime import date, timedelta
from typing import Final

from benchmarks.making.entries import text

PER_PAGE: Final = 10
AROUND: Final = 10
"""Pages before and behind that a pager links."""
_STANDING: Final = "An invented sentence about an invented river, of a length that summaries have. " * 6
_NEWEST: Final = date(2018, 11, 28)
_DAYS: Final = 9_000
"""Between the first entry and the last."""


def page(number: int, pages: int) -> bytes:
    """Return a page of a listing, numbered from 0; newest entries first; the last page is short, and has no next.

    Its pager links ten pages before and behind, and the next one by its name.
    """
    first = (pages - number) * PER_PAGE
    shown = PER_PAGE if number < pages - 1 else PER_PAGE - 6
    items = "".join(
        f'<li class="item"><h3><a href="news-article-{first - place}.html">Synthetic title {first - place} of all'
        f'</a></h3><p class="date">{_day(number * PER_PAGE + place, pages):%d %B %Y}</p>'
        f"<p>{text(first - place, 480)}.</p><p>{text(place - first, 440)}.</p>"
        f'<p class="more"><a href="news-article-{first - place}.html">Read more</a></p></li>'
        for place in range(shown)
    )
    menu = "".join(f'<li><a href="page{place}.php">Menu {place}</a></li>' for place in range(20))
    near = range(max(0, number - AROUND), min(pages, number + AROUND + 1))
    pager = " ".join(f'<a href="{address(other)[1:]}">{other + 1}</a>' for other in near)
    onward = f' <a class="next" href="news.php?position={(number + 1) * PER_PAGE}">Next</a>'
    side = "".join(f"<div><h3>Standing block {place}</h3><p>{_STANDING}</p></div>" for place in range(4))
    return (
        '<html><head><meta charset="utf-8"><title>News</title></head><body>'
        f"<ul>{menu}</ul><div><ul>{items}</ul><p class='pager'>{pager}{onward if number < pages - 1 else ''}</p></div>"
        f"<div>{side}</div></body></html>"
    ).encode()


def _day(place: int, pages: int) -> date:
    return _NEWEST - timedelta(days=place * _DAYS // (pages * PER_PAGE))


def address(number: int) -> str:
    """Return path and query of a page, as the site has them."""
    return f"/news.php?position={number * PER_PAGE}" if number else "/news.php"


def entries(pages: int) -> int:
    """Return how many entries so many pages show."""
    return pages * PER_PAGE - 6
