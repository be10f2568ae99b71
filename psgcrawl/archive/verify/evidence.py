"""A snapshot's WARC, record by record, and the pages against their records.

What others wrote is copied as it stands, so of their records only that is asked without
which they prove nothing: framing, names, digests where there are some, and that what is
repeated is there. Records of the run itself (their ``WARC-Warcinfo-ID`` is that of the
first record) must be as this program writes them.
"""

from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from psgcrawl.archive import jsonl
from psgcrawl.archive.filed import Filed
from psgcrawl.archive.redact.record import PAYLOAD_DIGEST, is_redacted
from psgcrawl.archive.redact.row import is_redacted_row
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.digests import agrees, labelled
from psgcrawl.archive.warc.reading import Found, read
from psgcrawl.archive.warc.record import VERSION, Record
from psgcrawl.errors import DamagedData, UnreadablePage
from psgcrawl.records import PageRow, replace

_WITH_PAYLOAD: Final = frozenset({"response", "resource"})
_OF_PAGES: Final = frozenset({"response", "resource", "revisit"})
_LABELLED: Final = len(labelled(b""))


class Known(Struct, frozen=True, kw_only=True):
    """What is kept of a record that was looked into."""

    id: str
    type: str
    uri: str | None
    date: str
    offset: int
    length: int
    ours: bool
    redacted: bool
    status: int | None
    digest: str | None
    """SHA-1 of its payload: computed; of a redacted record, or a revisit, as stated. None where there is none."""
    sha256: str | None
    """SHA-256 of its payload; None of what holds none itself."""
    stated: str | None
    """The payload digest as the record itself writes it."""
    repeats: str | None
    concurrent: tuple[str, ...]


class Records(Struct):
    """The records of one file, by their ids."""

    path: Path
    _known: Filed[Known] = field(default_factory=lambda: Filed(Known))
    _number: dict[int, int] = field(default_factory=dict)
    """By the hash of an id where it stands: of a record there is more to know than fits into memory many times."""

    def add(self, known: Known) -> None:
        """Take a record; of several with one id the last counts."""
        known = _spelled_out(known)
        self._number[hash(known.id)] = len(self._known)
        self._known.append(known)

    def __contains__(self, id_: str) -> bool:
        """Tell whether a record of that id is there."""
        return hash(id_) in self._number

    def __iter__(self) -> Iterator[Known]:
        """Yield the records, in the order of the file."""
        return (known for number, known in enumerate(self._known) if self._number[hash(known.id)] == number)

    def get(self, id_: str) -> Known | None:
        """Return the record of that id; None where there is none."""
        number = self._number.get(hash(id_))
        return None if number is None else self._known[number]

    def original(self, known: Known) -> Known | None:
        """Return the record whose payload ``known`` repeats, through revisits of revisits; None if it is not there."""
        seen = {known.id}
        while known.type == "revisit":
            other = self.get(known.repeats or "")
            if other is None or other.id in seen:
                return None
            seen.add(other.id)
            known = other
        return known


def _spelled_out(known: Known) -> Known:
    """Return it without lone surrogates, by which bytes of others' headers are kept that are no UTF-8."""
    texts = {name: getattr(known, name) for name in _HEADERS}
    spelled = {name: jsonl.printable(text) for name, text in texts.items() if text is not None}
    concurrent = tuple(map(jsonl.printable, known.concurrent))
    if concurrent == known.concurrent and all(texts[name] == text for name, text in spelled.items()):
        return known
    return replace(known, **spelled, concurrent=concurrent)


_HEADERS: Final = ("id", "type", "uri", "date", "digest", "stated", "repeats")
"""What of a record stands in its header as somebody wrote it."""


def check_records(
    path: Path, stated: int | None, redactions: Collection[str] | None, findings: Findings
) -> Records | None:
    """Look into every record of the file ``path``, tell what is wrong, and return them; None where it breaks off.

    :param stated: how many there are, as the manifest says
    :param redactions: ids of those that the manifest declares redacted; None where that is not asked
    """
    records = Records(path)
    first: Known | None = None
    number = 0
    try:
        with path.open("rb") as file:
            for number, found in enumerate(read(file, str(path)), 1):
                known = _look(f"{path}: record {number}", found, first, findings)
                first = first or known
                if known.id in records:
                    findings.damaged(f"{path}: record {number}", f"{known.id} is there twice")
                records.add(known)
    except (DamagedData, OSError) as error:
        findings.raised(path, error)
        return None
    findings.tally.records += number
    if stated is not None and number != stated:
        findings.damaged(path, f"{number} records, the manifest says {stated}")
    if first is None or first.type != "warcinfo":
        findings.damaged(path, "the first record is no warcinfo")
    for known in records:
        _check_relations(known, records, findings)
    if redactions is not None:
        _check_redactions(records, redactions, findings)
    return records


def check_row(place: str, row: PageRow, records: Records, findings: Findings) -> None:
    """Tell where a page is not what its record holds."""
    if row.warc is None:
        if row.carried_from is None:
            findings.damaged(place, f"no record, though there is {records.path.name}")
        return
    known = records.get(row.warc.record)
    if known is None or (known.offset, known.length) != (row.warc.offset, row.warc.length):
        findings.damaged(place, f"no record {row.warc.record} of {row.warc.length} bytes at byte {row.warc.offset}")
        return
    original = records.original(known)
    if known.type not in _OF_PAGES or original is None:
        findings.damaged(place, f"{known.id} is a {known.type!r} that holds no page, or repeats what is not there")
        return
    status = original.status if known.status is None else known.status
    address = None if known.uri is None or known.uri.startswith("ni:") else known.uri
    for name, here, there in (("url", row.url, address), ("status", row.status, status)):
        if here != there:
            findings.damaged(place, f"{name} is {here!r}, that of its record {there!r}")
    _check_payload(place, row, original, findings)


def _check_payload(place: str, row: PageRow, original: Known, findings: Findings) -> None:
    if original.redacted or is_redacted_row(row.problems):
        if not is_redacted_row(row.problems) or not original.redacted or row.lists or row.layout is not None:
            findings.damaged(place, "of page and record one is redacted, and the other is not")
        # In the notation of others it says the same in other words.
        comparable = original.digest is not None and len(original.digest) == _LABELLED
        if comparable and original.digest != row.payload_digest:
            findings.damaged(place, f"payload_digest is {row.payload_digest}, that of its record was {original.digest}")
        return
    for name, here, there in (
        ("payload_digest", row.payload_digest, original.digest),
        ("sha256", row.sha256, original.sha256),
    ):
        if here != there:
            findings.damaged(place, f"{name} is {here}, that of its record {there}")


def _look(place: str, found: Found, first: Known | None, findings: Findings) -> Known:
    """Check what a record shows by itself, and return what the others are held against."""
    record = found.record
    ours = first is None or record.get("WARC-Warcinfo-ID") == first.id
    if found.length == 0 or not _is_member(found):
        findings.damaged(place, "not in a gzip member of its own")
    for name in ("WARC-Type", "WARC-Record-ID", "WARC-Date"):
        if not record.get(name):
            findings.damaged(place, f"no {name}")
    if ours and record.version != VERSION:
        findings.damaged(place, f"its version is {record.version!r}")
    if not found.kept:
        findings.noted(place, f"{record.get('Content-Length')} bytes: too large to be looked into")
    payload = _check_digests(place, record, findings, ours=ours) if found.kept else None
    redacted = is_redacted(record)
    stated = record.get(PAYLOAD_DIGEST if redacted and record.type != "revisit" else "WARC-Payload-Digest")
    held = payload is not None and not redacted and record.type in _WITH_PAYLOAD
    return Known(
        id=record.id,
        type=record.type,
        uri=record.uri,
        date=record.date,
        offset=found.offset,
        length=found.length,
        ours=ours,
        redacted=redacted,
        status=_status(record),
        digest=labelled(payload) if held and payload is not None else stated,
        sha256=sha256(payload).hexdigest() if held and payload is not None else None,
        stated=stated,
        repeats=record.get("WARC-Refers-To") if record.type == "revisit" else None,
        concurrent=tuple(record.all("WARC-Concurrent-To")),
    )


def _is_member(found: Found) -> bool:
    """Tell whether a record stands in a gzip member: one that was not kept is too large to be told."""
    return found.alone is not None or not found.kept


def _check_digests(place: str, record: Record, findings: Findings, *, ours: bool) -> bytes | None:
    """Check what the record says of its block and payload, and return the payload; None where there is none."""
    block_digest = record.get("WARC-Block-Digest")
    if block_digest is None and ours:
        findings.damaged(place, "no WARC-Block-Digest")
    # GNU Wget (1.21) gives its revisits the digest of nothing, whatever their block.
    of_nothing = not ours and record.type == "revisit" and agrees(block_digest or "", b"") is True
    if block_digest is not None and not of_nothing and agrees(block_digest, record.block) is False:
        findings.damaged(place, f"WARC-Block-Digest is {block_digest}, that of its block {labelled(record.block)}")
    if record.type not in _WITH_PAYLOAD:
        return None
    try:
        body, payload = _body_and_payload(record)
    except UnreadablePage as error:
        # A page that points here is told; a document that a server sent like this is what it sent.
        findings.noted(place, f"{record.type} without readable payload: {error}")
        return None
    digest = record.get("WARC-Payload-Digest")
    # Some writers take the payload's digest before the transfer encoding is undone.
    if digest is not None and agrees(digest, payload) is False and (ours or agrees(digest, body) is False):
        findings.damaged(place, f"WARC-Payload-Digest is {digest}, that of its payload {labelled(payload)}")
    if digest is None and ours and not is_redacted(record):
        findings.damaged(place, "no WARC-Payload-Digest")
    return payload


def _body_and_payload(record: Record) -> tuple[bytes, bytes]:
    if not record.is_http:
        return record.block, record.block
    parsed = message.parse(record.block)
    return parsed.body, parsed.payload()


def _status(record: Record) -> int | None:
    if not record.is_http or not record.block or record.type not in _OF_PAGES:
        return None
    try:
        return message.parse(record.block).status
    except UnreadablePage:
        return None


def _check_relations(known: Known, records: Records, findings: Findings) -> None:
    place = f"{records.path}: {known.id}"
    for other in known.concurrent if known.ours else ():
        if other not in records:
            findings.damaged(place, f"WARC-Concurrent-To names {other}, which is not there")
    if known.type != "revisit":
        return
    original = records.original(known)
    if original is None:
        if known.ours:
            findings.damaged(place, f"a revisit of {known.repeats}, which is not there")
        elif known.repeats:
            # Where it is a page's, that is told there; else one of ours beside it says what it repeats.
            findings.noted(place, f"a revisit of {known.repeats}, which is not there")
    elif known.stated not in {original.stated, original.digest}:
        findings.damaged(place, f"a revisit of the payload {known.stated}, that of {original.id} is {original.digest}")


def _check_redactions(records: Records, declared: Collection[str], findings: Findings) -> None:
    redacted = {known.id for known in records if known.redacted}
    for id_ in sorted(redacted - set(declared)):
        findings.damaged(f"{records.path}: {id_}", "redacted, and the manifest does not declare it")
    for id_ in sorted(set(declared) - redacted):
        findings.damaged(f"{records.path}: {id_}", "declared redacted, and is not")
    for id_ in sorted(redacted & set(declared)):
        findings.noted(f"{records.path}: {id_}", "redacted, declared")
