"""A feed in Atom (RFC 4287): entries as they were first seen, or with --changes what changed in them.

What is written is parsed on its way: a feed that is not well-formed is never finished.
"""

import argparse
from collections.abc import Iterator, Sequence
from html import escape
from typing import BinaryIO, Final
from xml.parsers import expat

from psgcrawl import __version__, site
from psgcrawl.exports import feed
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.feed import Feed, Item
from psgcrawl.exports.source import Note

HELP: Final = "a feed of new entries, or of changes (Atom)"
SUFFIX: Final = ".atom"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the format's own options: those of feeds."""
    feed.arguments(parser)


def write(chosen: Sequence[Chosen], args: argparse.Namespace, stream: BinaryIO, note: Note) -> str:
    """Write the feed to ``stream``; return for people how many items.

    :raises UsageError: for snapshots that were named, or that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    made = feed.feed(chosen, args, note)
    parser = expat.ParserCreate()
    count = 0

    def put(text: str) -> None:
        data = text.encode("utf-8")
        parser.Parse(data)
        stream.write(data)

    put("".join(_head(made)))
    for item in made.items:
        put("".join(_entry(item)))
        count += 1
    put("</feed>\n")
    parser.Parse(b"", True)  # noqa: FBT003 - that is the end
    return f"{count} items"


def _head(made: Feed) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield f"<id>{_text(made.id)}</id>\n<title>{_text(made.title)}</title>\n"
    yield f"<subtitle>{_text(made.description)}</subtitle>\n<updated>{made.updated}</updated>\n"
    yield f"<author><name>{_text(feed.author())}</name></author>\n<rights>{_text(site.current().rights)}</rights>\n"
    yield f'<generator version="{_text(__version__)}">psgcrawl</generator>\n'
    if made.address:
        yield f'<link rel="self" type="application/atom+xml" href="{_text(made.address)}"/>\n'


def _entry(item: Item) -> Iterator[str]:
    yield f"<entry>\n<id>{_text(item.id)}</id>\n<title>{_text(item.title)}</title>\n<updated>{item.updated}</updated>\n"
    if item.link:
        yield f'<link rel="alternate" href="{_text(item.link)}"/>\n'
    yield f'<category term="{item.change.change}"/>\n<content type="html">{_text(item.html)}</content>\n</entry>\n'


def _text(text: str) -> str:
    return escape(text)
