"""Whole pages: what stands around the main list, and the bytes of it all."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from . import pieces
from .blocks import Block, Chrome

Era = Literal["2004", "2009", "2014"]
"""Layout tables in upper case; XHTML; HTML5."""

PAGE_STEP = 10
_FIRST_DOCTYPES = {
    "2004": '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n',
    "2009": '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n',
    "2014": "<!DOCTYPE html>\n",
}
_MENU = (
    ("/", "Home"),
    ("about.php", "About us"),
    ("news.php", "News"),
    ("articles.php", "Articles"),
    ("resources.php", "Resources"),
    ("contact.php", "Contact"),
)
_SCRIPT = "<script type=\"text/javascript\">var n = '<h3>18 March 2001<\\/h3><p>Never shown<\\/p>';</script>\n"
_STYLE = "<style type=\"text/css\">.date { color: #990000; content: '19 March 2001' }</style>\n"
_COMMENT = "<!-- <li><h3><a href='news-article-1.html'>Old story</a></h3><p>17 March 2001</p><p>Gone.</p></li> -->\n"
_PIXEL = '<img src="/stats/pixel.gif?p=1" width="1" height="1" alt="">\n'
_FORMS = {
    "search": '<form action="search.php" method="get"><input type="text" name="q"> '
    '<input type="submit" value="Search"></form>\n',
    "login": '<form action="login.php" method="post"><h3>Members</h3><p>E-mail address <input name="user"></p>'
    '<p>Password <input type="password" name="word"></p><input type="submit" value="Log in"></form>\n',
    "newsletter": '<form action="join-list.php" method="post"><h3>E-newsletter</h3><p>Enter your e-mail address to '
    'receive our free monthly e-newsletter with news and analysis from Peru.</p><input name="e"></form>\n',
}
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*)>")
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9.#-]+\Z")


def listing_name(chrome: Chrome) -> str:
    """Return the name of the page: ``News``, ``Articles`` or ``Home``."""
    path = urlsplit(chrome.page_url).path
    return {"/news.php": "News", "/articles.php": "Articles"}.get(path, "Home")


def position(chrome: Chrome) -> int:
    """Return the place of the page in its listing, counted in entries."""
    return int(parse_qs(urlsplit(chrome.page_url).query).get("position", ["0"])[0])


def next_page(chrome: Chrome) -> str | None:
    """Return the link to the next page as the pager prints it, None without a pager."""
    return f"?position={position(chrome) + PAGE_STEP}" if chrome.pager != "none" else None


def _pager(chrome: Chrome) -> str:
    here = position(chrome)
    if chrome.pager == "none":
        return ""
    if chrome.pager == "next":
        back = f'<a href="?position={here - PAGE_STEP}">Previous</a> | ' if here >= PAGE_STEP else ""
        return f'<div class="pager">{back}<a href="{next_page(chrome)}">Next</a></div>\n'
    first = max(0, here - 3 * PAGE_STEP)
    numbers = " ".join(
        f"<b>{at // PAGE_STEP + 1}</b>" if at == here else f'<a href="?position={at}">{at // PAGE_STEP + 1}</a>'
        for at in range(first, first + 8 * PAGE_STEP, PAGE_STEP)
    )
    return f'<p class="pages">Page: {numbers}</p>\n'


def _menu(chrome: Chrome, era: Era) -> str:
    if chrome.menu == "none":
        return ""
    links = [pieces.link(href, name) for href, name in _MENU]
    if chrome.menu == "bar":
        return f'<p align="center">{" | ".join(links)}</p>\n'
    bullets = f"<ul>{''.join(f'<li>{item}</li>' for item in links)}</ul>"
    return f"<nav>{bullets}</nav>\n" if era == "2014" else f'<div id="menu">{bullets}</div>\n'


def _top(chrome: Chrome, era: Era) -> str:
    name, slogan = "Peru Support Group", "Solidarity with Peru since 1983"
    printed = ""
    if chrome.header and era == "2004":
        logo = f'<a href="/"><img src="logo.gif" alt="{name}" border="0"></a>'
        printed = (
            f'<table width="760" cellpadding="0"><tr><td>{logo}</td><td><font size="5">{name}</font><br>'
            f"<font>{slogan}</font></td></tr></table>\n"
        )
    elif chrome.header:
        tag = 'header id="top"' if era == "2014" else 'div id="header"'
        printed = f'<{tag}><h1><a href="/">{name}</a></h1><p class="slogan">{slogan}</p></{tag.partition(" ")[0]}>\n'
    crumbs = f'<p class="crumbs"><a href="/">Home</a> &gt; {listing_name(chrome)}</p>\n' if chrome.breadcrumb else ""
    return printed + _menu(chrome, era) + "".join(_FORMS[form] for form in chrome.forms) + crumbs


def _bottom(chrome: Chrome, era: Era) -> str:
    if not chrome.footer:
        return ""
    words = "© 2018 Peru Support Group. Registered charity number 1234567."
    if era == "2014":
        return f'<footer><p>{words}</p><p><a href="privacy.php">Privacy policy</a></p></footer>\n'
    line = f'<hr><p align="center"><font size="1">{words} <a href="privacy.php">Privacy policy</a></font></p>\n'
    return line if era == "2004" else f'<div id="footer"><p>{words}</p></div>\n'


def _sidebar(blocks: Sequence[Block], chrome: Chrome, era: Era) -> str:
    """Print the standing blocks in a place of their own."""
    if era == "2004":
        chrome = replace(chrome, paragraphs="br")
    printed = []
    for block in blocks:
        text = pieces.body(block, chrome)
        if era == "2004":
            printed.append(f"<b>{pieces.title(block, chrome)}</b><br>{text}<br><br>\n")
        elif chrome.sidebar_as == "list":
            printed.append(f"<li><h4>{pieces.title(block, chrome)}</h4>{text}</li>\n")
        else:
            printed.append(f'<div class="box"><h3>{pieces.title(block, chrome)}</h3>{text}</div>\n')
    listed = era != "2004" and chrome.sidebar_as == "list"
    return f'<ul class="side">{"".join(printed)}</ul>\n' if listed else "".join(printed)


def page(main: str, sidebar: Sequence[Block], chrome: Chrome, era: Era) -> str:
    """Return a whole page around the main list; its charset is declared by :func:`encode`.

    :param sidebar: the blocks of the sidebar, empty where they stand in the main list.
    """
    content = main + _pager(chrome)
    side = _sidebar(sidebar, chrome, era) if sidebar else ""
    first = chrome.sidebar in {"before", "left-column"}
    if era == "2004" or chrome.sidebar in {"left-column", "right-column"}:
        cells = [f'<td valign="top">{content}</td>', f'<td width="160" bgcolor="#eeeeee">{side}</td>' if side else ""]
        middle = f'<table width="760" border="0"><tr>{"".join(reversed(cells) if first else cells)}</tr></table>\n'
    else:
        boxes = [f'<div id="content">{content}</div>\n', f'<div id="sidebar">{side}</div>\n' if side else ""]
        middle = "".join(reversed(boxes) if first else boxes)
    noise, scripts = (_COMMENT + _SCRIPT + _PIXEL, _STYLE + _SCRIPT) if chrome.noise else ("", "")
    return (
        f"{_FIRST_DOCTYPES[era]}<html>\n<head>{{charset}}\n"
        f"<title>Peru Support Group - {listing_name(chrome)}</title>\n{scripts}</head>\n"
        f"<body>\n{_top(chrome, era)}{noise}{middle}{_bottom(chrome, era)}</body>\n</html>\n"
    )


def shout(page: str, *, leave_open: Sequence[str] = ()) -> str:
    """Return the page as a page of 2004 was typed: upper-case tags, bare attribute values.

    :param leave_open: tags (lower case) that are never closed.
    """

    def tag(match: re.Match[str]) -> str:
        slash, name, rest = match.groups()
        return "" if slash and name in leave_open else f"<{slash}{name.upper()}{_ATTRIBUTE.sub(_bare, rest)}>"

    return _TAG.sub(tag, page)


def _bare(match: re.Match[str]) -> str:
    name, value = match.groups()
    return f"{name.upper()}={value}" if _PLAIN_VALUE.match(value) else f'{name.upper()}="{value}"'


def self_closed(page: str) -> str:
    """Return the page as XHTML has empty elements: ``<br />``."""
    return re.sub(r"<((?:br|hr|img|input|meta)\b[^<>]*)>", r"<\1 />", page)


def encode(page: str, chrome: Chrome) -> bytes:
    """Return the page's bytes, the charset declared as the chrome says; what it cannot hold, as references."""
    label = chrome.declared_as or chrome.encoding
    declaration = {
        "meta": f'\n<meta charset="{label}">',
        "http-equiv": f'\n<meta http-equiv="Content-Type" content="text/html; charset={label}">',
    }.get(chrome.declaration, "")
    data = page.replace("{charset}", declaration, 1).encode(chrome.encoding, "xmlcharrefreplace")
    return codecs.BOM_UTF8 + data if chrome.declaration == "bom" else data
