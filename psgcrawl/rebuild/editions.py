"""One snapshot: derived again, compared with what is stored, and committed as its next edition where that is due."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from psgcrawl.archive import rules, runlog
from psgcrawl.archive.assemble import Assembled
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import ENTRIES, PAGES
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.write import write_edition
from psgcrawl.rebuild.deriving import check_file, derive_all
from psgcrawl.rebuild.differences import entry_differences, page_differences
from psgcrawl.rebuild.outcomes import Examined, summary
from psgcrawl.rebuild.seen import Seen

SPIDER: Final = "rebuild"
"""Who stands in the run log for a snapshot that was derived again."""


def examine(snapshot: Snapshot, seen: Seen | None = None) -> tuple[Examined, Assembled]:
    """Return what deriving ``snapshot`` again comes to, and what is derived.

    :param seen: takes its pages, and may know those of another snapshot
    :raises DamagedData: where it cannot be derived, and where what is stored is damaged: that is no difference
    """
    found = derive_all(snapshot, seen)
    content = found.assembled
    check_file(snapshot.folder, found.manifest, ENTRIES)
    files = [name for name, records in content.files.items() if not records.is_in(snapshot.folder / name)]
    facts = found.manifest.provenance
    examined = Examined(
        snapshot=snapshot.name,
        evidence=found.evidence,
        derivation=facts.derivation,
        site=facts.site,
        files=files,
        entries=entry_differences(snapshot.entries(), content.entries) if ENTRIES in files else [],
        pages=list(page_differences(snapshot.pages(), content.rows)) if PAGES in files else [],
        old_coverage=facts.coverage,
        new_coverage=found.coverage,
    )
    return examined, content


def commit(lock: CollectionLock, examined: Examined, content: Assembled, started: str, now: str) -> Examined:
    """Commit ``content`` as the next edition of the snapshot that was examined, log it, and return its name with it.

    :param lock: that of its collection; held since it was seen that there is no later edition
    :param started: when the rebuild started, RFC 3339 UTC: also when the manifest says it was written, so that an
        edition is the same bytes however often its making was begun
    :param now: RFC 3339 UTC
    :raises OSError: where the disk fails; a committed edition that has no line yet is logged by the next run
    :raises DamagedData: as :func:`psgcrawl.archive.write.write_edition`, and where the log is damaged
    """
    written = write_edition(lock, lock.folder / examined.snapshot, content, examined.new_coverage, started)
    line = written.line(lock.collection, spider=SPIDER, started=started, finished=now, reasons=[*reasons(examined)])
    runlog.append(lock.archive, line)
    return replace(examined, edition=written.name)


def reasons(examined: Examined) -> Iterator[str]:
    """Yield in words what was derived again from what, and why."""
    yield f"derived again from the raw pages of {examined.evidence}, in place of {examined.snapshot}"
    if examined.rules != rules.today():
        yield f"the rules are derivation {rules.today()}, they were derivation {examined.rules}"
    if examined.differs:
        yield f"what differs is how pages are read, not the site: {summary(examined)}"
    else:
        yield "nothing else differs"
