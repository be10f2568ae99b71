"""What a profile can say of a site, and what is the same for all of them."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final, Literal
from urllib.parse import parse_qsl

from msgspec import Struct, field

POSTS: Final = "posts"
"""The listing of a WordPress, and the collection that it goes into, whatever the site."""

RECENT_ONLY: Final = frozenset({POSTS})
"""Lists that can keep only recent entries: a front page of WordPress holds those that it is told to."""

POST_IDENTITY: Final = "post-"
"""How the identity of a WordPress post begins; its number follows."""

EARLIEST: Final = "1991-08-06T00:00:00Z"
"""No page of the web is older: the lower bound of a capture about which nothing else is known."""

STEP: Final = 10
"""By which positions are counted where no listing says otherwise; those of posts are."""

Language = Literal["en", "es"]

NumericOrder = Literal["day-month-year", "month-day-year", "year-month-day"]
"""In which order a site prints dates in figures alone."""


class Listing(Struct, frozen=True, kw_only=True):
    """A listing of pages that no WordPress made: its name is that of its collection, and of its list."""

    name: str
    paths: tuple[str, ...]
    """Of its addresses, perhaps with a query that belongs to it; the first is the one to ask for."""
    parameter: str | None = None
    """The parameter of its further pages; without one it is one page, of which only what is newest is known."""
    step: int = STEP
    """Entries on a full page."""
    first_page: int | None = None
    """The number of the first page where the parameter counts pages; None where it counts entries, from 0."""
    headings: frozenset[str] = frozenset()
    """Headings above it on pages that show several lists; case and punctuation do not matter."""
    identities: tuple[str, ...] = ()
    """How the identities of its entries begin, where they tell it from the other listings."""
    series: frozenset[str] = frozenset()
    """Series that are printed in it alone."""
    numbered: bool = False
    """Whether entries that print an issue without a series are its own, where nothing else tells."""
    excerpts: bool = False
    """Whether it is a page of excerpts of the other listings, and has no entries of its own."""

    @property
    def paged(self) -> bool:
        """Whether it has several pages."""
        return self.parameter is not None

    def target(self, position: int) -> str:
        """Return path and query of the page that begins with the entry at ``position``.

        Where pages are numbered, of the first one that begins there or behind.

        >>> Listing(name="actas", paths=("/actas.php?tipo=1",), parameter="pagina", first_page=1).target(20)
        '/actas.php?tipo=1&pagina=3'
        """
        if not position:
            return self.paths[0]
        value = position if self.first_page is None else self.first_page - (-position // self.step)
        return f"{self.paths[0]}{'&' if '?' in self.paths[0] else '?'}{self.parameter}={value}"

    def position(self, value: int) -> int | None:
        """Return the position that a value of the parameter means; None for that of no page."""
        if self.first_page is None:
            return value
        return (value - self.first_page) * self.step if value >= self.first_page else None


class Site(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A site's profile. Two are the same where they are one object, or have one ``sha256``."""

    name: str
    """As it stands above its pages."""
    called: str
    """The same inside a sentence: ``the Peru Support Group``."""
    host: str
    """``www.`` in front, either scheme and port 80 or 443 are the same site."""
    time_zone: str
    """In which its days are."""
    first_year: int
    """Nothing on it is dated before: that tells the century of a year of two digits."""
    rights: str
    """The notice that goes into every manifest."""
    language: Language = "en"
    """Of its WordPress: in which its own words are."""
    scheme: str = "https"
    php_scheme: str = "https"
    """The same for pages that are files (``*.php``, ``*.html``): a site can have changed in between."""
    listings: tuple[Listing, ...] = ()
    wordpress: str | None = None
    """The address of its WordPress; None where there is none."""
    wordpress_since: str | None = None
    """The first day on which a page that both have was the WordPress's and no listing's any more."""
    gone: str | None = None
    """What became of the listings' pages, where they cannot be asked for any more: ``which left the live web``."""
    detail: str = r"(?!)"
    """A pattern of the path of detail pages (with the query, where it has a ``\\?``); its group ``id`` is the identity
    of the entry. By default there are none."""
    detail_hint: str = ""
    """What stands in every link to a detail page, in lower case: most other links are told by it at once."""
    session_parameters: frozenset[str] = frozenset({"PHPSESSID", "sid", "phpsessid"})
    """Query parameters that tell visitors apart, never pages."""
    series: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The numbered series whose issues datelines name, each with its other spellings in use."""
    notice_headings: frozenset[str] = frozenset()
    """Headings above notices, likewise."""
    prefixes: tuple[str, ...] = ()
    """What datelines can begin with that is no part of a date, in lower case: ``publicado el``."""
    numeric: NumericOrder | None = None
    """The order of dates in figures alone; without one they are ambiguous, and no dates."""
    months: Mapping[str, int] = field(default_factory=dict)
    """Names of months, in lower case, besides the English and Spanish ones."""
    weekdays: frozenset[str] = frozenset()
    """Names of days, in lower case, besides the English and Spanish ones."""
    sha256: str | None = None
    """Of the file that declares it; None for the one that comes with the program."""

    @property
    def address(self) -> str:
        """The address of its home page."""
        return f"{self.scheme}://{self.host}/"

    @cached_property
    def paged(self) -> frozenset[str]:
        """Names of the listings that have several pages."""
        return frozenset(one.name for one in self.listings if one.paged)

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """Names of the lists of which a page shows a part, the newest entries first."""
        return (*(one.name for one in self.listings if not one.excerpts), POSTS)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all that can be crawled: the listings, and ``posts`` where there is a WordPress."""
        return (*(one.name for one in self.listings), *([POSTS] if self.wordpress else []))

    def listing(self, name: str) -> Listing | None:
        """Return the listing of that name."""
        return self._named.get(name)

    def is_single(self, name: str) -> bool:
        """Tell whether a listing is one page, which is never known to show all."""
        found = self._named.get(name)
        return found is not None and not found.paged

    def step(self, name: str) -> int:
        """Return by how many entries the positions of a listing's pages differ."""
        found = self._named.get(name)
        return found.step if found is not None else STEP

    def listing_at(self, path: str, query: str) -> Listing | None:
        """Return the listing that an address of the site is of: that with most parameters of its own among those."""
        found = self._at.get(path.lower() or "/")
        if not found:
            return None
        asked = parse_qsl(query, keep_blank_values=True) if any(own for own, _ in found) else []
        return next((one for own, one in found if own <= frozenset(asked)), None)

    @cached_property
    def whole_identity(self) -> re.Pattern[str]:
        """The pattern of detail pages, to the end of the address."""
        return re.compile(rf"(?:{self.detail})\Z", re.IGNORECASE)

    @cached_property
    def identified_by_query(self) -> bool:
        """Whether the pattern of detail pages is one of path and query."""
        return r"\?" in self.detail

    @cached_property
    def other_list(self) -> Mapping[bool, str]:
        """The list of an entry of which nothing tells it: of one with an issue (True), and of one without."""
        names = [one.name for one in self.listings if not one.excerpts] or [POSTS]
        numbered = [one.name for one in self.listings if one.numbered]
        return {False: names[0], True: (numbered or names)[0]}

    @cached_property
    def _named(self) -> Mapping[str, Listing]:
        return {one.name: one for one in self.listings}

    @cached_property
    def _at(self) -> Mapping[str, list[tuple[frozenset[tuple[str, str]], Listing]]]:
        found: dict[str, list[tuple[frozenset[tuple[str, str]], Listing]]] = {}
        for one in self.listings:
            for path in one.paths:
                bare, _, query = path.partition("?")
                found.setdefault(bare.lower(), []).append((frozenset(parse_qsl(query, keep_blank_values=True)), one))
        for candidates in found.values():
            candidates.sort(key=lambda candidate: len(candidate[0]), reverse=True)
        return found
