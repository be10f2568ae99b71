"""The ways into a WordPress: their addresses, and which one is tried next.

The REST API first: where the archive knows it from the last crawl, else where it is by
default, else where the home page says (``<link rel="https://api.w.org/">``), else behind
``?rest_route=``, which works whatever the addresses of the site are. Then the feed. Then
the themed pages, from the home page on.
https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from lxml.html import HtmlElement

from psgcrawl.layouts.html.tree import parse
from psgcrawl.layouts.wordpress import feed, rest, theme
from psgcrawl.manners.addresses import origin_of

Way = Literal["rest", "feed", "theme"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)

LAYOUTS: Final[Mapping[Way, str]] = {"rest": rest.LAYOUT, "feed": feed.LAYOUT, "theme": theme.LAYOUT}
"""What reads the pages of each way."""
TOLD: Final[Mapping[Way, str]] = {
    "rest": "Read by the REST API of WordPress.",
    "feed": "Read by the feed of WordPress: its REST API is closed.",
    "theme": "Read from the themed pages of WordPress: its REST API and its feed are closed.",
}
"""What the description of a manifest says."""
CALLED: Final[Mapping[Way, str]] = {"rest": "REST API", "feed": "feed", "theme": "themed pages"}

POLLED: Final = 20
"""Posts that a poll asks for. More changes than that, and all pages are asked for."""

_ROUTE: Final = "wp/v2/posts"
_API: Final = "https://api.w.org/"
_FEEDS: Final = "application/rss+xml"
_MARK: Final = re.compile(r"wp-(?:content|includes|json)/|content=[\"']WordPress", re.IGNORECASE)
_LISTED: Final = re.compile(r"(?:index\.php/)?(?:(?:page/[0-9]+|feed|wp-json/.*)/)?\Z", re.DOTALL)
"""What stands behind a site's address in that of a list of posts."""
_NAMED: Final = frozenset({"p", "page_id", "attachment_id", "name", "pagename"})
"""Parameters that name one page, where addresses are not readable (``/?p=254``)."""
_ERROR: Final = "the REST API answered "
"""How the layout words an error of the API's own."""


@dataclass(frozen=True, slots=True)
class Step:
    """A way to try, and the address at which it begins; ``home`` is the home page, for what it links."""

    way: Way | Literal["home"]
    url: str


@dataclass(frozen=True, slots=True)
class Home:
    """What a home page tells; all that is None or False it does not."""

    rest: str | None = None
    """The address of the list of posts in the REST API."""
    feed: str | None = None
    wordpress: bool = False
    """Whether it bears a mark of WordPress."""


def read_home(html: str, url: str) -> Home:
    """Return what the home page at ``url`` tells."""
    links = list(parse(html).iter("link"))
    api = next((_href(el, url) for el in links if el.get("rel") == _API), None)
    feeds = (_href(el, url) for el in links if el.get("rel") == "alternate" and el.get("type") == _FEEDS)
    first = next((one for one in feeds if one is not None and "comments" not in one), None)
    return Home(
        rest=None if api is None else _route_in(api), feed=first, wordpress=api is not None or bool(_MARK.search(html))
    )


def _href(el: HtmlElement, url: str) -> str | None:
    try:
        return urljoin(url, el.get("href") or "") if el.get("href") else None
    except ValueError:
        return None


def _route_in(api: str) -> str:
    """Return the address of the posts in the API whose root is at ``api``."""
    parts = urlsplit(api)
    if "rest_route" in dict(parse_qsl(parts.query)):
        return parts._replace(query=urlencode({"rest_route": f"/{_ROUTE}"}, safe="/"), fragment="").geturl()
    return f"{parts._replace(query='', fragment='').geturl().rstrip('/')}/{_ROUTE}"


def site_of(base: str) -> str:
    """Return the address of a site with the slash at its end, below which its pages are.

    >>> site_of("https://example.org/blog")
    'https://example.org/blog/'
    """
    return base.rstrip("/") + "/"


def rest_page(root: str, number: int) -> str:
    """Return the address of a page of the API, ordered by number: pages are numbered from 1."""
    return _with(root, {**rest.QUERY, "page": str(number)})


def rest_poll(root: str) -> str:
    """Return the address of the posts that were changed last, the last change first."""
    return _with(root, {**rest.QUERY, "per_page": str(POLLED), "orderby": "modified", "order": "desc"})


def rest_newest(root: str) -> str:
    """Return the address of the newest posts, the newest first; sticky ones stand where their dates are."""
    return _with(root, {**rest.QUERY, "per_page": str(POLLED), "orderby": "date", "order": "desc"})


def feed_page(root: str, number: int) -> str:
    """Return the address of a page of the feed; pages are numbered from 1."""
    return root if number == 1 else _with(root, {"paged": str(number)})


def _with(root: str, more: Mapping[str, str]) -> str:
    return f"{root}{'&' if urlsplit(root).query else '?'}{urlencode(more, safe='/,:')}"


def root_of(url: str, way: Way) -> str:
    """Return where a way begins, by the address of one of its pages: what is asked for is taken out of the query.

    >>> root_of("https://example.org/?rest_route=/wp/v2/posts&per_page=100&page=3", "rest")
    'https://example.org/?rest_route=/wp/v2/posts'
    """
    asked = {*rest.QUERY, "page"} if way == "rest" else {"paged"}
    parts = urlsplit(url)
    left = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in asked]
    return parts._replace(query=urlencode(left, safe="/"), fragment="").geturl()


def is_answer_to(asked: str, answered: str) -> bool:
    """Tell whether an address, after redirects, still asks for the same: with the same query."""
    return sorted(parse_qsl(urlsplit(asked).query)) == sorted(parse_qsl(urlsplit(answered).query))


def remembered(base: str, pages: Iterable[tuple[str | None, str | None]]) -> Step | None:
    """Return the way in which a snapshot was crawled, by the address and the layout of each of its pages.

    None where there is none, and where it led to another site than that at ``base``.
    """
    found = {layout: url for url, layout in pages if url is not None}
    way = next((way for way in WAYS if LAYOUTS[way] in found), None)
    if way is None or not _is_below(found[LAYOUTS[way]], site_of(base)):
        return None
    return Step(way, site_of(base) if way == "theme" else root_of(found[LAYOUTS[way]], way))


def _is_below(url: str, base: str) -> bool:
    return origin_of(url) == origin_of(base) and urlsplit(url).path.startswith(urlsplit(base).path)


def is_cut(way: Way, content: bytes) -> bool:
    """Tell whether what should be a page of a way begins as one, and does not end so: that is a failure, no refusal."""
    begun, ended = content.strip()[:5], content.strip()[-6:]
    if way == "rest":
        return begun.startswith(b"[") and not ended.endswith(b"]")
    return way == "feed" and begun in {b"<?xml", b"<rss "} and ended != b"</rss>"


def is_listing(url: str, base: str) -> bool:
    """Tell whether an address of the site at ``base`` is one of a list of posts: home page, its further pages, feed.

    >>> [is_listing(f"https://example.org/{rest}", "https://example.org") for rest in ("", "page/2/", "?p=254")]
    [True, True, False]
    """
    parts, root = urlsplit(url), urlsplit(site_of(base)).path
    path = f"{parts.path.rstrip('/')}/"
    if not path.startswith(root) or _LISTED.match(path, len(root)) is None:
        return False
    return _NAMED.isdisjoint(dict(parse_qsl(parts.query)))


def closed_for_good(reason: str) -> bool:
    """Tell whether it is the REST API itself that says that it is closed: then it need not be sought elsewhere."""
    return _ERROR in reason


class Search:
    """Which way to try next: ``step = search.next()`` until that is None or a way is open.

    What a step brought is told by :meth:`closed`, or for ``home`` by :meth:`read`.
    """

    def __init__(self, base: str, first: Step | None = None) -> None:
        """Begin at ``base``.

        :param first: the way of the last crawl, to be tried before all others
        """
        self.reasons: list[str] = []
        """Why each way that was tried is closed."""
        self._base = site_of(base)
        self._first = first
        self._home: Home | None = None
        self._rest_closed = self._home_closed = False
        self._tried: set[Step] = set()

    def next(self) -> Step | None:
        """Return what to try next; None where nothing is left."""
        step = next((step for step in self._steps() if step not in self._tried), None)
        if step is not None:
            self._tried.add(step)
        return step

    def closed(self, step: Step, reason: str) -> None:
        """Note that a way is closed, and why, in words."""
        self.reasons.append(f"{'home page' if step.way == 'home' else CALLED[step.way]}: {reason}")
        self._rest_closed |= step.way == "rest" and closed_for_good(reason)
        self._home_closed |= step.way == "home"

    def read(self, home: Home) -> None:
        """Note what the home page tells."""
        self._home = home

    def _steps(self) -> Iterator[Step]:
        home = Step("home", self._base)
        if self._first is not None:
            yield self._first
        if not self._rest_closed:
            yield from self._apis(home)
        yield Step("feed", f"{self._base}feed/")
        yield home
        if self._home is not None and self._home.feed is not None:
            yield Step("feed", self._home.feed)
        if not self._home_closed:
            yield Step("theme", self._base)

    def _apis(self, home: Step) -> Iterator[Step]:
        yield Step("rest", f"{self._base}wp-json/{_ROUTE}")
        yield home
        if self._home is not None and self._home.rest is not None:
            yield Step("rest", self._home.rest)
        if self._home is not None and self._home.wordpress:
            yield Step("rest", f"{self._base}?rest_route=/{_ROUTE}")
