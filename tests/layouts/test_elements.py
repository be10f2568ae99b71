"""The elements around lines: what stands in what, and in which menu, form, header or footer."""

import pytest
from lxml import etree
from lxml import html as lxml_html

from psgcrawl.layouts.html.elements import Element, common
from psgcrawl.layouts.html.rendering import rendered
from psgcrawl.layouts.html.tree import parse, parse_plain

PAGE = """
<div id=a><p id=b>one <b>bold</b> <a href=x>two</a></p><ul id=c><li id=d>three<div id=e>four</div></li>
<li id=f>five</li></ul>tail</div><p id=g>six</p>"""


def elements(body: str) -> dict[str, Element]:
    """Return the blocks around the lines of a page, by their text."""
    return {line.clean: line.el for line in rendered(parse_plain(f"<html><body>{body}</body></html>"))}


def test_what_stands_in_what_is_as_in_the_tree() -> None:
    root = lxml_html.document_fromstring(PAGE)
    ids = dict.fromkeys("bdefg")
    mine = dict(
        zip(ids, [elements(PAGE)[said] for said in ("one bold two", "three", "four", "five", "six")], strict=True)
    )
    theirs = {name: root.get_element_by_id(name) for name in ids}
    for outer in ids:
        for inner in ids:
            around = [theirs[inner], *theirs[inner].iterancestors()]
            assert mine[outer].holds(mine[inner]) == (theirs[outer] in around)
            shared = next(el for el in around if el in {theirs[outer], *theirs[outer].iterancestors()})
            found = common(mine[outer], mine[inner])
            assert (found.tag, len(found.around)) == (shared.tag, 1 + len(list(shared.iterancestors())))
        assert [el.tag for el in mine[outer].around] == [
            el.tag for el in (theirs[outer], *theirs[outer].iterancestors())
        ]


def test_loose_text_stands_in_the_block_around_it() -> None:
    found = elements(PAGE)
    assert found["tail"].holds(found["one bold two"])
    assert not found["tail"].holds(found["six"])


@pytest.mark.parametrize(
    ("body", "chrome"),
    [
        ("<div><p>here</p></div>", None),
        ("<nav><p>here</p></nav>", "nav"),
        ("<nav>here</nav>", "nav"),
        ("<div role=search><form><p>here</p></form></div>", "div"),
        ("<span role=navigation><p>here</p></span>", "span"),
        ("<footer><div><nav>here</nav></div></footer>", "footer"),
        ("<article><header><p>here</p></header></article>", None),
        ("<ul><li><footer><nav>here</nav></footer></li></ul>", None),
        ("<ul><li><nav>here</nav></li></ul>", "nav"),
        ("<form><article><header>here</header></article></form>", "form"),
        ("<header><article>here</article></header>", "header"),
        ("<article><div role=banner>here</div></article>", "div"),
        ("<article role=search>here</article>", "article"),
    ],
)
def test_the_outermost_menu_form_header_or_footer_is_found_but_not_an_entrys_own(body: str, chrome: str | None) -> None:
    here = elements(body)["here"]
    assert next((el.tag for el in here.around if el.number == here.chrome), None) == chrome


def test_two_pages_have_no_element_in_common() -> None:
    first, second = elements("<p>one</p>")["one"], elements("<p>one</p><div><p>two</p></div>")["two"]
    with pytest.raises(ValueError, match="two pages"):
        common(first, second)


def test_both_kinds_of_tree_are_the_same() -> None:
    page = f"<html><body>{PAGE}<!-- c --><p>&#0;é<br>x</body></html>"
    assert etree.tostring(parse_plain(page)) == etree.tostring(parse(page))
    assert [line.clean for line in rendered(parse_plain(page))] == [line.clean for line in rendered(parse(page))]


@pytest.mark.parametrize("page", ["<p>é &amp; x</p>", "<p>a\x00b</p>", "<p>&#0;a&#xD800;b</p>", "<p>no accents"])
def test_a_page_has_the_same_tree_where_its_bytes_are_at_hand(page: str) -> None:
    assert etree.tostring(parse_plain(page, page.encode())) == etree.tostring(parse_plain(page))
