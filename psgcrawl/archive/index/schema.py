"""The tables of the index, and what makes an index one of ours."""

import re
import sqlite3
from typing import Final

import msgspec

from psgcrawl import SOFTWARE
from psgcrawl.archive import rules
from psgcrawl.records import FORMAT, Entry

NAME: Final = ".index.sqlite"
"""The index's file in the folder of the archive."""

SCHEMA: Final = 8
"""Raised whenever the tables below, or what is written into them, change."""

ENTRY_FIELDS: Final = Entry.__struct_fields__
LISTS: Final = frozenset({"categories", "flags"})
"""Fields of an entry that are kept as JSON."""

DAMAGE: Final = (OSError, sqlite3.Error, ValueError, TypeError, LookupError, msgspec.MsgspecError)
"""What an index that is none of ours, or not whole, can lead to."""


def origin() -> str:
    """Return of what an index must come to be used: other rules could have found other things."""
    return f"schema {SCHEMA}, format {FORMAT}, derivation {rules.today()}, {SOFTWARE}"


def statements(script: str) -> tuple[list[str], list[str]]:
    """Return the statements of a script that make tables, and all others: these are quicker when tables are full."""
    tables: list[str] = []
    others: list[str] = []
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            (tables if _TABLE.match(statement) else others).append(statement)
            statement = ""
    return tables, others


_TABLE: Final = re.compile(r"\s*CREATE (VIRTUAL )?TABLE ")


READING: Final = """\
    id              TEXT NOT NULL,              -- from here on the fields of entries.jsonl
    date_earliest   TEXT,
    date_latest     TEXT,
    date_edtf       TEXT,
    kind            TEXT NOT NULL,
    series          TEXT,
    issue           INTEGER,
    title           TEXT NOT NULL,
    summary         TEXT NOT NULL,
    url             TEXT,
    caption         TEXT,
    categories      TEXT NOT NULL,              -- JSON, a list; as are flags
    modified        TEXT,
    dateline        TEXT,
    flags           TEXT NOT NULL"""
"""Columns that hold a line of ``entries.jsonl``; the database that is exported has them, too."""

ALIASES: Final = """\
CREATE TABLE aliases (
    number          INTEGER PRIMARY KEY,        -- the line of aliases.jsonl
    collection      TEXT NOT NULL,
    id              TEXT NOT NULL,
    other_collection TEXT NOT NULL,
    other_id        TEXT NOT NULL,
    verdict         TEXT NOT NULL,              -- linked, forbidden
    rule            TEXT,
    evidence        TEXT NOT NULL,              -- JSON, a list
    "when"          TEXT,
    "by"            TEXT,
    reason          TEXT
);
CREATE INDEX aliases_by_id ON aliases (collection, id);
CREATE INDEX aliases_by_other ON aliases (other_collection, other_id);
"""
"""The table of ``aliases.jsonl``; the database that is exported has it, too."""

TABLES: Final = f"""
CREATE TABLE snapshots (
    snapshot        INTEGER PRIMARY KEY,
    collection      TEXT NOT NULL,
    name            TEXT NOT NULL,              -- its folder in the collection's, that of its newest edition
    captured_from   TEXT NOT NULL,              -- RFC 3339, UTC, as all times here
    captured_to     TEXT,                       -- null when unknown
    source          TEXT NOT NULL,              -- live, memento, file
    spider          TEXT NOT NULL,
    software        TEXT NOT NULL,
    derivation      INTEGER NOT NULL,
    complete        INTEGER NOT NULL,           -- 1 where the whole listing was seen, with proof
    coverage        TEXT NOT NULL,              -- JSON, as in datapackage.json
    manifest_sha256 TEXT NOT NULL,
    UNIQUE (collection, name)
);
CREATE TABLE pages (
    snapshot        INTEGER NOT NULL REFERENCES snapshots,
    number          INTEGER NOT NULL,           -- from 1, in crawl order
    url             TEXT,
    captured_from   TEXT NOT NULL,
    captured_to     TEXT,
    captured_basis  TEXT NOT NULL,
    status          INTEGER,
    media_type      TEXT NOT NULL,
    encoding        TEXT NOT NULL,
    sha256          TEXT NOT NULL,
    payload_digest  TEXT NOT NULL,
    layout          TEXT,
    position        INTEGER,
    problems        TEXT NOT NULL,              -- JSON, a list
    carried_from    TEXT,
    PRIMARY KEY (snapshot, number)
) WITHOUT ROWID;
CREATE INDEX pages_by_url ON pages (url, captured_from);
CREATE TABLE observations (
    observation     INTEGER PRIMARY KEY,
    collection      TEXT NOT NULL,
    rank            INTEGER NOT NULL,           -- from 0, by lower bounds of capture times, known before bounded
    name            TEXT NOT NULL,
    snapshot        INTEGER NOT NULL REFERENCES snapshots,
    captured_from   TEXT NOT NULL,
    captured_to     TEXT,
    run             TEXT,                       -- when the run that found the snapshot unchanged started
    whole           INTEGER NOT NULL,           -- 1 where all of the snapshot was seen (again)
    only_ids        TEXT,                       -- JSON, the ids that were seen again; null for all
    UNIQUE (collection, rank),
    UNIQUE (collection, name)
);
CREATE INDEX observations_by_time ON observations (captured_from);
CREATE TABLE entries (
    entry           INTEGER PRIMARY KEY,
    collection      TEXT NOT NULL,
    number          INTEGER NOT NULL,           -- from 0, as they were first seen
    kind            TEXT NOT NULL,
    id              TEXT NOT NULL,              -- that of its last reading
    date_earliest   TEXT,                       -- likewise
    state           TEXT NOT NULL,              -- as psgcrawl history says it
    confirmed       INTEGER NOT NULL,
    first_seen      TEXT NOT NULL,              -- names of observations
    last_seen       TEXT NOT NULL,
    sightings       INTEGER NOT NULL,
    UNIQUE (collection, number)
);
CREATE INDEX entries_by_id ON entries (id);
CREATE TABLE identities (
    entry           INTEGER NOT NULL REFERENCES entries,
    number          INTEGER NOT NULL,           -- from 0, as they were first seen
    id              TEXT NOT NULL,
    matched_by      TEXT,                       -- null for the entry's first id
    PRIMARY KEY (entry, number)
) WITHOUT ROWID;
CREATE INDEX identities_by_id ON identities (id);
CREATE TABLE revisions (
    revision        INTEGER PRIMARY KEY,
    collection      TEXT NOT NULL,
{READING},
    sha256          TEXT NOT NULL               -- of its line in entries.jsonl, without the line end
);
CREATE INDEX revisions_by_id ON revisions (id);
CREATE INDEX revisions_by_date ON revisions (date_earliest);
CREATE TABLE places (
    place           INTEGER PRIMARY KEY,
    lists           TEXT NOT NULL,              -- JSON: name of each list, position of the page where it counts
    fields          TEXT NOT NULL               -- JSON: what the pages can show
);
CREATE TABLE sightings (
    entry           INTEGER NOT NULL REFERENCES entries,
    first_rank      INTEGER NOT NULL,           -- observations in a row, each of which shows the same
    last_rank       INTEGER NOT NULL,
    revision        INTEGER NOT NULL REFERENCES revisions,
    place           INTEGER NOT NULL REFERENCES places,
    PRIMARY KEY (entry, first_rank)
) WITHOUT ROWID;
CREATE INDEX sightings_by_revision ON sightings (revision);
{ALIASES}CREATE VIEW listed AS                           -- one row for each observation of each entry
    SELECT o.collection, o.name AS observation, o.captured_from, o.captured_to, o.rank, s.entry, r.*
    FROM sightings s
    JOIN entries e ON e.entry = s.entry
    JOIN observations o ON o.collection = e.collection AND o.rank BETWEEN s.first_rank AND s.last_rank
    JOIN revisions r ON r.revision = s.revision;
"""  # noqa: S608 - columns of our own
"""What an index answers questions by, and what an export publishes."""

PRIVATE: Final = """
CREATE TABLE cache (
    snapshot        INTEGER PRIMARY KEY,
    claims          TEXT NOT NULL,              -- JSON: what its pages claim
    files           TEXT NOT NULL,              -- JSON: marks of the files that were read
    manifest        TEXT NOT NULL               -- JSON: what its manifest says
);
CREATE TABLE chains (
    entry           INTEGER PRIMARY KEY,
    collection      TEXT NOT NULL,
    number          INTEGER NOT NULL,           -- from 0, as they were first seen
    kind            TEXT NOT NULL,
    gone            INTEGER NOT NULL,           -- 1 where only its id can continue it
    UNIQUE (collection, number)
);
CREATE TABLE bearers (
    collection      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    id              TEXT NOT NULL,
    entry           INTEGER NOT NULL,           -- which the id means: that which was seen last under it
    PRIMARY KEY (collection, kind, id)
) WITHOUT ROWID;
CREATE TABLE lives (
    entry           INTEGER PRIMARY KEY,
    life            TEXT NOT NULL,              -- JSON: what became of it, readings by their numbers
    sha256          TEXT NOT NULL,              -- of it and its readings
    reading         INTEGER NOT NULL,           -- the last one
    edits           INTEGER NOT NULL            -- how many revisions it has
);
CREATE TABLE answers (
    collection      TEXT NOT NULL,
    id              TEXT NOT NULL,
    entries         TEXT NOT NULL,              -- JSON: those that ever had the id
    sha256          TEXT NOT NULL,              -- of their lives and readings
    PRIMARY KEY (collection, id)
) WITHOUT ROWID;
CREATE TABLE standing (
    collection      TEXT PRIMARY KEY,
    state           TEXT NOT NULL,              -- JSON: what there was when all this was found out
    sha256          TEXT NOT NULL,
    snapshots       TEXT NOT NULL               -- JSON: names and inodes of those that were read
) WITHOUT ROWID;
CREATE TABLE sights (
    collection      TEXT NOT NULL,
    rank            INTEGER NOT NULL,           -- that of the observation
    name            TEXT NOT NULL,
    sight           TEXT NOT NULL,              -- JSON: what is told of it
    files           TEXT NOT NULL,              -- JSON: marks of its snapshot's files
    sha256          TEXT NOT NULL,
    PRIMARY KEY (collection, rank),
    UNIQUE (collection, name)
) WITHOUT ROWID;
"""
"""What only the index needs."""
