"""``psgcrawl history --all``: what became of the entries that several collections list."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from psgcrawl.archive import aliases, jsonl
from psgcrawl.archive.aliases import Alias
from psgcrawl.archive.compare.matching import SAID
from psgcrawl.archive.history import telling
from psgcrawl.archive.history.linking import Everywhere, Links, link
from psgcrawl.archive.history.observed import observed
from psgcrawl.archive.history.telling import Lives
from psgcrawl.archive.index.keep import keep_aliases
from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing
from psgcrawl.cli.again import derived_again
from psgcrawl.cli.stories import story, times_of
from psgcrawl.visible import visible


class Counted(Struct, frozen=True, kw_only=True):
    """How much a collection holds, as ``psgcrawl history --all --json`` lists it."""

    collection: Annotated[str, Meta(description="The collection.")]
    observations: Annotated[int, Meta(description="Its observations.")]
    entries: Annotated[int, Meta(description="All entries that they ever showed.")]
    linked: Annotated[int, Meta(description="Those of them that another collection lists, too.")]


class Histories(Struct, frozen=True, kw_only=True):
    """What ``psgcrawl history --all --json`` prints."""

    collections: Annotated[list[Counted], Meta(description="All collections, by name.")]
    entries: Annotated[list[Everywhere], Meta(description="The entries that several collections list, newest first.")]
    forbidden: Annotated[list[Alias], Meta(description="What persons forbid to link, as the table of aliases has it.")]


def run(args: argparse.Namespace, archive: Archive) -> int:
    """Link the entries of all collections, keep the links, and print what became of the entries; 0.

    :raises UsageError: for snapshots that have no history in common
    :raises DamagedData: when what is read is not as it was written; then nothing is kept
    """
    # First of all: a line that a person got wrong is named at once.
    aliases.read(archive.folder)
    with ExitStack() as stack:
        again = partial(derived_again, stack)
        told = {one.name: Lives(telling.history(archive, one, printing.note, again)) for one in archive.collections()}
    links = _linked(archive, told)
    if args.jsonl:
        for entry in links.entries:
            sys.stdout.write(jsonl.text(entry) + "\n")
        return 0
    counted = [_counted(name, one, links) for name, one in told.items()]
    if args.json:
        _print_document(counted, links)
    else:
        times = {name: times_of(observed(one.told.observations)) for name, one in told.items()}
        printing.show(_text(counted, links, times))
    return 0


def _print_document(counted: list[Counted], links: Links) -> None:
    """Print what :class:`Histories` describes."""
    members = {"collections": counted, "entries": iter(links.entries), "forbidden": links.forbidden}
    for piece in printing.document_of(members):
        sys.stdout.write(piece)
    sys.stdout.write("\n")


def _linked(archive: Archive, told: Mapping[str, Lives]) -> Links:
    """Return the links, and keep those that are new."""
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    while True:
        table = aliases.read(archive.folder)
        notes: list[str] = []
        links = link(told, table.lines, when, notes.append)
        try:
            kept = aliases.extend(archive.folder, table, links.fresh)
        except OSError as error:
            notes.append(f"{archive.folder / aliases.ALIASES}: not written ({error.strerror}): new links are not kept")
            kept = True
        if kept:
            for note in notes:
                printing.note(note)
            keep_aliases(archive.folder, [*(line.alias for line in table.lines), *links.fresh])
            return links
        # Somebody wrote into the table meanwhile: what they say counts, too.


def _counted(name: str, told: Lives, links: Links) -> Counted:
    observations = len(told.told.observations)
    return Counted(collection=name, observations=observations, entries=len(told), linked=links.linked[name])


# --- for people -----------------------------------------------------------------------


def _text(counted: Sequence[Counted], links: Links, times: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for one in counted:
        entries, seen = printing.number(one.entries, "entry"), printing.number(one.observations, "observation")
        yield f"{one.collection}: {entries} in {seen}, {one.linked} in other collections, too"
    yield f"{printing.number(len(links.entries), 'entry')} in several collections"
    for entry in links.entries:
        yield ""
        yield from _life(entry, times)
    if links.forbidden:
        yield ""
        yield "not linked, because a person says so:"
        yield from (f"  {_names(alias)}{_said(alias)}" for alias in links.forbidden)


def _life(entry: Everywhere, times: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    newest = max(entry.lives, key=lambda one: one.life.entry.date_earliest or "").life.entry
    yield visible(f"{newest.dateline or '(no dateline)'} | {newest.title}")
    for alias in entry.links:
        yield f"  {_names(alias)}: {SAID[alias.rule] if alias.rule else 'one entry'}{_said(alias)}"
    for one in entry.lives:
        yield f"  in {one.collection}:"
        yield from (f"    {line}" for line in story(one.life, times[one.collection]))


def _names(alias: Alias) -> str:
    return visible(" and ".join(f"{ref.collection}/{ref.id}" for ref in (alias.one, alias.other)))


def _said(alias: Alias) -> str:
    parts: Sequence[str | None] = (f"says {alias.by}" if alias.by else None, alias.reason)
    said = ": ".join(part for part in parts if part)
    return f" ({visible(said)})" if said else ""
