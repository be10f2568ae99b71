"""A small PHP site on this machine: three listings that are paged, edited and pushed down as the real ones were.

``with MiniSite() as site:`` serves, until the block ends,

==============================  ==============================================================
``/``, ``/index.php``           home: the newest of both lists, the notices, the standing blocks;
                                any ``?position=`` there is ignored, as the real site did
``/news.php``                   33 news, ten a page along ``position``: three full pages, one of 3
``/articles.php``               27 articles: two full pages, one of 7
``/news-article-N.html`` …      one entry in full
``/robots.txt``                 ``MiniSite.robots``
==============================  ==============================================================

A page past the end is a listing without entries; what does not exist is a 404. Entries
are those of the provided captures under newer invented ones, the same in every run.

It misbehaves in every way that a listing was seen or feared to: see :data:`Trick`, and
the functions that make one.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from hashlib import sha1
from html import escape
from http.server import BaseHTTPRequestHandler
from threading import RLock
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Loopback, SiteServer
from tests.markups import CAPTURES, MARKUPS, Block, Chrome, blocks_of
from tests.markups.blocks import Section

Listing = Literal["news", "articles"]
PAGE: Final = 10
SHOWN_AT_HOME: Final = 4

_FILES: Final[dict[Listing, tuple[str, ...]]] = {
    "news": ("002_4906f47a57b53c3e.txt", "003_0d69d7b82768f9d0.txt"),
    "articles": ("004_48c0ce166692d5b7.txt", "000_b2655ddfa140df1c.txt"),
}
_HOME: Final = "001_36238466d250a328.txt"
_INVENTED: Final[dict[Listing, int]] = {"news": 13, "articles": 9}
_HREFS: Final[dict[Listing, str]] = {"news": "news-article-{}.html", "articles": "article-{}.html"}
_OLDEST_INVENTED: Final = date(2018, 10, 2)
_FIRST_NUMBER: Final = 1001
_PATHS: Final[dict[str, Listing]] = {"/news.php": "news", "/articles.php": "articles"}


@dataclass(frozen=True)
class Seen:
    """A request that the site answered."""

    method: str
    target: str
    """Path and query, as asked for."""
    status: int
    headers: dict[str, str]
    """Of the request, names in lower case."""


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    body: bytes
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    """More headers, in this order; what is named twice is sent twice."""
    announced: int | None = None
    """The length that is announced, where the body is cut off."""


Trick = Callable[["MiniSite", str], Answer | None]
"""Gets a target, and returns what is answered to it instead; None for the site's own answer."""


class MiniSite(Loopback):
    """The site. Entries are changed through its methods, at any time, also from ``on_request``."""

    def __init__(self, markup: str = "list-h3", chrome: Chrome | None = None) -> None:
        """Print pages in that markup (a key of ``MARKUPS``), with that chrome around them."""
        self.lists: dict[Listing, list[Block]] = {name: [*_listing(name)] for name in _FILES}
        """Entries, newest first."""
        home = _home()
        self.notices = [block for block in home if block.section == "notices"]
        self.standing = [block for block in home if block.section == "boilerplate"]
        self.robots = "User-agent: *\nDisallow: /login.php\n"
        self.instead: dict[str, Answer] = {}
        """Answers that replace the site's own, by target."""
        self.validators = False
        """Whether listing pages have an ``ETag``, and 304 is the answer to who knows it."""
        self.on_request: Callable[[str], None] | None = None
        """Called with the target before it is answered."""
        self.trick: Trick | None = None
        """How it misbehaves."""
        self.size = PAGE
        """Entries a page."""
        self.documents: dict[str, Answer] = {}
        """What else there is, by target; entries link it by ``document.pdf`` in their text."""
        self.requests: list[Seen] = []
        self._print = MARKUPS[markup]
        self._chrome = chrome or Chrome(menu="list", header=True, footer=True)
        self._lock = RLock()
        self._numbers = {name: _FIRST_NUMBER + len(found) for name, found in self.lists.items()}
        super().__init__(SiteServer(_handler(self)))

    def url(self, target: str = "/") -> str:
        """Return the address of a path and query."""
        return f"http://127.0.0.1:{self.port}{target}"

    def counted(self) -> Counter[str]:
        """Return how often each target was asked for."""
        with self._lock:
            return Counter(seen.target for seen in self.requests)

    # --- entries come, change and go --------------------------------------------------

    def add(self, listing: Listing, title: str, summary: str, dateline: str, *, at: int = 0) -> str:
        """Add an entry, at the top unless ``at`` says otherwise, and return its link."""
        with self._lock:
            href = _HREFS[listing].format(self._numbers[listing])
            self._numbers[listing] += 1
            block = Block(kind="entry", title=title, summary=summary, dateline=dateline, href=href, section=listing)
            self.lists[listing].insert(at, block)
        return href

    def edit(self, href: str, **changes: str) -> None:
        """Change parts of an entry (``title``, ``summary``, ``dateline``).

        :raises KeyError: when there is none with that link.
        """
        with self._lock:
            found, place = self._find(href)
            found[place] = replace(found[place], **changes)  # type: ignore[arg-type]  # texts, as the names say

    def remove(self, href: str) -> Block:
        """Take an entry off its list, its page too, and return it.

        :raises KeyError: when there is none with that link.
        """
        with self._lock:
            found, place = self._find(href)
            return found.pop(place)

    def _find(self, href: str) -> tuple[list[Block], int]:
        for found in self.lists.values():
            for place, block in enumerate(found):
                if block.href == href:
                    return found, place
        raise KeyError(href)

    # --- pages ------------------------------------------------------------------------

    def shown(self, target: str) -> list[Block]:
        """Return the entries that a page shows, in page order, the standing blocks last."""
        with self._lock:
            listing = _PATHS.get(urlsplit(target).path)
            if listing is None:
                newest = [block for found in self.lists.values() for block in found[:SHOWN_AT_HOME]]
                return [*newest, *self.notices, *self.standing]
            first = _position(target)
            return [*self.lists[listing][first : first + self.size], *self.standing]

    def answer(self, target: str) -> Answer:
        """Return what a request gets."""
        with self._lock:
            if target in self.instead:
                return self.instead[target]
            return (self.trick(self, target) if self.trick else None) or self.own(target)

    def own(self, target: str) -> Answer:
        """Return what a request gets from a site that behaves."""
        path = urlsplit(target).path
        with self._lock:
            if target in self.documents:
                return self.documents[target]
            if path == "/robots.txt":
                return Answer(self.robots.encode(), media_type="text/plain")
            if path in {"/", "/index.php"}:
                # The query does not matter here: /?position=310 is the plain home page.
                here = replace(self._chrome, page_url=self.url("/"), date="before", headings="h2", pager="none")
                return Answer(self._print(self.shown("/"), here))
            if path in _PATHS:
                return Answer(self._listing(target, _PATHS[path]))
            try:
                found, place = self._find(path.removeprefix("/"))
            except KeyError:
                return Answer(b"<html><body><h1>Not Found</h1></body></html>\n", status=404)
            return Answer(_detail(found[place]))

    def _listing(self, target: str, listing: Listing) -> bytes:
        first = _position(target)
        more = first + self.size < len(self.lists[listing])
        here = replace(
            self._chrome, page_url=self.url(f"/{listing}.php?position={first}"), pager="next" if more else "none"
        )
        page = self._print(self.shown(target), here)
        if more:
            return with_next(page, f"?position={first + self.size}") if self.size != PAGE else page
        if first < self.size:
            return page
        back = b'<div class="pager"><a href="?position=%d">Previous</a></div>\n' % (first - self.size)
        return re.sub(rb"(?i)</body>", lambda end: back + end[0], page, count=1)

    def _note(self, seen: Seen) -> None:
        with self._lock:
            self.requests.append(seen)


def _position(target: str) -> int:
    value = parse_qs(urlsplit(target).query).get("position", ["0"])[-1]
    return int(value) if value.isascii() and value.isdecimal() else 0


@cache
def _home() -> tuple[Block, ...]:
    """Return the blocks of the home page."""
    return (*blocks_of((CAPTURES / "expected.jsonl").read_text("utf-8").splitlines(), _HOME, links=True),)


@cache
def _listing(listing: Listing) -> tuple[Block, ...]:
    """Return the entries of a listing, newest first, numbered as a site numbers them: the oldest is the first."""
    lines = (CAPTURES / "expected.jsonl").read_text("utf-8").splitlines()
    section: Section = listing
    found = list(_invented(listing))
    for file in _FILES[listing]:
        found += [block for block in blocks_of(lines, file) if block.section == section]
    numbers = range(_FIRST_NUMBER + len(found) - 1, _FIRST_NUMBER - 1, -1)
    return tuple(
        replace(block, href=_HREFS[listing].format(number)) for block, number in zip(found, numbers, strict=True)
    )


def _invented(listing: Listing) -> Iterator[Block]:
    for number in range(_INVENTED[listing], 0, -1):
        day = _OLDEST_INVENTED + timedelta(days=3 * (number - 1))
        yield Block(
            kind="entry",
            title=f"Invented entry {number} of the {listing}",
            summary=(
                f"This is the invented entry number {number}, and it is here so that there are more pages.\n\n"
                "It has a second paragraph, as many entries have."
            ),
            dateline=f"{day:%d %B %Y}",
            section=listing,
        )


def _detail(block: Block) -> bytes:
    paragraphs = "".join(f"<p>{escape(text)}</p>\n" for text in block.summary.split("\n\n"))
    paragraphs = re.sub(r"(\S+\.pdf)", r'<a href="\1">\1</a>', paragraphs)
    listing = "news" if block.section == "news" else "articles"
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{escape(block.title)}</title></head>\n<body>\n'
        f'<h1>{escape(block.title)}</h1>\n<p class="date">{escape(block.dateline or "")}</p>\n{paragraphs}'
        f'<p><a href="{listing}.php">All {listing}</a></p>\n</body></html>\n'
    ).encode()


# --- how it misbehaves ------------------------------------------------------------------


def at(position: int, answer: Answer | Callable[["MiniSite", str], Answer]) -> Trick:
    """Answer so to requests for that position of a listing."""

    def trick(site: MiniSite, target: str) -> Answer | None:
        if urlsplit(target).path not in _PATHS or _position(target) != position:
            return None
        return answer if isinstance(answer, Answer) else answer(site, target)

    return trick


def clamped(last: int) -> Trick:
    """Show the page at position ``last`` again for every position behind it."""

    def trick(site: MiniSite, target: str) -> Answer | None:
        path = urlsplit(target).path
        return site.own(f"{path}?position={last}") if path in _PATHS and _position(target) > last else None

    return trick


def endless(site: MiniSite, target: str) -> Answer | None:
    """Show ten more entries at every position."""
    path = urlsplit(target).path
    if path not in _PATHS:
        return None
    first = _position(target)
    day = date(2018, 1, 1) - timedelta(days=first)
    items = "".join(
        f'<li><h3><a href="news-article-{10_000 - first - n}.html">Entry {first + n} of a listing without end</a></h3>'
        f"<p>{day:%d %B %Y}</p><p>It has a sentence to itself.</p></li>"
        for n in range(PAGE)
    )
    pager = f'<p><a href="?position={first + PAGE}">Next</a></p>'
    return Answer(f"<html><head><title>t</title></head><body><ul>{items}</ul>{pager}</body></html>".encode())


def pager(href: str, *, only: int | None = None) -> Trick:
    """Let the pager lead to ``href`` (``{}`` is the next position), on all pages that have one, or on one of them."""

    def trick(site: MiniSite, target: str) -> Answer | None:
        path, first = urlsplit(target).path, _position(target)
        if path not in _PATHS or only not in {None, first}:
            return None
        answer = site.own(target)
        return replace(answer, body=with_next(answer.body, href.format(first + PAGE)))

    return trick


def without_pager(site: MiniSite, target: str) -> Answer | None:
    """Print no pager at all."""
    if urlsplit(target).path not in _PATHS:
        return None
    answer = site.own(target)
    return replace(answer, body=_PAGER.sub(b"", answer.body))


def with_next(page: bytes, href: str) -> bytes:
    """Return the page with another link to the next one; a page without such a link stays as it is."""
    return re.sub(rb'href="[^"]*">Next<', lambda _: f'href="{href}">Next<'.encode(), page)


_PAGER: Final = re.compile(rb'<div class="pager">.*?</div>\n?', re.DOTALL)


def empty(site: MiniSite, target: str) -> Answer:
    """Show a listing without entries."""
    return site.own(f"{urlsplit(target).path}?position=990")


def cut(site: MiniSite, target: str) -> Answer:
    """Hang up in the middle of the page."""
    body = site.own(target).body
    return Answer(body[: len(body) // 2], announced=len(body))


def cut_in_silence(site: MiniSite, target: str) -> Answer:
    """Send half of the page as if it were all of it."""
    body = site.own(target).body
    return Answer(body[: len(body) // 2])


def recoded(charset: str, declared: str) -> Trick:
    """Send all pages in ``charset``, and say that it is ``declared``."""

    def trick(site: MiniSite, target: str) -> Answer | None:
        if urlsplit(target).path not in _PATHS:
            return None
        text = site.own(target).body.decode().replace('charset="utf-8"', f'charset="{declared}"')
        return Answer(text.encode(charset, "xmlcharrefreplace"), media_type=f"text/html; charset={declared}")

    return trick


def _validated(answer: Answer, known: str | None) -> Answer:
    tag = f'"{sha1(answer.body, usedforsecurity=False).hexdigest()}"'
    if tag == known:
        return Answer(b"", 304, headers=(("ETag", tag),))
    return replace(answer, headers=(*answer.headers, ("ETag", tag)))


def _handler(site: MiniSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            if site.on_request is not None:
                site.on_request(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = site.answer(self.path)
            if site.validators and urlsplit(self.path).path in _PATHS:
                answer = _validated(answer, headers.get("if-none-match"))
            # Noted before it is sent: who has the answer finds the request.
            site._note(Seen(self.command, self.path, answer.status, headers))
            self.send_response(answer.status)
            if answer.status != 304:
                self.send_header("Content-Type", answer.media_type)
                self.send_header("Content-Length", str(answer.announced or len(answer.body)))
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
            """Say nothing: ``MiniSite.requests`` tells."""

    return Handler
