"""Rows: what a WordPress can answer, by its API, its feed and its pages."""

import json
from typing import Any, Final

from tests.hostile import Answers, answer, html, moved
from tests.hostile.case import Row
from tests.hostile.manners import ROBOTS
from tests.minisite import Answer
from tests.miniwordpress import MiniWordPress

NO_ROBOTS: Final = answer(b"", status="404 Not Found")
MISSING: Final = answer(b"", "Content-Type: text/html", status="404 Not Found")


def _addresses() -> tuple[str, str]:
    """Return the targets that the spider asks first and then, of the API: learned from it, not written down."""
    from psgcrawl.posting import ways  # noqa: PLC0415 - only for this

    return ways.rest_poll("/wp-json/wp/v2/posts"), ways.rest_page("/wp-json/wp/v2/posts", 1)


def post(number: Any = 7, **given: Any) -> dict[str, Any]:
    """Return a post as the API has it."""
    like = {
        "id": number,
        "date": "2024-06-14T12:00:00",
        "modified_gmt": "2024-06-14T11:00:00",
        "link": f"http://127.0.0.1/2024/06/p{number}/",
        "status": "publish",
        "type": "post",
        "title": {"rendered": f"Post {number}"},
        "excerpt": {"rendered": "<p>It rained.</p>", "protected": False},
        "categories": [2],
        "_embedded": {"wp:term": [[{"id": 2, "name": "News", "taxonomy": "category"}]]},
    }
    return {**like, **given}


def api(body: bytes | str, *headers: str, total: Any = 1, pages: Any = 1) -> bytes:
    """Return an answer of the API."""
    data = body if isinstance(body, bytes) else body.encode()
    counted = [f"X-WP-Total: {total}", f"X-WP-TotalPages: {pages}"]
    return answer(data, "Content-Type: application/json; charset=UTF-8", *counted, *headers)


def rest(name: str, given: Answers, code: int, words: str = "", **more: Any) -> Row:
    """Return a row for a site whose API answers that to everything, and which has nothing else."""
    targets = dict.fromkeys([*_addresses(), *more.pop("targets", ())], given)
    return _posts(name, targets, code, words, **more)


def feed(name: str, given: Answers, code: int, words: str = "", **more: Any) -> Row:
    """Return a row for a site that has a feed and no API."""
    return _posts(name, {"/feed/": given, **more.pop("others", {})}, code, words, **more)


def _paged(given: bytes) -> dict[str, Answers]:
    return {f"/feed/?paged={number}": given for number in range(2, 20)}


def _posts(name: str, answers: dict[str, Answers], code: int, words: str, **more: Any) -> Row:
    return Row(name, code, words, spider="posts", answers={ROBOTS: NO_ROBOTS, **answers}, **more)


def rss(items: str, before: str = "", encoding: str = "UTF-8") -> bytes:
    """Return a feed."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>{before}<rss version="2.0"><channel><title>t</title>'
        f"<link>http://127.0.0.1/</link>{items}</channel></rss>"
    )
    return answer(text.encode(), "Content-Type: application/rss+xml; charset=UTF-8")


def entry(number: int = 1, title: str = "A title") -> str:
    """Return an item of a feed."""
    return (
        f"<item><title>{title}</title><link>http://127.0.0.1/2024/06/p{number}/</link>"
        f"<pubDate>Fri, 14 Jun 2024 11:00:00 +0000</pubDate>"
        f'<guid isPermaLink="false">http://127.0.0.1/?p={number}</guid><description>It rained.</description></item>'
    )


LAUGHS: Final = (
    "<!DOCTYPE rss [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"
)
OUTSIDE: Final = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
ELSEWHERE: Final = '<!DOCTYPE rss SYSTEM "http://evil.example/x.dtd">'
QUADRATIC: Final = f"<!DOCTYPE rss [<!ENTITY a '{'a' * 100_000}'>]>"

REST: Final = [
    rest("an API that behaves", api(json.dumps([post()])), 0),
    rest("keys that stand twice", api(json.dumps([post()]).replace('"id": 7', '"id": 7, "id": 8')), 0),
    rest("a number that is none", api(json.dumps([post(float("nan"))])), 3, ""),
    rest("an infinite number", api(json.dumps([post()]).replace('"id": 7', '"id": 1e999')), 3, ""),
    rest("a number of 5,000 digits", api(json.dumps([post()]).replace('"id": 7', '"id": ' + "9" * 5000)), 3, ""),
    rest("a number below nothing", api(json.dumps([post(-7)])), 3, ""),
    rest("a number as text", api(json.dumps([post("7")])), 3, ""),
    rest("a number that is true", api(json.dumps([post(7, id=True)])), 3, ""),
    rest("JSON nested 100,000 deep", api("[" * 100_000), 3, ""),
    rest("JSON nested 100,000 deep, and closed", api("[" * 100_000 + "]" * 100_000), 3, ""),
    rest("a surrogate in JSON", api(json.dumps([post()]).replace("Post 7", "a\\ud800b")), 3, ""),
    rest("JSON with a mark", api(b"\xef\xbb\xbf" + json.dumps([post()]).encode()), 0),
    rest("JSON in UTF-16", api(json.dumps([post()]).encode("utf-16")), 0),
    rest("JSON that breaks off", api(json.dumps([post()])[:-9]), 3, ""),
    rest("rubbish behind JSON", api(json.dumps([post()]) + "x"), 3, ""),
    rest("an array of rubbish", api("[1, null, [], {}]"), 3, ""),
    rest("an object in place of an array", api('{"code": "x"}'), 3, ""),
    rest("a post of 5 MB", api(json.dumps([post(excerpt={"rendered": "<p>" + "w" * 5_000_000})])), 0),
    rest("a fragment nested deep", api(json.dumps([post(excerpt={"rendered": "<div>" * 5000 + "x"})])), 3, ""),
    rest("a title of script", api(json.dumps([post(title={"rendered": "<script>alert(1)</script>&#x1b;[31m"})])), 0),
    rest("a date that is none", api(json.dumps([post(date="0000-00-00T00:00:00")])), 3, ""),
    rest("a link to a script", api(json.dumps([post(link="javascript:alert(1)")])), 0),
    rest("the same post twice", api(json.dumps([post(), post()]), total=2), 3, ""),
    rest("more posts than it says", api(json.dumps([post(n) for n in range(1, 9)]), total=3), 3, ""),
    rest("fewer posts than it says", api(json.dumps([post()]), total=99, pages=1), 3, ""),
    rest("pages without end", api(json.dumps([post()]), total=10**8, pages=10**6), 3, ""),
    rest("a total below nothing", api(json.dumps([post()]), total=-1), 0),
    rest("a total of 5,000 digits", api(json.dumps([post()]), total="9" * 5000, pages="9" * 5000), 3, "page=2"),
    rest("an API that leads to another site", moved("http://evil.example/wp-json/"), 3, "another site"),
    rest("an API that leads to the cloud's metadata", moved("http://169.254.169.254/"), 3, "another site"),
    rest("an API that answers with a page", html(b"<html><body>x</body></html>"), 3, ""),
]

FEEDS: Final = [
    feed("a feed that laughs a billion times", rss(entry(1, "&a11;"), LAUGHS), 3, ""),
    feed("a feed that repeats one long text", rss(entry(1, "&a;" * 1000), QUADRATIC), 3, ""),
    feed("a feed that reads a file", rss(entry(1, "&x;"), OUTSIDE), 3, ""),
    feed("a feed with a grammar elsewhere", rss(entry(), ELSEWHERE), 3, ""),
    feed("a feed nested deep", rss("<item>" * 50_000), 3, ""),
    feed("a feed that says that it is UTF-16", rss(entry(), encoding="UTF-16"), 0),
    feed("a feed that breaks off", rss(entry())[:-40], 3, ""),
    feed("a feed of control characters", rss(entry(1, "a\x01\x0bb")), 3, ""),
    feed(
        "a feed that includes",
        rss('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'),
        3,
        "",
    ),
    feed(
        "a feed with a style of another site",
        rss(entry(), '<?xml-stylesheet href="http://evil.example/x.xsl"?>'),
        0,
    ),
    feed("the same feed at every page", rss(entry()), 3, "page", others=_paged(rss(entry()))),
]


def wordpress() -> dict[str, Answers]:
    """Return the answers of a WordPress whose home page is all that there is, and links itself as the next one."""
    with MiniWordPress() as site:
        site.rest, site.feed, site.link = Answer(b"", 404), Answer(b"", 404), False
        body = site.answer("/", None).body.replace(b"/page/2/", b"/")
    return {"/": html(body)}


ROWS: Final = [
    *REST,
    *FEEDS,
    _posts("a home page that is its own next page", wordpress(), 3, ""),
    _posts("a site with nothing", {"/": html(b"<html><body>nothing</body></html>")}, 3, "no way to posts"),
]
