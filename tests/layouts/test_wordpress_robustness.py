"""Whatever the bytes are: posts that can be stored, or a reason; nothing else is ever raised."""

import json
import re
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl import derive, layouts
from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.jsonl import dumps
from psgcrawl.errors import UnreadablePage
from psgcrawl.layouts.wordpress import fragments
from tests.layouts.making import observed, read_or_refused

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        ["2024-06-14T12:00:00", "9999-12-31T23:59:59", "0000-00-00T00:00:00", "<p>a</p>", "publish", "post"]
    ),
)
RENDERED = st.one_of(SCALARS, st.fixed_dictionaries({"rendered": SCALARS}, optional={"protected": SCALARS}))
TERMS = st.lists(st.lists(st.one_of(SCALARS, st.fixed_dictionaries({"id": SCALARS, "name": SCALARS})), max_size=2))
VALID: dict[str, object] = {
    "id": 7,
    "date": "2024-06-14T12:00:00",
    "title": {"rendered": "a"},
    "excerpt": {"rendered": "<p>b</p>"},
    "link": "https://perusupportgroup.org.uk/a/",
    "categories": [2],
    "_embedded": {"wp:term": [[{"id": 2, "name": "News", "taxonomy": "category"}]]},
}
SPOILT = {
    **dict.fromkeys(("id", "date", "link", "modified_gmt", "status", "type"), SCALARS),
    **dict.fromkeys(("title", "excerpt"), RENDERED),
    "categories": st.one_of(SCALARS, st.lists(st.one_of(st.integers(1, 3), SCALARS), max_size=2)),
    "_embedded": st.one_of(SCALARS, st.fixed_dictionaries({"wp:term": st.one_of(SCALARS, TERMS)})),
}
POSTS = st.sets(st.sampled_from(sorted(SPOILT)), max_size=2).flatmap(
    lambda names: st.fixed_dictionaries({name: SPOILT[name] for name in names}).map(lambda spoilt: {**VALID, **spoilt})
)
ANSWERS = st.one_of(SCALARS, POSTS, st.lists(POSTS, max_size=3)).map(lambda value: json.dumps(value).encode())
DATES = [
    "Fri, 14 Jun 2024 11:00:00 +0000",
    "Fri, 31 Dec 9999 23:59:59 -1200",
    "Fri, 99 Xyz 2024 99:99:99 +9999",
    "Mon, 01 Jan 0001 00:00:00 +1400",
]
TEXTS = st.one_of(
    st.sampled_from([*DATES, "http://a/?p=7", "http://a/", "<p>The post  appeared first on x</p>", "Read more", "&x;"]),
    st.text(max_size=6),
)
ELEMENTS = st.builds(
    "<{0}>{1}</{0}>".format,
    st.sampled_from(["title", "guid", "link", "description", "x"]),
    TEXTS.map(lambda text: escape(text, quote=False)),
)
ITEMS = st.builds(
    "<item><pubDate>{}</pubDate>{}{}{}</item>".format, st.sampled_from(DATES), ELEMENTS, ELEMENTS, ELEMENTS
)
XML = st.lists(st.one_of(ITEMS, ITEMS, ITEMS, TEXTS), max_size=3).map(
    lambda items: f"<rss><channel>{''.join(items)}</channel></rss>".encode()
)
TAGS = """<article class='post-7 type-post hentry category-a'>
<div id=post-8 class=post>
</article>
</div>
<h2>
</h2>
<h2 class=entry-title>
<a href=/x>
<a href='http://[/'>
</a>
<p>
Read more
<a rel='category tag' href=/c/>
<div class=entry-content>
<div class=post-password-form>
<time class=updated datetime='2024-06-14T12:00:00+01:00'>
<time datetime='0001-01-01'>
</time>
<base href='http://[/'>
<a rel=next href=/2>
<body class=single>
Protected: x
<footer>""".splitlines()
HTML = st.lists(st.one_of(st.sampled_from(TAGS), st.text(max_size=4)), max_size=24).map(
    lambda pieces: f"<meta name=generator content=WordPress>{''.join(pieces)}".encode()
)


@pytest.mark.parametrize(
    ("bodies", "media_type"),
    [
        (ANSWERS, "application/json"),
        (XML, "application/rss+xml"),
        (HTML, "text/html"),
        (st.binary(), "application/json"),
    ],
    ids=["rest", "feed", "theme", "bytes"],
)
def test_an_answer_is_read_or_refused_and_what_is_read_can_be_stored(
    bodies: st.SearchStrategy[bytes], media_type: str
) -> None:
    @given(bodies)
    def holds(body: bytes) -> None:
        reading = read_or_refused(body, media_type)
        if isinstance(reading, str):
            return
        assert reading.problems or reading.layout
        assert reading.entries == () or reading.layout
        assert all(problem.isprintable() for problem in reading.problems)
        stored = stored_from(body, media_type)
        assert {dumps(entry) for entry in stored.entries} == {
            dumps(entry) for entry in stored_from(body, media_type).entries
        }
        assert all(entry.id.startswith(("post-", "x-")) for entry in stored.entries)
        assert all(name == "posts" for row in stored.rows for name in (view.name for view in row.lists))

    holds()


def stored_from(body: bytes, media_type: str) -> Any:
    page = derive.bound(observed(body, media_type, "https://perusupportgroup.org.uk/"), "2100-01-01T00:00:00Z")
    return assemble([page])


@pytest.mark.parametrize("deep", [b"<div>" * 3000, b"<b>" * 3000])
def test_an_excerpt_over_the_limits_of_the_parser_refuses_its_page(deep: bytes) -> None:
    post = {"id": 7, "date": "2024-06-14T12:00:00", "title": {"rendered": "x"}, "excerpt": {"rendered": deep.decode()}}
    with pytest.raises(UnreadablePage, match="over the limit of the parser"):
        layouts.read(json.dumps([post]).encode(), media_type="application/json")


@given(st.text(st.sampled_from(" \t\r\na"), max_size=16))
def test_ends_of_paragraphs_are_sought_from_their_beginning_and_none_is_missed(text: str) -> None:
    wherever = re.compile(r"(?:[ \t]*\r?\n){2,}")
    assert fragments._PARAGRAPH_ENDS.split(text) == wherever.split(text)


def test_a_row_of_blanks_takes_no_longer_than_other_text() -> None:
    # Gone through once for each of its blanks it would take an hour.
    assert len(fragments.paragraphs("a" + " " * 1_000_000 + "b")) == 1_000_009
