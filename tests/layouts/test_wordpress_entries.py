"""What a layout says of an entry by itself goes before what is derived from links and datelines."""

import pytest
from msgspec import structs

from psgcrawl import derive
from psgcrawl.records import Dated, Entry, RawEntry
from tests.layouts.making import HOME, NEWS, page_of, raw

POST = RawEntry(
    kind="entry",
    list="posts",
    title="Water",
    summary="It rained.",
    href="http://perusupportgroup.org.uk/article-7.html",
    dated=Dated(edtf="2024-06-14", earliest="2024-06-14", latest="2024-06-14"),
    identity="post-254",
    categories=("News", " Arts\u00a0", "News", ""),
    modified="2024-06-15T08:00:00Z",
)


def entry_of(post: RawEntry, url: str | None = HOME, fields: tuple[str, ...] = ("title", "url")) -> Entry:
    page = derive.normalise(derive.read_datelines(page_of(post, url=url, fields=fields)))
    return page.entries[0]


def test_the_layouts_own_identity_goes_before_a_link() -> None:
    assert entry_of(POST).id == "post-254"
    assert entry_of(structs.replace(POST, identity=None)).id == "article-7"
    assert entry_of(structs.replace(POST, identity=None, href=None)).id.startswith("x-")


def test_a_day_that_the_layout_knows_is_left_as_it_is() -> None:
    assert entry_of(POST).date_edtf == "2024-06-14"
    assert entry_of(structs.replace(POST, dateline="3 May 2013")).date_edtf == "2024-06-14"
    assert entry_of(structs.replace(POST, dateline="3 May 2013", dated=None)).date_edtf == "2013-05-03"


def test_no_dateline_is_missed_where_the_layout_shows_none() -> None:
    assert (entry_of(POST).dateline, entry_of(POST).flags) == (None, [])
    assert entry_of(POST, fields=("dateline", "title")).flags == ["no-dateline"]


def test_categories_are_text_sorted_and_each_once() -> None:
    assert entry_of(POST).categories == ["Arts", "News"]
    assert entry_of(structs.replace(POST, categories=("a\x01",))).flags == ["control-characters"]
    assert entry_of(structs.replace(POST, categories=("Peruís",))).flags == ["mojibake"]


def test_the_time_of_the_last_change_is_kept() -> None:
    assert entry_of(POST).modified == "2024-06-15T08:00:00Z"
    assert entry_of(raw(), url=NEWS).modified is None


@pytest.mark.parametrize("url", [HOME, NEWS, None])
def test_posts_stand_in_their_own_list_whatever_the_address(url: str | None) -> None:
    page = derive.normalise(derive.read_datelines(page_of(POST, url=url)))
    assert page.lists == ("posts",)


def test_a_post_of_the_future_is_a_problem_of_its_page() -> None:
    page = derive.normalise(derive.read_datelines(page_of(POST, url=HOME)))
    assert derive.bound(page, "2024-06-13T00:00:00Z").problems == (
        "future date: post-254 is dated 2024-06-14, after the capture (2024-06-13T00:00:00Z)",
    )
