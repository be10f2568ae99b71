"""Listing pages in many markups, as a redesigned PHP site of 2003 to 2019 could have printed them.

No real HTML of the site is known, so that a reader of its pages must not lean on one
markup. This package prints given blocks in all of ``MARKUPS``, with what ``CHROMES`` put
around them, and says with ``expected`` what a careful person reads on each page.
``hard_cases`` adds small pages with one trap each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from psgcrawl import text, urls

from .around import next_page
from .blocks import CAPTURES, Block, Chrome, address_of, blocks_of
from .catalogue import CATALOGUE, HEADINGS
from .chromes import CHROMES
from .hard import HardCase, hard_cases

__all__ = [
    "CAPTURES",
    "CHROMES",
    "MARKUPS",
    "Block",
    "Chrome",
    "HardCase",
    "address_of",
    "blocks_of",
    "expected",
    "hard_cases",
    "next_page",
]

MARKUPS: Mapping[str, Callable[[Sequence[Block], Chrome], bytes]] = CATALOGUE
"""By name, what prints blocks as one page. Pure: the same blocks and chrome give the same bytes."""


def expected(blocks: Sequence[Block], chrome: Chrome, markup: str) -> list[Block]:
    """Return what a page shows, in page order, under the text rule; ``href`` is the canonical address.

    Where the page cannot show something (no link to the whole story, no captions, no
    sidebar), its place is None or the block is missing.

    :param markup: key of ``MARKUPS``.
    """
    main = [block for section in HEADINGS for block in blocks if block.section == section]
    standing = [block for block in blocks if block.section == "boilerplate"]
    if chrome.sidebar == "none":
        standing = []
    first = chrome.sidebar in {"before", "left-column"}
    return [_read(block, chrome, markup) for block in (standing + main if first else main + standing)]


def _read(block: Block, chrome: Chrome, markup: str) -> Block:
    in_place = block.section != "boilerplate" or chrome.sidebar == "same-list"
    linked = chrome.title_linked or chrome.read_more != "none" or (markup == "linked-items" and in_place)
    return replace(
        block,
        title=text.line(block.title),
        summary="\n".join(text.line(line) for line in block.summary.split("\n")).strip("\n"),
        dateline=text.line(block.dateline) if block.dateline is not None else None,
        href=urls.canonical(block.href, chrome.page_url) if linked else None,
        caption=text.line(block.caption) if block.caption is not None and chrome.caption != "none" else None,
    )
