"""The whole report: which pages there are, and in which order they are written.

All entries pass by twice, one by one: before the first page is written, to be counted, and
to be written. What comes in another order, lists and the index of the search, is sorted in
temporary files. The overview comes last: a folder in which the first report was interrupted
has none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from psgcrawl import __version__, site
from psgcrawl.archive.history.lives import STATES
from psgcrawl.exports import source
from psgcrawl.exports.chosen import Chosen, whole
from psgcrawl.exports.report import english, marks, overview, places, searching, showing
from psgcrawl.exports.report.entrypage import EntryPages
from psgcrawl.exports.report.folder import Data, Folder
from psgcrawl.exports.report.gathering import Gathered, gather
from psgcrawl.exports.report.latest import Lately, Latest
from psgcrawl.exports.report.listing import Lists, list_name
from psgcrawl.exports.report.twins import Twins
from psgcrawl.exports.source import Note
from psgcrawl.records import KINDS

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
    twins = Twins(source.table(chosen[0].archive))
    collections = [gather(past, twins) for past in pasts]
    latest = Latest(collections)
    with Folder(path, chosen[0].archive.folder) as folder:
        tick(folder)
        for name in _ASSETS:
            folder.put(f"{places.ASSETS}/{name}", _static(name))
        for one in collections:
            for file, data in _of(one, latest):
                folder.put(file, data)
        for name, data in _top(collections, latest.told()):
            folder.put(name, data)
        folder.clear()
    return Made(path, sum(one.counted.entries for one in collections), folder.told, folder.written, folder.removed)


def _of(gathered: Gathered, latest: Latest) -> Iterator[tuple[str, Data]]:
    """Yield the pages and data of a collection."""
    lists = Lists(gathered)
    entries = EntryPages(_frame, gathered.name)
    with searching.Index(gathered) as index:
        for known, proofs in zip(gathered.past.entries, gathered.proofs.each(), strict=False):
            shown, which = showing.shown(gathered, known, proofs), gathered.year(known)
            page = entries.page(shown, list_name(which), places.listing(gathered.name, which))
            yield shown.path, page.encode()
            yield from index.add(known)
            lists.add(known)
            latest.add(gathered, known)
        yield from index.files()
    for path, given in lists.pages():
        yield path, _page("list.html", path, **given)
    path = places.collection(gathered.name)
    yield (
        path,
        _page(
            "collection.html",
            path,
            figures=overview.figures(gathered),
            pictures=overview.pictures([gathered])[0],
            rows=showing.observation_rows(gathered),
            lists=lists.years(),
        ),
    )


def _frame(title: Markup, main: Markup) -> str:
    """Return a page of an entry with this title and content."""
    return _page("entry.html", f"{places.ENTRIES}/NAME/XX/ID.html", title=title, main=main).decode()


def _top(collections: Sequence[Gathered], lately: Sequence[Lately]) -> Iterator[tuple[str, bytes]]:
    """Yield the pages over all collections, the overview last."""
    groups = showing.told_lately(lately)
    counted = [one.counted for one in collections]
    flags = [(flag, says, sum(one.flags[flag] for one in counted)) for flag, says in english.FLAGS.items()]
    yield places.ABOUT, _page("about.html", places.ABOUT, flags=flags)
    yield places.CHANGES, _page("changes.html", places.CHANGES, groups=groups)
    years = sorted({year for one in counted for year in one.years}, reverse=True)
    yield (
        places.SEARCH,
        _page(
            "search.html",
            places.SEARCH,
            collections=[(one.name, one.name) for one in collections],
            kinds=[(kind, english.KINDS[kind]) for kind in KINDS],
            series=[(one, one) for one in sorted({series for one in counted for series in one.series})],
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
        # They do not change while they are used.
        auto_reload=False,
        undefined=StrictUndefined,
        finalize=showing.harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"places": places, "states": english.STATES}
    made.globals |= {"badge": _marked(marks.badge), "observation": _marked(marks.observation)}
    made.filters |= {"number": english.number, "count": english.count}
    return made


def _marked(made: Callable[..., str]) -> Callable[..., Markup]:
    """Return what gives templates HTML that is made elsewhere: they do not escape it again."""
    return lambda *given: Markup(made(*given))  # noqa: S704 - it has escaped all that it was given


def _page(template: str, path: str, **given: Any) -> bytes:  # noqa: ANN401 - what the templates ask for
    made = _environment().get_template(template).render(root=places.root(path), path=path, site=site.current(), **given)
    return made.encode("utf-8")


def _static(name: str) -> bytes:
    return (files(__package__) / "static" / name).read_bytes()
