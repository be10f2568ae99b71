"""Lines as a reader of a rendered page sees them.

Each keeps what tells titles from text (heading, bold, link) and the elements around it,
by which entries are told apart. Pictures are lines of their own, without text.
"""

from functools import cached_property
from typing import Final

from lxml.html import HtmlElement

from psgcrawl import text
from psgcrawl.layouts import parts
from psgcrawl.records import Dated

_HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "legend": 4}
_BOLD: Final = frozenset({"b", "strong", "th"})
_SMALL: Final = frozenset({"small", "em", "i", "font"})
_BETWEEN_LINKS: Final = " \n\t\r\u00a0.:>»-–|/[]()"
_CHROME: Final = frozenset({"nav", "form", "footer", "header"})
_CHROME_ROLES: Final = frozenset({"navigation", "search", "contentinfo", "banner"})


class Style:
    """The style of the text at one place of the tree."""

    __slots__ = ("bold", "heading", "li", "link", "small")

    def __init__(self, parent: "Style | None") -> None:
        self.link: HtmlElement | None = parent.link if parent else None
        self.bold: bool = parent.bold if parent else False
        self.small: bool = parent.small if parent else False
        self.heading: int = parent.heading if parent else 0
        self.li: HtmlElement | None = parent.li if parent else None

    def entering(self, el: HtmlElement) -> "Style":
        """Return the style of the text inside ``el``, which stands in this style."""
        tag = el.tag
        state = Style(self)
        if tag == "a" and el.get("href") is not None:
            state.link = el
        elif tag in _BOLD:
            state.bold = True
        elif tag in _SMALL:
            state.small = True
        elif tag in _HEADINGS:
            state.heading = _HEADINGS[tag]
        elif tag == "li":
            state.li = el
        return state


class Run:
    """A piece of text in one style."""

    __slots__ = ("bold", "inline", "link", "small", "text")

    def __init__(self, content: str, style: Style, inline: HtmlElement | None) -> None:
        self.text = content
        self.link = style.link
        self.bold = style.bold
        self.small = style.small
        self.inline = inline
        """The inline element whose whole text this is; None for loose text."""


class Line:
    """One line, or one picture (``alt`` is not None)."""

    def __init__(self, el: HtmlElement, runs: list[Run], *, new_paragraph: bool) -> None:
        self.el = el
        """The innermost block element around it."""
        self.runs = runs
        self.new_paragraph = new_paragraph
        self.clean = text.spaced("".join(run.text for run in runs))
        self.alt: str | None = None
        self.heading = 0
        """Level of the heading that it stands in; 0 where in none."""
        self.li: HtmlElement | None = None
        """The innermost list item around it."""
        self.dated: Dated | None = None
        """What it says if it is a dateline."""
        self.wrapped = False
        """Whether its link is around a whole entry, which makes no title of its every line."""

    @property
    def href(self) -> str | None:
        """The first link in the line."""
        return next((run.link.get("href") for run in self.runs if run.link is not None), None)

    # What follows from the runs is asked for many times, and they do not change.
    @cached_property
    def linked(self) -> bool:
        """Whether all of the line is link."""
        return all(run.link is not None for run in self.runs if run.text.strip(_BETWEEN_LINKS))

    @cached_property
    def bold(self) -> bool:
        """Whether all of the line is bold."""
        return all(run.bold for run in self.runs if run.text.strip())

    @property
    def small(self) -> bool:
        """Whether all of the line is set apart (small, italic, another font)."""
        return all(run.small for run in self.runs if run.text.strip())

    @cached_property
    def illustrates(self) -> bool:
        """Whether it is a picture, and not an icon that leads on."""
        return self.alt is not None and not (self.alt and parts.says_more(self.alt))

    @cached_property
    def furniture(self) -> bool:
        """Whether it only says that there is more to read, or to print."""
        shown = [run for run in self.runs if run.text.strip(_BETWEEN_LINKS)]
        return self.alt is None and all(run.link is not None and parts.says_more(run.text) for run in shown)

    @property
    def title_like(self) -> bool:
        """Whether it looks like the title of something."""
        if self.alt is not None or self.dated is not None:
            return False
        marked = self.heading or self.el.tag in {"dt", "caption"} or self.bold or (self.linked and not self.wrapped)
        return bool(marked) and not self.furniture and not self._leads_elsewhere

    @cached_property
    def _leads_elsewhere(self) -> bool:
        return parts.says_more(self.clean) or parts.is_pager(self.clean)


def in_chrome(line: Line) -> HtmlElement | None:
    """Return the outermost menu, form, page header or footer around ``line``, None where there is none."""
    found: HtmlElement | None = None
    el: HtmlElement | None = line.el
    while el is not None:
        if el.tag in {"article", "li", "dd", "td"} and found is not None and found.tag in {"header", "footer"}:
            found = None  # an entry's own
        if el.tag in _CHROME or el.get("role") in _CHROME_ROLES:
            found = el
        el = el.getparent()
    return found
