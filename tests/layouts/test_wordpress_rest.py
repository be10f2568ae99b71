"""WordPress's REST API: single rules of reading, each on the smallest answer that shows it."""

import json
from typing import Any

import pytest

from psgcrawl import layouts
from psgcrawl.layouts.wordpress import rest
from psgcrawl.records import Page
from tests.layouts.making import observed

ADDRESS = "https://perusupportgroup.org.uk/wp-json/wp/v2/posts"


def post(number: int = 254, **fields: Any) -> dict[str, Any]:
    """Return a post as the API gives it; a field that is None is left out."""
    whole: dict[str, Any] = {
        "id": number,
        "date": "2024-06-14T12:00:00",
        "modified_gmt": "2024-06-15T08:00:00",
        "status": "publish",
        "type": "post",
        "link": f"https://perusupportgroup.org.uk/2024/06/water-{number}/",
        "title": {"rendered": "Water"},
        "excerpt": {"rendered": "<p>It rained.</p>\n", "protected": False},
        "categories": [2],
        "_embedded": {"wp:term": [[{"id": 2, "name": "News", "taxonomy": "category"}], []]},
    }
    return {name: value for name, value in {**whole, **fields}.items() if value is not None}


def answered(*posts: object) -> Page:
    return observed(json.dumps(list(posts)).encode(), "application/json", ADDRESS)


def test_a_post_is_stored_with_all_that_the_api_says_of_it() -> None:
    [entry] = answered(post()).entries
    assert entry.id == "post-254"
    assert (entry.date_earliest, entry.date_latest, entry.date_edtf) == ("2024-06-14",) * 3
    assert (entry.title, entry.summary) == ("Water", "It rained.")
    assert entry.url == "https://perusupportgroup.org.uk/2024/06/water-254/"
    assert (entry.categories, entry.modified) == (["News"], "2024-06-15T08:00:00Z")
    assert (entry.kind, entry.dateline, entry.flags) == ("entry", None, [])


@pytest.mark.parametrize(
    ("rendered", "title"),
    [
        pytest.param("Fish &amp; <em>Chips</em>", "Fish & Chips", id="markup"),
        pytest.param("5 &lt; 6 &#8211; &ldquo;so&rdquo;", "5 < 6 – “so”", id="references"),
        pytest.param("Two<br>lines", "Two lines", id="break"),
        pytest.param("", "", id="nothing"),
        pytest.param("🇵🇪 𐐷", "🇵🇪 𐐷", id="beyond-the-basic-plane"),
        pytest.param("<script>x</script>Safe", "Safe", id="script"),
        pytest.param("Protected: a title", "Protected: a title", id="a-title-that-only-looks-protected"),
        pytest.param("&lt;em&gt;", "<em>", id="markup-as-text"),
    ],
)
def test_a_title_becomes_one_line_of_text(rendered: str, title: str) -> None:
    [entry] = answered(post(title={"rendered": rendered})).entries
    assert entry.title == title


@pytest.mark.parametrize(
    ("rendered", "summary"),
    [
        pytest.param("<p>One.</p>\n<p>Two.</p>\n", "One.\n\nTwo.", id="paragraphs"),
        pytest.param("<p>One<br />\nline</p>", "One\nline", id="break"),
        pytest.param("<ul><li>a</li><li>b</li></ul>", "- a\n- b", id="list"),
        pytest.param("<p>Rain [&hellip;]</p>", "Rain […]", id="cut"),
        pytest.param(
            '<p>Rain&hellip; <a class="more-link" href="/x">Continue reading <span>Water</span></a></p>',
            "Rain…",
            id="continue-reading",
        ),
        pytest.param('<p>Rain. <a href="/x">Read more</a></p>', "Rain.", id="read-more"),
        pytest.param('<p>Rain. <a class="more-link" href="/x">Explore</a></p>', "Rain.", id="other-words"),
        pytest.param('<p>Rain and <a href="/x">a link</a></p>', "Rain and a link", id="a-link-of-the-text"),
        pytest.param('<p>Rain <img class="emoji" alt="🎉" src="/e.svg">!</p>', "Rain 🎉!", id="emoji-picture"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_an_excerpt_becomes_running_text(rendered: str, summary: str) -> None:
    [entry] = answered(post(excerpt={"rendered": rendered, "protected": False})).entries
    assert entry.summary == summary


def test_nothing_of_a_protected_post_is_taken_but_its_title() -> None:
    [entry] = answered(post(excerpt={"rendered": "<p>secret</p>", "protected": True})).entries
    assert (entry.title, entry.summary) == ("Water", "")


def test_two_posts_of_one_second_and_one_title_are_two() -> None:
    page = answered(post(7), post(8))
    assert [entry.id for entry in page.entries] == ["post-7", "post-8"]
    assert page.problems == ()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        pytest.param({"id": None}, "item 2: Object missing required field `id`", id="no-number"),
        pytest.param({"id": "9"}, "item 2: Expected `int`, got `str` - at `$.id`", id="number-as-text"),
        pytest.param({"id": 0}, "post 0: Expected `int` >= 1 - at `$.id`", id="zero"),
        pytest.param({"id": True}, "Expected `int`, got `bool` - at `$.id`", id="truth"),
        pytest.param({"date": None}, "post 9: Object missing required field `date`", id="no-date"),
        pytest.param({"date": 7}, "post 9: Expected `str`, got `int` - at `$.date`", id="date-as-number"),
        pytest.param({"date": "2024-02-30T12:00:00"}, "post 9: day is out of range for month", id="impossible"),
        pytest.param(
            {"date": "-0001-11-30T00:00:00"}, "post 9: '-0001-11-30T00:00:00' is not YYYY-MM-DDTHH:MM:SS", id="empty"
        ),
        pytest.param({"title": "Water"}, "post 9: Expected `object`, got `str` - at `$.title`", id="bare-title"),
        pytest.param({"modified_gmt": "soon"}, "post 9: 'soon' is not YYYY-MM-DDTHH:MM:SS", id="modified"),
        pytest.param({"categories": ["News"]}, "post 9: Expected `int`, got `str` - at `$.categories[0]`", id="names"),
    ],
)
def test_a_post_that_cannot_be_read_is_a_problem_and_the_others_are_read(fields: dict[str, Any], problem: str) -> None:
    page = answered(post(7), post(9, **fields), post(8))
    assert [entry.id for entry in page.entries] == ["post-7", "post-8"]
    [said] = page.problems
    assert said.startswith("unread block: ")
    assert said.endswith(problem)


def test_what_is_no_object_is_a_problem() -> None:
    assert answered(post(), "post").problems == ("unread block: item 2: Expected `object`, got `str`",)


@pytest.mark.parametrize("status", ["draft", "private", "future", "pending", "trash"])
def test_what_is_not_published_never_becomes_an_entry(status: str) -> None:
    page = answered(post(7), post(8, status=status))
    assert [entry.id for entry in page.entries] == ["post-7"]
    assert page.problems == (f"not public: post 8 has the status '{status}'",)


@pytest.mark.parametrize(
    ("missing", "field"),
    [("excerpt", "summary"), ("link", "url"), ("modified_gmt", "modified"), ("categories", "categories")],
)
def test_a_field_that_some_post_lacks_is_not_shown_by_the_page(missing: str, field: str) -> None:
    page = answered(post(7), post(8, **{missing: None}))
    assert len(page.entries) == 2
    assert page.fields == tuple(name for name in rest.FIELDS if name != field)
    assert page.problems == ()


@pytest.mark.parametrize(
    "embedded",
    [
        None,
        {},
        {"wp:term": []},
        {"wp:term": "x"},
        {"wp:term": ["x", [7, {"code": "rest_forbidden"}]]},
        {"wp:term": [[{"id": 2, "name": "News", "taxonomy": "post_tag"}]]},
    ],
    ids=repr,
)
def test_categories_are_not_shown_where_the_answer_does_not_name_them(embedded: object) -> None:
    page = answered(post(_embedded=embedded))
    assert page.entries[0].categories == []
    assert "categories" not in page.fields
    assert page.problems == ()


def test_categories_of_which_some_have_no_name_are_not_shown_and_a_problem() -> None:
    page = answered(post(categories=[2, 3]))
    assert "categories" not in page.fields
    assert page.problems == ("categories: 1 of post 254 have no name in the answer",)


def test_categories_are_text_and_sorted() -> None:
    terms = [{"id": n, "name": name, "taxonomy": "category"} for n, name in ((3, "Mining &amp; Energy"), (2, "Arts"))]
    [entry] = answered(post(categories=[3, 2], _embedded={"wp:term": [terms]})).entries
    assert entry.categories == ["Arts", "Mining & Energy"]


def test_an_empty_array_is_a_listing_without_posts() -> None:
    reading = layouts.read(b"[]", media_type="application/json")
    assert (reading.layout, reading.fields, reading.entries, reading.problems) == (
        "wordpress-rest",
        rest.FIELDS,
        (),
        (),
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"code": "rest_no_route", "message": "No route."}', "the REST API answered 'rest_no_route': 'No route.'"),
        (b'{"code": "rest_no_route"}', "the REST API answered 'rest_no_route'"),
        (b'{"id": 7}', "JSON, but no array of posts: \"{'id': 7}\""),
        (b"null", "JSON, but no array of posts: 'None'"),
        (b"[", "no JSON: Input data was truncated"),
        (b'<br />\n<b>Warning</b>: x in y\n[{"id": 7}]', "no JSON: JSON is malformed: invalid character (byte 0)"),
        (b"[NaN]", "no JSON: JSON is malformed: invalid character (byte 1)"),
        (
            b'[{"id": 7, "type": "page", "date": "", "title": {"rendered": ""}}]',
            "an array of the REST API without any post",
        ),
        (b"[" * 100_000, "no JSON: "),
    ],
    ids=["error", "error-without-words", "one-post", "null", "cut", "a-warning-before", "nan", "pages", "deep"],
)
def test_what_is_no_array_of_posts_is_not_recognised(body: bytes, problem: str) -> None:
    reading = layouts.read(body, media_type="application/json")
    assert (reading.layout, reading.entries) == (None, ())
    assert reading.problems[-1].startswith(f"no layout recognises the page: {problem}")


def test_a_page_of_which_no_post_can_be_read_is_not_recognised() -> None:
    page = answered({"id": 7}, {"id": 8})
    assert page.layout is None
    assert page.problems[-1] == "no layout recognises the page: no post on it could be read"


def test_an_empty_timestamp_is_no_date() -> None:
    [entry] = answered(post(date="1970-01-01T00:00:00")).entries
    assert (entry.date_edtf, entry.flags) == (None, ["epoch-date"])


def test_times_of_any_year_have_four_digits() -> None:
    [entry] = answered(post(date="0987-06-05T00:00:00", modified_gmt="0987-06-05T00:00:00")).entries
    assert (entry.date_edtf, entry.modified) == ("0987-06-05", "0987-06-05T00:00:00Z")


def test_the_request_asks_by_name_for_all_that_is_read() -> None:
    asked = rest.QUERY["_fields"].split(",")
    assert {name.partition(".")[0] for name in asked} == {*post(), "_links"}
