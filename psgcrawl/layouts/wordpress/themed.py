"""The element of one post, in whatever theme's markup: title, text, link, day, categories.

Most themes name title and text ``entry-title``, ``entry-content`` or ``entry-summary``,
as the hAtom microformat does. Where one does not, the first heading is the title, and
what is left without dates, categories and authors is the text.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime
from functools import cached_property
from itertools import islice, takewhile
from typing import Final

from lxml.html import HtmlElement

from psgcrawl import text
from psgcrawl.layouts import parts
from psgcrawl.layouts.wordpress import fragments, posts

_TITLES: Final = re.compile(r"(?:entry|post)[-_]+title\Z")
_TEXTS: Final = re.compile(r"(?:(?:entry|post)[-_]+(?:summary|content)|excerpt)\Z")
_ASIDE: Final = re.compile(
    r"(?:\A|[-_])(?:meta|meta-?data|postmetadata|date|posted-on|published|info|footer|byline|author"
    r"|(?:cat|tags|comments|edit)-link(?:s)?)\Z"
)
"""How classes end that stand beside title and text; page builders put their own name in front."""
_DATE: Final = re.compile(r"(?:\A|[-_])(?:date|posted-on|published)\Z")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PROTECTED: Final = frozenset({"post-password-required", "post-password-form"})
_BESIDE: Final = frozenset({"footer", "nav", "figcaption"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PHRASES: Final = frozenset("a abbr b em i small span strong time u".split())
_LONGEST_LABEL: Final = 200
_NEAR: Final = 6
"""Elements between a date or a category and the line or link around it, at most."""
_SHORT: Final = 60
"""Characters up to which what stands in one line with a date or a category is a label of it: "Posted on … by"."""


def classes(el: HtmlElement) -> frozenset[str]:
    """Return the classes of an element."""
    return frozenset((el.get("class") or "").split())


def relations(el: HtmlElement) -> frozenset[str]:
    """Return what a link says that it leads to: the words of its ``rel``."""
    return frozenset((el.get("rel") or "").lower().split())


def label(el: HtmlElement) -> str:
    """Return the text of an element, but for what is too long to be a label of anything."""
    shown = ""
    for piece in el.itertext():
        shown += piece
        if len(shown) > _LONGEST_LABEL:
            break
    return shown


class ThemedPost:
    """A post's element."""

    def __init__(self, number: int, el: HtmlElement) -> None:
        self.number = number
        self.classes = classes(el)
        self._el = el
        self._links = [link for link in el.iterdescendants("a") if link.get("href")]
        dates = [up for time in el.iterdescendants("time") for up in islice(time.iterancestors(), _NEAR)]
        self._dates = {el for el in [*dates, *(link for link in self._links if _is_in_date(link))] if el.tag == "a"}
        """Links that a date is."""

    @property
    def title(self) -> str:
        """The title as text; empty where there is none."""
        return "" if self._title is None else fragments.line_of(self._title)

    @property
    def href(self) -> str | None:
        """The link to the post: its title's, else what is marked so, leads on, is a date, or holds all of the post."""
        title = self._title
        if title is not None:
            own = {title, title.getparent(), *title.iterdescendants("a")}
            linked = next((link for link in self._links if link in own), None)
            if linked is not None:
                return linked.get("href")
        marked = (link for link in self._links if "bookmark" in relations(link))
        more = (link for link in self._links if "more-link" in classes(link) or parts.leads_on(label(link)))
        dated = (link for link in self._links if link in self._dates)
        around = (link for link in self._links[:1] if self._stands_first(link) and not _leads_to_list(link))
        return next((link.get("href") for group in (marked, more, dated, around) for link in group), None)

    @property
    def day(self) -> date | None:
        """The day as printed: the site's own, whatever its offset. None where no date is printed."""
        timed = (moment.date() for changed, moment in self._times() if not changed)
        return next(timed, None) or next(self._printed_days(), None)

    @property
    def modified(self) -> str | None:
        """RFC 3339 UTC; None where it is not printed."""
        return next((posts.utc(moment) for changed, moment in self._times() if changed), None)

    @property
    def categories(self) -> list[str] | None:
        """Their names; None unless all are printed: links name them, classes (``category-news``) count them."""
        printed = [name for link in self._links if _names_category(link) and (name := fragments.line_of(link))]
        count = sum(name.startswith("category-") for name in self.classes)
        return printed if printed and len(set(printed)) == max(count, 1) else None

    @property
    def protected(self) -> bool:
        """Whether it asks for a password."""
        return any(not _PROTECTED.isdisjoint(classes(el)) for el in self._el.iter() if isinstance(el.tag, str))

    @property
    def summary(self) -> str:
        """The excerpt, or as much of the text as is printed."""
        title = self._title
        above = () if title is None else takewhile(lambda el: el is not self._el, title.iterancestors())
        # Some themes name so what holds the title, too.
        no_texts = {title, *above}
        for el in self._el.iterdescendants():
            if el not in no_texts and _is_called(el, _TEXTS):
                return fragments.running_of(deepcopy(el), self.title)
        return fragments.running_of(self._bare(), self.title)

    @cached_property
    def _title(self) -> HtmlElement | None:
        """What is named so, else the first heading, else a link that stands alone before everything else."""
        heading: HtmlElement | None = None
        for el in self._el.iterdescendants():
            if _is_called(el, _TITLES):
                return el
            if heading is None and el.tag in _HEADINGS:
                heading = el
        if heading is not None:
            return heading
        link = next((link for link in self._links if link not in self._dates), None)
        return link if link is not None and self._stands_first(link) and not _is_label(link) else None

    def _stands_first(self, link: HtmlElement) -> bool:
        """Tell whether a link begins the post and is all of its line: any other is of the text, and names no post."""
        line = _line_around(link, self._el)
        first = next((piece for piece in self._el.itertext() if piece.strip()), "")
        begins = next((piece for piece in link.itertext() if piece.strip()), None) == first
        return begins and not (line.tail or "").strip() and (line is link or _length_beside(line) == 0)

    def _times(self) -> Iterator[tuple[bool, datetime]]:
        """Yield whether a time is of the last change, and the moment, with its offset if it has one."""
        for el in self._el.iterdescendants("time"):
            up = el.getparent()
            around = classes(el) | (frozenset() if up is None else classes(up))
            # Themes that print one date alone call it "published updated".
            changed = "updated" in classes(el) and "published" not in classes(el)
            try:
                moment = datetime.fromisoformat((el.get("datetime") or "").strip())
            except ValueError:
                continue
            yield changed or "wp-block-post-date__modified-date" in around, moment

    def _printed_days(self) -> Iterator[date]:
        """Yield the days that stand alone in what is called a date, in words."""
        for el in self._el.iterdescendants():
            if _is_called(el, _DATE):
                dated = parts.read_dateline(text.spaced(label(el)))
                if dated is not None and _DAY.match(dated.edtf or ""):
                    yield date.fromisoformat(dated.earliest or "")

    def _bare(self) -> HtmlElement:
        """Return a copy of the post without its title, dates, categories and authors."""
        copy = deepcopy(self._el)
        aside: list[HtmlElement] = []
        lines: dict[HtmlElement, bool] = {}
        for original, el in zip(self._el.iter(), copy.iter(), strict=True):
            if not isinstance(el.tag, str) or el is copy:
                continue
            if el.tag == "time" or (el.tag == "a" and _leads_to_list(el)):
                aside.append(_labelled(el, copy, lines))
            elif original is self._title or el.tag in _BESIDE or _is_called(el, _ASIDE):
                aside.append(el)
        for el in aside:
            fragments.drop(el)
        return copy


def _is_called(el: HtmlElement, pattern: re.Pattern[str]) -> bool:
    return isinstance(el.tag, str) and any(pattern.search(name) for name in classes(el))


def _is_in_date(link: HtmlElement) -> bool:
    return any(up.tag == "time" for up in islice(link.iterancestors(), _NEAR))


def _is_label(link: HtmlElement) -> bool:
    shown = label(link)
    words = shown.strip()
    return not words or len(shown) > _LONGEST_LABEL or parts.says_more(words) or _leads_to_list(link)


def _leads_to_list(link: HtmlElement) -> bool:
    return not relations(link).isdisjoint({"category", "tag", "author"})


def _names_category(link: HtmlElement) -> bool:
    up = link.getparent()
    # Blocks call every term a tag, and their parent says which taxonomy it is of.
    block = up is not None and "taxonomy-category" in classes(up)
    return "category" in relations(link) or ("tag" in relations(link) and block)


def _labelled(el: HtmlElement, post: HtmlElement, lines: dict[HtmlElement, bool]) -> HtmlElement:
    """Return the line around a date or a category where it holds little else, else the date or category itself."""
    line = _line_around(el, post)
    if line not in lines:
        lines[line] = line.tag not in _PHRASES and _length_beside(line) <= _SHORT
    return line if lines[line] else el


def _line_around(el: HtmlElement, post: HtmlElement) -> HtmlElement:
    """Return the innermost block around ``el`` within the post, or the outermost phrase where it has none."""
    line = el
    for up in islice(el.iterancestors(), _NEAR):
        if up is post:
            break
        line = up
        if line.tag not in _PHRASES:
            break
    return line


def _length_beside(line: HtmlElement) -> int:
    """Return how many characters of a line are in no link and no date."""
    stack, length = [line], 0
    while stack:
        el = stack.pop()
        length += len((el.text or "").strip())
        for child in el:
            length += len((child.tail or "").strip())
            if child.tag not in {"a", "time"}:
                stack.append(child)
    return length
