"""The history of a collection, from its snapshots and the log, with the index of the archive or without it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.history.chains import Chain, follow
from psgcrawl.archive.history.lives import Life, canonical, tell
from psgcrawl.archive.history.observations import Note, Observation, observe, sides, under_one_rule
from psgcrawl.archive.history.observed import observed
from psgcrawl.archive.history.reading import Shown
from psgcrawl.archive.index import answers
from psgcrawl.archive.index.answers import Answer
from psgcrawl.archive.index.keep import Found, Spool, keep
from psgcrawl.archive.index.recall import Recalled, recalled
from psgcrawl.archive.index.standing import log_of, standing
from psgcrawl.archive.store import Archive, Collection

Again = Callable[[Side], Side]
"""Derives a snapshot again by the rules of today."""


class Lives(NamedTuple):
    """What became of the entries of a collection."""

    observations: list[Observation]
    lives: list[Life]
    """In canonical order of the entries' last readings."""


class Told(NamedTuple):
    """A collection's history."""

    observations: list[Observation]
    lives: list[Life]
    """In canonical order of the entries' last readings."""
    chains: list[tuple[Chain, Life]]
    """The same with the readings of each, in the order in which the entries were first seen."""


def history(archive: Archive, collection: Collection, note: Note, again: Again | None = None) -> Told:
    """Return what became of each entry of ``collection``.

    Snapshots that the index does not know, or that are not as it knew them, are read once.
    Where all that is new is later than what it knows, only that is followed; else all is
    followed again, from what it knows. In the end it is replaced, if anything is new and
    the archive can be written to.

    :param note: is told what in the log confirms nothing
    :param again: derives a snapshot again, where not all were derived by the same rules
    :raises UsageError: for snapshots that were derived by different rules, without ``again``
    :raises DamagedData: ``file:line: problem``
    """
    with recalled(archive.folder, collection.name) as known:
        observations, lives = _told(archive, collection, note, again, known)
        return Told(observations, canonical(lives), list(zip(known.chains, lives, strict=True)))


def all_lives(archive: Archive, collection: Collection, note: Note, again: Again | None = None) -> Lives:
    """Return the observations and lives of :func:`history`, for one who does not ask what every observation shows."""
    with recalled(archive.folder, collection.name) as known:
        observations, lives = _told(archive, collection, note, again, known)
        return Lives(observations, canonical(lives))


def one(archive: Archive, collection: Collection, identity: str, note: Note) -> Answer | None:
    """Return what became of the entries that ever had an id, if the index knows without reading anything else.

    :param note: is told what in the log confirms nothing
    """
    found = answers.answer(archive.folder, collection.name, identity)
    for message in found.notes if found else ():
        note(message)
    return found


def _told(
    archive: Archive, collection: Collection, note: Note, again: Again | None, known: Recalled
) -> tuple[list[Observation], list[Life]]:
    """Return the observations, and what became of each of ``known.chains``, which is brought up to date."""
    log = log_of(archive.folder)
    listed = sides(collection)
    for side in listed.values():
        known.recognise(side)
    snapshots = under_one_rule(listed, again)
    derived = [side for name, side in snapshots.items() if side is not listed[name]]
    for side in derived:
        known.disown(side)
    notes: list[str] = []

    def noted(message: str) -> None:
        notes.append(message)
        note(message)

    observations = observe(archive, collection, noted, snapshots, known.held)
    if known.are_all(observations) and known.standing is not None and known.standing.log_holds(archive.folder):
        return observations, known.lives
    with Spool() as spool:
        known.chains = _followed(observations, known, spool)
        lives = tell(observations, known.chains)
        marks = [(side.name, known.marks(side)) for side in snapshots.values()]
        # What was derived for this answer alone is none that a later one could rest on.
        stands = None if derived else standing(collection.name, marks, log, notes, observed(observations))
        keep(archive.folder, known, Found(observations, lives, stands), spool)
    return observations, lives


def _followed(observations: Sequence[Observation], known: Recalled, spool: Spool) -> list[Chain]:
    def read(one: Observation) -> Shown:
        if one.side.name in known.current:
            return known.shown(one.side)
        shown, rows = known.reader.read(one.side)
        spool.add(one.side.name, rows)
        return shown

    if known.continues(observations):
        return follow(observations, read, known.chains, len(known.observations))
    return follow(observations, read)
