"""Lines as a reader of a rendered page sees them.

Each keeps what tells titles from text (heading, bold, link) and the elements around it,
by which entries are told apart. Pictures are lines of their own, without text.
"""

from collections.abc import Sequence
from typing import Final

from psgcrawl.layouts import parts
from psgcrawl.layouts.html.elements import Element
from psgcrawl.records import Dated

_HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "legend": 4}
_BOLD: Final = frozenset({"b", "strong", "th"})
_SMALL: Final = frozenset({"small", "em", "i", "font"})
_TITLING: Final = frozenset({"dt", "caption"})
_BETWEEN_LINKS: Final = " \n\t\r\u00a0.:>»-–|/[]()"
_NOT_MARKED, _MARKED_BY_LINK, _MARKED = range(3)

STYLING: Final = frozenset({"a", "li"}) | _BOLD | _SMALL | _HEADINGS.keys()
"""Elements that may change the style of what is in them; all others need not be asked."""


class Style:
    """The style of the text at one place of the tree."""

    __slots__ = ("bold", "heading", "li", "link", "small")

    def __init__(self, outer: "Style | None" = None) -> None:
        self.link: Element | None = None
        self.li: Element | None = None
        self.heading = 0
        self.bold = self.small = False
        if outer is not None:
            self.link, self.li, self.heading = outer.link, outer.li, outer.heading
            self.bold, self.small = outer.bold, outer.small

    def entering(self, tag: str, el: Element | None) -> "Style":
        """Return the style of the text inside an element, which stands in this style.

        :param el: needed for links and list items only.
        """
        state = Style(self)
        if el is not None and el.href is not None:
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

    def __init__(self, content: str, style: Style, inline: str | None) -> None:
        self.text = content
        self.link = style.link
        self.bold = style.bold
        self.small = style.small
        self.inline = inline
        """The ``class`` (or nothing) of the inline element whose whole text this is; None for loose text."""


class Line:
    """One line, or one picture (``alt`` is not None).

    All that follows from the runs is worked out once: it is asked for many times, and they do not change.
    """

    __slots__ = (
        "_marked",
        "alt",
        "bold",
        "clean",
        "dated",
        "el",
        "furniture",
        "heading",
        "href",
        "illustrates",
        "li",
        "linked",
        "links",
        "new_paragraph",
        "runs",
        "small",
        "style",
        "wrapped",
    )

    def __init__(
        self,
        el: Element,
        style: Style,
        runs: Sequence[Run],
        clean: str,
        alt: str | None = None,
    ) -> None:
        """Take a line.

        :param el: the innermost block element around it.
        :param style: that of its end.
        :param clean: its text under the text rule, but with its control characters.
        """
        self.el = el
        self.style = style
        self.runs = runs
        self.clean = clean
        self.alt = alt
        self.new_paragraph = False
        self.heading = style.heading
        """Level of the heading that it stands in; 0 where in none."""
        self.li = style.li
        """The innermost list item around it."""
        self.dated: Dated | None = None
        """What it says if it is a dateline."""
        self.wrapped = False
        """Whether its link is around a whole entry, which makes no title of its every line."""
        self._read_style(runs)
        self.illustrates = alt is not None and not (alt and parts.says_more(alt))
        """Whether it is a picture, and not an icon that leads on."""
        self.furniture = alt is None and self.linked and self._is_furniture()
        """Whether it only says that there is more to read, or to print."""
        self._marked = _NOT_MARKED if alt is not None else self._marks()

    def _read_style(self, runs: Sequence[Run]) -> None:
        self.links: tuple[Element, ...]
        """The links in it, each once."""
        self.linked: bool
        """Whether all of it is link."""
        self.bold: bool
        """Whether all of it is bold."""
        self.small: bool
        """Whether all of it is set apart (small, italic, another font)."""
        if len(runs) == 1:  # as nearly all lines have: the same without five loops
            run = runs[0]
            blank = not run.text.strip()
            self.links = () if run.link is None else (run.link,)
            self.linked = run.link is not None or not run.text.strip(_BETWEEN_LINKS)
            self.bold, self.small = run.bold or blank, run.small or blank
        else:
            self.links = tuple(dict.fromkeys(run.link for run in runs if run.link is not None))
            self.linked = all(run.link is not None for run in runs if run.text.strip(_BETWEEN_LINKS))
            shown = [run for run in runs if run.text.strip()]
            self.bold = all(run.bold for run in shown)
            self.small = all(run.small for run in shown)
        self.href = self.links[0].href if self.links else None
        """Where the first link in the line leads."""

    def _is_furniture(self) -> bool:
        if len(self.runs) == 1:
            return parts.says_more(self.runs[0].text)
        return all(parts.says_more(run.text) for run in self.runs if run.text.strip(_BETWEEN_LINKS))

    def _marks(self) -> int:
        """Tell by what a line looks like a title if it is no dateline: its element or its style, or its link alone."""
        marked = self.heading or self.bold or self.el.tag in _TITLING
        if not (marked or self.linked) or self.furniture:
            return _NOT_MARKED
        # That no furniture says "more" is known.
        asked = self.linked and len(self.runs) == 1 and self.runs[0].text == self.clean
        if (not asked and parts.says_more(self.clean)) or parts.is_pager(self.clean):
            return _NOT_MARKED
        return _MARKED if marked else _MARKED_BY_LINK

    @property
    def title_like(self) -> bool:
        """Whether it looks like the title of something."""
        return self.dated is None and self._marked > self.wrapped
