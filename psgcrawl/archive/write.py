"""Pages -> a committed snapshot: the one way in which snapshots come to be."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, Literal

from psgcrawl import SOFTWARE, site
from psgcrawl.archive import assemble, jsonl, names
from psgcrawl.archive.commit import CollectionLock, Staging
from psgcrawl.archive.coverage import coverage as coverage_of
from psgcrawl.archive.filed import Filed
from psgcrawl.archive.manifest import (
    WARC,
    About,
    Manifest,
    build_manifest,
    default_title,
    read_manifest,
)
from psgcrawl.archive.pages import glances
from psgcrawl.records import (
    DERIVATION,
    FORMAT,
    KINDS,
    Captured,
    Counts,
    Coverage,
    Edition,
    Page,
    PageRow,
    Provenance,
    Redaction,
    RunLine,
    Source,
    WarcPlace,
    replace,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """The facts of the run that go into a manifest. Times are RFC 3339 UTC."""

    spider: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    source: Source
    started: str
    finished: str
    finish_reason: str
    webarchive: str | None = None
    """The web archive from which its pages were brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written, for the run's line in the log and its message to people."""

    name: str
    """The folder's name: a snapshot's, or that of a folder kept apart."""
    folder: Path
    manifest_sha256: str
    counts: Counts
    coverage: Coverage

    @classmethod
    def of(cls, folder: Path, manifest: Manifest) -> "Written":
        """Return what stands in ``folder``, as its manifest says."""
        facts = manifest.provenance
        return cls(
            name=folder.name,
            folder=folder,
            manifest_sha256=manifest.sha256,
            counts=facts.counts,
            coverage=facts.coverage,
        )

    def line(self, collection: str, *, spider: str, started: str, finished: str, reasons: Sequence[str]) -> RunLine:
        """Return the line of the log that says that it was committed.

        :param spider: what committed it, where that was no crawl the command
        """
        return RunLine(
            started=started,
            finished=finished,
            collection=collection,
            spider=spider,
            outcome="committed",
            reasons=list(reasons),
            snapshot=self.name,
            manifest_sha256=self.manifest_sha256,
            counts=self.counts,
            coverage=self.coverage,
            software=SOFTWARE,
            pages=[],
        )


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


AS_THEY_COME = Choices()

Evidence = Callable[[BinaryIO], Mapping[str, WarcPlace]]
"""Writes records, one gzip member each, and says where each of them is, by its id."""


Apart = Literal["incomplete", "refused"]
"""Why a snapshot is kept apart, and not made visible."""
Judge = Callable[[assemble.Assembled], Apart | None]
"""Looks at a snapshot before it is committed; returns None for one that may be."""


def write_snapshot(  # noqa: PLR0913 - all that a snapshot is made of
    lock: CollectionLock,
    pages: Sequence[Page],
    run: RunFacts,
    choices: Choices = AS_THEY_COME,
    *,
    evidence: Evidence | None = None,
    judge: Judge | None = None,
) -> Written:
    """Assemble ``pages`` (one snapshot's, in crawl order), stage them and commit; return what was written.

    The same pages give the same bytes of ``entries.jsonl`` and ``pages.jsonl``. What goes
    wrong on the way leaves the staging folder as ``.incomplete-…``, if the disk allows
    that; otherwise the next run does so.

    :param evidence: writes the records of ``pages`` into ``pages.warc.gz``; without it the snapshot has none
    :param judge: looks at what the pages come to, and decides whether it is kept apart; without it none is
    :raises NameTaken: when ``choices.name`` exists
    :raises ValueError: for no pages
    :raises DamagedData: when the disk gives back other bytes than were written
    """
    name = choices.name or names.next_free_name(lock.folder, _stem(pages))
    staging = Staging(lock, name)
    try:
        places = _write_evidence(staging, evidence) if evidence else {}
        assembled = assemble.assemble(pages, places)
        apart = judge(assembled) if judge else None
        provenance = _provenance(lock.collection, pages, run, choices, counts_of(assembled))
        about = _about(lock.collection, name, pages, run, choices)
        return _finish(staging, assembled, about, provenance, apart=apart, records=len(places))
    except BaseException:
        _abandon(staging, name)
        raise


def write_edition(  # noqa: PLR0913 - all that an edition is made of
    lock: CollectionLock,
    snapshot: Path,
    content: assemble.Assembled,
    coverage: Coverage,
    created: str,
    *,
    evidence: Evidence | None = None,
    redactions: Sequence[Redaction] = (),
) -> Written:
    """Commit ``content`` as the next edition of a snapshot; its evidence stays where it is, unless some is redacted.

    The manifest keeps what the snapshot's own says of its crawl; entries, rows, counts,
    coverage and the bounds of the time are those of ``content``.

    :param snapshot: folder of the edition before, in the collection that ``lock`` holds
    :param created: when the manifest is written, RFC 3339 UTC
    :param evidence: writes a WARC of its own, into which its rows then point
    :param redactions: what is redacted now; those of the edition before are kept
    :raises DamagedData: when the manifest before cannot be read, or the disk gives back other bytes than were written
    """
    before = read_manifest(snapshot)
    provenance = replace(
        before.provenance,
        format=FORMAT,
        software=SOFTWARE,
        derivation=DERIVATION,
        site=site.current().sha256,
        derived_from=Edition(name=snapshot.name, sha256=before.sha256),
        captured=assemble.span(content.rows),
        counts=counts_of(content),
        coverage=coverage,
        redactions=[*before.provenance.redactions, *redactions],
    )
    name = names.next_edition(lock.folder, snapshot.name)
    own_title = before.title != default_title(lock.collection, before.provenance)
    about = About(
        collection=lock.collection,
        name=name,
        created=created,
        title=before.title if own_title else None,
        urls=[row.url for row in content.rows],
        notes=before.notes,
    )
    staging = Staging(lock, name)
    try:
        if evidence is None:
            return _finish(staging, content, about, provenance)
        places = _write_evidence(staging, evidence)
        rows = (replace(row, warc=places[row.warc.record]) if row.warc else row for row in content.rows)
        return _finish(staging, replace(content, rows=Filed(PageRow, rows)), about, provenance, records=len(places))
    except BaseException:
        _abandon(staging, name)
        raise


def _finish(  # noqa: PLR0913 - all that a snapshot is made of
    staging: Staging,
    content: assemble.Assembled,
    about: About,
    provenance: Provenance,
    *,
    apart: Apart | None = None,
    records: int | None = None,
) -> Written:
    """Write entries, rows and manifest beside the evidence that is there, and make the snapshot visible.

    :param records: how many records the evidence holds, if there is any
    """
    for file_name, lines in content.files.items():
        staging.write_pieces(file_name, lines.pieces())
    files = [replace(file, records=records) if file.path == WARC else file for file in staging.files()]
    manifest = build_manifest(about, files, provenance)
    if apart:
        staging.seal(manifest)
        staging.keep_apart(apart, about.name)
    else:
        staging.commit(about.name, manifest)
    return Written(
        name=staging.folder.name,
        folder=staging.folder,
        manifest_sha256=sha256(manifest).hexdigest(),
        counts=provenance.counts,
        coverage=provenance.coverage,
    )


def _write_evidence(staging: Staging, evidence: Evidence) -> Mapping[str, WarcPlace]:
    with staging.create(WARC) as stream:
        return evidence(stream)


def _stem(pages: Sequence[Page]) -> str:
    """Return the name for the first capture, which is known only if all are: any other could be before it."""
    first = assemble.span(glances(pages)).since
    known = all(page.captured.known for page in glances(pages))
    return names.stem(Captured(since=first, until=first if known else None))


def _provenance(collection: str, pages: Sequence[Page], run: RunFacts, choices: Choices, counts: Counts) -> Provenance:
    return Provenance(
        format=FORMAT,
        software=SOFTWARE,
        derivation=DERIVATION,
        derived_from=choices.derived_from,
        spider=run.spider,
        arguments={key: jsonl.printable(value) for key, value in run.arguments.items()},
        source=run.source,
        captured=assemble.span(glances(pages)),
        started=run.started,
        finished=run.finished,
        finish_reason=run.finish_reason,
        counts=counts,
        coverage=choices.coverage or coverage_of(choices.listing or collection, pages),
        webarchive=run.webarchive,
        site=site.current().sha256,
    )


def _about(collection: str, name: str, pages: Sequence[Page], run: RunFacts, choices: Choices) -> About:
    return About(
        collection=collection,
        name=name,
        created=choices.created or run.finished,
        title=choices.title,
        urls=[page.url for page in glances(pages)],
        notes=[page.note for page in glances(pages) if page.note],
    )


_KIND: Final = b'"kind":"'
"""Stands in each line once in front of its kind: in a text, every quote has a backslash before it."""
_INITIALS: Final = {kind.encode()[0]: kind for kind in KINDS}
"""Kinds by the first byte of their names, which tells them apart."""


def counts_of(assembled: assemble.Assembled) -> Counts:
    """Return how many pages and entries of each kind a snapshot holds."""
    # Off the lines, which are canonical: in half of the time in which they are decoded for nothing but that.
    found = Counter(line[line.index(_KIND) + len(_KIND)] for line in assembled.entries.all_lines())
    return Counts(pages=len(assembled.rows), entries={kind: found[first] for first, kind in _INITIALS.items()})


def _abandon(staging: Staging, name: str) -> None:
    with suppress(OSError):
        if staging.folder.name.startswith(".staging-") and staging.folder.is_dir():
            staging.keep_apart("incomplete", name)
