"""A feed in JSON Feed 1.1: entries as they were first seen, or with --changes what changed in them.

https://www.jsonfeed.org/version/1.1/. Each item has what programs want to know in
``_psgcrawl``: the line that ``psgcrawl export jsonl --since`` has for it.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, BinaryIO, Final

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec import field as renamed

from psgcrawl.archive import jsonl
from psgcrawl.exports import feed
from psgcrawl.exports.changes import ExportedChange
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.feed import Item
from psgcrawl.exports.source import Note
from psgcrawl.records import Instant

HELP: Final = "a feed of new entries, or of changes (JSON Feed)"
SUFFIX: Final = ".feed.json"
VERSION: Final = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAuthor:
    """Who made a feed."""

    name: Annotated[str, Meta(description="Its name.")]


class FeedItem(Struct, frozen=True, kw_only=True, order=False):
    """An item of a JSON Feed. A ``Struct``, because it leaves out what is not there, as the format wants it."""

    id: Annotated[str, Meta(description="A tag URI (RFC 4151), the same in every export.")]
    url: Annotated[str, Meta(description="The entry's own page; left out without one.")] | UnsetType = UNSET
    title: Annotated[str, Meta(description="The entry's title; before it, what became of the entry.")]
    content_html: Annotated[str, Meta(description="Dateline as printed, text or what changed, and the evidence.")]
    date_modified: Annotated[Instant, Meta(description="When the archive saw it. There is no date of publication.")]
    tags: Annotated[list[str], Meta(description="What became of the entry, in one word.")]
    psgcrawl: Annotated[ExportedChange, Meta(description="The same for programs; `place` is null.")] = renamed(
        name="_psgcrawl"
    )


class JsonFeed(Struct, frozen=True, kw_only=True, order=False):
    """What ``psgcrawl export jsonfeed`` writes."""

    version: Annotated[str, Meta(description="Version of the format, as an address.")]
    title: Annotated[str, Meta(description="What the feed is about.")]
    feed_url: Annotated[str, Meta(description="Where the feed is; left out if unknown.")] | UnsetType = UNSET
    description: Annotated[str, Meta(description="What is in it.")]
    language: Annotated[str, Meta(description="Language of the feed's own words.")]
    authors: Annotated[list[FeedAuthor], Meta(description="Who made the feed.")]
    items: Annotated[list[FeedItem], Meta(description="The latest first.")]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the format's own options: those of feeds."""
    feed.arguments(parser)


def write(chosen: Sequence[Chosen], args: argparse.Namespace, stream: BinaryIO, note: Note) -> str:
    """Write the feed to ``stream``; return for people how many items.

    :raises UsageError: for snapshots that were named, or that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    made = feed.feed(chosen, args, note)
    head = JsonFeed(
        version=VERSION,
        title=made.title,
        feed_url=made.address or UNSET,
        description=made.description,
        language="en",
        authors=[FeedAuthor(name=feed.author())],
        items=[],
    )
    stream.write(jsonl.dumps(head).removesuffix(b"]}"))
    count = 0
    for count, item in enumerate(made.items, 1):
        stream.write((b"\n" if count == 1 else b",\n") + jsonl.dumps(_item(item)))
    stream.write(b"\n]}\n")
    return f"{count} items"


def _item(item: Item) -> FeedItem:
    return FeedItem(
        id=item.id,
        url=item.link or UNSET,
        title=item.title,
        content_html=item.html,
        date_modified=item.updated,
        tags=[item.change.change],
        psgcrawl=item.change,
    )
