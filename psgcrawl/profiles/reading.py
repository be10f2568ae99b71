"""The file of a site's profile -> the profile."""

import re
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NoReturn, cast, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from psgcrawl import site, text
from psgcrawl.errors import UsageError
from psgcrawl.site import Language, Listing, NumericOrder, Site

_LISTING: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_TAKEN: Final = frozenset({site.POSTS, "notices", "boilerplate", "unknown", "all"})
"""Names that mean something already."""
_MONTH: Final = re.compile(r"[^\W\d_]{3,12}\Z")
"""As :mod:`psgcrawl.datelines` looks for the name of a month."""
_YEARS: Final = range(1900, 2000)
"""In which a two-digit year can begin to mean one of the next century."""


def read(path: Path) -> Site:
    """Return the profile that a file declares.

    :raises UsageError: ``file: key: value: problem``
    """
    try:
        body = path.read_bytes()
        table = _Table(str(path), tomllib.loads(body.decode("utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    return _site(table, sha256(body).hexdigest())


def _site(table: "_Table", digest: str) -> Site:
    name = table.text("name")
    called = table.text("called", name)
    scheme, host = _address(table)
    language = table.text("language", "en")
    if language not in get_args(Language):
        table.wrong("language", language, f"not one of {', '.join(get_args(Language))}")
    wordpress = table.optional("wordpress")
    if wordpress is not None and not wordpress.startswith("/"):
        table.wrong("wordpress", wordpress, "no path on the site: it begins with '/'")
    zone = table.text("time_zone")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        table.wrong("time_zone", zone, "no time zone (such as 'America/Lima')")
    first_year = table.number("first_year")
    if first_year not in _YEARS:
        table.wrong("first_year", first_year, f"not from {_YEARS[0]} to {_YEARS[-1]}")
    dates = table.table("dates")
    numeric = dates.optional("numeric")
    if numeric is not None and numeric not in get_args(NumericOrder):
        dates.wrong("numeric", numeric, f"not one of {', '.join(get_args(NumericOrder))}")
    series = table.table("series")
    spelt = {text.line(one): tuple(map(_lower, series.texts(one))) for one in series.names()}
    listings = table.table("listings")
    found = tuple(_listing(one, listings.table(one), spelt) for one in listings.names())
    if not found and wordpress is None:
        raise UsageError(
            f"{table.place}: neither a listing ([listings.NAME]) nor 'wordpress': there is nothing to crawl"
        )
    _check_paths(found, listings)
    made = Site(
        name=name,
        called=called,
        language=cast("Language", language),
        host=host,
        scheme=scheme,
        php_scheme=scheme,
        time_zone=zone,
        first_year=first_year,
        rights=table.text(
            "rights",
            f"The texts are {called}'s and their authors'. They are kept as evidence, under no licence of psgcrawl, "
            "which is independent of the site.",
        ),
        listings=found,
        wordpress=None if wordpress is None else f"{scheme}://{host}{wordpress.rstrip('/')}/",
        wordpress_since=_day(table, "wordpress_since"),
        gone=table.optional("gone"),
        detail=_detail(table),
        session_parameters=site.GROUP.session_parameters | frozenset(table.texts("session_parameters")),
        series=spelt,
        notice_headings=frozenset(table.texts("notice_headings")),
        prefixes=tuple(map(_lower, dates.texts("prefixes"))),
        numeric=cast("NumericOrder | None", numeric),
        months=_months(dates),
        weekdays=frozenset(map(_lower, dates.texts("weekdays"))),
        sha256=digest,
    )
    for one in (dates, listings, series, table):
        one.done()
    return made


def _address(table: "_Table") -> tuple[str, str]:
    address = table.text("address")
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        table.wrong("address", address, "not the address of a site (such as 'https://example.org/')")
    if port is not None:
        table.wrong("address", address, "with a port: give the site's own address, and crawl a copy with -a base=")
    return parts.scheme, parts.hostname.removeprefix("www.")


def _detail(table: "_Table") -> str:
    detail = table.optional("detail")
    if detail is None:
        return r"(?!)"
    try:
        groups = re.compile(detail).groupindex
    except re.error as error:
        table.wrong("detail", detail, f"no regular expression: {error}")
    if "id" not in groups:
        table.wrong("detail", detail, "without the group (?P<id>…), which is the identity")
    return detail


def _day(table: "_Table", key: str) -> str | None:
    day = table.optional(key)
    if day is not None and not re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", day):
        table.wrong(key, day, "no day (such as '2019-12-01')")
    return day


def _months(dates: "_Table") -> Mapping[str, int]:
    given = dates.texts("months")
    if given and len(given) != 12:
        dates.wrong("months", given, f"{len(given)} and not 12, from January on")
    months = {_lower(name): number for number, names in enumerate(given, 1) for name in names.split()}
    for name in months:
        if not _MONTH.match(name):
            dates.wrong("months", name, "no word of 3 to 12 letters")
    return months


def _listing(name: str, table: "_Table", series: Mapping[str, object]) -> Listing:
    if not _LISTING.fullmatch(name):
        raise UsageError(f"{table.place}: listings: {name!r}: lower-case letters, digits and '-' only")
    if name in _TAKEN:
        raise UsageError(f"{table.place}: listings: {name!r}: the name means something else already")
    paths = table.texts("path")
    if not paths:
        raise UsageError(f"{table.place}: listings.{name}: no 'path'")
    for path in paths:
        if not path.startswith("/") or "#" in path:
            table.wrong("path", path, "no path on the site: it begins with '/'")
    parameter = table.optional("parameter")
    step = table.number("step", site.GROUP.step(""))
    if not 1 <= step <= 1000:
        table.wrong("step", step, "not from 1 to 1000")
    first_page = table.number("first_page", -1)
    own = table.texts("series")
    for one in own:
        if text.line(one) not in series:
            table.wrong("series", one, "not in [series]")
    made = Listing(
        name=name,
        paths=tuple(paths),
        parameter=parameter,
        step=step,
        first_page=None if first_page < 0 else first_page,
        headings=frozenset(table.texts("headings")),
        identities=tuple(one.lower() for one in table.texts("identities")),
        series=frozenset(map(text.line, own)),
        numbered=table.flag("numbered"),
        excerpts=table.flag("excerpts"),
    )
    if made.excerpts and made.paged:
        table.wrong("excerpts", made.excerpts, "a listing with a 'parameter' has entries of its own")
    table.done()
    return made


def _check_paths(listings: tuple[Listing, ...], table: "_Table") -> None:
    seen: dict[str, str] = {}
    for one in listings:
        for path in one.paths:
            if path.lower() in seen:
                raise UsageError(f"{table.place}: path: {path!r}: of {seen[path.lower()]!r} and of {one.name!r}")
            seen[path.lower()] = one.name


def _lower(printed: str) -> str:
    return text.line(printed).lower()


class _Table:
    """A table of the file; each key is asked for by its type, and what was never asked for is unknown."""

    def __init__(self, place: str, members: Mapping[str, Any], key: str = "") -> None:
        self.place = place
        self._members = members
        self._key = key
        self._asked: set[str] = set()

    def wrong(self, key: str, value: object, problem: str) -> NoReturn:
        """Raise :class:`UsageError` for a value."""
        raise UsageError(f"{self.place}: {self._key}{key}: {value!r}: {problem}")

    def names(self) -> list[str]:
        """Return the keys of a table in which they are names."""
        return list(self._members)

    def optional(self, key: str) -> str | None:
        """Return a text; None where there is none."""
        value = self._of(key, str, None, "no text")
        if value is not None and not value.strip():
            self.wrong(key, value, "empty")
        return cast("str | None", value)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, which must be there if it has no default."""
        value = self.optional(key)
        if value is None and default is None:
            raise UsageError(f"{self.place}: no {self._key + key!r}")
        return value if value is not None else str(default)

    def number(self, key: str, default: int | None = None) -> int:
        """Return a number, which must be there if it has no default."""
        value = self._of(key, int, default, "no whole number")
        if value is None:
            raise UsageError(f"{self.place}: no {self._key + key!r}")
        return cast("int", value)

    def flag(self, key: str) -> bool:
        """Return true or false; false where it is not there."""
        return bool(self._of(key, bool, default=False, problem="neither true nor false"))

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, of one where it is not in brackets; an empty one where there is none."""
        value = self._of(key, list | str, [], "no list of texts")
        found = [value] if isinstance(value, str) else value
        for one in found:
            if not isinstance(one, str) or not one.strip():
                self.wrong(key, one, "no text")
        return list(found)

    def table(self, key: str) -> "_Table":
        """Return a table; an empty one where there is none."""
        value = self._of(key, dict, {}, "no table")
        return _Table(self.place, value, f"{self._key}{key}.")

    def done(self) -> None:
        """Raise :class:`UsageError` for a key that there is not."""
        for key in self._members:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.wrong(key, self._members[key], f"there is no such key (there are: {known})")

    def _of(self, key: str, kind: Any, default: Any, problem: str) -> Any:  # noqa: ANN401 - values of TOML
        self._asked.add(key)
        value = self._members.get(key, default)
        if value is not default and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            self.wrong(key, value, problem)
        return value
