"""The WARC of a snapshot, as a capture: the ``pages.jsonl`` beside it says what its records cannot.

A record tells when it was made. That the page was fetched then, by a crawl of ours, and
which collection it stands in, tells the snapshot. Of its records only those of its pages
are captures: others are what they repeat, or what was fetched on the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from psgcrawl.archive import names
from psgcrawl.archive.jsonl import read_lines
from psgcrawl.archive.manifest import MANIFEST, PAGES, WARC, default_title, read_manifest
from psgcrawl.archive.warc.digests import labelled
from psgcrawl.captures.capture import Capture
from psgcrawl.captures.files import WarcFile
from psgcrawl.captures.stored import is_sound
from psgcrawl.errors import BadCapture, DamagedData
from psgcrawl.records import PageRow, replace


@dataclass(frozen=True, slots=True)
class Own:
    """What a snapshot says of the records in its WARC."""

    collection: str | None
    """None where the folder does not stand in one."""
    rows: Mapping[str, PageRow]
    """By record id, without their lists."""
    urls: frozenset[str | None]
    title: str | None
    note: str | None

    def told(self, capture: Capture) -> Capture:
        """Return ``capture`` with what its row says.

        :raises BadCapture: where the row is about other bytes
        """
        row = self.rows[capture.record or ""]
        if row.payload_digest != labelled(capture.payload):
            raise BadCapture(f"{capture.place}: {PAGES} beside it has another digest: {row.payload_digest}")
        # A file says itself what is known of its time: the row has it after its datelines were read.
        if capture.captured_basis == "warc":
            if not is_sound(row.captured):
                raise BadCapture(f"{capture.place}: {PAGES} beside it has no time that can be: {row.captured.since}")
            capture = replace(capture, captured=row.captured, captured_basis=row.captured_basis)
        return replace(
            capture,
            url=row.url,
            position=row.position,
            collection=self.collection or capture.collection,
            by_address=capture.by_address and self.collection is None,
            title=self.title,
            note=self.note,
        )


def own_of(file: WarcFile) -> Own | None:
    """Return what a snapshot says of its WARC; None for every other file.

    :raises BadCapture: where that cannot be read: without it the captures would be taken for something else
    """
    path = file.source
    if not isinstance(path, Path) or path.name != WARC or not path.with_name(PAGES).is_file():
        return None
    folder = path.resolve().parent
    try:
        rows = [replace(row, lists=[]) for row in read_lines(path.with_name(PAGES), PageRow)]
        title, note = _said(folder) if (folder / MANIFEST).is_file() else (None, None)
    except (DamagedData, OSError) as error:
        raise BadCapture(f"{file.place}: held back: {error}") from error
    is_snapshot = names.parse(folder.name) is not None or names.kept_apart(folder.name) is not None
    return Own(
        collection=folder.parent.name if is_snapshot and names.is_collection(folder.parent.name) else None,
        rows={row.warc.record: row for row in rows if row.warc is not None and row.carried_from is None},
        urls=frozenset(row.url for row in rows),
        title=title,
        note=note,
    )


def _said(folder: Path) -> tuple[str | None, str | None]:
    """Return the title and the note that a snapshot's captures were given."""
    manifest = read_manifest(folder)
    usual = default_title(folder.parent.name, manifest.provenance)
    return manifest.title if manifest.title != usual else None, "\n\n".join(manifest.notes) or None
