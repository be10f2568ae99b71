"""Posts as a WordPress theme's listing pages show them, in whatever markup.

What every theme has is WordPress's own: ``post_class()`` gives a post's element the
classes ``post-254 type-post status-publish …``, older themes the id ``post-254``.
https://developer.wordpress.org/reference/functions/post_class/
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from psgcrawl import urls
from psgcrawl.layouts import parts
from psgcrawl.layouts.html.tree import is_cut, parse
from psgcrawl.layouts.reading import Reading
from psgcrawl.layouts.wordpress import posts
from psgcrawl.layouts.wordpress.themed import ThemedPost, classes, label, relations
from psgcrawl.records import RawEntry, replace

LAYOUT: Final = "wordpress-theme"
FIELDS: Final = ("categories", "modified", "summary", "title", "url")

_HINTS: Final = (b"wordpress", b"wp-content", b"wp-includes", b"wp-json", b"api.w.org")
_POST: Final = re.compile(rb"post-[0-9]")
_NUMBER: Final = re.compile(r"post-([1-9][0-9]{0,18})\Z")
_OWN_FILES: Final = re.compile(r"/wp-(?:includes|content)/")
_POST_CLASSES: Final = etree.XPath("boolean(descendant-or-self::*/@class[contains(., 'post-')])")


def may_have_made(root: etree._Element) -> bool:
    """Tell whether WordPress may have made a page: it has a class as those of posts, or a mark in its head.

    Every page of the PHP site comes by here: its tree is looked at in a third of the time that its bytes take.
    """
    return any(map(_is_mark, root.iter("meta", "link", "script"))) or bool(_POST_CLASSES(root))


def read(page: str) -> Reading | None:
    """Read a theme's listing page; posts in page order. None where WordPress did not make the page.

    ``fields`` are those that every post on the page shows. Widgets that list posts by
    their titles alone hold no entries. The page of one post is no listing.
    """
    # One expression that ignores case takes 15 times as long, text with accents in lower case 5 times as long as bytes.
    low = page.encode().lower()
    if not any(hint in low for hint in _HINTS) and not _POST.search(low):
        return None
    root = parse(page)
    found = list(_posts(root))
    if not _made_by_wordpress(root, found):
        return None
    if any("single" in classes(body) for body in root.iter("body")):
        return Reading(layout=None, problems=("no listing: the page of one post",))
    reading = _Page(root, found).reading()
    if not is_cut(page):
        return reading
    return replace(reading, problems=(*reading.problems, "truncation: the page never ends: it may have been cut"))


def _posts(root: HtmlElement) -> Iterator[ThemedPost]:
    """Yield the outermost elements of posts, in page order. A page or an attachment is none, but may hold some."""
    stack = [root]
    while stack:
        el = stack.pop()
        number = _number(el)
        if number is not None:
            yield ThemedPost(number, el)
        else:
            stack.extend(child for child in reversed(el) if isinstance(child.tag, str))


def _number(el: HtmlElement) -> int | None:
    """Return the number of the post whose element this is; None for every other element."""
    names = classes(el)
    numbers = [match[1] for name in (el.get("id") or "", *sorted(names)) if (match := _NUMBER.match(name))]
    types = {name for name in names if name.startswith("type-")}
    if not numbers or el.tag == "body" or (types and "type-post" not in types):
        return None
    return int(numbers[0])


def _made_by_wordpress(root: HtmlElement, found: Sequence[ThemedPost]) -> bool:
    """Tell whether the page says so: by classes that only ``post_class()`` gives, or in its head."""
    if any(f"post-{post.number}" in post.classes and post.classes & {"type-post", "hentry"} for post in found):
        return True
    return any(_is_mark(el) for el in root.iter("meta", "link", "script"))


def _is_mark(el: etree._Element) -> bool:
    if el.tag == "meta":
        return el.get("name") == "generator" and (el.get("content") or "").startswith("WordPress")
    if el.get("rel") == "https://api.w.org/":
        return True
    return _OWN_FILES.search(el.get("href") or el.get("src") or "") is not None


class _Page:
    def __init__(self, root: HtmlElement, found: Sequence[ThemedPost]) -> None:
        self._root = root
        self._found = found
        self._problems: list[str] = []
        self._missing: set[str] = set()
        """Fields that some post does not show."""
        self._base = next((str(el.get("href")) for el in root.iter("base") if el.get("href")), None)

    def reading(self) -> Reading:
        entries = tuple(self._entries())
        if not entries:
            self._problems.append("no layout recognises the page: WordPress made it, but no post is on it")
            return Reading(layout=None, problems=tuple(self._problems))
        return Reading(
            layout=LAYOUT,
            fields=tuple(name for name in FIELDS if name not in self._missing),
            entries=entries,
            problems=tuple(self._problems),
            next_href=self._joined(self._next()),
        )

    def _entries(self) -> Iterator[RawEntry]:
        for post in self._found:
            hidden = sorted(name for name in post.classes if name.startswith("status-") and name != "status-publish")
            if hidden:
                status = parts.quote(hidden[0].removeprefix("status-"))
                self._problems.append(f"not public: post {post.number} has the status {status}")
            else:
                yield self._entry(post)

    def _entry(self, post: ThemedPost) -> RawEntry:
        given = {"categories": post.categories, "modified": post.modified, "url": post.href}
        self._missing.update(name for name, value in given.items() if value is None)
        return posts.entry(
            post.number,
            title=post.title,
            summary=post.summary,
            day=post.day,
            href=self._joined(post.href),
            protected=post.protected,
            categories=post.categories or (),
            modified=post.modified,
        )

    def _joined(self, href: str | None) -> str | None:
        """Complete a link where the page names another base for its links."""
        return href if self._base is None or href is None else urls.joined(self._base, href)

    def _next(self) -> str | None:
        """Return the link to the page of older posts, as it stands in the page."""
        links = [el for el in self._root.iter("link", "a") if el.get("href")]
        said = (el for el in links if "next" in relations(el) or _is_pager_next(classes(el)))
        shown = (el for el in links if el.tag == "a" and parts.leads_to_next(label(el)))
        return next((el.get("href") for group in (said, shown) for el in group), None)


def _is_pager_next(names: frozenset[str]) -> bool:
    return {"next", "page-numbers"} <= names or "wp-block-query-pagination-next" in names
