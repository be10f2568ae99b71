"""From bytes to text: what was declared, what the bytes say, and what is recorded of the decision."""

import codecs

import pytest

from psgcrawl import layouts
from psgcrawl.layouts.decoding import ALLOWED
from tests.layouts.making import html, item

TITLE = "García’s “país”"
ASCII = html(f"<ul>{item()}</ul>")


def page(title: str = TITLE, head: str = "") -> str:
    return html(f"<ul>{item(title)}</ul>", head).decode()


def title_of(reading: layouts.Reading) -> str:
    assert len(reading.entries) == 1
    return reading.entries[0].title


def read(body: bytes, charset: str | None = None, media_type: str = "text/html") -> layouts.Reading:
    return layouts.read(body, media_type=media_type, charset=charset)


@pytest.mark.parametrize(
    ("body", "charset", "encoding", "basis"),
    [
        pytest.param(codecs.BOM_UTF8 + page().encode(), None, "utf-8", "bom", id="utf-8-bom"),
        pytest.param(codecs.BOM_UTF8 + page().encode(), "windows-1252", "utf-8", "bom", id="a-bom-beats-the-header"),
        pytest.param(codecs.BOM_UTF16_LE + page().encode("utf-16-le"), None, "utf-16-le", "bom", id="utf-16-le"),
        pytest.param(codecs.BOM_UTF16_BE + page().encode("utf-16-be"), None, "utf-16-be", "bom", id="utf-16-be"),
        pytest.param(page().encode("cp1252"), "windows-1252", "windows-1252", "declared", id="header"),
        pytest.param(page().encode("cp1252"), " ISO-8859-1 ", "windows-1252", "declared", id="header-latin-1"),
        pytest.param(page().encode(), "UTF8", "utf-8", "declared", id="header-utf-8"),
        pytest.param(page().encode("mac-roman"), "macintosh", "macintosh", "declared", id="header-macintosh"),
        pytest.param(
            page(head='<meta charset="windows-1252">').encode("cp1252"), None, "windows-1252", "declared", id="meta"
        ),
        pytest.param(
            page(head="<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=latin1'>").encode("cp1252"),
            None,
            "windows-1252",
            "declared",
            id="http-equiv",
        ),
        pytest.param(
            b'<?xml version="1.0" encoding="utf-8"?>\n' + page().encode(), None, "utf-8", "declared", id="xml"
        ),
        pytest.param(
            page(head='<meta charset="macintosh">').encode(), "utf-8", "utf-8", "declared", id="header-beats-meta"
        ),
        pytest.param(page().encode(), None, "utf-8", "valid-utf-8", id="undeclared-utf-8"),
        pytest.param(page().encode("cp1252"), None, "windows-1252", "fallback", id="undeclared-1252"),
        pytest.param(
            (" " * 8150 + page(head='<meta charset="macintosh">')).encode(), None, "utf-8", "valid-utf-8", id="too-late"
        ),
        pytest.param(
            (" " * 7900 + page(head='<meta charset="utf-8">')).encode(),
            None,
            "utf-8",
            "declared",
            id="late-in-the-head",
        ),
    ],
)
def test_the_encoding_is_decided_and_recorded(body: bytes, charset: str | None, encoding: str, basis: str) -> None:
    reading = read(body, charset)
    assert title_of(reading) == TITLE
    assert (reading.encoding, reading.encoding_basis, reading.problems) == (encoding, basis, ())


def test_text_files_declare_nothing_in_their_words() -> None:
    body = "• García\n\n    3 May 2013\n\n    <meta charset=macintosh>\n".encode()
    reading = read(body, media_type="text/plain")
    assert (title_of(reading), reading.encoding, reading.encoding_basis) == ("García", "utf-8", "valid-utf-8")


@pytest.mark.parametrize(
    "label", ["rot13", "rot-13", "idna", "unicode_escape", "punycode", "utf-16", "utf-7", "hex", "klingon"]
)
@pytest.mark.parametrize("where", ["header", "meta"])
def test_a_charset_that_is_not_allowed_is_not_used_and_named(label: str, where: str) -> None:
    head = f'<meta charset="{label}">' if where == "meta" else ""
    reading = read(page(head=head).encode(), label if where == "header" else None)
    assert title_of(reading) == TITLE
    assert (reading.encoding, reading.encoding_basis) == ("utf-8", "valid-utf-8")
    assert reading.problems == (f"encoding: the declared charset '{label}' is not allowed and was not used",)


def test_every_allowed_label_is_lower_case_and_stands_for_an_encoding_that_reads_ascii() -> None:
    assert set(ALLOWED.values()) == {"utf-8", "windows-1252", "iso-8859-15", "macintosh"}
    for label, encoding in ALLOWED.items():
        reading = read(ASCII, label.upper())
        assert (reading.encoding, reading.encoding_basis, reading.problems) == (encoding, "declared", ()), label


@pytest.mark.parametrize("label", ["iso-8859-15", "latin9", "l9"])
def test_latin_9_has_the_euro_sign(label: str) -> None:
    assert title_of(read(page("€5").encode("iso-8859-15"), label)) == "€5"


def test_a_declaration_that_the_bytes_belie_is_a_problem_and_is_not_used() -> None:
    body = page().encode("cp1252")
    reading = read(body, "utf-8")
    assert title_of(reading) == TITLE
    assert (reading.encoding, reading.encoding_basis) == ("windows-1252", "fallback")
    at = body.index(b"\xed")
    assert reading.problems == (f"encoding: declared utf-8, but byte 0xed at offset {at} is not",)


def test_a_declared_single_byte_encoding_that_has_no_such_byte_gives_way_to_utf_8() -> None:
    reading = read(page("Perú: Í").encode(), "windows-1252")
    assert title_of(reading) == "Perú: Í"
    assert (reading.encoding, reading.encoding_basis) == ("utf-8", "valid-utf-8")
    assert "byte 0x8d" in reading.problems[0]


def test_a_declared_single_byte_encoding_is_used_with_a_warning_where_the_bytes_are_utf_8() -> None:
    reading = read(page("García").encode(), "iso-8859-1")
    assert title_of(reading) == "GarcÃ\xada"
    assert (reading.encoding, reading.encoding_basis) == ("windows-1252", "declared")
    assert reading.problems == ("encoding: declared windows-1252 and read so, but the bytes are valid UTF-8",)


def test_bytes_that_no_encoding_knows_become_replacement_characters_and_are_counted() -> None:
    reading = read(page("A\0B\0C").encode("cp1252").replace(b"\0", b"\x81"))
    assert title_of(reading) == "A\ufffdB\ufffdC"
    assert (reading.encoding, reading.encoding_basis) == ("windows-1252", "fallback")
    assert reading.problems == ("encoding: 2 replaced characters: bytes that are not windows-1252",)


def test_a_broken_page_with_a_byte_order_mark_is_read_as_it_says_and_its_own_replacement_characters_do_not_count() -> (
    None
):
    body = codecs.BOM_UTF8 + page("A\ufffdB").encode().replace(b"rained", b"r\xffined")
    reading = read(body)
    assert title_of(reading) == "A\ufffdB"
    assert (reading.encoding, reading.encoding_basis) == ("utf-8", "bom")
    assert reading.problems == ("encoding: 1 replaced characters: bytes that are not utf-8",)


def test_replacement_characters_that_the_page_itself_prints_are_no_problem() -> None:
    assert read(page("A\ufffdB").encode()).problems == ()
    assert read(codecs.BOM_UTF8 + page("A\ufffdB").encode()).problems == ()


def test_what_is_said_of_the_encoding_comes_before_what_is_said_of_the_page() -> None:
    reading = read("• Perú\n\n    Nothing.\n".encode(), "idna", "text/plain")
    assert [problem.split(":")[0] for problem in reading.problems] == ["encoding", "no layout recognises the page"]
