"""Crawls for the tests of the guards: a listing of numbered entries, about three a week, and what becomes of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.coverage import coverage
from psgcrawl.guards import Limits, Refusal, View, judge
from psgcrawl.records import Coverage, Entry, ListName, Page, replace
from tests.archive import making
from tests.archive.making import at

FIRST = date(2015, 1, 1)
LIMITS = Limits.usual()


def entry(number: int, /, **given: Any) -> Entry:
    """An entry of a listing: the higher its number, the newer it is."""
    day = (FIRST + timedelta(days=number * 7 // 3)).isoformat()
    dated = {"date_earliest": day, "date_latest": day, "date_edtf": day, "dateline": day}
    texts = {"title": f"Title {number}", "summary": f"Summary {number}"}
    link = {"url": f"http://perusupportgroup.org.uk/news-article-{number}.html"}
    return making.entry(f"news-article-{number}", **{**dated, **texts, **link, **given})


def undated(one: Entry) -> Entry:
    return replace(one, date_earliest=None, date_latest=None, date_edtf=None, dateline=None)


def listing(newest: int, size: int = 33) -> list[Entry]:
    """The entries of a listing, newest first."""
    return [entry(number) for number in range(newest, newest - size, -1)]


def pages(entries: Sequence[Entry], **given: Any) -> list[Page]:
    """The pages that show those entries, ten on each, captured on the day of the newest."""
    day = max((one.date_earliest or "2015-01-01" for one in entries), default="2015-01-01")
    return [
        making.page(*entries[first : first + 10], **{"position": first, "captured": at(f"{day}T12:00:00Z"), **given})
        for first in range(0, len(entries), 10)
    ]


def view(shown: Sequence[Page], *, claimed: Coverage | None = None, name: str = "20191001T060000Z") -> View:
    """What a crawl that saw those pages looks like to the guards."""
    made = assemble(shown)
    seen = claimed or coverage(shown[0].collection, shown)
    return View(name, shown[-1].captured.since[:10], made.entries, made.rows, seen)


def seen(entries: Sequence[Entry], **given: Any) -> View:
    """What a crawl of a whole listing looks like to the guards."""
    return view(pages(entries, **given))


def part(entries: Sequence[Entry], end: Any = "limit", **given: Any) -> View:
    """What a crawl that left older pages out looks like to the guards."""
    shown = pages(entries, **given)
    return view(shown, claimed=replace(coverage("news", shown), complete=False, end=end))


def home(news: Sequence[Entry], articles: Sequence[Entry], *around: Entry) -> View:
    """What a crawl of the home page looks like to the guards."""
    counted: list[tuple[ListName, int]] = [
        ("news", len(news)),
        ("articles", len(articles)),
        ("boilerplate", len(around)),
    ]
    lists = [name for name, number in counted for _ in range(number)]
    shown = making.page(
        *news, *articles, *around, lists=lists, collection="home", url="http://perusupportgroup.org.uk/"
    )
    return view([shown])


def guards(now: View, past: View | None = None, limits: Limits = LIMITS) -> list[str]:
    """Return the names of the guards that refuse the crawl."""
    return [refusal.guard for refusal in judge(now, past, limits)]


def words(now: View, past: View | None = None) -> str:
    """Return the one reason for which a crawl is refused."""
    [refusal] = judge(now, past, LIMITS)
    assert isinstance(refusal, Refusal)
    return str(refusal)
