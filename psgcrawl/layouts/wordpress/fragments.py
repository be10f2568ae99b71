"""HTML in titles and excerpts to text, by the rendering of the HTML layout."""

import re
from typing import Final

from lxml.html import HtmlElement

from psgcrawl import text
from psgcrawl.layouts.html.entries import compose
from psgcrawl.layouts.html.rendering import rendered
from psgcrawl.layouts.html.tree import parse

_MORE_LINKS: Final = frozenset({"more-link", "wp-block-post-excerpt__more-link", "wp-block-read-more"})
"""Classes that WordPress and its themes give to the link to the whole post."""
_EMOJI: Final = frozenset({"emoji", "wp-smiley"})
"""Classes of the pictures by which WordPress replaces emoji for old browsers; ``alt`` is the character."""
# What the parser takes and lxml refuses to set (XML 1.0, section 2.2): a text that holds it stays where it is.
_UNSETTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BLOCKS: Final = re.compile(r"<(?:p|div|ul|ol|dl|li|br|blockquote|table|h[1-6]|section|figure)\b", re.IGNORECASE)
# Not from within blanks: a long row of them would be gone through once for each.
_PARAGRAPH_ENDS: Final = re.compile(r"(?<![ \t])(?:[ \t]*\r?\n){2,}")


def line(fragment: str) -> str:
    """Return HTML as one line of text.

    >>> line("Fish &amp; Chips <em>versus</em>&nbsp;“Ceviche”")
    'Fish & Chips versus “Ceviche”'
    """
    return line_of(parsed(fragment))


def running(fragment: str, title: str) -> str:
    r"""Return HTML as running text, without the link that leads to the whole post.

    :param title: the post's, as text; "Continue reading" may repeat it

    >>> running('<p>It rained.</p><ul><li>a<li>b</ul><p>And [&hellip;] <a href="/x">Read more</a></p>', "")
    'It rained.\n\n- a\n- b\n\nAnd […]'
    """
    return running_of(parsed(fragment), title)


def line_of(el: HtmlElement) -> str:
    """Return what stands in an element, as :func:`line` does."""
    return " ".join(line.clean for line in rendered(el) if line.clean)


def running_of(el: HtmlElement, title: str) -> str:
    """Return what stands in an element, as :func:`running` does. The element is changed."""
    # A list, because the tree changes meanwhile.
    for inner in list(el.iterdescendants("a", "img")):
        names = (inner.get("class") or "").split()
        if inner.tag == "a" and not _MORE_LINKS.isdisjoint(names):
            drop(inner)
        elif inner.tag == "img" and not _EMOJI.isdisjoint(names):
            _spell(inner)
    lines = rendered(el)
    return compose(lines, [number for number, line in enumerate(lines) if line.alt is None], None, title)


def drop(el: HtmlElement) -> None:
    """Take an element out of its tree, if it still is in one; what follows it stays."""
    parent = el.getparent()
    if parent is None:
        return
    previous = el.getprevious()
    before = parent.text if previous is None else previous.tail
    if el.tail and _UNSETTABLE.search((before or "") + el.tail):
        el.clear(keep_tail=True)
        el.tag = "template"  # what is never shown
    else:
        el.drop_tree()


def _spell(emoji: HtmlElement) -> None:
    """Put the character of which an element is the picture in its place."""
    said = emoji.get("alt") or ""
    if _UNSETTABLE.search(said + (emoji.tail or "")):
        emoji.clear(keep_tail=True)
        emoji.tag, emoji.text = "span", text.line(said)
    else:
        emoji.tail = said + (emoji.tail or "")
        drop(emoji)


def parsed(fragment: str) -> HtmlElement:
    """Return an element that holds the fragment."""
    return parse(f"<html><body>{fragment}</body></html>")


def paragraphs(text: str) -> str:
    r"""Return text whose paragraphs are parted by blank lines as HTML; HTML that has its own blocks as it is.

    WordPress does so where it shows an excerpt that was written by hand (``wpautop``),
    but not in its feed.

    >>> paragraphs("One\nline\n\nTwo")
    '<p>One<br>line</p><p>Two</p>'
    """
    if _BLOCKS.search(text):
        return text
    parts = _PARAGRAPH_ENDS.split(text.strip())
    return "".join(f"<p>{'<br>'.join(part.splitlines())}</p>" for part in parts)
