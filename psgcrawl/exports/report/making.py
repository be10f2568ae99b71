"""The whole report: which pages there are, and in which order they are written.

Pages of entries pass by one by one; in memory are the histories, as ``psgcrawl history``
holds them, and while a collection's turn lasts its words for the search. The overview
comes last: a folder in which the first report was interrupted has none.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from psgcrawl import __version__, site
from psgcrawl.archive.compare.lines import key
from psgcrawl.archive.history.lives import STATES
from psgcrawl.exports import source
from psgcrawl.exports.chosen import Chosen, whole
from psgcrawl.exports.report import english, overview, places, searching, showing
from psgcrawl.exports.report.folder import Folder
from psgcrawl.exports.report.gathering import Gathered, gather, lately, same_entries
from psgcrawl.exports.source import Known, Note
from psgcrawl.records import KINDS

LIST_LENGTH: Final = 500
"""Entries on a page of a list."""
_LISTS: Final = {
    places.UNDATED: "no year printed",
    places.STANDING: "standing blocks",
    places.WITHHELD: "withheld on request",
}
_ASSETS: Final = ("report.css", "search.js")
_LATELY: Final = 3
"""Observations of which the overview itself tells what changed."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a report."""

    path: Path
    entries: int
    files: int
    written: int
    removed: int


def make(chosen: Sequence[Chosen], path: Path, note: Note, tick: Callable[[Folder], object] = bool) -> Made:
    """Write the report of the collections ``chosen`` to the folder ``path``, or bring the one there up to date.

    :param note: is told what a person should know
    :param tick: is given the folder once, to tell how far it is
    :raises UsageError: for snapshots that were named, that have no history in common, and for a folder in the archive
    :raises NameTaken: for a folder that is there and holds no report
    :raises DamagedData: when what is read is not as it was written; what was there of the report stays
    """
    whole(chosen, "a report")
    pasts = [source.past(one, note) for one in chosen]
    same = same_entries(pasts, source.table(chosen[0].archive))
    collections = [gather(past, same) for past in pasts]
    folder = Folder(path, chosen[0].archive.folder)
    tick(folder)
    for name in _ASSETS:
        folder.put(f"{places.ASSETS}/{name}", _static(name))
    for one in collections:
        for name, data in _of(one):
            folder.put(name, data)
    for name, data in _top(collections):
        folder.put(name, data)
    folder.clear()
    return Made(path, sum(len(past.entries) for past in pasts), folder.told, folder.written, folder.removed)


def _of(gathered: Gathered) -> Iterator[tuple[str, bytes]]:
    """Yield the pages and data of a collection."""
    for known in gathered.entries:
        page = showing.shown(gathered, known)
        yield (
            page.path,
            _page("entry.html", page.path, page=page, collection=gathered.name, year=_year(gathered, known)),
        )
    yield from _lists(gathered)
    path = places.collection(gathered.name)
    yield (
        path,
        _page(
            "collection.html",
            path,
            figures=overview.figures(gathered),
            pictures=overview.pictures([gathered])[0],
            rows=showing.observation_rows(gathered),
            lists=_years(gathered),
        ),
    )
    yield from searching.files(gathered)


def _lists(gathered: Gathered) -> Iterator[tuple[str, bytes]]:
    """Yield the lists of entries, by year."""
    by_year: defaultdict[str, list[Known]] = defaultdict(list)
    for known in gathered.entries:
        by_year[gathered.year(known)].append(known)
    for year, entries in by_year.items():
        entries.sort(key=lambda known: (key(known.life.entry), known.key))
        parts = -(-len(entries) // LIST_LENGTH)
        for part in range(1, parts + 1):
            path = places.listing(gathered.name, year, part)
            items = entries[(part - 1) * LIST_LENGTH : part * LIST_LENGTH]
            yield (
                path,
                _page(
                    "list.html",
                    path,
                    collection=gathered.name,
                    year=_list_name(year),
                    count=len(entries),
                    part=part,
                    places_of_parts=[places.listing(gathered.name, year, number) for number in range(1, parts + 1)],
                    items=[_item(gathered, known) for known in items],
                ),
            )


def _item(gathered: Gathered, known: Known) -> dict[str, Any]:
    entry = known.life.entry
    return {
        "path": places.entry(known),
        "title": showing.title(entry),
        "date": gathered.date(known, entry),
        "kind": "" if entry.kind == "entry" else english.KINDS[entry.kind],
        "state": known.life.state,
        "revised": bool(known.life.revisions),
    }


def _years(gathered: Gathered) -> list[tuple[str, int, str]]:
    """Return name, length and place of each list of a collection."""
    counted: defaultdict[str, int] = defaultdict(int)
    for known in gathered.entries:
        counted[gathered.year(known)] += 1
    return [(_list_name(year), counted[year], places.listing(gathered.name, year)) for year in sorted(counted)]


def _year(gathered: Gathered, known: Known) -> tuple[str, str]:
    which = gathered.year(known)
    return _list_name(which), places.listing(gathered.name, which)


def _list_name(year: str) -> str:
    return _LISTS.get(year, year)


def _top(collections: Sequence[Gathered]) -> Iterator[tuple[str, bytes]]:
    """Yield the pages over all collections, the overview last."""
    groups = showing.told_lately(lately(collections))
    entries = [known.life.entry for one in collections for known in one.entries]
    flags = [(flag, says, sum(flag in entry.flags for entry in entries)) for flag, says in english.FLAGS.items()]
    yield places.ABOUT, _page("about.html", places.ABOUT, flags=flags)
    yield places.CHANGES, _page("changes.html", places.CHANGES, groups=groups)
    days = (day for one in entries for day in (one.date_earliest, one.date_latest) if day)
    years = sorted({int(day[:4]) for day in days}, reverse=True)
    yield (
        places.SEARCH,
        _page(
            "search.html",
            places.SEARCH,
            collections=[(one.name, one.name) for one in collections],
            kinds=[(kind, english.KINDS[kind]) for kind in KINDS],
            series=[(one, one) for one in sorted({entry.series for entry in entries if entry.series})],
            years=[*((str(year), str(year)) for year in years), ("none", "No year printed")],
            choices=[(state, english.STATES[state]) for state in STATES],
            flags=[(flag, flag) for flag in english.FLAGS],
        ),
    )
    yield (
        places.OVERVIEW,
        _page(
            "overview.html",
            places.OVERVIEW,
            figures=[overview.figures(one) for one in collections],
            pictures=overview.pictures(collections),
            groups=groups[:_LATELY],
            flags=[(flag, says, number) for flag, says, number in sorted(flags, key=itemgetter(0)) if number],
            words=overview.WORDS,
            version=__version__,
        ),
    )


# --- templates --------------------------------------------------------------------------


@cache
def _environment() -> Environment:
    """Return what makes the templates: they escape everything, and a name that is not given is an error."""
    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=showing.harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"places": places, "states": english.STATES}
    made.filters |= {"number": english.number, "count": english.count}
    return made


def _page(template: str, path: str, **given: Any) -> bytes:  # noqa: ANN401 - what the templates ask for
    made = _environment().get_template(template).render(root=places.root(path), path=path, site=site.current(), **given)
    return made.encode("utf-8")


def _static(name: str) -> bytes:
    return (files(__package__) / "static" / name).read_bytes()
