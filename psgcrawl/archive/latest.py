"""The link ``latest`` of a collection: a convenience for people. No command reads it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from psgcrawl.archive import names

LATEST: Final = "latest"
_ASIDE: Final = ".latest-new"


def point_latest(folder: Path) -> None:
    """Let ``latest`` in the collection ``folder`` point at the newest snapshot, in its newest edition.

    Newest by capture time, not by commit. The link is relative, and changes in one step:
    at no time is it missing or broken. Without snapshots nothing happens; something else
    of that name is left alone; and where the file system knows no links, the archive
    does without. To be called under the collection's lock; the caller forces the folder to disk.
    """
    found = [name for path in folder.iterdir() if (name := names.parse(path.name)) and path.is_dir()]
    link = folder / LATEST
    if not found or (os.path.lexists(link) and not link.is_symlink()):
        return
    newest = str(max(found, key=lambda name: name.order))
    with suppress(OSError):
        if link.is_symlink() and str(link.readlink()) == newest:
            return
        aside = folder / _ASIDE
        if aside.is_symlink():
            # A run died between the two steps below: take its second step.
            aside.replace(link)
        aside.symlink_to(newest)
        aside.replace(link)
