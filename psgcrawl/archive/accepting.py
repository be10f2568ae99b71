"""What a run kept apart is committed after all, on a person's word.

The files stay the bytes that they are: the snapshot gets them as further names of the
same files (copies, where the file system knows no such names), with a manifest that says
who it was, and the old manifest beside it. Then it is committed as every snapshot is, and
logged; only after that the old folder goes. Whoever dies in between leaves the old folder
whole, or the snapshot, or both, and to say it again finishes it.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psgcrawl.archive import assemble, durable, jsonl, names, runlog
from psgcrawl.archive.commit import CollectionLock, Staging
from psgcrawl.archive.manifest import (
    KEPT_APART,
    MANIFEST,
    PAGES,
    WARC,
    About,
    Manifest,
    StoredFile,
    build_manifest,
    default_title,
    read_manifest,
    verify_files,
)
from psgcrawl.archive.recovery import log_unlogged
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.archive.verify import content, evidence
from psgcrawl.archive.verify.findings import Finding, Findings
from psgcrawl.archive.write import Written
from psgcrawl.errors import AmbiguousName, DamagedData, NotFound, UsageError
from psgcrawl.records import Acceptance, Captured, PageRow, Provenance, RunLine, replace

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a folder that was kept apart."""

    folder: str
    """Its name while it was kept apart."""
    line: RunLine
    """The line of its commit."""
    finished: bool
    """Whether it had been committed before, by a command that died, and only the rest was done."""


def accept(lock: CollectionLock, named: str, reason: str, now: str) -> Accepted:
    """Commit the folder kept apart that ``named`` means in the locked collection, log it, and remove its old name.

    :param named: its name, or a unique beginning of it, with or without the dot
    :param now: RFC 3339 UTC
    :raises NotFound: where there is none
    :raises AmbiguousName: where several are meant
    :raises UsageError: for what was accepted before, and for what was never finished
    :raises DamagedData: where files, lines or records are not as they were written; nothing was changed
    """
    lock.require()
    log_unlogged(lock, now)
    folder = _find(lock, named)
    done = _became(lock.folder, folder)
    if done is not None:
        problems = verify_files(done.folder)
        if problems:
            raise DamagedData("; ".join(problems))
        _remove(folder)
        return Accepted(folder.name, _line(lock.collection, done.folder, done.manifest(), now), finished=True)
    manifest = _sound(lock.archive, folder)
    acceptance = Acceptance(reason=reason, when=now, origin=folder.name, sha256=manifest.sha256)
    name = _commit(lock, folder, manifest, acceptance)
    line = _line(lock.collection, lock.folder / name, read_manifest(lock.folder / name), now)
    runlog.append(lock.archive, line)
    _remove(folder)
    return Accepted(folder.name, line, finished=False)


# --- which one is meant ----------------------------------------------------------------


def _find(lock: CollectionLock, named: str) -> Path:
    wanted = f".{named.removeprefix('.')}"
    there = [path for path in Collection(lock.folder).kept_apart() if not path.name.startswith(".staging-")]
    found = [path for path in there if path.name == wanted] or [path for path in there if path.name.startswith(wanted)]
    if len(found) > 1:
        raise AmbiguousName(f"{named!r} fits several: {', '.join(path.name for path in found)}")
    if found:
        return found[0]
    before = _before(lock.folder, wanted)
    if before is not None:
        raise UsageError(f"{wanted}: it was accepted before: it is {before.name}")
    listed = ", ".join(path.name for path in there) or "nothing"
    raise NotFound(f"{lock.collection}: nothing kept apart fits {named!r}; there is {listed}")


def _before(collection: Path, wanted: str) -> Snapshot | None:
    """Return the last snapshot that was accepted from a folder of that name, in its first edition."""
    found = [one for one in Collection(collection).editions() if one.parsed.edition == 1]
    return next((one for one in reversed(found) if (made := _acceptance(one)) and made.origin == wanted), None)


def _became(collection: Path, folder: Path) -> Snapshot | None:
    """Return the snapshot that a folder became, where a command died before it removed the folder."""
    snapshot = _before(collection, folder.name)
    accepted = _acceptance(snapshot) if snapshot else None
    try:
        sha256 = read_manifest(folder).sha256 if any(folder.iterdir()) else None
    except DamagedData:
        return None
    # The manifest goes last.
    return snapshot if accepted and sha256 in {None, accepted.sha256} else None


def _acceptance(snapshot: Snapshot) -> Acceptance | None:
    try:
        return snapshot.manifest().provenance.accepted
    except DamagedData:
        # Verifying tells it; it stands in nobody's way.
        return None


# --- whether it is sound ---------------------------------------------------------------


def _sound(archive: Path, folder: Path) -> Manifest:
    """Return the manifest of a folder kept apart, once all that it holds is as it was written.

    :raises UsageError: where it has none
    :raises DamagedData: where something is not
    """
    if not (folder / MANIFEST).is_file():
        raise UsageError(
            f"{folder}: it has no {MANIFEST}: the run died before it was finished. What it fetched can be read as "
            f"captures: scrapy crawl captures -a path={folder}"
        )
    manifest = read_manifest(folder)
    problems = verify_files(folder) or [*_unlike_log(archive, folder, manifest), *_unlike_lines(folder, manifest)]
    if problems:
        raise DamagedData("; ".join(problems))
    return manifest


def _unlike_log(archive: Path, folder: Path, manifest: Manifest) -> list[str]:
    """Hold the manifest against the last line that names the folder; a run that died wrote none."""
    stated = [
        line.manifest_sha256
        for line in runlog.read(archive)
        if line.collection == folder.parent.name and line.snapshot == folder.name
    ]
    if not stated or stated[-1] in {None, manifest.sha256}:
        return []
    return [f"{folder / MANIFEST}: SHA-256 is {manifest.sha256}, {runlog.RUNS} has {stated[-1]}"]


def _unlike_lines(folder: Path, manifest: Manifest) -> list[str]:
    """Look into every line and record, as a deep check of a snapshot does."""
    found: list[Finding] = []
    findings = Findings(folder.parent.parent, found.append)
    entries = content.read_entries(folder, findings)
    rows = content.read_pages(folder, findings)
    content.check_lists(entries, rows, folder, findings)
    content.check_provenance(manifest.provenance, entries, rows, folder, findings)
    stated = next((file for file in manifest.files if file.path == WARC), None)
    if stated is not None:
        records = evidence.check_records(folder / WARC, stated.records, None, findings)
        if records is not None:
            for place, row in rows:
                evidence.check_row(place, row, records, findings)
    elif any(row.warc for _, row in rows):
        findings.damaged(folder / PAGES, f"points at records, and there is no {WARC}")
    return [f"{one.place}: {one.text}" for one in found if one.damage]


# --- the commit --------------------------------------------------------------------------


def _commit(lock: CollectionLock, folder: Path, manifest: Manifest, acceptance: Acceptance) -> str:
    rows = list(jsonl.read_lines(folder / PAGES, PageRow))
    name = names.next_free_name(lock.folder, _stem(folder, rows))
    staging = Staging(lock, name)
    try:
        _fill(staging, folder, manifest)
        about = _about(lock.collection, name, manifest, acceptance, rows)
        staging.commit(name, build_manifest(about, _files(staging, manifest), _provenance(manifest, acceptance)))
    finally:
        if staging.folder.name.startswith(".staging-"):
            # Further names of what is kept apart, and nothing else.
            shutil.rmtree(staging.folder)
    return name


def _fill(staging: Staging, folder: Path, manifest: Manifest) -> None:
    for file in manifest.files:
        _give(folder / file.path, staging.folder / file.path)
    _give(folder / MANIFEST, staging.folder / _free(KEPT_APART, [file.path for file in manifest.files]))


def _free(name: str, taken: Sequence[str]) -> str:
    """Return a name for the old manifest: a snapshot can have been kept apart more than once."""
    stem, _, suffix = name.partition(".")
    others = (f"{stem}-{number}.{suffix}" for number in range(2, len(taken) + 3))
    return next(free for free in (name, *others) if free not in taken)


def _files(staging: Staging, manifest: Manifest) -> list[StoredFile]:
    records = {file.path: file.records for file in manifest.files}
    return [replace(file, records=records.get(file.path)) for file in staging.files()]


def _about(collection: str, name: str, manifest: Manifest, acceptance: Acceptance, rows: Sequence[PageRow]) -> About:
    own_title = manifest.title != default_title(collection, manifest.provenance)
    return About(
        collection=collection,
        name=name,
        created=acceptance.when,
        title=manifest.title if own_title else None,
        urls=[row.url for row in rows],
        notes=manifest.notes,
    )


def _provenance(manifest: Manifest, acceptance: Acceptance) -> Provenance:
    """Return that of the crawl: a live one that wanted more than it got is not complete, whatever its pages show."""
    facts = manifest.provenance
    short = acceptance.origin.startswith(".incomplete-") and facts.source == "live"
    coverage = replace(facts.coverage, complete=False) if short else facts.coverage
    return replace(facts, accepted=acceptance, coverage=coverage)


def _stem(folder: Path, rows: Sequence[PageRow]) -> str:
    """Return the name that the crawl would have got: that of its first capture."""
    apart = names.kept_apart(folder.name)
    own = names.parse(apart[1]) if apart else None
    if own is not None:
        return own.stem
    since = assemble.span(rows).since
    return names.stem(Captured(since=since, until=since if all(row.captured.known for row in rows) else None))


def _give(old: Path, new: Path) -> None:
    """Give a file a further name; where that cannot be, copy it.

    :raises FileExistsError: where something has the name; never is anything overwritten
    """
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:
        with old.open("rb") as source, durable.new_file(new) as target:
            while piece := source.read(_PIECE):
                durable.write_all(target.fileno(), piece)


def _remove(folder: Path) -> None:
    """Remove the old names of files that a snapshot holds; the manifest's last, so that a rest is still known."""
    stated = [file.path for file in read_manifest(folder).files] if any(folder.iterdir()) else []
    for name in (*stated, MANIFEST):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()
    durable.sync_folder(folder.parent)


def _line(collection: str, folder: Path, manifest: Manifest, now: str) -> RunLine:
    made = manifest.provenance.accepted
    reasons = [f"accepted: {made.reason}", f"it was kept apart as {made.origin}"] if made else []
    return Written.of(folder, manifest).line(collection, spider="accept", started=now, finished=now, reasons=reasons)
