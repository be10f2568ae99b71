"""What is printed: the blocks of a listing page, and what stands around them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from psgcrawl.records import Kind

Section = Literal["news", "articles", "notices", "boilerplate"]

CAPTURES: Final = Path(__file__).parent.parent / "fixtures" / "captures"
"""The provided captures: text renderings of five pages, their addresses, their blocks as they must come out."""

MEMBER: Final = "Become a member"
"""The line of the sidebar that is a link to the membership form, and none to the block's own page."""

_CAPTIONS: Final = (
    "Miners’ wives on the march, Cajamarca",
    None,  # the first word of the title, as the site itself does ("Fujimori")
    "Photo: Cooperacción",
    "Lima, Plaza San Martín (archive)",
)
_DETAIL_PAGES: Final = {"news": "news-article-{}.html", "articles": "article-{}.html", "notices": "notice.php?id={}"}


@dataclass(frozen=True)
class Block:
    """One block of a page as a careful reader of the rendered page reads it, under the text rule.

    ``summary``: paragraphs separated by a blank line, lines by ``\\n``, list items start
    with ``- ``. ``href``: the link as it stands in the page; in what a page is expected
    to give, the canonical address or None.
    """

    kind: Kind
    title: str
    summary: str
    dateline: str | None = None
    href: str | None = None
    caption: str | None = None
    section: Section = "news"


@dataclass(frozen=True, kw_only=True)
class Chrome:
    """What stands around the blocks of a page, and where their parts are put.

    A markup may fix a place by its nature (a date in a column of its own, loose text
    whose paragraphs are ``<br><br>``); :mod:`tests.markups` names those that do.
    """

    page_url: str = "http://perusupportgroup.org.uk/news.php?position=150"
    date: Literal["before", "after"] = "after"
    """Place of the dateline, as seen from the title."""
    title_linked: bool = True
    read_more: Literal["none", "paragraph", "inline", "image"] = "none"
    caption: Literal["none", "before-title", "after-title", "in-summary"] = "none"
    caption_as: Literal["alt", "figcaption", "small-in-div", "small-in-table", "paragraph"] = "alt"
    paragraphs: Literal["p", "div", "br"] = "p"
    headings: Literal["none", "h2", "b", "td"] = "none"
    """Headings above the sections; "Featured Notices" always has one."""
    sidebar: Literal["none", "before", "after", "same-list", "left-column", "right-column"] = "after"
    """Place of the boilerplate in the source; ``same-list``: as further items of the main list."""
    sidebar_as: Literal["div", "list"] = "div"
    menu: Literal["none", "list", "bar"] = "none"
    breadcrumb: bool = False
    pager: Literal["none", "numbers", "next"] = "none"
    header: bool = False
    footer: bool = False
    forms: tuple[Literal["search", "login", "newsletter"], ...] = ()
    noise: bool = False
    """Odd and even classes, empty paragraphs, comments, scripts, anchors, print links, wrapped source lines."""
    encoding: str = "utf-8"
    declared_as: str | None = None
    """Charset label that is printed, where it is not ``encoding``."""
    declaration: Literal["meta", "http-equiv", "bom", "none"] = "meta"


def address_of(file: str) -> str:
    """Return the address that a provided capture was matched to.

    :raises KeyError: for a file that is none of them.
    """
    lines = (CAPTURES / "captures.jsonl").read_bytes().splitlines()
    return {row["file"]: str(row["url"]) for row in map(json.loads, lines)}[file]


def blocks_of(expected_lines: Iterable[str], file: str, *, links: bool = False, captions: bool = False) -> list[Block]:
    """Return the blocks of one provided capture, in page order.

    :param expected_lines: lines of ``expected.jsonl``.
    :param links: give each block a link as the site had them; the captures show none.
    :param captions: give every second entry or notice a caption, now and then its title's
        first word. Links and captions depend on the file and the place in it alone.
    """
    rows = [row for row in map(json.loads, expected_lines) if row["file"] == file]
    blocks = []
    for place, row in enumerate(rows):
        section = _section(row, address_of(file))
        blocks.append(
            Block(
                kind=row["kind"],
                title=row["title"],
                summary=row["summary"],
                dateline=row["dateline"],
                href=_href(row, section, 1000 + 50 * int(file[:3]) - place) if links else None,
                caption=_caption(row["title"], place) if captions and section != "boilerplate" else None,
                section=section,
            )
        )
    return blocks


def _section(row: dict[str, Any], address: str) -> Section:
    if row["kind"] == "notice":
        return "notices"
    if row["kind"] == "boilerplate":
        return "boilerplate"
    # On the home page only articles print an issue number, even where it is empty.
    return "articles" if "articles.php" in address or row["dateline"].startswith(".") else "news"


def _href(row: dict[str, Any], section: Section, number: int) -> str | None:
    if section != "boilerplate":
        return _DETAIL_PAGES[section].format(number)
    return None if MEMBER in row["summary"] else row["title"].lower().replace(" ", "-") + ".php"


def _caption(title: str, place: int) -> str | None:
    if place % 2:
        return None
    return _CAPTIONS[place // 2 % len(_CAPTIONS)] or title.split(maxsplit=1)[0]
