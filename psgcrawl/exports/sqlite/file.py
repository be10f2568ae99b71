"""The database file itself: made anew, or a copy of the one before brought up to date."""

import argparse
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from psgcrawl.archive.index.schema import statements
from psgcrawl.errors import DamagedData, NameTaken, PsgcrawlError, UsageError
from psgcrawl.exports import source
from psgcrawl.exports.chosen import Chosen, whole
from psgcrawl.exports.source import Note
from psgcrawl.exports.sqlite import filling
from psgcrawl.exports.sqlite.schema import APPLICATION, KEYS, TABLES, VERSION
from psgcrawl.exports.sums import pieces

HELP: Final = "the history as a database with full-text search (SQLite); brings one that exists up to date"
SUFFIX: Final = ".sqlite"

_WITHIN: Final = "revision"
"""The one column that the file gives itself."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the format's own options: it has none."""
    parser.epilog = "A FILE that an earlier export made is brought up to date, without --force."


def write(chosen: Sequence[Chosen], _args: argparse.Namespace, stream: BinaryIO, note: Note) -> str:
    """Write a new database to ``stream``; return for people how much is in it.

    :raises UsageError: for snapshots that were named, or that have no history in common
    :raises DamagedData: when what is read is not as it was written
    """
    whole(chosen, "sqlite")
    with _made(stream) as path, _named(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode = OFF", *_PRAGMAS):
            connection.execute(f"PRAGMA {pragma}")
        return _told(path, connection, _new(connection, chosen, note))


def update(chosen: Sequence[Chosen], _args: argparse.Namespace, path: Path, stream: BinaryIO, note: Note) -> str:
    """Write the database at ``path``, brought up to date, to ``stream``; return for people what changed.

    :raises NameTaken: when the file there was not made by this export, or by another version of it
    :raises UsageError: when another program is writing to it, and when it is of another archive
    :raises DamagedData: when what is read is not as it was written
    """
    for beside in (path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-journal")):
        if beside.exists() and beside.stat().st_size:
            raise UsageError(f"{beside}: another program is writing to {path.name}; close it first")
    with _made(stream) as made:
        _copy(path, made)
        with _named(path):
            found = _all_in(made, path, chosen)
            with closing(sqlite3.connect(made, isolation_level=None)) as connection:
                # What is deleted must not linger in the file: it may have been redacted.
                for pragma in ("journal_mode = DELETE", "secure_delete = ON", *_PRAGMAS):
                    connection.execute(f"PRAGMA {pragma}")
                return _told(path, connection, _brought_up_to_date(connection, found, note))


@contextmanager
def _made(stream: BinaryIO) -> Iterator[Path]:
    """Give the path of a file to make, which goes to ``stream`` in the end: SQLite cannot write to a stream."""
    with TemporaryDirectory(prefix="psgcrawl-") as folder:
        path = Path(folder) / "made.sqlite"
        yield path
        for piece in pieces(path):
            rest = memoryview(piece)
            while rest:
                # Unbuffered standard output (python -u) takes what fits into a pipe.
                rest = rest[stream.write(rest) :]


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say what SQLite could not do: it may be an old one, without full-text search, or the disk may be full."""
    try:
        yield
    except sqlite3.Error as error:
        raise PsgcrawlError(f"{path.name}: SQLite {sqlite3.sqlite_version}: {error}") from error


def _copy(path: Path, made: Path) -> None:
    """Copy the database at ``path``, if it is one of ours."""
    problem = f"{path}: exists already, and is no database of this export; --force replaces it"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as old:
            found = old.execute("PRAGMA application_id").fetchone()[0], old.execute("PRAGMA user_version").fetchone()[0]
            if found[0] != APPLICATION:
                raise NameTaken(problem)
            if found[1] != VERSION:
                raise NameTaken(
                    f"{path}: exists already, with tables of version {found[1]}, not {VERSION}; --force replaces it"
                )
            with closing(sqlite3.connect(made)) as new:
                old.backup(new)
    except sqlite3.Error as error:
        raise NameTaken(problem) from error


def _all_in(made: Path, path: Path, chosen: Sequence[Chosen]) -> list[Chosen]:
    """Return ``chosen`` with all collections that are in the file: nothing in it may stay as it was."""
    whole(chosen, "sqlite")
    with closing(sqlite3.connect(made)) as connection:
        inside = {name for (name,) in connection.execute("SELECT DISTINCT collection FROM snapshots")}
    known = {one.collection: one for one in chosen}
    there = {collection.name: collection for collection in chosen[0].archive.collections()}
    for name in sorted(inside - known.keys()):
        if name not in there:
            raise UsageError(
                f"{path}: holds {name!r}, which {chosen[0].archive.folder} has not: is it of another archive? "
                "--force replaces it"
            )
        known[name] = replace(chosen[0], collection=name, snapshots=tuple(there[name].snapshots()))
    return [known[name] for name in sorted(known)]


_PRAGMAS: Final = ("synchronous = OFF", "temp_store = FILE")
"""The file is nobody's yet."""


def _new(connection: sqlite3.Connection, chosen: Sequence[Chosen], note: Note) -> int:
    """Make the tables and fill them; return how many rows there are.

    Indexes, words and triggers come last: made of all rows at once they take half the time, in half the space.
    """
    connection.executescript(f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};")
    tables, others = statements(TABLES)
    connection.execute("BEGIN")
    for statement in tables:
        connection.execute(statement)
    changed = sum(_insert(connection, table, rows) for table, rows in _rows(chosen, note))
    connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
    connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    for statement in others:
        connection.execute(statement)
    connection.execute("COMMIT")
    return changed


def _brought_up_to_date(connection: sqlite3.Connection, chosen: Sequence[Chosen], note: Note) -> int:
    """Let the tables have the rows of today; return how many differ."""
    connection.execute("BEGIN")
    for table in KEYS:
        kept = ", ".join(_columns(connection, table))
        connection.execute(f"CREATE TEMP TABLE new_{table} AS SELECT {kept} FROM {table} WHERE false")  # noqa: S608 - our own names
    for table, rows in _rows(chosen, note):
        _insert(connection, f"new_{table}", rows)
    changed = sum(_synchronise(connection, table) for table in KEYS)
    if changed:
        # One segment: words of rows that are gone are no longer in any.
        connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    connection.execute("COMMIT")
    return changed


def _told(path: Path, connection: sqlite3.Connection, changed: int) -> str:
    """Return for people how much is in the file.

    :raises DamagedData: for rows that refer to what is not there
    """
    if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
        raise DamagedData(f"{path.name}: {len(broken)} rows refer to what is not there: {broken[:3]}")
    counts = [(name, connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in _COUNTED]  # noqa: S608 - our own names
    return f"{', '.join(f'{count} {name}' for name, count in counts)} ({changed} rows changed)"


_COUNTED: Final = ("entries", "revisions", "observations")


def _rows(chosen: Sequence[Chosen], note: Note) -> Iterator[tuple[str, Iterable[filling.Row]]]:
    yield "about", filling.about()
    for one in chosen:
        yield from filling.rows(source.past(one, note))
    lines = enumerate(source.table(chosen[0].archive), 1)
    names = {one.collection for one in chosen}
    yield (
        "aliases",
        (filling.alias(number, one) for number, one in lines if {one.one.collection, one.other.collection} <= names),
    )


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    found = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    quoted = [f'"{name}"' for name in found]
    return quoted[1:] if table == "revisions" and found[0] == _WITHIN else quoted


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[filling.Row]) -> int:
    columns = _columns(connection, table)
    marks = ", ".join("?" * len(columns))
    question = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names
    return max(0, connection.executemany(question, rows).rowcount)


def _synchronise(connection: sqlite3.Connection, table: str) -> int:
    """Let a table have the rows that were gathered for it; touch only what differs; return how many rows that is."""
    columns, keys = _columns(connection, table), KEYS[table]
    key = ", ".join(keys)
    connection.execute(f"CREATE UNIQUE INDEX temp.new_{table}_key ON new_{table} ({key})")
    same = " AND ".join(f"new.{name} = old.{name}" for name in keys)
    connection.execute(
        f"DELETE FROM {table} AS old WHERE NOT EXISTS (SELECT 1 FROM new_{table} AS new WHERE {same})"  # noqa: S608 - our own names
    )
    gone = connection.execute("SELECT changes()").fetchone()[0]
    differs = " OR ".join(f"old.{name} IS NOT excluded.{name}" for name in columns)
    becomes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    listed = ", ".join(columns)
    connection.execute(
        f"INSERT INTO {table} AS old ({listed}) SELECT {listed} FROM new_{table} WHERE true ORDER BY rowid "  # noqa: S608 - our own names
        f"ON CONFLICT ({key}) DO UPDATE SET {becomes} WHERE {differs}"
    )
    done: int = gone + connection.execute("SELECT changes()").fetchone()[0]
    connection.execute(f"DROP TABLE new_{table}")
    return done
