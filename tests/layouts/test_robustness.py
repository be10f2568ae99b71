"""Whatever the bytes are: entries that can be stored, or a refusal with its reason; nothing else is ever raised."""

import re

from hypothesis import given
from hypothesis import strategies as st

from psgcrawl import derive
from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.jsonl import dumps
from psgcrawl.errors import UnreadablePage
from tests.layouts.making import observed, read_or_refused

WORDS = st.sampled_from(
    [
        "3 May 2013",
        "Update 103. 30 April 2004",
        ". 18 February 2017",
        "31 December 1969",
        "Water",
        "It rained in Lima, and the mine was closed for a day.",
        "Featured Notices",
        "News",
        "Read more",
        "Next",
        "•",
        "  • ",
        "      • ",
        "\n\n",
        "\n    ",
        "\x00",
        "\x85",
        "\u2028",
        "é",
        "&#1;",
        "&#xD800;",
        "&nbsp;",
        "<br>",
        "<hr>",
        "<img src=a alt='Lima'>",
        "<img src=a>",
        "<base href='http://[/'>",
        "<!--",
        "-->",
        "<![CDATA[",
        "<?x",
        "&",
        "<",
        '"',
    ]
)
NAMES = (
    "a b p div ul li table tr td dl dt dd h2 h3 span small article header footer nav form figure figcaption em".split()
)
TAGS = st.builds(
    "<{}{}{}>".format,
    st.sampled_from(["", "", "/"]),
    st.sampled_from(NAMES),
    st.sampled_from(["", " href='article-1.html'", " href='http://['", " class=caption", " rel=next"]),
)
MARKUP = st.lists(st.one_of(WORDS, WORDS, TAGS, TAGS, st.text(max_size=5)), max_size=40).map("".join)


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    """Draw well-formed HTML, in which lists are likely."""
    parts = draw(st.lists(WORDS if depth == 0 else st.one_of(WORDS, elements(depth - 1)), min_size=1, max_size=4))
    name = draw(st.sampled_from(NAMES))
    return f"<{name} href='article-{depth}.html'>{''.join(parts)}</{name}>" * draw(st.integers(1, 3))


BODIES = st.one_of(
    st.binary(), MARKUP.map(str.encode), elements().map(str.encode), MARKUP.map(lambda page: page.encode("utf-16"))
)
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@given(
    BODIES,
    st.sampled_from(["text/html", "text/plain", "image/png"]),
    st.sampled_from([None, "utf-8", "latin1", "idna"]),
)
def test_a_page_is_read_or_refused_and_says_why_where_nothing_is_read(
    body: bytes, media_type: str, charset: str | None
) -> None:
    reading = read_or_refused(body, media_type, charset)
    if isinstance(reading, str):
        assert reading
        return
    assert (reading.layout is None) == (not reading.entries)
    assert reading.problems or reading.layout
    assert reading == read_or_refused(body, media_type, charset)
    assert all(problem.isprintable() for problem in reading.problems)
    assert all(entry.title for entry in reading.entries)


@given(BODIES, st.sampled_from(["text/html", "text/plain"]))
def test_what_is_read_can_be_stored_and_holds_no_control_characters(body: bytes, media_type: str) -> None:
    try:
        page = derive.bound(observed(body, media_type), "2100-01-01T00:00:00Z")
    except UnreadablePage:
        return
    stored = assemble([page])
    for entry in stored.entries:
        dumps(entry)
        for text in (entry.title, entry.summary, entry.dateline, entry.caption, entry.url):
            assert not CONTROLS.search(text or "")
        assert entry.title == entry.title.strip() != ""
        assert entry.date_edtf is None or entry.dateline is not None
        assert entry.kind != "boilerplate" or entry.dateline is None
    dumps(stored.rows[0])
    assert len(page.entries) == len(page.lists)


@given(
    st.lists(st.sampled_from(["<div>", "<b>", "<font>", "<ul><li>", "<td>", "<a href=x>", "<h3>"]), max_size=9),
    st.integers(1, 60),
)
def test_nothing_that_was_printed_after_unclosed_tags_is_lost(tags: list[str], times: int) -> None:
    body = ("<p>" + "".join(tags) * times + "<ul><li><h3>Water</h3><p>3 May 2013</p><p>It rained.</p></ul>").encode()
    reading = read_or_refused(body)
    if isinstance(reading, str):
        assert "over the limit of the parser" in reading
        return
    assert [(entry.title, entry.dateline) for entry in reading.entries] == [("Water", "3 May 2013")]
