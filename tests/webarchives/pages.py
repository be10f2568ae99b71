"""What the site printed: its listings in the markup and the encoding of each time, and what else it answered."""

from dataclasses import dataclass, replace
from html import escape
from typing import Final
from urllib.parse import urlsplit

from tests.markups import CAPTURES, MARKUPS, Block, Chrome, blocks_of, next_page
from tests.miniwordpress import FOOT, HEAD, SITE, Post, made

from .life import LISTINGS, Listing, listed

PAGE: Final = 10
AT_HOME: Final = 4


@dataclass(frozen=True)
class Form:
    """How the site looked for some years, and where it was."""

    markup: str
    chrome: Chrome
    content_type: str
    root: str


_AROUND: Final = Chrome(menu="list", header=True, footer=True)
FORMS: Final = {
    # Letters outside of ASCII, and not a word about their encoding.
    "2008": Form(
        "loose-text-2004",
        replace(_AROUND, menu="bar", encoding="windows-1252", declaration="none"),
        "text/html",
        "http://www.perusupportgroup.org.uk:80",
    ),
    # Says ISO 8859-1, and holds quotation marks and dashes of windows-1252.
    "2010": Form(
        "list-h3",
        replace(_AROUND, encoding="windows-1252", declaration="none"),
        "text/html; charset=ISO-8859-1",
        "http://www.perusupportgroup.org.uk",
    ),
    "2013": Form(
        "html5-articles", replace(_AROUND, declaration="http-equiv"), "text/html", "http://perusupportgroup.org.uk"
    ),
    "2017": Form(
        "entry-divs",
        replace(_AROUND, declaration="none", read_more="paragraph"),
        "text/html; charset=UTF-8",
        "https://www.perusupportgroup.org.uk",
    ),
    "2019": Form(
        "table-row", replace(_AROUND, date="before"), "text/html; charset=UTF-8", "https://perusupportgroup.org.uk"
    ),
}


def _of_home() -> list[Block]:
    lines = (CAPTURES / "expected.jsonl").read_text("utf-8").splitlines()
    return blocks_of(lines, "001_36238466d250a328.txt", links=True)


_STANDING: Final = [block for block in _of_home() if block.section == "boilerplate"]
_NOTICES: Final = [block for block in _of_home() if block.section == "notices"]


def listing(form: Form, name: Listing, position: int, stamp: str) -> bytes:
    """Return a page of a list as it was printed at a time; past the end, one without entries."""
    stories = listed(name, stamp)
    more = position + PAGE < len(stories)
    address = f"{_plain(form.root)}/{name}.php?position={position}"
    chrome = replace(form.chrome, page_url=address, pager="next" if more else "none")
    assert (next_page(chrome) is not None) == more
    blocks = [story.block(stamp) for story in stories[position : position + PAGE]]
    return MARKUPS[form.markup]([*blocks, *_STANDING], chrome)


def home(form: Form, stamp: str) -> bytes:
    """Return the home page: the newest of both lists, the notices of 2016 once there were such, the standing blocks."""
    newest = [story.block(stamp) for name in LISTINGS for story in listed(name, stamp)[:AT_HOME]]
    chrome = replace(form.chrome, page_url=f"{_plain(form.root)}/", date="before", headings="h2")
    notices = _NOTICES if stamp >= "2017" else []
    return MARKUPS[form.markup]([*newest, *notices, *_STANDING], chrome)


def _plain(root: str) -> str:
    return f"http://{urlsplit(root).hostname}"


def entry(title: str) -> bytes:
    """Return the page of one entry, which is no listing."""
    return f"<html><head><title>{escape(title)}</title></head><body><h1>{escape(title)}</h1></body></html>\n".encode()


ERROR: Final = (
    b"<br />\n<b>Warning</b>:  mysql_connect() [<a href='function.mysql-connect'>function.mysql-connect</a>]: "
    b"Too many connections in <b>/home/psg/public_html/db.php</b> on line <b>12</b><br />\nCould not connect\n"
)
"""What PHP printed, with status 200, when its database was busy."""

PARKED: Final = (
    b"<!DOCTYPE html>\n<html><head><title>perusupportgroup.org.uk is for sale</title></head><body>"
    b"<h1>perusupportgroup.org.uk</h1><p>The domain may be for sale. Make an offer today.</p>"
    b'<ul><li><a href="https://example.com/?q=peru">Peru holidays</a></li>'
    b'<li><a href="https://example.com/?q=support">IT support</a></li></ul></body></html>\n'
)
"""What a seller of names showed in the site's place, with status 200, at every address."""

LOG_IN: Final = (
    b"<html><head><title>Peru Support Group: log in</title></head><body><h1>Members</h1>"
    b'<form action="login.php" method="post"><p>E-mail <input name="user"></p>'
    b'<p>Password <input type="password" name="word"></p></form></body></html>\n'
)

POSTS: Final = tuple(
    made(
        4000 + number,
        f"Invented post {number}: Congress and the people",
        f"20{19 if number < 6 else 20}-{12 if number < 6 else 1 + number // 8:02d}-{1 + number:02d}T09:00:00",
        f"Post number {number} tells what happened in that week.",
    )
    for number in range(24)
)
"""What WordPress published from December 2019 on, oldest first."""


def published(stamp: str) -> list[Post]:
    """Return the posts that there were at a time, newest first."""
    there = [post for post in POSTS if post.date[:10].replace("-", "") < stamp[:8]]
    return sorted(there, key=lambda post: (post.date, post.number), reverse=True)


def themed(page: int, stamp: str) -> bytes:
    """Return a page of the WordPress site's list."""
    found = published(stamp)
    shown = "".join(post.article for post in found[(page - 1) * PAGE : page * PAGE])
    foot = FOOT.replace(f'{SITE}/page/3/"', f'{SITE}/page/{page + 1}/"')
    return f"{HEAD}{shown}{foot}".encode()
