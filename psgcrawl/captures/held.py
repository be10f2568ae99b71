"""Records that may be needed, kept until all files are read: in a file that has no name, one gzip member each.

A revisit can stand in front of what it repeats, and in another WARC; so can a request
and its response. In memory is of each record only what others find it by, some hundred
bytes; and only captures, what belongs to them and what they repeat are kept at all.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.digests import agrees
from psgcrawl.archive.warc.reading import Found, read
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.spool import Member
from psgcrawl.captures.choosing import BODIES, COMPANIONS
from psgcrawl.captures.stored import period
from psgcrawl.errors import BadCapture, UnreadablePage

Key = tuple[str, str, str]
"""What a record is found by: how, and two values."""

_SAME: Final = "/identical-payload-digest"
"""How the profile of a revisit ends that has the payload of what it repeats (WARC 1.0 and 1.1)."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a record that is kept."""

    number: int
    """In the order in which records were read."""
    place: str
    """Where it stood, for messages."""
    id: str
    type: str
    digest: tuple[str, str] | None
    """Algorithm and value of its payload's digest."""
    same: bool
    """Whether it is a revisit that has the payload of what it repeats."""
    repeats: tuple[Key, ...]
    """What a revisit's original is found by, the surest first."""
    concurrent: tuple[str, ...]
    warcinfo: str | None
    method: str | None
    """Of a request."""
    raw: bytes
    """SHA-256 of the record."""
    offset: int
    length: int


class Shelf:
    """The records, until it is closed."""

    def __init__(self, folder: Path) -> None:
        """Keep them on the disk of ``folder``."""
        # Without a name, so that nothing is left of it however the run ends.
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by :meth:`close`
        self._end = 0
        self._by_id: dict[str, Held] = {}
        self._by_key: defaultdict[Key, list[Held]] = defaultdict(list)
        self._about: defaultdict[str, list[Held]] = defaultdict(list)

    def close(self) -> None:
        """Forget them."""
        self._file.close()

    def put(self, found: Found, place: str, warcinfo: str | None = None) -> Held:
        """Keep a record; one that is kept already is not kept twice.

        :param place: how messages name it
        :param warcinfo: id of the ``warcinfo`` record that stands above it, where it names none itself
        :raises BadCapture: ``place: problem``, for a record that has the name of another one
        """
        record = found.record
        if not record.id or len(record.id) > 500 or not record.id.isascii() or not record.id.isprintable():
            raise BadCapture(f"{place}: WARC-Record-ID: {record.id[:80]!r} is no name of a record")
        digest = sha256(found.raw).digest()
        known = self._by_id.get(record.id)
        if known is not None:
            if known.raw != digest:
                raise BadCapture(f"{place}: the record has the WARC-Record-ID of another one: {known.place}")
            return known
        data = Member.copy(record.id, found.alone, found.raw).data
        held = _held(record, place, len(self._by_id), (digest, self._end, len(data)), warcinfo)
        self._file.write(data)
        self._end += len(data)
        self._index(record, held)
        return held

    def member(self, held: Held) -> Member:
        """Return the gzip member of a record."""
        self._file.flush()
        return Member(held.id, os.pread(self._file.fileno(), held.length, held.offset))

    def record(self, held: Held) -> Record:
        """Return a record."""
        return next(read(BytesIO(self.member(held).data), held.place)).record

    def named(self, id_: str | None) -> Held | None:
        """Return the record of a name."""
        return self._by_id.get(id_ or "")

    def companions(self, held: Held) -> list[Held]:
        """Return the requests and metadata of a record, of a revisit also others, in the order in which they were read.

        ``WARC-Concurrent-To`` can stand on either side.
        """
        named = (self._by_id[id_] for id_ in held.concurrent if id_ in self._by_id)
        # Two revisits of one look: the record of others, and ours that names what it repeats.
        types = COMPANIONS | {held.type} & {"revisit"}
        found = {one.id: one for one in (*named, *self._about.get(held.id, ())) if one.type in types}
        return sorted(found.values(), key=lambda one: one.number)

    def originals(self, held: Held) -> list[Held]:
        """Return what a revisit repeats, through revisits of revisits, the record with the body last; else nothing."""
        chain = [held]
        while chain[-1].type == "revisit":
            found = self._original(chain[-1])
            if found is None or found in chain:
                return []
            chain.append(found)
        return chain[1:]

    def wanted(self) -> set[Key]:
        """Return by what the records can be found that others refer to and that are not here."""
        held = [*self._by_id.values()]
        revisits = [one for one in held if one.type == "revisit" and self._original(one) is None]
        infos = {("id", one.warcinfo, "") for one in held if one.warcinfo and one.warcinfo not in self._by_id}
        return {key for one in revisits for key in one.repeats} | infos

    def has(self, key: Key) -> bool:
        """Tell whether a record is here that is found by ``key``."""
        return key in self._by_key

    def _original(self, revisit: Held) -> Held | None:
        found = (one for key in revisit.repeats for one in self._by_key.get(key, ()))
        return next((one for one in found if one.id != revisit.id and _fits(revisit, one)), None)

    def _index(self, record: Record, held: Held) -> None:
        self._by_id[held.id] = held
        for key in keys(record):
            self._by_key[key].append(held)
        for id_ in held.concurrent:
            self._about[id_].append(held)


def keys(record: Record) -> Iterator[Key]:
    """Yield by what others can find a record: its name, its address and date, the digest of its payload."""
    yield "id", record.id, ""
    if record.type in BODIES:
        yield from _page(record.uri, record.date)
    if record.type in BODIES - {"revisit"}:
        yield from _payload(record.get("WARC-Payload-Digest"))


def _page(uri: str | None, date: str | None) -> Iterator[Key]:
    time = period(date or "")
    if uri and time:
        yield "page", uri.strip("<>"), time.since


def _payload(digest: str | None) -> Iterator[Key]:
    named = _digest(digest)
    if named:
        yield "payload", *named


def _digest(digest: str | None) -> tuple[str, str] | None:
    algorithm, _, value = (digest or "").strip().partition(":")
    return (algorithm.lower(), value.upper()) if value else None


def _repeats(record: Record) -> Iterator[Key]:
    if record.type != "revisit":
        return
    if id_ := record.get("WARC-Refers-To"):
        yield "id", id_, ""
    yield from _page(record.get("WARC-Refers-To-Target-URI"), record.get("WARC-Refers-To-Date"))
    digest = record.get("WARC-Payload-Digest") or ""
    # Of a 304 some writers give the digest of what it had itself: nothing.
    if not agrees(digest, b""):
        yield from _payload(digest)


def _fits(revisit: Held, other: Held) -> bool:
    """Tell whether a revisit can repeat that record: some writers' references are wrong."""
    if other.type not in BODIES:
        return False
    mine, its = revisit.digest, other.digest
    # The same bytes can have been named by other algorithms, in base 32 or in hexadecimal.
    comparable = mine and its and mine[0] == its[0] and len(mine[1]) == len(its[1])
    return not (revisit.same and comparable and mine != its)


def _held(record: Record, place: str, number: int, stored: tuple[bytes, int, int], warcinfo: str | None) -> Held:
    method = None
    if record.type == "request":
        with suppress(UnreadablePage):
            method = message.parse(record.block).start.partition(b" ")[0].decode("latin-1")
    raw, offset, length = stored
    return Held(
        number=number,
        place=place,
        id=record.id,
        type=record.type,
        digest=_digest(record.get("WARC-Payload-Digest")),
        same=(record.get("WARC-Profile") or "").lower().endswith(_SAME),
        repeats=tuple(_repeats(record)),
        concurrent=tuple(record.all("WARC-Concurrent-To")),
        warcinfo=record.get("WARC-Warcinfo-ID") or warcinfo,
        method=method,
        raw=raw,
        offset=offset,
        length=length,
    )
