"""A real WordPress, read in three ways: the same entries as far as each shows them, and nothing that is not public."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from psgcrawl import layouts
from psgcrawl.layouts.wordpress import feed, rest
from psgcrawl.records import Entry, Page
from tests.layouts import ways
from tests.layouts.making import observed
from tests.service.wordpress.posts import CANARY
from tests.service.wordpress.server import WordPress

pytestmark = pytest.mark.service

API = f"{rest.PATH}?{urlencode(rest.QUERY)}"
POSTS = 61


def shown(server: WordPress, path: str, status: int = 200) -> Page:
    answer = server.get(path)
    assert answer.status == status
    assert CANARY.encode() not in answer.body
    return observed(answer.body, answer.media_type, server.address + path, "utf-8")


def by_rest(server: WordPress) -> Page:
    return shown(server, API)


def by_feed(server: WordPress) -> list[Page]:
    return [shown(server, f"{feed.PATH}?paged={page}") for page in range(1, POSTS // 10 + 2)]


def by_theme(server: WordPress) -> list[Page]:
    return [shown(server, "/" if page == 1 else f"/page/{page}/") for page in range(1, POSTS // 10 + 2)]


def one(page: Page, number: int) -> Entry:
    [entry] = [entry for entry in page.entries if entry.id == f"post-{number}"]
    return entry


def test_the_api_says_how_many_posts_there_are_and_shows_each_as_it_was_typed(wordpress: WordPress) -> None:
    headers = wordpress.get(API).headers
    assert (headers["X-WP-Total"], headers["X-WP-TotalPages"]) == (str(POSTS), "1")
    page = by_rest(wordpress)
    assert (page.fields, page.problems) == (rest.FIELDS, ())
    assert ways.wrong(page.entries, untitled="Untitled") == []


@pytest.mark.parametrize(
    ("theme", "fields", "way"),
    [
        ("twentytwentyone", ("categories", "summary", "title", "url"), "wordpress-theme"),
        ("twentytwentythree", ("summary", "title", "url"), "twentytwentythree"),
    ],
)
def test_all_three_ways_show_the_same(wordpress: WordPress, theme: str, fields: tuple[str, ...], way: str) -> None:
    wordpress.theme(theme)
    whole = ways.by_id([by_rest(wordpress)])
    assert len(whole) == POSTS
    for pages, shows, name in (
        (by_feed(wordpress), feed.FIELDS, "wordpress-feed"),
        (by_theme(wordpress), fields, way),
    ):
        assert {(page.fields, page.problems) for page in pages} == {(shows, ())}
        some = ways.by_id(pages)
        assert some == ways.as_far_as(some, whole, name)


def test_a_theme_that_prints_whole_texts_never_prints_that_of_a_protected_post(wordpress: WordPress) -> None:
    wordpress.theme("twentytwentyone", display_excerpt_or_full_post="full")
    pages = by_theme(wordpress)
    entries = {entry.id: entry for page in pages for entry in page.entries}
    assert (entries["post-309"].title, entries["post-309"].summary) == ("Protected by a password", "")
    assert entries["post-312"].summary == "What everyone sees."
    assert entries["post-313"].summary == "Three demands:\n\n- water\n- land < 5 ha"


def test_the_pager_of_a_theme_leads_through_all_pages(wordpress: WordPress) -> None:
    for theme in ("twentytwentyone", "twentytwentythree"):
        wordpress.theme(theme)
        path: str | None = "/"
        walked = 0
        while path is not None:
            answer = wordpress.get(path)
            href = layouts.read(answer.body, media_type=answer.media_type).next_href
            path = None if href is None else href.removeprefix(wordpress.address)
            walked += 1
        assert walked == POSTS // 10 + 1


def test_a_post_in_more_categories_than_the_api_names_is_said_to_be(wordpress: WordPress) -> None:
    number = wordpress.add("Everywhere", categories=[f"Subject {place}" for place in range(12)])
    page = by_rest(wordpress)
    assert "categories" not in page.fields
    assert page.problems == (f"categories: 2 of post {number} have no name in the answer",)


def test_the_feed_names_tags_and_categories_alike(wordpress: WordPress) -> None:
    number = wordpress.add("Tagged", categories=["News"], tags=["rain"])
    body = wordpress.get(feed.PATH).body.decode()
    assert re.findall(r"<category><!\[CDATA\[(\w+)\]\]></category>", body)[:2] == ["News", "rain"]
    assert one(by_rest(wordpress), number).categories == ["News"]


def test_a_signed_feed_shows_the_same_summaries(wordpress: WordPress) -> None:
    unsigned = ways.by_id(by_feed(wordpress))
    wordpress.sign_feed()
    assert b" appeared first on <a" in wordpress.get(feed.PATH).body
    assert ways.by_id(by_feed(wordpress)) == unsigned


@pytest.mark.parametrize(("status", "code"), [(401, "rest_forbidden"), (403, "rest_forbidden"), (404, "rest_no_route")])
def test_a_closed_api_is_no_empty_listing(wordpress: WordPress, status: int, code: str) -> None:
    wordpress.close_rest(status)
    page = shown(wordpress, API, status)
    assert (page.layout, page.entries) == (None, ())
    assert f"the REST API answered '{code}'" in page.problems[0]


def test_a_closed_feed_is_no_empty_listing(wordpress: WordPress) -> None:
    wordpress.close_feed()
    page = shown(wordpress, feed.PATH, 404)
    assert (page.layout, page.entries) == (None, ())


def test_pages_beyond_the_last_are_said_to_be(wordpress: WordPress) -> None:
    assert "rest_post_invalid_page_number" in shown(wordpress, f"{API}&page=2", 400).problems[0]
    assert shown(wordpress, f"{feed.PATH}?paged=8", 404).entries == ()
    assert shown(wordpress, "/page/8/", 404).layout is None


@pytest.mark.parametrize("page", ["/2007/03/an-old-item-published-again/", "/about-us/"])
def test_a_page_that_is_no_listing_gives_no_entries(wordpress: WordPress, page: str) -> None:
    for theme in ("twentytwentyone", "twentytwentythree"):
        wordpress.theme(theme)
        assert shown(wordpress, page).layout is None


def changed(server: WordPress, before: Page) -> dict[str, tuple[Any, Any]]:
    """Return what of each entry is another one now, by its id."""
    old = {entry.id: entry for entry in before.entries}
    new = {entry.id: entry for entry in by_rest(server).entries}
    return {id_: (old.get(id_), new.get(id_)) for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_)}


def test_what_its_editors_do_is_seen(wordpress: WordPress) -> None:
    before = by_rest(wordpress)
    wordpress.trash(200)
    wordpress.edit(201, status="draft")
    wordpress.edit(202, title="Another title")
    wordpress.delete(203)
    number = wordpress.add("Of long ago", date="2009-06-01 10:00:00", content="<p>Found again.</p>")
    changes = changed(wordpress, before)
    assert changes.keys() == {"post-200", "post-201", "post-202", "post-203", f"post-{number}"}
    assert [id_ for id_, (_, new) in sorted(changes.items()) if new is None] == ["post-200", "post-201", "post-203"]
    edited = changes["post-202"][1]
    assert (edited.title, edited.modified > changes["post-202"][0].modified) == ("Another title", True)
    assert changes[f"post-{number}"][1].date_edtf == "2009-06-01"
    wordpress.untrash(200)
    assert one(by_rest(wordpress), 200).title == one(before, 200).title


def test_what_a_test_changed_is_undone(wordpress: WordPress) -> None:
    before = by_rest(wordpress)
    wordpress.trash(200)
    wordpress.close_rest(403)
    wordpress.restore()
    assert changed(wordpress, before) == {}
    asked = wordpress.requests()
    assert asked[-1] == f"200 GET {API}"
