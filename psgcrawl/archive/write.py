"""Pages -> a committed snapshot: the one way in which snapshots come to be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Literal

from psgcrawl import SOFTWARE
from psgcrawl.archive import assemble, jsonl, names
from psgcrawl.archive.commit import CollectionLock, Staging
from psgcrawl.archive.coverage import coverage as coverage_of
from psgcrawl.archive.manifest import ENTRIES, PAGES, About, build_manifest
from psgcrawl.records import DERIVATION, FORMAT, KINDS, Captured, Counts, Coverage, Edition, Page, Provenance, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The facts of the run that go into a manifest. Times are RFC 3339 UTC."""

    spider: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    source: Source
    started: str
    finished: str
    finish_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written, for the run's line in the log and its message to people."""

    name: str
    """The folder's name: a snapshot's, or that of a folder kept apart."""
    folder: Path
    manifest_sha256: str
    counts: Counts
    coverage: Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a caller may decide otherwise than pages and run would."""

    listing: str | None = None
    """The listing that coverage speaks of; else the collection's name."""
    coverage: Coverage | None = None
    """Coverage by proof that only the crawl had (a total, a limit, carried pages)."""
    title: str | None = None
    """The manifest's title (that of a synthetic example says so)."""
    name: str | None = None
    """The snapshot's name, as for a later edition; else the next that is free."""
    derived_from: Edition | None = None
    created: str | None = None
    """When the manifest was written; else when the run finished."""
    apart: Literal["incomplete", "refused"] | None = None
    """Keep it apart under that kind instead of making it visible."""


AS_THEY_COME = Choices()


def write_snapshot(
    lock: CollectionLock,
    pages: Sequence[Page],
    run: Run,
    choices: Choices = AS_THEY_COME,
    *,
    staging: Staging | None = None,
) -> Written:
    """Assemble ``pages`` (one snapshot's, in crawl order), stage them and commit; return what was written.

    The same pages give the same bytes of ``entries.jsonl`` and ``pages.jsonl``. What goes
    wrong on the way leaves the staging folder as ``.incomplete-…``, if the disk allows
    that; otherwise the next run does so.

    :param staging: the folder into which something else already streams (``pages.warc.gz``)
    :raises NameTaken: when ``choices.name`` exists
    :raises ValueError: for no pages
    :raises DamagedData: when the disk gives back other bytes than were written
    """
    name = choices.name or names.next_free_name(lock.folder, _stem(pages))
    assembled = assemble.assemble(pages)
    provenance = _provenance(lock.collection, pages, run, choices, _counts(assembled))
    staging = staging or Staging(lock, name)
    try:
        staging.write(ENTRIES, jsonl.dump_lines(assembled.entries))
        staging.write(PAGES, jsonl.dump_lines(assembled.rows))
        manifest = build_manifest(_about(lock.collection, name, pages, run, choices), staging.files(), provenance)
        if choices.apart:
            staging.seal(manifest)
            staging.keep_apart(choices.apart, name)
        else:
            staging.commit(name, manifest)
    except BaseException:
        _abandon(staging, name)
        raise
    return Written(
        name=staging.folder.name,
        folder=staging.folder,
        manifest_sha256=sha256(manifest).hexdigest(),
        counts=provenance.counts,
        coverage=provenance.coverage,
    )


def _stem(pages: Sequence[Page]) -> str:
    """Return the name for the first capture, which is known only if all are: any other could be before it."""
    first = assemble.span(pages).since
    return names.stem(Captured(since=first, until=first if all(page.captured.known for page in pages) else None))


def _provenance(collection: str, pages: Sequence[Page], run: Run, choices: Choices, counts: Counts) -> Provenance:
    return Provenance(
        format=FORMAT,
        software=SOFTWARE,
        derivation=DERIVATION,
        derived_from=choices.derived_from,
        spider=run.spider,
        arguments={key: jsonl.printable(value) for key, value in run.arguments.items()},
        source=run.source,
        captured=assemble.span(pages),
        started=run.started,
        finished=run.finished,
        finish_reason=run.finish_reason,
        counts=counts,
        coverage=choices.coverage or coverage_of(choices.listing or collection, pages),
    )


def _about(collection: str, name: str, pages: Sequence[Page], run: Run, choices: Choices) -> About:
    return About(
        collection=collection,
        name=name,
        created=choices.created or run.finished,
        title=choices.title,
        urls=[page.url for page in pages],
        notes=[page.note for page in pages if page.note],
    )


def _counts(assembled: assemble.Assembled) -> Counts:
    found = Counter(entry.kind for entry in assembled.entries)
    return Counts(pages=len(assembled.rows), entries={kind: found[kind] for kind in KINDS})


def _abandon(staging: Staging, name: str) -> None:
    with suppress(OSError):
        if staging.folder.name.startswith(".staging-") and staging.folder.is_dir():
            staging.keep_apart("incomplete", name)
