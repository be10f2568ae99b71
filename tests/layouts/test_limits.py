"""What is no page is refused, what no layout recognises is said, and neither is ever an empty listing."""

import codecs
from time import process_time

import pytest

from psgcrawl import layouts
from psgcrawl.errors import UnreadablePage
from psgcrawl.layouts.reading import MAX_BYTES
from tests.layouts.making import html, item, observed, read_or_refused

PAGE = html(f"<ul>{item()}</ul>")


def refusal(body: bytes, media_type: str = "text/html") -> str:
    with pytest.raises(UnreadablePage) as error:
        layouts.read(body, media_type=media_type)
    return str(error.value)


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
@pytest.mark.parametrize("body", [b"", b" \r\n\t\x0c "], ids=["nothing", "white-space"])
def test_an_empty_body_is_refused(body: bytes, media_type: str) -> None:
    assert refusal(body, media_type) == "empty: not one byte that could be read"


@pytest.mark.parametrize(
    "magic",
    [
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF89a",
        b"GIF87a",
        b"%PDF-1.4",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"\x7fELF",
        b"\xd0\xcf\x11",
    ],
)
def test_what_begins_like_a_binary_file_is_refused(magic: bytes) -> None:
    assert refusal(magic + PAGE) == f"binary: begins with {(magic + PAGE)[:4]!r}"


def test_a_body_of_control_characters_is_refused() -> None:
    assert refusal(b"\x01" * 17) == "binary: 17 of 17 bytes are control characters"
    long = PAGE + b" " * (2000 - len(PAGE) - 41)
    assert "41 of 2000 bytes" in refusal(b"\0" * 41 + long)


def test_stray_control_characters_are_read_and_shown() -> None:
    body = PAGE.replace(b"Water", b"Water" + b"\x01" * 16)
    assert len(body) * 0.02 < 16
    assert layouts.read(body, media_type="text/html").entries[0].title == "Water" + "\x01" * 16
    body = b"<!--" + b"\x1f" * 40 + b"-->" + PAGE + b" " * 2000
    assert layouts.read(body, media_type="text/html").layout == "html-dated-blocks"


@pytest.mark.parametrize("allowed", [b"\t", b"\n", b"\r", b"\f", b"\x1b"])
def test_white_space_and_escape_are_no_control_characters(allowed: bytes) -> None:
    assert layouts.read(PAGE + allowed * 500, media_type="text/html").layout == "html-dated-blocks"


def test_utf_16_is_text_although_every_other_byte_is_nul() -> None:
    for bom, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        assert layouts.read(bom + PAGE.decode().encode(name), media_type="text/html").encoding == name
        assert "no element" in refusal(bom + "<!-- <p> -->".encode(name))


@pytest.mark.thorough
def test_a_body_over_eight_mebibytes_is_refused_and_one_at_the_limit_is_read() -> None:
    assert MAX_BYTES == 8 * 1024 * 1024
    text = "• Water\n\n    3 May 2013\n".encode()
    at_limit = text + b"\n" + b" " * (MAX_BYTES - len(text) - 1)
    assert len(layouts.read(at_limit, media_type="text/plain").entries) == 1
    assert refusal(at_limit + b"\n", "text/plain") == f"over the limit of {MAX_BYTES} bytes for one page"


def test_a_tag_of_too_many_characters_is_refused() -> None:
    fits, over = (html(f'<ul>{item()}</ul><p title="{"x" * size}">end</p>') for size in (65_525, 65_526))
    assert layouts.read(fits, media_type="text/html").layout
    assert refusal(over).startswith("a tag of 65537 characters at ")


def test_a_tag_of_too_many_attributes_is_refused() -> None:
    def page(count: int) -> bytes:
        return html(f"<ul>{item()}</ul><p {' '.join(f'attribute{n:04}=' for n in range(count))}>end</p>")

    assert layouts.read(page(998), media_type="text/html").layout
    assert "over the limit" in refusal(page(1001))


ATTRIBUTES = [f"a{n}" for n in range(200_000)]


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param("<p " + " ".join(ATTRIBUTES), id="by-spaces"),
        pytest.param("<p x='>' " + " ".join(ATTRIBUTES), id="behind-a-quoted-end-of-tag"),
        pytest.param('<p x="<" ' + " ".join(ATTRIBUTES), id="behind-a-quoted-tag"),
        pytest.param("<p x=it's " + " ".join(ATTRIBUTES), id="behind-an-apostrophe"),
        pytest.param('<p x=="y ' + " ".join(ATTRIBUTES), id="behind-a-doubled-sign"),
        pytest.param("<p/" + "/".join(ATTRIBUTES[:3000]), id="by-slashes"),
        pytest.param("<p " + '=""'.join(ATTRIBUTES[:3000]), id="by-values"),
        pytest.param("<p <q " + "\n".join(ATTRIBUTES), id="with-a-tag-in-a-tag"),
    ],
)
def test_a_tag_with_very_many_attributes_is_refused_at_once(tag: str) -> None:
    # The parser takes minutes over them: it compares each with all before it.
    assert "over the limit" in refusal(html(f"{tag}>end"))


def test_long_values_and_apostrophes_in_the_text_are_no_long_tags() -> None:
    words = "It's 'so' <b title=it's>long</b> and a = \"b\" "
    body = html(f'<ul>{item()}</ul><p>{words * 2000}</p><img alt="" src="data:image/png;base64,{"iVBO/Rw0" * 2000}">')
    assert [entry.title for entry in layouts.read(body, media_type="text/html").entries] == ["Water"]


@pytest.mark.parametrize("tag", ["div", "font", "b"])
@pytest.mark.parametrize("depth", [10, 100, 200, 240, 250, 253, 254, 255, 256, 300, 1000, 2046, 2100, 5000])
def test_a_deeply_nested_page_is_read_whole_or_refused(tag: str, depth: int) -> None:
    first, inside, last = (f"<ul>{item(title)}</ul>" for title in ("First", "Inside", "Last"))
    reading = read_or_refused(html(f"{first}{f'<{tag}>' * depth}{inside}{f'</{tag}>' * depth}{last}"))
    if isinstance(reading, str):
        # Some 1,900 unclosed elements are bad, but readable, HTML of 2004.
        assert depth > 1000
        assert "over the limit of the parser" in reading
    else:
        assert depth < 2100
        assert [entry.title for entry in reading.entries] == ["First", "Inside", "Last"]


@pytest.mark.parametrize("noise", ['="', "='", "=\t", "=\"'", "=\"a' ", '=">', "<a b='", "</", "&#"], ids=repr)
def test_noise_takes_no_more_than_its_share_of_time(noise: str) -> None:
    # Quadratic, a million characters would take minutes.
    body = html(f"<ul>{item()}</ul><!-- {noise * (1_000_000 // len(noise))} -->")
    begun = process_time()
    read_or_refused(body)
    assert process_time() - begun < 10


def test_many_lines_deep_down_are_refused() -> None:
    body = html("<font>" * 1900 + "<ul>" + item() * 2000)
    assert refusal(body) == "6000 lines of text, up to 1906 elements deep: over the limit"


def test_many_lines_side_by_side_are_read_however_many_elements_there_are() -> None:
    entries = layouts.read(html("<div><ul>" + item() * 1500), media_type="text/html").entries
    assert len(entries) == 1500


def test_what_looks_like_a_tag_in_a_script_is_none() -> None:
    script = "<script>for (i = 0; i<n; " + "a b " * 20_000 + "</script>"
    assert [entry.title for entry in layouts.read(html(script + f"<ul>{item()}</ul>"), media_type="text/html").entries]
    assert "a tag of" in refusal(html(f"<ul>{item()}</ul><p {'a b ' * 20_000}>"))


@pytest.mark.parametrize("nothing", ["\x00", "&#0;", "&#x0;", "&#xD800;", "&#57343;", "&#55296", "\x01", "&#1;"])
def test_what_is_no_character_is_shown_and_flagged(nothing: str) -> None:
    page = observed(html(f"<ul>{item(f'Wa{nothing} ter')}</ul>"))
    assert [(entry.title, entry.flags) for entry in page.entries] == [("Wa\ufffd ter", ["control-characters"])]


@pytest.mark.parametrize("printed", ["&#233;", "&#xE9;", "&eacute;", "é"])
def test_references_to_characters_are_characters(printed: str) -> None:
    page = observed(html(f"<ul>{item(f'Jos{printed}')}</ul>"))
    assert [(entry.title, entry.flags) for entry in page.entries] == [("José", [])]


def test_the_refusal_of_a_nested_page_names_the_line() -> None:
    assert refusal(b"<p>\n\n" + b"<div>" * 9000).startswith("line 3: ")


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (b'{"news": []}', "application/json", "JSON, but no array of posts"),
        (b"plain words", "text/html", "no HTML in it"),
        (b"<rss><item>3 May 2013</item></rss>", "application/rss+xml", "XML, but no RSS 2.0"),
        (b"<p>" * 3, "text/html", "nothing on it reads as a dated entry"),
        (html("<h1>Not found</h1><p>There is no such page here, sorry.</p>"), "text/html", "nothing on it reads as"),
        (b"words without items", "text/plain", "no block has a dateline"),
    ],
)
def test_a_page_that_no_layout_recognises_is_a_problem_and_no_empty_listing(
    body: bytes, media_type: str, why: str
) -> None:
    reading = layouts.read(body, media_type=media_type)
    assert (reading.layout, reading.entries, reading.fields) == (None, (), ())
    assert len(reading.problems) == 1
    assert reading.problems[0].startswith(f"no layout recognises the page: {why}")


@pytest.mark.parametrize(
    "start", ["<!DOCTYPE HTML><rss>", "<HTML>", "<Body>", "<table>", "<h2>", "<br>", "<li>", "<dl>", "<p\n>"]
)
def test_html_is_known_by_any_of_its_usual_tags(start: str) -> None:
    problems = layouts.read(start.encode(), media_type="application/octet-stream").problems
    assert not any("no HTML" in problem for problem in problems)


def test_a_page_of_comments_only_is_refused() -> None:
    assert refusal(b"<!-- <p> -->") == "no element in it: Document is empty"


@pytest.mark.parametrize(
    "url",
    [
        "http://perusupportgroup.org.uk/news-article-1457.html",
        "https://www.perusupportgroup.org.uk/article-1133.html?print=1",
        "http://127.0.0.1:8000/article-1133.html",
        "http://perusupportgroup.org.uk/Article-1133.HTM",
    ],
)
@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_a_detail_page_is_no_listing(url: str, media_type: str) -> None:
    page = observed(PAGE, media_type, url)
    assert (page.layout, page.entries) == (None, ())
    assert page.problems == ("no listing: the address is a detail page's",)


@pytest.mark.parametrize("url", [None, "http://perusupportgroup.org.uk/about.php", "http://example.org/"])
def test_a_listing_may_have_any_other_address_or_none(url: str | None) -> None:
    assert [entry.title for entry in observed(PAGE, url=url).entries] == ["Water"]
