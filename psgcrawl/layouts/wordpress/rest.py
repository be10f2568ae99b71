"""Posts as WordPress's REST API gives them: a JSON array, whatever the theme.

``QUERY`` asks for what is read here, by name, and for the names of the categories in the
same answer. The headers ``X-WP-Total`` and ``X-WP-TotalPages`` say how many posts and
pages there are; a page beyond the last is 400 ``rest_post_invalid_page_number``.
https://developer.wordpress.org/rest-api/reference/posts/
"""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct, field

from psgcrawl.layouts import parts
from psgcrawl.layouts.reading import Reading
from psgcrawl.layouts.wordpress import fragments, posts
from psgcrawl.records import RawEntry

LAYOUT: Final = "wordpress-rest"
FIELDS: Final = ("categories", "modified", "summary", "title", "url")

PATH: Final = "/wp-json/wp/v2/posts"
"""Where the API is where addresses are readable; ``/?rest_route=/wp/v2/posts`` is the same everywhere."""

QUERY: Final = MappingProxyType(
    {
        "per_page": "100",
        # Numbers never change, so that posts published meanwhile, even under past dates, only come in at the end.
        "orderby": "id",
        "order": "asc",
        # The link is what makes the API embed the terms; it embeds nothing else.
        "_fields": "id,date,modified_gmt,status,type,link,title,excerpt,categories,_links.wp:term,_embedded",
        "_embed": "wp:term",
    }
)
"""The query that a crawl asks with, and ``page``. 100 is the most that WordPress gives."""


class _Rendered(Struct):
    rendered: str
    protected: bool = False
    """Whether a password is asked for; titles do not say it."""


class _Post(Struct):
    """A post, as far as it is read. What is None was not asked for; a draft without date has none."""

    id: Annotated[int, Meta(gt=0)]
    date: str
    title: _Rendered
    link: str | None = None
    excerpt: _Rendered | None = None
    modified_gmt: str | None = None
    status: str = "publish"
    type: str = "post"
    categories: list[int] | None = None
    embedded: dict[str, Any] | None = field(name="_embedded", default=None)


def read(page: str) -> Reading:
    """Read an answer of the API; posts in its order.

    ``fields`` are those that every post on the page shows. Posts that cannot be read are
    problems; what is not published is never an entry, whoever asked for it.
    """
    try:
        answer: object = msgspec.json.decode(page)
    except (msgspec.DecodeError, RecursionError) as error:
        return _unrecognised(f"no JSON: {error}")
    if not isinstance(answer, list):
        return _unrecognised(_said(answer))
    return _Answer(answer).reading()


def _unrecognised(why: str) -> Reading:
    return Reading(layout=None, problems=(f"no layout recognises the page: {why}",))


def _said(answer: object) -> str:
    """Say what an answer is that is no array: most often an error of the API."""
    if isinstance(answer, dict) and isinstance(answer.get("code"), str):
        message = answer.get("message")
        told = f": {parts.quote(message)}" if isinstance(message, str) else ""
        return f"the REST API answered {parts.quote(answer['code'])}{told}"
    return f"JSON, but no array of posts: {parts.quote(repr(answer))}"


class _Answer:
    """One array of posts."""

    def __init__(self, items: Sequence[object]) -> None:
        self._items = items
        self._problems: list[str] = []
        self._missing: set[str] = set()
        """Fields that some post does not show."""

    def reading(self) -> Reading:
        entries = tuple(self._entries())
        if self._items and not entries and not self._problems:
            return _unrecognised("an array of the REST API without any post")
        if self._items and not entries:
            self._problems.append("no layout recognises the page: no post on it could be read")
            return Reading(layout=None, problems=tuple(self._problems))
        shown = tuple(name for name in FIELDS if name not in self._missing)
        return Reading(layout=LAYOUT, fields=shown, entries=entries, problems=tuple(self._problems))

    def _entries(self) -> Iterator[RawEntry]:
        for place, item in enumerate(self._items, 1):
            try:
                post = msgspec.convert(item, _Post)
                if post.type != "post":  # pages and others have addresses of their own in the API
                    continue
                if post.status != "publish":
                    self._problems.append(f"not public: post {post.id} has the status {parts.quote(post.status)}")
                    continue
                yield self._entry(post)
            except (msgspec.ValidationError, ValueError) as error:
                number = item.get("id") if isinstance(item, dict) else None
                named = f"post {number}" if isinstance(number, int) else f"item {place}"
                self._problems.append(f"unread block: {named}: {error}")

    def _entry(self, post: _Post) -> RawEntry:
        title = fragments.line(post.title.rendered)
        excerpt = post.excerpt or _Rendered("")
        given = {"summary": post.excerpt, "url": post.link, "modified": post.modified_gmt}
        self._missing.update(name for name, value in given.items() if value is None)
        return posts.entry(
            post.id,
            title=title,
            summary=fragments.running(excerpt.rendered, title),
            day=posts.local_day(post.date),
            href=post.link,
            protected=excerpt.protected,
            categories=self._categories(post),
            modified=None if post.modified_gmt is None else posts.instant(post.modified_gmt),
        )

    def _categories(self, post: _Post) -> list[str]:
        """Return the names of a post's categories: the API gives numbers, and at most ten names embedded."""
        names = dict(_embedded_categories(post.embedded))
        if post.categories is None:
            self._missing.add("categories")
            return []
        unnamed = [number for number in post.categories if number not in names]
        if unnamed:
            self._missing.add("categories")
            if names:
                self._problems.append(f"categories: {len(unnamed)} of post {post.id} have no name in the answer")
        return [fragments.line(names[number]) for number in post.categories if number in names]


def _embedded_categories(embedded: dict[str, Any] | None) -> Iterator[tuple[int, str]]:
    """Yield number and name of the embedded categories; an embedded error, or anything else, is none."""
    lists = (embedded or {}).get("wp:term")
    for terms in lists if isinstance(lists, list) else []:
        for term in terms if isinstance(terms, list) else []:
            match term:
                case {"id": int(number), "name": str(name), "taxonomy": "category"}:
                    yield number, name
