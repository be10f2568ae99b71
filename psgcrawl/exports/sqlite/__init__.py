"""All that is known of the entries, as a database of SQLite: tables, views, full-text search.

The history of the collections: entries, revisions, snapshots, pages, aliases. A file that
an export made before is brought up to date: with all collections that are in it, and
those named; tables, views and indexes of your own in it stay.
"""

from psgcrawl.exports.sqlite.file import HELP, SUFFIX, arguments, update, write

__all__ = ["HELP", "SUFFIX", "arguments", "update", "write"]
