"""Addresses: what they name, and how one is written so that it is written one way only.

Host names with and without ``www.``, either scheme and default ports are one site. An
entry's address is stored with the scheme that the site's profile has for pages that are
files (``*.php``, ``*.html``), and for all others, whichever variant a page happened to
link: ``http://perusupportgroup.org.uk/news.php``, ``https://perusupportgroup.org.uk/2020/01/``.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

from psgcrawl import site

_IDENTITY: Final = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*\Z", re.ASCII)
"""What can be an identity: ids stand in commands, addresses and names of files."""
_NUMBER: Final = "entry-"
"""Stands before an identity that is nothing but a number, or could be taken for one of another kind."""
_TAKEN: Final = ("x-", site.POST_IDENTITY)
_PATH: Final = re.compile(r"[a-z0-9_-]+(?:[./][a-z0-9_-]+)*\Z", re.IGNORECASE | re.ASCII)
"""Links that are a relative path and nothing else, as nearly all are."""
_SEGMENT: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z", re.IGNORECASE | re.ASCII)
"""Links to a page beside the one that they stand in."""
_PLAIN_PATH: Final = re.compile(r"/[a-z0-9_./-]*\Z", re.IGNORECASE | re.ASCII)
"""Paths without anything that could be read otherwise, to the end of the address."""
_BEGINS: Final = re.compile(r"https?://[a-z0-9.-]{1,100}(?::[0-9]{1,5})?(?=[/?#]|\Z)")
"""Which site an address is of, where nothing in it could be read otherwise: what follows does not matter then."""
_PLAIN: Final = re.compile(
    r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[1-9][0-9]{0,4})?(?:/[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)+"
    r"(?:\?([a-z]+)=[a-z0-9]+)?\Z",
    re.ASCII,
)
"""Addresses in which nothing can be written otherwise, with one parameter at most: pages of listings."""
_REMEMBERED: Final = 200
"""Characters up to which links are remembered: an entry's is asked for several times, those of menus on every page."""
_PHP_PAGE: Final = re.compile(r"\.(?:php|html?)\Z", re.IGNORECASE)
_HOST: Final = re.compile(r"[!-$&-~]+\Z")
_NO_PAGE: Final = re.compile(r"(?:#.*|https?:/*)?\Z", re.IGNORECASE | re.DOTALL)
"""Links to a place of the page itself, and what an editor leaves of a link field (``http://``)."""
_POSITION: Final = re.compile(r"[0-9]{1,9}\Z")
_QUERY: Final = re.compile(r"[?#].*\Z", re.DOTALL)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Which page of which listing an address names."""

    listing: str
    position: int
    """Place of the page's first entry in its listing; 0 for the first page."""


def canonical(href: str | None, base: str | None) -> str | None:
    """Return the address behind a link, absolute and canonical, or None where it names no page.

    :param href: the link as it stands in the page.
    :param base: address of the page (or its ``<base>``). Without one, only a link to a
        detail page of the PHP site can be completed, for its form is the site's own.

    >>> canonical("news-article-1457.html#top", "https://www.perusupportgroup.org.uk:443/news.php")
    'http://perusupportgroup.org.uk/news-article-1457.html'
    >>> canonical("javascript:history.back()", "http://perusupportgroup.org.uk/") is None
    True
    """
    if href is None or len(href) > _REMEMBERED:
        return _canonical(href, base)
    if base is not None and len(base) <= _REMEMBERED and _SEGMENT.match(href):
        # As nearly all links of a listing: of these only the folder has to be worked out, once for all (100 µs each).
        # A relative path is completed by the base's own path alone (RFC 3986, 5.2.2): pages differ in their query.
        folder = _folder(_QUERY.sub("", base), php=_PHP_PAGE.search(href) is not None)
        return None if folder is None else folder + href
    return _recall_canonical(href, base)


def _canonical(href: str | None, base: str | None) -> str | None:
    href = (href or "").strip()
    if base is None and href.isascii() and href.isprintable() and not _completable(href):
        return None  # told here ten times faster: most links of a page are of menus and pagers
    absolute = _absolute(href, base)
    if absolute is None:
        return None
    here = site.current()
    try:
        # Not ``unique``: a parameter that stands twice (``tag[]=1&tag[]=2``) is two values of it.
        plain = _PLAIN.match(absolute)
        if plain is None or plain[1] in here.session_parameters:
            # A tenth of a millisecond, which pagers would take on each page.
            absolute = url_query_cleaner(absolute, list(here.session_parameters), remove=True, unique=False)
            absolute = canonicalize_url(absolute)
        parts = urlsplit(absolute)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return None
    if not _HOST.match(host):
        return None
    if port in {None, 80, 443} and host.removeprefix("www.") == here.host:
        scheme = here.php_scheme if _PHP_PAGE.search(parts.path) else here.scheme
        parts = parts._replace(scheme=scheme, netloc=here.host)
    elif port == _DEFAULT_PORTS.get(parts.scheme):
        parts = parts._replace(netloc=parts.netloc.rpartition(":")[0])
    return parts.geturl()


_recall_canonical = site.cached(4096)(_canonical)


def _completable(href: str) -> bool:
    """Tell whether a link can be an address without a base: it has a scheme, or the form of a detail page."""
    return ":" in href or site.current().detail_hint in href.lower()


@site.cached(512)
def _folder(base: str, *, php: bool) -> str | None:
    """Return what stands in the canonical address of a page beside ``base`` before its own name.

    :param php: whether it is a page of the PHP site, by its name
    """
    name = "a.php" if php else "a"
    address = _canonical(name, base)
    return None if address is None else address.removesuffix(name)


def names_page(href: str | None) -> bool:
    """Tell whether a link, as it stands in a page of whatever address, names a page at all.

    >>> names_page("news-article-1457.html"), names_page("mailto:me"), names_page("#top")
    (True, False, False)
    """
    return href is not None and (_PATH.match(href) is not None or canonical(href, "http://page.invalid/") is not None)


def _absolute(href: str, base: str | None) -> str | None:
    try:
        if base is None:
            here = site.current()
            parts = urlsplit(urljoin("http:///", href))
            detail = _detail(parts.path, parts.query)
            base = f"{here.php_scheme}://{here.host}/" if detail else None
        absolute = urljoin(base or "", href)
        scheme = urlsplit(absolute).scheme
    except ValueError:
        return None
    return absolute if scheme in _DEFAULT_PORTS and not _NO_PAGE.match(href) else None


def joined(base: str, href: str) -> str:
    """Return a link completed by the address of its page; as it stands, where it is none that can be (``http://[``).

    >>> joined("http://perusupportgroup.org.uk/news.php", "?position=20"), joined("http://a/", "http://[/")
    ('http://perusupportgroup.org.uk/news.php?position=20', 'http://[/')
    """
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def same_site(url: str, page: str | None) -> bool:
    """Tell whether ``url`` is of the profile's site or of the site that ``page`` is of."""
    host = _host_of(url)
    if host is None:
        return False
    return host == (site.current().host, None) or (page is not None and host == _host_of(page))


def _host_of(url: str) -> tuple[str, int | None] | None:
    """Return the site that an address is of; None for one that cannot be read."""
    begins = _BEGINS.match(url)
    if begins is not None:
        return _recall_site_host(begins[0])
    return _site_host(url) if len(url) > _REMEMBERED else _recall_site_host(url)


def _site_host(url: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = None if parts.port in {80, 443} else parts.port
    except ValueError:
        return None
    return (parts.hostname or "").removesuffix(".").removeprefix("www."), port


# Asked for with each entry: nearly all are of one site.
_recall_site_host = site.cached(1024)(_site_host)


def link_identity(url: str | None, page: str | None) -> str | None:
    """Return the identity that a link gives: the name of a detail page of the site, else None.

    >>> link_identity("http://perusupportgroup.org.uk/article-1133.html", None)
    'article-1133'
    >>> link_identity("http://example.org/article-1133.html", None) is None
    True
    """
    if url is None:
        return None
    long = len(url) > _REMEMBERED or (page is not None and len(page) > _REMEMBERED)
    return _link_identity(url, page) if long else _recall_link_identity(url, page)


def _link_identity(url: str, page: str | None) -> str | None:
    if not same_site(url, page):
        return None
    match = _detail(*_path_and_query(url))
    identity = match["id"].lower() if match else ""
    if not _IDENTITY.match(identity):
        return None
    return f"{_NUMBER}{identity}" if identity.isdecimal() or identity.startswith(_TAKEN) else identity


# Of each entry it is asked three times: by the layout, for its id, and for its list.
_recall_link_identity = site.cached(1024)(_link_identity)


def _path_and_query(url: str) -> tuple[str, str]:
    begins = _BEGINS.match(url)
    if begins is not None and _PLAIN_PATH.match(url, begins.end()):
        return url[begins.end() :], ""  # as of nearly every entry: the same in a fifth of the time
    parts = urlsplit(url)
    return parts.path, parts.query


def _detail(path: str, query: str) -> re.Match[str] | None:
    here = site.current()
    return here.whole_identity.search(f"{path}?{query}" if here.identified_by_query else path)


def hash_identity(title: str, date: str | None) -> str:
    """Return the identity of an entry without a detail page: a hash of its title and its date.

    :param date: ``date_edtf``, or the dateline where that is unknown, or None.
    """
    return "x-" + sha256(f"{title.casefold()}\n{date or ''}".encode()).hexdigest()[:16]


def listing_page(url: str | None, page: str | None = None) -> ListingPage | None:
    """Return which listing page ``url`` is, of listings that no WordPress made; None for every other address.

    :param page: an address of the site that is being read, where it is not the profile's
        own (a mirror, a test server).

    >>> listing_page("http://www.perusupportgroup.org.uk/articles.php?position=700")
    ListingPage(listing='articles', position=700)
    >>> listing_page("http://perusupportgroup.org.uk/?position=310")
    ListingPage(listing='home', position=0)
    """
    if url is None:
        return None
    long = len(url) > _REMEMBERED or (page is not None and len(page) > _REMEMBERED)
    return _listing_page(url, page) if long else _recall_listing_page(url, page)


def _listing_page(url: str, page: str | None) -> ListingPage | None:
    if not same_site(url, page):
        return None
    parts = urlsplit(url)
    listing = site.current().listing_at(parts.path, parts.query)
    if listing is None:
        return None
    if listing.parameter is None:
        return ListingPage(listing.name, 0)
    value = parse_qs(parts.query).get(listing.parameter, [""])[-1]
    if not value:
        return ListingPage(listing.name, 0)
    position = listing.position(int(value)) if _POSITION.match(value) else None
    return None if position is None else ListingPage(listing.name, position)


# Of the page that is read it is asked with each of its entries.
_recall_listing_page = site.cached(1024)(_listing_page)


def is_detail_link(href: str | None) -> bool:
    """Tell whether a link, as it stands in a page, has the form of one to a detail page of the site."""
    if href is None or len(href) > _REMEMBERED:
        return _is_detail_link(href)
    return _recall_is_detail_link(href)


def _is_detail_link(href: str | None) -> bool:
    return link_identity(canonical(href, None), None) is not None


# Those of menus are asked for on every page.
_recall_is_detail_link = site.cached(1024)(_is_detail_link)


def is_detail_page(url: str | None) -> bool:
    """Tell whether ``url`` is a detail page: it shows one entry in full and is no listing."""
    return link_identity(url, url) is not None
