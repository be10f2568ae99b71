"""What must hold of every page, whatever its bytes, between its evidence and what is stored of it."""

import re
from hashlib import sha256
from itertools import pairwise
from typing import Final

from psgcrawl import urls
from psgcrawl.archive import jsonl
from psgcrawl.archive.assemble import Assembled, assemble
from psgcrawl.captures.capture import Capture, derived, where
from psgcrawl.errors import UnreadablePage
from psgcrawl.paging import ListingWalk
from psgcrawl.records import Captured, Entry, Page, PageRow
from psgcrawl.spiders.listing import link_of

NEWS: Final = "http://perusupportgroup.org.uk/news.php?position=10"
HOME: Final = "https://perusupportgroup.org.uk/"
_NOW: Final = "2026-01-01T00:00:00Z"
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def holds(body: bytes, media_type: str, url: str | None) -> None:
    """Read a page as a crawl does, and hold what is stored of it against what is promised."""
    page = _page(body, media_type, url)
    if isinstance(page, str):
        assert page.startswith("page: ")
        assert page == _page(body, media_type, url)
        return
    assert _page(body, media_type, url) == page, "twice read, two answers"
    assert page.sha256 == sha256(body).hexdigest()
    assert (page.layout is None) <= (not page.raw)
    assert page.layout is not None or page.problems
    assert all(problem.isprintable() for problem in page.problems)
    assert len(page.raw) == len(page.entries) == len(page.lists)
    stored = assemble([page])
    for entry in stored.entries:
        _is_sound(entry)
    _is_whole(stored)
    _leads_somewhere(page)


def _page(body: bytes, media_type: str, url: str | None) -> Page | str:
    collection, position = where(url, None)
    capture = Capture(
        place="page",
        url=url,
        collection=collection,
        position=position,
        captured=Captured(since="2017-02-18T06:00:00Z", until=None),
        captured_basis="bound",
        source="file",
        status=None,
        media_type=media_type,
        payload=body,
        content=body,
    )
    try:
        return derived(capture, _NOW)
    except UnreadablePage as error:
        return str(error)


def _is_sound(entry: Entry) -> None:
    printed = (entry.title, entry.summary, entry.dateline, entry.caption, entry.url, *entry.categories)
    assert not any(_NO_TEXT.search(text or "") for text in printed)
    assert entry.id
    assert entry.id.isprintable()
    assert "\n" not in entry.title
    assert entry.title == entry.title.strip()
    # Posts can be without title; what has no dateline, either, is no entry of the PHP site.
    assert entry.title or entry.id.startswith("post-")
    assert entry.flags == sorted(set(entry.flags))
    assert entry.categories == sorted(set(entry.categories))
    assert (entry.date_earliest is None) == (entry.date_latest is None)
    assert (entry.date_earliest or "") <= (entry.date_latest or "")
    assert entry.date_edtf is not None or entry.date_earliest is None
    assert entry.url is None or entry.url.startswith(("http://", "https://"))
    assert entry.url is None or urls.canonical(entry.url, None) == entry.url, "an address is canonical at once"


def _is_whole(stored: Assembled) -> None:
    """Hold the lines against the table of what is stored: order, identity, and that they read back."""
    ids = [entry.id for entry in stored.entries]
    assert len(set(ids)) == len(ids)
    for one, other in pairwise(stored.entries):
        assert (one.date_earliest or "") >= (other.date_earliest or "")
        assert one.date_earliest != other.date_earliest or one.id.encode() < other.id.encode()
    [row] = stored.rows
    assert {id_ for view in row.lists for id_ in view.entries} == set(ids)
    lines = jsonl.dump_lines(stored.entries)
    assert [jsonl.decode(line, Entry, "line") for line in lines.split(b"\n")[:-1]] == stored.entries
    assert jsonl.decode(jsonl.dumps(row), PageRow, "line") == row


def _leads_somewhere(page: Page) -> None:
    """Take the page for the first of a walk: it goes on or ends, and says which."""
    walk = ListingWalk("news")
    following = walk.next(page, link_of(page, "news"))
    assert (following is None) == walk.over
    assert following is None or following >= 0
    walk.coverage()
