"""Say whether the archive is as it was written: files, manifests, run log; with --deep every line and record."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from psgcrawl import rebuild
from psgcrawl.archive.store import Archive
from psgcrawl.archive.verify.findings import Finding, Findings, Found
from psgcrawl.archive.verify.folders import Checked
from psgcrawl.archive.verify.whole import Look, verify
from psgcrawl.cli import printing, spreading
from psgcrawl.errors import NotFound, PsgcrawlError
from psgcrawl.jobs import Engine, Lost, in_order
from psgcrawl.visible import visible

_DAMAGED = 1


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is not as it was written."""

    place: Annotated[str, Meta(description="Where, relative to the archive; lines of a file count from 1.")]
    problem: Annotated[str, Meta(description="What is wrong there, in words.")]


class Remark(Struct, frozen=True, kw_only=True):
    """One thing that is sound, and should be known."""

    place: Annotated[str, Meta(description="Where, relative to the archive.")]
    remark: Annotated[str, Meta(description="What, in words.")]


class Looked(Struct, frozen=True, kw_only=True):
    """How much was looked at."""

    collections: Annotated[int, Meta(description="Collections.")]
    snapshots: Annotated[int, Meta(description="Snapshots, each edition counted.")]
    files: Annotated[int, Meta(description="Files that were hashed.")]
    bytes: Annotated[int, Meta(description="Their length together.")]
    lines: Annotated[int, Meta(description="Sound lines of the run log.")]
    records: Annotated[int, Meta(description="WARC records that were looked into; 0 without `--deep`.")]
    compared: Annotated[int, Meta(description="Snapshots that were derived again; 0 without `--deep`.")]
    kept_apart: Annotated[int, Meta(description="Folders kept apart that were checked.")]
    passed_over: Annotated[
        int, Meta(description="Folders kept apart without a manifest, or being written: nothing to check against.")
    ]


class Verification(Struct, frozen=True, kw_only=True):
    """What ``psgcrawl verify --json`` prints."""

    archive: Annotated[str, Meta(description="Folder of the archive.")]
    deep: Annotated[bool, Meta(description="Whether every line and record was looked into.")]
    sound: Annotated[bool, Meta(description="Whether there are no problems.")]
    looked: Annotated[Looked, Meta(description="How much was looked at.")]
    problems: Annotated[list[Problem], Meta(description="What is not as it was written, in the order of the check.")]
    remarks: Annotated[list[Remark], Meta(description="What is sound, and should be known.")]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("collections", nargs="*", metavar="COLLECTION", help="only these collections")
    parser.add_argument("--deep", action="store_true", help="look into every line and record, and derive again")
    spreading.arguments(parser, "one, with --deep one a processor where that is worthwhile")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace, locate: Callable[[], Archive]) -> int:
    """Print what is found, as it is found, and a summary; 0 for a sound archive, 1 for a damaged one.

    :raises NotFound: where there is no archive or no such collection.
    """
    archive = locate()
    if not archive.folder.is_dir():
        raise NotFound(f"{archive.folder}: no archive is here; 'make crawl' or 'scrapy crawl captures' makes one")
    found: list[Finding] = []
    findings = Findings(archive.folder, found.append if args.json else _show)
    derive = rebuild.derive if args.deep else None
    with spreading.engine(args, [archive.folder], usual=_usual(args, archive), writes=False) as engine:
        verify(archive, list(dict.fromkeys(args.collections)), findings, derive=derive, spread=partial(_spread, engine))
    if args.json:
        print(printing.document(_document(archive, found, findings, deep=args.deep)))
    else:
        printing.show(_summary(findings))
    return _DAMAGED if findings.problems else 0


def _usual(args: argparse.Namespace, archive: Archive) -> int:
    """Return with how many processes to check: files are read faster than a process starts."""
    if not args.deep:
        return 1
    from psgcrawl.rebuild.work import worthwhile  # noqa: PLC0415 - it brings the layouts, which only --deep needs

    with suppress(OSError):
        return worthwhile([one for collection in archive.collections() for one in collection.snapshots()])
    # What cannot even be listed is told by the check.
    return 1


def _spread(
    engine: Engine, check: Callable[[Look], tuple[Checked, Found]], looks: Sequence[Look]
) -> Iterator[tuple[Checked, Found]]:
    for look, done in zip(looks, in_order(engine.results(check, looks)), strict=True):
        if isinstance(done, Lost):
            # What could not be looked at must not pass for sound.
            raise PsgcrawlError(f"{look.folder}: not checked: {done.problem}")
        yield done


def _show(finding: Finding) -> None:
    remark = "" if finding.damage else "remark: "
    printing.show([visible(f"{finding.place}: {remark}{finding.text}")])


def _document(archive: Archive, found: list[Finding], findings: Findings, *, deep: bool) -> Verification:
    return Verification(
        archive=str(archive.folder),
        deep=deep,
        sound=not findings.problems,
        looked=Looked(**{name: getattr(findings.tally, name) for name in Looked.__struct_fields__}),
        problems=[Problem(place=one.place, problem=one.text) for one in found if one.damage],
        remarks=[Remark(place=one.place, remark=one.text) for one in found if not one.damage],
    )


def _summary(findings: Findings) -> list[str]:
    tally = findings.tally
    parts = [
        _counted(tally.collections, "collection"),
        _counted(tally.snapshots, "snapshot"),
        f"{_counted(tally.files, 'file')} ({printing.size(tally.bytes)})",
        f"{_counted(tally.lines, 'line')} of the run log",
    ]
    if tally.records:
        parts += [f"{_counted(tally.records, 'record')}", f"{tally.compared} derived again"]
    if tally.kept_apart:
        parts.append(f"{tally.kept_apart} kept apart")
    if tally.passed_over:
        parts.append(f"{tally.passed_over} passed over")
    verdict = "sound" if not findings.problems else f"damaged: {_counted(findings.problems, 'problem')}"
    return [f"{', '.join(parts)}: {verdict}"]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
