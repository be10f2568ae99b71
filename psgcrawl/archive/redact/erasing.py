"""What old editions still hold of what a later one declares redacted, and its end.

Of an edition that a redaction stands in for, only ``datapackage.json`` stays: its hash is
in the run log. The files go only when the later edition is durable, verified and logged.
Nothing else is noted: what is to go can be seen from the manifests alone, so that a
process that dies in between leaves nothing that the next one would not find.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from psgcrawl.archive import durable
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import ENTRIES, PAGES, WARC, verify_files
from psgcrawl.archive.recovery import unlogged
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.errors import DamagedData

GOING: Final = (WARC, PAGES, ENTRIES)
"""What goes of an edition, the raw pages first."""


def standing_in(collection: Collection) -> dict[Path, Snapshot]:
    """Return the editions that a redaction replaced, by their folders, each with the edition that stands in for it.

    That is the newest of the same snapshot that declares redactions and has the raw pages itself.

    :raises DamagedData: when a manifest cannot be read
    """
    found: dict[Path, Snapshot] = {}
    last: dict[str, Snapshot] = {}
    for edition in reversed(collection.editions()):
        snapshot = edition.parsed.snapshot
        if snapshot in last:
            found[edition.folder] = last[snapshot]
        elif edition.parsed.edition > 1 and edition.is_redaction():
            last[snapshot] = edition
    return dict(reversed(found.items()))


def left_over(collection: Collection) -> list[Path]:
    """Return the files that a redaction declared gone and that are still there, in the order in which they go.

    :raises DamagedData: when a manifest cannot be read
    """
    return [path for folder in standing_in(collection) for name in GOING if (path := folder / name).exists()]


def erase(lock: CollectionLock, check: Callable[[Snapshot], list[str]]) -> list[Path]:
    """Delete what :func:`left_over` returns, durably, and return it. Killed in between, the next call goes on.

    :param check: says what is wrong with an edition that stands in for others, besides what its manifest shows
    :raises DamagedData: when an edition that stands in for others is not as its manifest says, or not in the run
        log; then nothing is deleted
    """
    lock.require()
    collection = Collection(lock.folder)
    going = left_over(collection)
    replaced = standing_in(collection)
    folders = list(dict.fromkeys(path.parent for path in going))
    missing = set(unlogged(lock.archive, lock.collection))
    for edition in {replaced[folder].folder: replaced[folder] for folder in folders}.values():
        problems = verify_files(edition.folder) or check(edition)
        if edition.name in missing:
            problems.append(f"{edition.folder}: not in the run log yet")
        if problems:
            raise DamagedData("nothing was deleted: " + "; ".join(problems))
    for path in going:
        path.unlink()
    for folder in replaced:
        # All of them: a process may have died between the two steps.
        durable.sync_folder(folder)
    return going
