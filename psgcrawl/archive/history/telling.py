"""The history of a collection, from its snapshots and the log, with the index of the archive or without it."""

from collections.abc import Callable
from typing import NamedTuple

from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.history.chains import Chain, follow
from psgcrawl.archive.history.lives import Life, canonical, tell
from psgcrawl.archive.history.observations import Note, Observation, observe, sides, under_one_rule
from psgcrawl.archive.history.reading import Shown
from psgcrawl.archive.index.keep import Spool, keep
from psgcrawl.archive.index.recall import recalled, seen
from psgcrawl.archive.store import Archive, Collection


class Told(NamedTuple):
    """A collection's history."""

    observations: list[Observation]
    lives: list[Life]
    """In canonical order of the entries' last readings."""
    chains: list[tuple[Chain, Life]]
    """The same with the readings of each, in the order in which the entries were first seen."""


def history(archive: Archive, collection: Collection, note: Note, again: Callable[[Side], Side] | None = None) -> Told:
    """Return what became of each entry of ``collection``.

    Snapshots that the index does not know, or that are not as it knew them, are read once.
    Where all that is new is later than what it knows, only that is followed; else all is
    followed again, from what it knows. In the end it is replaced, if anything is new and
    the archive can be written to.

    :param note: is told what in the log confirms nothing
    :param again: derives a snapshot again by the rules of today, where not all were derived by the same
    :raises UsageError: for snapshots that were derived by different rules, without ``again``
    :raises DamagedData: ``file:line: problem``
    """
    with recalled(archive.folder, collection.name) as known, Spool() as spool:
        snapshots = under_one_rule(sides(collection), again)
        for side in snapshots.values():
            known.recognise(side)
        observations = observe(archive, collection, note, snapshots, known.held)

        def read(one: Observation) -> Shown:
            if one.side.name in known.current:
                return known.shown(one.side)
            shown, rows = known.reader.read(one.side)
            spool.add(one.side.name, rows)
            return shown

        if known.continues(observations):
            chains = follow(observations, read, known.chains, len(known.observations))
        else:
            chains = follow(observations, read)
        lives = tell(observations, chains)
        told = list(zip(chains, lives, strict=True))
        if [seen(one) for one in observations] != known.observations or len(known.current) < len(snapshots):
            keep(archive.folder, known, observations, told, spool)
        return Told(observations, canonical(lives), told)
