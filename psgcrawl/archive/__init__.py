"""The store on disk: snapshots written whole or not at all, read back, named, logged.

Nothing here imports Scrapy, asks for the time or decides where the archive is: times
and paths are arguments. Nothing here deletes anything, but for ``redact``.

==================  =====================================================================
module              subject
==================  =====================================================================
``jsonl``           canonical lines of JSON
``names``           names of snapshots and collections
``location``        where the archive is
``grouping``        which captures form a snapshot
``filed``           records that wait on disk until they are needed
``pages``           pages that wait so for their snapshot
``sorting``         lines in order, however many
``hashed``          which ids there are, of more than fit into memory as text
``assemble``        pages of one snapshot -> its entries and its rows
``coverage``        which part of a listing they show
``manifest``        ``datapackage.json``
``durable``         the calls of the operating system that make files survive a power cut
``forcing``         several files, forced to disk at once
``commit``          lock, staging, commit
``latest``          the convenience link ``latest``
``runlog``          ``runs.jsonl`` and its hash chain
``recovery``        snapshots that a dead run committed and did not log
``store``           reading, and finding snapshots by name
``redact``          records whose bytes have to go
``write``           all of it: pages -> a committed snapshot
==================  =====================================================================
"""
