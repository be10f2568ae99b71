"""What entries of different collections have in common, in a temporary database: nothing of it is in memory."""

import sqlite3
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from psgcrawl.archive.compare.matching import RULES, ByCommon
from psgcrawl.archive.history.lives import Life
from psgcrawl.records import Kind

KINDS: Final[tuple[Kind, ...]] = ("entry", "notice")
"""What is linked; kinds are not mixed."""
_NO_DETAIL_PAGE: Final = "x-"

_NAMES: Final = ", ".join(rule.name for rule in RULES)
_TABLES: Final = f"""
    CREATE TABLE entries (collection, number, kind, {_NAMES}, PRIMARY KEY (collection, number)) WITHOUT ROWID;
    CREATE TABLE pages (collection, kind, page, number, place, PRIMARY KEY (collection, kind, page, number))
        WITHOUT ROWID;
    CREATE TABLE free (side, number, PRIMARY KEY (side, number)) WITHOUT ROWID;
    CREATE TABLE readings (side, number, place, PRIMARY KEY (side, number)) WITHOUT ROWID;
"""


def detail_pages(life: Life) -> list[str]:
    """Return the detail pages under which an entry was listed, the latest first."""
    return [one.id for one in reversed(life.ids) if not one.id.startswith(_NO_DETAIL_PAGE)]


class Candidates:
    """Tells which entries of two collections may be one, by their numbers: their places among the lives."""

    _asked: tuple[str, str, Kind]
    """About which two collections, and which kind, is asked: :meth:`choose` says so first."""

    def __init__(self, told: Mapping[str, Sequence[Life]]) -> None:
        """Look through all lives once."""
        self._connection = sqlite3.connect("", isolation_level=None)
        weakref.finalize(self, self._connection.close)
        self._connection.executescript(f"PRAGMA journal_mode = OFF; {_TABLES} BEGIN;")
        for collection, lives in told.items():
            for number, life in enumerate(lives):
                if life.entry.kind in KINDS:
                    self._add(collection, number, life)

    def _add(self, collection: str, number: int, life: Life) -> None:
        common = (rule.common(life.entry) for rule in RULES)
        self._put("entries", [(collection, number, life.entry.kind, *common)])
        pages = enumerate(detail_pages(life))
        self._put("pages", [(collection, life.entry.kind, page, number, place) for place, page in pages])

    def _put(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            # One of several ids can come twice.
            self._connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own

    def choose(self, collections: tuple[str, str], kind: Kind, taken: Sequence[Collection[int]]) -> None:
        """Ask about the entries of one kind of two collections.

        :param taken: of each collection those that are not asked about
        """
        self._connection.execute("DELETE FROM free")
        for side, (collection, its) in enumerate(zip(collections, taken, strict=True)):
            self._connection.execute(_FREE, [side, collection, kind])
            self._connection.executemany("DELETE FROM free WHERE side = ? AND number = ?", ((side, one) for one in its))
        self._asked = *collections, kind

    def take(self, ours: int, theirs: int) -> None:
        """Ask about two entries no more."""
        for pair in enumerate((ours, theirs)):
            self._connection.execute("DELETE FROM free WHERE side = ? AND number = ?", pair)
            self._connection.execute("DELETE FROM readings WHERE side = ? AND number = ?", pair)

    def by_page(self) -> Iterator[tuple[int, list[int]]]:
        """Yield of each entry of the first that has a detail page in common with any of the second, which these are.

        In the order of the lives; for each page that they have in common, the latest first, that which comes first.
        """
        one, other, kind = self._asked
        given = {"one": one, "other": other, "kind": kind}
        for number, its in groupby(self._connection.execute(_BY_PAGE, given), itemgetter(0)):
            yield number, [next(same)[2] for _, same in groupby(its, itemgetter(1))]

    def settle(self) -> None:
        """Turn to the other rules: of entries with one id the last stands for all, in the place of the first."""
        one, other, _ = self._asked
        self._connection.execute("DELETE FROM readings")
        for side, collection in enumerate((one, other)):
            self._connection.execute(_READINGS, {"side": side, "collection": collection})

    def by_rule(self, rule: ByCommon) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the entries of both that have in common what a rule asks for."""
        one, other, _ = self._asked
        question = _BY_RULE.format(rule.name)
        found = self._connection.execute(question, {"one": one, "other": other})
        for _, its in groupby(found, itemgetter(0)):
            numbers: tuple[list[int], list[int]] = ([], [])
            for _, side, number in its:
                numbers[side].append(number)
            yield numbers


_FREE: Final = "INSERT INTO free SELECT ?, number FROM entries WHERE collection = ? AND kind = ?"
_BY_PAGE: Final = """
    SELECT o.number, o.place, t.number
    FROM pages o JOIN pages t ON t.collection = :other AND t.kind = o.kind AND t.page = o.page
    JOIN free f ON f.side = 0 AND f.number = o.number JOIN free g ON g.side = 1 AND g.number = t.number
    WHERE o.collection = :one AND o.kind = :kind ORDER BY o.number, o.place, t.number"""
_READINGS: Final = """
    INSERT INTO readings SELECT :side, max(e.number), min(e.number)
    FROM free f JOIN entries e ON e.collection = :collection AND e.number = f.number
    WHERE f.side = :side GROUP BY e.identity"""
_BY_RULE: Final = """
    WITH sides AS (
        SELECT e.{0} AS common, r.side, r.number, r.place FROM readings r
        JOIN entries e ON e.collection = CASE r.side WHEN 0 THEN :one ELSE :other END AND e.number = r.number
        WHERE e.{0} IS NOT NULL
    )
    SELECT common, side, number FROM sides
    WHERE common IN (SELECT common FROM sides WHERE side = 0 INTERSECT SELECT common FROM sides WHERE side = 1)
    ORDER BY common, side, place"""
