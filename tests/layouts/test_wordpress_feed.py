"""WordPress's feed: single rules of reading, each on the smallest feed that shows it."""

from html import escape

import pytest

from psgcrawl import layouts
from psgcrawl.records import Page
from tests.layouts.making import observed

ADDRESS = "https://perusupportgroup.org.uk/feed/"
LINK = "https://perusupportgroup.org.uk/2024/06/water/"


def item(  # noqa: PLR0917 — only one or two are ever given
    title: str = "Water",
    description: str = "It rained.",
    published: str = "Fri, 14 Jun 2024 11:00:00 +0000",
    guid: str = "https://perusupportgroup.org.uk/?p=254",
    link: str = LINK,
    more: str = "",
) -> str:
    return (
        f"<item><title>{escape(title)}</title><link>{link}</link><pubDate>{published}</pubDate>"
        f'<category><![CDATA[News]]></category><guid isPermaLink="false">{escape(guid)}</guid>'
        f"<description><![CDATA[{description}]]></description>{more}</item>"
    )


def rss(*items: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f'{head}<rss version="2.0"><channel><title>x</title>{"".join(items)}</channel></rss>'.encode()


def fed(*items: str, media_type: str = "application/rss+xml") -> Page:
    return observed(rss(*items), media_type, ADDRESS)


@pytest.mark.parametrize("media_type", ["application/rss+xml", "text/xml", "application/xml", "text/html"])
def test_an_item_is_stored_as_a_post(media_type: str) -> None:
    page = fed(item(), media_type=media_type)
    [entry] = page.entries
    assert (page.layout, page.problems, page.lists) == ("wordpress-feed", (), ("posts",))
    assert (entry.id, entry.title, entry.summary, entry.url) == ("post-254", "Water", "It rained.", LINK)
    assert (entry.date_edtf, entry.flags) == ("2024-06-14", [])


def test_what_the_feed_cannot_tell_it_does_not_show() -> None:
    page = fed(item())
    assert page.fields == ("summary", "title", "url")
    assert (page.entries[0].categories, page.entries[0].modified) == ([], None)


@pytest.mark.parametrize(
    ("published", "day"),
    [
        pytest.param("Sun, 30 Jun 2024 23:30:00 +0000", "2024-07-01", id="summer"),
        pytest.param("Tue, 31 Dec 2024 23:30:00 +0000", "2024-12-31", id="winter"),
        pytest.param("Sun, 30 Jun 2024 23:30:00 GMT", "2024-07-01", id="gmt-by-name"),
        pytest.param("Mon, 01 Jul 2024 00:30:00 +0100", "2024-07-01", id="another-offset"),
        pytest.param("Sun, 30 Jun 2024 23:30:00 -0000", "2024-07-01", id="no-offset"),
    ],
)
def test_a_moment_is_the_day_in_london(published: str, day: str) -> None:
    [entry] = fed(item(published=published)).entries
    assert entry.date_edtf == day


@pytest.mark.parametrize(
    ("guid", "link", "more", "number"),
    [
        pytest.param("http://www.perusupportgroup.org.uk/?p=254", LINK, "", 254, id="variant-of-the-host"),
        pytest.param("https://perusupportgroup.org.uk/?post_type=post&p=254", LINK, "", 254, id="with-the-type"),
        pytest.param("http://127.0.0.1:8081/?p=7", "http://127.0.0.1:8081/a/", "", 7, id="another-copy"),
        pytest.param("https://old.example/?p=254", LINK, "", None, id="imported"),
        pytest.param("/?p=254", LINK, "", None, id="without-host"),
        pytest.param(LINK, LINK, "", None, id="address"),
        pytest.param("https://perusupportgroup.org.uk/?page=254", LINK, "", None, id="a-page"),
        pytest.param("http://[/?p=254", LINK, "", None, id="no-address"),
        pytest.param(LINK, LINK, '<post-id xmlns="com-wordpress:feed-additions:1">9</post-id>', 9, id="said"),
        pytest.param(LINK, LINK, '<post-id xmlns="com-wordpress:feed-additions:1">x</post-id>', None, id="no-number"),
    ],
)
def test_a_post_has_its_number_where_the_feed_says_it_for_certain(
    guid: str, link: str, more: str, number: int | None
) -> None:
    [entry] = fed(item(guid=guid, link=link, more=more)).entries
    assert (entry.id == f"post-{number}") if number else entry.id.startswith("x-")


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        pytest.param("One &#38; two &#8217;", "One & two ’", id="references"),
        pytest.param("One.\n\nTwo\nlines.", "One.\n\nTwo\nlines.", id="typed-paragraphs"),
        pytest.param("<p>One.</p>\n<p>Two.</p>", "One.\n\nTwo.", id="paragraphs"),
        pytest.param("Rain [&#8230;]", "Rain […]", id="cut"),
        pytest.param('Rain <a class="more-link" href="/">Continue reading <i>Water</i></a>', "Rain", id="more"),
        pytest.param("There is no excerpt because this is a protected post.", "", id="protected"),
        pytest.param(
            'Rain.\n<p>The post <a href="/a">Water</a> appeared first on <a href="/">PSG</a>.</p>', "Rain.", id="signed"
        ),
        pytest.param(
            "The post Water is cut. The post Water appeared first on PSG.",
            "The post Water is cut.",
            id="signed-as-text",
        ),
        pytest.param(
            "The post Rain appeared first on Monday.", "The post Rain appeared first on Monday.", id="not-a-signature"
        ),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_description_becomes_running_text(description: str, summary: str) -> None:
    [entry] = fed(item(description=description)).entries
    assert entry.summary == summary


def test_a_title_is_text_already() -> None:
    [entry] = fed(item(title="5 < 6 & <em>so</em>")).entries
    assert entry.title == "5 < 6 & <em>so</em>"


def test_a_signature_may_name_a_title_with_its_own_words() -> None:
    title = "The post appeared first on Mars"
    [entry] = fed(item(title=title, description=f"Rain. The post {title} appeared first on PSG.")).entries
    assert entry.summary == "Rain."


def test_protected_is_taken_from_a_title_only_where_the_post_is_protected() -> None:
    title = "Protected: water"
    open_, closed = fed(
        item(title=title), item(title=title, description="There is no excerpt because this is a protected post.")
    ).entries
    assert (open_.title, closed.title) == (title, "water")


@pytest.mark.parametrize(
    "published", ["", "yesterday", "Wed, 30 Nov -0001 00:00:00 +0000", "Fri, 31 Dec 9999 23:59:59 -1200"]
)
def test_an_item_without_a_date_is_a_problem_and_the_others_are_read(published: str) -> None:
    page = fed(item(title="Fire", published=published), item())
    assert [entry.title for entry in page.entries] == ["Water"]
    assert page.problems == (f"unread block: 'Fire': no time of publication: {published!r}",)


def test_comments_are_no_posts() -> None:
    comment = item(title="By: Ann", guid=f"{LINK}#comment-7")
    page = fed(comment)
    assert page.layout is None
    assert page.problems == (
        "unread block: 'By: Ann': a comment, no post",
        "no layout recognises the page: no post in the feed",
    )
    assert [entry.title for entry in fed(comment, item()).entries] == ["Water"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(rss(item()).replace(b"</item>", b""), "no well-formed XML: ", id="not-closed"),
        pytest.param(rss(item())[:-9], "no well-formed XML: ", id="cut"),
        pytest.param(rss(item(description="a\x01b")), "no well-formed XML: ", id="control-character"),
        pytest.param(
            rss(item(), head='<!DOCTYPE rss [<!ENTITY a "b">]>'), "XML with a document type of its own", id="entities"
        ),
        pytest.param(rss(item(), head="<!DOCTYPE rss>"), "XML with a document type of its own", id="document-type"),
        pytest.param(
            rss(item(title="x")).replace(b"x</title><link>", b"&bomb;</title><link>"), "no well-formed", id="bomb"
        ),
        pytest.param(b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "XML, but no RSS 2.0: '{http", id="atom"),
        pytest.param(b"<rss></rss>", "XML, but no RSS 2.0: 'rss'", id="no-channel"),
    ],
)
def test_what_is_no_feed_of_wordpress_is_not_recognised(body: bytes, problem: str) -> None:
    reading = layouts.read(body, media_type="application/rss+xml")
    assert (reading.layout, reading.entries) == (None, ())
    assert reading.problems[-1].startswith(f"no layout recognises the page: {problem}")


def test_a_feed_is_read_in_its_own_encoding() -> None:
    body = rss(item(title="Perú"), head='<?xml version="1.0" encoding="iso-8859-1"?>').decode().encode("latin-1")
    reading = layouts.read(body, media_type="text/xml")
    assert (reading.encoding, reading.entries[0].title) == ("windows-1252", "Perú")


def test_xhtml_is_no_feed() -> None:
    body = (
        b'<?xml version="1.0"?><html><body><ul><li><h3>Water</h3><p>3 May 2013</p><p>Rain.</p></li></ul></body></html>'
    )
    assert layouts.read(body, media_type="application/xhtml+xml").layout == "html-dated-blocks"
