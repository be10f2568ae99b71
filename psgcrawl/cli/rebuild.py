"""Derive entries again from the raw pages of a collection's snapshots, by the rules of today.

Where what comes out differs from what is stored, or the stored one was derived by earlier
rules, it is committed as the snapshot's next edition; with --check it is only shown, field
by field. What differs is how pages are read, not the site. Exit code 0: done, or with
--check nothing differs; 1: with --check something differs; 2: trouble.
"""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Struct

from psgcrawl.archive import jsonl, rules
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.recovery import log_unlogged
from psgcrawl.archive.store import Archive, Collection, Snapshot, resolve
from psgcrawl.cli import printing, spreading
from psgcrawl.cli.marking import Style, edit, heading, marked
from psgcrawl.errors import UsageError
from psgcrawl.jobs import Lost, in_order
from psgcrawl.rebuild.differences import EntryDifference, PageDifference
from psgcrawl.rebuild.outcomes import Examined, Failure, summary
from psgcrawl.records import DERIVATION
from psgcrawl.visible import visible

if TYPE_CHECKING:
    from psgcrawl.rebuild.work import Rebuilt

SAME, DIFFERENT, TROUBLE = 0, 1, 2
"""Exit codes."""

_MATCHED: Final = {
    "address": "the same address",
    "title": "the same date and nearly the same title",
    "summary": "the same title and nearly the same summary",
}


class NotDerived(Struct, frozen=True, kw_only=True):
    """A snapshot that could not be derived again, as ``psgcrawl rebuild --json`` names it."""

    snapshot: Annotated[str | None, Meta(description="The snapshot; null for one whose commit was never logged.")]
    problem: Annotated[str, Meta(description="Why: `place: problem`.")]


class Rebuild(Struct, frozen=True, kw_only=True):
    """What ``psgcrawl rebuild --json`` prints."""

    collection: Annotated[str, Meta(description="The collection.")]
    check: Annotated[bool, Meta(description="Whether it was only looked at (`--check`): nothing is committed.")]
    derivation: Annotated[int, Meta(description="The rules of today.")]
    site: Annotated[
        str | None, Meta(description="SHA-256 of the archive's `site.toml`; null for the profile built in.")
    ]
    snapshots: Annotated[list[Examined], Meta(description="What was derived again, in the order of the snapshots.")]
    failures: Annotated[list[NotDerived], Meta(description="What could not be derived again.")]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("collection", metavar="COLLECTION", help="the collection")
    named = "only these: a time or a unique prefix of it, latest, latest~1, or a path; by default all"
    parser.add_argument("snapshots", nargs="*", metavar="SNAPSHOT", help=named)
    parser.add_argument("--check", action="store_true", help="only say what would differ, field by field")
    spreading.arguments(parser, "one a processor, where that is worthwhile")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Derive, and commit or show; 2 where a snapshot could not be derived (the others are), 1 where a check finds any.

    :raises NotFound: where there is no such collection or snapshot
    :raises UsageError: for an older edition, or a snapshot of another collection, where editions are committed
    :raises CollectionBusy: where another run holds the collection
    """
    archive = locate()
    collection = archive.collection(args.collection)
    done: list[Examined] = []
    failures: list[NotDerived] = []
    style = marked()
    try:
        chosen = _chosen(args, collection)
        if not args.check:
            _refuse_older(collection, chosen)
            failures += _seen_to(archive, collection)
        for rebuilt in _rebuilt(args, archive, chosen):
            for note in rebuilt.notes:
                printing.note(note)
            if isinstance(rebuilt.found, Failure):
                failures.append(_failed(rebuilt.found))
                continue
            done.append(rebuilt.found)
            if not args.json:
                printing.show(_text(rebuilt.found, style, check=args.check))
    except KeyboardInterrupt:
        printing.note("interrupted; what is committed stays, and the same command goes on with the rest")
        return TROUBLE
    if args.json:
        print(printing.document(_document(args, collection, done, failures)))
    elif not failures and not done:
        printing.show([f"{visible(collection.name)}: no snapshots"])
    if failures:
        return TROUBLE
    return DIFFERENT if args.check and any(one.differs for one in done) else SAME


def _seen_to(archive: Archive, collection: Collection) -> list[NotDerived]:
    """See to what runs that died have left, and return the snapshots that are damaged."""
    # As late as the layouts, which it loads.
    from psgcrawl.rebuild.work import left_behind  # noqa: PLC0415 - see above

    with CollectionLock(archive.folder, collection.name) as lock:
        recovery = log_unlogged(lock, _now())
        for told in left_behind(lock):
            printing.note(told)
    for name in recovery.logged:
        printing.note(f"{collection.name}/{name}: had no line in the log yet; verified, and logged")
    for problem in recovery.damaged:
        printing.note(problem)
    return [NotDerived(snapshot=None, problem=jsonl.printable(problem)) for problem in recovery.damaged]


def _refuse_older(collection: Collection, chosen: list[Snapshot]) -> None:
    newest = {snapshot.name for snapshot in collection.snapshots()}
    for snapshot in chosen:
        if snapshot.folder.parent.resolve() != collection.folder.resolve():
            raise UsageError(f"{snapshot.folder}: not in the collection {collection.name!r}: editions stand beside it")
        if snapshot.name not in newest:
            raise UsageError(
                f"{snapshot.name}: there is a later edition; derive that one again, or look at this one with --check"
            )


def _rebuilt(args: argparse.Namespace, archive: Archive, chosen: list[Snapshot]) -> Iterator["Rebuilt"]:
    # Loaded now: it brings the layouts, without which all other commands answer in half the time.
    from psgcrawl.rebuild.work import Again, Rebuilt, rebuild, worthwhile  # noqa: PLC0415 - see above

    folder, started = archive.folder.absolute(), _now()
    jobs = [Again(folder, Snapshot(one.folder.absolute()), started, args.check) for one in chosen]
    usual = min(len(jobs), args.jobs or worthwhile(chosen))
    with spreading.engine(args, [folder], usual=usual, writes=not args.check) as engine:
        for job, result in zip(jobs, in_order(engine.results(rebuild, jobs)), strict=False):
            if isinstance(result, Lost):
                yield Rebuilt(Failure(job.snapshot.name, f"{job.snapshot.folder}: {result.problem}"))
            else:
                yield result


def _failed(failure: Failure) -> NotDerived:
    printing.note(failure.problem)
    return NotDerived(snapshot=failure.snapshot, problem=jsonl.printable(failure.problem))


def _chosen(args: argparse.Namespace, collection: Collection) -> list[Snapshot]:
    """Return the snapshots that are named, each once, or all."""
    found = [resolve(collection, name) for name in args.snapshots] if args.snapshots else collection.snapshots()
    return list({snapshot.folder.resolve(): snapshot for snapshot in found}.values())


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _document(
    args: argparse.Namespace, collection: Collection, done: list[Examined], failures: list[NotDerived]
) -> Rebuild:
    return Rebuild(
        collection=collection.name,
        check=args.check,
        derivation=DERIVATION,
        site=rules.today().site,
        snapshots=done,
        failures=failures,
    )


# --- for people -----------------------------------------------------------------------


def _text(one: Examined, style: Style, *, check: bool) -> Iterator[str]:
    yield style("head", f"{visible(one.snapshot)}: {_outcome(one, check=check)}")
    if check:
        for difference in one.entries:
            yield from (f"  {line}" for line in _entry(difference, style))
        for row in one.pages:
            yield from (f"  {line}" for line in _page(row, style))
        if one.old_coverage != one.new_coverage:
            yield f"  coverage: {_edit(one.old_coverage, one.new_coverage, style)}"


def _outcome(one: Examined, *, check: bool) -> str:
    now = rules.today()
    ruled = f"derivation {one.rules} is now {now}; " if one.rules != now else ""
    reader = "parser" if one.site == now.site else "way in which pages are read"
    said = ruled + (f"the {reader} changed, not the site: {summary(one)}" if one.differs else "nothing differs")
    if one.edition is not None:
        return f"{said}; committed as {visible(one.edition)}"
    return f"{said}; a rebuild would commit an edition that says so" if check and one.due and not one.differs else said


def _entry(difference: EntryDifference, style: Style) -> Iterator[str]:
    old, new = difference.old, difference.new
    if old is None or new is None:
        shown = new or old
        if shown is not None:
            yield f"{'+ derived only now:' if old is None else '- derived no longer:'} {heading(shown)}"
        return
    yield f"~ {heading(new)}"
    if difference.matched_by in _MATCHED:
        yield f"    matched by {_MATCHED[difference.matched_by]}"
    for name in difference.fields:
        yield f"    {name}: {_edit(getattr(old, name), getattr(new, name), style)}"


def _page(difference: PageDifference, style: Style) -> Iterator[str]:
    yield f"~ pages.jsonl:{difference.page} {visible(difference.new.url or '(a file without address)')}"
    for name in difference.fields:
        yield f"    {name}: {_edit(getattr(difference.old, name), getattr(difference.new, name), style)}"


def _edit(old: object, new: object, style: Style) -> str:
    return edit(_value(old), _value(new), style)


def _value(value: object) -> str | None:
    """Return a value as a text whose words can be compared; what is no text as JSON."""
    return value if value is None or isinstance(value, str) else jsonl.text(value).replace(",", ", ")
