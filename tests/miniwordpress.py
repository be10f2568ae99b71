"""A small WordPress on this machine, in the forms that a real one was recorded in: REST, feed, themed pages.

``with MiniWordPress() as site:`` serves, until the block ends,

====================================  ========================================================
``/wp-json/wp/v2/posts``, and by      the 61 posts of ``tests/layouts/wordpress``, the newest
``/?rest_route=/wp/v2/posts``         one first unless ``orderby`` says otherwise
``/feed/``, ``?paged=2``              ten a page, and 404 with an empty feed behind the last
``/``, ``/page/2/``                   ten a page, sticky posts on top of the first
``/?p=254``, and where it links it    the page of a post
``/robots.txt``                       nothing: 404
====================================  ========================================================

all of it below ``folder``. What it holds is changed through its methods, at any time,
also from ``on_request``; how it misbehaves, by ``instead``.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import RLock
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from tests.loopback import Loopback, SiteServer
from tests.minisite import Answer, Seen

RECORDED: Final = Path(__file__).parent / "layouts" / "wordpress"
SITE: Final = "https://perusupportgroup.org.uk"
ROUTE: Final = "wp/v2/posts"
POSTS: Final = 61
PAGE: Final = 10
CANARY: Final = "HIDDEN-CANARY"

_ITEM: Final = re.compile(r"\t<item>.*?</item>\n", re.DOTALL)
_ARTICLE: Final = re.compile(r'<article id="post-([0-9]+)".*?</article><!-- #post-\$\{ID\} -->\n', re.DOTALL)
_PAGER: Final = re.compile(r"\t<nav class=\"navigation pagination\".*?</nav>", re.DOTALL)


@dataclass(frozen=True)
class Post:
    """A post in the three forms in which it is shown."""

    rest: dict[str, Any]
    item: str
    article: str

    @property
    def number(self) -> int:
        return int(self.rest["id"])

    @property
    def date(self) -> str:
        return str(self.rest["date"])

    @property
    def modified(self) -> str:
        return str(self.rest["modified_gmt"])

    @property
    def sticky(self) -> bool:
        return " sticky " in self.article.partition(">")[0]


def _recorded() -> dict[int, Post]:
    feeds = "".join((RECORDED / f"feed-{page}.xml").read_text("utf-8") for page in (1, 2, 3))
    pages = "".join((RECORDED / f"twentytwentyone-{page}.html").read_text("utf-8") for page in (1, 2, 3))
    items = {int(re.findall(r"\?p=([0-9]+)</guid>", item)[0]): item for item in _ITEM.findall(feeds)}
    # A sticky post is marked so on the first page alone: that is the form to keep.
    articles = {int(found[1]): found[0] for found in reversed(list(_ARTICLE.finditer(pages)))}
    posts = json.loads((RECORDED / "rest.json").read_text("utf-8"))
    return {post["id"]: Post(post, items[post["id"]], articles[post["id"]]) for post in posts}


def _around() -> tuple[str, str, str]:
    """Return the feed without posts, and what stands before and behind the posts of a themed page."""
    page = (RECORDED / "twentytwentyone-2.html").read_text("utf-8")
    articles = list(_ARTICLE.finditer(page))
    return (RECORDED / "feed-4.xml").read_text("utf-8"), page[: articles[0].start()], page[articles[-1].end() :]


SEED: Final = _recorded()
EMPTY_FEED, HEAD, FOOT = _around()
_LIKE: Final = json.dumps(SEED[200].rest)


def made(number: int, title: str, date: str, text: str = "It rained.", modified: str | None = None) -> Post:
    """Return a new post, in one category; ``date`` is local, ``modified`` GMT: by default the moment of publishing."""
    moment = datetime.fromisoformat(date).replace(tzinfo=ZoneInfo("Europe/London"))
    link = f"{SITE}/{date[:4]}/{date[5:7]}/post-{number}/"
    like = json.loads(_LIKE)
    like.update(id=number, date=date, link=link)
    like["modified_gmt"] = modified or f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    like["title"]["rendered"], like["excerpt"]["rendered"] = escape(title), f"<p>{escape(text)}</p>\n"
    item = (
        f"\t<item>\n\t\t<title>{escape(title)}</title>\n\t\t<link>{link}</link>\n"
        f"\t\t<pubDate>{format_datetime(moment.astimezone(UTC))}</pubDate>\n\t\t<category><![CDATA[News]]></category>\n"
        f'\t\t<guid isPermaLink="false">{SITE}/?p={number}</guid>\n'
        f"\t\t<description><![CDATA[{escape(text)}]]></description>\n\t</item>\n"
    )
    article = (
        f'<article id="post-{number}" class="post-{number} post type-post status-publish format-standard hentry '
        f'category-news entry">\n<header class="entry-header">\n\t<h2 class="entry-title default-max-width">'
        f'<a href="{link}">{escape(title)}</a></h2></header>\n<div class="entry-content"><p>{escape(text)}</p></div>\n'
        f'<footer class="entry-footer"><span class="posted-on">Published <time class="entry-date published updated" '
        f'datetime="{moment.isoformat()}">then</time></span><div class="post-taxonomies"><span class="cat-links">'
        f'Categorized as <a href="{SITE}/category/news/" rel="category tag">News</a> </span></div></footer>\n'
        "</article><!-- #post-${ID} -->\n"
    )
    return Post(like, item, article)


class MiniWordPress(Loopback):
    """The site."""

    def __init__(self, folder: str = "", prefix: str = "wp-json") -> None:
        """Serve below ``folder`` (``/blog``), the API below ``prefix``; without prefix by ``?rest_route=`` alone."""
        self.posts: dict[int, Post] = dict(SEED)
        """What is published, by number."""
        self.folder = folder
        self.prefix = prefix
        self.rest: Answer | None = None
        """What the API answers in place of posts."""
        self.feed: Answer | None = None
        self.counts = True
        """Whether the API says how many posts there are."""
        self.pager = True
        """Whether themed pages link the next one."""
        self.onward: str | None = None
        """Where they say that it is; None for where it is."""
        self.link = True
        """Whether the home page says where the API is."""
        self.instead: Callable[[str], Answer | None] | None = None
        """Answers in place of the site, where it answers at all; called with the target."""
        self.on_request: Callable[[str], object] | None = None
        """Called with the target before it is answered."""
        self.plain = False
        """Whether posts are linked as ``/?p=254``."""
        self.texts: dict[int, str] = {}
        """HTML on the pages of posts, by number."""
        self.documents: dict[str, Answer] = {}
        """What else it serves, by path."""
        self.packed = False
        """Whether bodies come packed with gzip, as those of most servers do."""
        self.requests: list[Seen] = []
        self.sent = 0
        """Bytes of bodies, as they go over the wire."""
        self._lock = RLock()
        super().__init__(SiteServer(_handler(self)))

    @property
    def address(self) -> str:
        """Scheme, host, port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        """Where the blog is."""
        return f"{self.address}{self.folder}/"

    # --- its editors -------------------------------------------------------------------

    def add(self, post: Post) -> None:
        with self._lock:
            self.posts[post.number] = post

    def remove(self, *numbers: int) -> None:
        """Delete posts, trash them, unpublish them: a visitor cannot tell which."""
        with self._lock:
            for number in numbers:
                del self.posts[number]

    # --- its answers -------------------------------------------------------------------

    def answer(self, target: str, known: str | None) -> Answer:
        """Return what a request gets; ``known`` is its ``If-None-Match``."""
        given = self.instead(target) if self.instead is not None else None
        if given is not None:
            return given
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        path = parts.path.removeprefix(self.folder)
        with self._lock:
            if not parts.path.startswith(self.folder):
                return MISSING
            if (path == f"/{self.prefix}/{ROUTE}" and self.prefix) or query.get("rest_route") == f"/{ROUTE}":
                return self.rest or self._api(query)
            if path in self.documents:
                return self.documents[path]
            number = self._number(path, query)
            if number is not None:
                return self._post(number)
            if path == "/feed/":
                return self.feed or self._feed(int(query.get("paged", "1")), known)
            paged = re.fullmatch(r"/(?:page/([0-9]+)/)?", path)
            return self._themed(int(paged[1] or 1)) if paged else MISSING

    def _newest(self) -> list[Post]:
        return sorted(self.posts.values(), key=lambda post: (post.date, post.number), reverse=True)

    def _api(self, query: Mapping[str, str]) -> Answer:
        size, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        found = self._newest()
        keys: dict[str, Callable[[Post], Any]] = {
            "id": lambda post: post.number,
            "modified": lambda post: (post.modified, post.number),
        }
        if query.get("orderby") in keys:
            found.sort(key=keys[query["orderby"]], reverse=query.get("order") != "asc")
        pages = -(-len(found) // size)
        if page > max(pages, 1):
            body = (RECORDED / "rest-beyond.json").read_bytes()
            return Answer(body, 400, "application/json; charset=UTF-8")
        shown = [post.rest for post in found[(page - 1) * size : page * size]]
        counted = (("X-WP-Total", str(len(found))), ("X-WP-TotalPages", str(pages)))
        return Answer(
            self._here(json.dumps(shown)), 200, "application/json; charset=UTF-8", counted if self.counts else ()
        )

    def _feed(self, page: int, known: str | None) -> Answer:
        shown = self._newest()[(page - 1) * PAGE : page * PAGE]
        tag = f'"{max(post.modified for post in self.posts.values())}"'
        if tag == known:
            return Answer(b"", 304, headers=(("ETag", tag),))
        body = EMPTY_FEED.replace("</channel>", "".join(post.item for post in shown) + "</channel>")
        media_type = "application/rss+xml; charset=UTF-8"
        return Answer(self._here(body), 200 if shown else 404, media_type, (("ETag", tag),))

    def _themed(self, page: int) -> Answer:
        found = self._newest()
        shown = found[(page - 1) * PAGE : page * PAGE]
        if not shown:
            return MISSING
        if page == 1:
            sticky = [post for post in found if post.sticky]
            shown = [*sticky, *(post for post in shown if not post.sticky)]
        href = self.onward or f"{SITE}{self.folder}/page/{page + 1}/"
        on = f'<a class="next page-numbers" href="{href}">Older posts</a>'
        more = self.pager and page * PAGE < len(found)
        pager = f'\t<nav class="navigation pagination">{on}</nav>' if more else ""
        head = HEAD if self.link else re.sub(r'<link rel="https://api\.w\.org/"[^>]*>', "", HEAD)
        foot = _PAGER.sub(lambda _: pager, FOOT, count=1)
        return Answer(self._here(head + "".join(post.article for post in shown) + foot))

    def _number(self, path: str, query: Mapping[str, str]) -> int | None:
        """Return whose page is asked for; 0 for that of no post."""
        if "p" in query:
            return int(query["p"])
        if re.match(r"/[0-9]{4}/[0-9]{2}/.", path) is None:
            return None
        return next((post.number for post in self.posts.values() if post.rest["link"] == SITE + path), 0)

    def _post(self, number: int) -> Answer:
        if number not in self.posts:
            return MISSING
        text = self.texts.get(number, "<p>It rained.</p>")
        article = f'<article id="post-{number}" class="post-{number} type-post status-publish">{text}</article>'
        return Answer(self._here(f"{HEAD.replace('<body class=', '<body data-was=')}{article}</body></html>\n"))

    def _here(self, body: str) -> bytes:
        """Return a body with the addresses of this site, as far as they are of its own pages."""
        moved = body.replace(f"{SITE}/wp-json/", f"{SITE}{self.folder}/{self.prefix or '?rest_route='}/")
        moved = moved.replace(f"{SITE}/feed/", f"{SITE}{self.folder}/feed/")
        for post in self.posts.values() if self.plain else ():
            moved = moved.replace(str(post.rest["link"]), f"{SITE}/?p={post.number}")
        return moved.replace(SITE, self.address).encode()


MISSING: Final = Answer(b"<html><body><h1>Not Found</h1></body></html>\n", 404)


def error(code: str, status: int) -> Answer:
    """Return an error of the API."""
    body = (RECORDED / "rest-closed.json").read_text("utf-8").replace("rest_forbidden", code)
    return Answer(body.encode(), status, "application/json; charset=UTF-8")


def html(text: str = "<p>Nothing.</p>", status: int = 200) -> Answer:
    """Return a page of HTML that WordPress did not make."""
    return Answer(f"<!DOCTYPE html><html><head><title>x</title></head><body>{text}</body></html>".encode(), status)


def on(part: str, do: Callable[[], object], *, at: int = 1) -> Callable[[str], None]:
    """Return what does something before the answer to the ``at``-th request whose target holds ``part``."""
    count: Iterator[int] = iter(range(1, 1_000_000))

    def look(target: str) -> None:
        if part in target and next(count) == at:
            do()

    return look


def _handler(site: MiniWordPress) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if site.on_request is not None:
                site.on_request(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = site.answer(self.path, headers.get("if-none-match"))
            if site.packed:
                packed = (*answer.headers, ("Content-Encoding", "gzip"))
                answer = replace(answer, body=gzip.compress(answer.body, mtime=0), headers=packed)
            with site._lock:
                site.requests.append(Seen(self.command, self.path, answer.status, headers))
                site.sent += len(answer.body)
            self.send_response(answer.status)
            names = {name for name, _ in answer.headers}
            if answer.status != 304:
                self.send_header("Content-Type", answer.media_type)
                if "Content-Length" not in names:
                    self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
            """Say nothing: ``MiniWordPress.requests`` tells."""

    return Handler


def renamed(post: Post, title: str, modified: str) -> Post:
    """Return a post of :func:`made` or of the recording under another title, changed then (GMT)."""
    changed = deepcopy(post.rest)
    old = changed["title"]["rendered"]
    changed["title"]["rendered"], changed["modified_gmt"] = title, modified
    return replace(post, rest=changed, item=post.item.replace(old, title), article=post.article.replace(old, title))


def reworded(post: Post, text: str, modified: str) -> Post:
    """Return a post of the recording with another text, changed then (GMT)."""
    changed = deepcopy(post.rest)
    changed["excerpt"]["rendered"], changed["modified_gmt"] = f"<p>{escape(text)}</p>\n", modified
    item = re.sub(r"<description>.*?</description>", lambda _: f"<description>{escape(text)}</description>", post.item)
    return replace(post, rest=changed, item=item)
