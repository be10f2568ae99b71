"""What a real WordPress answered (tests/service/wordpress/recording.py) becomes the same entries, whichever way."""

from pathlib import Path

import pytest

from psgcrawl.archive.assemble import assemble
from psgcrawl.records import Page
from tests.layouts import ways
from tests.layouts.making import observed
from tests.service.wordpress.posts import CANARY

FOLDER = Path(__file__).resolve().parent / "wordpress"
SITE = "https://perusupportgroup.org.uk"
MEDIA_TYPES = {".json": "application/json", ".xml": "application/rss+xml", ".html": "text/html"}
THEMES = ("twentytwentyone", "twentytwentythree")


def recorded(name: str) -> Page:
    path = FOLDER / name
    return observed(path.read_bytes(), MEDIA_TYPES[path.suffix], f"{SITE}/", "utf-8")


REST = recorded("rest.json")
FEED = [recorded(f"feed-{page}.xml") for page in (1, 2, 3)]
THEMED = {theme: [recorded(f"{theme}-{page}.html") for page in (1, 2, 3)] for theme in THEMES}


def test_the_rest_api_shows_every_post_as_it_was_typed() -> None:
    assert REST.layout == "wordpress-rest"
    assert REST.fields == ("categories", "modified", "summary", "title", "url")
    assert REST.problems == ()
    assert ways.wrong(REST.entries, untitled="Untitled") == []
    assert set(REST.lists) == {"posts"}


def test_the_feed_shows_the_same_as_far_as_it_can() -> None:
    assert {(page.layout, page.fields, page.problems) for page in FEED} == {
        ("wordpress-feed", ("summary", "title", "url"), ())
    }
    shown = ways.by_id(FEED)
    assert shown == ways.as_far_as(shown, ways.by_id([REST]), "wordpress-feed")


def test_a_theme_that_prints_everything_shows_the_same() -> None:
    pages = THEMED["twentytwentyone"]
    assert {(page.layout, page.fields, page.problems) for page in pages} == {
        ("wordpress-theme", ("categories", "summary", "title", "url"), ())
    }
    shown = ways.by_id(pages)
    assert shown == ways.as_far_as(shown, ways.by_id([REST]), "wordpress-theme")


def test_a_theme_of_blocks_shows_the_same_as_far_as_it_can() -> None:
    pages = THEMED["twentytwentythree"]
    assert {(page.layout, page.fields, page.problems) for page in pages} == {
        ("wordpress-theme", ("summary", "title", "url"), ())
    }
    shown = ways.by_id(pages)
    expected = ways.as_far_as(shown, ways.by_id([REST]), "twentytwentythree")
    # The other theme, under which the API was asked, has a word for an empty title and another end of a cut text.
    assert expected["post-304"]["title"] == "Untitled"
    assert shown["post-304"]["title"] == ""
    assert shown["post-311"]["summary"].endswith(" The federation wants to […]")
    assert expected["post-311"]["summary"].endswith(" The federation wants to…")
    for id_, name in (("post-304", "title"), ("post-311", "summary")):
        del shown[id_][name], expected[id_][name]
    assert shown == expected


def test_the_same_moment_is_the_same_day_whichever_way_it_comes() -> None:
    days = {"post-306": "2020-12-31", "post-307": "2024-07-01", "post-316": "2024-12-31", "post-305": "2021-07-28"}
    for pages in ([REST], FEED, *THEMED.values()):
        found = {entry.id: entry.date_edtf for page in pages for entry in page.entries}
        assert {id_: found[id_] for id_ in days} == days


def test_a_sticky_post_stands_on_top_of_the_theme_alone() -> None:
    assert [page.entries[0].id for page in (REST, FEED[0])] == ["post-200", "post-200"]
    assert [pages[0].entries[0].id for pages in THEMED.values()] == ["post-318", "post-318"]
    assert all(len({entry.id for page in pages for entry in page.entries}) == 61 for pages in THEMED.values())


def test_a_protected_post_shows_its_title_and_nothing_of_its_text() -> None:
    for pages in ([REST], FEED, *THEMED.values()):
        [entry] = [entry for page in pages for entry in page.entries if entry.id == "post-309"]
        assert (entry.title, entry.summary) == ("Protected by a password", "")


def test_nothing_that_is_not_public_was_recorded() -> None:
    assert not [path.name for path in FOLDER.iterdir() if CANARY in path.read_text("utf-8")]


def test_no_dateline_is_missed_where_none_is_printed() -> None:
    entries = [entry for page in (REST, *FEED, *THEMED["twentytwentyone"]) for entry in page.entries]
    assert {(entry.dateline, tuple(entry.flags)) for entry in entries} == {(None, ())}


def test_a_page_beyond_the_last_has_no_entries() -> None:
    beyond = recorded("rest-beyond.json")
    assert beyond.layout is None
    assert beyond.problems[0].startswith(
        "no layout recognises the page: the REST API answered 'rest_post_invalid_page_number': 'The page number"
    )
    assert [(page.layout, page.entries) for page in [recorded("feed-4.xml")]] == [("wordpress-feed", ())]


def test_a_closed_api_is_no_empty_listing() -> None:
    closed = recorded("rest-closed.json")
    assert (closed.layout, closed.entries) == (None, ())
    assert closed.problems == (
        "no layout recognises the page: the REST API answered 'rest_forbidden': 'The REST API is closed on this site.'",
    )


@pytest.mark.parametrize("pages", [[REST], FEED, *THEMED.values()], ids=["rest", "feed", *THEMES])
def test_posts_are_stored_under_their_numbers(pages: list[Page]) -> None:
    stored = assemble(pages)
    assert len(stored.entries) == 61
    assert all(entry.id.startswith("post-") for entry in stored.entries)
    assert all([view.name for view in row.lists] == ["posts"] for row in stored.rows)
    assert not any(problem for row in stored.rows for problem in row.problems)
