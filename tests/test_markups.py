"""The builder of listing pages is itself to be trusted: its pages show what it says, and nothing like it besides."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from urllib.parse import urljoin

import pytest
from lxml import html

from psgcrawl import urls
from tests.markups import (
    CAPTURES,
    CHROMES,
    MARKUPS,
    Block,
    Chrome,
    HardCase,
    address_of,
    blocks_of,
    expected,
    hard_cases,
    next_page,
)

LINES = (CAPTURES / "expected.jsonl").read_text("utf-8").splitlines()
FILES = sorted(path.name for path in CAPTURES.glob("*.txt"))
HOME = "001_36238466d250a328.txt"
LISTS = [file for file in FILES if file != HOME]
DATE = re.compile(r"\b[0-9]{1,2} (?:January|February|March|April|May|June|July|Sept?|Oct|Nov|Dec)[a-z]* ?[0-9]{4}")
# What browsers show for references to characters 128 to 159 (HTML Standard, numeric character reference end state).
AS_1252 = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}


def as_a_browser(data: bytes) -> str:
    """Return the page's characters: BOM, else the declared charset, else UTF-8, else windows-1252."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig")
    declared = re.search(rb"<meta[^>]*charset=\"?([\w-]+)", data)
    if declared:
        label = declared[1].decode("ascii")
        return data.decode("cp1252" if label == "iso-8859-1" else label)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def shown(data: bytes) -> str:
    """Return what the page shows, pictures as their alternative text, without white space."""
    body = html.document_fromstring(as_a_browser(data)).body
    assert body is not None
    return squeezed("".join(printed(body)).translate(AS_1252))


def printed(element: html.HtmlElement) -> Iterator[str]:
    """Yield the texts under an element in page order."""
    if isinstance(element.tag, str) and element.tag not in {"script", "style"}:
        yield element.get("alt") or element.text or ""
        for child in element:
            yield from printed(child)
            yield child.tail or ""


def squeezed(text: str) -> str:
    """Return ``text`` without white space and list bullets."""
    return "".join(re.sub(r"(?m)^- ", "", text).split())


def pieces(block: Block) -> list[str]:
    """Return what must be seen of a block."""
    return [squeezed(part) for part in (block.caption, block.title, block.dateline, block.summary) if part]


def assert_in_order(blocks: Sequence[Block], text: str, where: object = "") -> None:
    """Fail unless each block's words are seen, and after those of the block before."""
    at = 0
    for block in blocks:
        starts = [text.find(piece, at) for piece in pieces(block)]
        assert -1 not in starts, (where, block.title, pieces(block)[starts.index(-1)])
        at = max(start + len(piece) for start, piece in zip(starts, pieces(block), strict=True))


@cache
def printable(file: str) -> list[Block]:
    """Return the blocks of a capture with links and captions."""
    return blocks_of(LINES, file, links=True, captions=True)


def page_of(markup: str, chrome: Chrome, file: str) -> tuple[bytes, list[Block]]:
    """Return a page and what it must show."""
    here = replace(chrome, page_url=address_of(file))
    blocks = printable(file)
    return MARKUPS[markup](blocks, here), expected(blocks, here, markup)


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.thorough
def test_every_page_shows_every_block_in_order_and_no_date_besides(markup: str) -> None:
    for number, chrome in enumerate(CHROMES):
        # The home page has all kinds of blocks; the other captures take turns.
        turn = list(MARKUPS).index(markup) + number
        for file in (HOME, LISTS[turn % len(LISTS)]):
            data, blocks = page_of(markup, CHROMES[chrome], file)
            text = shown(data)
            assert_in_order(blocks, text, (chrome, file))
            words = "|".join(piece for block in blocks for piece in pieces(block))
            for date in {squeezed(block.dateline).lstrip(".") for block in blocks if block.dateline}:
                assert text.count(date) == words.count(date), (chrome, file, date)


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.thorough
def test_the_expected_links_stand_in_the_page_and_no_others_to_entries(markup: str) -> None:
    for chrome in ("bare", "2004", "2009", "icons", "same-list"):
        data, blocks = page_of(markup, CHROMES[chrome], HOME)
        links = html.document_fromstring(as_a_browser(data)).xpath("//a/@href")
        found = {urls.canonical(urljoin(address_of(HOME), link), None) for link in links}
        details = {link for link in found if urls.is_detail_page(link)}
        wanted = {block.href for block in blocks if block.href}
        assert wanted <= found, chrome
        assert details == {link for link in wanted if urls.is_detail_page(link)}, chrome


@pytest.mark.parametrize("markup", MARKUPS)
def test_the_same_blocks_give_the_same_bytes(markup: str) -> None:
    assert page_of(markup, CHROMES["2009"], HOME) == page_of(markup, CHROMES["2009"], HOME)


def test_no_two_markups_print_the_same_page() -> None:
    pages = {page_of(markup, CHROMES["bare"], HOME)[0] for markup in MARKUPS}
    assert len(pages) == len(MARKUPS) >= 16


def test_the_blocks_are_those_of_the_five_captures() -> None:
    blocks = [block for file in FILES for block in blocks_of(LINES, file)]
    assert len(FILES) == 5
    assert len(blocks) == len(LINES) == 70
    assert {(block.href, block.caption) for block in blocks} == {(None, None)}
    assert [block.section for block in blocks_of(LINES, HOME)] == [
        *["news"] * 4,
        *["articles"] * 4,
        *["notices"] * 4,
        *["boilerplate"] * 4,
    ]


def test_every_block_stands_in_the_text_of_its_capture() -> None:
    for file in FILES:
        text = squeezed((CAPTURES / file).read_text("utf-8").replace("•", ""))
        assert_in_order(blocks_of(LINES, file), text)


def test_invented_links_and_captions_differ_and_are_the_same_in_every_run() -> None:
    blocks = [block for file in FILES for block in blocks_of(LINES, file, links=True, captions=True)]
    links = [block.href for block in blocks if block.href and block.section != "boilerplate"]
    assert len(links) == len(set(links)) == 50
    assert links[0] == "article-1000.html"
    assert any(block.caption and block.title.startswith(block.caption) for block in blocks)
    assert not any(block.caption for block in blocks if block.section == "boilerplate")


def test_what_a_page_cannot_show_is_not_expected_of_it() -> None:
    blocks = blocks_of(LINES, HOME, links=True, captions=True)
    bare = expected(blocks, CHROMES["bare"], "list-h3")
    assert {(block.href, block.caption) for block in bare} == {(None, None)}
    assert all(block.href for block in expected(blocks, CHROMES["bare"], "linked-items") if block.kind == "entry")
    without = expected(blocks, Chrome(sidebar="none"), "list-h3")
    assert [block.kind for block in without] == ["entry"] * 8 + ["notice"] * 4
    assert expected(blocks, Chrome(sidebar="before"), "list-h3")[0].kind == "boilerplate"


@pytest.mark.parametrize(
    ("chrome", "start", "undecodable"),
    [
        (Chrome(encoding="utf-8", declaration="bom"), b"\xef\xbb\xbf<!DOCTYPE", None),
        (Chrome(encoding="windows-1252", declaration="none"), b"<!DOCTYPE", "utf-8"),
        (Chrome(encoding="windows-1252", declared_as="iso-8859-1"), b"<!DOCTYPE", "utf-8"),
        (Chrome(encoding="iso-8859-1", declaration="http-equiv"), b"<!DOCTYPE", "utf-8"),
        (Chrome(encoding="us-ascii"), b"<!DOCTYPE", None),
    ],
    ids=["bom", "undeclared", "declared-as-another", "references", "ascii"],
)
def test_every_encoding_shows_the_same_page(chrome: Chrome, start: bytes, undecodable: str | None) -> None:
    data, _ = page_of("list-h3", chrome, FILES[2])
    assert data.startswith(start)
    assert shown(data) == shown(page_of("list-h3", Chrome(), FILES[2])[0])
    if undecodable:
        with pytest.raises(UnicodeDecodeError):
            data.decode(undecodable)


def test_a_label_is_printed_only_where_the_chrome_declares_one() -> None:
    assert b"charset" not in page_of("flat-h3", Chrome(declaration="none"), HOME)[0]
    assert b'<meta charset="iso-8859-1">' in page_of("flat-h3", Chrome(declared_as="iso-8859-1"), HOME)[0]


def test_pages_of_2004_are_upper_case_and_leave_tags_open() -> None:
    data, _ = page_of("open-paragraphs-2004", Chrome(sidebar="none", title_linked=False), HOME)
    assert b"<P><B>Growth rate propped up by mining</B><BR>18 February 2017\n<P>The INEI" in data
    assert b"</P>" not in data
    assert not re.search(rb"<[a-z](?!eta)", data)
    assert page_of("open-items-2004", Chrome(), HOME)[0].count(b"</LI>") == 0


@pytest.mark.parametrize("chrome", [CHROMES["2009"], CHROMES["2004"]], ids=["numbers", "next"])
def test_the_pager_links_to_the_next_page(chrome: Chrome) -> None:
    assert next_page(chrome) == "?position=160"
    blocks = blocks_of(LINES, FILES[2])
    links = html.document_fromstring(as_a_browser(MARKUPS["grid"](blocks, chrome))).xpath("//a/@href")
    assert links.count("?position=160") == 1
    assert next_page(Chrome()) is None


def test_noise_is_in_the_source_and_not_on_the_page() -> None:
    data, _ = page_of("list-h3", CHROMES["2009"], HOME)
    text = shown(data)
    for unseen in ("Old story", "17 March 2001", "18 March 2001", "19 March 2001"):
        assert unseen.encode() in data
        assert squeezed(unseen) not in text


HARD = hard_cases()


@pytest.mark.parametrize("case", HARD, ids=[case.name for case in HARD])
def test_a_hard_case_shows_what_it_expects(case: HardCase) -> None:
    text = shown(case.html)
    assert_in_order(case.expected, text)
    assert {block.href for block in case.expected} == {urls.canonical(b.href, None) for b in case.expected}
    if not case.expected:
        assert case.problem is None
        assert not DATE.search(html.document_fromstring(as_a_browser(case.html)).text_content())


def test_hard_cases_have_names_of_their_own() -> None:
    assert len({case.name for case in HARD}) == len(HARD) >= 15
    assert [case.name for case in HARD if case.problem] == ["date-without-title"]
    assert [case.name for case in HARD if not case.expected] == ["not-found", "log-in", "about"]
