"""Redaction: the bytes of one record go, and everything says so.

In this order, so that a process can die anywhere and the next call finishes:

1. Every snapshot of the collection that holds the record gets a new edition: its WARC
   has all records as they stood, but of the redacted one only name, date, address and
   digests; the rows of its pages show nothing; entries that only they showed are gone.
2. Each edition is durable, derived again from its own evidence, and in the run log.
3. The index of histories goes: it holds what the entries said, and is made again.
4. Only then the old editions' bytes go; their manifests stay.

============  ==================================================================================
module        subject
============  ==================================================================================
``finding``   which record is meant, and which snapshots hold it
``planning``  what would go, what would stay
``elsewhere`` where else in the archive the same can be read
``carrying``  carrying it out
============  ==================================================================================
"""
