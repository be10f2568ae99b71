"""Keep an entry, or the raw bytes of a record, out of everything that is published of the archive.

Nothing stored changes: exports and the report show "withheld on request" and a hash
instead. SUBJECT is the id of an entry, which means all its readings in whichever
collections, with the raw pages that show it; or a WARC-Record-ID. The decision is a line
of withheld.jsonl; --lift adds one that takes it back. What the law wants gone from the
archive itself is for "psgcrawl redact".
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from psgcrawl.archive import aliases, withholding
from psgcrawl.archive.aliases import Ref
from psgcrawl.archive.store import Archive
from psgcrawl.archive.withholding import WITHHELD, Decision
from psgcrawl.cli import printing
from psgcrawl.errors import NotFound, UsageError
from psgcrawl.redact.finding import bare, find
from psgcrawl.visible import visible


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "subject", metavar="ID|RECORD", help="an entry's id, or a WARC-Record-ID, with or without <urn:uuid:…>"
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, in words that may be shown")
    parser.add_argument(
        "--request", required=True, metavar="TEXT", help="on whose request: what finds the letter, not the letter"
    )
    parser.add_argument("--lift", action="store_true", help="show it again")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Write the decision down, and say what it concerns; 0.

    :raises NotFound: for what no snapshot shows: nothing would be withheld
    :raises UsageError: for words that are no line of text, and for lifting what is not withheld
    :raises DamagedData: when a file is not as it was written; then nothing is added
    """
    archive = locate()
    reason, request = _line("--reason", args.reason), _line("--request", args.request)
    entry = _shown(archive, args.subject)
    record = None if entry else _record(archive, args.subject)
    if args.lift:
        _refuse_idle(archive, args.subject if entry else None, record)
    withholding.add(
        archive.folder,
        Decision(
            action="lift" if args.lift else "withhold",
            entry=args.subject if entry else None,
            record=record,
            reason=reason,
            request=request,
            when=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ),
    )
    printing.show(_said(archive, record or args.subject, entry, lifted=args.lift))
    return 0


def _line(option: str, text: str) -> str:
    line = text.strip()
    if not line or not line.isprintable():
        raise UsageError(f"{option} {text!r}: one line of text is needed")
    return line


def _shown(archive: Archive, identity: str) -> Mapping[str, list[str]]:
    """Return the snapshots that show an entry, by collection."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for collection in archive.collections():
        for snapshot in collection.snapshots():
            if any(identity in view.entries for row in snapshot.pages() for view in row.lists):
                found[collection.name].append(snapshot.name)
    return found


def _record(archive: Archive, name: str) -> str:
    """Return the name of a record as it stands in the archive."""
    for collection in archive.collections():
        for snapshot in collection.snapshots():
            for row in snapshot.pages():
                if row.warc is not None and bare(row.warc.record) == bare(name):
                    return row.warc.record
    # One that no page is of: what was followed, redirects, robots.txt.
    for collection in archive.collections():
        try:
            return find(collection, name).record.id
        except NotFound:
            continue
    raise NotFound(f"{name!r}: no snapshot here shows an entry of that id, or holds a record of that name")


def _refuse_idle(archive: Archive, entry: str | None, record: str | None) -> None:
    held = withholding.now(withholding.read(archive.folder))
    if (entry or record) not in held.entries | held.records:
        raise UsageError(f"{entry or record}: is not withheld: there is nothing to lift")


def _said(archive: Archive, subject: str, entry: Mapping[str, list[str]], *, lifted: bool) -> Iterator[str]:
    yield f"{visible(subject)}: {'shown again' if lifted else 'withheld on request'} in what is exported from now on"
    for collection, snapshots in entry.items():
        several = len(snapshots) > 1
        yield f"  {collection}: {len(snapshots)} {'snapshots show' if several else 'snapshot shows'} it"
    for ref in _linked(archive, subject):
        yield f"  {ref.collection}/{visible(ref.id)} is linked with it in {aliases.ALIASES}: decide of that, too"
    yield f"Written to {WITHHELD}. What was exported before is as it was: export again, and tell who took it."


def _linked(archive: Archive, subject: str) -> list[Ref]:
    pairs = [
        (line.alias.one, line.alias.other)
        for line in aliases.read(archive.folder).lines
        if line.alias.verdict == "linked"
    ]
    both = [*pairs, *((other, one) for one, other in pairs)]
    return [other for one, other in both if one.id == subject and other.id != subject]
