"""Two files of entries side by side: equal bytes are passed over in blocks, only lines that differ are parsed.

Both files are in canonical order, so that one pass finds what differs. The result does
not hang on it: an entry that stands elsewhere on the other side is found among what is
left over. But then much is left over; so a file that is seen to be out of order is put
in order aside, and the pass begins again.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from psgcrawl.archive.compare import aside
from psgcrawl.archive.compare.lines import Key, Lines, common
from psgcrawl.records import Entry

CHECKED_WHOLE: Final = 1 << 22
"""Files of at most so many bytes (some 8,000 entries) are checked line by line: it takes no time. Of larger ones,
what is compared is checked."""


class Differences:
    """What differs between two files of entries."""

    def __init__(self, old: Path, new: Path, note: Callable[[str], object]) -> None:
        """Name the files; :meth:`pairs` reads them.

        :param note: is told what a person should know, such as that a file is out of order
        """
        self._paths = (old, new)
        self._note = note
        self.old_only: dict[str, Entry] = {}
        """Entries by id that have no counterpart of the same id, date and kind; whole when ``pairs`` has ended."""
        self.new_only: dict[str, Entry] = {}
        """The same of the other file."""

    def pairs(self) -> Iterator[tuple[Entry, Entry]]:
        """Yield what both files hold under one id, ``date_earliest`` and kind, but in other bytes.

        In canonical order, but for what was found before a file was seen to be out of order.

        :raises DamagedData: ``file:line: problem``
        """
        with ExitStack() as stack:
            old, new = (stack.enter_context(Lines(path)) for path in self._paths)
            for lines in (old, new):
                if lines.size <= CHECKED_WHOLE:
                    aside.check(lines)
            yielded: set[str] = set()
            while True:
                try:
                    for pair in self._pass(old, new):
                        if pair[0].id not in yielded:
                            yielded.add(pair[0].id)
                            yield pair
                except _OutOfOrder as found:
                    self._note(f"{found.lines.path}: not in canonical order; it is put in order aside")
                    ordered = stack.enter_context(aside.in_order(found.lines))
                    old, new = (ordered, new) if found.lines is old else (old, ordered)
                else:
                    return

    def _pass(self, old_lines: Lines, new_lines: Lines) -> Iterator[tuple[Entry, Entry]]:
        self.old_only.clear()
        self.new_only.clear()
        old, new = _Cursor(old_lines, self.old_only), _Cursor(new_lines, self.new_only)
        while old.raw or new.raw:
            if old.raw == new.raw:
                # One reading serves both sides; each looks whether it follows what stood before.
                new.expect(old.key())
                length = common(old_lines, old.at, new_lines, new.at)
                old.skip(length)
                new.skip(length, old.last)
            elif not new.raw or (old.raw and old.key() < new.key()):
                old.keep()
            elif not old.raw or new.key() < old.key():
                new.keep()
            elif old.entry().kind != new.entry().kind:
                old.keep()
                new.keep()
            else:
                yield old.take(), new.take()


class _OutOfOrder(Exception):
    def __init__(self, lines: Lines) -> None:
        super().__init__(lines.path)
        self.lines = lines


class _Cursor:
    """A place in one file, always at the beginning of a line."""

    def __init__(self, lines: Lines, only: dict[str, Entry]) -> None:
        self._lines = lines
        self._only = only
        self._taken: set[str] = set()
        self._entry: Entry | None = None
        self._key: Key | None = None
        self.at = 0
        self.last: Key | None = None
        self.raw = lines.line(0)

    def entry(self) -> Entry:
        """Return the entry at this place."""
        if self._entry is None:
            self._entry = self._lines.entry(self.at, self.raw)
        return self._entry

    def key(self) -> Key:
        """Return the key of the entry at this place, which follows what stood before.

        :raises DamagedData: for the same key again
        :raises _OutOfOrder: for a key that belongs further up
        """
        if self._key is None:
            self._key = self._lines.key(self.at, self.raw)
            self.expect(self._key)
        return self._key

    def expect(self, found: Key) -> None:
        """Look whether the key of the line at this place may follow that of the line before.

        :raises DamagedData: for the same key again
        :raises _OutOfOrder: for a key that belongs further up
        """
        if self.last is None or self.last < found:
            return
        if self.last == found:
            raise aside.duplicate(self._lines, found[1], self.at)
        raise _OutOfOrder(self._lines)

    def take(self) -> Entry:
        """Return the entry at this place, and go on to the next.

        :raises DamagedData: for an id that was taken before
        """
        entry = self.entry()
        if entry.id in self._taken:
            raise aside.duplicate(self._lines, entry.id, self.at)
        self._taken.add(entry.id)
        self.last = self.key()
        self._go(self.at + len(self.raw))
        return entry

    def keep(self) -> None:
        """Keep the entry at this place as one without counterpart, and go on to the next."""
        entry = self.take()
        self._only[entry.id] = entry

    def skip(self, length: int, last: Key | None = None) -> None:
        """Go on by ``length`` bytes of whole lines, the last of which has the key ``last`` if that is known."""
        if last is None:
            start, raw = self._lines.line_before(self.at + length)
            last = self._lines.key(start, raw)
        self.last = last
        self._go(self.at + length)

    def _go(self, at: int) -> None:
        self.at = at
        self.raw = self._lines.line(at)
        self._entry = self._key = None
