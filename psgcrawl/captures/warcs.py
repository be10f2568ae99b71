"""Captures in WARC and WACZ files, whoever wrote them.

All files of a call are read first (:mod:`psgcrawl.captures.gathered`), for what belongs
to a capture can stand behind it, or in another file. Then come the captures, in the order
of the files and of the records in each.

What becomes evidence is copied byte for byte: the record of a capture with its requests
and metadata, the ``warcinfo`` above it, and what it repeats. A revisit that says what it
repeats otherwise than by ``WARC-Refers-To``, or wrongly, gets a record of our own beside
it that does: in an archive a revisit is always found by that.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from psgcrawl.archive.redact.record import is_redacted
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.digests import agrees, labelled
from psgcrawl.archive.warc.making import SAME_PAYLOAD
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.spool import Member, Spool
from psgcrawl.captures import choosing
from psgcrawl.captures.capture import Capture, observe
from psgcrawl.captures.files import WarcFile
from psgcrawl.captures.gathered import Gathered
from psgcrawl.captures.held import Held
from psgcrawl.captures.own import Own
from psgcrawl.captures.stored import capture_of
from psgcrawl.errors import BadCapture, UnreadablePage
from psgcrawl.records import Page, replace


class Warcs:
    """The captures in some files, until it is closed."""

    def __init__(self, files: Sequence[WarcFile], spool: Spool) -> None:
        """Read the files.

        :param spool: the evidence of the run that takes them in
        """
        self._spool = spool
        self._copied: set[str] = set()
        self._made: dict[str, str] = {}
        gathered = Gathered(files, spool.folder)
        self._shelf = gathered.shelf
        self._seen = gathered.seen

    def close(self) -> None:
        """Forget what was kept of them."""
        self._shelf.close()

    def pages(self, file: WarcFile, now: str) -> Iterator[Page | BadCapture]:
        """Yield the pages in ``file``, their records kept as evidence, and what is wrong (``place: problem``).

        :param now: RFC 3339 UTC; no capture is younger
        """
        seen = self._seen[file.place]
        for item in seen.items:
            if isinstance(item, BadCapture):
                yield item
                continue
            try:
                why_not = self._why_not(item)
                page = None if why_not else self._page(item, file, seen.own, now)
            except (BadCapture, UnreadablePage) as error:
                yield BadCapture(str(error))
                continue
            if page is None:
                seen.passed_over[why_not or choosing.OTHER_STATUS] += 1
            else:
                yield page

    def passed_over(self, file: WarcFile) -> str | None:
        """Return how many records of ``file`` were no captures, and why; None if there were none.

        Complete once :meth:`pages` is. Requests, metadata and ``warcinfo`` are not
        counted: they say something of other records.
        """
        counted = self._seen[file.place].passed_over
        told = ", ".join(f"{counted[reason]} {reason}" for reason in choosing.REASONS if counted[reason])
        return f"{file.place}: records passed over: {told}" if told else None

    def _why_not(self, held: Held) -> str | None:
        """Return why a record is no capture, as only other records show."""
        if any(one.method not in {None, "GET"} for one in self._shelf.companions(held)):
            return choosing.NOT_GET
        originals = self._shelf.originals(held)
        if originals and is_redacted(self._shelf.record(originals[-1])):
            return choosing.REDACTED
        return None

    def _page(self, held: Held, file: WarcFile, own: Own | None, now: str) -> Page | None:
        """Return the page of a capture, its evidence kept; None if it has not the status of one."""
        if held.id in self._spool and held.id not in self._copied:
            raise BadCapture(f"{held.place}: the WARC-Record-ID {held.id} is that of a record of this run")
        record = self._shelf.record(held)
        originals = self._shelf.originals(held)
        original = self._shelf.record(originals[-1]) if originals else None
        _check(record, held.place)
        if original is not None:
            _check(original, originals[-1].place)
        capture = _told(capture_of(record, original, held.place), file, own)
        if capture.captured.since > now:
            raise BadCapture(f"{held.place}: captured in the future: {capture.captured.since}")
        if own is None and not choosing.has_status(held.type, capture.status):
            return None
        page = observe(capture)
        self._copy(held)
        if original is not None and not _leads([held, *originals]):
            return replace(page, record=self._repeat(held, record, original, capture))
        return page

    def _repeat(self, held: Held, record: Record, original: Record, capture: Capture) -> str:
        """Write a revisit that names ``original``, and return its name.

        :raises UnreadablePage: where neither is an HTTP message
        """
        if held.id not in self._made:
            # Some records have no digest of their payload.
            named = Record((*original.fields, ("WARC-Payload-Digest", labelled(capture.payload))), b"")
            header = message.parse(record.block or original.block)
            profile = record.get("WARC-Profile") or SAME_PAYLOAD
            uri = record.uri or named.uri or ""
            made = self._spool.make.revisit(uri, record.date, header, named, profile=profile, request=record)
            self._spool.add([Member.of(made)], [held.id])
            self._made[held.id] = made.id
        return self._made[held.id]

    def _copy(self, held: Held) -> None:
        """Copy a record into the evidence of the run, with all that belongs to it."""
        if held.id in self._spool:
            return
        together = sorted([held, *self._shelf.companions(held)], key=lambda one: one.number)
        above = self._shelf.named(held.warcinfo)
        originals = self._shelf.originals(held)
        if above is not None and above.id not in self._spool:
            self._add([above], [])
        self._add(together, [one.id for one in (above, *originals) if one is not None])
        for one in originals:
            self._copy(one)

    def _add(self, together: Sequence[Held], needs: Sequence[str]) -> None:
        self._spool.add([self._shelf.member(one) for one in together], needs)
        self._copied.update(one.id for one in together)


def _check(record: Record, place: str) -> None:
    """Refuse a record that is not as it was written, or of which this is a part only.

    :raises BadCapture: ``place: problem``
    """
    digest = record.get("WARC-Block-Digest")
    # GNU Wget gives revisits the digest of nothing (1.21), whatever their block.
    of_nothing = record.type == "revisit" and digest is not None and agrees(digest, b"")
    if digest is not None and not of_nothing and agrees(digest, record.block) is False:
        raise BadCapture(f"{place}: WARC-Block-Digest: {digest!a} is not that of the block: it is damaged")
    if record.get("WARC-Segment-Number") is not None:
        raise BadCapture(f"{place}: one segment of a record that goes on in others, which are not put together here")


def _leads(chain: Sequence[Held]) -> bool:
    """Tell whether each of the records names the next one by ``WARC-Refers-To``."""
    return all(one.repeats[:1] == (("id", other.id, ""),) for one, other in pairwise(chain))


def _told(capture: Capture, file: WarcFile, own: Own | None) -> Capture:
    """Return ``capture`` with what stands beside its file.

    :raises BadCapture: for an address that is no text
    """
    if capture.url is not None and not (capture.url.isascii() and capture.url.isprintable()):
        raise BadCapture(f"{capture.place}: WARC-Target-URI: {capture.url!a} is no address")
    capture = own.told(capture) if own is not None else capture
    return replace(
        capture,
        collection=file.collection or capture.collection,
        by_address=capture.by_address and file.collection is None,
        title=file.title or capture.title,
        note=file.note or capture.note,
    )
