"""What a run brings, record by record, as it comes: a file of gzip members on disk.

Which snapshot a page belongs to is known only at the end of a run. So the run writes
everything into one file in a folder of the archive, ``.staging-STARTED/pages.warc.gz``,
and each snapshot then takes its members over, byte for byte, after the ``warcinfo``
record of the run. What is in memory of a record is its name and its place.

A spool that a dead run left is not locked any more: the next run renames it to
``.incomplete-STARTED``. It is an ordinary WARC file, and can be read as captures.
"""

import fcntl
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from psgcrawl.archive import durable, names
from psgcrawl.archive.manifest import WARC
from psgcrawl.archive.warc.making import Maker
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record, compress, member
from psgcrawl.errors import DamagedData, NameTaken
from psgcrawl.records import WarcPlace

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A record, and the gzip member that holds it alone."""

    id: str
    data: bytes

    @classmethod
    def of(cls, record: Record) -> "Member":
        """Make the member of a record of our own."""
        return cls(record.id, member(record))

    @classmethod
    def copy(cls, id_: str, alone: bytes | None, raw: bytes) -> "Member":
        """Take over a record that someone wrote: its member as it stands, or one around its bytes.

        :param alone: the member, where it holds nothing else
        :param raw: the record's bytes, not compressed, without the line ends that close it
        """
        return cls(id_, alone if alone is not None else compress(raw + b"\r\n\r\n"))


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Records that stay together: a request and its response, a revisit and what it repeats."""

    members: tuple[tuple[str, int, int], ...]
    """Record id, offset, length."""
    needs: tuple[str, ...]
    """Ids of records in other bundles, without which this one says too little."""


class Spool:
    """The records of one run. Opened with the first; closed by :meth:`discard` or :meth:`keep`."""

    def __init__(self, archive: Path, started: str, facts: Mapping[str, str]) -> None:
        """Make the folder and the file, and write the run's ``warcinfo``.

        :param started: when the run started, RFC 3339 UTC
        :param facts: what ``warcinfo`` says
        """
        durable.make_folder(archive)
        self.set_aside = set_aside_dead(archive)
        """What runs that died had left, under its new name."""
        self.folder = _make(archive, f".staging-{names.compact(started)}")
        # It gets its name once it is locked: by that name others know a spool, and by its lock that it is in use.
        unlocked = self.folder / ".new"
        self._file = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unlocked.rename(self.folder / WARC)
        self._end = 0
        self._bundles: list[_Bundle] = []
        self._number: dict[str, int] = {}
        self._held_back: set[str] = set()
        self.must_stay = False
        """Whether the next run needs what belongs to no page, so that it must come into a snapshot or be kept."""
        self.make: Final = Maker(f"{started} {self.folder.name}")
        """Makes the run's records."""
        self.add([Member.of(self.make.warcinfo(started, facts))])

    def add(self, members: Sequence[Member], needs: Iterable[str] = ()) -> None:
        """Write records that stay together; one that is there already is not written twice.

        :param needs: ids of records, written before or after, that must go wherever these go
        :raises OSError: when the disk does not take all of them; then the file is as it was
        """
        places = self._write([member for member in members if member.id not in self._number])
        repeated = [member.id for member in members if member.id in self._number]
        for id_, _, _ in places:
            self._number[id_] = len(self._bundles)
        self._bundles.append(_Bundle(tuple(places), (*repeated, *needs)))

    def __contains__(self, record: str) -> bool:
        """Tell whether a record of that id was written."""
        return record in self._number

    def hold_back(self, record: str) -> None:
        """Note that a record belongs to a page, even if this run does not come to make it."""
        self._held_back.add(record)

    def let_go(self, record: str) -> None:
        """Note that a record that was held back belongs to no page."""
        self._held_back.discard(record)

    @property
    def brings(self) -> bool:
        """Whether records were held back for pages."""
        return bool(self._held_back)

    def left(self, taken: Collection[str]) -> bool:
        """Tell whether records that were held back are not among ``taken``: the next run needs them."""
        return not self._held_back <= set(taken)

    def record(self, id_: str) -> Record:
        """Return a record that was written.

        :raises DamagedData: where the disk does not give it back
        """
        bundle = self._bundles[self._number[id_]]
        [(offset, length)] = [(offset, length) for name, offset, length in bundle.members if name == id_]
        place = f"{self.folder / WARC}: byte {offset}"
        return next(read(BytesIO(b"".join(self._read(offset, length))), place)).record

    def rest(self, taken: Collection[str]) -> list[str]:
        """Return an id out of each bundle of which no record is among ``taken`` or held back: what is of no page."""
        numbers = {self._number[id_] for id_ in {*taken, *self._held_back} if id_ in self._number}
        wanted = self._closure(numbers)
        return [
            bundle.members[0][0]
            for number, bundle in enumerate(self._bundles)
            if number not in wanted and number > 0 and bundle.members
        ]

    def copy(self, wanted: Iterable[str], stream: BinaryIO) -> dict[str, WarcPlace]:
        """Write the run's ``warcinfo`` and the records ``wanted``, with all that they need, in the order of the run.

        Return the place of every record that was written, by its id.

        :raises DamagedData: where the disk does not give back what was written
        """
        numbers = self._closure({0, *(self._number[id_] for id_ in wanted)})
        places: dict[str, WarcPlace] = {}
        end = 0
        for number in sorted(numbers):
            for id_, offset, length in self._bundles[number].members:
                places[id_] = WarcPlace(record=id_, offset=end, length=length)
                for piece in self._read(offset, length):
                    durable.write_all(stream.fileno(), piece)
                end += length
        return places

    def discard(self) -> None:
        """Remove the file and its folder: snapshots hold all that is in it, or the archive held it before."""
        try:
            # Unlocked last: another run would take what it finds here for a dead one's.
            (self.folder / WARC).unlink()
            self.folder.rmdir()
        finally:
            os.close(self._file)

    def keep(self) -> Path:
        """Rename the folder to ``.incomplete-STARTED``, and return it: what is in it came into no snapshot."""
        try:
            os.fsync(self._file)
            self.folder = _set_aside(self.folder)
        finally:
            os.close(self._file)
        return self.folder

    def _write(self, members: Iterable[Member]) -> list[tuple[str, int, int]]:
        places: list[tuple[str, int, int]] = []
        end = self._end
        try:
            for member in members:
                durable.write_all(self._file, member.data)
                places.append((member.id, end, len(member.data)))
                end += len(member.data)
        except OSError:
            # Half a record would make the rest of the file unreadable, and put what follows in the wrong place.
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
            raise
        self._end = end
        return places

    def _read(self, offset: int, length: int) -> Iterator[bytes]:
        while length:
            piece = os.pread(self._file, min(length, _PIECE), offset)
            if not piece:
                raise DamagedData(f"{self.folder / WARC}: byte {offset}: the file is shorter than what was written")
            yield piece
            offset, length = offset + len(piece), length - len(piece)

    def _closure(self, numbers: set[int]) -> set[int]:
        """Return ``numbers`` with those of all that their bundles need."""
        open_ = list(numbers)
        found = set(numbers)
        while open_:
            for id_ in self._bundles[open_.pop()].needs:
                number = self._number.get(id_)
                if number is not None and number not in found:
                    found.add(number)
                    open_.append(number)
        return found


def set_aside_dead(archive: Path) -> list[str]:
    """Rename the spools of runs that died, and return their new names."""
    aside: list[str] = []
    for folder in sorted(archive.iterdir()):
        apart = names.kept_apart(folder.name)
        if apart is None or apart[0] != "staging" or not (folder / WARC).is_file():
            continue
        # Another run can be renaming the same one, or have just removed its own.
        with suppress(OSError, NameTaken):
            descriptor = os.open(folder / WARC, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                aside.append(_set_aside(folder).name)
            finally:
                os.close(descriptor)
    return aside


def _make(archive: Path, stem: str) -> Path:
    """Make a folder under the next free name. No lock is held: a run that began in the same second can be faster."""
    while True:
        folder = archive / names.next_free_name(archive, stem)
        with suppress(FileExistsError):
            folder.mkdir()
            return folder


def _set_aside(folder: Path) -> Path:
    apart = names.kept_apart(folder.name)
    assert apart is not None  # noqa: S101 - the folder is a spool's
    while True:
        target = folder.parent / names.next_free_name(folder.parent, f".incomplete-{apart[1]}")
        # As in _make.
        with suppress(NameTaken):
            durable.rename_new(folder, target)
            return target
