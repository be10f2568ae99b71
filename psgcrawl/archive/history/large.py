"""Two snapshots of many entries side by side, line by line: in memory is only what differs.

Most snapshots are small, and are read as a whole (:mod:`psgcrawl.archive.history.reading`),
which is several times faster. Both give the same.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from psgcrawl.archive import jsonl
from psgcrawl.archive.compare import aside
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.compare.evidence import Claims, Evidence, Place, ReadRow, rows_of
from psgcrawl.archive.compare.lines import Key, Lines, beginning, key
from psgcrawl.archive.history.chains import Difference
from psgcrawl.archive.history.observations import Observation
from psgcrawl.archive.history.reading import Name, Pair, Reader
from psgcrawl.archive.manifest import PAGES
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry

LARGE: Final = 1 << 23
"""Bytes of ``entries.jsonl`` from which on a snapshot is large: some 15,000 entries, 40 MB when they are all held."""


def is_large(side: Side) -> bool:
    """Tell whether a snapshot has too many entries to be held."""
    try:
        return side.entries.stat().st_size >= LARGE
    except FileNotFoundError:
        # Who reads it says so.
        return False


class Sheet(Struct, frozen=True, eq=False):
    """What an observation saw."""

    entries: Path
    only: frozenset[str] | None
    """The ids that the observation saw; None for all."""
    place: Callable[[str], Place | None]
    """Tells where an entry stands. Of what was not looked at before it tells each once, None for no page."""


def read(one: Observation, reader: Reader, keep: Callable[[ReadRow], object]) -> Sheet:
    """Return what an observation saw whose snapshot was not read before; the snapshot's pages are known then.

    :param keep: is given each page
    :raises DamagedData: ``file:line: problem``
    """
    where = reader.nowhere()

    def rows() -> Iterator[ReadRow]:
        for row in rows_of(one.side.entries.with_name(PAGES), ReadRow):
            reader.stand(where, row)
            keep(row)
            yield row

    coverage = one.facts.coverage
    claims = Claims.of(rows(), coverage)
    one.side.know(Evidence(one.side.entries.with_name(PAGES), coverage, claims))
    return Sheet(one.side.entries, one.only, where.take)


def read_again(one: Observation, reader: Reader) -> Sheet:
    """Return what an observation saw whose snapshot was read before."""
    pages = one.side.entries.with_name(PAGES)
    places = {place for row in rows_of(pages, ReadRow) for _, place in reader.stands(row)}
    if len(places) == 1:
        # Nearly always: a listing's pages are alike.
        return Sheet(one.side.entries, one.only, partial(_same, places.pop()))
    where = reader.nowhere()
    for row in rows_of(pages, ReadRow):
        reader.stand(where, row)
    return Sheet(one.side.entries, one.only, where.get)


def _same(place: Place, _identity: str) -> Place:
    return place


class _Line(NamedTuple):
    key: Key
    raw: bytes
    number: int


def difference(old: Sheet | None, new: Sheet) -> Difference:
    """Return how one observation differs from the one before; the files are read as that is looked through.

    Every line of the new one is looked at: that no id occurs twice, and that some page shows it.

    :param old: None for the first
    :raises DamagedData: while it is looked through: ``file:line: problem``
    """
    gone: list[Name] = []
    return Difference(gone, _come(old, new, gone))


def _come(old: Sheet | None, new: Sheet, gone: list[Name]) -> Iterator[Pair]:
    with ExitStack() as stack:
        ours = _seen(stack, old)
        theirs = _looked_at(stack, new)
        one, other = next(ours, None), next(theirs, None)
        while one is not None or other is not None:
            if other is None or (one is not None and one.key < other[0].key):
                assert one is not None  # noqa: S101 - for the type checker
                gone.append(_name(old, one))
                one = next(ours, None)
            elif one is None or other[0].key < one.key:
                yield _pair(new, *other)
                other = next(theirs, None)
            else:
                assert old is not None  # noqa: S101 - it has this line
                line, place = other
                if one.raw != line.raw or old.place(line.key[1]) is not place:
                    gone.append(_name(old, one))
                    yield _pair(new, line, place)
                one, other = next(ours, None), next(theirs, None)


def _pair(sheet: Sheet, line: _Line, place: Place) -> Pair:
    return _entry(sheet.entries, line), place


def _name(sheet: Sheet | None, line: _Line) -> Name:
    assert sheet is not None  # noqa: S101 - the line is of it
    return _entry(sheet.entries, line).kind, line.key[1]


def _entry(path: Path, line: _Line) -> Entry:
    return jsonl.decode(line.raw[:-1], Entry, f"{path}:{line.number}")


def _seen(stack: ExitStack, sheet: Sheet | None) -> Iterator[_Line]:
    """Yield the lines of what an observation saw."""
    for line in () if sheet is None else _lines(stack, sheet.entries):
        if sheet is None or sheet.only is None or line.key[1] in sheet.only:
            yield line


def _looked_at(stack: ExitStack, sheet: Sheet) -> Iterator[tuple[_Line, Place]]:
    """Yield the same, each with where it stands, of a snapshot that was not looked at before."""
    for line in _lines(stack, sheet.entries):
        place = sheet.place(line.key[1])
        if place is None:
            raise _strange(sheet.entries, line.key[1])
        if sheet.only is None or line.key[1] in sheet.only:
            yield line, place


def _strange(path: Path, identity: str) -> DamagedData:
    """Say what is wrong with an entry that no page shows, or no page any more."""
    with path.open("rb") as file:
        numbers = [number for number, raw in enumerate(file, 1) if _key(path, raw, number)[1] == identity]
    if len(numbers) > 1:
        return DamagedData(f"{path}:{numbers[1]}: duplicate id {identity!r}, as in line {numbers[0]}")
    return DamagedData(f"{path.with_name(PAGES)}: no page shows the entry {identity!r}")


# --- files --------------------------------------------------------------------------------


def _lines(stack: ExitStack, path: Path) -> Iterator[_Line]:
    """Yield the lines of a file of entries in canonical order."""
    if _is_in_order(path):
        file = stack.enter_context(path.open("rb"))
        for number, raw in enumerate(file, 1):
            yield _Line(_key(path, raw, number), raw, number)
        return
    # The keys of all its entries are in memory then; no file of ours is out of order.
    lines = stack.enter_context(aside.in_order(stack.enter_context(Lines(path))))
    at = number = 0
    while raw := lines.line(at):
        number += 1
        yield _Line(_key(path, raw, number), raw, number)
        at += len(raw)


def _is_in_order(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            last: Key | None = None
            for number, raw in enumerate(file, 1):
                found = _key(path, raw, number)
                if last is not None and not last < found:
                    return False
                last = found
    except FileNotFoundError as error:
        raise DamagedData(f"{path}: the file is missing") from error
    return True


def _key(path: Path, raw: bytes, number: int) -> Key:
    if not raw.endswith(b"\n"):
        raise DamagedData(f"{path}:{number}: the last line has no line end: it was cut off")
    return beginning(raw) or key(jsonl.decode(raw[:-1], Entry, f"{path}:{number}"))
