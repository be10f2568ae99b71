"""What is in a feed, whatever its format: items with ids that last, times that are true, and their evidence.

Two feeds: entries as they were first seen, and what changed in them (edits, returns, and
ends with their evidence). Standing blocks are in neither.

- An id is a tag URI (RFC 4151): the authority, and what the archive calls the entry. It
  is the same in every export, whatever else the archive learns.
- ``updated`` is when the archive saw it: the end of the capture that shows it. Where that
  is not known, when the file was taken in, which was later. The day that an entry prints
  stands in its text, as printed; no feed has a date of publication, since none is known.
- Text is escaped, links are http or https.
"""

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import Final
from urllib.parse import quote

from psgcrawl import site
from psgcrawl.archive import names
from psgcrawl.archive.compare import words
from psgcrawl.archive.history.observations import Observation
from psgcrawl.exports import changes, source
from psgcrawl.exports.changes import Event, ExportedChange, What, events
from psgcrawl.exports.chosen import Chosen, whole
from psgcrawl.exports.harmless import address, flowing
from psgcrawl.exports.ordered import Key, canonical_key, ordered
from psgcrawl.exports.pages import Pages
from psgcrawl.exports.source import Note, Past, looked_up
from psgcrawl.records import Captured, Entry, Kind

AUTHORITY: Final = "psgcrawl.invalid,2026"
"""Names nobody: ``.invalid`` is reserved for that (RFC 2606). Who publishes a feed has a name of their own."""
MOST: Final = 100
"""Items in a feed, unless another number is asked for."""

_KINDS: Final[frozenset[Kind]] = frozenset({"entry", "notice"})
_NEW: Final[frozenset[What]] = frozenset({"added"})
_CHANGED: Final[frozenset[What]] = frozenset({"edited", "relisted", "removed", "aged-out"})
_TITLES: Final[Mapping[What, str]] = {
    "added": "",
    "edited": "Edited: ",
    "relisted": "Listed again: ",
    "removed": "No longer listed: ",
    "aged-out": "Gone from the end of the list: ",
}
_TAG_AUTHORITY: Final = re.compile(
    r"(?:[A-Za-z0-9._-]+@)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?,[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-[0-3][0-9])?)?"
)
_SAFE: Final = "/-._~@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a feed; all texts are harmless."""

    id: str
    title: str
    link: str | None
    updated: str
    """RFC 3339 UTC."""
    html: str
    """Well-formed, of our own elements alone."""
    change: ExportedChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed."""

    id: str
    title: str
    description: str
    updated: str
    """The latest of its items; without any, when the archive was last captured."""
    address: str | None
    """Its own."""
    items: Iterator[Item]
    """The latest first; made one by one."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of feeds."""
    parser.add_argument(
        "--changes", action="store_true", help="what was edited, listed again or is gone; not what is new"
    )
    parser.add_argument(
        "--most", type=_number, default=MOST, metavar="N", help=f"at most N items, the latest; 0 for all ({MOST})"
    )
    parser.add_argument(
        "--authority",
        type=_authority,
        default=AUTHORITY,
        metavar="NAME,DATE",
        help="who gives the items their ids (RFC 4151): a domain or address of yours, and a day on which it was",
    )
    parser.add_argument("--address", type=_address, metavar="URL", help="where the feed will be found")


def feed(chosen: Sequence[Chosen], args: argparse.Namespace, note: Note) -> Feed:
    """Return the feed of ``chosen``.

    :raises UsageError: for snapshots that were named, or that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    whole(chosen, "a feed")
    pasts = [source.past(one, note) for one in chosen]
    latest = _latest(pasts, args)
    names_ = ", ".join(past.collection for past in pasts)
    what = "changes" if args.changes else "new"
    return Feed(
        id=f"tag:{args.authority}:feed/{what}/{'+'.join(past.collection for past in pasts)}",
        title=f"{flowing(site.current().name)}: {'changed' if args.changes else 'new'} in {names_}",
        description=(
            "Entries that were edited, listed again, or are no longer listed, with the captures that show it."
            if args.changes
            else f"Entries, each when an archive of {flowing(site.current().called)}'s pages first saw it."
        ),
        updated=latest[0][0] if latest else max(seen_at(one) for past in pasts for one in past.observations),
        address=args.address,
        items=_items(latest, args.authority),
    )


Found = tuple[str, Past, int, int]
"""When it was updated, and in which past which entry's which event it is."""


def _latest(pasts: Sequence[Past], args: argparse.Namespace) -> list[Found]:
    """Return what goes into the feed, the latest first.

    Of one capture the newest by date come first, as in the listing: a first crawl sees hundreds at once.
    """
    # Few observations, many events: the times are numbered so that the latest come first.
    times = sorted({seen_at(one) for past in pasts for one in past.observations}, reverse=True)
    ranks = {time: rank for rank, time in enumerate(times)}
    kept = islice(ordered(_keyed(pasts, args, ranks)), args.most or None)
    return [(times[time], pasts[place], number, which) for time, place, number, which in kept]


def _keyed(
    pasts: Sequence[Past], args: argparse.Namespace, ranks: Mapping[str, int]
) -> Iterator[tuple[Key, tuple[int, int, int, int]]]:
    wanted = _CHANGED if args.changes else _NEW
    for place, past in enumerate(pasts):
        for known in past.entries:
            if known.chain.kind not in _KINDS:
                continue
            for which, event in enumerate(events(past, known)):
                if event.change in wanted:
                    time = ranks[_updated(past, event)]
                    key = time, *canonical_key(_entry(event))[:2], _id(args.authority, event)
                    yield key, (time, place, known.chain.number, which)


def author() -> str:
    """Return whose a feed is."""
    return f"psgcrawl, an archive of {flowing(site.current().called)}'s pages"


def seen_at(observation: Observation) -> str:
    """Return when an observation was certainly over: RFC 3339 UTC.

    The end of its captures; where that is not known, the start of the run that took the
    files in.
    """
    return observation.captured.until or observation.facts.started


def _items(found: Sequence[Found], authority: str) -> Iterator[Item]:
    pages = Pages()
    for (updated, past, _, which), known in looked_up(found, lambda one: (one[1].entries, one[2])):
        event = list(events(past, known))[which]
        entry = _entry(event)
        yield Item(
            id=_id(authority, event),
            title=_TITLES[event.change] + (flowing(entry.title) or "(no title)"),
            link=address(entry.url),
            updated=updated,
            html="".join(_html(past, event, pages)),
            change=changes.exported(past, event, pages),
        )


def _entry(event: Event) -> Entry:
    entry = event.new or event.old
    assert entry is not None  # noqa: S101 - an event is about an entry
    return entry


def _updated(past: Past, event: Event) -> str:
    # Of an end, the last observation confirms it: that is news, too.
    names_ = event.evidence[1:] if event.new is None else (event.after,)
    return max(seen_at(past.observation(name)) for name in names_)


def _id(authority: str, event: Event) -> str:
    tag = f"tag:{authority}:{quote(event.known.key, safe=_SAFE)}"
    if event.change == "added":
        return tag
    # Two readings that differ need both names: several can differ from one.
    seen = event.evidence if event.change == "edited" else (event.after,)
    which = "..".join(_without_edition(name) for name in seen)
    fields = "+".join(event.fields)
    return f"{tag}/{event.change}/{which}" + (f"/{fields}" if fields else "")


def _without_edition(name: str) -> str:
    """Return an observation's name without edition: what is derived again is the same change."""
    stem, at, run = name.partition("@")
    parsed = names.parse(stem)
    return (parsed.snapshot if parsed else stem) + at + run


# --- as HTML --------------------------------------------------------------------------


def _html(past: Past, event: Event, pages: Pages) -> Iterator[str]:
    entry = _entry(event)
    yield f"<p><em>{_text(entry.dateline or 'no dateline')}</em></p>"
    if event.change == "edited" and event.old is not None and event.new is not None:
        for field in event.fields:
            yield f"<p><strong>{field}</strong>: {_marked(_value(event.old, field), _value(event.new, field))}</p>"
    else:
        for paragraph in entry.summary.split("\n\n"):
            if paragraph:
                yield f"<p>{_text(paragraph).replace(chr(10), '<br/>')}</p>"
    yield f"<p>{_said(event)}</p><ul>"
    for name in event.evidence:
        yield f"<li>{_seen(past, event, name, pages)}</li>"
    yield "</ul>"


def _said(event: Event) -> str:
    """Return in words what the evidence shows."""
    if event.change == "added":
        came = len(event.evidence) > 1
        return "It came between these captures:" if came else "First seen here; it may have been listed before:"
    if event.change == "edited":
        return "Changed between these captures:" if event.ordered else "These captures differ; their order is unknown:"
    if event.change == "relisted":
        return "Listed, gone, and listed again in these captures:"
    last = " Two captures in a row lack it." if event.confirmed else ""
    return f"The first of these captures shows it, and it is missing in what followed; not necessarily deleted.{last}"


def _seen(past: Past, event: Event, name: str, pages: Pages) -> str:
    """Return an observation as evidence: its name and time, and the page where it shows the entry."""
    observation = past.observation(name)
    shown = f"{_text(past.collection)}/{_text(name)}, captured {_time(observation.captured)}"
    try:
        entry = event.known.reading(past.ranks[name])
    except ValueError:
        return f"{shown}: not there"
    stand = pages.of(observation, entry.id)
    link = address(stand.page)
    page = f"<code>{_text(stand.page or 'a file')}</code>" if link is None else _link(link)
    return f"{shown}: {page}, <code>{stand.payload_digest}</code>"


def _time(captured: Captured) -> str:
    if captured.known:
        return captured.since
    return f"between {captured.since} and {captured.until}" if captured.until else f"not before {captured.since}"


def _marked(old: str, new: str) -> str:
    tags = {"same": ("", ""), "old": ("<del>", "</del>"), "new": ("<ins>", "</ins>")}
    parts = []
    for mark, run in words.changed(old, new):
        opened, closed = tags[mark]
        parts.append(f"{opened}{_text(' '.join('¶' if word.isspace() else word for word in run))}{closed}")
    return " ".join(parts)


def _value(entry: Entry, field: str) -> str:
    value = getattr(entry, field)
    return ", ".join(value) if isinstance(value, list) else value or ""


def _link(url: str) -> str:
    return f'<a href="{_text(url)}">{_text(url)}</a>'


def _text(text: str) -> str:
    return escape(flowing(text))


# --- arguments ------------------------------------------------------------------------


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text!r}: no number of items")
    return int(text)


def _authority(text: str) -> str:
    if not _TAG_AUTHORITY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r}: neither like 'archive.example.org,2026' nor 'me@example.org,2026'")
    return text


def _address(text: str) -> str:
    if address(text) is None:
        raise argparse.ArgumentTypeError(f"{text!r}: no http or https address")
    return text
