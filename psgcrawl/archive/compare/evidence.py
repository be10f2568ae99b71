"""What the pages of a snapshot show, and what they say about an entry that the snapshot lacks.

A claim is made by the side that lacks the entry, from its ``pages.jsonl`` alone. The
rules, with their boundary cases, are those of ``docs/comparing.md``.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct, field

from psgcrawl import site
from psgcrawl.archive import jsonl
from psgcrawl.archive.coverage import TRUNCATED, is_beside, is_cut
from psgcrawl.archive.redact.row import is_redacted_row
from psgcrawl.errors import DamagedData
from psgcrawl.records import WHOLE_LISTS, Captured, Coverage, Entry, ListView, PageRow, Provenance

UNORDERED: Final = frozenset({"wordpress-rest", "wordpress-theme"})
"""Layouts whose pages show what no range of dates bounds: ordered by number or by change, or with sticky posts."""

_ORDERED_BY_QUESTION: Final = "wordpress-rest"
"""The layout whose pages come in the order in which they were asked for."""

WITH_ALL: Final = frozenset({"wordpress-rest", "wordpress-feed"})
"""Layouts of interfaces that leave out no post for its age, whatever the front page shows."""

WAYS: Final = frozenset({"wordpress-rest", "wordpress-feed", "wordpress-theme"})
"""Layouts of the ways to one and the same posts. Each words summaries as it likes: in full, cut, as they were typed."""

_WORDED: Final = "summary"

_END_SEEN: Final = frozenset({"short-page", "total", "repeat"})
"""Ends of coverage that mean the last page of the listing; the others are ends of the crawl."""


def shown_by(layout: str | None, fields: Iterable[str]) -> frozenset[str]:
    """Return what a layout can show, so that two have in common what both show in the same way.

    >>> sorted(shown_by("wordpress-feed", ["summary", "title"]))
    ['summary: wordpress-feed', 'title']
    """
    # A thousand pages of a listing are read by one layout and show the same fields.
    return _shown_by(layout, tuple(fields))


@lru_cache(256)
def _shown_by(layout: str | None, fields: tuple[str, ...]) -> frozenset[str]:
    own = layout in WAYS
    return frozenset(f"{name}: {layout}" if own and name == _WORDED else name for name in fields)


def field_of(shown: str) -> str:
    """Return the name of a field, as entries have it, for one of :func:`shown_by`."""
    return shown.partition(":")[0]


def in_common(one: Iterable[str], other: Iterable[str]) -> frozenset[str]:
    """Return the fields that both show in the same way, of two results of :func:`shown_by`."""
    return frozenset(map(field_of, frozenset(one).intersection(other)))


class Place(Struct, frozen=True):
    """Where the pages of a snapshot show an entry."""

    lists: frozenset[tuple[str, int | None]]
    """The lists in which it stands, each with the position of the page."""
    fields: frozenset[str]
    """What the sources and layouts of these pages can show, as :func:`shown_by` names it."""


class _View(msgspec.Struct, frozen=True):
    name: str
    whole: bool
    newest: str | None
    oldest: str | None


class _Row(msgspec.Struct, frozen=True):
    """What claims need of a page: without its entries, a row is read many times faster."""

    url: str | None
    captured_basis: str
    layout: str | None
    fields: list[str]
    position: int | None
    lists: list[_View]
    problems: list[str]
    carried_from: str | None


class _Ids(msgspec.Struct, frozen=True):
    name: str
    entries: list[str]


class _Shown(msgspec.Struct, frozen=True):
    layout: str | None
    fields: list[str]
    position: int | None
    lists: list[_Ids]
    problems: list[str]


class ReadView(_View, frozen=True):
    """What a page showed of one list, with its entries."""

    entries: list[str]
    """Ids in page order."""


class ReadRow(msgspec.Struct, frozen=True):
    """What histories and their index keep of a page.

    A :class:`~psgcrawl.records.PageRow` takes twice as long: every digit of its digests and days is looked at.
    """

    url: str | None
    captured: Captured
    captured_basis: str
    status: int | None
    media_type: str
    encoding: str
    sha256: str
    payload_digest: str
    layout: str | None
    fields: list[str]
    position: int | None
    lists: list[ReadView]
    problems: list[str]
    carried_from: str | None


R = TypeVar("R", _Row, _Shown, ReadRow, PageRow)

FIRST_DAY: Final = ""
LAST_DAY: Final = "~"
"""Sort before and behind every day."""


class Run(Struct):
    """Pages of a list whose positions follow on one another, and the dates between which they show everything."""

    last: int | None
    newest: str | None = None
    oldest: str | None = None
    ordered: bool = True
    """Whether what lies between the two dates would have been shown."""
    top: bool = False
    """Whether it begins at the top of the list, by the word of the crawl that asked for it: nothing stood above."""

    def add(self, part: "_Part") -> None:
        """Take the next page of the run."""
        self.last = part.position
        if part.newest and part.newest > (self.newest or FIRST_DAY):
            self.newest = part.newest
        if part.oldest and part.oldest < (self.oldest or LAST_DAY):
            self.oldest = part.oldest

    def encloses(self, entry: Entry, today: str) -> bool:
        """Tell whether all days that the entry may have lie strictly between the run's ends.

        At the top of the list there is no upper end but ``today``, for what is dated in the
        future is misprinted, or announced: where that stands nobody knows.
        """
        if not self.ordered or None in {self.newest, self.oldest, entry.date_earliest, entry.date_latest}:
            return False
        below = str(entry.date_latest) < str(self.newest) or (self.top and str(entry.date_latest) <= today)
        return below and str(entry.date_earliest) > str(self.oldest)


class Claims(Struct):
    """All of a snapshot's pages that claims of absence need; as JSON it can be kept elsewhere."""

    whole: set[str] = field(default_factory=set)
    """Lists of which some page shows everything."""
    positions: set[int] = field(default_factory=set)
    """Positions of the pages that were read."""
    runs: dict[str, list[Run]] = field(default_factory=dict)
    """By list: pages that follow on one another."""
    unproven: bool = False
    """Whether some page claims nothing: it was carried over, no layout recognised it, or it was not read whole."""
    all_posts: bool = False
    """Whether its pages leave out no post for its age."""
    fields: set[frozenset[str]] = field(default_factory=set)
    """What its pages can show (:func:`shown_by`), each combination once."""
    oldest: str = LAST_DAY
    newest: str = FIRST_DAY
    """The ends of what is shown of lists seen in part: beyond them nothing dated can be claimed. Where a list is
    proven whole, they are before and behind every day; where its top was seen, the newest is."""

    @classmethod
    def of(cls, rows: Iterable[_Row] | Iterable[ReadRow] | Iterable[PageRow], coverage: Coverage) -> "Claims":
        """Return what the pages ``rows`` claim, in one pass over them."""
        claims = cls()
        shown: defaultdict[str, list[_Part]] = defaultdict(list)
        withheld = False
        single = site.current().is_single(coverage.listing)
        for row in rows:
            if is_beside(row):
                continue
            # Of most pages nothing is to be said, and claims are asked of every page of every snapshot.
            withheld |= bool(row.problems) and is_redacted_row(row.problems)
            claims.fields.add(shown_by(row.layout, row.fields))
            claims._reach(row.lists)
            if row.layout is None or row.carried_from is not None or (row.problems and is_cut(row)):
                claims.unproven = True
                # What it shows last may be cut off: not all of its entries have the same fields.
                claims.fields.add(frozenset())
                continue
            for name, part in claims._parts(row, single=single):
                shown[name].append(part)
        if withheld:
            # Anything could have stood there, whatever its date or list: nothing is absent for certain.
            return cls(fields=claims.fields, unproven=True)
        step = site.current().step(coverage.listing)
        claims.runs = {name: list(_runs(views, step)) for name, views in shown.items()}
        if any(run.top and run.ordered for runs in claims.runs.values() for run in runs):
            claims.newest = LAST_DAY
        if coverage.complete:
            claims.oldest, claims.newest = FIRST_DAY, LAST_DAY
        return claims

    def _parts(self, row: _Row | ReadRow | PageRow, *, single: bool) -> Iterator[tuple[str, "_Part"]]:
        """Take what a page that was read whole shows; yield its parts of lists."""
        if row.position is not None:
            self.positions.add(row.position)
        parts = [view for view in row.lists if not view.whole]
        if len(parts) < len(row.lists):
            self.whole.update([view.name for view in row.lists if view.whole])
        # A page that shows excerpts of several lists, such as the home page, is a page of none of them.
        alone = single or row.position is None or len(parts) > 1
        self.all_posts |= row.layout in WITH_ALL
        newest_first = _asks_for_newest(row.layout, row.url)
        first = newest_first or (row.position == 0 and not alone)
        top = first and row.captured_basis == "crawl"
        # Otherwise it does not show all entries between two of its dates.
        ordered = newest_first or row.layout not in UNORDERED
        for view in parts:
            yield view.name, _Part(row.position, alone, ordered, top, view.newest, view.oldest)

    def _reach(self, views: Iterable[_View | ListView]) -> None:
        for view in views:
            if _is_whole(view.name):
                continue
            if view.whole:
                self.oldest, self.newest = FIRST_DAY, LAST_DAY
            # No `min` and `max`: they take three times as long, and this is asked of every page of every snapshot.
            if view.oldest and view.oldest < self.oldest:
                self.oldest = view.oldest
            if view.newest and view.newest > self.newest:
                self.newest = view.newest


class Evidence:
    """The pages of one snapshot. Memory grows with the number of pages, not of entries."""

    def __init__(self, pages: Path, coverage: Coverage, claims: Claims | None = None) -> None:
        """Read ``pages.jsonl``, unless what it claims is known.

        :raises DamagedData: ``file:line: problem``
        """
        self._path = pages
        self._coverage = coverage
        self._claims = Claims.of(rows_of(pages, _Row), coverage) if claims is None else claims

    @property
    def all_claims(self) -> Claims:
        """What the pages claim, to be kept; nobody changes it."""
        return self._claims

    @property
    def fields(self) -> frozenset[str] | None:
        """What every page can show (:func:`shown_by`), where it is the same for all; else None: it is the entry's."""
        return next(iter(self._claims.fields)) if len(self._claims.fields) == 1 else None

    def places(self, identities: Collection[str]) -> dict[str, Place]:
        """Return where the pages show the entries ``identities``.

        :raises DamagedData: when no page shows one of them
        """
        lists: defaultdict[str, set[tuple[str, int | None]]] = defaultdict(set)
        fields: defaultdict[str, set[str]] = defaultdict(set)
        wanted = set(identities)
        for row in rows_of(self._path, _Shown) if wanted else ():
            broken = broken_off(row)
            for view in row.lists:
                for identity in wanted.intersection(view.entries):
                    lists[identity].add((view.name, row.position))
                    fields[identity].update(shown_by(row.layout, row.fields) if identity not in broken else ())
        if missing := wanted - lists.keys():
            raise DamagedData(f"{self._path}: no page shows the entry {min(missing)!r}")
        return {identity: Place(frozenset(lists[identity]), frozenset(fields[identity])) for identity in wanted}

    def claims(self, entry: Entry, place: Place, facts: Provenance) -> bool:
        """Tell whether the snapshot, which lacks ``entry``, has seen where it would have stood.

        :param place: where the other snapshot shows it
        :param facts: what the other snapshot's manifest says
        """
        return any(self._claims_in(name, position, entry, facts) for name, position in place.lists)

    def aged_out(self, entry: Entry, place: Place) -> bool:
        """Tell whether ``entry``, which is gone, lies before everything that a list of recent entries still shows."""
        return any(
            name in site.RECENT_ONLY and self._complete(name) and self._is_before(entry, name)
            for name, _ in place.lists
        )

    def _is_before(self, entry: Entry, name: str) -> bool:
        if self._claims.all_posts:
            return False
        oldest = min((run.oldest for run in self._claims.runs.get(name, ()) if run.oldest), default=None)
        return oldest is not None and entry.date_latest is not None and entry.date_latest < oldest

    def _claims_in(self, name: str, position: int | None, entry: Entry, facts: Provenance) -> bool:
        claims = self._claims
        if name in claims.whole:
            return True
        if _is_whole(name):
            # The same page without the list at all: its last entry is gone.
            return facts.coverage.listing == self._coverage.listing and position in claims.positions
        if self._complete(name):
            return True
        if _is_undated(entry):
            return self._has_end(name)
        today = _last_day(facts.captured)
        return any(run.encloses(entry, today) for run in claims.runs.get(name, ()))

    def _complete(self, name: str) -> bool:
        return self._coverage.complete and not self._claims.unproven and self._is_own(name)

    def _has_end(self, name: str) -> bool:
        coverage = self._coverage
        if coverage.end not in _END_SEEN or not coverage.positions or not self._is_own(name):
            return False
        return any(run.last == coverage.positions[-1][1] for run in self._claims.runs.get(name, ()))

    def _is_own(self, name: str) -> bool:
        """Tell whether coverage speaks of the list: that of the listing's name, or all in parts where none is."""
        listing = self._coverage.listing
        is_list = listing in site.RECENT_ONLY or listing in site.current().paged
        return name == listing if is_list else not _is_whole(name)


class _Part(NamedTuple):
    """A page's part of a list, without its entries: a hundred thousand pages have a million of them."""

    position: int | None
    alone: bool
    ordered: bool
    top: bool
    newest: str | None
    oldest: str | None


def _runs(parts: list[_Part], step: int) -> Iterator[Run]:
    """Yield the runs of pages whose positions are at most one step apart; a page that stands alone is a run."""
    run: Run | None = None
    for part in sorted(parts, key=lambda part: (part.alone, part.position or 0)):
        position = part.position
        if run is None or part.alone or position is None or run.last is None or position - run.last > step:
            if run is not None:
                yield run
            run = Run(position)
        run.ordered &= part.ordered
        run.top |= part.top
        run.add(part)
    if run is not None:
        yield run


def broken_off(row: _Shown | ReadRow) -> frozenset[str]:
    """Return the entries of a page of which less may be seen than was printed: the last of each list, if it breaks off.

    Which list it was in that the page broke off is not known.
    """
    # Most pages have none, and this is asked of every page of every snapshot.
    if not row.problems or not any(problem.startswith(TRUNCATED) for problem in row.problems):
        return frozenset()
    return frozenset(view.entries[-1] for view in row.lists if view.entries)


def _asks_for_newest(layout: str | None, url: str | None) -> bool:
    """Tell whether a page is what the REST API answered to the question for the newest posts, the newest first."""
    if layout != _ORDERED_BY_QUESTION or url is None:
        return False
    asked = dict(parse_qsl(urlsplit(url).query))
    return (asked.get("orderby"), asked.get("order"), asked.get("page", "1")) == ("date", "desc", "1")


def _last_day(captured: Captured) -> str:
    """Return the last day that a page could print as today's, east of Greenwich; before every day where unknown."""
    if captured.until is None:
        return FIRST_DAY
    return (date.fromisoformat(captured.until[:10]) + timedelta(days=1)).isoformat()


def _is_whole(name: str) -> bool:
    return name in WHOLE_LISTS


def _is_undated(entry: Entry) -> bool:
    """Tell whether the entry stands among the undated ones at the end of its list.

    ``27 February`` without a year, or a day that no calendar has, stand where their date
    would be: anywhere.
    """
    return entry.date_edtf is None and "impossible-date" not in entry.flags


def rows_of(path: Path, kind: type[R]) -> Iterator[R]:
    """Yield what ``kind`` holds of each line of ``path``.

    :raises DamagedData: ``file:line: problem``
    """
    decoder = msgspec.json.Decoder(kind)
    for place, line in jsonl.whole_lines(path):
        try:
            yield decoder.decode(line)
        except (ValueError, RecursionError) as error:
            # Read as a whole it says what is wrong in the words of all other readers.
            jsonl.decode(line, PageRow, place)
            raise DamagedData(f"{place}: {error}") from error


def all_rows(path: Path) -> list[ReadRow]:
    """Return what histories need of all lines of ``path``, in half the time that it takes line by line.

    :raises DamagedData: ``file:line: problem``
    """
    try:
        data = path.read_bytes()
        if not data or data.endswith(b"\n"):
            found = _all_rows().decode_lines(data)
            if len(found) == data.count(b"\n"):
                return found
    except (FileNotFoundError, ValueError, RecursionError):
        # Line by line it says which one is wrong.
        pass
    return list(rows_of(path, ReadRow))


@cache
def _all_rows() -> msgspec.json.Decoder[ReadRow]:
    # Made when it is used: to look into the types takes 2 ms, and comparisons of two files need none.
    return msgspec.json.Decoder(ReadRow)
