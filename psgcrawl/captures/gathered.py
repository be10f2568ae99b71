"""WARC and WACZ files read from front to back: what may be needed of them is kept.

Each file is read once. Only where a revisit repeats what is no capture itself, or a
record names a ``warcinfo`` that stands elsewhere, all are read again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psgcrawl.archive.warc.reading import KEPT, Found, read
from psgcrawl.captures import choosing
from psgcrawl.captures.containers import Part, opened
from psgcrawl.captures.files import WarcFile
from psgcrawl.captures.held import Held, Key, Shelf, keys
from psgcrawl.captures.own import Own, own_of
from psgcrawl.errors import BadCapture, DamagedData

_ROUNDS: Final = 3
"""How often files are read again for what revisits repeat: that can be a revisit itself."""
_ABOVE: Final = "warcinfo"


@dataclass(slots=True)
class Seen:
    """What was found in one file."""

    own: Own | None = None
    items: list[Held | BadCapture] = field(default_factory=list)
    """Captures, and what is wrong, in the order of the file."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """How many records were no captures, by reason."""


class Gathered:
    """What was found in some files."""

    def __init__(self, files: Sequence[WarcFile], folder: Path) -> None:
        """Read the files.

        :param folder: on whose disk records are kept for a while
        """
        self._files = files
        self.shelf: Final = Shelf(folder)
        self.seen: Final = {file.place: self._read(file) for file in files}
        """By the file's place."""
        self._read_originals()

    def _read(self, file: WarcFile) -> Seen:
        seen = Seen()
        try:
            seen.own = own_of(file)
            with opened(file) as parts:
                for part in parts:
                    self._read_part(part, seen)
        except BadCapture as error:
            seen.items.append(error)
        return seen

    def _read_part(self, part: Part, seen: Seen) -> None:
        above: Found | None = None
        try:
            for found in _records(part):
                try:
                    above = self._sort(found, above, part, seen)
                except BadCapture as error:
                    seen.items.append(error)
        except (BadCapture, DamagedData) as error:
            # What stands before the damage is taken in.
            seen.items.append(BadCapture(str(error)))

    def _sort(self, found: Found, above: Found | None, part: Part, seen: Seen) -> Found | None:
        """Keep a record if it may be needed; return the ``warcinfo`` that stands above the next one."""
        record = found.record
        place = f"{part.place}: byte {found.offset}"
        if record.type == _ABOVE:
            return found if found.kept else None
        if record.type in choosing.COMPANIONS:
            if found.kept and choosing.is_companion(record, seen.own):
                self._keep(found, place, above, part)
            return above
        reason = choosing.reason(record, seen.own)
        if reason is not None:
            seen.passed_over[reason] += 1
            if reason == choosing.NO_PAGE and found.kept and record.type == "revisit":
                # It can stand beside one of ours that says what it repeats.
                self._keep(found, place, above, part)
        elif not found.kept:
            raise BadCapture(f"{place}: over the limit of {KEPT} bytes for one record")
        else:
            seen.items.append(self._keep(found, place, above, part))
        return above

    def _keep(self, found: Found, place: str, above: Found | None, part: Part) -> Held:
        if above is not None and self.shelf.named(above.record.id) is None:
            self.shelf.put(above, f"{part.place}: byte {above.offset}")
        return self.shelf.put(found, place, above.record.id if above is not None else None)

    def _read_originals(self) -> None:
        """Read the files again for what captures refer to and what was not kept."""
        tried: set[Key] = set()
        for _ in range(_ROUNDS):
            wanted = self.shelf.wanted() - tried
            if not wanted:
                return
            tried |= wanted
            for file in self._files:
                self._look_for(wanted, file)

    def _look_for(self, wanted: set[Key], file: WarcFile) -> None:
        try:
            with opened(file) as parts:
                for part in parts:
                    for found in _records(part):
                        here = [key for key in keys(found.record) if key in wanted and not self.shelf.has(key)]
                        if here and found.kept:
                            self.shelf.put(found, f"{part.place}: byte {found.offset}")
        except (BadCapture, DamagedData):
            # Told when it was read for the first time.
            return


def holds_any(file: WarcFile) -> bool:
    """Tell whether ``file`` holds a capture, or something that is wrong with it; reads up to the first."""
    try:
        own = own_of(file)
        with opened(file) as parts:
            for part in parts:
                for found in _records(part):
                    if found.record.type in choosing.BODIES and choosing.reason(found.record, own) is None:
                        return True
    except (BadCapture, DamagedData):
        return True
    return False


def _records(part: Part) -> Iterator[Found]:
    with part.open() as stream:
        yield from read(stream, part.place)
