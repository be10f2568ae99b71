"""Take the bytes of one record out of a collection, and say so everywhere.

Without --yes it only says what would go, what would stay, and where else the same can be
read; nothing is changed. With --yes every snapshot that holds the record gets a new
edition in which the record keeps its name and digests but no bytes, and once all of them
are durable the old bytes are deleted. Exit code 0: said, or done; 2: trouble, also where
RECORD is no record: then the records that an address or an entry comes from are listed.
"""

import argparse
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from psgcrawl.archive.manifest import MANIFEST
from psgcrawl.archive.redact.erasing import left_over, standing_in
from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.store import Archive, Collection
from psgcrawl.cli import printing
from psgcrawl.cli.marking import heading
from psgcrawl.errors import NotFound, UsageError
from psgcrawl.records import PageRow
from psgcrawl.visible import visible

# Loaded only where it is used: it brings the layouts, without which all other commands answer in half the time.
if TYPE_CHECKING:
    from psgcrawl.redact.elsewhere import Trace
    from psgcrawl.redact.finding import Found
    from psgcrawl.redact.planning import Treatment

_DONE, _TROUBLE = 0, 2
_NOBODY_KNOWS = (
    "Not known here: copies, backups, replicas, histories of git, exported files, feeds that others took.",
    "What must follow there: docs/responsible-use.md, 'To delete from an archive'.",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("collection", metavar="COLLECTION", help="the collection")
    parser.add_argument(
        "record",
        metavar="RECORD",
        help="the WARC-Record-ID, with or without <urn:uuid:…>; an address or an entry's id lists the records it is in",
    )
    parser.add_argument(
        "--reason", required=True, metavar="TEXT", help="why; it is kept for good, so do not repeat what has to go"
    )
    parser.add_argument("--yes", action="store_true", help="do it: nothing brings the bytes back")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Say what a redaction would do, or do it; 2 where some snapshot could not be treated.

    :raises NotFound: where there is no such collection or record
    :raises UsageError: for a revisit, and for a reason that is no line of text
    :raises CollectionBusy: where another run holds the collection
    :raises DamagedData: where something is not as it was written; then nothing was deleted
    """
    from psgcrawl.redact.finding import carriers, find  # noqa: PLC0415 - see above

    mark = Mark(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), _reason(args.reason))
    archive = locate()
    collection = archive.collection(args.collection)
    try:
        found = find(collection, args.record)
    except NotFound as error:
        lines = [
            f"{one.record}  {visible(one.url or 'without address')}  in {', '.join(one.snapshots)}"
            for one in carriers(collection, args.record)
        ]
        if not lines:
            raise
        printing.note(f"{error}; it is no record, but is in these:")
        printing.show(lines)
        return _TROUBLE
    printing.show(_heading(collection, found, mark))
    if args.yes:
        return _do(archive, collection, found, mark)
    again = ["redact", args.collection, found.record.id, "--reason", args.reason, "--yes"]
    command = ["psgcrawl", *(["--archive", args.archive] if args.archive else []), *again]
    return _say(archive, collection, found, mark, shlex.join(command))


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason or not reason.isprintable():
        raise UsageError(f"--reason {text!r}: one line of text is needed")
    return reason


def _say(archive: Archive, collection: Collection, found: "Found", mark: Mark, command: str) -> int:
    from psgcrawl.redact.elsewhere import Sought, elsewhere, what_stays  # noqa: PLC0415 - see above
    from psgcrawl.redact.planning import planned  # noqa: PLC0415 - see above

    problems = list(found.problems)
    sought = Sought()
    going: list[Path] = []
    for treatment in planned(found.holdings, mark, problems):
        sought.add(treatment)
        going += _editions(collection, treatment)
        printing.show(_treatment(collection, treatment, would=True))
    unfinished = left_over(collection)
    if going:
        traces = [*elsewhere(archive.folder, sought, going), *what_stays(archive.folder, going, sought)]
        printing.show(_traces(traces))
    if unfinished:
        printing.show(["", "A redaction was not finished. Still to be deleted:", *_files(archive, unfinished)])
    if going or unfinished:
        printing.show(["", *_NOBODY_KNOWS, "", "Nothing was changed. To do it:", f"  {visible(command)}"])
    elif not problems:
        printing.show(["", "It was redacted before, and nothing is left to do."])
    return _told(problems)


def _do(archive: Archive, collection: Collection, found: "Found", mark: Mark) -> int:
    from psgcrawl.redact.carrying import carry_out  # noqa: PLC0415 - see above
    from psgcrawl.redact.elsewhere import Sought, elsewhere, what_stays  # noqa: PLC0415 - see above

    sought = Sought()
    stays: list[Trace] = []

    def see(treatment: "Treatment") -> None:
        sought.add(treatment)
        stays.extend(what_stays(archive.folder, _editions(collection, treatment), sought))
        printing.show(_treatment(collection, treatment, would=False))

    done = carry_out(archive.folder, collection.name, found.record.id, mark, see)
    for note in done.notes:
        printing.note(note)
    if done.erased:
        printing.show(["", "Deleted:", *_files(archive, done.erased)])
    if done.editions:
        printing.show(_traces(list(dict.fromkeys([*elsewhere(archive.folder, sought), *stays]))))
    if done.editions or done.erased:
        printing.show(["", *_NOBODY_KNOWS])
    elif not done.problems:
        printing.show(["", "It was redacted before, and nothing was left to do."])
    return _told(done.problems)


def _told(problems: Sequence[str]) -> int:
    for problem in problems:
        printing.note(f"not treated: {problem}")
    return _TROUBLE if problems else _DONE


def _editions(collection: Collection, treatment: "Treatment") -> list[Path]:
    """Return the folders of all editions of a snapshot that is treated."""
    name = treatment.snapshot.parsed.snapshot
    replaced = standing_in(collection)
    return [
        edition.folder
        for edition in collection.editions()
        if edition.parsed.snapshot == name and edition.folder not in replaced
    ]


# --- for people -----------------------------------------------------------------------


def _heading(collection: Collection, found: "Found", mark: Mark) -> Iterator[str]:
    record = found.record
    yield f"{collection.name}: {visible(record.id)}, {record.type}, {visible(record.uri or 'without address')}"
    yield f"reason: {visible(mark.reason)}"


def _treatment(collection: Collection, one: "Treatment", *, would: bool) -> Iterator[str]:
    yield ""
    yield f"{one.snapshot.name} {'would become' if would else 'becomes'} {one.edition}"
    for target in one.targets:
        repeats = f", which repeats {visible(target.repeats)}" if target.repeats else ""
        yield f"  without the bytes of {visible(target.id)}, {target.type}{repeats}"
        requests = [other for other in one.holding.records if other.type == "request" and other.uri == target.uri]
        if requests:
            yield f"  still with the requests for that address: {', '.join(visible(other.id) for other in requests)}"
    for row in one.pages:
        yield f"  page without what it showed: {_page(row)}"
    if not one.pages:
        yield "  no page comes from it: entries stay as they are"
    yield from _entries("withheld, for nothing else shows them", map(heading, one.withheld))
    yield from _entries(
        "standing otherwise, as another page shows them",
        (f"{heading(old)} -> {heading(new)}" for old, new in one.otherwise),
    )
    yield from _entries(
        "staying, for other pages show them, too",
        (f"{heading(entry)}, on {'; '.join(map(_page, rows))}" for entry, rows in one.staying),
    )
    gone = ", ".join(folder.name for folder in _editions(collection, one))
    yield f"  {'then deleted' if would else 'to be deleted'}: all files of {gone} but {MANIFEST}"
    records = "these records" if len(one.targets) > 1 else "the record"
    yield f"  kept: name, type, date, address and digests of {records}"


def _entries(what: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"  {len(found)} {'entry' if len(found) == 1 else 'entries'} {what}:"
        yield from (f"    {line}" for line in found)


def _page(row: PageRow) -> str:
    record = f" ({visible(row.warc.record)})" if row.warc else ""
    return f"{visible(row.url or 'a file without address')}{record}"


def _traces(traces: "Sequence[Trace]") -> Iterator[str]:
    yield ""
    if not traces:
        yield "Nothing else in this archive shows the same."
        return
    yield "Elsewhere in this archive, and not touched by this:"
    for trace in traces:
        record = f" {visible(trace.record)}:" if trace.record else ""
        yield f"  {visible(trace.place)}:{record} {visible(trace.what)}"
    if any(trace.record for trace in traces):
        yield "  Redact these, too, if they show what has to go; folders kept apart (.incomplete-…) go by hand."


def _files(archive: Archive, paths: Iterable[Path]) -> Iterator[str]:
    return (f"  {visible(str(path.relative_to(archive.folder)))}" for path in paths)
