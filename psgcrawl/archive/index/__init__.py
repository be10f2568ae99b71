"""``.index.sqlite``: what the histories of an archive found out, so that the next one reads only what is new.

It holds nothing that is not in the snapshots and in ``runs.jsonl``; it may be missing,
stale, damaged or of another version, and then everything is read again. Its tables are
those of ``docs/history.md`` and answer questions of their own.

===========  =================================================================================
module       subject
===========  =================================================================================
``schema``   the tables, and what makes an index one of ours
``sealed``   a file that is whole and unchanged or not used, and that is only ever replaced
``marks``    whether a file is the one that was read
``standing`` whether what the index says of a collection still stands
``told``     lives without their texts, which stand in the table of readings
``answers``  one entry's life, without reading the rest
``recall``   what the index knows about a collection
``keep``     what is written into it
===========  =================================================================================
"""
