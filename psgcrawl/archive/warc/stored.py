"""The WARC of a snapshot: the record of a page, and the one that it repeats."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from psgcrawl.archive.warc.reading import Found, read, read_at
from psgcrawl.archive.warc.record import Record
from psgcrawl.errors import DamagedData
from psgcrawl.records import WarcPlace


class StoredRecords:
    """Records of one file that this program wrote, by their places and names."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is read yet."""
        self.path = path

    def at(self, place: WarcPlace) -> Found:
        """Return the record that a row of ``pages.jsonl`` points at.

        :raises DamagedData: when something else is there
        """
        found = read_at(self.path, place.offset, place.length)
        if found.record.id != place.record:
            raise DamagedData(f"{self.path}: byte {place.offset}: the record is {found.record.id}, not {place.record}")
        return found

    def named(self, id_: str) -> Found:
        """Return the record of a name.

        :raises DamagedData: when there is none
        """
        place = self._places.get(id_)
        if place is None:
            raise DamagedData(f"{self.path}: no record {id_}")
        return read_at(self.path, *place)

    def original(self, record: Record) -> Record | None:
        """Return the record whose payload ``record`` repeats, through revisits of revisits; None if it repeats none.

        :raises DamagedData: when that is not in the file: a snapshot's WARC is self-contained
        """
        repeated = [found.record for found in self.repeated(record)]
        return repeated[-1] if repeated else None

    def repeated(self, record: Record) -> Iterator[Found]:
        """Yield what a record repeats, and what that repeats, to the one that holds the body; nothing for no revisit.

        :raises DamagedData: as :meth:`original`
        """
        seen = {record.id}
        while record.type == "revisit":
            id_ = record.get("WARC-Refers-To") or ""
            if id_ in seen:
                raise DamagedData(f"{self.path}: the revisit {id_} refers to itself")
            seen.add(id_)
            found = self.named(id_)
            yield found
            record = found.record

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        with self.path.open("rb") as file:
            return {found.record.id: (found.offset, found.length) for found in read(file, str(self.path))}
