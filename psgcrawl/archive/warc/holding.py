"""What the archive holds of an address, so that it need not be sent again: its page in the last live snapshot."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from psgcrawl.archive.redact.row import is_redacted_row
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.reading import member_at
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.stored import StoredRecords
from psgcrawl.errors import DamagedData, UnreadablePage
from psgcrawl.records import PageRow, replace

_STANDING: Final = frozenset({200, 304})
"""Statuses of pages that a later 304 can confirm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A page of the last live snapshot that a server can be asked to confirm."""

    snapshot: str
    """The snapshot's name."""
    original: Record
    """The ``response`` record that holds the body, through all revisits."""
    member: bytes
    """Its gzip member, as it stands."""
    answer: Message
    """What it holds."""
    etag: str | None
    """What the server called this state of the page, in its latest word of it (RFC 9110, 8.8.3)."""
    modified: str | None
    """When the page was changed, in the server's own words (RFC 9110, 8.8.2)."""


class Holding:
    """The pages of a collection's last live snapshot, in its newest edition, by their addresses."""

    def __init__(self, archive: Path, collection: str, note: Callable[[str], object]) -> None:
        """Name the collection, which need not exist; nothing is read yet.

        :param note: is told what is damaged or gone (``place: problem``); such a page is as if it were not held
        """
        self._archive = archive
        self._collection = collection
        self._note = note

    def of(self, url: str) -> Held | None:
        """Return what is held of ``url``, written exactly so.

        None for an address that the last live snapshot has not, of which no response was
        kept (a file, a redacted record), or whose server gave nothing to ask by.
        """
        row = self._rows.get(url)
        if row is None or row.warc is None or row.status not in _STANDING:
            return None
        if is_redacted_row(row.problems):
            return None
        try:
            return self._held(url, row)
        except (DamagedData, UnreadablePage) as error:
            self._note(f"{error}; the page is fetched whole")
            return None

    def _held(self, url: str, row: PageRow) -> Held | None:
        assert self._latest is not None  # noqa: S101 - the row is one of its pages
        if self._stored is None:
            raise DamagedData(f"{self._latest.folder}: its evidence is missing")
        assert row.warc is not None  # noqa: S101 - the caller looked
        observed = self._stored.at(row.warc)
        chain = [observed, *self._stored.repeated(observed.record)]
        last = chain[-1]
        if last.record.type != "response" or not last.record.is_http:
            return None
        answer = message.parse(last.record.block)
        if sha256(answer.payload()).hexdigest() != row.sha256:
            raise DamagedData(f"{self._stored.path}: byte {last.offset}: the record is not what {url} showed")
        # A 304 says anew what holds (RFC 9111, 4.3.4). What another address said with the same bytes says nothing here.
        said = [message.parse(found.record.block) for found in chain if found.record.uri == url]
        etag, modified = _first(said, "ETag"), _first(said, "Last-Modified")
        if etag is None and modified is None:
            return None
        return Held(
            snapshot=self._latest.name,
            original=last.record,
            member=member_at(self._stored.path, last.offset, last.length),
            answer=answer,
            etag=etag,
            modified=modified,
        )

    @cached_property
    def _latest(self) -> Snapshot | None:
        return Archive(self._archive).latest_live(self._collection)

    @cached_property
    def _rows(self) -> dict[str, PageRow]:
        if self._latest is None:
            return {}
        try:
            # What they show is not asked here, and would be the greater part.
            return {row.url: replace(row, lists=[]) for row in self._latest.pages() if row.url is not None}
        except DamagedData as error:
            self._note(f"{error}; all pages are fetched whole")
            return {}

    @cached_property
    def _stored(self) -> StoredRecords | None:
        path = self._latest.evidence() if self._latest else None
        return StoredRecords(path) if path else None


def _first(said: list[Message], name: str) -> str | None:
    return next((value for one in said if (value := one.get(name))), None)
