"""What the index of a web archive is asked: the addresses of a listing, in every variant, over a window of time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode, urlsplit

from psgcrawl import site
from psgcrawl.webarchive.addresses import Access

Match = Literal["exact", "prefix"]

_DATE: Final = "%Y%m%d%H%M%S"
_SHORTEST: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when captures are wanted; both ends belong to it: 14 digits, UTC."""

    since: str = "00000000000000"
    until: str = "99999999999999"

    def holds(self, stamp: str) -> bool:
        """Tell whether a time of 14 digits lies in it."""
        return self.since <= stamp <= self.until

    @property
    def is_empty(self) -> bool:
        """Whether no time lies in it."""
        return self.since > self.until


EVER: Final = Window()


def window(since: str | None, until: str | None) -> Window:
    """Return the window of two days (``2008-05-12``), the last one to its end; None leaves it open."""
    return Window(
        since=f"{since.replace('-', '')}000000" if since else EVER.since,
        until=f"{until.replace('-', '')}235959" if until else EVER.until,
    )


@dataclass(frozen=True, slots=True)
class Query:
    """One question to an index."""

    listing: str
    url: str
    """Host and path. Hosts with and without ``www.``, schemes and default ports are one key of an index (SURT)."""
    match: Match
    window: Window = EVER

    def address(self, access: Access, rows: int, resume: str | None = None) -> str:
        """Return the address that asks it, from where a former answer broke off (``resume``).

        No ``fl``: pywb drops the names of fields that it has not without a word, and the
        Internet Archive gives all of them, with the key (``urlkey``) without which a resume
        key is wrong.

        :param rows: how many are wanted at most
        """
        bounds = [("from", self.window.since), ("to", self.window.until)]
        pairs = [
            ("url", self.url),
            ("matchType", self.match),
            ("output", "json"),
            *((name, value) for name, value in bounds if value not in {EVER.since, EVER.until}),
            ("limit", str(rows)),
            ("showResumeKey", "true"),
            *([("resumeKey", resume)] if resume is not None else []),
        ]
        return f"{access.index}?{urlencode(pairs)}"

    def halves(self, now: str) -> "list[Query]":
        """Return two queries that together ask the same; none where the window cannot be cut.

        For an index that gives a part of what it has and no key for the rest.

        :param now: RFC 3339 UTC; nothing was captured later
        """
        first = max(self.window.since, site.EARLIEST.translate(_DIGITS))
        last = min(self.window.until, now.translate(_DIGITS))
        try:
            begin, end = (datetime.strptime(stamp, _DATE).replace(tzinfo=UTC) for stamp in (first, last))
        except ValueError:
            return []
        if end - begin < _SHORTEST:
            return []
        middle = begin + (end - begin) // 2
        return [
            replace(self, window=Window(self.window.since, f"{middle:{_DATE}}")),
            replace(self, window=Window(f"{middle + _SHORTEST:{_DATE}}", self.window.until)),
        ]


_DIGITS: Final = str.maketrans("", "", "-:TZ")


def queries(listings: Sequence[str], asked: Window) -> list[Query]:
    """Return what to ask for the captures of ``listings``, in their order.

    Where a site's profile says since when it is a WordPress, captures of ``/`` are the listing's that
    was there before, and the front page of WordPress since.
    """
    return [
        Query(listing, site.current().host + path, match, limits)
        for listing in listings
        for limits in [within(listing, asked)]
        for path, match in _paths(listing)
        if not limits.is_empty
    ]


def _paths(listing: str) -> list[tuple[str, Match]]:
    here = site.current()
    found = here.listing(listing)
    if found is None:
        root = folder_of_posts()
        # Keys of an index end without the last slash.
        return [(root, "exact"), *((root + rest, "prefix") for rest in ("page", "feed", "wp-json/wp/v2/posts"))]
    bare = dict.fromkeys(path.partition("?")[0] for path in found.paths)
    # As a prefix "/" is the whole site.
    paths: list[tuple[str, Match]] = [(path, "exact" if path == _ROOT else "prefix") for path in bare]
    if _ROOT in bare:
        names = dict.fromkeys(one.parameter for one in here.listings if one.parameter)
        paths += [(f"/?{name}=", "prefix") for name in names]
    return paths


_ROOT: Final = "/"


def folder_of_posts() -> str:
    """Return the path below which the site's WordPress is, with slashes at both ends."""
    return f"{urlsplit(site.current().wordpress or _ROOT).path.rstrip('/')}/"


def within(listing: str, asked: Window) -> Window:
    """Return the part of a window in which captures of a listing's addresses are of that listing."""
    here = site.current()
    if here.wordpress_since is None:
        return asked
    changed = here.wordpress_since.replace("-", "")
    last_day = datetime.strptime(changed, "%Y%m%d").replace(tzinfo=UTC) - timedelta(days=1)
    found = here.listing(listing)
    if found is not None and _ROOT in found.paths:
        return replace(asked, until=min(asked.until, f"{last_day:%Y%m%d}235959"))
    if listing == site.POSTS:
        return replace(asked, since=max(asked.since, f"{changed}000000"))
    return asked
