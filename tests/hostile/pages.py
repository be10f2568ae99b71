"""Rows: pages of a listing, and what stands around them on the wire."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from tests.hostile import Answers, answer, html, moved
from tests.hostile.case import BOMB, Row
from tests.hostile.manners import (
    ADDRESS_CASES,
    BODY_CASES,
    GOOD,
    HEAD,
    NEWS,
    PAGE,
    REDIRECT_CASES,
    ROBOTS,
    ROBOTS_CASES,
    STATUS_CASES,
    USUAL_ROBOTS,
    Case,
    endless,
)

FIRST: Final = "/news.php"

ITEM: Final = (
    '<li><h3><a href="news-article-{n}.html">Entry {n}</a></h3><p class="date">{day:02d} March 2016</p>'
    "<p>What entry {n} says is long enough to be running text.</p></li>\n"
)


def listing(*numbers: int, before: str = "", behind: str = "", head: str = "") -> str:
    """Return a page of the listing with these entries."""
    items = "".join(ITEM.format(n=n, day=n % 28 + 1) for n in numbers)
    return f"<!DOCTYPE html>\n<html><head>{head}</head><body>{before}<ul>{items}</ul>{behind}</body></html>\n"


def page(text: str | bytes, *headers: str, charset: str | None = "utf-8") -> bytes:
    """Return the response with a page."""
    body = text if isinstance(text, bytes) else text.encode()
    kind = "text/html" + (f"; charset={charset}" if charset else "")
    return answer(body, f"Content-Type: {kind}", *headers)


def news(name: str, given: Answers, code: int, words: str = "", **more: Any) -> Row:
    """Return a row for a site whose first page of news is that."""
    others = more.pop("others", {})
    answers = {FIRST: given, ROBOTS: USUAL_ROBOTS, **others}
    return Row(name, code, words, spider="news", answers=answers, **more)


def by_the_real_spider(case: Case) -> Row:
    """Return the row for a case of manners: the same answers, at the listing's own address."""
    code, words = OTHERWISE.get(case.name, (case.code, case.words))
    page = [_moved_here(one) for one in case.page] if isinstance(case.page, list) else _moved_here(case.page)
    answers = {FIRST: page, ROBOTS: case.robots, **case.others}
    settings = {"RETRY_TIMES": 3, **case.settings}
    return Row(case.name, code, words, spider="news", answers=answers, host=case.host, settings=settings)


def _moved_here(given: Any) -> Any:
    return given.replace(NEWS.encode(), FIRST.encode()) if isinstance(given, bytes) else given


OTHERWISE: Final[dict[str, tuple[int, str]]] = {
    "five redirects": (3, "/5"),
    "a redirect to a page that was asked for": (3, "robots.txt"),
    "a redirect behind a backslash": (3, "answered 404"),
    "a body without length, cut": (3, "page|end"),
}
"""Cases that a spider that walks tells better than one that fetches a single page: code and words."""

CHARSETS: Final = [
    *(
        news(f"declared as {name}", page(listing(1, 2, 3), charset=name), 0)
        for name in ("rot13", "idna", "punycode", "unicode_escape", "zlib", "utf-7", "x" * 5000, "", 'utf-8;q="\\')
    ),
    news("declared as UTF-16, which it is not", page(listing(1, 2, 3), charset="utf-16"), 0),
    news("UTF-16 without mark", page(listing(1, 2, 3).encode("utf-16-le"), charset="utf-16"), 3, "control|binary|NUL"),
    news("UTF-16 with its mark", page(listing(1, 2, 3).encode("utf-16"), charset=None), 0),
    news("UTF-32", page(listing(1, 2, 3).encode("utf-32"), charset="utf-32"), 4, "no layout fits"),
    news("windows-1252 declared as UTF-8", page(listing(1, 2, 3, before="é’").encode("cp1252")), 0),
    news("UTF-8 declared as Latin-1", page(listing(1, 2, 3, before="é’"), charset="iso-8859-1"), 0),
    news("undeclared windows-1252", page(listing(1, 2, 3, before="é’").encode("cp1252"), charset=None), 0),
    news("two charsets in one page", page("é".encode() + listing(1, 2, 3, before="é").encode("cp1252")), 0),
    news("a meta that says otherwise", page(listing(1, 2, head="<meta charset=utf-7>")), 0),
    news("UTF-7 that would be a script", page(listing(1, 2, before="+ADw-script+AD4-")), 0),
    news("overlong UTF-8", page(listing(1, 2).encode() + b"\xc0\xaf\xe0\x80\xaf\xf8\x88\x80\x80\x80"), 0),
]

MARKUP: Final = [
    news("NUL in the page", page(listing(1, 2).replace("Entry", "En\0try")), 0),
    news("numbers of no character", page(listing(1, 2).replace("Entry", "En&#xD800;&#0;&#1;&#x110000;try")), 0),
    news("entities without end", page(listing(1, 2, before="&" + "amp;" * 100_000)), 0),
    news("sections of XML", page(listing(1, 2, before="<![CDATA[<li>]]><?php echo 1 ?>")), 0),
    news(
        "a page that declares entities",
        page("<!DOCTYPE html [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]>" + listing(1, 2).partition("\n")[2]),
        0,
    ),
    news("a comment that never ends", page(listing(1, 2, behind="<!-- " + "<li>" * 1000)), 0),
    news(
        "200,000 attributes",
        page(listing(1, 2, before=f"<p {' '.join(f'a{n}=b' for n in range(200_000))}>")),
        3,
        "over the limit",
    ),
    news("an attribute of a megabyte", page(listing(1, 2, before=f'<p title="{"x" * 1_000_000}">')), 3, "a tag of"),
    news("2,100 nested elements", page(listing(1, 2, before="<div>" * 2100)), 3, "over the limit of the parser"),
    news("200,000 nested elements", page(listing(1, 2, before="<b><i>" * 100_000)), 3, "over the limit"),
    news("500,000 elements side by side", page(listing(1, 2, behind="<br>" * 500_000)), 0),
    # As many as a page has, or more, prove no end, and the next page is not there.
    news("2,000 entries", page(listing(*range(1, 2001))), 3, "position 10: the server answered 404"),
    news("a title of a megabyte", page(listing(1, 2).replace("Entry 1", "w" * 1_000_000)), 0),
    news("a title of 200,000 marks", page(listing(1, 2).replace("Entry 1", "e" + "\u0301\u0316" * 100_000)), 0),
    news("a dateline that never ends", page(listing(1, 2).replace("March", "March " * 100_000)), 4, "date"),
    news(
        "a script that prints the listing",
        page("<html><body><script>" + listing(1, 2) + "</script></body></html>"),
        4,
        "no layout fits",
    ),
    news("a base on another site", page(listing(1, 2, head='<base href="http://evil.example/">')), 0),
    news(
        "a form, a frame, an object",
        page(
            listing(
                1,
                2,
                before="<form action=/x><iframe src=//evil.example></iframe><object data=file:///etc/passwd></object></form>",
            )
        ),
        0,
    ),
    news("a page of 8 MiB and more", page(listing(1, 2, behind=" " * (8 << 20))), 3, "larger than|max size"),
]

WHAT_IT_IS: Final = [
    news(
        "an error page of PHP",
        page("<b>Fatal error</b>: Uncaught mysqli_sql_exception: Too many connections"),
        4,
        "no layout fits|refused",
    ),
    news(
        "a parked domain",
        page("<html><body><h1>This domain is for sale</h1><p>Buy this domain.</p></body></html>"),
        4,
        "no layout fits",
    ),
    news("a login page", page("<html><body><form><input type=password></form></body></html>"), 4, "no layout fits"),
    news(
        "a page for maintenance", page("<html><body><h1>We will be back soon</h1></body></html>"), 4, "no layout fits"
    ),
    news("a listing without entries", page(listing()), 4, ""),
    news("JSON in place of the page", answer(b'{"a": NaN}', "Content-Type: application/json"), 4, "no layout fits"),
    news("a PDF in place of the page", answer(b"%PDF-1.4\n" + bytes(99), "Content-Type: text/html"), 3, "binary"),
    news("a page that says that it is a picture", answer(listing(1, 2).encode(), "Content-Type: image/png"), 0),
    news("a page without a type", answer(listing(1, 2).encode()), 0),
    news(
        "a type of ten thousand characters",
        answer(listing(1, 2).encode(), "Content-Type: text/html; " + "a" * 10_000),
        0,
    ),
]


def more(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield so many full pages, each of which links the next one."""
    for number in range(count):
        target = FIRST if number == 0 else f"{FIRST}?position={10 * number}"
        onward = f'<p><a href="?position={10 * (number + 1)}">Next</a></p>'
        first = 100_000 - 10 * number
        yield target, page(listing(*range(first, first - 10, -1), behind=onward))


def linking(href: str) -> bytes:
    """Return a full page whose next one is that."""
    return page(listing(*range(90, 80, -1), behind=f'<p class="pager"><a href="{href}">Next</a></p>'))


PAGERS: Final = [
    news("pages without end", page(listing(1)), 3, "PAGES_MAX|pages", others=dict(more(30)), settings={"PAGES_MAX": 9}),
    news(
        "the same page at every position",
        linking("?position=10"),
        3,
        "",
        others={f"{FIRST}?position={10 * n}": linking(f"?position={10 * n + 10}") for n in range(1, 40)},
    ),
    *(
        news(f"a pager that leads {where}", linking(href), 3, "")
        for where, href in {
            "to itself": FIRST,
            "to another site": "http://evil.example/news.php?position=10",
            "to a script": "javascript:alert(1)",
            "to a file": "file:///etc/passwd?position=10",
            "below nothing": "?position=-10",
            "beyond numbers": "?position=" + "9" * 400,
            "nowhere": "?position=",
            "to a number in other digits": "?position=\u0661\u0660",
        }.items()
    ),
]

WIRE: Final = [
    news("header lines in a header", page(listing(1, 2), "X-A: b\rSet-Cookie: c=d\x00e"), 0),
    news("folded header lines", page(listing(1, 2), "X-A: b\r\n c\r\n\td"), 0),
    news("a header without a colon", page(listing(1, 2), "nonsense"), 0),
    news(
        "header names of all bytes",
        page(listing(1, 2)).replace(b"\r\n\r\n", b"\r\n" + bytes(range(128, 256)) + b": x\r\n\r\n", 1),
        3,
        r"InvalidHeaderName: b'\\x80",
    ),
    news("a header of 100 KB", page(listing(1, 2), "X-A: " + "b" * 100_000), 3, "[Cc]onnection|header"),
    news("2,000 cookies", page(listing(1, 2), *(f"Set-Cookie: a{n}=b" for n in range(2000))), 0),
    news("HTTP 0.9", listing(1, 2).encode(), 3, ""),
    news("HTTP 2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 3, ""),
    news("a status of four digits", page(listing(1, 2)).replace(b"200 OK", b"2000 OK"), 3, ""),
    news("a status below 100", page(listing(1, 2)).replace(b"200 OK", b"000 OK"), 3, ""),
    news("early hints", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + page(listing(1, 2)), 0),
    news("other protocols", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + page(listing(1, 2)), 0),
    news("a second answer behind the first", page(listing(1, 2)) + page(listing(3)), 0),
    news(
        "both a length and chunks",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        4,
        "no layout fits",
    ),
    news("chunks of an unknown coding", HEAD + b"Transfer-Encoding: gzip\r\n\r\n" + gzip.compress(PAGE), 3, ""),
    news("a chunk longer than memory", HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + PAGE, 3, ""),
    news(
        "an extension of a chunk without end",
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;", b"a" * 5000),
        3,
        "",
        settings={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 10},
    ),
    news(
        "trailers without end",
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 500),
        3,
        "",
        settings={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 10},
    ),
    news(
        "one-byte chunks",
        HEAD
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"1\r\n%c\r\n" % byte for byte in listing(1, 2).encode())
        + b"0\r\n\r\n",
        0,
    ),
    news("gzip that is none", page(listing(1, 2), "Content-Encoding: gzip"), 0),
    news(
        "gzip with rubbish behind it",
        page(gzip.compress(listing(1, 2).encode()) + b"rubbish", "Content-Encoding: gzip"),
        3,
        "",
    ),
    news(
        "gzip in two members",
        page(
            gzip.compress(listing(1, 2).encode()[:90]) + gzip.compress(listing(1, 2).encode()[90:]),
            "Content-Encoding: gzip",
        ),
        0,
    ),
    news("gzip of nothing", page(gzip.compress(b""), "Content-Encoding: gzip"), 3, "empty"),
    news("gzip in gzip", page(gzip.compress(gzip.compress(listing(1, 2).encode())), "Content-Encoding: gzip, gzip"), 0),
    news("twenty codings", page(listing(1, 2), "Content-Encoding: " + ", ".join(["gzip"] * 20)), 3, ""),
    news(
        "deflate without its header", page(zlib.compress(listing(1, 2).encode())[2:-4], "Content-Encoding: deflate"), 0
    ),
    news("br, unasked", page(listing(1, 2), "Content-Encoding: br"), 3, "br"),
    news(
        "640 MiB as gzip",
        page(BOMB, "Content-Encoding: gzip"),
        3,
        "DOWNLOAD_MAXSIZE",
    ),
    news("a redirect with a line end", moved("/x\rSet-Cookie: a=b"), 3, ""),
    news("a redirect of a megabyte", moved("/" + "a" * 1_000_000), 3, ""),
    news("a redirect of 10 KB", moved("/" + "a" * 10_000), 3, ""),
    news("a redirect of all bytes", moved("/x").replace(b"/x", bytes(range(128, 256))), 3, ""),
    news("a redirect to an empty place", moved(""), 3, ""),
    news("a redirect to a template", moved("/{{7*7}}<script>\x1b[31m"), 3, ""),
    news(
        "a redirect without end, each another",
        moved("/0"),
        3,
        "more than 5",
        others={f"/{n}": moved(f"/{n + 1}") for n in range(50)},
    ),
    news("a reason of terminal escapes", page(listing(1, 2)).replace(b"200 OK", b"500 \x1b[31mred\x07"), 3, "500"),
    news("an end of the connection in the head", b"HTTP/1.1 200 OK\r\nContent-Ty", 3, ""),
    news(
        "robots.txt of 20 MB",
        GOOD,
        3,
        "robots.txt",
        others={ROBOTS: answer(b"#" * (20 << 20), "Content-Type: text/plain")},
    ),
    news(
        "robots.txt with a mark and NUL",
        page(listing(1, 2)),
        0,
        others={ROBOTS: answer(b"\xef\xbb\xbfUser-agent: *\0\nDisallow: /x\n", "Content-Type: text/plain")},
    ),
    news(
        "robots.txt of 100,000 rules",
        page(listing(1, 2)),
        0,
        others={
            ROBOTS: answer(
                b"User-agent: *\n" + b"".join(b"Disallow: /%d*$\n" % n for n in range(20_000)),
                "Content-Type: text/plain",
            )
        },
    ),
    news(
        "robots.txt with a pattern of stars",
        page(listing(1, 2)),
        0,
        others={ROBOTS: answer(b"User-agent: *\nDisallow: /" + b"*a" * 5000 + b"$\n", "Content-Type: text/plain")},
    ),
    news(
        "robots.txt as a bomb",
        page(listing(1, 2)),
        3,
        "robots.txt",
        others={ROBOTS: answer(gzip.compress(bytes(20_000_000)), "Content-Type: text/plain", "Content-Encoding: gzip")},
    ),
]

MANNERS: Final = [
    by_the_real_spider(case) for case in (*ROBOTS_CASES, *REDIRECT_CASES, *STATUS_CASES, *BODY_CASES, *ADDRESS_CASES)
]

ROWS: Final = [*CHARSETS, *MARKUP, *WHAT_IT_IS, *PAGERS, *WIRE, *MANNERS]

__all__ = ["NEWS", "ROWS", "Row", "html", "news", "page", "replace"]
