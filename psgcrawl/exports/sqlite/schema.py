"""The tables of the database, which docs/exporting.md describes; as in the index of histories, with keys that last."""

from typing import Final

from psgcrawl.archive.index.schema import ALIASES, READING
from psgcrawl.records import Entry

VERSION: Final = 1
"""Raised whenever what stands below changes: a file of another version is not brought up to date but made anew."""

APPLICATION: Final = 0x50534743
"""``PRAGMA application_id``: "PSGC"."""

ENTRY_COLUMNS: Final = Entry.__struct_fields__
"""Those of :data:`psgcrawl.archive.index.schema.READING`, in their order."""

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "about": ("name",),
    "snapshots": ("snapshot",),
    "pages": ("snapshot", "number"),
    "observations": ("observation",),
    "entries": ("entry",),
    "identities": ("entry", "number"),
    "revisions": ("entry", "number"),
    "sightings": ("entry", "first_rank"),
    "edits": ("entry", "number"),
    "gaps": ("entry", "number"),
    "aliases": ("number",),
}
"""The tables, in the order in which they are filled, with what a row is recognised by in a later export."""

# datasette and sqlite-utils find the full-text index of a table by content="…", written exactly so.
TABLES: Final = f"""
CREATE TABLE about (
    name            TEXT PRIMARY KEY,
    value           TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE snapshots (
    snapshot        TEXT PRIMARY KEY,           -- COLLECTION/NAME
    collection      TEXT NOT NULL,
    name            TEXT NOT NULL,              -- that of its newest edition
    captured_from   TEXT NOT NULL,              -- RFC 3339, UTC, as all times here
    captured_to     TEXT,                       -- null when unknown
    source          TEXT NOT NULL,              -- live, memento, file
    spider          TEXT NOT NULL,
    software        TEXT NOT NULL,
    derivation      INTEGER NOT NULL,
    complete        INTEGER NOT NULL,           -- 1 where the whole listing was seen, with proof
    coverage        TEXT NOT NULL,              -- JSON, as in datapackage.json
    manifest_sha256 TEXT NOT NULL
);
CREATE TABLE pages (
    snapshot        TEXT NOT NULL REFERENCES snapshots,
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
    record          TEXT,                       -- WARC-Record-ID in the snapshot's pages.warc.gz
    PRIMARY KEY (snapshot, number)
);
CREATE INDEX pages_by_url ON pages (url, captured_from);
CREATE TABLE observations (
    observation     TEXT PRIMARY KEY,           -- COLLECTION/NAME
    collection      TEXT NOT NULL,
    rank            INTEGER NOT NULL,           -- from 0, by lower bounds of capture times, known before bounded
    name            TEXT NOT NULL,
    snapshot        TEXT NOT NULL REFERENCES snapshots,
    captured_from   TEXT NOT NULL,
    captured_to     TEXT,
    run             TEXT,                       -- when the run that found the snapshot unchanged started
    whole           INTEGER NOT NULL            -- 1 where all of the snapshot was seen (again)
);
CREATE INDEX observations_by_rank ON observations (collection, rank);
CREATE INDEX observations_by_time ON observations (captured_from);
CREATE INDEX observations_by_snapshot ON observations (snapshot);
CREATE TABLE entries (
    entry           TEXT PRIMARY KEY,           -- COLLECTION/KIND/ID, with its first id
    collection      TEXT NOT NULL,
    kind            TEXT NOT NULL,              -- entry, notice, boilerplate
    id              TEXT NOT NULL,              -- that of its last reading
    state           TEXT NOT NULL,              -- as psgcrawl history says it
    confirmed       INTEGER NOT NULL,
    evidence        TEXT NOT NULL,              -- JSON, a list of observations: on what the state rests
    absent_before   TEXT REFERENCES observations,
    first_seen      TEXT NOT NULL REFERENCES observations,
    last_seen       TEXT NOT NULL REFERENCES observations,
    sightings       INTEGER NOT NULL,
    last_revision   INTEGER NOT NULL            -- number of its last reading, of those in revisions
);
CREATE INDEX entries_by_id ON entries (id);
CREATE INDEX entries_by_state ON entries (collection, state);
CREATE INDEX entries_by_first_seen ON entries (first_seen);
CREATE INDEX entries_by_last_seen ON entries (last_seen);
CREATE TABLE identities (
    entry           TEXT NOT NULL REFERENCES entries,
    number          INTEGER NOT NULL,           -- from 1, as they were first seen
    id              TEXT NOT NULL,
    matched_by      TEXT,                       -- null for the entry's first id
    first_seen      TEXT NOT NULL REFERENCES observations,
    PRIMARY KEY (entry, number)
);
CREATE INDEX identities_by_id ON identities (id);
CREATE TABLE revisions (
    revision        INTEGER PRIMARY KEY,        -- only within this file; entry and number last
    entry           TEXT NOT NULL REFERENCES entries,
    number          INTEGER NOT NULL,           -- distinct readings, from 1, as they were first seen
{READING},
    UNIQUE (entry, number)
);
CREATE INDEX revisions_by_id ON revisions (id);
CREATE INDEX revisions_by_date ON revisions (date_earliest);
CREATE TABLE sightings (
    entry           TEXT NOT NULL REFERENCES entries,
    first_rank      INTEGER NOT NULL,           -- observations in a row, each of which shows this reading
    last_rank       INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    PRIMARY KEY (entry, first_rank),
    FOREIGN KEY (entry, number) REFERENCES revisions (entry, number)
);
CREATE TABLE edits (
    entry           TEXT NOT NULL REFERENCES entries,
    number          INTEGER NOT NULL,           -- from 1, in order of time, unordered ones last
    before          TEXT NOT NULL REFERENCES observations,
    after           TEXT NOT NULL REFERENCES observations,
    ordered         INTEGER NOT NULL,           -- 0 where it is not known which was first
    matched_by      TEXT NOT NULL,
    fields          TEXT NOT NULL,              -- JSON, a list: what differs
    old_number      INTEGER NOT NULL,
    new_number      INTEGER NOT NULL,
    PRIMARY KEY (entry, number),
    FOREIGN KEY (entry, old_number) REFERENCES revisions (entry, number),
    FOREIGN KEY (entry, new_number) REFERENCES revisions (entry, number)
);
CREATE INDEX edits_by_after ON edits (after);
CREATE TABLE gaps (
    entry           TEXT NOT NULL REFERENCES entries,
    number          INTEGER NOT NULL,           -- from 1
    last_seen       TEXT NOT NULL REFERENCES observations,
    absent          TEXT NOT NULL REFERENCES observations,
    seen_again      TEXT NOT NULL REFERENCES observations,
    PRIMARY KEY (entry, number)
);
{ALIASES}
CREATE VIRTUAL TABLE search USING fts5 (
    title, summary, caption, content="revisions", content_rowid="revision",
    tokenize="unicode61 remove_diacritics 2"
);
CREATE TRIGGER revisions_added AFTER INSERT ON revisions BEGIN
    INSERT INTO search (rowid, title, summary, caption) VALUES (new.revision, new.title, new.summary, new.caption);
END;
CREATE TRIGGER revisions_removed AFTER DELETE ON revisions BEGIN
    INSERT INTO search (search, rowid, title, summary, caption)
    VALUES ('delete', old.revision, old.title, old.summary, old.caption);
END;
CREATE TRIGGER revisions_changed AFTER UPDATE ON revisions BEGIN
    INSERT INTO search (search, rowid, title, summary, caption)
    VALUES ('delete', old.revision, old.title, old.summary, old.caption);
    INSERT INTO search (rowid, title, summary, caption) VALUES (new.revision, new.title, new.summary, new.caption);
END;

CREATE VIEW latest AS                           -- every entry as it was seen last
    SELECT e.entry, e.collection, e.state, e.confirmed, f.captured_from AS first_seen_from, f.captured_to AS
        first_seen_to, l.captured_from AS last_seen_from, l.captured_to AS last_seen_to, e.sightings, r.*
    FROM entries e
    JOIN revisions r ON r.entry = e.entry AND r.number = e.last_revision
    JOIN observations f ON f.observation = e.first_seen
    JOIN observations l ON l.observation = e.last_seen;
CREATE VIEW listed_now AS                       -- what is listed, as far as it is known
    SELECT * FROM latest WHERE state IN ('listed', 'relisted');
CREATE VIEW gone AS                             -- what is no longer listed, and between which captures it went
    SELECT latest.*, o.observation AS absent, o.captured_from AS absent_from, o.captured_to AS absent_to
    FROM latest
    JOIN entries e ON e.entry = latest.entry
    JOIN observations o ON o.observation = json_extract(e.evidence, '$[1]')
    WHERE latest.state IN ('removed', 'aged-out');
CREATE VIEW edited AS                           -- what was edited, and between which captures
    SELECT d.entry, d.number, e.collection, d.fields, d.ordered, b.captured_to AS before, a.captured_from AS after,
        o.title AS old_title, n.title AS new_title, o.summary AS old_summary, n.summary AS new_summary,
        o.dateline AS old_dateline, n.dateline AS new_dateline
    FROM edits d
    JOIN entries e ON e.entry = d.entry
    JOIN observations b ON b.observation = d.before
    JOIN observations a ON a.observation = d.after
    JOIN revisions o ON o.entry = d.entry AND o.number = d.old_number
    JOIN revisions n ON n.entry = d.entry AND n.number = d.new_number;
CREATE VIEW listed AS                           -- one row for each observation of each entry
    SELECT o.observation, o.collection, o.captured_from, o.captured_to, o.rank, r.*
    FROM sightings s
    JOIN entries e ON e.entry = s.entry
    JOIN observations o ON o.collection = e.collection AND o.rank BETWEEN s.first_rank AND s.last_rank
    JOIN revisions r ON r.entry = s.entry AND r.number = s.number;
CREATE VIEW by_month AS                         -- entries by the month that they print, where they print one
    SELECT collection, substr(date_earliest, 1, 7) AS month, count(*) AS entries
    FROM latest
    WHERE kind = 'entry' AND substr(date_earliest, 1, 7) = substr(date_latest, 1, 7)
    GROUP BY collection, month;
CREATE VIEW same AS                             -- entries of two collections that are one
    SELECT a.number, i.entry, j.entry AS other_entry, a.rule, a."by", a.reason
    FROM aliases a
    JOIN identities i ON i.id = a.id
    JOIN entries e ON e.entry = i.entry AND e.collection = a.collection
    JOIN identities j ON j.id = a.other_id
    JOIN entries f ON f.entry = j.entry AND f.collection = a.other_collection AND f.kind = e.kind
    WHERE a.verdict = 'linked' AND NOT EXISTS (
        SELECT 1 FROM aliases b WHERE b.verdict = 'forbidden' AND (
            (b.collection, b.id, b.other_collection, b.other_id) = (a.collection, a.id, a.other_collection, a.other_id)
            OR (b.collection, b.id, b.other_collection, b.other_id)
                = (a.other_collection, a.other_id, a.collection, a.id)));
"""  # noqa: S608 - columns of our own
