"""The captures: five large crawls with gaps between them, single visits, and what else crawlers keep.

Times are UTC. What a row means stands beside it where it is not plain.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, cast

from . import pages
from .life import STORIES, Listing
from .taken import Taken

SESSION: Final = "0123456789abcdef0123456789abcdef"
HTTP: Final = "http://www.perusupportgroup.org.uk"
HTTPS: Final = "https://perusupportgroup.org.uk"


@dataclass(frozen=True)
class Visit:
    """A crawler's look at one page of a listing that was there."""

    stamp: str
    listing: str
    """``news``, ``articles``, ``home`` or ``posts``; the page number of the latter is in ``position``."""
    position: int
    form: str
    target: str | None = None
    """Path and query, where they are not the usual ones."""
    gzipped: bool = False
    chunked: bool = False
    repeats: str | None = None
    cut: bool = False

    @property
    def taken(self) -> Taken:
        """The capture."""
        if self.listing == "posts":
            text = pages.themed(self.position, self.stamp)
            target = self.target or ("/" if self.position == 1 else f"/page/{self.position}/")
            return Taken(url=HTTPS + target, stamp=self.stamp, text=text, content_type="text/html; charset=UTF-8")
        form = pages.FORMS[self.form]
        if self.listing == "home":
            text, target = pages.home(form, self.stamp), self.target or "/"
        else:
            text = pages.listing(form, cast("Listing", self.listing), self.position, self.stamp)
            target = self.target or f"/{self.listing}.php" + (f"?position={self.position}" if self.position else "")
        return Taken(
            url=form.root + target,
            stamp=self.stamp,
            text=text[: len(text) // 2] if self.cut else text,
            content_type=form.content_type,
            gzipped=self.gzipped,
            chunked=self.chunked,
            cut=self.cut,
            repeats=self.repeats,
        )


VISITS: Final = (
    # 2008: both lists whole, by way of port 80.
    Visit("20080512101400", "home", 0, "2008"),
    Visit("20080512101500", "news", 0, "2008"),
    Visit("20080512113000", "news", 10, "2008"),
    Visit("20080512180000", "news", 20, "2008"),
    Visit("20080512101600", "articles", 0, "2008"),
    Visit("20080512101700", "articles", 10, "2008"),
    # 2010: a slow crawl. Each page came within 24 hours of the one before, but the last; all with sessions but one.
    Visit("20100303001000", "news", 0, "2010", f"/news.php?PHPSESSID={SESSION}"),
    Visit("20100303230000", "news", 10, "2010", f"/news.php?PHPSESSID={SESSION}&position=10"),
    Visit("20100304230000", "news", 20, "2010"),  # 24 hours, and not a second more
    Visit("20100306120000", "articles", 0, "2010", "/articles.php?position=0"),
    Visit("20100306120000", "articles", 10, "2010"),  # two pages of one moment
    # The same page with and without a session, an hour apart: equal bytes, the same place of the list.
    Visit("20100401100000", "news", 20, "2010"),
    Visit("20100401110000", "news", 20, "2010", f"/news.php?position=20&PHPSESSID={SESSION}"),
    # 2012: a title that was changed and changed back, so that the last page is the first one again.
    Visit("20120210080000", "articles", 0, "2010"),
    Visit("20120320080000", "articles", 0, "2010"),
    Visit("20120501080000", "articles", 0, "2010"),
    # 2013: pages that say their encoding themselves; news from 20 on was not to be had (a 500, see below).
    Visit("20130719000000", "news", 0, "2013", gzipped=True),
    Visit("20130719000100", "news", 10, "2013"),
    Visit("20130719000300", "news", 30, "2013"),
    Visit("20130719000400", "articles", 0, "2013"),
    Visit("20130719000500", "articles", 10, "2013"),
    Visit("20130719000600", "articles", 20, "2013"),
    Visit("20130719000700", "home", 0, "2013"),
    # 2017: both lists whole but for a page that was cut off.
    Visit("20170218060000", "news", 0, "2017"),
    Visit("20170218060100", "news", 10, "2017"),
    Visit("20170218060200", "news", 20, "2017", gzipped=True),
    Visit("20170218060300", "news", 30, "2017", chunked=True),
    Visit("20170218060400", "news", 40, "2017", cut=True),
    Visit("20170218060500", "news", 50, "2017"),
    Visit("20170218060600", "news", 60, "2017"),
    Visit("20170218070000", "articles", 0, "2017"),
    Visit("20170218070100", "articles", 10, "2017"),
    Visit("20170218070200", "articles", 20, "2017"),
    Visit("20170218070300", "articles", 30, "2017"),
    Visit("20170218070400", "home", 0, "2017", "/index.php"),
    # Twelve days later nothing had changed: a crawler kept that, and no bytes.
    Visit("20170228060000", "news", 0, "2017", repeats="20170218060000"),
    Visit("20170228060100", "news", 10, "2017", repeats="20170218060100"),
    Visit("20170302030405", "news", 0, "2017"),
    # 2019: single pages far apart, the last of the PHP site.
    Visit("20190601120000", "news", 0, "2019"),
    Visit("20190601120100", "news", 20, "2019"),
    Visit("20190601120200", "articles", 0, "2019"),
    Visit("20190601120300", "home", 0, "2019"),
    Visit("20191020090000", "news", 0, "2019"),
    # WordPress.
    Visit("20191220100000", "posts", 1, ""),
    Visit("20200310100000", "posts", 1, ""),
    Visit("20200310100100", "posts", 2, ""),
)
"""What shows a page of a listing."""

_HTML: Final = "text/html; charset=UTF-8"
NO_PAGES: Final = (
    Taken(url=f"{HTTP}/articles.php?position=30", stamp="20130719000650", text=pages.ERROR),
    Taken(url=f"{HTTP}/news.php", stamp="20150607080000", text=pages.LOG_IN, content_type=_HTML),
    Taken(
        url=f"{HTTP}/news.php?position=990",
        stamp="20170218101011",
        text=pages.listing(pages.FORMS["2017"], "news", 990, "20170218101011"),
        content_type=_HTML,
    ),
    Taken(url=f"{HTTP}/", stamp="20191130120000", text=pages.PARKED),
    Taken(url=f"{HTTP}/news.php", stamp="20191201120000", text=pages.PARKED),
)
"""Captures of a listing's address with status 200 that show no listing: they prove nothing of any list."""

EMPTY: Final = (
    Taken(url=f"{HTTP}/", stamp="20150607080100", text=b""),
    Taken(url=f"{HTTP}/articles.php?position=20", stamp="20150607080200", text=b"", content_type=_HTML),
)
"""Status 200, and not one byte."""

OTHER_STATUS: Final = (
    Taken(url=f"{HTTP}/news.php?position=20", stamp="20130719000200", text=b"Internal Server Error", status=500),
    Taken(url=f"{HTTP}/articles.php?position=10", stamp="20150607080910", text=b"Internal Server Error", status=500),
    Taken(url=f"{HTTP}/news.php?position=80", stamp="20170218060700", text=b"<h1>Not Found</h1>\n", status=404),
    # To another scheme, where the page was taken a second later.
    Taken(
        url="http://www.perusupportgroup.org.uk/news.php?position=10",
        stamp="20170218060059",
        text=b"",
        status=301,
        location="https://www.perusupportgroup.org.uk/news.php?position=10",
    ),
    # To an address of which there is a capture two years earlier only; and out of the site.
    Taken(
        url="http://perusupportgroup.org.uk/articles.php?position=30",
        stamp="20190601120500",
        text=b"",
        status=302,
        location="https://www.perusupportgroup.org.uk/articles.php?position=30",
        content_type=None,
    ),
    Taken(
        url="http://perusupportgroup.org.uk/news.php?position=10",
        stamp="20190820111111",
        text=b"<a href='https://example.com/'>Moved</a>",
        status=301,
        location="https://example.com/peru",
    ),
)


def _beside() -> Iterator[Taken]:
    """Yield captures of the site that are of no listing: entries' own pages, a style sheet, look-alikes."""
    for number, story in enumerate(STORIES.values()):
        url = f"{HTTP}/{story.id}.html"
        stamp = f"20170219{number // 60:02d}{number % 60:02d}00"
        yield Taken(url=url, stamp=stamp, text=pages.entry(story.title), content_type=_HTML)
    yield Taken(
        url=f"{HTTP}/style.css", stamp="20170218060001", text=b"body { color: #333 }\n", content_type="text/css"
    )
    # Their addresses begin like those of listings.
    yield Taken(url=f"{HTTP}/news.php.bak", stamp="20130719001000", text=b"<?php include 'db.php'; ?>\n")
    yield Taken(url=f"{HTTP}/newsletter.php", stamp="20130719001100", text=pages.LOG_IN, content_type=_HTML)


@dataclass(frozen=True)
class Past:
    """All captures, in order of time."""

    all: tuple[Taken, ...]
    visits: tuple[tuple[Visit, Taken], ...]
    no_pages: tuple[Taken, ...] = NO_PAGES
    empty: tuple[Taken, ...] = EMPTY
    other_status: tuple[Taken, ...] = OTHER_STATUS


def _past() -> Past:
    visits = [(visit, visit.taken) for visit in VISITS]
    at = {(taken.url, taken.stamp): taken for _, taken in visits}
    # A revisit has the bytes of what it repeats, and they are the site's still.
    for place, (visit, taken) in enumerate(visits):
        if visit.repeats is not None:
            first = at[taken.url, visit.repeats]
            assert first.text == taken.text
            visits[place] = (visit, replace(taken, text=first.text))
    found = [*(taken for _, taken in visits), *NO_PAGES, *EMPTY, *OTHER_STATUS, *_beside()]
    return Past(tuple(sorted(found, key=lambda one: (one.stamp, one.url))), tuple(visits))


PAST: Final = _past()
