"""Captures of web archives on their way into the evidence of a run: fetched, taken up, or repeated."""

from psgcrawl.archive.warc.copying import copy_records
from psgcrawl.archive.warc.making import Origin
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.spool import Member, Spool
from psgcrawl.captures.mementos import page_of
from psgcrawl.errors import BadCapture, DamagedData
from psgcrawl.records import Page
from psgcrawl.webarchive.captures import Wanted
from psgcrawl.webarchive.here import Stored


class Bringing:
    """The evidence of a run that brings captures."""

    def __init__(self, spool: Spool, started: str) -> None:
        """Begin.

        :param started: when the run started: RFC 3339 UTC; no capture is younger
        """
        self.spool = spool
        self._started = started
        self._bodies: dict[str, str] = {}

    def page(self, one: Wanted, record: str) -> Page:
        """Return the page of a capture whose record is in the evidence.

        :raises BadCapture: for one that can be no page of any time; the record stays evidence
        """
        found = self.spool.record(record)
        try:
            page = page_of(
                found, self._original(found), collection=one.listing, position=one.position, now=self._started
            )
        except BadCapture:
            self.spool.let_go(record)
            raise
        if one.is_plain and one.row.digest is not None and found.type == "response" and page.status == 200:
            self._bodies.setdefault(one.row.digest, record)
        return page

    def taken_up(self, one: Wanted, stored: Stored) -> Page | None:
        """Return the page of a capture that a former run brought; None where its record is damaged.

        :raises BadCapture: as :meth:`page`
        """
        try:
            copy_records(stored.path, [stored.id], self.spool)
        except (DamagedData, OSError):
            return None
        self.spool.hold_back(stored.id)
        return self.page(one, stored.id)

    def repeated(self, one: Wanted, source: str, stored: Stored | None) -> Page | None:
        """Return the page of a capture whose bytes are here; None where they are not.

        :param source: the address of the memento
        :param stored: where a former run has them
        :raises BadCapture: as :meth:`page`
        """
        digest = one.row.digest or ""
        if digest not in self._bodies and stored is not None:
            try:
                copy_records(stored.path, [stored.id], self.spool)
                self._bodies[digest] = stored.id
            except (DamagedData, OSError):
                return None
        if digest not in self._bodies:
            return None
        original = self.spool.record(self._bodies[digest])
        origin = Origin(url=one.row.url, date=one.when, source=source, brought=self._started, digest=digest)
        record = self.spool.make.repeated_memento(origin, original)
        self.spool.add([Member.of(record)], needs=[original.id])
        self.spool.hold_back(record.id)
        return self.page(one, record.id)

    def _original(self, record: Record) -> Record | None:
        """Return what a revisit repeats, to the one that holds the body."""
        found = record
        while found.type == "revisit":
            id_ = found.get("WARC-Refers-To") or ""
            if id_ not in self.spool:
                raise BadCapture(f"{record.id}: a revisit of {id_}, which is not there")
            found = self.spool.record(id_)
        return None if found is record else found
