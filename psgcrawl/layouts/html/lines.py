"""Lines as a reader of a rendered page sees them.

Each keeps what tells titles from text (heading, bold, link) and the elements around it,
by which entries are told apart. Pictures are lines of their own, without text.

All are structs that the garbage collector does not follow: nothing in them refers back,
and they are made some 500 times a page, in a quarter of the time that classes in Python take.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Final, TypeAlias

from lxml import etree
from msgspec import Struct

from psgcrawl import text
from psgcrawl.layouts import parts
from psgcrawl.layouts.html.elements import Element
from psgcrawl.records import Dated

_HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "legend": 4}
_BOLD: Final = frozenset({"b", "strong", "th"})
_SMALL: Final = frozenset({"small", "em", "i", "font"})
_TITLING: Final = frozenset({"dt", "caption"})
_BETWEEN_LINKS: Final = " \n\t\r\u00a0.:>»-–|/[]()"
_AT_ONCE: Final = 500
"""Lines that are made at once: all of nearly every page."""
_NOT_MARKED, _MARKED_BY_LINK, _MARKED = range(3)

STYLING: Final = frozenset({"a", "li"}) | _BOLD | _SMALL | _HEADINGS.keys()
"""Elements that may change the style of what is in them; all others need not be asked."""


class Style(Struct, frozen=True, eq=False, gc=False):
    """The style of the text at one place of the tree."""

    link: Element | None = None
    li: Element | None = None
    heading: int = 0
    bold: bool = False
    small: bool = False

    def entering(self, tag: str) -> "Style":
        """Return the style of the text inside an element that is no link and no list item, and stands in this style."""
        if tag in _HEADINGS:
            return Style(self.link, self.li, _HEADINGS[tag], self.bold, self.small)
        if tag in _BOLD:
            return Style(self.link, self.li, self.heading, True, self.small)  # noqa: FBT003 - by name takes longer
        if tag in _SMALL:
            return Style(self.link, self.li, self.heading, self.bold, True)  # noqa: FBT003
        return self


UNSTYLED: Final = Style()


class Run(Struct, frozen=True, eq=False, gc=False):
    """A piece of text in one style."""

    text: str
    style: Style
    inline: etree._Element | None
    """The inline element whose whole text this is; None for loose text."""

    @property
    def link(self) -> Element | None:
        """The link that it is of."""
        return self.style.link


Printed: TypeAlias = tuple[Element, Style, tuple[Run, ...], str, bool]
"""What is read of a line while the tree is walked: the first five fields of :class:`Line`, its text as printed.

A picture has no run, and its words for a text.
"""


class Line(Struct, eq=False, gc=False):
    """One line, or one picture (``alt`` is not None).

    All that follows from the runs is worked out once: it is asked for many times, and they do not change.
    """

    el: Element
    """The innermost block element around it."""
    style: Style
    """That of its end."""
    runs: Sequence[Run]
    clean: str
    """Its text under the text rule, but with its control characters."""
    new_paragraph: bool
    heading: int = 0
    """Level of the heading that it stands in; 0 where in none."""
    li: Element | None = None
    """The innermost list item around it."""
    linked: bool = False
    """Whether all of it is link."""
    bold: bool = False
    """Whether all of it is bold."""
    small: bool = False
    """Whether all of it is set apart (small, italic, another font)."""
    links: tuple[Element, ...] = ()
    """The links in it, each once."""
    href: str | None = None
    """Where the first link in the line leads."""
    furniture: bool = False
    """Whether it only says that there is more to read, or to print."""
    marked: int = 0
    """By what it looks like a title if it is no dateline: nothing, its link alone, or its element or its style."""
    title_like: bool = False
    """Whether it looks like the title of something; :meth:`settle` says so again once datelines are known."""
    dated: Dated | None = None
    """What it says if it is a dateline."""
    wrapped: bool = False
    """Whether its link is around a whole entry, which makes no title of its every line."""
    alt: str | None = None
    """The words of a picture; None for a line of text."""
    illustrates: bool = False
    """Whether it is a picture, and not an icon that leads on."""

    def settle(self) -> None:
        """Tell by what is known now (``dated``, ``wrapped``) whether it looks like the title of something."""
        self.title_like = self.dated is None and self.marked > self.wrapped


def lines_of(printed: list[Printed]) -> list[Line]:
    """Return the lines of a page, in its order, of which the text rule is applied to many at once.

    :param printed: what was read of them; it is empty afterwards, so that a large page is not held twice
    """
    lines: list[Line] = []
    printed.reverse()
    while printed:
        some = printed[: -_AT_ONCE - 1 : -1]
        del printed[-_AT_ONCE:]
        clean_lines = text.all_spaced(list(map(itemgetter(3), some)))
        lines += [
            line_of_run(el, style, runs, clean, new_paragraph)
            if len(runs) == 1
            else line_of_runs(el, style, runs, clean, new_paragraph)
            if runs
            else _picture(el, style, clean, new_paragraph)
            for (el, style, runs, _, new_paragraph), clean in zip(some, clean_lines, strict=True)
        ]
    return lines


def line_of(el: Element, style: Style, runs: Sequence[Run], clean: str) -> Line:
    """Return a line of text that opens no paragraph.

    :param style: that of its end
    :param runs: one that is not white space, at least
    :param clean: what it shows
    """
    if len(runs) > 1:
        return line_of_runs(el, style, runs, clean, False)  # noqa: FBT003
    return line_of_run(el, style, runs, clean, False)  # noqa: FBT003


def line_of_run(el: Element, style: Style, runs: Sequence[Run], clean: str, new_paragraph: bool) -> Line:  # noqa: FBT001 - by name takes longer
    """Return a line of one run, as nearly all are: what :func:`line_of_runs` does, in a third of the time."""
    run = runs[0]
    inside = run.style
    link, bold, heading = inside.link, inside.bold, style.heading
    marked = bold or heading > 0 or el.tag in _TITLING
    # A letter or a figure stands in it: then it is no mere sign between links.
    linked = link is not None or not (clean[:1].isalnum() or run.text.strip(_BETWEEN_LINKS))
    if not (linked or marked):
        return Line(el, style, runs, clean, new_paragraph, heading, style.li, False, False, inside.small)  # noqa: FBT003
    shown = run.text
    if not parts.tells_nothing(clean):
        furniture = linked and shown != clean and parts.says_more(shown)
        titling = _NOT_MARKED if furniture else _MARKED if marked else _MARKED_BY_LINK
    else:
        furniture, titling = linked and parts.says_more(shown), _NOT_MARKED
    links, href = ((), None) if link is None else ((link,), link.href)
    return Line(
        el,
        style,
        runs,
        clean,
        new_paragraph,
        heading,
        style.li,
        linked,
        bold,
        inside.small,
        links,
        href,
        furniture,
        titling,
        titling > 0,
    )


def line_of_runs(el: Element, style: Style, runs: Sequence[Run], clean: str, new_paragraph: bool) -> Line:  # noqa: FBT001 - by name takes longer
    """Return a line of several runs.

    :param style: that of its end
    :param clean: what it shows
    """
    links = tuple(dict.fromkeys([run.style.link for run in runs if run.style.link is not None]))
    telling = [run for run in runs if run.text.strip(_BETWEEN_LINKS)]
    shown = [run.style for run in runs if not run.text.isspace()]
    linked = all(run.style.link is not None for run in telling)
    bold = all(style.bold for style in shown)
    furniture = linked and all(parts.says_more(run.text) for run in telling)
    marked = style.heading > 0 or el.tag in _TITLING or bold
    titling = _NOT_MARKED
    if (marked or linked) and not (furniture or parts.tells_nothing(clean)):
        titling = _MARKED if marked else _MARKED_BY_LINK
    return Line(
        el,
        style,
        runs,
        clean,
        new_paragraph,
        heading=style.heading,
        li=style.li,
        linked=linked,
        bold=bold,
        small=all(style.small for style in shown),
        links=links,
        href=links[0].href if links else None,
        furniture=furniture,
        marked=titling,
        title_like=titling > 0,
    )


def _picture(el: Element, style: Style, alt: str, new_paragraph: bool) -> Line:  # noqa: FBT001 - as the others
    """Return a picture, of which ``alt`` is what it says, in the style of what is around it."""
    link = style.link
    return Line(
        el,
        UNSTYLED,
        (Run("", style, None),),
        "",
        new_paragraph,
        linked=True,
        bold=True,
        small=True,
        links=() if link is None else (link,),
        href=None if link is None else link.href,
        alt=alt,
        illustrates=not (alt and parts.says_more(alt)),
    )
