"""Rows of an index that are captures of a listing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from psgcrawl import site, urls
from psgcrawl.webarchive.addresses import instant
from psgcrawl.webarchive.queries import Window, folder_of_posts
from psgcrawl.webarchive.rows import Row, once

POSTS: Final = site.POSTS
_POSTS: Final = re.compile(r"(?:page/[0-9]{1,4}/?|feed/?|wp-json/wp/v2/posts/?)?\Z", re.ASCII)
_REVISIT: Final = "warc/revisit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A capture of a listing that a web archive says it has."""

    listing: str
    position: int | None
    """Place in the listing; None where the address does not tell it: pages of posts differ in length."""
    row: Row

    @property
    def when(self) -> str:
        """When it was captured: RFC 3339 UTC."""
        return instant(self.row.stamp) or ""

    @property
    def is_plain(self) -> bool:
        """Whether it can stand for another one of the same digest, or be stood for: no redirect, no error.

        Of those the header is what counts, and their bodies are often equal, or nothing.
        """
        return self.row.digest is not None and (
            self.row.status == 200 or (self.row.status is None and self.row.mime == _REVISIT)
        )


def wanted(listing: str, rows: Iterable[Row], asked: Window) -> list[Wanted]:
    """Return the captures of ``listing`` among ``rows``, in order of time, then position, then address.

    Two rows of one moment, one place in the listing and one digest are one capture: another
    spelling of its address says nothing new.
    """
    found: dict[tuple[str, int | None, str, str | None, int | None], Wanted] = {}
    for row in once(list(rows)):
        place = _place(listing, row.url)
        if place is None or not asked.holds(row.stamp):
            continue
        position = None if listing == POSTS else place
        # Of pages of posts the path tells which it is.
        path = urlsplit(row.url).path if listing == POSTS else ""
        found.setdefault(
            (row.stamp, position, path, row.digest, row.status),
            Wanted(listing=listing, position=position, row=row),
        )
    return sorted(found.values(), key=lambda one: (one.row.stamp, one.position or 0, one.row.url))


def _place(listing: str, url: str) -> int | None:
    """Return the position of a page of ``listing``; None for an address that is none of it."""
    # Asked first: what is no address at all (``http://[``) is of no site, and cannot be taken apart.
    if not urls.same_site(url, None):
        return None
    if listing == POSTS:
        root, path = folder_of_posts(), urlsplit(url).path or "/"
        return 0 if path.startswith(root) and _POSTS.match(path, len(root)) else None
    here = urls.listing_page(url)
    return here.position if here is not None and here.listing == listing else None


def variantless(url: str) -> str:
    """Return an address by which its variants are one: scheme, ``www.``, default port, session parameters.

    >>> variantless("http://www.perusupportgroup.org.uk:80/news.php?PHPSESSID=0&position=10")
    'http://perusupportgroup.org.uk/news.php?position=10'
    """
    return urls.canonical(url, None) or url
